"""Mailboxes on servers that misbehave as real ones were seen to: nothing lost, doubled or hung."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from service.doors.imap import ImapAccount, MailboxesDoor
from service.doors.imap.folders import to_sweep
from service.doors.tls import Security
from service.office.needs.mailbox import Arrival, Box
from service.office.outcome import DoorError
from tests.doors.odd_imap import OddImap

INBOX = Box("office", "INBOX")
JUNK = Box("office", "Junk")


class Machine:
    """Machine time that moves when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def server() -> Iterator[OddImap]:
    with OddImap() as server:
        server.odd.mails.update({uid: f"Subject: {uid}\r\n\r\nx\r\n".encode() for uid in (3, 5, 8)})
        yield server


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def account(server: OddImap) -> ImapAccount:
    where = ("127.0.0.1", server.port, Security.NONE)
    return ImapAccount("office", *where, "office@gov.example", "code", ("INBOX", "Junk"), "Sent", timeout=0.5)


@pytest.fixture
def door(account: ImapAccount, machine: Machine) -> Iterator[MailboxesDoor]:
    door = MailboxesDoor([account], monotonic=machine)
    yield door
    door.close()


def uids(arrivals: tuple[Arrival, ...]) -> list[int]:
    return [each.uid for each in arrivals]


def test_a_server_that_wants_an_introduction_gets_one_before_any_folder(
    server: OddImap, door: MailboxesDoor
) -> None:
    server.odd.must_introduce = True
    assert uids(door.fetch(INBOX, 0, 0, 10).arrivals) == [3, 5, 8]
    words = [line.split(" ")[0].upper() for line in server.odd.seen]
    assert words.index("LOGIN") < words.index("ID") < words.index("EXAMINE")


def test_a_folder_that_stays_shut_is_an_alarm_and_no_storm(
    server: OddImap, door: MailboxesDoor, machine: Machine
) -> None:
    server.odd.must_introduce = True
    server.odd.capabilities = "IMAP4rev1"
    with pytest.raises(DoorError, match="Unsafe Login") as refused:
        door.fetch(INBOX, 0, 0, 10)
    assert not refused.value.again
    for _ in range(5):
        with pytest.raises(DoorError):
            door.fetch(INBOX, 0, 0, 10)
    assert (server.odd.count("LOGIN"), server.odd.count("EXAMINE")) == (1, 1)
    machine.now += 13 * 60
    with pytest.raises(DoorError):
        door.fetch(INBOX, 0, 0, 10)
    assert (server.odd.count("LOGIN"), server.odd.count("EXAMINE")) == (1, 2)


def test_nothing_is_written_and_nothing_is_marked(server: OddImap, door: MailboxesDoor) -> None:
    door.fetch(INBOX, 0, 0, 10)
    door.find_in_sent("office", "<x@gov.example>")
    said = " ".join(server.odd.seen).upper()
    assert "SELECT " not in said and "STORE" not in said and "EXPUNGE" not in said
    assert "BODY[" not in said and "BODY.PEEK[" in said
    assert "BODYSTRUCTURE" not in said and "ENVELOPE" not in said


def test_an_untagged_bad_costs_a_timeout_and_then_all_is_well(
    server: OddImap, door: MailboxesDoor, machine: Machine
) -> None:
    server.odd.untagged_bad = {"FETCH"}
    with pytest.raises(DoorError) as lost:
        door.fetch(INBOX, 0, 0, 10)
    assert lost.value.again
    server.odd.untagged_bad = set()
    machine.now += 60
    assert uids(door.fetch(INBOX, 0, 0, 10).arrivals) == [3, 5, 8]
    assert server.odd.count("LOGIN") == 2


def test_a_server_that_never_gets_well_is_not_logged_in_to_again_and_again(
    server: OddImap, account: ImapAccount, machine: Machine
) -> None:
    server.odd.untagged_bad = {"SEARCH"}
    door = MailboxesDoor([replace(account, timeout=0.05)], monotonic=machine)
    whys = set()
    for _ in range(360):
        with pytest.raises(DoorError) as lost:
            door.fetch(INBOX, 0, 0, 10)
        whys.add(lost.value.why)
        machine.now += 10
    assert server.odd.count("LOGIN") <= 12
    assert len(whys) <= 2
    door.close()


