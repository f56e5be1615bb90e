"""签收 against servers as they are: the door, a real ledger and a real archive, nothing in between."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from service.doors.archive import ArchiveDoor
from service.doors.envelope import EnvelopeDoor
from service.doors.imap import AfterFiling, ImapAccount, MailboxesDoor
from service.doors.ledger import LedgerDoor
from service.doors.tls import Security
from service.incoming.receive import Receive
from service.office.letter import Letter, LetterFacts, Stage
from service.office.needs.envelope import Envelope
from service.office.needs.mailbox import Box
from service.office.outcome import DoorError
from service.office.reading import Advance
from service.office.record import from_bytes
from service.rehearsal.mail_server import MailServer
from tests.doors.odd_imap import OddImap
from tests.fakes import FakeExchange, World

OFFICE = "office@gov.example"
NOW = datetime(2024, 9, 27, 1, 0, tzinfo=UTC)
INBOX, JUNK = Box("office", "INBOX"), Box("office", "Junk")


def letter(number: int, size: int = 0) -> bytes:
    head = f"From: unit{number}@county.example\r\nSubject: no. {number}\r\n"
    return (
        f"{head}Message-ID: <{number}@county.example>\r\n\r\n".encode()
        + os.urandom(size // 2).hex().encode()
        + b"\r\n"
    )


@dataclass
class Desk:
    """One office that receives from one server."""

    ledger: LedgerDoor
    archive: ArchiveDoor
    door: MailboxesDoor
    receive: Receive

    def read(self, box: Box = INBOX) -> None:
        while self.receive.read_box(box, NOW):
            pass

    def letters(self) -> tuple[Letter, ...]:
        return self.ledger.letters()

    def raws(self) -> set[bytes]:
        return {self.archive.get(each.raw_sha256) for each in self.letters()}

    def why(self, number: int) -> list[str]:
        return [each.say for each in self.ledger.hits(number)]


def desk(account: ImapAccount, ledger: LedgerDoor, folder: Path, bytes_max: int = 80_000_000) -> Desk:
    archive, door = ArchiveDoor(folder / "archive"), MailboxesDoor([account], monotonic=_Machine())
    receive = Receive(
        *(ledger, archive, EnvelopeDoor(), door, FakeExchange(World()), "tests", bytes_max),
        last_night=lambda now: now.replace(hour=0),
    )
    return Desk(ledger, archive, door, receive)


class _Machine:
    """Machine time that leaps a minute at every look, so that no back-off holds a test up."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 60
        return self.now


@pytest.fixture
def odd(sqlite_ledger: LedgerDoor, tmp_path: Path) -> Iterator[tuple[OddImap, Desk]]:
    with OddImap() as server:
        where = ("127.0.0.1", server.port, Security.NONE, "office@gov.example", "code")
        account = ImapAccount("office", *where, ("INBOX", "Junk"), "Sent", timeout=5, logins_per_hour=10_000)
        office = desk(account, sqlite_ledger, tmp_path)
        yield server, office
        office.door.close()


@pytest.fixture
def sqlite_ledger(sqlite_ledger_url: str, tmp_path: Path) -> Iterator[LedgerDoor]:
    from service.doors.ledger import open_ledger

    with open_ledger(sqlite_ledger_url, tmp_path, owner="tests") as ledger:
        yield ledger


def account_at(server: MailServer, **also: object) -> ImapAccount:
    server.add_account(OFFICE, "secret")
    where = ("127.0.0.1", server.imap_port, Security.NONE, OFFICE, "secret")
    account = ImapAccount("office", *where, ("INBOX", "Junk"), "Sent", timeout=10)
    return replace(account, **also)  # type: ignore[arg-type]  # a test names fields of the account


def test_case_6_a_line_cut_in_a_letter_files_nothing_half(odd: tuple[OddImap, Desk]) -> None:
    server, office = odd
    server.odd.mails = {1: letter(1), 2: letter(2, 30_000)}
    server.odd.cuts = 1
    with pytest.raises(DoorError):
        office.read()
    assert office.letters() == ()
    office.read()
    assert office.raws() == set(server.odd.mails.values())


