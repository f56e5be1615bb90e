"""In what order: the stages as a table, and one office holding them all, wired."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

from service.followup.canary import Canary
from service.followup.carry_out import CarryOut
from service.followup.circular import Circular
from service.followup.digest import Digest
from service.followup.remind import Remind
from service.followup.report import Report
from service.followup.report.reading import open_campaigns
from service.followup.rollup import RollUp
from service.followup.urgent import Urgent
from service.incoming.acknowledge import Acknowledge
from service.incoming.check import Check
from service.incoming.file import File
from service.incoming.keep import Keep
from service.incoming.match import Match
from service.incoming.receive import Receive
from service.incoming.sort.stage import Sort
from service.office.needs.archive import Archive
from service.office.needs.binding import Binding
from service.office.needs.clock import Clock
from service.office.needs.envelope import Envelope
from service.office.needs.errands import Errands
from service.office.needs.exchange import Exchange
from service.office.needs.forms import Forms
from service.office.needs.ledger import Ledger
from service.office.needs.mailbox import Mailboxes
from service.office.needs.post import Post
from service.office.needs.press import Press
from service.office.needs.staff_files import StaffFiles
from service.office.needs.trace import Trace
from service.office.needs.wording import Words
from service.office.needs.workbook import Workbook
from service.office.policy import Policy
from service.office.rule import Rulebook
from service.outgoing.amend import Amend, Bench
from service.outgoing.approve import Approve
from service.outgoing.draft import Draft
from service.outgoing.proof import Proof
from service.outgoing.proof.mailing import AskSigner
from service.outgoing.release import Release
from service.outgoing.send import Send


@dataclass(frozen=True, slots=True)
class StageRow:
    """One row of the house's table."""

    name: str
    word: str
    says: str
    room: str
    is_automatic: bool  # run by the clerk; the others are a person's commands
    say: str  # the same for staff


STAGES: tuple[StageRow, ...] = (
    StageRow(
        "draft",
        "起草",
        "fill the campaign's templates for every unit, once",
        "outgoing/draft",
        False,
        "为每个单位填好通知、表格和信文，只填一次",
    ),
    StageRow(
        "proof",
        "复核",
        "list everything wrong before a person signs",
        "outgoing/proof",
        False,
        "签字以前，列出所有要改的地方",
    ),
    StageRow(
        "release",
        "签发",
        "a named person's yes, bound to the digest",
        "outgoing/release",
        False,
        "签发人签字，只对复核过的这一份有效",
    ),
    StageRow(
        "receive",
        "签收",
        "keep every arriving letter exactly as it came",
        "incoming/receive",
        True,
        "每一封来信原样保存，记下时间",
    ),
    StageRow(
        "sort",
        "分拣",
        "person, machine, bounce, our own copy — and why",
        "incoming/sort",
        True,
        "人写的、机器发的、退信，还是自己发的",
    ),
    StageRow(
        "match",
        "登记",
        "which campaign, unit and item it answers",
        "incoming/match",
        True,
        "答复哪份通知、哪个单位、哪项材料，有多可靠",
    ),
    StageRow(
        "check",
        "初审",
        "what is missing or wrong, in sentences",
        "incoming/check",
        True,
        "缺什么、错什么，逐条写明",
    ),
    StageRow(
        "file",
        "归档",
        "once, never overwriting; the newest valid counts",
        "incoming/file",
        True,
        "只归档一次，从不覆盖，最新的有效版本为准",
    ),
    StageRow(
        "acknowledge",
        "答复",
        "the receipt, or what must be corrected",
        "incoming/acknowledge",
        True,
        "回执，或请对方补正",
    ),
    StageRow(
        "remind",
        "催办",
        "only the missing, only when due",
        "followup/remind",
        True,
        "只催没报的，只在该催的时候",
    ),
    StageRow(
        "send",
        "核发",
        "drain the outbox: ready → sending → sent",
        "outgoing/send",
        True,
        "逐封发出：待发、发送中、已发",
    ),
    StageRow(
        "report",
        "汇总",
        "who has and who has not; one workbook",
        "followup/report",
        True,
        "谁报了、谁没报，一本台账",
    ),
)


class Stage(Protocol):
    """What the clerk asks of an automatic stage."""

    @property
    def name(self) -> str: ...

    def waiting(self, now: datetime) -> Sequence[str]:
        """The pieces of work that may be done now."""
        ...

    def handle(self, piece: str, now: datetime) -> bool:
        """Do one piece; True when there is more of it."""
        ...


@dataclass(frozen=True, slots=True)
class Doors:
    """Every door but the post office, which only `send` may know."""

    ledger: Ledger
    archive: Archive
    exchange: Exchange
    staff_files: StaffFiles
    envelope: Envelope
    forms: Forms
    press: Press
    words: Words
    mailboxes: Mailboxes
    workbook: Workbook
    clock: Clock
    binding: Binding
    trace: Trace | None = None  # an office that only looks keeps none


