"""升级 — bring a database's tables up to date, in one transaction; most often there is nothing to do."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from service.doors.ledger.connections import Connections
from service.office.outcome import DoorError

# The newest revision under migrations/versions; a test keeps the two together. Knowing it here spares every
# command the loading of Alembic.
HEAD = "0007"
MIGRATIONS = Path(__file__).parent / "migrations"
# Any number, as long as only migrations of this ledger use it.
_POSTGRES_LOCK = 0x6875697A6869


def bring_up_to_date(connections: Connections) -> None:
    """Create or upgrade the tables; raises DoorError for a database made by a newer program."""
    with connections.read() as connection:
        if _revision(connection) == HEAD:
            return
    with connections.write() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_POSTGRES_LOCK})"))
        # Another process may have done it while this one waited for its turn.
        if _revision(connection) != HEAD:
            _upgrade(connection)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalars(text("SELECT version_num FROM alembic_version")).first()
    return found


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    # The ini parser takes a % for an interpolation, and a folder may well have one in its name.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise DoorError(
            f"数据库的版本（{_revision(connection)}）比本程序新或不认识：请换用建立它的那一版程序。",
            again=False,
        ) from error
