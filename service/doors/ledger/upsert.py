"""插入 — rows that are added only where their key is new, spoken in the dialect of either database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ClauseElement, Connection, Executable, Select, Table, column, select, text
from sqlalchemy import table as named_table
from sqlalchemy.dialects import postgresql, sqlite

from service.doors.ledger.columns import AnyRow
from service.office.outcome import DoorError

Insert = sqlite.Insert | postgresql.Insert

# From here on PostgreSQL is fed by COPY, which carries a release of 20,000 units about seven times as fast.
COPY_ROWS_MIN = 200
# Well below what SQLite (32,766) and PostgreSQL (65,535) take in one statement.
PARAMETERS_MAX = 10_000


def add_new(
    connection: Connection, table: Table, row: Mapping[str, Any], key: Sequence[str] = ()
) -> AnyRow | None:
    """Insert one row unless `key` (empty: any unique key) is there; the new row's primary key, or None.

    Always by RETURNING: PostgreSQL gives a row count of -1 here.
    """
    if any(isinstance(value, ClauseElement) for value in row.values()):
        insert = _insert_into(connection.dialect.name, table).values(row)
        return connection.execute(_unless_there(insert, table, tuple(key))).first()
    # Building a statement costs several times what carrying it out does, so each shape is built once.
    return connection.execute(_adding(connection.dialect.name, table, tuple(key)), row).first()


@cache
def _adding(dialect: str, table: Table, key: tuple[str, ...]) -> Executable:
    return _unless_there(_insert_into(dialect, table), table, key)


def _unless_there(insert: Insert, table: Table, key: tuple[str, ...]) -> Executable:
    return insert.on_conflict_do_nothing(index_elements=key or None).returning(*table.primary_key.columns)


def add_all_new(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], key: Sequence[str] = ()
) -> None:
    """Insert many rows, all with the same columns, each unless `key` (empty: any unique key) is there."""
    _insert_all(
        connection, table, rows, lambda insert: insert.on_conflict_do_nothing(index_elements=key or None)
    )


def put_all(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many rows, all with the same columns, each key once; those already there are overwritten."""
    keys = [each.name for each in table.primary_key.columns]

    def overwrite(insert: Insert) -> Insert:
        changed = {name: insert.excluded[name] for name in rows[0] if name not in keys}
        return insert.on_conflict_do_update(index_elements=keys, set_=changed)

    _insert_all(connection, table, rows, overwrite)


def batches(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    """Keys in lots that a statement can name: databases bound the number of its parameters."""
    for start in range(0, len(keys), PARAMETERS_MAX):
        yield keys[start : start + PARAMETERS_MAX]


def _insert_all(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    on_conflict: Callable[[Insert], Insert],
) -> None:
    if not rows:
        return
    insert = _insert_into(connection.dialect.name, table)
    if connection.dialect.name != "postgresql" or len(rows) < COPY_ROWS_MIN:
        connection.execute(on_conflict(insert), rows)
        return
    names = list(rows[0])
    _copy(connection, table, names, rows)
    fresh: Select[*tuple[Any, ...]] = select(*(column(name) for name in names)).select_from(
        named_table("fresh")
    )
    connection.execute(on_conflict(insert).from_select(names, fresh))
    connection.execute(text("DROP TABLE fresh"))


def _insert_into(dialect: str, table: Table) -> Insert:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def _copy(
    connection: Connection, table: Table, names: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Lay the rows into a temporary table `fresh` without any constraint."""
    import psycopg

    dialect = connection.dialect
    quoted = ", ".join(dialect.identifier_preparer.quote(name) for name in names)
    source = dialect.identifier_preparer.format_table(table)
    connection.execute(text(f"CREATE TEMP TABLE fresh AS SELECT {quoted} FROM {source} WITH NO DATA"))
    # COPY goes past SQLAlchemy, so what it would do to a value is done here.
    kinds = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(f"COPY fresh ({quoted}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row([_spoken(row[name], kind) for name, kind in zip(names, kinds, strict=True)])
    except psycopg.Error as error:
        raise DoorError(f"写入数据库时出错（{error}），没有写入任何内容，稍后再试。", again=True) from error


def _spoken(value: Any, kind: Callable[[Any], Any] | None) -> Any:
    return value if kind is None else kind(value)
