"""改登 — a letter that was filed is taken back, and given to the unit or item it really was for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from service.desk.decide.letters import given_to
from service.desk.decide.word import Decided, missing_word, refuse
from service.incoming.acknowledge import ANSWERS, Untrue
from service.journey import Office
from service.office.change import Change, ForgetSender, PutDocket, QueueDispatch, Record, SettleDispatch
from service.office.dispatch import UNSENT, Dispatch, DispatchState
from service.office.docket import Docket, Trigger
from service.office.filing import counting
from service.office.frozen import open_campaign
from service.office.holding import HELD_EVENT, hold, move, moved_event
from service.office.letter import Letter, Stage
from service.office.matter import Brought, Checked, Matched
from service.office.reading import Advance, NoteHits
from service.office.record import from_bytes
from service.office.restoring import restored
from service.office.rule import RuleHit
from service.office.taking_back import TAKEN_BACK_EVENT, TakeBack

_FILED = (Stage.FILED, Stage.ACKNOWLEDGED)
# A receipt that left, or may have: its reader has to be told otherwise.
_TOLD = (DispatchState.SENDING, DispatchState.SENT, DispatchState.IN_DOUBT)


@dataclass(slots=True)
class _Undone:
    """What taking a letter back does, not yet done."""

    changes: list[Change] = field(default_factory=list)
    dockets: list[Docket] = field(default_factory=list)  # as they will stand
    items: tuple[str, ...] = ()
    says: list[str] = field(default_factory=list)
    forgotten: str = ""  # the unit that its sender no longer speaks for


def undo(office: Office, letter: int, *, by: str, reason: str, now: datetime) -> Decided:
    """Take a filed letter back: it waits for a person again, and so does whatever it may answer."""
    found = _filed(office, letter, by, reason)
    if isinstance(found, Decided):
        return found
    undone = _undone(office, found, by, reason, now, is_held=True)
    outcome = f"{by}撤回了登记：{reason}"
    undone.changes.append(Advance(letter, found.stage, Stage.REVIEW, now, outcome=outcome))
    undone.changes += _others_held(office, found, undone, now)
    if not office.doors.ledger.apply(undone.changes):
        return refuse("这封来信刚刚被别人处理过，请重新查看")
    done = f"来信 {letter} 已撤回登记，转入待人工，请用 assign 登记到应归的单位，或用 note 办结"
    return Decided(True, "。".join((done, *undone.says)))


def reassign(
    office: Office,
    letter: int,
    *,
    campaign: str,
    unit: str,
    item: str | None,
    by: str,
    reason: str,
    now: datetime,
    learn: bool = True,
) -> Decided:
    """Take a filed letter back and give it to another unit or item, in one step."""
    found = _filed(office, letter, by, reason)
    if isinstance(found, Decided):
        return found
    undone = _undone(office, found, by, reason, now)
    if (found.campaign, found.unit) == (campaign, unit) and (item is None or undone.items == (item,)):
        where = "、".join(undone.items)
        return refuse(f"来信 {letter} 本来就登记在“{unit}”的 {where}；改登别的材料请用 --item 写明")
    given = given_to(
        office,
        found,
        campaign,
        unit,
        item,
        by=by,
        reason=reason,
        now=now,
        learn=learn,
        forgotten=undone.forgotten,
    )
    if isinstance(given, Decided):
        return given
    if not office.doors.ledger.apply([*undone.changes, *given.changes]):
        return refuse("这封来信刚刚被别人处理过，请重新查看")
    done = f"来信 {letter} 已从“{found.unit}”撤回，改登到“{unit}”，将照常初审、归档、答复"
    return Decided(True, "。".join(each for each in (done, *undone.says, given.say) if each))


def _filed(office: Office, letter: int, by: str, reason: str) -> Letter | Decided:
    if refused := missing_word(office, by, reason):
        return refuse(refused)
    row = office.doors.ledger.letter(letter)
    if row is None:
        return refuse(f"没有编号为 {letter} 的来信")
    if row.stage not in _FILED or not row.campaign or not row.unit:
        return refuse(f"来信 {letter} 没有登记在任何单位名下，不用撤回；要登记请用 assign")
    return row


def _undone(
    office: Office, row: Letter, by: str, reason: str, now: datetime, *, is_held: bool = False
) -> _Undone:
    ledger = office.doors.ledger
    campaign, unit = row.campaign or "", row.unit or ""
    mine = counting(ledger.filings(campaign, unit, letter=row.id))
    undone = _Undone(items=_items(office, row, tuple(each.item for each in mine)))
    undone.changes.append(TakeBack(row.id, row.stage, campaign, unit, len(mine), now))
    for item in undone.items:
        docket = ledger.docket(campaign, unit, item)
        if docket is None:
            continue
        after = restored(ledger, docket, row.id, has_link=_has_link(office, row, item))
        if is_held:
            # Nobody knows yet whose the letter is: it may be this one's still, and is not 未报 meanwhile.
            after = move(after, Trigger.REVIEWED) or after
            undone.changes.append(Record(HELD_EVENT, now, "系统", *docket.key, letter=row.id))
        undone.dockets.append(after)
        undone.changes.append(PutDocket(after))
        if after.state is not docket.state:
            undone.changes.append(moved_event(docket, after, now, by, row.id, reason))
        taken = Record(TAKEN_BACK_EVENT, now, by, campaign, unit, item, row.id, about=(("reason", reason),))
        undone.changes.append(taken)
    hit = RuleHit("taken-back", 1, True, f"{by}撤回了登记：{reason}")
    undone.changes.append(NoteHits(row.id, "file", (hit,)))
    _forget(office, row, undone, by, reason, now)
    _tell(office, row, undone, by, reason, now)
    return undone


def _items(office: Office, row: Letter, filed: tuple[str, ...]) -> tuple[str, ...]:
    """What it was filed under, links included: those left a docket behind, and no filing."""
    checked = _checked(office, row)
    linked = (each.assignment.item for each in checked.items) if checked else ()
    return tuple(dict.fromkeys((*filed, *linked)))


def _checked(office: Office, row: Letter) -> Checked | None:
    sha256 = office.doors.ledger.matter(row.id, "check")
    return from_bytes(Checked, office.doors.archive.get(sha256)) if sha256 else None


def _has_link(office: Office, row: Letter, item: str) -> bool:
    """Whether another letter of the unit brought this item as a link."""
    letters = office.doors.ledger.letters(campaign=row.campaign, unit=row.unit)
    others = (_checked(office, each) for each in letters if each.id != row.id and each.stage in _FILED)
    return any(
        each.assignment.item == item and each.assignment.brought is Brought.LINK
        for checked in others
        if checked is not None
        for each in checked.items
    )


def _others_held(office: Office, row: Letter, undone: _Undone, now: datetime) -> list[Change]:
    """Whoever else was thought of before waits with it, as for any other letter in review."""
    ledger = office.doors.ledger
    sha256 = ledger.matter(row.id, "match")
    if sha256 is None:
        return []
    suspects = from_bytes(Matched, office.doors.archive.get(sha256)).suspects
    done = {each.key for each in undone.dockets}
    changes = hold(ledger, suspects, row.id, now)
    return [each for each in changes if _docket_of(each) not in done]


def _docket_of(change: Change) -> tuple[str, str, str] | None:
    match change:
        case PutDocket():
            return change.docket.key
        case Record():
            return (change.campaign, change.unit, change.item)
        case _:
            return None


def _forget(office: Office, row: Letter, undone: _Undone, by: str, reason: str, now: datetime) -> None:
    """What was learned about its sender by filing it so is unlearned."""
    ledger, unit = office.doors.ledger, row.unit or ""
    learned = {
        dict(each.about).get("address", "").lower()
        for each in ledger.events(letter=row.id, kind="sender-confirmed")
        if each.unit == unit
    }
    standing = ledger.standing(row.campaign or "", unit)
    if standing is not None and standing.unit.is_third_party:
        learned.add(row.sender.lower())
    for each in ledger.confirmed_senders(unit):
        if each.address.lower() in learned:
            about = (("address", each.address), ("reason", reason))
            undone.changes.append(ForgetSender(unit, each.address))
            undone.changes.append(Record("sender-forgotten", now, by, unit=unit, letter=row.id, about=about))
            undone.forgotten = unit
            undone.says.append(f"不再凭 {each.address} 认“{unit}”")


def _tell(office: Office, row: Letter, undone: _Undone, by: str, reason: str, now: datetime) -> None:
    """Whoever was told otherwise gets a corrected receipt; one that has not left is not sent."""
    for receipt in _receipts(office, row):
        if receipt.state in _TOLD:
            _correct(office, row, receipt, undone, by, now)
        elif receipt.state in UNSENT:
            _stop(office, row, receipt, undone, by, reason, now)


def _receipts(office: Office, row: Letter) -> list[Dispatch]:
    """The newest answer to the letter; earlier ones were put right when it was taken back before."""
    ledger = office.doors.ledger
    keys = [dict(each.about).get("receipt", "") for each in ledger.events(letter=row.id, kind="acknowledged")]
    answers = ledger.dispatches(row.campaign, kinds=ANSWERS, unit=row.unit)
    return [each for each in answers if each.dedupe_key in keys[-1:]]


def _correct(office: Office, row: Letter, receipt: Dispatch, undone: _Undone, by: str, now: datetime) -> None:
    ledger = office.doors.ledger
    campaign = open_campaign(receipt.campaign, ledger, office.doors.archive)
    standing = ledger.standing(receipt.campaign, receipt.unit)
    running = ledger.campaign(receipt.campaign)
    if campaign is None or standing is None or running is None:
        return
    moved = {each.item: each for each in undone.dockets}
    dockets = tuple(moved.get(each.item, each) for each in ledger.dockets(receipt.campaign, receipt.unit))
    untrue = Untrue(row, receipt, campaign, standing, undone.items, dockets, running.is_open)
    told = office.acknowledge.take_back(untrue, now)
    about = (("receipt", receipt.dedupe_key), ("corrected", told.dedupe_key), ("to", receipt.rcpt))
    undone.changes.append(QueueDispatch(told))
    undone.changes.append(
        Record(
            "receipt-corrected",
            now,
            by,
            receipt.campaign,
            receipt.unit,
            letter=row.id,
            dispatch=receipt.id,
            about=about,
        )
    )
    undone.says.append(f"此前的回执（发件 {receipt.id}）将由更正回执说明，发往 {receipt.rcpt}")


def _stop(
    office: Office, row: Letter, receipt: Dispatch, undone: _Undone, by: str, reason: str, now: datetime
) -> None:
    """It has not left: it is not sent, and other letters that it was about are answered anew."""
    ledger = office.doors.ledger
    undone.changes.append(
        SettleDispatch(receipt.id, receipt.state, DispatchState.CANCELLED, now, f"{by}撤回了登记：{reason}")
    )
    for event in ledger.events(campaign=row.campaign, unit=row.unit, kind="acknowledged"):
        if event.letter in (None, row.id) or dict(event.about).get("receipt") != receipt.dedupe_key:
            continue
        other = ledger.letter(event.letter)
        if other is not None and other.stage is Stage.ACKNOWLEDGED:
            undone.changes.append(Advance(other.id, other.stage, Stage.FILED, now, outcome="重发回执"))
    undone.says.append(f"还没有发出的回执（发件 {receipt.id}）已停发")
