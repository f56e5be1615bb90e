"""轨迹 — events that can only be added, and the chain of seals over them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select, text

from service.doors.ledger import tables as t
from service.doors.ledger.columns import AnyRow, storable
from service.office.change import Record
from service.office.needs.ledger import ChainReport, Event

GENESIS = "0" * 64
# On PostgreSQL a transaction may commit after others that began later and took higher ids; none stays open
# while this many events pass.
LATECOMERS_MAX = 10_000
_NEW_EVENT = t.event.insert()


# --- events -------------------------------------------------------------------------------------------------


def record(connection: Connection, change: Record) -> bool:
    """An event, with the hash of its canonical body."""
    connection.execute(_NEW_EVENT, _row(change))
    return True


def record_all(connection: Connection, changes: Sequence[Record]) -> None:
    """The same for many at once."""
    if changes:
        connection.execute(_NEW_EVENT, [_row(each) for each in changes])


def _row(change: Record) -> dict[str, Any]:
    about = [[storable(name), storable(said)] for name, said in change.about]
    row: dict[str, Any] = {
        "kind": change.kind,
        "at": change.at,
        "actor": storable(change.actor),
        "campaign": change.campaign,
        "unit": change.unit,
        "item": change.item,
        "letter": change.letter,
        "dispatch": change.dispatch,
    }
    body = _canonical(row, about)
    return row | {"body": body, "body_sha256": _sha256(body)}


def events(
    connection: Connection, campaign: str | None, unit: str | None, letter: int | None, kind: str | None
) -> tuple[Event, ...]:
    """In the order they were written."""
    exact: dict[str, str | int | None] = {
        "campaign": campaign,
        "unit": unit,
        "letter": letter,
        "kind": kind,
    }
    given = {name: wanted for name, wanted in exact.items() if wanted is not None}
    return tuple(_event(row) for row in connection.execute(_events(tuple(given)), given))


@cache
def _events(given: tuple[str, ...]) -> Select[Any]:
    return (
        select(t.event).where(*(t.event.c[name] == bindparam(name) for name in given)).order_by(t.event.c.id)
    )


def _event(row: AnyRow) -> Event:
    about = tuple((name, said) for name, said in json.loads(row.body)["about"])
    return Event(
        id=row.id,
        kind=row.kind,
        at=row.at,
        actor=row.actor,
        campaign=row.campaign,
        unit=row.unit,
        item=row.item,
        letter=row.letter,
        dispatch=row.dispatch,
        about=about,
    )


def _canonical(columns: dict[str, Any], about: object) -> str:
    at: datetime = columns["at"]
    if at.utcoffset() is None:
        raise ValueError(f"an instant needs its offset: {at!r}")
    whole = columns | {"at": at.astimezone(UTC).isoformat(timespec="microseconds"), "about": about}
    return json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


# --- the chain ----------------------------------------------------------------------------------------------


def seal(connection: Connection, now: datetime) -> str:
    """Chain every unsealed event under the next seal; returns the head hash."""
    if connection.dialect.name == "postgresql":
        # One sealer at a time; on SQLite the transaction itself is that already.
        connection.execute(text("LOCK TABLE seal IN EXCLUSIVE MODE"))
    last = connection.execute(select(t.seal).order_by(t.seal.c.no.desc()).limit(1)).first()
    number, head = (last.no, last.hash) if last else (0, GENESIS)
    fresh = _unsealed(connection)
    if not fresh:
        return str(head)
    chained = _chain(head, fresh)
    connection.execute(t.seal.insert().values(no=number + 1, prev_hash=head, hash=chained, at=now))
    connection.execute(
        t.event_seal.insert(),
        [{"event": id_, "seal_no": number + 1, "pos": pos} for pos, (id_, _) in enumerate(fresh)],
    )
    return chained


def _unsealed(connection: Connection) -> list[tuple[int, str]]:
    newest = connection.scalars(select(func.coalesce(func.max(t.event_seal.c.event), 0))).one()
    sealed = t.event.outerjoin(t.event_seal, t.event_seal.c.event == t.event.c.id)
    rows = connection.execute(
        select(t.event.c.id, t.event.c.body_sha256)
        .select_from(sealed)
        .where(t.event_seal.c.event.is_(None), t.event.c.id > newest - LATECOMERS_MAX)
        .order_by(t.event.c.id)
    )
    return [(row.id, row.body_sha256) for row in rows]


def check_chain(connection: Connection) -> ChainReport:
    """Recompute every event and every seal; an event is damaged when its own words or its seal do not fit."""
    checked = 0
    damaged: set[int] = set()
    sealed: dict[int, list[tuple[int, int, str]]] = {}
    together = t.event.outerjoin(t.event_seal, t.event_seal.c.event == t.event.c.id)
    rows = connection.execution_options(yield_per=2000).execute(
        select(t.event, t.event_seal.c.seal_no, t.event_seal.c.pos)
        .select_from(together)
        .order_by(t.event.c.id)
    )
    for row in rows:
        checked += 1
        if not _is_whole(row):
            damaged.add(row.id)
        if row.seal_no is not None:
            sealed.setdefault(row.seal_no, []).append((row.pos, row.id, row.body_sha256))
    for gone in _missing(connection):
        damaged.add(gone.event)
        sealed.setdefault(gone.seal_no, []).append((gone.pos, gone.event, ""))
    head, broken = _check_seals(connection, sealed, damaged)
    return ChainReport(checked, tuple(sorted(damaged | broken)), head)


def _is_whole(row: AnyRow) -> bool:
    if _sha256(row.body) != row.body_sha256:
        return False
    try:
        about = json.loads(row.body)["about"]
    except (ValueError, KeyError, TypeError):
        return False
    columns = ("kind", "at", "actor", "campaign", "unit", "item", "letter", "dispatch")
    return bool(_canonical({name: getattr(row, name) for name in columns}, about) == row.body)


def _missing(connection: Connection) -> Sequence[AnyRow]:
    is_gone = t.event_seal.c.event.not_in(select(t.event.c.id))
    return connection.execute(select(t.event_seal).where(is_gone)).all()


def _check_seals(
    connection: Connection, sealed: dict[int, list[tuple[int, int, str]]], damaged: set[int]
) -> tuple[str, set[int]]:
    head, newest, broken = GENESIS, 0, set[int]()
    for row in connection.execute(select(t.seal).order_by(t.seal.c.no)):
        members = sorted(sealed.get(row.no, []))
        # A seal over nothing accuses the number that came next: whatever it was, it is gone.
        ids = {id_ for _, id_, _ in members} or {newest + 1}
        chained = _chain(row.prev_hash, [(id_, body_sha256) for _, id_, body_sha256 in members])
        fits = row.prev_hash == head and row.hash == chained
        # One that does not fit accuses the events already found damaged, else all that it covers.
        if not fits and not ids & damaged:
            broken |= ids
        head, newest = row.hash, max(newest, *ids)
    return head, broken


def _chain(head: str, members: Iterable[tuple[int, str]]) -> str:
    digest = hashlib.sha256(head.encode())
    for id_, body_sha256 in members:
        digest.update(f"\n{id_} {body_sha256}".encode())
    return digest.hexdigest()


def _sha256(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()
