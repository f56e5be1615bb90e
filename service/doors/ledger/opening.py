"""开办 — a release becomes a campaign: every row it will ever be asked about, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, select

from service.doors.ledger import outbox, register, roll, timers
from service.doors.ledger import tables as t
from service.doors.ledger.upsert import add_all_new, add_new, batches, put_all
from service.office.approval import ReleaseRow
from service.office.change import ItemRow, OpenCampaign
from service.office.outcome import DoorError
from service.office.roster import Unit


def open_campaign(connection: Connection, change: OpenCampaign) -> bool:
    """False when this revision was released before.

    A later revision renews roster lines and items, and adds what is new; dockets already there keep what has
    happened to them, and dispatches and timers are known by their keys.
    """
    put_all(connection, t.campaign, [_campaign_row(change)])
    if add_new(connection, t.release, release_row(change.release)) is None:
        return False
    put_all(connection, t.item, [_item_row(change.campaign, item) for item in change.items])
    put_roster(connection, change.campaign, change.units, is_renewed=change.release.rev > 1)
    put_codes(connection, change.campaign, change.codes)
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


def release_row(release: ReleaseRow) -> dict[str, Any]:
    """Who signed what, when and why."""
    return {
        "campaign": release.campaign,
        "rev": release.rev,
        "digest": release.digest,
        "inputs_sha256": release.inputs_sha256,
        "signer": release.signer,
        "at": release.at,
        "roster_sha256": release.roster_sha256,
        "act": release.act.value,
        "reason": release.reason,
        "manifest_sha256": release.manifest_sha256,
    }


def _item_row(campaign: str, item: ItemRow) -> dict[str, Any]:
    return {
        "campaign": campaign,
        "key": item.key,
        "name": item.name,
        "position": item.order,
        "obligation": item.obligation.value,
    }


def put_roster(
    connection: Connection, campaign: str, lines: Sequence[Unit], *, is_renewed: bool = False
) -> None:
    """Roster lines as signed; renewed ones forget the addresses of the line before."""
    units = {unit.key: unit for unit in lines}.values()
    roll.put_units(connection, units)
    put_all(connection, t.standing, [roll.standing_row(campaign, unit) for unit in units])
    # Only roster lines that are renewed lose their old addresses; a third party keeps its own.
    if is_renewed:
        for keys in batches([unit.key for unit in units]):
            renewed = t.standing_address.c.unit.in_(keys)
            connection.execute(
                delete(t.standing_address).where(t.standing_address.c.campaign == campaign, renewed)
            )
    listed = [row for unit in units for row in roll.address_rows(campaign, unit)]
    add_all_new(connection, t.standing_address, listed)
    add_all_new(connection, t.contact, [row for unit in units for row in roll.contact_rows(unit)])


def put_codes(connection: Connection, campaign: str, codes: Sequence[tuple[str, str]]) -> None:
    """Codes of units; raises DoorError where one belongs to somebody else."""
    rows = [{"code": code, "campaign": campaign, "unit": unit} for code, unit in codes]
    add_all_new(connection, t.code, rows)
    stored = connection.execute(select(t.code.c.code, t.code.c.unit).where(t.code.c.campaign == campaign))
    taken = set(codes) - {(row.code, row.unit) for row in stored}
    if taken:
        listed = "、".join(sorted(code for code, _ in taken)[:5])
        raise DoorError(f"编号 {listed} 已属于别的单位或活动：请重新起草，换用新的编号。", again=False)
