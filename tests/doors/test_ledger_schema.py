"""台账库 — how it is opened: its tables, versions, journal and lock, and what staff read when it fails."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, MetaData, Table, exc, inspect, select, text

from service.doors.ledger import LedgerDoor, hold_state, open_ledger
from service.doors.ledger.columns import Instant, Words, storable
from service.doors.ledger.connections import Connections, best_driver, connect, journal_for, sqlite_file
from service.doors.ledger.head import HEAD
from service.doors.ledger.schema import MIGRATIONS, bring_up_to_date
from service.doors.ledger.tables import metadata
from service.office.needs.ledger import Ledger
from service.office.outcome import DoorError
from tests.doors.ledger_samples import CAMPAIGN, NOW, opening
from tests.postgres import PostgresServer

ROOT = Path(__file__).parents[2]


@pytest.fixture
def database(ledger_url: str, tmp_path: Path) -> Connections:
    return connect(ledger_url, tmp_path, "tests")


def checks_of(connection: Connection) -> dict[str, str]:
    inspector = inspect(connection)
    return {
        str(check["name"]): "".join(check["sqltext"].split())
        for table in inspector.get_table_names()
        for check in inspector.get_check_constraints(table)
    }


def test_the_door_is_what_the_office_needs(ledger: LedgerDoor) -> None:
    needed: Ledger = ledger
    assert needed.campaigns() == ()


def test_migrations_make_the_tables_of_the_program(database: Connections) -> None:
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    database.close()


def test_migrations_make_the_checks_and_partial_indexes_too(tmp_path: Path) -> None:
    made, migrated = sqlite_file(tmp_path / "made.db"), sqlite_file(tmp_path / "migrated.db")
    with made.write() as connection:
        metadata.create_all(connection)
        expected = checks_of(connection)
        partial = _partial_indexes(connection)
    bring_up_to_date(migrated)
    with migrated.read() as connection:
        assert checks_of(connection) == expected
        assert _partial_indexes(connection) == partial
    assert len(expected) > 10
    assert len(partial) == 3
    made.close()
    migrated.close()


def _partial_indexes(connection: Connection) -> set[str]:
    rows = connection.execute(
        text("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '%WHERE%'")
    )
    return {" ".join(row.sql.replace('"', "").split()) for row in rows}


def test_the_known_head_is_the_newest_revision() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [HEAD]


def test_opening_again_changes_nothing(ledger_url: str, tmp_path: Path) -> None:
    with open_ledger(ledger_url, tmp_path, owner="first") as ledger:
        assert ledger.apply([opening(2)])
    with open_ledger(ledger_url, tmp_path, owner="second") as ledger:
        assert [row.key for row in ledger.campaigns()] == [CAMPAIGN]


def test_a_database_of_a_newer_program_is_refused(ledger_url: str, tmp_path: Path) -> None:
    database = connect(ledger_url, tmp_path, "tests")
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(DoorError, match=r"9999.*比本程序新") as refused:
        open_ledger(ledger_url, tmp_path, owner="tests")
    assert not refused.value.again


def test_a_folder_with_a_percent_sign_is_no_trouble(tmp_path: Path) -> None:
    with open_ledger("", tmp_path / "100%完成", owner="tests") as ledger:
        assert ledger.campaigns() == ()
    assert (tmp_path / "100%完成" / "ledger.db").is_file()


def test_a_daemon_needs_no_alembic_once_the_tables_are_there(sqlite_ledger_url: str, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from service.doors.ledger import open_ledger;"
        "open_ledger(sys.argv[1], Path(sys.argv[2]), owner='x').campaigns();"
        "print('alembic' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, sqlite_ledger_url, str(tmp_path)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
    )
    assert done.stdout.strip() == "False"


# --- instants and words -------------------------------------------------------------------------------------

sample = Table("sample", MetaData(), Column("at", Instant), Column("words", Words))


@pytest.mark.parametrize(
    "instant",
    [
        datetime(2024, 9, 28, 23, 59, 59, tzinfo=timezone(timedelta(hours=8))),
        datetime(2024, 9, 28, 15, 59, 59, 999999, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=timezone(-timedelta(hours=11, minutes=30))),
    ],
)
def test_an_instant_keeps_its_moment_and_comes_back_aware(database: Connections, instant: datetime) -> None:
    with database.write() as connection:
        sample.create(connection)
        connection.execute(sample.insert().values(at=instant))
    with database.read() as connection:
        back = connection.scalars(select(sample.c.at).where(sample.c.at == instant)).one()
    assert back == instant
    assert back.utcoffset() == timedelta(0)
    database.close()


def test_instants_of_different_offsets_sort_by_moment(database: Connections) -> None:
    late = datetime(2024, 9, 28, 12, 0, tzinfo=UTC)
    early = datetime(2024, 9, 28, 19, 0, tzinfo=timezone(timedelta(hours=8)))
    with database.write() as connection:
        sample.create(connection)
        connection.execute(sample.insert(), [{"at": late}, {"at": early}])
    with database.read() as connection:
        assert list(connection.scalars(select(sample.c.at).order_by(sample.c.at))) == [early, late]
    database.close()


def test_an_instant_without_offset_is_refused(database: Connections) -> None:
    with pytest.raises(exc.StatementError, match="needs its offset"), database.write() as connection:
        sample.create(connection)
        connection.execute(sample.insert().values(at=datetime(2024, 9, 28)))
    database.close()


def test_words_no_database_can_hold_are_mended(database: Connections) -> None:
    with database.write() as connection:
        sample.create(connection)
        connection.execute(sample.insert().values(words="报\x00送\udcff表"))
    with database.read() as connection:
        assert connection.scalars(select(sample.c.words)).one() == "报\ufffd送\ufffd表"
    assert storable("𠮷野 ok") == "𠮷野 ok"
    database.close()


# --- SQLite -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "journal"),
    [((3, 40, 1), "TRUNCATE"), ((3, 51, 2), "TRUNCATE"), ((3, 51, 3), "WAL"), ((3, 53, 4), "WAL")],
)
def test_an_unsafe_sqlite_gets_the_safe_journal(version: tuple[int, ...], journal: str) -> None:
    assert journal_for(version) == journal


def test_every_connection_waits_for_the_disk_and_checks_references(tmp_path: Path) -> None:
    database = sqlite_file(tmp_path / "ledger.db")
    expected = journal_for(best_driver().sqlite_version_info).lower()
    for connect_ in (database.read, database.write):
        with connect_() as connection:
            told = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            }
        assert told == {"journal_mode": expected, "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30000}
    database.close()


def test_the_interpreters_own_sqlite_serves_too(tmp_path: Path) -> None:
    database = sqlite_file(tmp_path / "ledger.db", sqlite3)
    bring_up_to_date(database)
    with LedgerDoor(database) as ledger:
        assert ledger.apply([opening(2)])
        assert len(ledger.claim("me", NOW, 10)) == 2
    journal = journal_for(sqlite3.sqlite_version_info)
    assert (tmp_path / "ledger.db-journal").exists() == (journal == "TRUNCATE")


def test_a_relative_sqlite_file_lies_in_the_state_folder(tmp_path: Path) -> None:
    open_ledger("sqlite:///office.db", tmp_path / "state", owner="tests").close()
    assert (tmp_path / "state" / "office.db").is_file()


@pytest.mark.parametrize(
    "url", ["mysql://localhost/x", "sqlite:///:memory:", "not a url", "http://x.example/"]
)
def test_another_database_is_refused_with_the_remedy(url: str, tmp_path: Path) -> None:
    with pytest.raises(DoorError, match="postgresql://"):
        open_ledger(url, tmp_path, owner="tests")


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_bytes(b"this is a letter, not a database\n" * 200)
    with pytest.raises(DoorError, match=r"ledger\.db 已损坏.*从备份恢复") as broken:
        open_ledger("", tmp_path, owner="tests")
    assert not broken.value.again


def test_a_state_folder_that_cannot_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(DoorError, match="无法建立数据文件夹"):
        open_ledger("", tmp_path / "state" / "deeper", owner="tests")


def test_a_database_busy_elsewhere_is_worth_another_try(tmp_path: Path) -> None:
    database = sqlite_file(tmp_path / "ledger.db", busy_seconds=0.05)
    bring_up_to_date(database)
    # The same SQLite: two of them in one process would not see each other's locks.
    other = best_driver().connect(tmp_path / "ledger.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with database.read() as connection:
        # Reading goes on beside a writer.
        assert connection.exec_driver_sql("SELECT count(*) FROM event").scalar() == 0
    with pytest.raises(DoorError, match="被另一个进程占用") as busy, database.write() as connection:
        connection.exec_driver_sql("SELECT 1")
    assert busy.value.again
    other.close()
    database.close()


def test_a_rolled_back_block_leaves_nothing(database: Connections) -> None:
    with pytest.raises(KeyError), database.write() as connection:
        sample.create(connection)
        raise KeyError
    with database.read() as connection:
        assert not inspect(connection).has_table("sample")
    database.close()


# --- PostgreSQL ---------------------------------------------------------------------------------------------


@pytest.mark.postgres
def test_a_server_that_went_down_is_worth_another_try(
    postgres_ledger_url: str, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    with open_ledger(postgres_ledger_url, tmp_path, owner="tests") as ledger:
        assert ledger.apply([opening(2)])
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'huizhi%'"
        with (
            pytest.raises(DoorError, match="暂时无法使用") as lost,
            ledger._connections.write() as connection,
        ):
            postgres_server.sql(ended)
            connection.execute(text("SELECT 1"))
        assert lost.value.again
        assert len(ledger.dockets(CAMPAIGN)) == 4


@pytest.mark.postgres
def test_a_server_that_is_not_there_is_worth_another_try(tmp_path: Path) -> None:
    with pytest.raises(DoorError, match="暂时无法使用") as absent:
        open_ledger(f"postgresql://nobody@/nothing?host={tmp_path}", tmp_path, owner="tests")
    assert absent.value.again


@pytest.mark.postgres
def test_a_crash_of_the_server_keeps_what_was_committed(
    postgres_ledger_url: str, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    with open_ledger(postgres_ledger_url, tmp_path, owner="tests") as ledger:
        assert ledger.apply([opening(2)])
        claimed = ledger.claim("me", NOW, 1)
        postgres_server.crash()
        assert ledger.dispatch(claimed[0].id) == claimed[0]


# --- the lock -----------------------------------------------------------------------------------------------


def test_a_second_daemon_is_refused_and_told_who_holds_it(tmp_path: Path) -> None:
    with hold_state(tmp_path / "state"):
        with pytest.raises(DoorError, match=f"进程号 {os.getpid()}"), hold_state(tmp_path / "state"):
            pytest.fail("two daemons hold one office")
        # Commands work beside the daemon.
        open_ledger("", tmp_path / "state", owner="status").close()
    with hold_state(tmp_path / "state"):
        pass


def test_the_lock_ends_with_the_process_however_it_ends(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from service.doors.ledger.lock import hold_state\n"
        "with hold_state(Path(sys.argv[1])):\n    print('held', flush=True); sys.stdin.read()"
    )
    daemon = subprocess.Popen(
        [sys.executable, "-P", "-c", code, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert daemon.stdout and daemon.stdout.readline() == b"held\n"
    with pytest.raises(DoorError, match=f"进程号 {daemon.pid}"), hold_state(tmp_path):
        pytest.fail("two daemons hold one office")
    daemon.kill()
    daemon.communicate()
    with hold_state(tmp_path), (tmp_path / "daemon.lock").open() as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
