"""办理 — what a person settles: assign, record, extend, exempt; each an event with reason and name."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum

from service.incoming.check import check_letter
from service.incoming.file import after_filing, settle_media
from service.journey import Office
from service.office.campaign import Campaign, Item
from service.office.change import (
    AddFiling,
    Advance,
    Change,
    ClearStumble,
    Extend,
    MarkAddress,
    NoteHits,
    PutDocket,
    PutFindings,
    PutMatter,
    PutTimers,
    Record,
    SettleDispatch,
    Timer,
)
from service.office.deadline import fix_deadline
from service.office.dispatch import DispatchState
from service.office.docket import Docket, DocketState, MediumState, Trigger
from service.office.filing import FiledDoc, Filing
from service.office.frozen import open_campaign
from service.office.holding import let_go, move, moved_event
from service.office.letter import Letter, LetterFacts, Stage
from service.office.matter import Assignment, Brought, Matched
from service.office.record import from_bytes, to_bytes
from service.office.rule import RuleHit, Then


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


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of a person's word: done, or why not, in one sentence."""

    is_done: bool
    say: str


def _refuse(say: str) -> Decided:
    return Decided(False, say)


def _staff(office: Office, by: str, reason: str) -> str:
    if office.policy.person(by) is None:
        return f"“{by}”不在 config/office.yaml 的 staff 名单中，请用 --by 写明经办人"
    if not reason.strip():
        return "请用 --reason 写明理由，台账要留痕"
    return ""


def assign(
    office: Office,
    letter: int,
    *,
    campaign: str,
    unit: str,
    item: str | None,
    by: str,
    reason: str,
    now: datetime,
    learn: bool = False,
) -> Decided:
    """Say whose letter it is; it is then checked, filed and answered like any other."""
    if refused := _staff(office, by, reason):
        return _refuse(refused)
    ledger, archive = office.doors.ledger, office.doors.archive
    row = ledger.letter(letter)
    facts_of = open_campaign(campaign, ledger, archive)
    if row is None:
        return _refuse(f"没有编号为 {letter} 的来信")
    if row.stage not in (Stage.REVIEW, Stage.ASKED, Stage.NOTED, Stage.IGNORED):
        return _refuse(f"来信 {letter} 已经归档（{row.outcome}），如登记有误请先撤回")
    if facts_of is None:
        return _refuse(f"没有已签发的活动“{campaign}”")
    standing = ledger.standing(campaign, unit)
    third_party = standing is None and any(each.is_open_to_third_parties for each in facts_of.items)
    if standing is None and not third_party:
        return _refuse(f"“{unit}”不在“{campaign}”的名单中，请核对单位全称")
    if item is not None and facts_of.item(item) is None:
        names = "、".join(each.key for each in facts_of.items)
        return _refuse(f"“{campaign}”没有材料“{item}”，可选：{names}")
    facts = from_bytes(LetterFacts, archive.get(row.facts_sha256))
    matched = _settled(office, row, facts, campaign, unit, item, by, reason)
    if not matched.assignments:
        return _refuse("来信里没有可以归档的材料；请用 --item 写明报送的是哪一项")
    if standing is None:
        matched = replace(matched, third_party=unit)
    changes = _assign_changes(office, row, matched, by, reason, now)
    if learn and facts.sender is not None:
        changes.append(MarkAddress(unit, facts.sender.text, "ok", learned_by=by))
    if not ledger.apply(changes):
        return _refuse("这封来信刚刚被别人处理过，请重新查看")
    return Decided(True, f"来信 {letter} 已登记到“{unit}”，将照常初审、归档、答复")


def _settled(
    office: Office,
    row: Letter,
    facts: LetterFacts,
    campaign: str,
    unit: str,
    item: str | None,
    by: str,
    reason: str,
) -> Matched:
    ledger, archive = office.doors.ledger, office.doors.archive
    sha256 = ledger.matter(row.id, "match")
    known = from_bytes(Matched, archive.get(sha256)) if sha256 else Matched(None, None, False)
    assignments = known.assignments
    if item is not None and {each.item for each in assignments} != {item}:
        brought = Brought.FILES if facts.parts else Brought.BODY
        assignments = (
            Assignment(item, brought, tuple(each.sha256 for each in facts.parts), why=f"{by}确认"),
        )
    return replace(
        known,
        campaign=campaign,
        unit=unit,
        is_certain=True,
        assignments=assignments,
        brings_something=True,
        meaning=Then.PERSON,
        doubt="",
        hits=(*known.hits, f"{by}确认：{reason}"),
    )


