"""台账库 — processes killed in mid-run: nothing lost, nothing twice, the doubtful visible."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from service.doors.ledger import Leases, LedgerDoor, open_ledger
from service.office.change import BeginSending, FinishSending, PutDocket, Record
from service.office.dispatch import DispatchState
from tests.doors.ledger_samples import ACCOUNT, CAMPAIGN, NOW, opening, sha
from tests.doors.ledger_worker import LETTERS
from tests.postgres import PostgresServer

ROOT = Path(__file__).parents[2]
S = DispatchState


@contextmanager
def working(work: str, url: str, folder: Path, owner: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "tests.doors.ledger_worker", work, url, str(folder), owner],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        yield process
    finally:
        kill(process)


def tell(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdin
    process.stdin.write(f"{word}\n")
    process.stdin.flush()


def steps(process: subprocess.Popen[str], count: int) -> list[str]:
    """Let it do so many steps, and wait."""
    tell(process, str(count))
    assert process.stdout
    lines = [process.stdout.readline().strip() for _ in range(count)]
    assert all(lines), "the worker ended too early"
    return lines


def to_the_end(process: subprocess.Popen[str]) -> str:
    """Let it run until it ends by itself; what it said."""
    tell(process, "on")
    return process.communicate()[0]


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        assert pipe
        with suppress(BrokenPipeError):
            pipe.close()


def taken_by_server(folder: Path) -> Counter[str]:
    return Counter(line.split()[0] for line in (folder / "server.log").read_text().splitlines())


def test_a_sender_killed_in_mid_run_sends_nothing_twice(ledger_url: str, tmp_path: Path) -> None:
    with open_ledger(ledger_url, tmp_path, owner="tests") as ledger:
        assert ledger.apply([opening(150)])
        with ExitStack() as stack:
            workers = [
                stack.enter_context(working("send", ledger_url, tmp_path, f"worker {number}"))
                for number in range(3)
            ]
            for worker in workers:
                steps(worker, 7)
            for worker in workers:
                tell(worker, "on")
            assert workers[0].stdout and workers[0].stdout.readline()
            kill(workers[0])
            for worker in workers[1:]:
                assert "False" not in worker.communicate()[0]
                assert worker.returncode == 0
        left = {state: ledger.dispatches(states=[state]) for state in S}
        assert len(left[S.LEASED]) + len(left[S.SENDING]) <= 5
        assert left[S.READY] == left[S.IN_DOUBT] == ()
        # The restarted worker: what it had not begun is sent now, what it had begun is for a person.
        doubtful = ledger.recover("worker 0")
        assert len(doubtful) == len(left[S.SENDING]) <= 1
        with working("send", ledger_url, tmp_path, "worker 0") as again:
            to_the_end(again)
        sent = {row.message_id for row in ledger.dispatches(states=[S.SENT])}
        doubted = {row.message_id for row in ledger.dispatches(states=[S.IN_DOUBT])}
        taken = taken_by_server(tmp_path)
        assert max(taken.values()) == 1
        assert sent <= set(taken) <= sent | doubted
        assert len(sent | doubted) == 150


def test_a_watcher_killed_again_and_again_loses_and_doubles_nothing(ledger_url: str, tmp_path: Path) -> None:
    with open_ledger(ledger_url, tmp_path, owner="tests") as ledger:
        for count in (7, 13, 25):
            with working("watch", ledger_url, tmp_path, "watcher") as watcher:
                steps(watcher, count)
                tell(watcher, "on")
        with working("watch", ledger_url, tmp_path, "watcher") as watcher:
            to_the_end(watcher)
            assert watcher.returncode == 0
        expected = {sha(f"identity {uid - 1 if uid % 3 == 0 else uid}") for uid in range(1, LETTERS + 1)}
        assert {letter.identity for letter in ledger.letters()} == expected
        received = Counter(event.about for event in ledger.events(kind="received"))
        assert set(received.values()) == {1}
        assert len(received) == len(expected)
        (cursor,) = ledger.cursors()
        assert cursor.last_uid == LETTERS


def test_two_watchers_of_one_box_never_both_commit(ledger_url: str, tmp_path: Path) -> None:
    """A holder that was stopped for longer than its lease wakes up to find that it may no longer write."""
    hasty = Leases(mailbox=timedelta(seconds=-1))
    with open_ledger(ledger_url, tmp_path, owner="tests", leases=hasty) as ledger:
        assert ledger.hold_mailbox(ACCOUNT, "INBOX", "stopped")
        with working("watch", ledger_url, tmp_path, "watcher") as watcher:
            steps(watcher, 13)
            # The box is the watcher's now, for its whole lease.
            assert ledger.hold_mailbox(ACCOUNT, "INBOX", "stopped") is None
            # Its lease runs out while it sleeps, and somebody else takes the box.
            with ledger._connections.write() as connection:
                connection.exec_driver_sql("UPDATE mailbox SET lease_until = NULL")
            taken_over = ledger.hold_mailbox(ACCOUNT, "INBOX", "successor")
            assert taken_over and (taken_over.epoch, taken_over.last_uid) == (3, 10)
            assert steps(watcher, 1) == ["fenced"]
        assert ledger.count_letters() == len({uid - 1 if uid % 3 == 0 else uid for uid in range(1, 14)})


def test_a_transaction_cut_in_the_middle_leaves_nothing(ledger_url: str, tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from service.doors.ledger import open_ledger\n"
        "from service.doors.ledger.changes import Leases, carry_out\n"
        "from tests.doors.ledger_samples import opening\n"
        "ledger = open_ledger(sys.argv[1], Path(sys.argv[2]), owner='cut')\n"
        "with ledger._connections.write() as connection:\n"
        "    assert carry_out(connection, opening(20), Leases())\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, ledger_url, str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == -9
    with open_ledger(ledger_url, tmp_path, owner="tests") as ledger:
        assert ledger.campaigns() == ()
        assert ledger.apply([opening(20)])


def test_a_command_writes_beside_a_busy_daemon(ledger_url: str, tmp_path: Path) -> None:
    with open_ledger(ledger_url, tmp_path, owner="command") as ledger:
        assert ledger.apply([opening(60)])
        with working("send", ledger_url, tmp_path, "daemon") as daemon:
            steps(daemon, 2)
            tell(daemon, "on")
            for number in range(1, 21):
                docket = ledger.docket(CAMPAIGN, f"第{number}单位", "summary")
                assert docket
                assert ledger.apply([PutDocket(docket), Record("recorded", NOW, "李四", CAMPAIGN)])
            assert "False" not in daemon.communicate()[0]
        assert len(ledger.events(kind="recorded")) == 20
        assert len(ledger.dispatches(states=[S.SENT])) == 60


@pytest.mark.postgres
def test_a_database_stopped_in_mid_run_doubles_nothing(
    postgres_ledger_url: str, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    with open_ledger(postgres_ledger_url, tmp_path, owner="tests") as ledger:
        assert ledger.apply([opening(400)])
        with working("send", postgres_ledger_url, tmp_path, "worker") as worker:
            steps(worker, 22)
            tell(worker, "on")
            postgres_server.crash()
            said = worker.communicate()[0]
            # A worker is told in words, and may try again.
            assert worker.returncode != 0 and "door: 数据库" in said
        ledger.recover("worker")
        with working("send", postgres_ledger_url, tmp_path, "worker") as again:
            to_the_end(again)
        taken = taken_by_server(tmp_path)
        sent = {row.message_id for row in ledger.dispatches(states=[S.SENT])}
        doubted = {row.message_id for row in ledger.dispatches(states=[S.IN_DOUBT])}
        assert max(taken.values()) == 1
        assert sent <= set(taken) <= sent | doubted
        assert len(sent | doubted) == 400


def test_a_late_answer_of_a_killed_and_restarted_sender_is_heard(ledger: LedgerDoor) -> None:
    assert ledger.apply([opening(1)])
    (row,) = ledger.claim("worker", NOW, 1)
    assert ledger.apply([BeginSending(row.id, "worker", row.attempt_token, sha("mime"))])
    assert len(ledger.recover("worker")) == 1
    assert ledger.apply(
        [FinishSending(row.id, "worker", row.attempt_token, S.SENDING, S.SENT, NOW, code=250)]
    )
