"""重建 — the ledger made anew from its journal and events in a fresh database, and compared row by row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    RowMapping,
    Table,
    Text,
    collate,
    func,
    insert,
    select,
    text,
)

from service.doors.ledger import journal, trail
from service.doors.ledger import tables as t
from service.doors.ledger.columns import Instant, Pairs, Strings, Words
from service.doors.ledger.connections import Connections, connect
from service.doors.ledger.schema import bring_up_to_date
from service.doors.ledger.trouble import blobs
from service.office.outcome import DoorError
from service.office.rebuilding import Difference, Rebuilt

# A thousand rows a statement; and a report names so many rows of a table that differ.
ROWS_AT_ONCE = 1000
NAMED_MAX = 200

# Images by table and key, as the JSON they were written in: a ledger of 50,000 units fits so into memory.
_Images: TypeAlias = dict[str, dict[tuple[Any, ...], str]]
_Row: TypeAlias = RowMapping
# Copied as they stand, each proved by its own chain.
_COPIED = (t.event, t.seal, t.event_seal, t.journal, t.journal_seal)


def rebuild(source_url: str, target_url: str, state: Path) -> Rebuilt:
    """Rebuild the ledger at `source_url` into the empty database at `target_url`, and compare the two.

    Without a target a file is made for it and thrown away again. The source is only read. Raises DoorError.
    """
    if target_url:
        return _into(source_url, target_url, state)
    with TemporaryDirectory(prefix="rebuild-") as folder:
        return _into(source_url, f"sqlite:///{Path(folder).resolve() / 'rebuilt.db'}", state)


def _into(source_url: str, target_url: str, state: Path) -> Rebuilt:
    source = connect(source_url, state, "rebuild")
    target = connect(target_url, state, "rebuild", is_silent=True)
    try:
        bring_up_to_date(source)
        bring_up_to_date(target)
        _must_be_empty(target)
        with source.read() as before:
            _stand_still(before)
            damaged = _damaged(before)
            images = _images(before)
            with target.write() as fresh:
                _empty_journal(fresh)
                rows = tuple((table.name, _fill(fresh, table, images)) for table in journal.journalled())
                for table in _COPIED:
                    _copy(before, fresh, table)
                _number_on(fresh)
            with target.read() as rebuilt:
                differences = tuple(_differences(before, rebuilt))
                return Rebuilt(
                    rows=rows,
                    events=_count(rebuilt, t.event),
                    lines=_count(rebuilt, t.journal),
                    differences=differences,
                    damaged=damaged,
                    blobs=blobs(rebuilt),
                )
    finally:
        target.close()
        source.close()


def _must_be_empty(target: Connections) -> None:
    with target.read() as connection:
        for table in (*journal.journalled(), t.event):
            if connection.execute(select(table).limit(1)).first() is not None:
                raise DoorError(
                    f"目标数据库里已经有内容（表 {table.name}）：重建只写入空的数据库，请另换一个。",
                    again=False,
                )


def _stand_still(connection: Connection) -> None:
    """One and the same moment for everything that is read, though the office goes on working beside it."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


def _damaged(connection: Connection) -> tuple[str, ...]:
    chain = trail.check_chain(connection)
    found = [f"记录 {each} 与前后的校验值不符" for each in chain.damaged]
    found += [f"流水 {each} 行与校验值不符" for each in journal.check(connection).damaged]
    return tuple(found)


# --- from the journal to rows -------------------------------------------------------------------------------


def _images(connection: Connection) -> _Images:
    """The last image of every row, in the order of the journal."""
    tables = {table.name: table for table in journal.journalled()}
    images: _Images = {name: {} for name in tables}
    lines = connection.execute(
        select(t.journal.c.tab, t.journal.c.op, t.journal.c.body)
        .order_by(t.journal.c.id)
        .execution_options(yield_per=2000)
    )
    for tab, op, body in lines:
        if op == "base":
            images = {name: {} for name in tables}
        elif tab in tables and body:
            said = json.loads(body)
            key = tuple(said[column.name] for column in tables[tab].primary_key.columns)
            if op == "put":
                images[tab][key] = body
            else:
                images[tab].pop(key, None)
    return images