def test_a_cut_mail_is_not_half_taken_and_comes_whole_later(
    server: OddImap, door: MailboxesDoor, machine: Machine
) -> None:
    whole = b"Subject: long\r\n\r\n" + os.urandom(30_000).hex().encode() + b"\r\n"
    server.odd.mails = {4: whole}
    server.odd.cuts = 1
    with pytest.raises(DoorError):
        door.fetch(INBOX, 0, 0, 10)
    machine.now += 60
    (arrival,) = door.fetch(INBOX, 0, 0, 10).arrivals
    assert arrival.raw == whole


def test_a_piece_cut_in_a_large_mail_is_not_half_taken_either(
    server: OddImap, account: ImapAccount, machine: Machine
) -> None:
    whole = b"Subject: large\r\n\r\n" + os.urandom(4_500_000).hex().encode() + b"\r\n"
    server.odd.mails = {4: whole}
    server.odd.cuts = 1
    door = MailboxesDoor([replace(account, timeout=10)], monotonic=machine)
    (arrival,) = door.fetch(INBOX, 0, 0, 10).arrivals
    with pytest.raises(DoorError) as lost:
        list(door.pieces(INBOX, 1, arrival))
    assert lost.value.again
    machine.now += 60
    assert b"".join(door.pieces(INBOX, 1, arrival)) == whole
    door.close()


@pytest.mark.parametrize("error", [-700, 700])
def test_a_wrong_size_shortens_nothing(server: OddImap, account: ImapAccount, error: int) -> None:
    whole = b"Subject: large\r\n\r\n" + os.urandom(4_500_000).hex().encode() + b"\r\n"
    server.odd.mails = {4: whole}
    server.odd.size_error = error
    door = MailboxesDoor([replace(account, timeout=10)])
    (arrival,) = door.fetch(INBOX, 0, 0, 10).arrivals
    assert b"".join(door.pieces(INBOX, 1, arrival)) == whole
    door.close()


def test_the_last_mail_does_not_come_twice(server: OddImap, door: MailboxesDoor) -> None:
    first = door.fetch(INBOX, 0, 0, 10)
    again = door.fetch(INBOX, first.uidvalidity, first.last_uid, 10)
    assert (again.arrivals, again.last_uid, again.has_more) == ((), 8, False)


def test_a_search_that_answers_with_everything_is_filtered_here(server: OddImap, door: MailboxesDoor) -> None:
    server.odd.ignores_search = True
    first = door.fetch(INBOX, 0, 0, 2)
    assert uids(first.arrivals) == [3, 5]
    assert uids(door.fetch(INBOX, 1, first.last_uid, 2).arrivals) == [8]


def test_the_same_uidvalidity_in_two_folders_mixes_nothing(server: OddImap, door: MailboxesDoor) -> None:
    inbox = door.fetch(INBOX, 0, 0, 10)
    junk = door.fetch(JUNK, 0, 0, 10)
    assert inbox.uidvalidity == junk.uidvalidity == 1
    assert uids(inbox.arrivals) == uids(junk.arrivals) == [3, 5, 8]


def test_rows_nobody_asked_for_are_no_mails(server: OddImap, door: MailboxesDoor) -> None:
    server.odd.chatters = True
    arrivals = door.fetch(INBOX, 0, 0, 10).arrivals
    assert uids(arrivals) == [3, 5, 8]
    assert all(each.raw for each in arrivals)


def test_a_mail_the_server_does_not_hand_over_is_not_passed_over_in_silence(
    server: OddImap, door: MailboxesDoor
) -> None:
    server.odd.bodiless = {5}
    arrivals = door.fetch(INBOX, 0, 0, 10).arrivals
    assert [(each.uid, each.raw is None) for each in arrivals] == [(3, False), (5, True), (8, False)]
    assert arrivals[1].arrived_at == datetime(2024, 9, 27, 1, 0, tzinfo=UTC)


