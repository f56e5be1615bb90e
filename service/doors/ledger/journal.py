"""流水 — the image of every row, written by triggers in the transaction that writes the row itself.

The ledger can be rebuilt from it (`rebuild.py`). Triggers write for our own connections only: a row that
another hand changed stands in no journal, and a rebuilding shows it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, func, select, text, update

from service.doors.ledger import tables as t
from service.office.rebuilding import JournalReport

GENESIS = "0" * 64
# On PostgreSQL the sealer waits no longer for writers under way; what it misses it seals the next time.
SEAL_WAIT = "200ms"
# On PostgreSQL only sessions that say so are journalled; on SQLite the triggers belong to the connection.
SESSION_WORD = ("huizhi.office", "at-work")

# Rows that are not journalled, each with its reason.
UNJOURNALLED = {
    "event": "append-only and chained itself; a rebuilding reads it as it stands",
    "seal": "the events' own chain",
    "event_seal": "the events' own chain",
    "journal": "itself",
    "journal_seal": "its own chain",
    "pulse": "one row that moves every half minute and says only that somebody works",
}
# Columns that say who holds a row at this moment, or when a mailbox was last looked at: a change of these
# alone is no line, or every look into a mailbox would be one.
FLEETING = {"mailbox": ("read_at", "lease_owner", "lease_epoch", "lease_until")}


def journalled() -> tuple[Table, ...]:
    """Every table that the journal can rebuild, those that others refer to first."""
    return tuple(each for each in t.metadata.sorted_tables if each.name not in UNJOURNALLED)


# --- triggers -----------------------------------------------------------------------------------------------


def sqlite_triggers() -> Iterator[str]:
    """For one connection: TEMP triggers, gone with it."""
    for table in journalled():
        whole = _json(column.name for column in table.columns)
        key = _json((column.name for column in table.primary_key.columns), "OLD")
        lasting = _lasting(table)
        moved = " OR ".join(f'NEW."{name}" IS NOT OLD."{name}"' for name in lasting)
        put = f"INSERT INTO journal (tab, op, body) VALUES ('{table.name}', 'put', {whole});"
        gone = f"INSERT INTO journal (tab, op, body) VALUES ('{table.name}', 'gone', {key});"
        name = f"journal_{table.name}"
        yield f'CREATE TEMP TRIGGER "{name}_new" AFTER INSERT ON main."{table.name}" BEGIN {put} END'
        yield (
            f'CREATE TEMP TRIGGER "{name}_put" AFTER UPDATE ON main."{table.name}" WHEN {moved}'
            f" BEGIN {put} END"
        )
        yield f'CREATE TEMP TRIGGER "{name}_gone" AFTER DELETE ON main."{table.name}" BEGIN {gone} END'


def _json(names: Any, row: str = "NEW") -> str:
    return "json_object(" + ", ".join(f"'{name}', {row}.\"{name}\"" for name in names) + ")"


def _lasting(table: Table) -> list[str]:
    fleeting = FLEETING.get(table.name, ())
    return [column.name for column in table.columns if column.name not in fleeting]


_POSTGRES_FUNCTIONS = (
    """
    CREATE OR REPLACE FUNCTION journal_new() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF current_setting('huizhi.office', true) = 'at-work' THEN
            INSERT INTO journal (tab, op, body)
            SELECT TG_TABLE_NAME, 'put', to_jsonb(fresh)::text FROM fresh;
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE OR REPLACE FUNCTION journal_put() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF current_setting('huizhi.office', true) = 'at-work' THEN
            INSERT INTO journal (tab, op, body) VALUES (TG_TABLE_NAME, 'put', to_jsonb(NEW)::text);
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE OR REPLACE FUNCTION journal_gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF current_setting('huizhi.office', true) = 'at-work' THEN
            INSERT INTO journal (tab, op, body) SELECT TG_TABLE_NAME, 'gone',
                (SELECT jsonb_object_agg(name, to_jsonb(OLD) -> name) FROM unnest(TG_ARGV) AS name)::text;
        END IF;
        RETURN NULL;
    END $$
    """,
)


def lay_postgres_triggers(connection: Connection) -> None:
    """Once for each version of the tables: inserts by the statement, so that a bulk stays one."""
    for function in _POSTGRES_FUNCTIONS:
        connection.execute(text(function))
    for table in journalled():
        take_postgres_triggers(connection, table.name)
        named = connection.dialect.identifier_preparer.format_table(table)
        old = ", ".join(f'OLD."{name}"' for name in _lasting(table))
        new = ", ".join(f'NEW."{name}"' for name in _lasting(table))
        key = ", ".join(f"'{column.name}'" for column in table.primary_key.columns)
        for statement in (
            f"CREATE TRIGGER journal_new AFTER INSERT ON {named} REFERENCING NEW TABLE AS fresh"
            " FOR EACH STATEMENT EXECUTE FUNCTION journal_new()",
            f"CREATE TRIGGER journal_put AFTER UPDATE ON {named} FOR EACH ROW"
            f" WHEN (ROW({old}) IS DISTINCT FROM ROW({new})) EXECUTE FUNCTION journal_put()",
            f"CREATE TRIGGER journal_gone AFTER DELETE ON {named} FOR EACH ROW"
            f" EXECUTE FUNCTION journal_gone({key})",
        ):
            connection.execute(text(statement))


def take_postgres_triggers(connection: Connection, table: str) -> None:
    """Away with them, as before an upgrade: what it does to the rows, the new base tells whole."""
    for name in ("journal_new", "journal_put", "journal_gone"):
        connection.execute(text(f'DROP TRIGGER IF EXISTS {name} ON "{table}"'))


def lay_base(connection: Connection, revision: str) -> None:
    """Everything that stands in the tables, as lines: from here on the journal begins anew."""
    said = json.dumps({"revision": revision})
    connection.execute(t.journal.insert().values(tab="", op="base", body=said))
    is_postgres = connection.dialect.name == "postgresql"
    for table in journalled():
        image = "to_jsonb(each)::text"
        if not is_postgres:
            image = _json((column.name for column in table.columns), "each")
        connection.execute(
            text(
                f"INSERT INTO journal (tab, op, body) SELECT '{table.name}', 'put', {image}"
                f' FROM "{table.name}" AS each'
            )
        )


# --- the chain ----------------------------------------------------------------------------------------------


def seal(connection: Connection, now: datetime) -> None:
    """Chain every line that is not chained yet, after events were sealed."""
    if connection.dialect.name == "postgresql":
        # Numbers are given before a commit: only while nobody writes are all lines up to the last one there.
        connection.execute(text(f"SET LOCAL lock_timeout = '{SEAL_WAIT}'"))
        connection.execute(text("LOCK TABLE journal IN SHARE MODE"))
    last = connection.execute(select(t.journal_seal).order_by(t.journal_seal.c.no.desc()).limit(1)).first()
    number, upto, head = (last.no, last.upto, last.hash) if last else (0, 0, GENESIS)
    newest = connection.scalars(select(func.max(t.journal.c.id))).one()
    if newest is None or newest <= upto:
        return
    lines, chained = _chain(connection, head, upto, newest)
    connection.execute(
        t.journal_seal.insert().values(
            no=number + 1, upto=newest, lines=lines, prev_hash=head, hash=chained, at=now
        )
    )


def _chain(connection: Connection, head: str, after: int, upto: int) -> tuple[int, str]:
    digest, lines = hashlib.sha256(head.encode()), 0
    rows = connection.execute(
        select(t.journal)
        .where(t.journal.c.id > after, t.journal.c.id <= upto)
        .order_by(t.journal.c.id)
        .execution_options(yield_per=2000)
    )
    for row in rows:
        own = row.body_sha256 if row.blanked_for is not None else _sha256(row.body)
        digest.update(f"\n{row.id} {row.tab} {row.op} {own}".encode())
        lines += 1
    return lines, digest.hexdigest()


def check(connection: Connection) -> JournalReport:
    """Recompute every seal; a seal that does not fit is told by the lines it covers."""
    head, upto, checked, damaged = GENESIS, 0, 0, []
    for row in connection.execute(select(t.journal_seal).order_by(t.journal_seal.c.no)).all():
        lines, chained = _chain(connection, row.prev_hash, upto, row.upto)
        if row.prev_hash != head or row.hash != chained or lines != row.lines:
            damaged.append(f"{upto + 1}-{row.upto}")
        head, upto, checked = row.hash, row.upto, checked + lines
    return JournalReport(checked, tuple(damaged), tuple((*_blanked(connection),)))


def _blanked(connection: Connection) -> list[int]:
    """Letters for which lines were blanked."""
    found = select(t.journal.c.blanked_for).where(t.journal.c.blanked_for.is_not(None)).distinct()
    return sorted(connection.scalars(found))


def blank(connection: Connection, letter: int) -> int:
    """Take the words of a purged letter out of every line; the hashes stay, so the chain holds."""
    blanked = 0
    for tab, key in (("letter", "id"), ("rule_hit", "letter"), ("finding", "letter")):
        lines = connection.execute(
            select(t.journal.c.id, t.journal.c.body).where(
                t.journal.c.tab == tab, t.journal.c.op == "put", t.journal.c.body != ""
            )
        ).all()
        for line in lines:
            if json.loads(line.body).get(key) != letter:
                continue
            connection.execute(
                update(t.journal)
                .where(t.journal.c.id == line.id)
                .values(body="", blanked_for=letter, body_sha256=_sha256(line.body))
            )
            blanked += 1
    return blanked


def _sha256(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()
