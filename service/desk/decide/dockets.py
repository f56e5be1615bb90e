"""办理台账 — what came another way, more time, an exemption; each an event, never an edit."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from enum import Enum

from service.desk.decide.word import Decided, missing_word, refuse
from service.incoming.file import after_filing, settle_media
from service.journey import Office
from service.office.amendment import CancelTimers, Voiding, VoidUnsent
from service.office.campaign import Campaign, Item
from service.office.change import AddFiling, Change, Extend, PutDocket, PutTimers, Record, Timer
from service.office.deadline import fix_deadline
from service.office.dispatch import UNSENT, DispatchKind
from service.office.docket import STATE_WORDS, Docket, DocketState, MediumState, Trigger
from service.office.facts import until_words
from service.office.filing import FiledDoc, Filing
from service.office.frozen import open_campaign
from service.office.holding import move, moved_event
from service.office.schedule import chasing_anew


class Via(Enum):
    """How something came that did not come by mail."""

    PAPER = "paper"
    OA = "oa"
    PHONE = "phone"
    WECHAT = "wechat"
    PROMISE = "promise"


VIA_WORDS = {
    Via.PAPER: "纸质",
    Via.OA: "OA",
    Via.PHONE: "电话",
    Via.WECHAT: "微信",
    Via.PROMISE: "承诺",
}


def record(
    office: Office,
    campaign: str,
    unit: str,
    item: str,
    *,
    via: Via | str,
    on: date,
    by: str,
    reason: str,
    now: datetime,
    files: Sequence[tuple[str, bytes]] = (),
    is_scanned: bool = False,
    also: Sequence[Change] = (),
) -> Decided:
    """What came on paper, by OA, telephone or WeChat, or was promised for a day (`on`).

    `is_scanned`: the paper itself was scanned by its mark. Where no paper was asked for, it is the return: a
    unit without a mailbox has no other way, and must not be called missing.
    """
    via = Via(via)
    found = _find(office, campaign, unit, item, by, reason)
    if isinstance(found, Decided):
        return found
    docket, asked = found
    words = VIA_WORDS[via]
    if via is Via.PROMISE:
        if on < now.astimezone(office.policy.zone).date():
            return refuse(f"承诺的日期 {on} 已经过了，请核对")
        after = move(docket, Trigger.PROMISE)
        if after is None:
            return refuse("已经报送或免报，不需要登记承诺")
        after = replace(after, promised_on=on, reason=reason)
        return _moved(office, docket, after, by, reason, now, f"已登记：{unit}承诺 {on} 前报送", also)
    if on > now.astimezone(office.policy.zone).date():
        return refuse(f"{on} 还没有到，请核对日期；约定以后报送的，用 --via promise")
    received_at = _at(office, on, now)
    changes: list[Change] = []
    if files or via is not Via.PAPER:
        filing = _recorded(office, docket, files, via, received_at, reason, now)
        known = office.doors.ledger.filings(campaign, unit, item)
        changes.append(AddFiling(filing))
        if via is Via.PAPER and not (is_scanned and docket.paper is None):
            docket_after = _with_paper(replace(docket, version=filing.version), received_at)
        else:
            docket_after = after_filing(docket, Trigger.GOOD, (*known, filing), received_at)
    else:
        if asked.due is not None and docket.paper is None:
            return refuse(f"《{asked.name}》不要求纸质版，无需登记")
        docket_after = _with_paper(docket, received_at)
    about = (("via", via.value), ("on", on.isoformat()), ("reason", reason))
    changes.append(Record("recorded", now, by, campaign, unit, item, about=about))
    changes.append(PutDocket(docket_after))
    changes += [moved_event(docket, docket_after, now, by, reason=reason), *also]
    if not office.doors.ledger.apply(changes):
        return refuse("台账刚刚有变动，请重新查看后再试")
    return Decided(True, f"已登记：{unit}《{asked.name}》{words}，{on}")


def _with_paper(docket: Docket, received_at: datetime) -> Docket:
    first = min(docket.paper_at or received_at, received_at)
    return settle_media(replace(docket, paper=MediumState.RETURNED, paper_at=first), received_at)


def _recorded(
    office: Office,
    docket: Docket,
    files: Sequence[tuple[str, bytes]],
    via: Via,
    received_at: datetime,
    reason: str,
    now: datetime,
) -> Filing:
    archive = office.doors.archive
    kept = files or (("办理记录.txt", f"{VIA_WORDS[via]}：{reason}\n".encode()),)
    docs = tuple(FiledDoc(archive.put(data), name, len(data)) for name, data in kept)
    known = office.doors.ledger.filings(docket.campaign, docket.unit, docket.item)
    docset = hashlib.sha256("\n".join(sorted(each.sha256 for each in docs)).encode()).hexdigest()
    return Filing(
        docket.campaign,
        docket.unit,
        docket.item,
        1,
        max((each.version for each in known if each.entry == 1), default=0) + 1,
        None,
        docset,
        docs,
        True,
        now,
        received_at,
        medium="paper" if via is Via.PAPER else via.value,
    )


def extend(
    office: Office,
    campaign: str,
    unit: str,
    item: str,
    *,
    until: date,
    by: str,
    reason: str,
    now: datetime,
    also: Sequence[Change] = (),
    granted_by: str = "",
) -> Decided:
    """A later due date for one unit, at the hour of the notice; its reminders move with it.

    `granted_by`: whose decision it was, where the clerk only writes it down.
    """
    found = _find(office, campaign, unit, item, by, reason)
    if isinstance(found, Decided):
        return found
    docket, asked = found
    changes = extension(office, docket, asked, until, by, reason, now, granted_by or by)
    if isinstance(changes, Decided):
        return changes
    if not office.doors.ledger.apply([*changes, *also]):
        return refuse("台账刚刚有变动，请重新查看后再试")
    after = next(each.docket for each in changes if isinstance(each, PutDocket))
    return Decided(True, f"{unit}《{asked.name}》已延期到{until_words(after.due_until, office.policy.zone)}")


def extension(
    office: Office,
    docket: Docket,
    asked: Item,
    until: date,
    by: str,
    reason: str,
    now: datetime,
    granted_by: str,
) -> list[Change] | Decided:
    """What a later date for one docket does, not yet done; or why it cannot be."""
    if asked.due is None:
        return refuse(f"《{asked.name}》没有截止日期，不需要延期")
    policy = office.policy
    deadline = fix_deadline(replace(asked.due, on=until), policy.calendar, policy.zone)
    if docket.due_until is not None and deadline.until <= docket.due_until:
        return refuse("新的日期不晚于原来的截止时间")
    after = replace(docket, due_until=deadline.until, due_rev=docket.due_rev + 1, reason=reason)
    about = (("until", str(until)), ("reason", reason), ("granted_by", granted_by))
    return [
        PutDocket(after),
        Extend(*docket.key, deadline.until, reason, granted_by, now, until),
        *_chased_anew(office, docket, after, now, by),
        Record("extended", now, by, *docket.key, about=about),
    ]


def _chased_anew(office: Office, was: Docket, after: Docket, now: datetime, by: str) -> list[Change]:
    """What reminds this unit under the new terms: nothing under way goes out with the old date."""
    ledger = office.doors.ledger
    row = ledger.campaign(was.campaign)
    facts = open_campaign(was.campaign, ledger, office.doors.archive)
    assert row is not None and facts is not None
    owed = [after if each.key == after.key else each for each in ledger.dockets(was.campaign, was.unit)]
    mark = f"延期{after.due_rev}"
    timers = chasing_anew(facts, owed, office.policy, row.opened_at, mark)
    voiding = Voiding((DispatchKind.REMINDER,), "已延期，按新的期限催办", (was.unit,))
    return [
        VoidUnsent(was.campaign, voiding, by, now),
        CancelTimers(was.campaign, was.unit),
        PutTimers((*(each for each in timers if each.at > now), *_asked_again(office, after, now))),
    ]


def _asked_again(office: Office, extended: Docket, now: datetime) -> Iterator[Timer]:
    """A reminder that has not left names other items too: those are asked for anew, at once."""
    key, unit = extended.campaign, extended.unit
    under_way = office.doors.ledger.dispatches(key, UNSENT, (DispatchKind.REMINDER,), unit)
    for each in under_way:
        others = tuple(item for item in each.dockets if item != extended.item)
        if others:
            yield Timer(key, unit, f"补催@{each.id}", extended.due_rev, now, others)


def exempt(
    office: Office, campaign: str, unit: str, item: str, *, by: str, reason: str, now: datetime
) -> Decided:
    """The unit does not owe the item."""
    found = _find(office, campaign, unit, item, by, reason)
    if isinstance(found, Decided):
        return found
    docket, asked = found
    after = move(docket, Trigger.EXEMPT)
    if after is None:
        return refuse(f"{unit}《{asked.name}》现为“{STATE_WORDS[docket.state]}”，不能免报")
    say = f"{unit}《{asked.name}》已免报"
    return _moved(office, docket, replace(after, reason=reason), by, reason, now, say)


def reopen(
    office: Office, campaign: str, unit: str, item: str, *, by: str, reason: str, now: datetime
) -> Decided:
    """Take back an exemption, a promise or a return: a compensating event, never an edit."""
    found = _find(office, campaign, unit, item, by, reason)
    if isinstance(found, Decided):
        return found
    docket, asked = found
    after = move(docket, Trigger.REOPEN)
    if after is None:
        return refuse(f"{unit}《{asked.name}》现为“{STATE_WORDS[docket.state]}”，没有可撤回的")
    waiting = MediumState.AWAITED if docket.electronic is not None else None
    after = replace(after, electronic=waiting, promised_on=None, returned_at=None, reason=reason)
    after = replace(after, electronic_at=None)
    steps = _steps_left(office, after, now)
    say = f"{unit}《{asked.name}》已撤回，重新等待报送"
    return _moved(office, docket, after, by, reason, now, say, steps)


def _steps_left(office: Office, reopened: Docket, now: datetime) -> list[Change]:
    """The steps still to come, where none waits: they may have been laid out while nothing was owed."""
    ledger, campaign = office.doors.ledger, reopened.campaign
    row, facts = ledger.campaign(campaign), open_campaign(campaign, ledger, office.doors.archive)
    if row is None or facts is None or not row.is_open:
        return []
    laid = {
        timer.at
        for timer, state in ledger.timers(campaign)
        if state == "pending" and timer.unit == reopened.unit and reopened.item in timer.items
    }
    mark = f"撤回{len(ledger.events(campaign=campaign, unit=reopened.unit, kind='reopened')) + 1}"
    steps = chasing_anew(facts, (reopened,), office.policy, row.opened_at, mark)
    fresh = tuple(each for each in steps if each.at > now and each.at not in laid)
    return [PutTimers(fresh)] if fresh else []


def _find(
    office: Office, campaign: str, unit: str, item: str, by: str, reason: str
) -> tuple[Docket, Item] | Decided:
    if refused := missing_word(office, by, reason):
        return refuse(refused)
    facts: Campaign | None = open_campaign(campaign, office.doors.ledger, office.doors.archive)
    if facts is None:
        return refuse(f"没有已签发的活动“{campaign}”")
    asked = facts.item(item)
    docket = office.doors.ledger.docket(campaign, unit, item)
    if asked is None or docket is None:
        names = "、".join(each.key for each in facts.items)
        return refuse(f"台账中没有“{unit}”的“{item}”，请核对单位全称；材料可选：{names}")
    return docket, asked


def _moved(
    office: Office,
    before: Docket,
    after: Docket,
    by: str,
    reason: str,
    now: datetime,
    say: str,
    also: Sequence[Change] = (),
) -> Decided:
    kind = {
        DocketState.EXEMPT: "exempted",
        DocketState.PROMISED: "promised",
    }.get(after.state, "reopened")
    changes: list[Change] = [
        PutDocket(after),
        moved_event(before, after, now, by, reason=reason),
        Record(kind, now, by, *before.key, about=(("reason", reason),)),
        *also,
    ]
    if not office.doors.ledger.apply(changes):
        return refuse("台账刚刚有变动，请重新查看后再试")
    return Decided(True, say)


def _at(office: Office, on: date, now: datetime) -> datetime:
    """The instant a day's paper counts as received: that day, never later than now."""
    zone = office.policy.zone
    noon = datetime.combine(on, office.policy.hours.start, zone)
    return min(noon, now) if on <= now.astimezone(zone).date() else now
