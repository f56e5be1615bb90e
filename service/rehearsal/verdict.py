"""What came of a rehearsal against what was written by hand, and the servers' logs against the ledger."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser

from service.desk.shapes import DemoOutcome
from service.office.dispatch import Dispatch, DispatchKind, DispatchState
from service.office.docket import DocketState
from service.office.letter import Kind
from service.rehearsal.mail_boxes import StoredMail
from service.rehearsal.mail_reception import Taken
from service.rehearsal.scenario import AWAITED, Outcome, Row, Scenario
from service.rehearsal.world import World

ANSWERS = (DispatchKind.RECEIPT, DispatchKind.CORRECTION)
# Both mean that a server took it; a bounced one came back later.
_WENT_OUT = (DispatchState.SENT, DispatchState.DEAD)


@dataclass(frozen=True, slots=True)
class Reckoning:
    """Everything that was sent and everything that came, as the servers saw it and as the ledger says."""

    doubled: tuple[str, ...]
    lost: tuple[str, ...]
    notices: int
    receipts: int
    reminders: int
    urgings: int
    in_boxes: dict[str, Counter[DispatchKind]]  # address → kinds of our mail that lie there


def reckon(world: World) -> Reckoning:
    """Count on the servers' side, name by the ledger."""
    ledger = world.opened.office.doors.ledger
    dispatches = {each.message_id: each for each in ledger.dispatches()}
    ours = [each for each in world.server.log if each.sender.lower() == world.office_address.lower()]
    doubled, lost = _outgoing(ours, dispatches)
    more_doubled, more_lost = _incoming(world)
    boxes, answered = _boxes(world, dispatches)
    twice = [f"一封来信收到 {n} 封答复：{each}" for each, n in answered.items() if n > 1]
    kinds = Counter(dispatches[each.message_id].kind for each in ours if each.message_id in dispatches)
    return Reckoning(
        doubled=(*doubled, *more_doubled, *twice, *_twice_asked(world, ours, dispatches)),
        lost=(*lost, *more_lost),
        notices=kinds[DispatchKind.NOTICE],
        receipts=sum(kinds[each] for each in ANSWERS),
        reminders=kinds[DispatchKind.REMINDER],
        urgings=kinds[DispatchKind.URGING],
        in_boxes=boxes,
    )


def _outgoing(ours: list[Taken], dispatches: dict[str, Dispatch]) -> tuple[list[str], list[str]]:
    """Every row of the outbox that went out stands once in the server's log, and nothing else does."""
    seen = Counter(each.message_id for each in ours)
    doubled = [f"服务器收到 {n} 次：{_named(each, dispatches)}" for each, n in seen.items() if n > 1]
    doubled += [f"台账里没有这封发件：{each}" for each in seen if each not in dispatches]
    lost = []
    for message_id, dispatch in dispatches.items():
        went_out = dispatch.state in _WENT_OUT and dispatch.sent_at is not None
        if went_out and not seen[message_id]:
            lost.append(f"台账说已发出，服务器没有收到：{_named(message_id, dispatches)}")
        if not went_out and seen[message_id]:
            doubled.append(f"服务器收到了，台账说没有发出：{_named(message_id, dispatches)}")
    return doubled, lost


def _twice_asked(world: World, ours: list[Taken], dispatches: dict[str, Dispatch]) -> Iterator[str]:
    """A notice goes once to every address of a unit, counted by recipient and unit."""
    notices = Counter(
        (dispatches[each.message_id].unit, each.rcpt.lower())
        for each in ours
        if each.message_id in dispatches and dispatches[each.message_id].kind is DispatchKind.NOTICE
    )
    for (unit, rcpt), times in notices.items():
        if times > 1:
            yield f"{unit}（{rcpt}）收到 {times} 封通知"


def _incoming(world: World) -> tuple[list[str], list[str]]:
    """Every mail in the office's inbox is one letter of the ledger, and everything written to it is there."""
    inbox = world.server.mails(world.office_address)
    letters = Counter(each.raw_sha256 for each in world.arrived())
    delivered = Counter(hashlib.sha256(each.raw).hexdigest() for each in inbox)
    doubled = [f"一封来信登记了 {n} 次：{each[:12]}" for each, n in letters.items() if n > delivered[each]]
    lost = [f"信箱里的来信没有登记：{each[:12]}" for each in delivered if not letters[each]]
    for taken in world.server.log:
        if taken.rcpt.lower() == world.office_address.lower() and not delivered[taken.sha256]:
            lost.append(f"寄给办公室的邮件不在信箱里：{taken.sender} {taken.message_id}")
    return doubled, lost


def _boxes(
    world: World, dispatches: dict[str, Dispatch]
) -> tuple[dict[str, Counter[DispatchKind]], Counter[str]]:
    """What of ours lies in people's mailboxes, and how many answers each letter got."""
    boxes: dict[str, Counter[DispatchKind]] = {}
    answered: Counter[str] = Counter()
    everyone = {each for addresses in world.addresses.values() for each in addresses}
    for address in sorted(everyone):
        boxes[address] = Counter()
        if address.lower() in world.dead:
            continue
        for mail in world.server.mails(address):
            head = _head(mail)
            dispatch = dispatches.get(str(head["Message-ID"]).strip())
            if dispatch is None:
                continue
            boxes[address][dispatch.kind] += 1
            if dispatch.kind in ANSWERS:
                answered[str(head["In-Reply-To"]).strip()] += 1
    return boxes, answered


