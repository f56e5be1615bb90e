"""名册 — what the ledger knows of campaigns, of the units that take part, of their codes and addresses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Select,
    bindparam,
    delete,
    exists,
    func,
    select,
    union,
    update,
)

from service.doors.ledger import tables as t
from service.doors.ledger.columns import AnyRow
from service.doors.ledger.upsert import add_new, put_all
from service.office.approval import Act, DraftRow, ReleaseRow
from service.office.campaign import Obligation
from service.office.change import ForgetSender, ItemRow, MarkAddress, PutDraft, PutUnit
from service.office.needs.ledger import CampaignRow, ConfirmedSender, Standing
from service.office.record import from_bytes, to_bytes
from service.office.roster import Unit

# --- changes ------------------------------------------------------------------------------------------------


def put_draft(connection: Connection, change: PutDraft) -> bool:
    """The newest draft takes the place of every unreleased one; a released draft stays named for `verify`."""
    released = select(t.release.c.digest).where(t.release.c.campaign == change.campaign)
    connection.execute(
        delete(t.draft).where(
            t.draft.c.campaign == change.campaign,
            (t.draft.c.digest == change.digest) | t.draft.c.digest.not_in(released),
        )
    )
    connection.execute(
        t.draft.insert().values(
            campaign=change.campaign,
            digest=change.digest,
            inputs_sha256=change.inputs_sha256,
            manifest_sha256=change.manifest_sha256,
            at=change.at,
        )
    )
    return True


def put_unit(connection: Connection, change: PutUnit) -> bool:
    """A unit that was not on the roster takes its place after all that were."""
    last = select(func.coalesce(func.max(t.standing.c.unit_order), -1)).where(
        t.standing.c.campaign == change.campaign
    )
    order = connection.scalars(last).one() + 1
    add_new(connection, t.unit, unit_row(change.unit))
    row = standing_row(change.campaign, change.unit) | {"unit_order": order}
    if add_new(connection, t.standing, row) is not None:
        for listed in address_rows(change.campaign, change.unit):
            add_new(connection, t.standing_address, listed)
        for known in contact_rows(change.unit):
            add_new(connection, t.contact, known)
        # Its dockets may have been put before it.
        its = (t.docket.c.campaign == change.campaign, t.docket.c.unit == change.unit.key)
        connection.execute(update(t.docket).where(*its).values(unit_order=order))
    return True


def mark_address(connection: Connection, change: MarkAddress) -> bool:
    """What became of an address, or that a clerk knows whose it is."""
    fresh: dict[str, Any] = contact_row(change.unit, change.address) | {
        "state": change.state,
        "learned_by": change.learned_by,
    }
    if add_new(connection, t.contact, fresh) is None:
        changed = {"state": change.state}
        if change.learned_by:
            changed["learned_by"] = change.learned_by
        key = (t.contact.c.unit == change.unit, t.contact.c.address_key == fresh["address_key"])
        connection.execute(update(t.contact).where(*key).values(changed))
    return True


def forget_sender(connection: Connection, change: ForgetSender) -> bool:
    """The address is no longer learned for the unit; False where it was not."""
    key = change.address.strip().lower()
    mine = (t.contact.c.unit == change.unit, t.contact.c.address_key == key, t.contact.c.learned_by != "")
    return connection.execute(update(t.contact).where(*mine).values(learned_by="")).rowcount > 0


# --- rows ---------------------------------------------------------------------------------------------------


def unit_row(unit: Unit) -> dict[str, Any]:
    """A unit as every campaign sees it."""
    return {
        "key": unit.key,
        "name": unit.name,
        "parent": unit.parent,
        "is_third_party": unit.is_third_party,
    }


def standing_row(campaign: str, unit: Unit) -> dict[str, Any]:
    """A unit's roster line, frozen for one campaign."""
    return {
        "campaign": campaign,
        "unit": unit.key,
        "unit_order": unit.order,
        "is_third_party": unit.is_third_party,
        "body": to_bytes(unit).decode(),
    }


def address_rows(campaign: str, unit: Unit) -> list[dict[str, Any]]:
    """The addresses on that line."""
    return [
        {
            "campaign": campaign,
            "unit": unit.key,
            "address_key": address.key,
            "domain": address.domain,
        }
        for address in unit.addresses
    ]


def contact_rows(unit: Unit) -> list[dict[str, Any]]:
    """The same addresses, with what becomes of them."""
    return [contact_row(unit.key, address.text) for address in unit.addresses]


def contact_row(unit: str, address: str) -> dict[str, Any]:
    """An address nothing is known against."""
    key = address.strip().lower()
    return {
        "unit": unit,
        "address": address.strip(),
        "address_key": key,
        "domain": key.rpartition("@")[2],
        "state": "ok",
        "learned_by": "",
    }


