"""What `receive` may rely on, asked of the rehearsal's server and of a real Dovecot alike."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

import pytest

from service.doors.imap import AfterFiling, ImapAccount, MailboxesDoor
from service.doors.tls import Security
from service.office.needs.mailbox import Batch, Box, Kept
from service.office.needs.post import SentCopy
from service.office.outcome import DoorError
from service.rehearsal.mail_server import MailServer
from tests.doors import dovecot
from tests.doors.dovecot import Dovecot

OFFICE = "office@gov.example"
INBOX = Box("office", "INBOX")
JUNK = Box("office", "Junk")
SEPTEMBER = datetime(2024, 9, 27, 1, 0, tzinfo=UTC)


def letter(number: int, size: int = 0) -> bytes:
    head = f"From: unit{number}@county.example\r\nMessage-ID: <{number}@county.example>\r\n\r\n"
    lines = (os.urandom(35).hex() + "\r\n" for _ in range(size // 72))
    return (head + "".join(lines) + "收到\r\n").encode()


class World(Protocol):
    """A mail server with the office's account in it."""

    def account(self) -> ImapAccount: ...
    def deliver(self, raw: bytes, at: datetime = SEPTEMBER, folder: str = "INBOX") -> None: ...
    def unseen(self, folder: str = "INBOX") -> int: ...
    def lose_index(self, folder: str) -> None:
        """Empty a folder and give it another UIDVALIDITY."""
        ...

    def logins(self) -> int: ...


class Rehearsal:
    def __init__(self, server: MailServer) -> None:
        self.server = server
        server.add_account(OFFICE, "secret")

    def account(self) -> ImapAccount:
        port = self.server.imap_port
        folders = ("INBOX", "Junk")
        return ImapAccount(
            "office", "127.0.0.1", port, Security.NONE, OFFICE, "secret", folders, "Sent", timeout=10
        )

    def deliver(self, raw: bytes, at: datetime = SEPTEMBER, folder: str = "INBOX") -> None:
        self.server.deliver(OFFICE, raw, at, folder)

    def unseen(self, folder: str = "INBOX") -> int:
        return sum(not each.is_seen for each in self.server.mails(OFFICE, folder))

    def lose_index(self, folder: str) -> None:
        for each in self.server.mails(OFFICE, folder):
            self.server.delete(OFFICE, each.uid, folder)
        self.server.renumber(OFFICE, 7, folder)

    def logins(self) -> int:
        return len(self.server.logins)


class Real:
    def __init__(self, server: Dovecot) -> None:
        self.server = server
        # Accounts spring up by name; a fresh one for each test leaves nothing behind.
        self.user = f"{os.urandom(6).hex()}@gov.example"

    def account(self) -> ImapAccount:
        folders = ("INBOX", "Junk")
        return ImapAccount(
            "office",
            "127.0.0.1",
            self.server.port,
            Security.NONE,
            self.user,
            dovecot.PASSWORD,
            folders,
            "Sent",
            timeout=10,
        )

    def deliver(self, raw: bytes, at: datetime = SEPTEMBER, folder: str = "INBOX") -> None:
        self.server.deliver(self.user, raw, at, folder)

    def unseen(self, folder: str = "INBOX") -> int:
        with self.server.client(self.user) as client:
            return int(client.folder_status(folder, ["UNSEEN"])[b"UNSEEN"])

    def lose_index(self, folder: str) -> None:
        with self.server.client(self.user) as client:
            client.delete_folder(folder)
            # UIDVALIDITY is the second of creation: it must be another one.
            was = int(time.time())
            while int(time.time()) == was:
                threading.Event().wait(0.05)
            client.create_folder(folder)

    def logins(self) -> int:
        return self.server.logins(self.user)


@pytest.fixture(scope="module")
def running_dovecot() -> Iterator[Dovecot]:
    if not dovecot.BINARY:
        pytest.skip(dovecot.MISSING)
    with Dovecot() as server:
        yield server


@pytest.fixture(params=["rehearsal", pytest.param("dovecot", marks=pytest.mark.dovecot)])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "dovecot":
        yield Real(request.getfixturevalue("running_dovecot"))
    else:
        with MailServer() as server:
            yield Rehearsal(server)