def test_case_7_and_8_the_last_letter_and_a_search_that_answers_with_all_double_nothing(
    odd: tuple[OddImap, Desk],
) -> None:
    server, office = odd
    server.odd.mails = {1: letter(1), 2: letter(2)}
    server.odd.ignores_search = True
    for _ in range(3):
        office.read()
    assert len(office.letters()) == 2


def test_case_9_another_uidvalidity_is_read_anew_and_doubles_nothing(odd: tuple[OddImap, Desk]) -> None:
    server, office = odd
    server.odd.mails = {1: letter(1), 2: letter(2, 9_000_000)}
    office.read()
    before = office.letters()
    server.odd.uidvalidity = 9
    server.odd.mails = {11: server.odd.mails[1], 12: server.odd.mails[2], 13: letter(3)}
    office.read()
    after = office.letters()
    assert set(before) < set(after) and len(after) == 3
    assert len(office.ledger.events(kind="received")) == 3


def test_case_10_and_11_one_number_in_inbox_and_junk_is_two_letters_and_junk_is_said(
    odd: tuple[OddImap, Desk],
) -> None:
    server, office = odd
    server.odd.mails = {5: letter(1)}
    office.read(INBOX)
    server.odd.mails = {5: letter(2)}
    office.read(JUNK)
    first, second = office.letters()
    assert {first.arrived_via, second.arrived_via} == {"office/INBOX", "office/Junk"}
    by_way = {each.arrived_via: office.why(each.id) for each in (first, second)}
    assert by_way["office/INBOX"] == []
    assert by_way["office/Junk"] == ["在垃圾邮件文件夹“Junk”里收到"]


def test_case_14_two_letters_under_one_message_id_are_both_kept_and_the_second_says_so(
    odd: tuple[OddImap, Desk],
) -> None:
    server, office = odd
    server.odd.mails = {1: letter(1), 2: letter(1, 400)}
    office.read()
    first, second = office.letters()
    assert office.why(first.id) == []
    assert office.why(second.id) == [f"与来信 {first.id} 的 Message-ID 相同而内容不同，两封都保留"]


def test_case_15_one_letter_twice_in_one_round_is_one_letter(odd: tuple[OddImap, Desk]) -> None:
    server, office = odd
    server.odd.mails = {1: letter(1), 2: b"Received: from elsewhere\r\n" + letter(1)}
    office.read()
    assert len(office.letters()) == 1
    assert len(office.ledger.events(kind="received")) == 1


def test_case_87_a_full_disk_takes_nothing_in_and_loses_nothing(
    odd: tuple[OddImap, Desk], tmp_path: Path
) -> None:
    server, office = odd
    server.odd.mails = {1: letter(1), 2: letter(2)}
    full = replace(office.receive, archive=cast("ArchiveDoor", _Full(tmp_path / "archive")))
    with pytest.raises(DoorError, match="磁盘"):
        full.read_box(INBOX, NOW)
    assert office.letters() == ()
    office.read()
    assert office.raws() == set(server.odd.mails.values())


class _Full(ArchiveDoor):
    """A disk that is full from the second letter on."""

    def put(self, data: bytes) -> str:
        if b"no. 2" in data[:200]:
            raise DoorError("无法写入存档：请检查磁盘空间和权限。", again=True)
        return super().put(data)


def test_case_88_two_runs_that_overlap_are_one_reading(odd: tuple[OddImap, Desk]) -> None:
    server, office = odd
    server.odd.mails = {1: letter(1)}
    assert office.ledger.hold_mailbox("office", "INBOX", "another") is not None
    assert office.receive.read_box(INBOX, NOW) is False
    assert office.letters() == ()


def test_a_round_is_in_the_ledger_whole_or_not_at_all(odd: tuple[OddImap, Desk]) -> None:
    server, office = odd
    server.odd.mails = {uid: letter(uid) for uid in range(1, 6)}
    broken = replace(office.receive, envelope=cast("Envelope", _DiesAt(4)))
    with pytest.raises(KeyboardInterrupt):
        broken.read_box(INBOX, NOW)
    assert office.letters() == ()
    office.read()
    assert len(office.letters()) == 5


