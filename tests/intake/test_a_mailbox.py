"""A. Connection and mailbox: what servers do to us on the way, with the real door and 签收 behind it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.clerk import Clerk
from service.doors.imap import ImapAccount, MailboxesDoor
from service.doors.tls import Security
from service.office.letter import Letter
from service.office.needs.mailbox import Box
from service.rehearsal.mail_server import MailServer
from tests.doors.odd_imap import OddImap, Oddities
from tests.fakes import ACCOUNT
from tests.intake.counter import FILED, Counter, open_counter
from tests.intake.half_open import HalfOpen
from tests.stories.prescription import TEXT, mail, summary
from tests.stories.sample_office import DATONG_AT, OFFICE, SHUOZHOU, SHUOZHOU_AT, Released

PASSWORD = "secret"
AT = datetime(2024, 8, 20, 2, 30, tzinfo=UTC)
INBOX = Box(ACCOUNT, "INBOX")


@dataclass
class Desk:
    """The counter with a real door to a server that misbehaves; machine time moves when told."""

    counter: Counter
    stack: ExitStack
    machine: float = 0.0
    is_flowing: bool = False  # whether machine time also passes by itself, for a door that waits
    folders: tuple[str, ...] = ("INBOX",)
    door: MailboxesDoor | None = None
    account: ImapAccount | None = None

    def open(self, port: int, **more: object) -> MailboxesDoor:
        """The door to a server on this port, with the office's stages behind it."""
        account = ImapAccount(
            ACCOUNT, "127.0.0.1", port, Security.NONE, OFFICE, PASSWORD, self.folders, timeout=2.0
        )
        self.account = replace(account, **more)  # type: ignore[arg-type]  # the account's fields, by name
        self.door = MailboxesDoor([self.account], monotonic=self.seconds)
        self.stack.callback(self.door.close)
        office = self.counter.office
        receive = replace(office.office.receive, mailboxes=self.door)
        office.office = replace(office.office, receive=receive)
        office.clerk = Clerk(office.office, office.diary)
        return self.door

    def seconds(self) -> float:
        """Machine time; a slow machine under it must not let a pause of the door run out unasked."""
        return self.machine + (time.monotonic() if self.is_flowing else 0.0)

    def odd(self, **how: object) -> Oddities:
        """An odd server with one return in it."""
        server = self.stack.enter_context(OddImap())
        server.odd.mails[3] = self.letter()
        for name, value in how.items():
            assert hasattr(server.odd, name)
            setattr(server.odd, name, value)
        self.open(server.port)
        return server.odd

    def good(self) -> MailServer:
        """A well-behaved server with the office's account."""
        server = self.stack.enter_context(MailServer())
        server.add_account(OFFICE, PASSWORD)
        self.folders = ("INBOX", "Junk")
        self.open(server.imap_port, timeout=5.0)
        return server

    def letter(self, text: str = TEXT) -> bytes:
        """A return of one unit."""
        return mail(self.counter.office, DATONG_AT, "总结见附件。", files=[summary(text)])

    def other(self) -> bytes:
        """A return of another unit."""
        text = TEXT.replace("大同", "朔州")
        return mail(
            self.counter.office,
            SHUOZHOU_AT,
            "总结见附件。",
            SHUOZHOU,
            files=[summary(text, "朔州市宣传周总结.docx")],
        )

    def round(self, seconds: float = 60.0) -> None:
        """Machine time passes, and the clerk makes a round."""
        self.machine += seconds
        self.counter.office.work()

    @property
    def troubles(self) -> list[str]:
        """What the clerk's diary says of the mailbox."""
        return [line for line in self.counter.office.diary.lines if "receive" in line or "读不到" in line]

    def assert_filed(self) -> Letter:
        """One return, filed and answered once."""
        (letter,) = self.counter.letters
        self.counter.assert_filed(letter)
        return letter


@pytest.fixture
def desk(released: Released, tmp_path: Path) -> Iterator[Desk]:
    """A counter whose mailbox is a real one."""
    counter = open_counter(released, tmp_path / "office")
    with ExitStack() as stack:
        stack.callback(counter.office.stop)
        yield Desk(counter, stack)


def words(odd: Oddities) -> list[str]:
    """Every command the server has seen, without its arguments."""
    return [line.upper().removeprefix("UID ").split(" ")[0] for line in odd.seen]


def bodies(odd: Oddities) -> int:
    """How often the server was asked for a letter's bytes."""
    return sum("BODY.PEEK[" in line.upper() for line in odd.seen)


def test_case_01_a_server_that_wants_an_introduction_gets_one(desk: Desk) -> None:
    odd = desk.odd(must_introduce=True)
    desk.round()
    desk.assert_filed()
    said = words(odd)
    assert said.index("LOGIN") < said.index("ID") < said.index("EXAMINE")


def test_case_02_without_idle_the_box_is_polled_and_idle_never_sent(desk: Desk) -> None:
    desk.is_flowing = True
    odd = desk.odd()
    door = desk.open(desk.account.port if desk.account else 0, poll_seconds=0.05)
    desk.round()
    assert door.wait(INBOX, 1), "nothing has come, and it is looked again"
    odd.mails[4] = desk.other()
    assert door.wait(INBOX, 5)
    desk.round()
    assert [each.stage in FILED for each in desk.counter.letters] == [True, True]
    assert "IDLE" not in words(odd) and odd.count("LOGIN") == 1