def test_without_idle_the_same_connection_is_polled(server: OddImap, account: ImapAccount) -> None:
    door = MailboxesDoor([replace(account, poll_seconds=0.05)])
    at = door.fetch(INBOX, 0, 0, 10)
    for uid in (9, 10):
        assert door.wait(INBOX, 5)
        server.odd.mails[uid] = b"Subject: new\r\n\r\n"
        at = door.fetch(INBOX, at.uidvalidity, at.last_uid, 10)
        assert uids(at.arrivals) == [uid]
    assert server.odd.count("LOGIN") == 1
    assert server.odd.count("IDLE") == 0
    door.close()


def test_idle_that_is_offered_and_refused_turns_into_polling(
    server: OddImap, account: ImapAccount, machine: Machine
) -> None:
    server.odd.capabilities = "IMAP4rev1 ID IDLE"
    server.odd.untagged_bad = {"IDLE"}
    door = MailboxesDoor([replace(account, poll_seconds=0.05)], monotonic=machine)
    at = door.fetch(INBOX, 0, 0, 10)
    assert door.wait(INBOX, 5)
    for _ in range(3):
        machine.now += 60
        at = door.fetch(INBOX, at.uidvalidity, at.last_uid, 10)
        door.wait(INBOX, 0.01)
    assert (server.odd.count("IDLE"), server.odd.count("LOGIN")) == (1, 2)
    door.close()


def test_a_refused_login_is_one_knock_and_one_alarm(
    server: OddImap, door: MailboxesDoor, machine: Machine
) -> None:
    # QQ gives this one text for a wrong code, a closed service and too many logins alike.
    server.odd.refusal = "Login fail. Account is abnormal, service is not open, or login frequency limited."
    with pytest.raises(DoorError, match="service is not open") as refused:
        door.fetch(INBOX, 0, 0, 10)
    assert not refused.value.again
    for second in range(1, 600, 7):
        machine.now = float(second)
        for box in (INBOX, JUNK):
            with pytest.raises(DoorError) as quiet:
                door.fetch(box, 0, 0, 10)
            # The same words each time, so that whoever keeps a diary writes one line.
            assert quiet.value.again and quiet.value.why == refused.value.why
    assert server.odd.count("LOGIN") == 1
    assert door.find_in_sent("office", "<x@gov.example>").is_there is None
    assert server.odd.count("LOGIN") == 1


def test_a_server_short_of_breath_is_no_wrong_password(
    server: OddImap, door: MailboxesDoor, machine: Machine
) -> None:
    server.odd.refusal = "[UNAVAILABLE] Temporary authentication failure."
    with pytest.raises(DoorError) as lost:
        door.fetch(INBOX, 0, 0, 10)
    assert lost.value.again
    server.odd.refusal = ""
    machine.now += 60
    assert uids(door.fetch(INBOX, 0, 0, 10).arrivals) == [3, 5, 8]


def test_a_mailbox_of_years_shows_progress_at_every_call(server: OddImap, account: ImapAccount) -> None:
    from datetime import date

    server.odd.mails = {uid: b"Subject: old\r\n\r\n" for uid in range(1, 12_001)}
    door = MailboxesDoor([replace(account, first_since=date(2025, 1, 1), timeout=10)])
    at = door.fetch(INBOX, 0, 0, 10)
    seen = [at.last_uid]
    while at.has_more:
        at = door.fetch(INBOX, at.uidvalidity, at.last_uid, 10)
        seen.append(at.last_uid)
    assert seen == [5_000, 10_000, 12_000]
    assert server.odd.count("UID FETCH") == 24
    door.close()


def test_more_uids_than_one_line_may_hold_are_asked_for_in_windows(
    server: OddImap, account: ImapAccount
) -> None:
    server.odd.mails = {uid: b"Subject: far\r\n\r\n" for uid in (1, 60_000, 140_000, 140_001)}
    door = MailboxesDoor([account])
    assert uids(door.fetch(INBOX, 0, 0, 10).arrivals) == [1, 60_000, 140_000, 140_001]
    assert uids(door.fetch(INBOX, 1, 140_000, 10).arrivals) == [140_001]
    door.close()