class _DiesAt:
    """The process dies while the n-th letter is read."""

    def __init__(self, at: int) -> None:
        self.left = at

    def read(self, raw: bytes, store: object) -> LetterFacts:
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt
        return EnvelopeDoor().read(raw, lambda data: "")


def test_a_fault_in_reading_one_letter_keeps_it_and_goes_on(odd: tuple[OddImap, Desk]) -> None:
    server, office = odd
    server.odd.mails = {1: letter(1), 2: letter(2)}
    faulty = replace(office.receive, envelope=cast("Envelope", _Faulty()))
    faulty.read_box(INBOX, NOW)
    assert office.raws() == set(server.odd.mails.values())


class _Faulty:
    def read(self, raw: bytes, store: object) -> LetterFacts:
        raise RecursionError


def test_case_92_a_letter_over_the_cap_is_kept_byte_for_byte_and_names_its_sender(
    odd: tuple[OddImap, Desk], tmp_path: Path
) -> None:
    server, office = odd
    server.odd.mails = {1: letter(7, 9_000_000)}
    small = replace(office.receive, letter_bytes_max=5_000_000)
    small.read_box(INBOX, NOW)
    (found,) = office.letters()
    assert office.raws() == {server.odd.mails[1]}
    assert (found.sender, found.subject) == ("unit7@county.example", "no. 7")
    facts = from_bytes(LetterFacts, office.archive.get(found.facts_sha256))
    assert facts.trouble == ("来信超过 5 MB，只保存了原件，请人工打开",) and facts.headers == ()


def test_case_92_a_letter_no_server_hands_over_is_still_a_letter_and_only_one(
    odd: tuple[OddImap, Desk],
) -> None:
    server, office = odd
    server.odd.mails = {1: letter(1), 2: letter(2)}
    server.odd.bodiless = {2}
    office.read()
    _, second = sorted(office.letters(), key=lambda each: each.id)
    facts = from_bytes(LetterFacts, office.archive.get(second.facts_sha256))
    assert "请到邮箱 office 的“INBOX”里打开" in facts.trouble[0]


def test_folders_people_move_mail_to_are_swept_once_a_night_and_double_nothing(
    sqlite_ledger: LedgerDoor, tmp_path: Path
) -> None:
    with MailServer() as server:
        office = desk(account_at(server), sqlite_ledger, tmp_path)
        for folder in ("已处理/太原", "Trash", "草稿箱", "已发送"):
            server.add_folder(OFFICE, folder)
        server.deliver(OFFICE, letter(1), NOW)
        office.read()
        server.deliver(OFFICE, letter(1), NOW, "已处理/太原")
        server.deliver(OFFICE, letter(2), NOW, "已处理/太原")
        server.deliver(OFFICE, letter(3), NOW, "Trash")
        for number, folder in enumerate(("草稿箱", "已发送", "Sent"), 4):
            server.deliver(OFFICE, letter(number), NOW, folder)
        assert office.receive.sweep("office", NOW)
        assert office.raws() == {letter(1), letter(2), letter(3)}
        found = {each.subject: office.why(each.id) for each in office.letters()}
        assert found["no. 2"] == ["在文件夹“已处理/太原”里找到"] and found["no. 1"] == []
        logins = len(server.logins)
        assert not office.receive.sweep("office", NOW + timedelta(hours=1))
        assert len(server.logins) == logins
        server.deliver(OFFICE, letter(9), NOW, "Trash")
        assert office.receive.sweep("office", NOW + timedelta(days=1))
        assert len(office.letters()) == 4
        # What is only swept is read once a day, and holds back no reminder for that.
        assert [each.folder for each in sqlite_ledger.cursors()] == ["INBOX"]
        office.door.close()