@pytest.fixture
def door(world: World) -> Iterator[MailboxesDoor]:
    door = MailboxesDoor([world.account()])
    yield door
    door.close()


def bodies(batch: Batch) -> list[bytes]:
    return [each.raw for each in batch.arrivals if each.raw is not None]


def test_every_watched_folder_is_a_box(door: MailboxesDoor) -> None:
    assert list(door.boxes()) == [INBOX, JUNK]


def test_mails_come_once_in_order_with_the_servers_date(world: World, door: MailboxesDoor) -> None:
    letters = [letter(number) for number in range(3)]
    for number, raw in enumerate(letters):
        world.deliver(raw, SEPTEMBER + timedelta(hours=number))
    first = door.fetch(INBOX, 0, 0, 2)
    assert bodies(first) == letters[:2]
    assert [each.arrived_at for each in first.arrivals] == [SEPTEMBER, SEPTEMBER + timedelta(hours=1)]
    assert [each.size for each in first.arrivals] == [len(raw) for raw in letters[:2]]
    assert first.has_more and first.last_uid == first.arrivals[-1].uid
    second = door.fetch(INBOX, first.uidvalidity, first.last_uid, 2)
    assert bodies(second) == letters[2:]
    assert not second.has_more
    # `n:*` names the last mail even when it is below n.
    third = door.fetch(INBOX, second.uidvalidity, second.last_uid, 2)
    assert third.arrivals == () and third.last_uid == second.last_uid and not third.has_more


def test_a_later_mail_is_found_on_the_kept_connection(world: World, door: MailboxesDoor) -> None:
    at = door.fetch(INBOX, 0, 0, 10)
    for number in range(3):
        world.deliver(letter(number))
        at = door.fetch(INBOX, at.uidvalidity, at.last_uid, 10)
        assert bodies(at) == [letter(number)]


def test_reading_marks_nothing_as_seen(world: World, door: MailboxesDoor) -> None:
    world.deliver(letter(1))
    world.deliver(letter(2, size=9_000_000))
    got = door.fetch(INBOX, 0, 0, 10)
    door.fetch(INBOX, got.uidvalidity, got.last_uid, 10)
    assert world.unseen() == 2


def test_a_cursor_belongs_to_a_folder(world: World, door: MailboxesDoor) -> None:
    world.deliver(letter(1))
    world.deliver(letter(2), folder="Junk")
    assert bodies(door.fetch(INBOX, 0, 0, 10)) == [letter(1)]
    assert bodies(door.fetch(JUNK, 0, 0, 10)) == [letter(2)]


def test_another_uidvalidity_starts_from_the_beginning(world: World, door: MailboxesDoor) -> None:
    world.deliver(letter(1), folder="Junk")
    world.deliver(letter(2), folder="Junk")
    before = door.fetch(JUNK, 0, 0, 10)
    world.lose_index("Junk")
    world.deliver(letter(3), folder="Junk")
    after = door.fetch(JUNK, before.uidvalidity, before.last_uid, 10)
    assert after.uidvalidity != before.uidvalidity
    assert bodies(after) == [letter(3)]


def test_mail_before_the_stated_date_stays_unread(world: World) -> None:
    for day in range(1, 5):
        world.deliver(letter(day), datetime(2024, 9, day, 4, tzinfo=UTC))
    account = replace(world.account(), first_since=date(2024, 9, 3))
    door = MailboxesDoor([account])
    first = door.fetch(INBOX, 0, 0, 1)
    assert bodies(first) == [letter(3)] and first.has_more
    second = door.fetch(INBOX, first.uidvalidity, first.last_uid, 1)
    assert bodies(second) == [letter(4)] and not second.has_more
    # A mail that is moved in later, but is older than the stated date, stays out as well.
    world.deliver(letter(1), datetime(2024, 8, 1, tzinfo=UTC))
    assert door.fetch(INBOX, second.uidvalidity, second.last_uid, 1).arrivals == ()
    door.close()