def test_case_03_idle_wakes_within_seconds_and_is_renewed(desk: Desk) -> None:
    desk.is_flowing = True
    server = desk.good()
    assert desk.door is not None
    desk.round()
    server.deliver(OFFICE, desk.letter(), AT)
    started = time.monotonic()
    assert desk.door.wait(INBOX, 60)
    assert time.monotonic() - started < 3
    desk.round()
    desk.assert_filed()
    # However long one would wait, IDLE ends before a NAT box forgets the line, and is begun anew.
    from service.doors.imap.idling import IDLE_SECONDS_MAX

    assert 60 <= IDLE_SECONDS_MAX <= 9 * 60


def test_case_04_a_half_open_line_is_noticed_and_made_again(desk: Desk) -> None:
    desk.is_flowing = True
    server = desk.good()
    with HalfOpen(server.imap_port) as between:
        desk.folders = ("INBOX",)
        door = desk.open(between.port, timeout=0.4)
        desk.round()
        between.freeze()
        server.deliver(OFFICE, desk.letter(), AT)
        started = time.monotonic()
        assert door.wait(INBOX, 0.2), "the watchdog calls for a new reading"
        desk.round()
        assert time.monotonic() - started < 8
        desk.assert_filed()
        assert between.lines == 2


def test_case_05_an_untagged_bad_costs_a_timeout_and_a_new_line(desk: Desk) -> None:
    odd = desk.odd(untagged_bad={"SEARCH"})
    desk.round()
    assert desk.counter.letters == []
    odd.untagged_bad = set()
    desk.round()
    desk.assert_filed()
    assert odd.count("LOGIN") == 2, "the dead line is not used again"


def test_case_06_a_letter_cut_in_the_middle_is_not_half_filed(desk: Desk) -> None:
    whole = desk.odd(cuts=1).mails[3]
    desk.round(0)
    assert desk.counter.letters == [] and not desk.counter.filings()
    desk.round()
    letter = desk.assert_filed()
    assert desk.counter.raw(letter) == whole


def test_case_07_the_last_letter_named_again_is_not_taken_twice(desk: Desk) -> None:
    odd = desk.odd()
    for _ in range(3):
        desk.round()
    desk.assert_filed()
    assert bodies(odd) == 1, "nobody asks for its bytes again"


@pytest.mark.parametrize("how", ["ignores", "bad"])
def test_case_08_a_search_that_lies_changes_nothing(desk: Desk, how: str) -> None:
    odd = desk.odd(ignores_search=how == "ignores")
    desk.round()
    if how == "bad":
        odd.untagged_bad = {"SEARCH"}
        desk.round()
        odd.untagged_bad = set()
    odd.mails[9] = desk.other()
    desk.round()
    assert [each.stage in FILED for each in desk.counter.letters] == [True, True]
    assert bodies(odd) == 2 and len(desk.counter.answers) == 2


def test_case_09_a_new_uidvalidity_is_a_rescan_without_doubles(desk: Desk) -> None:
    server = desk.good()
    server.deliver(OFFICE, desk.letter(), AT)
    desk.round()
    server.renumber(OFFICE, 77)
    server.deliver(OFFICE, desk.other(), AT)
    for _ in range(2):
        desk.round()
        desk.counter.later()
    assert len(desk.counter.letters) == 2 and len(desk.counter.filings()) == 2
    assert len(desk.counter.answers) == 2, "no answer twice"


def test_case_10_one_uidvalidity_and_uid_in_two_folders_are_two_letters(desk: Desk) -> None:
    server = desk.good()
    for folder, raw in (("INBOX", desk.letter()), ("Junk", desk.other())):
        server.renumber(OFFICE, 9, folder)
        server.deliver(OFFICE, raw, AT, folder)
    desk.round()
    assert {each.arrived_via for each in desk.counter.letters} == {f"{ACCOUNT}/INBOX", f"{ACCOUNT}/Junk"}
    assert [each.stage in FILED for each in desk.counter.letters] == [True, True]


def test_case_11_a_return_in_junk_is_filed_and_flagged(desk: Desk) -> None:
    server = desk.good()
    server.deliver(OFFICE, desk.letter(), AT, "Junk")
    desk.round()
    letter = desk.assert_filed()
    assert letter.arrived_via == f"{ACCOUNT}/Junk"
    told = desk.counter.told(letter)
    assert any("垃圾" in say for say in told), told


def test_case_12_a_dead_credential_is_one_alarm_and_no_hammering(desk: Desk) -> None:
    odd = desk.odd(refusal="Login fail. Service is not open.")
    for _ in range(19):
        desk.round(30)
    assert odd.count("LOGIN") == 1
    assert list(desk.counter.office.clerk.blind_since) == [f"{ACCOUNT}/INBOX"]
    assert len(desk.troubles) == 1, desk.troubles
    assert "授权码" in desk.troubles[0]
    odd.refusal = ""
    desk.round(12 * 60)
    desk.assert_filed()