def put_units(connection: Connection, units: Iterable[Unit]) -> None:
    """The newest roster's word on each unit."""
    put_all(connection, t.unit, [unit_row(unit) for unit in units])


# --- questions ----------------------------------------------------------------------------------------------


# Asked for every letter; built once, since building a statement costs several times what it takes to run it.
_CAMPAIGN = select(t.campaign).where(t.campaign.c.key == bindparam("wanted"))
_WHOSE_CODE = select(t.code.c.campaign, t.code.c.unit).where(t.code.c.code == bindparam("wanted"))
_STANDINGS = select(
    t.standing.c.campaign, t.standing.c.unit, t.standing.c.unit_order, t.standing.c.body, t.code.c.code
).select_from(
    t.standing.outerjoin(
        t.code, (t.code.c.campaign == t.standing.c.campaign) & (t.code.c.unit == t.standing.c.unit)
    )
)
_ORDER = (t.standing.c.is_third_party, t.standing.c.unit_order, t.standing.c.unit)
_BODIES = select(t.standing.c.body).where(t.standing.c.campaign == bindparam("of_campaign")).order_by(*_ORDER)
_STANDING = _STANDINGS.where(
    t.standing.c.campaign == bindparam("of_campaign"), t.standing.c.unit == bindparam("of_unit")
)
_CAMPAIGNS = select(t.campaign).order_by(t.campaign.c.opened_at, t.campaign.c.key)
_GONE = (
    select(t.contact.c.unit, t.contact.c.address).where(t.contact.c.state == "gone").order_by(t.contact.c.id)
)
_GONE_OF_UNIT = _GONE.where(t.contact.c.unit == bindparam("of_unit"))
_GONE_OF_CAMPAIGN = _GONE.where(
    t.contact.c.unit.in_(select(t.standing.c.unit).where(t.standing.c.campaign == bindparam("of_campaign")))
)


def campaigns(connection: Connection) -> tuple[CampaignRow, ...]:
    """Every released campaign, oldest first."""
    rows = connection.execute(_CAMPAIGNS)
    return tuple(CampaignRow(*row) for row in rows)


def campaign(connection: Connection, key: str) -> CampaignRow | None:
    """One released campaign."""
    row = connection.execute(_CAMPAIGN, {"wanted": key}).first()
    return CampaignRow(*row) if row else None


def draft(connection: Connection, key: str) -> DraftRow | None:
    """The newest draft."""
    found = connection.execute(
        select(t.draft).where(t.draft.c.campaign == key).order_by(t.draft.c.id.desc()).limit(1)
    ).first()
    if found is None:
        return None
    return DraftRow(found.campaign, found.digest, found.inputs_sha256, found.manifest_sha256, found.at)


def release(connection: Connection, key: str) -> ReleaseRow | None:
    """The newest release."""
    newest = _releases(key).order_by(t.release.c.rev.desc()).limit(1)
    found = connection.execute(newest).first()
    return _release(found) if found else None


def releases(connection: Connection, key: str) -> tuple[ReleaseRow, ...]:
    """Every release, the first one first."""
    return tuple(_release(row) for row in connection.execute(_releases(key).order_by(t.release.c.rev)))


def items(connection: Connection, key: str) -> tuple[ItemRow, ...]:
    """A campaign's items in their order."""
    rows = connection.execute(
        select(t.item).where(t.item.c.campaign == key).order_by(t.item.c.position, t.item.c.key)
    )
    return tuple(ItemRow(row.key, row.name, row.position, Obligation(row.obligation)) for row in rows)


def standings(connection: Connection, key: str) -> tuple[Standing, ...]:
    """Every unit of a campaign, in roster order, third parties last."""
    rows = connection.execute(_STANDINGS.where(t.standing.c.campaign == key).order_by(*_ORDER)).all()
    gone = _gone(connection, _GONE_OF_CAMPAIGN, {"of_campaign": key})
    return tuple(_standing(row, gone) for row in rows)


def units(connection: Connection, key: str) -> tuple[Unit, ...]:
    """The units alone, in the same order."""
    return tuple(_unit(body) for body in connection.execute(_BODIES, {"of_campaign": key}).scalars())


def standing(connection: Connection, key: str, unit: str) -> Standing | None:
    """One unit's place."""
    row = connection.execute(_STANDING, {"of_campaign": key, "of_unit": unit}).first()
    return _standing(row, _gone(connection, _GONE_OF_UNIT, {"of_unit": unit})) if row else None


def whose_code(connection: Connection, code: str) -> tuple[str, str] | None:
    """(campaign, unit) of a code."""
    found = connection.execute(_WHOSE_CODE, {"wanted": code.strip().upper()}).first()
    return (found.campaign, found.unit) if found else None


