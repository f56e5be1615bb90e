"""冻结的活动 — the campaign as it was signed; later edits of its folder do not change it."""

from __future__ import annotations

from service.office.campaign import Campaign, Item
from service.office.needs.archive import Archive
from service.office.needs.ledger import CampaignRow, Ledger
from service.office.record import from_bytes

_CACHE: dict[str, Campaign] = {}
# More campaigns than this are never open at once; the cache is emptied rather than grown.
CACHED_MAX = 64


def frozen_campaign(row: CampaignRow, archive: Archive) -> Campaign:
    """The Campaign that was released, read once per content."""
    if row.facts_sha256 not in _CACHE:
        if len(_CACHE) >= CACHED_MAX:
            _CACHE.clear()
        _CACHE[row.facts_sha256] = from_bytes(Campaign, archive.get(row.facts_sha256))
    return _CACHE[row.facts_sha256]


def open_campaign(key: str, ledger: Ledger, archive: Archive) -> Campaign | None:
    """The released campaign of this key, or None."""
    row = ledger.campaign(key)
    return frozen_campaign(row, archive) if row is not None else None


def items_for(
    campaign: Campaign,
    groups: tuple[str, ...],
    *,
    is_third_party: bool = False,
    with_withdrawn: bool = False,
) -> tuple[Item, ...]:
    """The items a unit of these groups is asked for; for a third party, those open to them.

    What a correction has withdrawn is left out, except where a letter may still bring it.
    """
    asked = tuple(item for item in campaign.items if with_withdrawn or not item.is_withdrawn)
    if is_third_party:
        return tuple(item for item in asked if item.is_open_to_third_parties)
    return tuple(item for item in asked if campaign.obligation(item, groups) is not None)
