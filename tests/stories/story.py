"""An office for stories: real stages, ledger, forms and press; only the world outside is in memory."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from pathlib import Path
from typing import Any

from docx import Document
from lxml import etree

from service.clerk import Clerk
from service.desk.errands import DeskErrands
from service.desk.readback import reading_back
from service.doors.binding import BindingDoor
from service.doors.clock import ManualClock
from service.doors.envelope import EnvelopeDoor
from service.doors.forms import FormsDoor
from service.doors.ledger import LedgerDoor, open_ledger
from service.doors.press import PressDoor
from service.doors.staff_files import StaffFilesDoor
from service.doors.wording import WordingDoor
from service.doors.workbook import WorkbookDoor
from service.journey import Doors, Office, build_office
from service.office.calendar import WorkCalendar
from service.office.docket import Docket
from service.office.letter import Letter
from service.office.needs.staff_files import StaffFiles
from service.office.needs.workbook import Workbook
from service.office.policy import Policy
from service.settings import load_settings
from tests.fakes import (
    Accept,
    Calls,
    Counted,
    FakeArchive,
    FakeExchange,
    FakeMailboxes,
    FakePost,
    FakeTrace,
    PlainBinding,
    PlainWorkbook,
    Quiet,
    World,
)

ROOT = Path(__file__).parents[2]
SMALL = ROOT / "tests" / "campaigns" / "small"
CAMPAIGN = "small"
SIGNER = "签发人甲"
CLERK = "经办人乙"
OFFICE = "office@jia.example"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
KEY = b"k" * 32

DONG, XI, NAN = "东城区市场监督管理局", "西城区市场监督管理局", "南城区市场监督管理局"
BEI = "北城检测技术有限公司"
DONG_AT, XI_AT, NAN_AT = "dongcheng@units.example", "xicheng@units.example", "nancheng@post.example"
BEI_AT = "beicheng@lab.example"


def at(text: str) -> datetime:
    """2024-08-20 09:00, Shanghai time."""
    return datetime.fromisoformat(f"{text}:00+08:00")


def office_folder(folder: Path) -> Path:
    """The small campaign as an office folder, with the texts and rules that ship."""
    shutil.copytree(SMALL, folder)
    shutil.copytree(ROOT / "templates" / "letters", folder / "templates" / "letters")
    shutil.copytree(ROOT / "mailbox_rules", folder / "mailbox_rules")
    return folder


@dataclass
class Story:
    """One process of the office after another, over one ledger and one world."""

    folder: Path
    ledger_url: str
    world: World = field(default_factory=World)
    clock: ManualClock = field(default_factory=lambda: ManualClock(at("2024-08-20 09:00")))
    calls: Calls = field(default_factory=Calls)
    diary: Quiet = field(default_factory=Quiet)
    workbook: Workbook = field(default_factory=WorkbookDoor)
    staff_files: StaffFiles | None = None  # one for many processes, where reading the folder is not the point
    change_policy: Callable[[Policy], Policy] = lambda policy: policy

    def __post_init__(self) -> None:
        self.ledger: LedgerDoor
        self.office: Office
        self.clerk: Clerk
        self.start()

    def start(self) -> None:
        """A fresh process: nothing is remembered but what lies in the ledger and the world."""
        self.ledger = open_ledger(self.ledger_url, self.folder / "state", owner="story")
        settings = load_settings(self.folder)
        overrides, _ = StaffFilesDoor(self.folder).workday_overrides()
        rules = self.change_policy(settings.policy(WorkCalendar(overrides), KEY))
        doors = Doors(
            ledger=self._counted(self.ledger, "ledger"),
            archive=self._counted(FakeArchive(self.world), "archive"),
            exchange=self._counted(FakeExchange(self.world), "exchange"),
            staff_files=self.staff_files or StaffFilesDoor(self.folder),
            envelope=EnvelopeDoor(),
            forms=FormsDoor(),
            press=PressDoor(),
            words=WordingDoor(self.folder),
            mailboxes=self._counted(FakeMailboxes(self.world), "mailboxes"),
            workbook=self.workbook,
            clock=self.clock,
            binding=PlainBinding() if isinstance(self.workbook, PlainWorkbook) else BindingDoor(),
            trace=self._counted(FakeTrace(self.world), "trace"),
        )
        post = self._counted(FakePost(self.world), "post")
        self.office = reading_back(build_office(doors, post, rules, "story", DeskErrands))
        self.clerk = Clerk(self.office, self.diary)

    def _counted(self, door: object, name: str) -> Any:
        return Counted(door, name, self.calls)

    def stop(self) -> None:
        """The process ends, in whatever state; its connections with it."""
        self.ledger.close()

    def restart(self) -> None:
        """Killed and started again."""
        self.stop()
        self.calls = Calls()
        self.start()
        self.clerk.open_up(self.now)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    # what staff do
    def release(self) -> None:
        """Draft, proof and sign; what is to be sent lies in the outbox afterwards."""
        drafted = self.office.draft.whole(CAMPAIGN, self.now)
        assert drafted.manifest is not None, [each.sentence() for each in drafted.problems]
        proofed = self.office.proof.check(CAMPAIGN, self.now, drafted.problems)
        assert proofed.may_be_signed, [each.sentence() for each in proofed.problems]
        signed = self.office.release.sign(
            CAMPAIGN, SIGNER, proofed.digest, drafted.inputs_sha256, self.now, really=True
        )
        assert signed.is_done, signed.say

    def work(self) -> None:
        """Ticks until nothing moves: outbox and mailbox drained for this instant."""
        for _ in range(50):
            if not self.clerk.tick(self.now):
                return
        raise AssertionError(f"the office does not come to rest: {self.diary.lines[-5:]}")

    def until(self, text: str) -> None:
        """Go on to an instant, working whenever a timer, a retry or a gathered receipt falls due."""
        goal = at(text)
        while True:
            self.work()
            due = [
                self.ledger.next_due(),
                self.ledger.next_timer(),
                self.office.acknowledge.next_at(self.now),
            ]
            later = [each for each in due if each is not None and self.now < each < goal]
            # Reminders wait for office hours: a due timer is looked at every quarter of an hour.
            step = min(later, default=goal)
            if any(each is not None and each <= self.now for each in due):
                step = min(step, self.now + timedelta(minutes=15))
            if step >= goal:
                break
            self.clock.set(step)
        self.clock.set(goal)
        self.work()

    # what units do
    def mails(self, rcpt: str) -> list[Accept]:
        """Everything a mailbox received from the office."""
        return self.world.mail_to(rcpt)

    def notice(self, rcpt: str) -> Message:
        """The notice as a unit sees it."""
        return message_from_bytes(self.mails(rcpt)[0].mime, policy=policy.default)

    def reply(
        self,
        sender: str,
        text: str,
        files: Sequence[tuple[str, bytes]] = (),
        *,
        to: Message | None = None,
        as_new: bool = False,
        subject: str = "",
        name: str = "",
        headers: Sequence[tuple[str, str]] = (),
        folder: str = "INBOX",
    ) -> bytes:
        """A unit answers a mail it received (by default the notice), quoting it, as mail clients do."""
        raw = self.compose(
            sender, text, files, to=to, as_new=as_new, subject=subject, name=name, headers=headers
        )
        self.world.deliver(raw, self.now, folder)
        return raw

    def compose(
        self,
        sender: str,
        text: str,
        files: Sequence[tuple[str, bytes]] = (),
        *,
        to: Message | None = None,
        as_new: bool = False,
        subject: str = "",
        name: str = "",
        headers: Sequence[tuple[str, str]] = (),
    ) -> bytes:
        """The same as bytes, not delivered."""
        mail = EmailMessage(policy=policy.SMTP)
        mail["From"] = f"{name} <{sender}>" if name else sender
        mail["To"] = OFFICE
        mail["Date"] = self.now
        mail["Message-ID"] = f"<{abs(hash((sender, text, len(self.world.boxes['INBOX']))))}@client.example>"
        original = None if as_new else (to or self.notice(sender))
        quoted = ""
        if original is not None:
            mail["Subject"] = subject or f"回复：{original['Subject']}"
            mail["In-Reply-To"] = original["Message-ID"]
            quoted = "\n\n------------------ 原始邮件 ------------------\n" + _body(original)
        else:
            mail["Subject"] = subject
        for key, value in headers:
            mail[key] = value
        mail.set_content(text + quoted)
        for file_name, data in files:
            mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=file_name)
        return bytes(mail)

    def form_of(self, rcpt: str) -> bytes:
        """The blank form in a unit's notice."""
        for part in self.notice(rcpt).walk():
            if "登记表" in str(part.get_filename() or ""):
                payload = part.get_payload(decode=True)
                assert isinstance(payload, bytes)
                return payload
        raise AssertionError(f"no form in the notice to {rcpt}")

    # what staff see
    def docket(self, unit: str, item: str) -> Docket:
        found = self.ledger.docket(CAMPAIGN, unit, item)
        assert found is not None
        return found

    def missing(self, item: str = "summary") -> list[str]:
        """谁没报."""
        return [each.unit for each in self.ledger.dockets(CAMPAIGN, item=item) if each.is_missing]

    def letters(self) -> tuple[Letter, ...]:
        return self.ledger.letters()

    def subjects(self, rcpt: str) -> list[str]:
        """Subjects a mailbox received, without the code."""
        found = [message_from_bytes(each.mime, policy=policy.default)["Subject"] for each in self.mails(rcpt)]
        return [re.sub(r"^\[[0-9A-Z-]{9}\] ", "", str(each)) for each in found]

    def last_text(self, rcpt: str) -> str:
        """The newest mail's words."""
        return self.bodies(rcpt)[-1]

    def bodies(self, rcpt: str) -> list[str]:
        """The words of every mail that a mailbox received."""
        return [_body(message_from_bytes(each.mime, policy=policy.default)) for each in self.mails(rcpt)]


