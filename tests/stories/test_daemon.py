"""The daemon as it really runs: a process of its own, real SMTP and IMAP, killed and stopped without warning.

Lost and doubled are counted from the server's log against the ledger, never from our records alone [law 1].
"""

from __future__ import annotations

import hashlib
import json
import random
import socket
import statistics
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

from service.clerk import REST, TRIES_MAX
from service.doors.ledger import LedgerDoor
from service.doors.ledger.connections import best_driver
from service.office.change import PutDocket, Stumble
from service.office.dispatch import Dispatch, DispatchKind, DispatchState
from service.office.docket import Docket, DocketState
from service.office.letter import Stage
from service.office.needs.mailbox import Box
from service.office.outcome import InDoubt, TryAgain
from service.wiring import open_office
from tests.daemon import OfficeAtWork, office_at_work, wait_until
from tests.mail_process import MailProcess
from tests.postgres import PostgresServer
from tests.stories.story import (
    CAMPAIGN,
    DONG,
    DONG_AT,
    GOOD_SUMMARY,
    NAN_AT,
    OFFICE,
    Story,
    summary_docx,
)

SEED = 4017
UNITS = 60
UNDER_WAY = (DispatchState.READY, DispatchState.LEASED, DispatchState.SENDING, DispatchState.RETRY)
# Loose on purpose: two busy cores. The figures are in the benchmarks.
STOP_SECONDS_MAX = 15.0
RECEIPT_SECONDS_MAX = 2.0


@pytest.fixture
def mail() -> Iterator[MailProcess]:
    with MailProcess() as server:
        yield server


def _is_drained(office: OfficeAtWork) -> bool:
    return not office.ledger.dispatches(CAMPAIGN, states=UNDER_WAY)


def _wait_for_mails(office: OfficeAtWork, count: int) -> None:
    wait_until(lambda: len(office.mail.log()) >= count, what=office.daemons[-1].said())


def _send_everything(office: OfficeAtWork) -> None:
    daemon = office.start()
    wait_until(lambda: _is_drained(office), what=daemon.said())
    assert daemon.stop()[0] == 0


def _check_nothing_lost_or_doubled(office: OfficeAtWork, *kinds: DispatchKind) -> int:
    """Every recipient exactly one, but for rows in doubt: at most one. Returns how many are in doubt."""
    taken = office.taken()
    assert not taken or max(taken.values()) == 1, [key for key, count in taken.items() if count > 1]
    doubtful = 0
    for row in office.dispatches(*kinds):
        if row.state is DispatchState.IN_DOUBT:
            doubtful += 1
        else:
            assert row.state is DispatchState.SENT, row
            assert taken[row.message_id] == 1, row
    # Nor has anything gone out that the ledger knows nothing of.
    assert set(taken) <= {row.message_id for row in office.dispatches()}
    return doubtful


# --- kill -9 ---


