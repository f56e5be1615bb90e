"""催办依据 — what the ledger says about whom to chase, and whether a reminder may still leave."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol, TypeVar

from service.office.canary import lost
from service.office.change import Timer
from service.office.chasing import (
    Case,
    Strike,
    has_had_its_share,
    hold_of,
    is_owed,
    is_unanswered,
    struck,
)
from service.office.delivery import DELIVERED_EVENT
from service.office.dispatch import (
    EVERYTHING,
    INFORMS,
    UNSENT,
    Dispatch,
    DispatchKind,
    DispatchState,
    is_neutral,
    revision_of,
)
from service.office.docket import Docket
from service.office.letter import Letter, Stage
from service.office.needs.ledger import Cursor, Event, Ledger, Standing
from service.office.policy import Policy

# The event that a letter has waited for a person for too long.
OVERDUE_EVENT = "review-overdue"
STRUCK_EVENT = "struck-off"
UNSTRUCK_EVENT = "struck-on"
PROMISED_EVENT = "promised"
_TOLD_EVENTS = (DELIVERED_EVENT, PROMISED_EVENT)
# What cannot be told by mail just now is looked at again so soon.
LOOK_AGAIN = timedelta(minutes=10)
# A piece of work is set aside after its third failure.
TRIES_BEFORE_ASIDE = 3

_MAY_HAVE_GONE = (DispatchState.SENT, DispatchState.SENDING, DispatchState.IN_DOUBT)
# Which work takes a letter on from each stage before it is filed.
READING = {Stage.RECEIVED: "sort", Stage.SORTED: "match", Stage.MATCHED: "check", Stage.CHECKED: "file"}


@dataclass(frozen=True, slots=True)
class Unread:
    """Letters that nobody has read to the end: whom they may concern. One set aside waits for a person."""

    is_anybodys: bool = False
    campaigns: frozenset[str] = frozenset()
    units: frozenset[tuple[str, str]] = frozenset()
    aside: tuple[Letter, ...] = ()

    def may_concern(self, campaign: str, unit: str) -> bool:
        """Whether this unit may have answered in one of them."""
        return self.is_anybodys or campaign in self.campaigns or (campaign, unit) in self.units


def unread(ledger: Ledger) -> Unread:
    """What has arrived is read before anyone is reminded; one set aside holds whom it may be of [law 5]."""
    stumbled = ledger.stumbles()
    given_up = {(each.stage, each.piece) for each in stumbled if each.tries >= TRIES_BEFORE_ASIDE}
    is_anybodys, campaigns, units, aside = False, set(), set(), []
    for stage, work in READING.items():
        for letter in ledger.letters(stage=stage):
            is_aside = (work, str(letter.id)) in given_up
            aside += [letter] if is_aside else []
            if letter.campaign is None:
                is_anybodys = True
            elif is_aside and letter.unit is not None:
                units.add((letter.campaign, letter.unit))
            else:
                campaigns.add(letter.campaign)
    return Unread(is_anybodys, frozenset(campaigns), frozenset(units), tuple(aside))


def blind_boxes(ledger: Ledger, policy: Policy, now: datetime) -> tuple[Cursor, ...]:
    """Watched mailboxes in which a reply may lie unseen: not read within the configured time."""
    return tuple(
        each for each in ledger.cursors() if each.read_at is None or now - each.read_at > policy.blind_after
    )


def is_blind(ledger: Ledger, policy: Policy, now: datetime) -> bool:
    """Whether a reply may lie somewhere unseen: a mailbox long unread, a canary lost [law 5]."""
    if not ledger.cursors() or lost(ledger, policy, now) is not None:
        return True
    return bool(blind_boxes(ledger, policy, now))


def left_today(ledger: Ledger, policy: Policy, now: datetime) -> int:
    """How many more reminders the office may write on this day."""
    midnight = datetime.combine(policy.local(now).date(), time(0), policy.zone)
    return policy.reminders_per_day - ledger.count_sent("", (DispatchKind.REMINDER,), midnight)


def cases(
    ledger: Ledger, policy: Policy, campaign: str, timers: Iterable[Timer], unit: str | None = None
) -> dict[str, Case]:
    """The case of every unit with one of these timers or an unsent reminder; or of `unit` alone."""
    steps = _by_unit(each for each in timers if each.campaign == campaign and unit in (None, each.unit))
    found = (ledger.standing(campaign, unit),) if unit is not None else ledger.standings(campaign)
    dockets = _by_unit(ledger.dockets(campaign, unit))
    reminders = _by_unit(ledger.dispatches(kinds=(DispatchKind.REMINDER,), unit=unit))
    notices = _by_unit(ledger.dispatches(campaign, (DispatchState.SENT,), INFORMS, unit))
    unsent = {
        key
        for key, rows in reminders.items()
        if any(each.campaign == campaign and each.state in UNSENT for each in rows)
    }
    wanted = steps.keys() | unsent
    told = _by_unit(_events(ledger, campaign, unit, _TOLD_EVENTS))
    said = _by_unit(_events(ledger, campaign, unit, (STRUCK_EVENT, UNSTRUCK_EVENT)))
    return {
        key: _case(
            campaign,
            standing,
            tuple(steps.get(key, ())),
            tuple(dockets.get(key, ())),
            notices.get(key, []),
            told.get(key, []),
            said.get(key, []),
            reminders.get(key, []),
            policy,
        )
        for standing in found
        if standing is not None and (key := standing.unit.key) in wanted
    }


class _OfUnit(Protocol):
    @property
    def unit(self) -> str: ...


Row = TypeVar("Row", bound=_OfUnit)


def _by_unit(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.unit, []).append(row)
    return found


def _events(ledger: Ledger, campaign: str, unit: str | None, kinds: Sequence[str]) -> list[Event]:
    found = (ledger.events(campaign=campaign, unit=unit, kind=kind) for kind in kinds)
    return sorted((each for some in found for each in some), key=lambda each: each.id)


def _case(
    campaign: str,
    standing: Standing,
    timers: tuple[Timer, ...],
    dockets: tuple[Docket, ...],
    notices: list[Dispatch],
    told: list[Event],
    said: list[Event],
    reminders: list[Dispatch],
    policy: Policy,
) -> Case:
    own = [each for each in reminders if each.campaign == campaign]
    gone = [each for each in reminders if each.state in _MAY_HAVE_GONE]
    return Case(
        campaign=campaign,
        unit=standing.unit.key,
        timers=timers,
        dockets=dockets,
        told_at=_told_at(notices, told, policy),
        rcpts=_recipients(standing, notices),
        strikes=struck([(each.kind == STRUCK_EVENT, _strike(each)) for each in said]),
        unsent=tuple(each for each in own if each.state in UNSENT),
        reminded_on=tuple(policy.local(each.sent_at or each.due_at).date() for each in gone),
        count=sum(each.state in _MAY_HAVE_GONE for each in own),
    )


def _told_at(notices: Sequence[Dispatch], told: Sequence[Event], policy: Policy) -> datetime | None:
    """Since when the unit has had its notice in hand; a correction is a notice of its own."""
    at = [each.sent_at for each in notices if each.sent_at and each.kind is DispatchKind.NOTICE]
    at += [_told_on(each, policy) for each in told if each.kind == DELIVERED_EVENT]
    # A unit that no notice reached, and that promised a day by telephone, knows what is asked all the same.
    at = at or [each.at for each in told]
    corrected = [each for each in notices if each.kind is DispatchKind.AMENDMENT and each.sent_at]
    newest = max((revision_of(each) for each in corrected), default=0)
    again = [each.sent_at for each in corrected if each.sent_at and revision_of(each) == newest]
    return max([*([min(at)] if at else []), *([min(again)] if again else [])], default=None)


def _told_on(event: Event, policy: Policy) -> datetime:
    on = dict(event.about).get("on", "")
    if not on:
        return event.at
    return min(datetime.combine(date.fromisoformat(on), time(12), policy.zone), event.at)


def _recipients(standing: Standing, notices: Sequence[Dispatch]) -> tuple[str, ...]:
    """The unit's first address that took the notice: one mail per unit."""
    gone = {each.lower() for each in standing.gone}
    took = {each.rcpt.lower() for each in notices}
    usable = [each.text for each in standing.unit.addresses if each.key not in gone]
    reached = [each for each in usable if each.lower() in took]
    return tuple((reached or usable)[:1])


