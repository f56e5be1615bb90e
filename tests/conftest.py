"""What any test may ask for: a fresh ledger, on SQLite and on a private PostgreSQL; it is never faked."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from service.doors.ledger import LedgerDoor, open_ledger
from tests.postgres import NoPostgres, PostgresServer, start_postgres

_numbers = count(1)


@pytest.fixture(scope="session")
def empty_ledger_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite ledger with its tables and nothing in them, to be copied."""
    folder = tmp_path_factory.mktemp("empty-ledger")
    open_ledger("", folder, owner="tests").close()
    return folder / "ledger.db"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A running PostgreSQL, or a skip with the reason."""
    try:
        server = start_postgres()
    except NoPostgres as reason:
        pytest.skip(str(reason))
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def empty_ledger_database(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the ledger's tables and nothing in them, to be copied."""
    postgres_server.sql("CREATE DATABASE empty_ledger")
    folder = tmp_path_factory.mktemp("empty-ledger-database")
    open_ledger(postgres_server.url("empty_ledger"), folder, owner="tests").close()
    return "empty_ledger"


@pytest.fixture
def sqlite_ledger_url(empty_ledger_file: Path, tmp_path: Path) -> str:
    """A ledger of its own for this test, on SQLite."""
    path = tmp_path / "ledger" / "ledger.db"
    path.parent.mkdir()
    shutil.copy(empty_ledger_file, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def clean_databases() -> list[str]:
    """Databases that a test has given back: making one anew costs files, emptying one does not."""
    return []


@pytest.fixture
def postgres_ledger_url(
    postgres_server: PostgresServer, empty_ledger_database: str, clean_databases: list[str]
) -> Iterator[str]:
    """A ledger of its own for this test, on PostgreSQL."""
    if clean_databases:
        name = clean_databases.pop()
    else:
        name = f"ledger_{next(_numbers)}"
        postgres_server.sql(f"CREATE DATABASE {name} TEMPLATE {empty_ledger_database}")
    yield postgres_server.url(name)
    if postgres_server.empty(name, like=empty_ledger_database):
        clean_databases.append(name)
    else:
        postgres_server.sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def ledger_url(request: pytest.FixtureRequest) -> str:
    """A ledger of its own for this test, on either database."""
    url: str = request.getfixturevalue(f"{request.param}_ledger_url")
    return url


@pytest.fixture
def ledger(ledger_url: str, tmp_path: Path) -> Iterator[LedgerDoor]:
    """That ledger, opened."""
    with open_ledger(ledger_url, tmp_path, owner="tests") as door:
        yield door