@pytest.mark.parametrize("keeps_sent", [True, False], ids=["sent copies", "no sent copies"])
def test_killed_in_mid_send(mail: MailProcess, tmp_path: Path, keeps_sent: bool) -> None:
    chance = random.Random(SEED + keeps_sent)
    with office_at_work(tmp_path / "office", mail, units=UNITS, keeps_sent=keeps_sent) as office:
        kills = 0
        while (gone := len(mail.log())) < UNITS * 3 // 4:
            daemon = office.start()
            goal = gone + chance.randint(UNITS // 12, UNITS // 4)
            _wait_for_mails(office, goal)
            daemon.kill()
            kills += 1
        daemon = office.start()
        wait_until(lambda: _is_drained(office), what=daemon.said())
        if keeps_sent:
            has_doubts = (DispatchState.IN_DOUBT,)
            known = {each.message_id for each in mail.log()}
            wait_until(
                lambda: not [e for e in office.ledger.dispatches(states=has_doubts) if e.message_id in known]
            )
        assert daemon.stop()[0] == 0
        assert len(office.dispatches(DispatchKind.NOTICE)) == UNITS
        assert _check_nothing_lost_or_doubled(office, DispatchKind.NOTICE) <= kills


def test_killed_in_mid_intake(mail: MailProcess, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    with office_at_work(tmp_path / "office", mail, units=UNITS) as office:
        _send_everything(office)
        replies = [office.reply(address, number) for number, address in enumerate(office.addresses)]
        twice = set(chance.sample(range(UNITS), 12))
        for first in range(0, UNITS, 12):
            daemon = office.start()
            for number in range(first, first + 12):
                mail.deliver(OFFICE, replies[number])
                if number in twice:
                    mail.deliver(OFFICE, replies[number], folder="Junk")
            wait_until(_somewhere_in_the_work(office, chance), what=daemon.said())
            daemon.kill()
        daemon = office.start()
        wait_until(lambda: office.ledger.count_letters(stage=Stage.ACKNOWLEDGED) == UNITS, what=daemon.said())
        wait_until(lambda: _is_drained(office), what=daemon.said())
        assert daemon.stop()[0] == 0
        _check_letters(office, replies, len(twice))
        _check_nothing_lost_or_doubled(office, DispatchKind.NOTICE, DispatchKind.RECEIPT)


def _somewhere_in_the_work(office: OfficeAtWork, chance: random.Random) -> Callable[[], bool]:
    """A moment of intake: so many letters kept, or filed, or answered, beyond what there is now."""
    counts: tuple[Callable[[], int], ...] = (
        office.ledger.count_letters,
        lambda: len(office.ledger.filings(CAMPAIGN)),
        lambda: len(office.mail.log()),
    )
    count = chance.choice(counts)
    goal = count() + chance.randint(1, 9)
    # What a round before left undone may overshoot: then any moment will do.
    return lambda: count() >= goal or office.ledger.count_letters(stage=Stage.ACKNOWLEDGED) == UNITS


def _check_letters(office: OfficeAtWork, replies: list[bytes], doubles: int) -> None:
    letters = office.ledger.letters()
    assert Counter(each.raw_sha256 for each in letters) == Counter(
        hashlib.sha256(each).hexdigest() for each in replies
    )
    # Filed once.
    filings = office.ledger.filings(CAMPAIGN)
    assert Counter(each.letter for each in filings) == Counter(each.id for each in letters)
    assert office.ledger.stumbles() == ()
    # Seen as often as it lay there, taken in once.
    assert _sightings(office) == len(replies) + doubles
    received = {dict(each.about)["identity"] for each in office.ledger.events(kind="received")}
    assert received == {each.identity for each in letters}
    # Counted in the units' own mailboxes: at most one receipt for a letter.
    answered = Counter(
        message_from_bytes(each.raw)["In-Reply-To"]
        for address in office.addresses
        for each in office.mail.mails(address)[1:]
    )
    assert max(answered.values()) == 1
    doubtful = office.ledger.dispatches(states=(DispatchState.IN_DOUBT,))
    assert len(answered) >= len(replies) - len(doubtful)


def _sightings(office: OfficeAtWork) -> int:
    with best_driver().connect(office.folder / "state" / "huizhi.sqlite3") as database:
        return int(database.execute("SELECT count(*) FROM sighting").fetchone()[0])


@pytest.mark.postgres
def test_the_database_crashes_in_mid_send(
    mail: MailProcess, tmp_path: Path, postgres_server: PostgresServer, postgres_ledger_url: str
) -> None:
    with office_at_work(tmp_path / "office", mail, units=UNITS, database=postgres_ledger_url) as office:
        daemon = office.start()
        for part in (3, 2):
            _wait_for_mails(office, UNITS // part)
            postgres_server.crash()
        wait_until(lambda: _is_drained(office), what=daemon.said())
        assert daemon.stop()[0] == 0
        # What was under way at the crash is found in the Sent folder, at the latest after a restart. Where
        # nothing was, it would be told to stop before it has learned to listen, hence ready.
        daemon = office.start(is_ready=True)
        has_doubts = (DispatchState.IN_DOUBT,)
        wait_until(lambda: not office.ledger.dispatches(states=has_doubts), what=daemon.said())
        assert daemon.stop()[0] == 0
        assert len(mail.log()) == UNITS
        assert _check_nothing_lost_or_doubled(office, DispatchKind.NOTICE) == 0


# --- SIGTERM ---


def test_told_to_stop_in_mid_send(mail: MailProcess, tmp_path: Path) -> None:
    with office_at_work(tmp_path / "office", mail, units=UNITS) as office:
        daemon = office.start()
        wait_until(lambda: len(mail.log()) >= UNITS // 4, what=daemon.said())
        status, seconds = daemon.stop()
        assert status == 0, daemon.said()
        assert seconds < STOP_SECONDS_MAX
        assert not office.pulse().is_alive
        states = Counter(each.state for each in office.dispatches(DispatchKind.NOTICE))
        # What was broken off before its content waits as what was not begun, and is due at once.
        assert set(states) <= {DispatchState.READY, DispatchState.RETRY, DispatchState.SENT}, states
        for each in office.dispatches(DispatchKind.NOTICE):
            if each.state is DispatchState.RETRY:
                assert "服务正在停止" in each.last_error and each.due_at <= datetime.now(UTC), each
        assert states[DispatchState.SENT] == len(mail.log()) < UNITS
        _send_everything(office)
        assert _check_nothing_lost_or_doubled(office, DispatchKind.NOTICE) == 0


def test_told_to_stop_while_the_server_is_silent(mail: MailProcess, tmp_path: Path) -> None:
    with _silent_after_data() as silent, office_at_work(tmp_path / "office", mail) as office:
        config = office.folder / "config" / "office.yaml"
        written = config.read_text(encoding="utf-8")
        config.write_text(
            written.replace(f"port: {mail.smtp_port},", f"port: {silent.port},"), encoding="utf-8"
        )
        daemon = office.start()
        wait_until(silent.has_letter.is_set, what=daemon.said())
        status, seconds = daemon.stop()
        assert status == 0, daemon.said()
        assert seconds < STOP_SECONDS_MAX
        states = Counter(each.state for each in office.dispatches())
        assert states == {DispatchState.IN_DOUBT: 1, DispatchState.READY: 3}
        config.write_text(written, encoding="utf-8")
        _send_everything(office)
        assert _check_nothing_lost_or_doubled(office) == 1


class _Silent:
    """An SMTP server that takes a letter and never says whether it did."""

    def __init__(self) -> None:
        self.has_letter = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self._lines: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self._socket.accept()
                self._lines.append(line)
                threading.Thread(target=self._talk, args=(line,), daemon=True).start()

    def _talk(self, line: socket.socket) -> None:
        answers = {
            "EHLO": b"250-silent\r\n250 AUTH PLAIN\r\n",
            "AUTH": b"235 ok\r\n",
            "DATA": b"354 go on\r\n",
        }
        with suppress(OSError), line.makefile("rb") as words:
            line.sendall(b"220 silent\r\n")
            for raw in words:
                verb = raw[:4].decode("ascii", "replace").upper().strip()
                line.sendall(answers.get(verb, b"250 ok\r\n"))
                if verb == "DATA":
                    break
            if any(raw == b".\r\n" for raw in words):
                self.has_letter.set()

    def close(self) -> None:
        for each in (self._socket, *self._lines):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


@contextmanager
def _silent_after_data() -> Iterator[_Silent]:
    server = _Silent()
    try:
        yield server
    finally:
        server.close()


def test_one_daemon_to_an_office(mail: MailProcess, tmp_path: Path) -> None:
    with office_at_work(tmp_path / "office", mail) as office:
        first = office.start(is_ready=True)
        second = office.command("run")
        assert second.returncode == 2
        assert f"另一个服务进程（进程号 {first.process.pid}）" in second.stderr
        assert "Traceback" not in second.stderr
        assert first.is_alive
        wait_until(lambda: _is_drained(office), what=first.said())
        assert first.stop()[0] == 0
        # The lock ends with the process; nobody has to remove a file.
        again = office.start(is_ready=True)
        assert again.stop()[0] == 0


def test_a_rehearsed_office_is_not_run(mail: MailProcess, tmp_path: Path) -> None:
    with office_at_work(tmp_path / "office", mail, is_released=False) as office:
        (office.folder / "state" / "clock.json").write_text('{"now": "2024-10-08T18:00:00+08:00"}')
        refused = office.command("run")
        assert refused.returncode == 2
        assert "演练" in refused.stderr


# --- one bad piece of work ---


def test_damaged_pieces_stop_nobody_else(mail: MailProcess, tmp_path: Path) -> None:
    with office_at_work(tmp_path / "office", mail, units=6) as office:
        spoilt = office.dispatches(DispatchKind.NOTICE)[0]
        _spoil(office.folder, spoilt.content_sha256)
        daemon = office.start()
        wait_until(lambda: len(mail.log()) == 5, what=daemon.said())
        assert office.ledger.dispatches(states=(DispatchState.HELD,))[0].id == spoilt.id
        assert daemon.stop()[0] == 0
        writers = [address for address in office.addresses if address != spoilt.rcpt]
        _take_in_and_spoil(office, office.reply(writers[0]))
        daemon = office.start()
        for number, address in enumerate(writers[1:], start=1):
            mail.deliver(OFFICE, office.reply(address))
            _wait_for_mails(office, 5 + number)
        wait_until(lambda: [each.tries for each in office.ledger.stumbles()] == [3], what=daemon.said())
        assert daemon.is_alive
        assert office.ledger.letters()[0].stage is Stage.RECEIVED
        desk = [json.loads(line) for line in office.command("desk", "--json").stdout.splitlines()]
        assert {"搁置", "待发草稿"} <= {each["kind"] for each in desk}
        assert daemon.stop()[0] == 0


def _take_in_and_spoil(office: OfficeAtWork, reply: bytes) -> None:
    office.mail.deliver(OFFICE, reply)
    with open_office(office.folder) as opened:
        opened.office.receive.read_box(Box("office", "INBOX"), opened.office.doors.clock.now())
    _spoil(office.folder, office.ledger.letters()[0].facts_sha256)


def _spoil(folder: Path, sha256: str) -> None:
    """As a bad sector does: the bytes under this name are others now."""
    (path,) = folder.rglob(sha256)
    path.chmod(0o640)
    path.write_bytes(b"\0" * 7)


# --- the server goes away ---


def test_the_mailbox_is_away_overnight(mail: MailProcess, tmp_path: Path) -> None:
    with office_at_work(tmp_path / "office", mail) as office:
        _send_everything(office)
        replies = [office.reply(address) for address in office.addresses]
        evening = office.start(is_ready=True)
        wait_until(lambda: office.pulse().is_alive, what=office.pulse().say)
        mail.deliver(OFFICE, replies[0])
        # Also written down as sent: a line that breaks in between leaves a doubt, which is another story.
        wait_until(lambda: len(mail.log()) == 5 and _is_drained(office), what=evening.said())
        mail.down(smtp=False)
        mail.deliver(OFFICE, replies[1])
        wait_until(lambda: "door-closed" in evening.said(), what=evening.said())
        assert evening.is_alive
        evening.kill()
        # Nine hours on, the server still away: whoever asks is told, and reminders would be held [law 5].
        tomorrow = (datetime.now(UTC) + timedelta(hours=9)).isoformat(timespec="seconds")
        morning = office.start("--now", tomorrow)
        wait_until(lambda: "信箱 office/INBOX 读不到" in office.pulse().say, what=morning.said())
        asked = office.command("health", "--json")
        assert asked.returncode == 1 and not json.loads(asked.stdout)["ok"]
        mail.up()
        mail.deliver(OFFICE, replies[2])
        wait_until(lambda: len(mail.log()) == 7 and _is_drained(office), what=morning.said())
        wait_until(lambda: office.pulse().is_alive, what=morning.said())
        # The line breaks once more while the daemon waits in IDLE; it comes back by itself.
        mail.hang_up()
        mail.deliver(OFFICE, replies[3])
        wait_until(lambda: len(mail.log()) == 8 and _is_drained(office), what=morning.said())
        assert morning.stop()[0] == 0
        assert _check_nothing_lost_or_doubled(office) == 0


def test_the_post_is_away(mail: MailProcess, tmp_path: Path) -> None:
    # An account with a pace, as every real one has.
    with office_at_work(tmp_path / "office", mail, units=24, smtp="pace_seconds: 0.02") as office:
        greylisted = office.addresses[-2]
        mail.refuse(greylisted, 451, "4.7.1 Greylisted, try again", times=1)
        mail.down(imap=False)
        daemon = office.start(is_ready=True)
        wait_until(lambda: office.ledger.dispatches(states=(DispatchState.RETRY,)), what=daemon.said())
        mail.up()
        wait_until(lambda: all(_is_postponed(each) for each in _waiting(office)), what=daemon.said())
        postponed = _waiting(office)
        assert greylisted in {each.rcpt for each in postponed}
        # A turn that was not taken is no try.
        assert {each.attempts for each in postponed} == {1}
        assert daemon.stop()[0] == 0
        later = (datetime.now(UTC) + timedelta(hours=1)).isoformat(timespec="seconds")
        daemon = office.start("--now", later)
        wait_until(lambda: _is_drained(office), what=daemon.said())
        assert daemon.stop()[0] == 0
        assert _check_nothing_lost_or_doubled(office) == 0


def _is_postponed(row: Dispatch) -> bool:
    return row.state is DispatchState.RETRY


def _waiting(office: OfficeAtWork) -> tuple[Dispatch, ...]:
    return office.ledger.dispatches(CAMPAIGN, states=UNDER_WAY)


def test_a_night_without_a_line_ends_no_notice(story: Story) -> None:
    story.world.is_post_down = True
    story.release()
    for _ in range(3 * story.office.policy.attempts_max):
        story.work()
        story.clock.set(max(each.due_at for each in story.ledger.dispatches()))
    story.work()
    assert {each.state for each in story.ledger.dispatches()} == {DispatchState.RETRY}
    story.world.is_post_down = False
    # Found again soon, not hours later: it is the account that rests ever longer, not the letter.
    story.clock.advance(timedelta(minutes=10))
    story.work()
    assert len(story.world.accepted) == 5
    assert {each.state for each in story.ledger.dispatches()} == {DispatchState.SENT}


def test_a_server_that_always_puts_off_is_given_up(story: Story) -> None:
    story.world.refusals[DONG_AT] = TryAgain(timedelta(minutes=15), "greylisted", 451)
    story.release()
    story.until("2024-08-26 09:00")
    (row,) = story.ledger.dispatches(rcpt=DONG_AT)
    assert row.state is DispatchState.DEAD
    assert row.attempts == story.office.policy.attempts_max


# --- threads that meet, without threads ---


class _Meddled:
    """A ledger on which somebody else moves a docket just after it was read, once."""

    def __init__(self, ledger: LedgerDoor, meddle: Callable[[], None]) -> None:
        self._ledger = ledger
        self._meddle: Callable[[], None] | None = meddle

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def dockets(self, *which: str) -> tuple[Docket, ...]:
        found = self._ledger.dockets(*which)
        if self._meddle is not None:
            meddle, self._meddle = self._meddle, None
            meddle()
        return found


def _put_into(story: Story, **stages: Any) -> None:
    story.clerk.office = story.office = replace(story.office, **stages)


def test_a_letter_that_was_taken_counts_as_sent_whoever_moves_its_docket(story: Story) -> None:
    story.release()

    def promise() -> None:
        (docket,) = story.ledger.dockets(CAMPAIGN, DONG, "summary")
        assert story.ledger.apply([PutDocket(replace(docket, promised_on=date(2024, 9, 20)))])

    meddled: Any = _Meddled(story.ledger, promise)
    _put_into(story, send=replace(story.office.send, ledger=meddled))
    story.work()
    assert {each.state for each in story.ledger.dispatches()} == {DispatchState.SENT}
    docket = story.docket(DONG, "summary")
    assert (docket.state, docket.promised_on) == (DocketState.AWAITED, date(2024, 9, 20))


class _Silenced:
    """A post office whose Sent folder cannot be read, and that counts how often it was asked."""

    def __init__(self, post: Any) -> None:
        self._post, self.asked = post, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._post, name)

    def is_in_sent(self, account: str, message_id: str) -> bool | None:
        self.asked += 1
        return None


def test_a_silent_server_is_asked_once_for_all_doubts(story: Story) -> None:
    for rcpt in (DONG_AT, NAN_AT):
        story.world.refusals[rcpt] = InDoubt("connection lost after DATA")
    story.release()
    story.work()
    silenced: Any = _Silenced(story.office.send.post)
    send = replace(story.office.send, post=silenced)
    send.settle_doubts(story.now)
    assert silenced.asked == 1
    assert len(story.ledger.dispatches(states=(DispatchState.IN_DOUBT,))) == 2


class _Broken:
    """A stage that cannot even say what is waiting."""

    name = "acknowledge"

    def waiting(self, now: datetime) -> Sequence[str]:
        raise ZeroDivisionError

    def handle(self, piece: str, now: datetime) -> bool:
        raise ZeroDivisionError


def test_a_broken_stage_is_seen_and_stops_no_other(released: Story) -> None:
    sound = released.office.acknowledge
    _put_into(released, acknowledge=_Broken())
    released.reply(DONG_AT, "总结见附件。", [("活动总结.docx", summary_docx(GOOD_SUMMARY))])
    released.work()
    assert released.docket(DONG, "summary").state is DocketState.RETURNED
    (stumble,) = released.ledger.stumbles()
    assert stumble.stage == "acknowledge" and "ZeroDivisionError" in stumble.error
    _put_into(released, acknowledge=sound)
    released.work()
    assert released.ledger.stumbles() == ()
    assert len(released.mails(DONG_AT)) == 2


def test_an_endless_piece_rests_but_is_never_set_aside_for_good(released: Story) -> None:
    for _ in range(TRIES_MAX):
        released.ledger.apply([Stumble("receive", "office/INBOX", released.now, "ValueError")])
    released.reply(DONG_AT, "总结见附件。", [("活动总结.docx", summary_docx(GOOD_SUMMARY))])
    released.work()
    assert released.letters() == ()
    released.clock.advance(REST)
    released.work()
    assert len(released.letters()) == 1
    assert released.ledger.stumbles() == ()


def test_a_long_tick_shows_life_between_its_pieces(released: Story) -> None:
    for address in (DONG_AT, NAN_AT):
        released.reply(address, "总结见附件。", [("活动总结.docx", summary_docx(GOOD_SUMMARY))])
    beats: list[int] = []
    released.clerk.tick(released.now, between=lambda: beats.append(len(released.letters())))
    # At least once for each of two letters at each of five stages.
    assert len(beats) > 10


# --- how soon ---


def test_receipts_come_at_once_by_idle(mail: MailProcess, tmp_path: Path) -> None:
    with office_at_work(tmp_path / "office", mail, units=30) as office:
        _send_everything(office)
        daemon = office.start(is_ready=True)
        seconds = [_seconds_to_receipt(office, address) for address in office.addresses]
        assert statistics.median(seconds) < RECEIPT_SECONDS_MAX, sorted(seconds)
        status, stopped_in = daemon.stop()
        assert status == 0 and stopped_in < STOP_SECONDS_MAX


def _seconds_to_receipt(office: OfficeAtWork, address: str) -> float:
    reply = office.reply(address)
    office.mail.deliver(OFFICE, reply)
    return wait_until(lambda: len(office.mail.mails(address)) == 2)


def test_polling_serves_where_the_server_has_no_idle(tmp_path: Path) -> None:
    with (
        MailProcess(has_idle=False) as mail,
        office_at_work(tmp_path / "office", mail, imap="poll_seconds: 1, ") as office,
    ):
        _send_everything(office)
        daemon = office.start(is_ready=True)
        for address in office.addresses:
            assert _seconds_to_receipt(office, address) < 1 + 5 * RECEIPT_SECONDS_MAX
        assert daemon.stop()[0] == 0