def _assign_changes(
    office: Office, row: Letter, matched: Matched, by: str, reason: str, now: datetime
) -> list[Change]:
    ledger, archive = office.doors.ledger, office.doors.archive
    campaign = matched.campaign or ""
    unit = matched.unit or ""
    facts = from_bytes(LetterFacts, archive.get(row.facts_sha256))
    checked = check_letter(facts, matched, open_campaign(campaign, ledger, archive))
    checked = replace(checked, then="file") if checked.then == "quarantine" else checked
    outcome = f"{by}确认：{reason}"
    changes: list[Change] = [
        Advance(row.id, row.stage, Stage.CHECKED, now, None, campaign, unit, outcome),
        NoteHits(row.id, "match", (RuleHit("person", 1, True, outcome),)),
        PutMatter(row.id, "match", archive.put(to_bytes(matched))),
        PutMatter(row.id, "check", archive.put(to_bytes(checked))),
        PutFindings(row.id, checked.findings),
        Record("assigned", now, by, campaign, unit, letter=row.id, about=(("reason", reason),)),
        Record("checked-file", now, by, campaign, unit, letter=row.id),
    ]
    # The unit the letter was first thought to be of waits no longer, unless another letter holds it.
    if row.campaign and row.unit:
        changes += let_go(ledger, row.campaign, row.unit, row.id, now, by)
    return changes


def note(office: Office, letter: int, *, by: str, reason: str, now: datetime) -> Decided:
    """A letter in review or with a question has been dealt with and answers nothing."""
    if refused := _staff(office, by, reason):
        return _refuse(refused)
    ledger = office.doors.ledger
    row = ledger.letter(letter)
    if row is None or row.stage not in (Stage.REVIEW, Stage.ASKED, Stage.REFUSED):
        return _refuse(f"来信 {letter} 不在待人工之列")
    changes: list[Change] = [
        Advance(row.id, row.stage, Stage.NOTED, now, outcome=f"{by}：{reason}"),
        Record(
            "noted", now, by, row.campaign or "", row.unit or "", letter=row.id, about=(("reason", reason),)
        ),
    ]
    if row.campaign and row.unit:
        changes += let_go(ledger, row.campaign, row.unit, row.id, now, by)
    if not ledger.apply(changes):
        return _refuse("这封来信刚刚被别人处理过，请重新查看")
    return Decided(True, f"来信 {letter} 已办结")


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
) -> Decided:
    """What came on paper, by OA, telephone or WeChat, or was promised for a day (`on`)."""
    via = Via(via)
    found = _find(office, campaign, unit, item, by, reason)
    if isinstance(found, Decided):
        return found
    docket, asked = found
    words = VIA_WORDS[via]
    if via is Via.PROMISE:
        after = move(docket, Trigger.PROMISE)
        if after is None:
            return _refuse("已经报送或免报，不需要登记承诺")
        after = replace(after, promised_on=on, reason=reason)
        return _moved(office, docket, after, by, reason, now, f"已登记：{unit}承诺 {on} 前报送")
    received_at = _at(office, on, now)
    changes: list[Change] = []
    if files or via is not Via.PAPER:
        filing = _recorded(office, docket, files, via, received_at, reason, now)
        known = office.doors.ledger.filings(campaign, unit, item)
        changes.append(AddFiling(filing))
        if via is Via.PAPER:
            docket_after = replace(docket, paper=MediumState.RETURNED, version=filing.version)
            docket_after = settle_media(docket_after, received_at)
        else:
            docket_after = after_filing(docket, Trigger.GOOD, (*known, filing), received_at)
    else:
        if asked.due is not None and docket.paper is None:
            return _refuse(f"《{asked.name}》不要求纸质版，无需登记")
        docket_after = settle_media(replace(docket, paper=MediumState.RETURNED), received_at)
    about = (("via", via.value), ("on", on.isoformat()), ("reason", reason))
    changes.append(Record("recorded", now, by, campaign, unit, item, about=about))
    changes.append(PutDocket(docket_after))
    changes.append(moved_event(docket, docket_after, now, by, reason=reason))
    if not office.doors.ledger.apply(changes):
        return _refuse("台账刚刚有变动，请重新查看后再试")
    return Decided(True, f"已登记：{unit}《{asked.name}》{words}，{on}")


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
) -> Decided:
    """A later due date for one unit; its reminders move with it."""
    found = _find(office, campaign, unit, item, by, reason)
    if isinstance(found, Decided):
        return found
    docket, asked = found
    if asked.due is None:
        return _refuse(f"《{asked.name}》没有截止日期，不需要延期")
    policy = office.policy
    deadline = fix_deadline(replace(asked.due, on=until, at=None), policy.calendar, policy.zone)
    if docket.due_until is not None and deadline.until <= docket.due_until:
        return _refuse("新的日期不晚于原来的截止时间")
    after = replace(docket, due_until=deadline.until, due_rev=docket.due_rev + 1, reason=reason)
    timers = tuple(
        Timer(
            campaign,
            unit,
            f"{step.name}@{deadline.counted_on - timedelta(days=step.days_before)}",
            after.due_rev,
            datetime.combine(deadline.counted_on - timedelta(days=step.days_before), step.at, policy.zone),
            (item,),
        )
        for step in asked.reminders
    )
    changes: list[Change] = [
        PutDocket(after),
        Extend(campaign, unit, item, deadline.until, reason, by, now, until),
        PutTimers(tuple(each for each in timers if each.at > now)),
        Record("extended", now, by, campaign, unit, item, about=(("until", str(until)), ("reason", reason))),
    ]
    if not office.doors.ledger.apply(changes):
        return _refuse("台账刚刚有变动，请重新查看后再试")
    return Decided(True, f"{unit}《{asked.name}》已延期到 {deadline.counted_on}")


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
        return _refuse(f"{unit}《{asked.name}》现为“{docket.state.value}”，不能免报")
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
        return _refuse(f"{unit}《{asked.name}》现为“{docket.state.value}”，没有可撤回的")
    waiting = MediumState.AWAITED if docket.electronic is not None else None
    after = replace(after, electronic=waiting, promised_on=None, returned_at=None, reason=reason)
    return _moved(office, docket, after, by, reason, now, f"{unit}《{asked.name}》已撤回，重新等待报送")