def test_a_large_mail_comes_alone_in_pieces_and_whole(world: World, door: MailboxesDoor) -> None:
    large = letter(2, size=11_000_000)
    for raw in (letter(1), large, letter(3)):
        world.deliver(raw)
    first = door.fetch(INBOX, 0, 0, 10)
    assert bodies(first) == [letter(1)] and first.has_more
    second = door.fetch(INBOX, first.uidvalidity, first.last_uid, 10)
    (arrival,) = second.arrivals
    assert arrival.raw is None and arrival.has_pieces and arrival.size == len(large)
    pieces = list(door.pieces(INBOX, second.uidvalidity, arrival))
    assert max(map(len, pieces)) <= 1_000_000
    assert hashlib.sha256(b"".join(pieces)).digest() == hashlib.sha256(large).digest()
    third = door.fetch(INBOX, second.uidvalidity, second.last_uid, 10)
    assert bodies(third) == [letter(3)] and not third.has_more


def test_above_the_cap_only_the_fact_is_handed_over(world: World) -> None:
    world.deliver(letter(1, size=20_000))
    door = MailboxesDoor([replace(world.account(), raw_bytes_max=10_000)])
    (arrival,) = door.fetch(INBOX, 0, 0, 10).arrivals
    assert arrival.raw is None and arrival.size > 20_000 and arrival.arrived_at == SEPTEMBER
    assert not arrival.has_pieces and arrival.head.startswith(b"From: unit1@county.example")
    door.close()


def test_idle_wakes_within_a_second(world: World, door: MailboxesDoor) -> None:
    at = door.fetch(INBOX, 0, 0, 10)
    answers: list[tuple[bool, float]] = []
    is_waiting = threading.Event()

    def watch() -> None:
        is_waiting.set()
        answers.append((door.wait(INBOX, 60), time.monotonic()))

    watcher = threading.Thread(target=watch)
    watcher.start()
    is_waiting.wait()
    delivered = time.monotonic()
    world.deliver(letter(1))
    watcher.join(30)
    ((has_come, woken),) = answers
    assert has_come and woken - delivered < 1.5
    assert bodies(door.fetch(INBOX, at.uidvalidity, at.last_uid, 10)) == [letter(1)]


def test_what_came_before_waiting_began_is_noticed(world: World, door: MailboxesDoor) -> None:
    door.fetch(INBOX, 0, 0, 10)
    world.deliver(letter(1))
    started = time.monotonic()
    assert door.wait(INBOX, 60)
    assert time.monotonic() - started < 1


def test_waiting_in_vain_ends_in_time(door: MailboxesDoor) -> None:
    door.fetch(INBOX, 0, 0, 10)
    started = time.monotonic()
    assert not door.wait(INBOX, 0.3)
    assert time.monotonic() - started < 2


def test_closing_ends_a_long_wait(door: MailboxesDoor) -> None:
    door.fetch(INBOX, 0, 0, 10)
    watcher = threading.Thread(target=door.wait, args=(INBOX, 300))
    watcher.start()
    started = time.monotonic()
    door.close()
    watcher.join(30)
    assert time.monotonic() - started < 5
    with pytest.raises(DoorError):
        door.fetch(INBOX, 0, 0, 10)


def test_one_login_a_box_however_often_it_is_read(world: World, door: MailboxesDoor) -> None:
    before = world.logins()
    at = door.fetch(INBOX, 0, 0, 10)
    for _ in range(10):
        at = door.fetch(INBOX, at.uidvalidity, at.last_uid, 10)
    assert world.logins() - before == 1


def test_a_wrong_password_is_said_in_words_for_staff(world: World) -> None:
    door = MailboxesDoor([replace(world.account(), password="expired")])
    with pytest.raises(DoorError, match="授权码") as refused:
        door.fetch(INBOX, 0, 0, 10)
    assert not refused.value.again
    door.close()


def test_an_unknown_folder_is_named(world: World) -> None:
    door = MailboxesDoor([replace(world.account(), folders=("收件箱",))])
    with pytest.raises(DoorError, match="收件箱") as refused:
        door.fetch(Box("office", "收件箱"), 0, 0, 10)
    assert not refused.value.again
    door.close()