def _fill(connection: Connection, table: Table, images: _Images) -> int:
    batch: list[dict[str, Any]] = []
    for body in images[table.name].values():
        said = json.loads(body)
        # A column that the table had not yet holds what it holds by default.
        batch.append(
            {
                column.name: _value(column, said[column.name])
                for column in table.columns
                if column.name in said
            }
        )
        if len(batch) == ROWS_AT_ONCE:
            connection.execute(insert(table), batch)
            batch = []
    if batch:
        connection.execute(insert(table), batch)
    return len(images[table.name])


def _value(column: Column[Any], said: Any) -> Any:
    """A value out of JSON, as either database writes it, back to what the column takes."""
    kind = column.type
    if said is None:
        return None
    if isinstance(kind, Instant):
        instant = datetime.fromisoformat(said)
        return instant if instant.utcoffset() is not None else instant.replace(tzinfo=UTC)
    if isinstance(kind, Strings):
        return tuple(json.loads(said))
    if isinstance(kind, Pairs):
        return tuple((name, words) for name, words in json.loads(said))
    if isinstance(kind, Boolean):
        return bool(said)
    return date.fromisoformat(said) if isinstance(kind, Date) else said


def _copy(before: Connection, fresh: Connection, table: Table) -> None:
    rows = before.execute(
        select(table).order_by(*table.primary_key.columns).execution_options(yield_per=ROWS_AT_ONCE)
    )
    for some in rows.mappings().partitions(ROWS_AT_ONCE):
        fresh.execute(insert(table), [dict(row) for row in some])


def _empty_journal(connection: Connection) -> None:
    """Of the line that a fresh database begins with; the real journal takes its place."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("ALTER TABLE journal DISABLE TRIGGER journal_append_only"))
        connection.execute(t.journal.delete())
        connection.execute(text("ALTER TABLE journal ENABLE TRIGGER journal_append_only"))
        return
    found = text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = 'journal_no_delete'")
    guard = connection.scalars(found).one()
    connection.execute(text("DROP TRIGGER journal_no_delete"))
    connection.execute(t.journal.delete())
    connection.execute(text(guard))


def _number_on(connection: Connection) -> None:
    """PostgreSQL gives numbers from a sequence, which knows nothing of rows that brought their own."""
    if connection.dialect.name != "postgresql":
        return
    for table in t.metadata.sorted_tables:
        if "id" not in table.columns:
            continue
        connection.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id))"
                f' FROM "{table.name}" HAVING max(id) IS NOT NULL'
            )
        )


# --- comparing ----------------------------------------------------------------------------------------------


def _differences(before: Connection, rebuilt: Connection) -> Iterator[Difference]:
    for table in journal.journalled():
        for named, each in enumerate(_of_table(before, rebuilt, table)):
            if named == NAMED_MAX:
                break
            yield each


def _of_table(before: Connection, rebuilt: Connection, table: Table) -> Iterator[Difference]:
    """Both sides in the order of their keys, so that neither need be held in memory."""
    ours, theirs = _rows(before, table), _rows(rebuilt, table)
    one, other = next(ours, None), next(theirs, None)
    fleeting = journal.FLEETING.get(table.name, ())
    while one is not None or other is not None:
        if other is None or (one is not None and _key(table, one) < _key(table, other)):
            assert one is not None
            yield Difference(table.name, _named(table, one), "extra")
            one = next(ours, None)
        elif one is None or _key(table, other) < _key(table, one):
            yield Difference(table.name, _named(table, other), "missing")
            other = next(theirs, None)
        else:
            unlike = tuple(
                name for name, value in one.items() if name not in fleeting and value != other[name]
            )
            if unlike:
                yield Difference(table.name, _named(table, one), "changed", unlike)
            one, other = next(ours, None), next(theirs, None)


def _rows(connection: Connection, table: Table) -> Iterator[_Row]:
    order = (_ordered(connection, column) for column in table.primary_key.columns)
    every = select(table).order_by(*order).execution_options(yield_per=ROWS_AT_ONCE)
    return (row for row in connection.execute(every).mappings())


def _ordered(connection: Connection, column: Column[Any]) -> ColumnElement[Any]:
    """Words by their code points, as Python compares them, whatever the locale of the PostgreSQL cluster."""
    is_words = connection.dialect.name == "postgresql" and isinstance(column.type, Text | Words)
    return collate(column, "C") if is_words else column


def _key(table: Table, row: _Row) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in table.primary_key.columns)


def _named(table: Table, row: _Row) -> str:
    return "，".join(str(each) for each in _key(table, row))


def _count(connection: Connection, table: Table) -> int:
    return connection.scalars(select(func.count()).select_from(table)).one()