def settle_dispatch(
    office: Office, dispatch: int, *, to: DispatchState, by: str, reason: str, now: datetime
) -> Decided:
    """An in-doubt, held or dead dispatch: sent after all, to be sent (again), or not to be sent."""
    if refused := _staff(office, by, reason):
        return _refuse(refused)
    row = office.doors.ledger.dispatch(dispatch)
    settled_from = (DispatchState.IN_DOUBT, DispatchState.HELD, DispatchState.DEAD)
    if row is None or row.state not in settled_from:
        return _refuse(f"发件 {dispatch} 不在待处理之列")
    if to not in (DispatchState.SENT, DispatchState.READY, DispatchState.CANCELLED):
        return _refuse("只能改为：已发出（sent）、重发（ready）、不发（cancelled）")
    changes: list[Change] = [
        SettleDispatch(dispatch, row.state, to, now, f"{by}：{reason}"),
        Record(
            "dispatch-settled",
            now,
            by,
            row.campaign,
            row.unit,
            dispatch=dispatch,
            about=(("to", to.value), ("reason", reason)),
        ),
    ]
    if not office.doors.ledger.apply(changes):
        return _refuse("这件发件刚刚有变动，请重新查看")
    return Decided(True, f"发件 {dispatch} 已改为“{to.value}”")


def try_again(office: Office, stage: str, piece: str, *, by: str, now: datetime) -> Decided:
    """A piece of work set aside after three tries is tried again."""
    done = office.doors.ledger.apply(
        [ClearStumble(stage, piece), Record("try-again", now, by, about=(("stage", stage), ("piece", piece)))]
    )
    return Decided(done, f"“{stage} {piece}”将再试")


def _find(
    office: Office, campaign: str, unit: str, item: str, by: str, reason: str
) -> tuple[Docket, Item] | Decided:
    if refused := _staff(office, by, reason):
        return _refuse(refused)
    facts: Campaign | None = open_campaign(campaign, office.doors.ledger, office.doors.archive)
    if facts is None:
        return _refuse(f"没有已签发的活动“{campaign}”")
    asked = facts.item(item)
    docket = office.doors.ledger.docket(campaign, unit, item)
    if asked is None or docket is None:
        names = "、".join(each.key for each in facts.items)
        return _refuse(f"台账中没有“{unit}”的“{item}”，请核对单位全称；材料可选：{names}")
    return docket, asked


def _moved(
    office: Office, before: Docket, after: Docket, by: str, reason: str, now: datetime, say: str
) -> Decided:
    kind = {
        DocketState.EXEMPT: "exempted",
        DocketState.PROMISED: "promised",
    }.get(after.state, "reopened")
    changes: list[Change] = [
        PutDocket(after),
        moved_event(before, after, now, by, reason=reason),
        Record(kind, now, by, *before.key, about=(("reason", reason),)),
    ]
    if not office.doors.ledger.apply(changes):
        return _refuse("台账刚刚有变动，请重新查看后再试")
    return Decided(True, say)


def _at(office: Office, on: date, now: datetime) -> datetime:
    """The instant a day's paper counts as received: that day, never later than now."""
    zone = office.policy.zone
    noon = datetime.combine(on, office.policy.hours.start, zone)
    return min(noon, now) if on <= now.astimezone(zone).date() else now