def test_our_letter_is_found_in_sent(world: World, door: MailboxesDoor) -> None:
    assert door.find_in_sent("office", "<mine@gov.example>").is_there is False
    world.deliver(b"Message-ID: <mine@gov.example>\r\n\r\nx\r\n", folder="Sent")
    world.deliver(
        b"X-OQ-MSGID: <qq@gov.example>\r\nMessage-ID: <tencent_1@qq.example>\r\n\r\nx\r\n", folder="Sent"
    )
    mine = door.find_in_sent("office", "mine@gov.example")
    assert (mine.is_there, mine.delivered_id) == (True, "<mine@gov.example>")
    rewritten = door.find_in_sent("office", "<qq@gov.example>")
    assert (rewritten.is_there, rewritten.delivered_id) == (True, "<tencent_1@qq.example>")
    assert door.find_in_sent("office", "<never@gov.example>").is_there is False
    assert door.find_in_sent("nobody", "<mine@gov.example>").is_there is None


def test_sent_is_read_on_from_a_cursor_and_old_years_are_left_alone(
    world: World, door: MailboxesDoor
) -> None:
    head = "Message-ID: <tencent_{0}@qq.example>\r\nX-OQ-MSGID: <hz{0}@gov.example>\r\n"
    head += "X-Huizhi-Dispatch: {0}\r\nTo: =?utf-8?b?55Sy?= <Unit{0}@post.example>\r\n\r\nx\r\n"
    for number in range(1, 4):
        world.deliver(head.format(number).encode(), folder="Sent")
    page = door.read_sent("office", 0, 0)
    assert page is not None and not page.has_more
    (*_, last) = page.copies
    assert last == SentCopy("tencent_3@qq.example", "hz3@gov.example", 3, ("unit3@post.example",))
    again = door.read_sent("office", page.uidvalidity, page.last_uid)
    assert again is not None and again.copies == () and again.last_uid == page.last_uid
    world.deliver(b"Subject: somebody's own\r\nX-Huizhi-Dispatch: 1; x\r\n\r\nx\r\n", folder="Sent")
    more = door.read_sent("office", page.uidvalidity, page.last_uid)
    assert more is not None and [each.number for each in more.copies] == [0]
    assert door.read_sent("nobody", 0, 0) is None


def test_a_server_that_comes_back_is_read_again() -> None:
    clock = [0.0]
    with MailServer() as server:
        world = Rehearsal(server)
        door = MailboxesDoor([world.account()], monotonic=lambda: clock[0])
        at = door.fetch(INBOX, 0, 0, 10)
        server.down()
        for _ in range(20):
            with pytest.raises(DoorError) as lost:
                door.fetch(INBOX, at.uidvalidity, at.last_uid, 10)
            assert lost.value.again
            clock[0] += 121
        server.up()
        world.deliver(letter(1))
        assert bodies(door.fetch(INBOX, at.uidvalidity, at.last_uid, 10)) == [letter(1)]
        server.hang_up()
        world.deliver(letter(2))
        at = door.fetch(INBOX, at.uidvalidity, 0, 10)
        assert bodies(at) == [letter(1), letter(2)]
        door.close()


def test_a_wrong_password_is_tried_once_and_then_left_alone() -> None:
    clock = [1000.0]
    with MailServer() as server:
        world = Rehearsal(server)
        account = replace(world.account(), password="expired")
        door = MailboxesDoor([account], monotonic=lambda: clock[0])
        with pytest.raises(DoorError) as refused:
            door.fetch(INBOX, 0, 0, 10)
        assert not refused.value.again
        for box in (INBOX, JUNK, INBOX):
            with pytest.raises(DoorError) as later:
                door.fetch(box, 0, 0, 10)
            assert later.value.again
        assert not door.wait(INBOX, 0.01)
        assert [each.is_good for each in server.logins] == [False]
        clock[0] += 20 * 60
        server.add_account(OFFICE, "expired")
        door.fetch(INBOX, 0, 0, 10)
        door.fetch(JUNK, 0, 0, 10)
        assert [each.is_good for each in server.logins] == [False, True, True]
        door.close()


