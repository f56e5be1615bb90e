"""登记簿 — dockets, moved only by whoever saw them last, and what was filed for them."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Update, bindparam, func, select, update

from service.doors.ledger import tables as t
from service.doors.ledger.columns import AnyRow
from service.doors.ledger.upsert import add_new
from service.office.campaign import Obligation
from service.office.change import Extend
from service.office.docket import Docket, DocketState, MediumState
from service.office.filing import FiledDoc, Filing

_OBLIGATIONS = {each.value: each for each in Obligation}
_STATES = {each.value: each for each in DocketState}
_MEDIA: dict[str | None, MediumState | None] = {None: None, **{each.value: each for each in MediumState}}
_COLUMNS = (
    t.docket.c.campaign,
    t.docket.c.unit,
    t.docket.c.item,
    t.docket.c.obligation,
    t.docket.c.state,
    t.docket.c.due_until,
    t.docket.c.due_rev,
    t.docket.c.returned_at,
    t.docket.c.electronic,
    t.docket.c.paper,
    t.docket.c.entries,
    t.docket.c.version,
    t.docket.c.promised_on,
    t.docket.c.reason,
    t.docket.c.resting,
    t.docket.c.unit_order,
    t.docket.c.is_third_party,
    t.docket.c.grace_days,
    t.docket.c.electronic_at,
    t.docket.c.paper_at,
    t.docket.c.row_version,
)
_NEW = -1  # the row_version of a docket that does not exist yet
# Asked for every letter; built once, since building a statement costs several times what it takes to run it.
_ONE = select(*_COLUMNS).where(
    t.docket.c.campaign == bindparam("campaign"),
    t.docket.c.unit == bindparam("unit"),
    t.docket.c.item == bindparam("item"),
)

# --- changes ------------------------------------------------------------------------------------------------


def put_docket(connection: Connection, docket: Docket) -> bool:
    """The docket's new row, unless somebody moved it since it was read."""
    if docket.row_version == _NEW:
        return _add_docket(connection, docket)
    fixed = {"campaign", "unit", "item", "unit_order", "row_version"}
    values = {name: value for name, value in docket_row(docket).items() if name not in fixed}
    seen = {
        "of_campaign": docket.campaign,
        "of_unit": docket.unit,
        "of_item": docket.item,
        "of_version": docket.row_version,
    }
    values["row_version"] = docket.row_version + 1
    return connection.execute(_moving(tuple(values)), seen | values).rowcount == 1


@cache
def _moving(names: tuple[str, ...]) -> Update:
    return (
        update(t.docket)
        .where(
            t.docket.c.campaign == bindparam("of_campaign"),
            t.docket.c.unit == bindparam("of_unit"),
            t.docket.c.item == bindparam("of_item"),
            t.docket.c.row_version == bindparam("of_version"),
        )
        .values({name: bindparam(name) for name in names})
    )


def _add_docket(connection: Connection, docket: Docket) -> bool:
    order = select(t.standing.c.unit_order).where(
        t.standing.c.campaign == docket.campaign, t.standing.c.unit == docket.unit
    )
    position = select(t.item.c.position).where(
        t.item.c.campaign == docket.campaign, t.item.c.key == docket.item
    )
    placed = docket_row(docket) | {
        "unit_order": func.coalesce(order.scalar_subquery(), docket.unit_order),
        "item_order": func.coalesce(position.scalar_subquery(), 0),
        "row_version": 0,
    }
    return add_new(connection, t.docket, placed) is not None


def docket_row(docket: Docket) -> dict[str, Any]:
    """A docket's columns but `item_order`."""
    return {
        "campaign": docket.campaign,
        "unit": docket.unit,
        "item": docket.item,
        "obligation": docket.obligation.value,
        "state": docket.state.value,
        "due_until": docket.due_until,
        "due_rev": docket.due_rev,
        "returned_at": docket.returned_at,
        "electronic": docket.electronic.value if docket.electronic else None,
        "paper": docket.paper.value if docket.paper else None,
        "entries": docket.entries,
        "version": docket.version,
        "promised_on": docket.promised_on,
        "reason": docket.reason,
        "resting": docket.resting.value if docket.resting else None,
        "unit_order": docket.unit_order,
        "is_third_party": docket.is_third_party,
        "grace_days": docket.grace_days,
        "electronic_at": docket.electronic_at,
        "paper_at": docket.paper_at,
        "row_version": docket.row_version,
    }


def add_filing(connection: Connection, filing: Filing) -> bool:
    """A version, unless it or the same documents of the same letter are there."""
    row = {
        "campaign": filing.campaign,
        "unit": filing.unit,
        "item": filing.item,
        "entry": filing.entry,
        "version": filing.version,
        "letter": filing.letter,
        "docset_sha256": filing.docset_sha256,
        "is_valid": filing.is_valid,
        "filed_at": filing.filed_at,
        "received_at": filing.received_at,
        "title": filing.title,
        "medium": filing.medium,
        "is_nil": filing.is_nil,
        "fields": filing.fields,
    }
    added = add_new(connection, t.filing, row)
    if added is None:
        return False
    for position, doc in enumerate(filing.docs):
        add_new(
            connection,
            t.filing_doc,
            {
                "filing": added.id,
                "sha256": doc.sha256,
                "name": doc.name,
                "size": doc.size,
                "position": position,
            },
        )
    return True