def _body(mail: Message) -> str:
    for part in mail.walk():
        if part.get_content_type() == "text/plain" and not part.get_filename():
            payload = part.get_payload(decode=True)
            assert isinstance(payload, bytes)
            return payload.decode("utf-8")
    return ""


def fill(form: bytes, answers: dict[str, str]) -> bytes:
    """Type answers into a form's controls, as Word does: the text of the control is replaced."""
    source = zipfile.ZipFile(io.BytesIO(form))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            data = source.read(entry)
            if entry.filename == "word/document.xml":
                data = _typed(data, answers)
            target.writestr(entry.filename, data)
    return out.getvalue()


def _typed(document: bytes, answers: dict[str, str]) -> bytes:
    tree = etree.fromstring(document)
    seen = set()
    for control in tree.iter(f"{W}sdt"):
        tag = control.find(f"{W}sdtPr/{W}tag")
        key = str(tag.get(f"{W}val")).removeprefix("nc.f.") if tag is not None else ""
        texts = list(control.iter(f"{W}t"))
        if key in answers and texts:
            seen.add(key)
            texts[0].text = answers[key]
            for rest in texts[1:]:
                rest.text = ""
            for placeholder in list(control.iter(f"{W}showingPlcHdr")):
                above = placeholder.getparent()
                assert above is not None
                above.remove(placeholder)
    assert seen == set(answers), f"no control for {set(answers) - seen}"
    return etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)


def summary_docx(text: str) -> bytes:
    """A summary as a unit writes it."""
    document = Document()
    for line in text.splitlines():
        document.add_paragraph(line)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


GOOD_SUMMARY = "一、开展情况\n我局组织了宣传活动，走访企业四十家。\n二、活动效果\n群众知晓率明显提高。"