def test_mail_that_comes_while_idling_is_read_within_seconds_and_idle_is_ended(
    server: OddImap, account: ImapAccount
) -> None:
    server.odd.capabilities = "IMAP4rev1 ID IDLE"
    door = MailboxesDoor([replace(account, timeout=5)])
    at = door.fetch(INBOX, 0, 0, 10)
    server.odd.comes_in_idle = {9: b"Subject: new\r\n\r\n"}
    assert door.wait(INBOX, 60)
    assert uids(door.fetch(INBOX, at.uidvalidity, at.last_uid, 10).arrivals) == [9]
    assert server.odd.seen.count("DONE") == server.odd.count("IDLE") == 1
    door.close()


def test_idle_is_renewed_and_the_folder_looked_at_in_between(
    server: OddImap, account: ImapAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    from service.doors.imap import idling

    monkeypatch.setattr(idling, "IDLE_SECONDS_MAX", 0.3)
    monkeypatch.setattr(idling, "SETTLE_SECONDS", 0.1)
    server.odd.capabilities = "IMAP4rev1 ID IDLE"
    door = MailboxesDoor([replace(account, timeout=5)])
    door.fetch(INBOX, 0, 0, 10)
    searched = server.odd.count("UID SEARCH")
    # What the server keeps to itself (QQ drops such news) is found by the look between two rounds.
    assert not door.wait(INBOX, 60)
    assert server.odd.count("IDLE") >= 2
    assert server.odd.count("UID SEARCH") >= searched + 2
    door.close()


def test_a_half_open_line_is_noticed_and_made_anew(
    server: OddImap, account: ImapAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    from service.doors.imap import idling

    monkeypatch.setattr(idling, "IDLE_SECONDS_MAX", 0.2)
    monkeypatch.setattr(idling, "SETTLE_SECONDS", 0.1)
    server.odd.capabilities = "IMAP4rev1 ID IDLE"
    server.odd.is_half_open = True
    door = MailboxesDoor([account])
    at = door.fetch(INBOX, 0, 0, 10)
    door.wait(INBOX, 60)
    server.odd.mails[9] = b"Subject: new\r\n\r\n"
    assert uids(door.fetch(INBOX, at.uidvalidity, at.last_uid, 10).arrivals) == [9]
    assert server.odd.count("LOGIN") == 2
    server.odd.let_go.set()
    door.close()


@pytest.mark.parametrize(
    ("listed", "swept"),
    [
        # QQ: English names, no special use, one folder that only holds others.
        (
            [
                *(((), name) for name in ("INBOX", "Sent Messages", "Drafts", "Deleted Messages", "Junk")),
                ((b"\\NoSelect", b"\\HasChildren"), "其他文件夹"),
                ((), "其他文件夹/各市回复"),
            ],
            ["Deleted Messages", "其他文件夹/各市回复"],
        ),
        # 163 and Coremail: Chinese names, no special use.
        (
            [
                ((), name)
                for name in ("INBOX", "草稿箱", "已发送", "已删除", "垃圾邮件", "病毒文件夹", "质量周")
            ],
            ["已删除", "垃圾邮件", "病毒文件夹", "质量周"],
        ),
        # Dovecot, Exchange, Gmail: special use, whatever the name; mere views are left out.
        (
            [
                ((b"\\Sent",), "Gesendet"),
                ((b"\\Drafts",), "Entwürfe"),
                ((b"\\All",), "[Gmail]/所有邮件"),
                ((b"\\Trash",), "Papierkorb"),
                ((), "Sent.2023"),
                ((), "Archive.Sent-in"),
            ],
            ["Papierkorb", "Archive.Sent-in"],
        ),
    ],
)
def test_which_folders_are_swept(listed: list[tuple[tuple[bytes, ...], str]], swept: list[str]) -> None:
    assert list(to_sweep(listed, ("INBOX", "Junk"), "Sent Messages")) == swept