def whose_address(
    connection: Connection, address: str, also: Sequence[str] = ()
) -> tuple[tuple[str, str], ...]:
    """Units that have this address on their roster line, or have had it learned; of campaigns that run."""
    key = address.strip().lower()
    return _owners(connection, _OWNERS_OF_ADDRESS, key, also)


def whose_domain(
    connection: Connection, domain: str, also: Sequence[str] = ()
) -> tuple[tuple[str, str], ...]:
    """Units that have any address in this domain; of campaigns that run."""
    key = domain.strip().lower().lstrip("@")
    return _owners(connection, _OWNERS_OF_DOMAIN, key, also)


def confirmed_senders(
    connection: Connection, unit: str | None = None, address: str | None = None
) -> tuple[ConfirmedSender, ...]:
    """Addresses learned for units, the oldest first."""
    wanted = select(t.contact.c.unit, t.contact.c.address, t.contact.c.learned_by).where(
        t.contact.c.learned_by != ""
    )
    if unit is not None:
        wanted = wanted.where(t.contact.c.unit == unit)
    if address is not None:
        wanted = wanted.where(t.contact.c.address_key == address.strip().lower())
    rows = connection.execute(wanted.order_by(t.contact.c.id))
    return tuple(ConfirmedSender(row.unit, row.address, row.learned_by) for row in rows)


# --- below --------------------------------------------------------------------------------------------------


def _releases(key: str) -> Select[Any]:
    return select(t.release).where(t.release.c.campaign == key)


def _release(row: AnyRow) -> ReleaseRow:
    return ReleaseRow(
        campaign=row.campaign,
        rev=row.rev,
        digest=row.digest,
        inputs_sha256=row.inputs_sha256,
        signer=row.signer,
        at=row.at,
        roster_sha256=row.roster_sha256,
        act=Act(row.act),
        reason=row.reason,
        manifest_sha256=row.manifest_sha256,
    )


def _standing(row: AnyRow, gone: dict[str, tuple[str, ...]]) -> Standing:
    unit = _unit(row.body)
    return Standing(row.campaign, unit, row.code or "", gone.get(row.unit, ()))


# A roster line is read for every letter and changes hardly ever; the largest roster we mean to serve fits.
@lru_cache(maxsize=65_536)
def _unit(body: str) -> Unit:
    return from_bytes(Unit, body.encode())


def _gone(connection: Connection, of: Select[Any], named: dict[str, str]) -> dict[str, tuple[str, ...]]:
    gone: dict[str, tuple[str, ...]] = {}
    for row in connection.execute(of, named):
        gone[row.unit] = (*gone.get(row.unit, ()), row.address)
    return gone


def _owners(
    connection: Connection, owners: Select[Any], key: str, also: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    rows = connection.execute(owners, {"wanted": key, "also": list(also)})
    return tuple((row.campaign, row.unit) for row in rows)


def _owners_by(column: str) -> Select[Any]:
    """Whose an `address_key` or a `domain` is, by roster line or learned; asked for every letter."""
    also: BindParameter[Sequence[str]] = bindparam("also", expanding=True)
    counts = (t.campaign.c.state == "open") | t.campaign.c.key.in_(also)
    is_open = (t.campaign.c.key == t.standing.c.campaign) & counts
    on_roster = (
        select(t.standing_address.c.campaign, t.standing_address.c.unit)
        .join(t.campaign, t.campaign.c.key == t.standing_address.c.campaign)
        .where(t.standing_address.c[column] == bindparam("wanted"), counts)
    )
    known = (
        select(t.standing.c.campaign, t.standing.c.unit)
        .join(t.contact, t.contact.c.unit == t.standing.c.unit)
        .join(t.campaign, is_open)
        .where(
            t.contact.c[column] == bindparam("wanted"),
            t.contact.c.learned_by != "",
            ~_speaks_for_another(counts),
        )
    )
    both = union(on_roster, known).subquery()
    return select(both).order_by(both.c.campaign, both.c.unit)


def _speaks_for_another(counts: Any) -> Any:
    """Whether a learned address was confirmed for a second unit too, or stands on another one's roster line.

    Somebody who hands in for several units speaks for none of them by writing.
    """
    other = t.contact.alias("other")
    confirmed = select(other.c.id).where(
        other.c.address_key == t.contact.c.address_key,
        other.c.unit != t.contact.c.unit,
        other.c.learned_by != "",
    )
    running = select(t.campaign.c.key).where(counts)
    listed = select(t.standing_address.c.unit).where(
        t.standing_address.c.address_key == t.contact.c.address_key,
        t.standing_address.c.unit != t.contact.c.unit,
        t.standing_address.c.campaign.in_(running),
    )
    return exists(confirmed.correlate(t.contact)) | exists(listed.correlate(t.contact))


_OWNERS_OF_ADDRESS = _owners_by("address_key")
_OWNERS_OF_DOMAIN = _owners_by("domain")