@dataclass(frozen=True, slots=True)
class Office:
    """The office at work: its rules, its doors, its stages."""

    policy: Policy
    doors: Doors
    draft: Draft
    proof: Proof
    ask_signer: AskSigner
    release: Release
    amend: Amend
    approve: Approve
    send: Send
    receive: Receive
    sort: Sort
    match: Match
    check: Check
    keep: Keep
    file: File
    acknowledge: Acknowledge
    remind: Remind
    report: Report
    rollup: RollUp
    canary: Canary
    digest: Digest
    urgent: Urgent
    carry_out: CarryOut
    circular: Circular

    def each_minute(self) -> tuple[tuple[str, Callable[[datetime], object]], ...]:
        """What only the daemon looks after, with its name for people; a rehearsal's fast clock does not."""
        return (
            ("已发送", self.send.read_sent),
            ("存疑的发件", self.send.settle_doubts),
            ("自检信", self.canary.look),
            ("催办警报", self.remind.alarm),
            ("每日情况", self.digest.look),
            ("紧急来件", self.urgent.look),
        )

    def automatic(self) -> tuple[Stage, ...]:
        """The clerk's stages in the order of the table."""
        by_name: dict[str, Stage] = {
            "receive": self.receive,
            "sort": self.sort,
            "match": self.match,
            "check": self.check,
            "file": self.file,
            "acknowledge": self.acknowledge,
            "remind": self.remind,
            "send": self.send,
            "report": self.report,
        }
        found = [by_name[row.name] for row in STAGES if row.is_automatic]
        # 签发 is a person's word; one that came by mail is acted upon as soon as sorting has recognised it.
        found.insert(found.index(self.sort) + 1, self.approve)
        # So is what staff ask for in answer to the digest.
        found.insert(found.index(self.approve) + 1, self.carry_out)
        # 密级 is set apart as soon as 初审 has refused it, before anything is copied or told.
        found.insert(found.index(self.check) + 1, self.keep)
        # The other half of 汇总: what came, beside who has sent it.
        return (*found, self.rollup)


def build_office(
    doors: Doors,
    post: Post,
    policy: Policy,
    owner: str,
    errands: Callable[[Office], Errands] | None = None,
) -> Office:
    """Every stage with the doors it needs.

    `errands` makes, of the office, whoever carries out what staff ask for by mail: the desk, which stands
    above the stages. Without it such letters wait.
    """
    ledger, archive, words = doors.ledger, doors.archive, doors.words
    rules = _rules(doors)
    draft = Draft(ledger, archive, doors.press, words, doors.staff_files, policy)
    proof = Proof(ledger, archive, doors.exchange, doors.workbook, policy)
    bench = Bench(ledger, archive, words, doors.staff_files, draft, proof, policy, doors.press)
    release = Release(ledger, archive, policy)
    remind = Remind(ledger, archive, words, policy)
    report = _report(doors, policy)
    hands: list[Errands] = []
    office = Office(
        policy=policy,
        doors=doors,
        draft=draft,
        proof=proof,
        amend=Amend(bench, doors.exchange),
        ask_signer=AskSigner(ledger, archive, words, policy),
        release=release,
        approve=Approve(ledger, archive, words, policy, release.sign, draft.sources_now, proof.since),
        send=Send(ledger, archive, post, policy, owner, doors.trace),
        receive=Receive(
            ledger,
            archive,
            doors.envelope,
            doors.mailboxes,
            doors.exchange,
            owner,
            policy.letter_bytes_max,
            policy.own_addresses,
            policy.last_night,
        ),
        sort=Sort(ledger, archive, rules, policy),
        match=Match(ledger, archive, doors.forms, rules, policy),
        check=Check(ledger, archive, policy),
        keep=Keep(ledger, archive, policy),
        file=File(ledger, archive),
        acknowledge=Acknowledge(ledger, archive, words, policy, doors.press),
        remind=remind,
        report=report,
        rollup=_rollup(doors),
        canary=Canary(ledger, archive, policy),
        digest=_digest(doors, policy, report, remind),
        urgent=Urgent(ledger, archive, words, policy),
        carry_out=CarryOut(ledger, archive, words, policy, lambda: next(iter(hands), None)),
        circular=Circular(ledger, archive, doors.press, words, doors.exchange, policy),
    )
    if errands is not None:
        hands.append(errands(office))
    return office


def _report(doors: Doors, policy: Policy) -> Report:
    staff = tuple(each.name for each in policy.staff)
    return Report(doors.ledger, doors.archive, doors.exchange, doors.workbook, zone=policy.zone, staff=staff)


def _rollup(doors: Doors) -> RollUp:
    return RollUp(
        doors.ledger,
        doors.archive,
        doors.exchange,
        doors.workbook,
        doors.forms,
        doors.binding,
        doors.words,
        doors.press,
    )


def _digest(doors: Doors, policy: Policy, report: Report, remind: Remind) -> Digest:
    """It tells what the others know; stages do not know each other."""
    return Digest(
        doors.ledger,
        doors.archive,
        doors.words,
        policy,
        running=partial(open_campaigns, doors.ledger),
        board=report.board,
        is_blind=remind.is_blind,
    )


def _rules(doors: Doors) -> Callable[[], Rulebook]:
    """The rules as they stand in the folder; during a half-done edit, the last good ones."""
    kept: list[Rulebook] = []

    def current() -> Rulebook:
        book, problems = doors.staff_files.rules()
        if not kept or not any(each.is_error for each in problems):
            kept[:] = [book]
        return kept[0]

    return current


def render_table() -> str:
    """The table of `service/README.md`."""
    lines = ["| stage | word | what happens | room |", "|---|---|---|---|"]
    lines += [f"| {row.name} | {row.word} | {row.says} | {row.room} |" for row in STAGES]
    return "\n".join(lines)