def _strike(event: Event) -> Strike:
    about = dict(event.about)
    until = date.fromisoformat(about["until"]) if "until" in about else date.min
    return Strike(event.item, until, event.actor, about.get("reason", ""))


@dataclass(frozen=True, slots=True)
class Leave:
    """Whether a reminder in the outbox may leave now: for which dockets still, or not before an instant."""

    dockets: tuple[Docket, ...] = ()
    owed: tuple[Docket, ...] = ()  # what of it is not settled, whether it may be named now or not
    not_before: datetime | None = None


def leave(ledger: Ledger, policy: Policy, reminder: Dispatch, now: datetime) -> Leave:
    """Everything once more at the moment of sending, however old it is. Raises CalendarUnknown."""
    opens_at = policy.hours.next_open(now, policy.calendar, policy.zone)
    if opens_at > now:
        return Leave(not_before=opens_at)
    if is_blind(ledger, policy, now) or unread(ledger).may_concern(reminder.campaign, reminder.unit):
        return Leave(not_before=now + LOOK_AGAIN)
    row = ledger.campaign(reminder.campaign)
    step = Timer(reminder.campaign, reminder.unit, "", 0, now, reminder.dockets)
    case = cases(ledger, policy, reminder.campaign, (step,), reminder.unit).get(reminder.unit)
    if row is None or not row.is_open or case is None:
        return Leave()
    today = policy.local(now).date()
    neutral = is_neutral(reminder)
    if not neutral and has_had_its_share(case, policy, today):
        tomorrow = datetime.combine(policy.calendar.add_workdays(today, 1), policy.hours.start, policy.zone)
        return Leave(not_before=tomorrow)
    named = [each for each in case.dockets if each.item in reminder.dockets]
    if neutral:
        return Leave(tuple(each for each in named if is_unanswered(each)))
    owed = tuple(each for each in named if is_owed(each))
    return Leave(tuple(each for each in owed if hold_of(each, case, policy, now) is None), owed)


def is_paused(ledger: Ledger, campaign: str) -> bool:
    """A pause of this campaign, or of the whole office."""
    return any(each.campaign in (EVERYTHING, campaign) for each in ledger.pauses())
