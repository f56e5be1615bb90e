"""插入 — rows that are added only where their key is new, spoken in the dialect of either database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from service.doors.ledger.columns import AnyRow

Insert = sqlite.Insert | postgresql.Insert


def insert_into(connection: Connection, table: Table) -> Insert:
    """An INSERT that knows ON CONFLICT."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def add_new(
    connection: Connection, table: Table, row: Mapping[str, Any], key: Sequence[str] = ()
) -> AnyRow | None:
    """Insert one row unless `key` (empty: any unique key) is there; the new row's primary key, or None.

    Always by RETURNING: PostgreSQL gives a row count of -1 here.
    """
    statement = insert_into(connection, table).values(row).on_conflict_do_nothing(index_elements=key or None)
    return connection.execute(statement.returning(*table.primary_key.columns)).first()


def add_all_new(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], key: Sequence[str] = ()
) -> None:
    """Insert many rows, each unless `key` (empty: any unique key) is there."""
    if not rows:
        return
    statement = insert_into(connection, table).on_conflict_do_nothing(index_elements=key or None)
    if connection.dialect.name == "postgresql":
        # With RETURNING, rows travel a thousand to a statement instead of one by one.
        connection.execute(statement.returning(*table.primary_key.columns), rows).all()
    else:
        connection.execute(statement, rows)


def put_all(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many rows, or overwrite those whose primary key is there."""
    if not rows:
        return
    statement = insert_into(connection, table)
    keys = [column.name for column in table.primary_key.columns]
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    statement = statement.on_conflict_do_update(index_elements=keys, set_=changed)
    if connection.dialect.name == "postgresql":
        connection.execute(statement.returning(*table.primary_key.columns), rows).all()
    else:
        connection.execute(statement, rows)