def test_logins_are_paced() -> None:
    clock = [0.0]
    with MailServer() as server:
        world = Rehearsal(server)
        door = MailboxesDoor([replace(world.account(), logins_per_hour=3)], monotonic=lambda: clock[0])
        for _ in range(3):
            door.fetch(INBOX, 0, 0, 10)
            server.hang_up()
        with pytest.raises(DoorError, match="一小时内已登录 3 次"):
            door.fetch(INBOX, 0, 0, 10)
        assert len(server.logins) == 3
        clock[0] += 3600
        door.fetch(INBOX, 0, 0, 10)
        door.close()


def test_the_library_keeps_no_debug_text_of_bodies(world: World, door: MailboxesDoor) -> None:
    """The attribute is private: were it renamed, intake would be 7.5 times slower and nobody would know."""
    from imapclient import IMAPClient

    from service.doors.imap.line import quiet

    account = world.account()
    client = IMAPClient(account.host, port=account.port, ssl=False, timeout=10)
    assert client._imap.debug != 0
    quiet(client)
    assert client._imap.debug == 0
    client.shutdown()
    door.fetch(INBOX, 0, 0, 10)
    assert door._lines[INBOX]._client._imap.debug == 0


def test_filed_mail_is_moved_and_everything_else_stays(world: World) -> None:
    for number in (1, 2, 3):
        world.deliver(letter(number))
    door = MailboxesDoor([replace(world.account(), after_filing=AfterFiling.MOVE, filed_folder="已归档")])
    at = door.fetch(INBOX, 0, 0, 10)
    first, second, _ = at.arrivals
    # The second number is said to be another mail than lies there.
    kept = [Kept(first.uid, letter(1)), Kept(second.uid, letter(9)), Kept(999, letter(4))]
    assert sorted(door.put_away(INBOX, at.uidvalidity, kept)) == [first.uid, 999]
    assert bodies(door.fetch(INBOX, 0, 0, 10)) == [letter(2), letter(3)]
    moved = Box("office", "已归档")
    assert moved in door.others("office")
    assert bodies(door.fetch(moved, 0, 0, 10)) == [letter(1)]
    # Another UIDVALIDITY: these numbers mean other mails, and nothing is touched.
    door.put_away(INBOX, at.uidvalidity + 1, [Kept(second.uid, letter(2))])
    assert bodies(door.fetch(INBOX, 0, 0, 10)) == [letter(2), letter(3)]
    assert world.unseen() == 2
    door.close()


def test_a_label_is_set_or_the_server_is_said_to_have_none(world: World) -> None:
    world.deliver(letter(1))
    door = MailboxesDoor([replace(world.account(), after_filing=AfterFiling.LABEL)])
    at = door.fetch(INBOX, 0, 0, 10)
    kept = [Kept(at.arrivals[0].uid, letter(1))]
    if isinstance(world, Real):
        assert list(door.put_away(INBOX, at.uidvalidity, kept)) == [at.arrivals[0].uid]
        with world.server.client(world.user) as client:
            client.select_folder("INBOX", readonly=True)
            (flags,) = client.get_flags([at.arrivals[0].uid]).values()
        assert b"$HuizhiFiled" in flags and b"\\Seen" not in flags
    else:
        with pytest.raises(DoorError, match="after_filing"):
            door.put_away(INBOX, at.uidvalidity, kept)
    assert bodies(door.fetch(INBOX, 0, 0, 10)) == [letter(1)]
    door.close()


def test_other_folders_are_found_by_special_use_and_by_name(world: World, door: MailboxesDoor) -> None:
    assert INBOX not in door.others("office") and JUNK not in door.others("office")
    assert Box("office", "Sent") not in door.others("office")
    door.rest("office")


def test_a_folder_that_cannot_be_made_is_named_and_nothing_is_moved(world: World) -> None:
    if not isinstance(world, Real):
        pytest.skip("the rehearsal's server takes any name of a folder")
    world.deliver(letter(1))
    account = replace(world.account(), after_filing=AfterFiling.MOVE, filed_folder="已归档/市局")
    door = MailboxesDoor([account])
    at = door.fetch(INBOX, 0, 0, 10)
    with pytest.raises(DoorError, match="建不了文件夹“已归档/市局”"):
        door.put_away(INBOX, at.uidvalidity, [Kept(at.arrivals[0].uid, letter(1))])
    assert bodies(door.fetch(INBOX, 0, 0, 10)) == [letter(1)]
    door.close()