def extend(connection: Connection, change: Extend) -> bool:
    """An extension as granted; the docket's own due date is moved by its own change."""
    connection.execute(
        t.extension.insert().values(
            campaign=change.campaign,
            unit=change.unit,
            item=change.item,
            due_until=change.due_until,
            on_date=change.on,
            reason=change.reason,
            granted_by=change.granted_by,
            at=change.at,
        )
    )
    return True


# --- questions ----------------------------------------------------------------------------------------------


def dockets(
    connection: Connection, campaign: str, unit: str | None, item: str | None, *, is_locked: bool = False
) -> tuple[Docket, ...]:
    """By roster order, unit and item order; locked, nobody else moves them in this transaction."""
    exact: dict[str, str | None] = {"campaign": campaign, "unit": unit, "item": item}
    given = {name: wanted for name, wanted in exact.items() if wanted is not None}
    return tuple(_docket(row) for row in connection.execute(_dockets(tuple(given), is_locked), given))


@cache
def _dockets(given: tuple[str, ...], is_locked: bool) -> Select[Any]:
    found = (
        select(*_COLUMNS)
        .where(*(t.docket.c[name] == bindparam(name) for name in given))
        .order_by(t.docket.c.unit_order, t.docket.c.unit, t.docket.c.item_order, t.docket.c.item)
    )
    return found.with_for_update() if is_locked else found


def dockets_where(connection: Connection, *conditions: ColumnElement[bool]) -> tuple[Docket, ...]:
    """Those that meet every condition, in no order."""
    return tuple(_docket(row) for row in connection.execute(select(*_COLUMNS).where(*conditions)))


def docket(connection: Connection, campaign: str, unit: str, item: str) -> Docket | None:
    """One docket."""
    row = connection.execute(_ONE, {"campaign": campaign, "unit": unit, "item": item}).first()
    return _docket(row) if row else None


def filings(
    connection: Connection, campaign: str, unit: str | None, item: str | None, letter: int | None
) -> tuple[Filing, ...]:
    """Every version of every entry, with its documents, in the order they were filed."""
    exact: dict[str, str | int | None] = {
        "campaign": campaign,
        "unit": unit,
        "item": item,
        "letter": letter,
    }
    given = {name: wanted for name, wanted in exact.items() if wanted is not None}
    found = _filings(tuple(given))
    docs: dict[int, list[FiledDoc]] = {}
    firsts: dict[int, AnyRow] = {}
    for row in connection.execute(found, given):
        firsts.setdefault(row.id, row)
        listed = docs.setdefault(row.id, [])
        if row.sha256 is not None:
            listed.append(FiledDoc(row.sha256, row.name, row.size))
    return tuple(_filing(row, tuple(docs[id_])) for id_, row in firsts.items())


@cache
def _filings(given: tuple[str, ...]) -> Select[Any]:
    return (
        select(t.filing, t.filing_doc.c.sha256, t.filing_doc.c.name, t.filing_doc.c.size)
        .select_from(t.filing.outerjoin(t.filing_doc, t.filing_doc.c.filing == t.filing.c.id))
        .where(*(t.filing.c[name] == bindparam(name) for name in given))
        .order_by(t.filing.c.id, t.filing_doc.c.position)
    )


def _docket(row: AnyRow) -> Docket:
    campaign, unit, item, obligation, state, due_until, due_rev, returned_at, electronic, paper, *rest = row
    entries, version, promised_on, reason, resting, unit_order, is_third_party, grace_days, *dates = rest
    electronic_at, paper_at, row_version = dates
    return Docket(
        campaign,
        unit,
        item,
        _OBLIGATIONS[obligation],
        _STATES[state],
        due_until,
        due_rev,
        returned_at,
        _MEDIA[electronic],
        _MEDIA[paper],
        entries,
        version,
        promised_on,
        reason,
        _STATES[resting] if resting else None,
        unit_order,
        is_third_party,
        grace_days,
        electronic_at,
        paper_at,
        row_version,
    )


def _filing(row: AnyRow, docs: tuple[FiledDoc, ...]) -> Filing:
    return Filing(
        campaign=row.campaign,
        unit=row.unit,
        item=row.item,
        entry=row.entry,
        version=row.version,
        letter=row.letter,
        docset_sha256=row.docset_sha256,
        docs=docs,
        is_valid=row.is_valid,
        filed_at=row.filed_at,
        received_at=row.received_at,
        title=row.title,
        medium=row.medium,
        is_nil=row.is_nil,
        fields=row.fields,
        taken_back_at=row.taken_back_at,
    )
