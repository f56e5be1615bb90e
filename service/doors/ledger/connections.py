"""连接 — how the ledger's database is opened, and how its failures are sorted into sentences for staff."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, func, make_url, select

from service.doors.ledger.columns import Instant
from service.doors.ledger.head import HEAD
from service.doors.ledger.journal import SESSION_WORD, sqlite_triggers
from service.office.outcome import DoorError

# SQLite 3.7.0 to 3.51.2 can corrupt a WAL that two connections reset at once; TRUNCATE is slower and safe.
WAL_IS_SAFE_FROM = (3, 51, 3)
# Longer than the longest wait measured with four writers (5.1 s).
BUSY_SECONDS_MAX = 30
READERS_MAX = 8
DATABASE_NAME = "ledger.db"


def best_driver() -> ModuleType:
    """The wheel that brings its own SQLite where it is installed, else the interpreter's module."""
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        return sqlite3
    bundled: ModuleType = dbapi2
    return bundled


def journal_for(version: tuple[int, ...]) -> str:
    """The journal mode that is safe with this version of SQLite."""
    return "WAL" if version >= WAL_IS_SAFE_FROM else "TRUNCATE"


class Connections:
    """A database: many readers, and writers one at a time on SQLite. Thread-safe."""

    def __init__(self, reader: Engine, writer: Engine, place: str) -> None:
        self._reader = reader
        self._writer = writer
        self._place = place
        # Between processes BEGIN IMMEDIATE and the busy timeout do the same, but starve each other sooner.
        self._turn: AbstractContextManager[Any] = (
            threading.Lock() if writer.dialect.name == "sqlite" else nullcontext()
        )

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees what is committed; raises DoorError."""
        with _sorted_failures(self._place), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: committed at the end, rolled back by any exception; raises DoorError."""
        with _sorted_failures(self._place), self._turn, self._writer.begin() as connection:
            yield connection

    def empty_log(self) -> None:
        """Write SQLite's log back and cut it to nothing, for what was purged must not stay there [law 10].

        Waits for readers; one that reads on beyond the busy time leaves the log to a later checkpoint.
        """
        if self._writer.dialect.name == "sqlite":
            # Past the pool's transaction, within which no checkpoint is possible.
            with _sorted_failures(self._place), self._turn, closing(self._writer.raw_connection()) as raw:
                raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def renew(self) -> None:
        """Write through fresh connections from now on, as after the tables have changed."""
        self._writer.dispose()

    def close(self) -> None:
        """Give every connection back."""
        self._reader.dispose()
        if self._writer is not self._reader:
            self._writer.dispose()


def connect(url: str, state: Path, owner: str, *, is_silent: bool = False) -> Connections:
    """Open what `url` names. Empty or `sqlite:` means a file in the state folder; raises DoorError.

    A silent one writes no journal: for a ledger that is being rebuilt from one.
    """
    if not url or url in {"sqlite:", "sqlite://"}:
        return sqlite_file(state / DATABASE_NAME, is_silent=is_silent)
    try:
        named = make_url(url)
    except exc.ArgumentError as error:
        raise DoorError(
            "数据库地址写得不对：应为 sqlite:///文件 或 postgresql://用户@主机/库名。", again=False
        ) from error
    match named.get_backend_name():
        case "sqlite" if named.database and named.database != ":memory:":
            return sqlite_file(state / named.database, is_silent=is_silent)
        case "postgresql" | "postgres":
            return postgres(named, owner, is_silent=is_silent)
        case other:
            raise DoorError(
                f"不支持的数据库“{other}”：请用 sqlite:///文件 或 postgresql://用户@主机/库名。", again=False
            )


def sqlite_file(
    path: Path,
    driver: ModuleType | None = None,
    busy_seconds: float = BUSY_SECONDS_MAX,
    *,
    is_silent: bool = False,
) -> Connections:
    """One file on a local disk: exactly one writer connection, a few readers beside it."""
    module = driver or best_driver()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DoorError(
            f"无法建立数据文件夹 {path.parent}：{error.strerror}。请检查权限。", again=False
        ) from error
    journal = journal_for(module.sqlite_version_info)
    busy = int(busy_seconds * 1000)
    writer = _sqlite_engine(path, module, (journal, busy), begin="BEGIN IMMEDIATE", connections=1)
    reader = _sqlite_engine(path, module, (journal, busy), begin="BEGIN", connections=READERS_MAX)
    if not is_silent:
        event.listen(writer, "connect", _journal_rows)
    return Connections(reader, writer, str(path))