def _head(mail: StoredMail) -> Message:
    return BytesHeaderParser().parsebytes(mail.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")


def _named(message_id: str, dispatches: dict[str, Dispatch]) -> str:
    dispatch = dispatches.get(message_id)
    return f"{dispatch.kind.value} {dispatch.unit} {dispatch.rcpt}" if dispatch else message_id


def differences(world: World, scenario: Scenario, reckoning: Reckoning) -> tuple[str, ...]:
    """Every point in which the rehearsal went otherwise than prescribed; empty when all is as written."""
    return (
        *_of_units(world, scenario, reckoning),
        *_of_counts(world, scenario, reckoning),
        *(f"重复：{each}" for each in reckoning.doubled),
        *(f"丢失：{each}" for each in reckoning.lost),
        *(f"出错：{each}" for each in world.trouble.said),
    )


def _of_units(world: World, scenario: Scenario, reckoning: Reckoning) -> Iterator[str]:
    ledger = world.opened.office.doors.ledger
    for unit in {each.unit for each in ledger.dockets(scenario.campaign)} - set(scenario.outcomes):
        yield f"{unit}：场景没有写明应有的结果"
    for who, outcome in scenario.outcomes.items():
        if who not in world.addresses:
            yield f"{who}：通讯录和场景里都没有这个单位"
            continue
        yield from _of_rows(world, scenario.campaign, who, outcome)
        yield from _of_mails(world, who, outcome, reckoning)


def _of_rows(world: World, campaign: str, who: str, outcome: Outcome) -> Iterator[str]:
    dockets = {each.item: each for each in world.opened.office.doors.ledger.dockets(campaign, who)}
    for item in sorted({*dockets, *outcome.rows}):
        wanted = outcome.rows.get(item, AWAITED)
        docket = dockets.get(item)
        found = (
            Row(docket.state.value, docket.is_late, docket.entries, docket.version)
            if docket
            else Row("没有这一行")
        )
        if found != wanted:
            yield f"{who}“{item}”：应为 {_row_words(wanted)}，实为 {_row_words(found)}"


def _row_words(row: Row) -> str:
    return f"{row.state}{'（迟报）' if row.is_late else ''} {row.entries} 件 第 {row.version} 版"


def _of_mails(world: World, who: str, outcome: Outcome, reckoning: Reckoning) -> Iterator[str]:
    stages = tuple(each.stage.value for each in world.letters_of(who))
    # A shared mailbox's letters are told under the unit the ledger gave them to, or else under all its units.
    theirs = {each.unit for each in world.letters_of(who)}
    if stages != outcome.letters and not (not outcome.letters and theirs and who not in theirs):
        yield f"{who}：来信应为 {outcome.letters}，实为 {stages}"
    boxes = [reckoning.in_boxes[each] for each in world.addresses[who]]
    if any(
        who != other and set(boxed) & set(world.addresses[who]) for other, boxed in world.addresses.items()
    ):
        return  # several units share this mailbox: its mails cannot be told apart by address
    for word, kind, wanted in (
        ("回执", DispatchKind.RECEIPT, outcome.receipts),
        ("补正通知", DispatchKind.CORRECTION, outcome.corrections),
        ("催办", DispatchKind.REMINDER, outcome.reminders),
        ("催报函", DispatchKind.URGING, outcome.urgings),
    ):
        found = sum(each[kind] for each in boxes)
        if found != wanted:
            yield f"{who}：信箱里应有 {wanted} 封{word}，实有 {found} 封"


def _of_counts(world: World, scenario: Scenario, reckoning: Reckoning) -> Iterator[str]:
    letters = world.arrived()
    bounces = sum(1 for each in letters if each.kind is Kind.BOUNCE)
    wanted_receipts = sum(each.receipts + each.corrections for each in scenario.outcomes.values())
    wanted_reminders = sum(each.reminders for each in scenario.outcomes.values())
    wanted_urgings = sum(each.urgings for each in scenario.outcomes.values())
    wanted_letters = sum(len(each.letters) for each in scenario.outcomes.values()) + scenario.bounces
    for word, wanted, found in (
        ("通知", scenario.notices, reckoning.notices),
        ("退信", scenario.bounces, bounces),
        ("来信", wanted_letters, len(letters)),
        ("回执和补正通知", wanted_receipts, reckoning.receipts),
        ("催办", wanted_reminders, reckoning.reminders),
        ("催报函", wanted_urgings, reckoning.urgings),
    ):
        if found != wanted:
            yield f"{word}：应有 {wanted} 封，实有 {found} 封"


def outcome_of(
    world: World,
    scenario: Scenario,
    reckoning: Reckoning,
    seconds: float,
    is_as_prescribed: bool,
    office: str,
) -> DemoOutcome:
    """The last line. Units are those of the roster; states are counted in dockets, as `status` shows them."""
    ledger = world.opened.office.doors.ledger
    dockets = ledger.dockets(scenario.campaign)
    states = Counter(each.state for each in dockets)
    return DemoOutcome(
        campaign=scenario.campaign,
        units=sum(1 for each in ledger.standings(scenario.campaign) if not each.unit.is_third_party),
        sent=reckoning.notices,
        letters=len(world.arrived()),
        returned=states[DocketState.RETURNED],
        in_review=states[DocketState.IN_REVIEW],
        missing=sum(1 for each in dockets if each.is_missing),
        reminders=reckoning.reminders,
        receipts=reckoning.receipts,
        undelivered=states[DocketState.UNDELIVERED],
        doubled=len(reckoning.doubled),
        lost=len(reckoning.lost),
        seconds=seconds,
        is_as_prescribed=is_as_prescribed,
        office=office,
    )
