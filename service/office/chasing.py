"""催谁 — whether a due step may ring now, for what, and what holds it.

Asked alike by the stage, at the moment of sending, and by a clerk who looks ahead: they cannot differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum
from typing import assert_never

from service.office.campaign import Obligation
from service.office.change import Timer
from service.office.dispatch import Dispatch
from service.office.docket import Docket, DocketState
from service.office.policy import Policy


class Hold(Enum):
    """What keeps an item from being chased for a while; its step waits, and rings once this is over."""

    IN_REVIEW = "in-review"
    BY_LINK = "by-link"
    NEEDS_CORRECTION = "needs-correction"
    PROMISED = "promised"
    STRUCK = "struck"
    UNTOLD = "untold"
    YOUNG = "young"
    CAPPED = "capped"
    UNREAD = "unread"


HOLD_WORDS = {
    Hold.IN_REVIEW: "有来信待人工，办结后再催",
    Hold.BY_LINK: "已报链接，待下载登记",
    Hold.NEEDS_CORRECTION: "已报，待补正",
    Hold.PROMISED: "已承诺，到期未报再催",
    Hold.STRUCK: "经办人已划去",
    Hold.UNTOLD: "通知还没有送达",
    Hold.YOUNG: "通知送达的工作日还不够",
    Hold.CAPPED: "已到催办上限，顺延到下一个工作日",
    Hold.UNREAD: "有来信处理失败已搁置，办好后再催",
}
# What a person answers, or the calendar: rung for at once when it is over.
_BY_STATE = {
    DocketState.NOT_SENT: Hold.UNTOLD,
    DocketState.UNDELIVERED: Hold.UNTOLD,
    DocketState.IN_REVIEW: Hold.IN_REVIEW,
    DocketState.BY_LINK: Hold.BY_LINK,
    DocketState.NEEDS_CORRECTION: Hold.NEEDS_CORRECTION,
}


@dataclass(frozen=True, slots=True)
class Strike:
    """A clerk struck a unit (item "": all its items) from chasing, up to and including a day."""

    item: str
    until: date
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Case:
    """All that decides whether one unit of one campaign is chased.

    `unsent` are reminders of this campaign that have not begun to leave; `reminded_on` the days on which one
    of any campaign went to the unit, or may have. What of another campaign still waits is met when it leaves.
    """

    campaign: str
    unit: str
    timers: tuple[Timer, ...]
    dockets: tuple[Docket, ...]
    told_at: datetime | None
    rcpts: tuple[str, ...] = ()
    strikes: tuple[Strike, ...] = ()
    unsent: tuple[Dispatch, ...] = ()
    reminded_on: tuple[date, ...] = ()
    count: int = 0  # reminders of this campaign that left, or may have


@dataclass(frozen=True, slots=True)
class Held:
    """An item whose step has come and must wait."""

    item: str
    step: Timer
    why: Hold
    until: date | None = None  # the last day of it, where a day ends it


@dataclass(frozen=True, slots=True)
class Weighed:
    """What is to happen to a unit's due steps."""

    ringing: Timer | None = None
    dockets: tuple[Docket, ...] = ()  # what it rings for
    held: tuple[Held, ...] = ()
    skipped: tuple[Timer, ...] = ()  # overtaken by a later step, or nothing of it is owed any more
    again: tuple[Timer, ...] = ()  # the held part of a step that is settled for the rest
    is_call: bool = False  # no mail: a person calls

    @property
    def is_idle(self) -> bool:
        """Nothing is to be written."""
        return self.ringing is None and not self.skipped


def weigh(case: Case, policy: Policy, at: datetime, left_today: int) -> Weighed:
    """The due steps at an instant in office hours; `left_today` more reminders may be written today.

    Raises CalendarUnknown.
    """
    due = sorted((each for each in case.timers if each.at <= at), key=lambda each: (each.at, each.id))
    newest = {item: timer for timer in due for item in timer.items}
    by_item = {each.item: each for each in case.dockets}
    # What an unsent reminder names is asked for again in the one that takes its place.
    named = dict.fromkeys([*newest, *(item for each in case.unsent for item in each.dockets)])
    owed = [by_item[item] for item in named if item in by_item and is_owed(by_item[item])]
    holds = {each.item: hold_of(each, case, policy, at) for each in owed}
    free = [each for each in owed if holds[each.item] is None]
    ringing = max(
        (newest[each.item] for each in free if each.item in newest),
        key=lambda each: (each.at, each.id),
        default=None,
    )
    is_call = not case.rcpts or case.count >= policy.reminders_per_unit
    if ringing is not None and not is_call and _is_capped(case, policy, at, left_today):
        holds |= {each.item: Hold.CAPPED for each in free}
        ringing, free = None, []
    held = tuple(
        Held(item, newest[item], why, _last_day(by_item[item], case, policy, why))
        for item, why in holds.items()
        if why is not None and item in newest
    )
    waiting = {each.step.id: [one.item for one in held if one.step.id == each.step.id] for each in held}
    rung = {newest[each.item].id for each in free if each.item in newest}
    skipped, again = [], []
    for timer in due:
        if timer.id in waiting and timer.id not in rung:
            continue  # all that it still stands for waits
        if timer is not ringing:
            skipped.append(timer)
        if timer.id in waiting:
            again.append(_rest_of(timer, tuple(waiting[timer.id])))
    if ringing is None:
        return Weighed(held=held, skipped=tuple(skipped), again=tuple(again))
    for each in case.unsent:
        # It is voided for the new one: what it named and now must wait keeps a step.
        late = tuple(item for item in each.dockets if holds.get(item) is not None and item not in newest)
        if late:
            again.append(asked_again(each, [by_item[item] for item in late], at))
    return Weighed(ringing, tuple(free), held, tuple(skipped), tuple(again), is_call)


