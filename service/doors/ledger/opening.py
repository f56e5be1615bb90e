"""开办 — a release becomes a campaign: every row it will ever be asked about, in one transaction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, select

from service.doors.ledger import outbox, register, roll, timers
from service.doors.ledger import tables as t
from service.doors.ledger.upsert import add_all_new, add_new, put_all
from service.office.change import ItemRow, OpenCampaign
from service.office.outcome import DoorError


def open_campaign(connection: Connection, change: OpenCampaign) -> bool:
    """False when this revision was released before.

    A later revision renews roster lines and items, and adds what is new; dockets already there keep what has
    happened to them, and dispatches and timers are known by their keys.
    """
    put_all(connection, t.campaign, [_campaign_row(change)])
    if add_new(connection, t.release, _release_row(change)) is None:
        return False
    put_all(connection, t.item, [_item_row(change.campaign, item) for item in change.items])
    _put_roster(connection, change)
    _put_codes(connection, change)
    orders = {item.key: item.order for item in change.items}
    rows = [register.docket_row(docket) | {"item_order": orders[docket.item]} for docket in change.dockets]
    add_all_new(connection, t.docket, rows)
    outbox.queue_all(connection, change.dispatches)
    timers.put(connection, change.timers)
    return True


def _campaign_row(change: OpenCampaign) -> dict[str, Any]:
    return {
        "key": change.campaign,
        "title": change.title,
        "state": "open",
        "facts_sha256": change.facts_sha256,
        "zone": change.zone,
        "opened_at": change.release.at,
    }


def _release_row(change: OpenCampaign) -> dict[str, Any]:
    release = change.release
    return {
        "campaign": change.campaign,
        "rev": release.rev,
        "digest": release.digest,
        "inputs_sha256": release.inputs_sha256,
        "signer": release.signer,
        "at": release.at,
        "roster_sha256": release.roster_sha256,
    }


def _item_row(campaign: str, item: ItemRow) -> dict[str, Any]:
    return {
        "campaign": campaign,
        "key": item.key,
        "name": item.name,
        "position": item.order,
        "obligation": item.obligation.value,
    }


def _put_roster(connection: Connection, change: OpenCampaign) -> None:
    units = {unit.key: unit for unit in change.units}.values()
    roll.put_units(connection, units)
    put_all(connection, t.standing, [roll.standing_row(change.campaign, unit) for unit in units])
    # Only roster lines that are renewed lose their old addresses; a third party keeps its own.
    if change.release.rev > 1:
        renewed = t.standing_address.c.unit.in_([unit.key for unit in units])
        connection.execute(
            delete(t.standing_address).where(t.standing_address.c.campaign == change.campaign, renewed)
        )
    listed = [row for unit in units for row in roll.address_rows(change.campaign, unit)]
    add_all_new(connection, t.standing_address, listed)
    add_all_new(connection, t.contact, [row for unit in units for row in roll.contact_rows(unit)])


def _put_codes(connection: Connection, change: OpenCampaign) -> None:
    rows = [{"code": code, "campaign": change.campaign, "unit": unit} for code, unit in change.codes]
    add_all_new(connection, t.code, rows)
    stored = connection.execute(
        select(t.code.c.code, t.code.c.unit).where(t.code.c.campaign == change.campaign)
    )
    taken = set(change.codes) - {(row.code, row.unit) for row in stored}
    if taken:
        listed = "、".join(sorted(code for code, _ in taken)[:5])
        raise DoorError(f"编号 {listed} 已属于别的单位或活动：请重新起草，换用新的编号。", again=False)