def test_a_folder_no_longer_named_holds_back_no_reminder(odd: tuple[OddImap, Desk]) -> None:
    _, office = odd
    office.ledger.hold_mailbox("office", "旧文件夹", "tests")
    office.read()
    office.receive.forget_unwatched()
    assert [each.folder for each in office.ledger.cursors()] == ["INBOX"]


def filed(office: Desk) -> None:
    for each in office.letters():
        office.ledger.apply([Advance(each.id, each.stage, Stage.FILED, NOW)])


def test_after_filing_only_filed_mail_is_moved(sqlite_ledger: LedgerDoor, tmp_path: Path) -> None:
    with MailServer() as server:
        office = desk(account_at(server, after_filing=AfterFiling.MOVE), sqlite_ledger, tmp_path)
        server.deliver(OFFICE, letter(1), NOW)
        office.read()
        office.receive.put_away("office", NOW)
        assert len(server.mails(OFFICE)) == 1
        filed(office)
        server.deliver(OFFICE, letter(2), NOW)
        office.read()
        office.receive.put_away("office", NOW)
        assert [each.raw for each in server.mails(OFFICE)] == [letter(2)]
        assert [each.raw for each in server.mails(OFFICE, "已归档")] == [letter(1)]
        assert not office.receive.put_away("office", NOW)
        office.door.close()


def test_what_the_archive_does_not_hold_unharmed_stays_in_the_mailbox(
    sqlite_ledger: LedgerDoor, tmp_path: Path
) -> None:
    with MailServer() as server:
        office = desk(account_at(server, after_filing=AfterFiling.MOVE), sqlite_ledger, tmp_path)
        server.deliver(OFFICE, letter(1), NOW)
        office.read()
        filed(office)
        sha256 = office.letters()[0].raw_sha256
        (tmp_path / "archive" / sha256[:2] / sha256).unlink()
        with pytest.raises(DoorError):
            office.receive.put_away("office", NOW)
        assert len(server.mails(OFFICE)) == 1
        office.door.close()


def odd_filing(odd: tuple[OddImap, Desk], way: AfterFiling, capabilities: str) -> tuple[OddImap, Desk]:
    server, office = odd
    server.odd.capabilities = capabilities
    server.odd.mails = {3: letter(3), 4: letter(4)}
    office.read()
    filed(office)
    account = replace(office.door._lines[INBOX].account, after_filing=way)
    door = MailboxesDoor([account], monotonic=_Machine())
    return server, replace(office, door=door, receive=replace(office.receive, mailboxes=door))


def test_without_move_it_is_copy_and_expunge_of_these_numbers_alone(odd: tuple[OddImap, Desk]) -> None:
    server, office = odd_filing(odd, AfterFiling.MOVE, "IMAP4rev1 ID UIDPLUS")
    office.receive.put_away("office", NOW)
    words = [line for line in server.odd.seen if line.split()[0] in {"UID", "EXPUNGE", "CREATE"}]
    changed = [line for line in words if "COPY" in line or "STORE" in line or "EXPUNGE" in line]
    assert [line.split()[1] for line in changed] == ["COPY", "STORE", "EXPUNGE"]
    assert changed[-1] == "UID EXPUNGE 3,4"
    assert server.odd.count("EXPUNGE") == 0


def test_a_server_that_can_only_expunge_everything_is_asked_for_nothing(odd: tuple[OddImap, Desk]) -> None:
    server, office = odd_filing(odd, AfterFiling.MOVE, "IMAP4rev1 ID")
    with pytest.raises(DoorError, match="after_filing"):
        office.receive.put_away("office", NOW)
    said = " ".join(server.odd.seen).upper()
    assert "COPY" not in said and "STORE" not in said and "EXPUNGE" not in said


def test_another_mail_under_a_known_number_is_left_alone(odd: tuple[OddImap, Desk]) -> None:
    server, office = odd_filing(odd, AfterFiling.MOVE, "IMAP4rev1 ID UIDPLUS")
    server.odd.mails = {3: letter(8), 4: letter(9)}
    office.receive.put_away("office", NOW)
    assert "COPY" not in " ".join(server.odd.seen).upper()