def is_owed(docket: Docket) -> bool:
    """Required, not in, not exempt: it may be chased now or later."""
    return docket.obligation is Obligation.REQUIRED and docket.state not in (
        DocketState.RETURNED,
        DocketState.EXEMPT,
    )


def is_unanswered(docket: Docket) -> bool:
    """Voluntary and nothing of it has come: a clerk may have it told once, and nobody is chased for it."""
    return docket.obligation is Obligation.VOLUNTARY and docket.state is DocketState.AWAITED


def hold_of(docket: Docket, case: Case, policy: Policy, at: datetime) -> Hold | None:
    """What keeps one owed item from being chased at this instant, caps apart. Raises CalendarUnknown."""
    today = policy.local(at).date()
    state = docket.state
    if state is DocketState.PROMISED:
        if not has_lapsed(docket, today):
            return Hold.PROMISED
        state = docket.resting or DocketState.AWAITED
    if state in _BY_STATE:
        return _BY_STATE[state]
    if any(each.item in ("", docket.item) and today <= each.until for each in case.strikes):
        return Hold.STRUCK
    if case.told_at is None:
        # Whom no mail reaches and nobody told is called all the same.
        return Hold.UNTOLD if case.rcpts else None
    rested = policy.calendar.add_workdays(policy.local(case.told_at).date(), policy.notice_rest_workdays)
    return Hold.YOUNG if today < rested else None


def has_lapsed(docket: Docket, today: date) -> bool:
    """The promised day is over."""
    return docket.promised_on is not None and docket.promised_on < today


def has_had_its_share(case: Case, policy: Policy, today: date) -> bool:
    """The unit was reminded today as often as a day allows."""
    return case.reminded_on.count(today) >= policy.reminders_per_unit_per_day


def _is_capped(case: Case, policy: Policy, at: datetime, left_today: int) -> bool:
    today = policy.local(at).date()
    # One that takes the place of an unsent one adds none to the day.
    return has_had_its_share(case, policy, today) or left_today + len(case.unsent) <= 0


def _last_day(docket: Docket, case: Case, policy: Policy, why: Hold) -> date | None:
    match why:
        case Hold.PROMISED:
            return docket.promised_on
        case Hold.STRUCK:
            return max(each.until for each in case.strikes if each.item in ("", docket.item))
        case Hold.YOUNG:
            assert case.told_at is not None
            told_on = policy.local(case.told_at).date()
            return policy.calendar.add_workdays(told_on, policy.notice_rest_workdays - 1)
        case Hold.IN_REVIEW | Hold.BY_LINK | Hold.NEEDS_CORRECTION | Hold.UNTOLD | Hold.CAPPED | Hold.UNREAD:
            return None
        case _:
            assert_never(why)


def _rest_of(timer: Timer, items: tuple[str, ...]) -> Timer:
    """The same step for what of it must wait; a name of its own, since the other part is settled."""
    return replace(timer, step=f"{timer.step.partition('+')[0]}+{timer.id}", items=items, id=0)


def asked_again(dispatch: Dispatch, owed: Sequence[Docket], at: datetime) -> Timer:
    """A step for what a reminder named that never left."""
    items = tuple(each.item for each in owed)
    due_rev = max(each.due_rev for each in owed)
    return Timer(dispatch.campaign, dispatch.unit, f"补催@{dispatch.id}", due_rev, at, items)


def struck(said: Sequence[tuple[bool, Strike]]) -> tuple[Strike, ...]:
    """The strikes that stand after what clerks said in turn: (struck or taken back, what)."""
    standing: dict[str, Strike] = {}
    for is_struck, strike in said:
        if is_struck:
            standing[strike.item] = strike
        elif strike.item:
            standing.pop(strike.item, None)
        else:
            standing.clear()
    return tuple(standing.values())