def _sqlite_engine(
    path: Path, module: ModuleType, manners: tuple[str, int], *, begin: str, connections: int
) -> Engine:
    journal, busy_milliseconds = manners
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(path)),
        module=module,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=BUSY_SECONDS_MAX,
        connect_args={"check_same_thread": False, "timeout": busy_milliseconds / 1000},
    )

    @event.listens_for(engine, "connect")
    def prepare(driver_connection: Any, _record: object) -> None:
        # The driver's own transactions begin too late for BEGIN IMMEDIATE.
        driver_connection.isolation_level = None
        cursor = driver_connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={busy_milliseconds}")
        cursor.execute("PRAGMA journal_mode")
        # Setting it asks for a lock nobody waits for, so it is set only where it is not yet so.
        if str(cursor.fetchone()[0]).upper() != journal:
            cursor.execute(f"PRAGMA journal_mode={journal}")
        # NORMAL may lose the last commits at a power cut, and a lost `sent` is a letter sent twice.
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        # What two people purged must not stay readable in the pages it stood on [law 10].
        cursor.execute("PRAGMA secure_delete=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _journal_rows(driver_connection: Any, _record: object) -> None:
    """Every row that this connection writes is journalled, once the tables are those of this program."""
    cursor = driver_connection.cursor()
    cursor.execute("SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'")
    if cursor.fetchone()[0]:
        cursor.execute("SELECT version_num FROM alembic_version")
        if (cursor.fetchone() or ("",))[0] == HEAD:
            for statement in sqlite_triggers():
                cursor.execute(statement)
    cursor.close()


def postgres(url: URL, owner: str, *, is_silent: bool = False) -> Connections:
    """A PostgreSQL database, through psycopg; sessions speak UTC and wait for the disk."""
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=READERS_MAX,
        pool_timeout=BUSY_SECONDS_MAX,
        pool_pre_ping=True,
        connect_args={
            "application_name": f"huizhi {owner}"[:63],
            "connect_timeout": 10,
            # A commit that is not on the disk may be lost, and with it that a letter was sent.
            "options": "-c timezone=UTC -c lock_timeout=30s -c synchronous_commit=on"
            + ("" if is_silent else f" -c {SESSION_WORD[0]}={SESSION_WORD[1]}"),
        },
    )
    return Connections(engine, engine, f"{url.host or ''}/{url.database}")


def machine_now(connection: Connection) -> datetime:
    """Machine time, on which leases run: on PostgreSQL, where machines may differ, its own clock."""
    if connection.dialect.name == "postgresql":
        now: datetime = connection.scalars(select(func.clock_timestamp(type_=Instant()))).one()
        return now
    return datetime.now(UTC)


@contextmanager
def _sorted_failures(place: str) -> Iterator[None]:
    try:
        yield
    except exc.IntegrityError as error:
        raise DoorError(
            f"数据库 {place} 拒绝了一项不合规则的写入（{_first_line(error)}）。", again=False
        ) from error
    except (exc.OperationalError, exc.InterfaceError, exc.TimeoutError) as error:
        raise DoorError(_trouble(place, _first_line(error)), again=True) from error
    except exc.DBAPIError as error:
        # What a server says while it goes down is not always an OperationalError.
        again = error.connection_invalidated
        raise DoorError(_trouble(place, _first_line(error)), again=again) from error


def _trouble(place: str, said: str) -> str:
    lowered = said.lower()
    if "locked" in lowered or "busy" in lowered:
        return f"数据库 {place} 正被另一个进程占用，稍后再试。"
    if "disk is full" in lowered or "no space" in lowered:
        return f"数据库 {place} 所在的磁盘已满：请腾出空间。"
    if "readonly" in lowered or "unable to open" in lowered:
        return f"无法读写数据库 {place}：请检查该文件和所在文件夹的权限。"
    if "malformed" in lowered or "not a database" in lowered:
        return f"数据库 {place} 已损坏（{said}）：请停止服务，从备份恢复。"
    return f"数据库 {place} 暂时无法使用（{said}）。"


def _first_line(error: exc.SQLAlchemyError) -> str:
    cause = getattr(error, "orig", None) or error
    return next(iter(str(cause).strip().splitlines()), type(cause).__name__)
