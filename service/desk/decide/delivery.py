"""办理送达 — a unit that no mail reaches is told by OA, fax, post or hand; then its dockets are awaited."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import Enum

from service.desk.decide.word import Decided, refuse
from service.journey import Office
from service.office.amendment import CancelTimers
from service.office.change import Change, PutDocket, PutTimers, Record, SettleDispatch
from service.office.delivery import DELIVERED_EVENT
from service.office.dispatch import INFORMS, DispatchState
from service.office.docket import Docket, DocketState, Trigger
from service.office.frozen import open_campaign
from service.office.holding import move, moved_event
from service.office.ladder import COPIED_EVENT, paper_copies
from service.office.schedule import chasing_anew


class Channel(Enum):
    """How a notice was handed over that could not go by mail."""

    OA = "oa"
    FAX = "fax"
    POST = "post"
    HAND = "hand"


CHANNEL_WORDS = {
    Channel.OA: "OA",
    Channel.FAX: "传真",
    Channel.POST: "邮寄",
    Channel.HAND: "当面",
}
_TOLD_NOTHING = (DocketState.NOT_SENT, DocketState.UNDELIVERED)


def delivered(
    office: Office,
    campaign: str,
    unit: str,
    *,
    via: Channel,
    on: date,
    by: str,
    note: str,
    now: datetime,
) -> Decided:
    """The unit has the notice since that day; it is chased by the notice's age from then on."""
    ledger, policy = office.doors.ledger, office.policy
    if policy.person(by) is None:
        return refuse(f"“{by}”不在 config/office.yaml 的 staff 名单中，请用 --by 写明经办人")
    row, facts = ledger.campaign(campaign), open_campaign(campaign, ledger, office.doors.archive)
    if row is None or facts is None:
        return refuse(f"没有已签发的活动“{campaign}”")
    if not row.is_open:
        return refuse(f"“{campaign}”已经结束，不必再送达")
    if on > policy.local(now).date():
        return refuse(f"送达日期 {on} 还没有到，请写实际送达的日期")
    if on < policy.local(row.opened_at).date():
        return refuse(f"送达日期 {on} 早于签发（{policy.local(row.opened_at).date()}），请核对")
    dockets = ledger.dockets(campaign, unit)
    if not dockets:
        return refuse(f"台账中没有“{unit}”，请核对单位全称")
    say = f"{CHANNEL_WORDS[via]}送达，{on}" + (f"（{note.strip()}）" if note.strip() else "")
    after = [move(each, Trigger.DELIVERED) or each for each in dockets]
    changes: list[Change] = []
    for was, is_now in zip(dockets, after, strict=True):
        if is_now != was:
            changes.append(PutDocket(is_now))
            changes.append(moved_event(was, is_now, now, by, reason=say))
    if any(_was_told_nothing(each) for each in dockets):
        # The first telling: what was laid out for a mail is laid anew from this day.
        told_at = min(datetime.combine(on, time(12), policy.zone), now)
        mark = f"送达{len(ledger.events(campaign=campaign, unit=unit, kind=DELIVERED_EVENT)) + 1}"
        timers = chasing_anew(facts, after, policy, told_at, mark)
        changes += [
            CancelTimers(campaign, unit),
            PutTimers(tuple(each for each in timers if each.at > now)),
        ]
    changes += _refused_mail(office, campaign, unit, say, now)
    about = (("via", via.value), ("on", on.isoformat()), ("say", say), ("note", note.strip()))
    changes.append(Record(DELIVERED_EVENT, now, by, campaign, unit, about=about))
    if not ledger.apply(changes):
        return refuse("台账刚刚有变动，请重新查看后再试")
    return Decided(True, f"已登记：{unit} 通知{say}，各项材料开始等待报送")


def copied(
    office: Office, campaign: str, unit: str, *, via: Channel, on: date, by: str, note: str, now: datetime
) -> Decided:
    """The copy of a unit's 催报函 has been handed to its superior on paper; no docket moves by it."""
    ledger, policy = office.doors.ledger, office.policy
    if policy.person(by) is None:
        return refuse(f"“{by}”不在 config/office.yaml 的 staff 名单中，请用 --by 写明经办人")
    copy = paper_copies(ledger, campaign).get(unit)
    if copy is None:
        return refuse(f"“{unit}”的催报函没有要另行送达的抄送件")
    if on > policy.local(now).date():
        return refuse(f"送达日期 {on} 还没有到，请写实际送达的日期")
    if on < policy.local(copy.at).date():
        return refuse(f"送达日期 {on} 早于签发（{policy.local(copy.at).date()}），请核对")
    say = f"{CHANNEL_WORDS[via]}送达{copy.superior}，{on}" + (f"（{note.strip()}）" if note.strip() else "")
    about = (("via", via.value), ("on", on.isoformat()), ("say", say))
    if not ledger.apply([Record(COPIED_EVENT, now, by, campaign, unit, about=about)]):
        return refuse("台账刚刚有变动，请重新查看后再试")
    return Decided(True, f"已登记：致{unit}的催报函，抄送件已{say}")


def _was_told_nothing(docket: Docket) -> bool:
    return docket.state in _TOLD_NOTHING or docket.resting in _TOLD_NOTHING


def _refused_mail(office: Office, campaign: str, unit: str, say: str, now: datetime) -> list[Change]:
    """What was refused by mail is settled by this; nobody need look at it again."""
    dead = office.doors.ledger.dispatches(campaign, states=(DispatchState.DEAD,), kinds=INFORMS, unit=unit)
    return [
        SettleDispatch(each.id, DispatchState.DEAD, DispatchState.CANCELLED, now, f"已改由{say}")
        for each in dead
    ]
