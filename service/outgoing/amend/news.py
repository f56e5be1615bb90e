"""What the roster says now and no notice has yet: units added since, addresses corrected since."""

from __future__ import annotations

from dataclasses import dataclass

from service.office.campaign import Campaign
from service.office.dispatch import INFORMS, Dispatch
from service.office.needs.ledger import Standing
from service.office.roster import Roster
from service.outgoing.amend.plan import has_or_will_have


@dataclass(frozen=True, slots=True)
class News:
    """Unit keys, in roster order."""

    added: tuple[str, ...]
    moved: tuple[str, ...]

    @property
    def units(self) -> tuple[str, ...]:
        """Everybody a 补发 would be for."""
        return (*self.added, *self.moved)

    def sentence(self) -> str:
        """通讯录中 3 个单位尚未发过通知，2 个单位的邮箱已改; empty where nothing is new."""
        said = []
        if self.added:
            said.append(f"{len(self.added)} 个单位尚未发过通知（{_listed(self.added)}）")
        if self.moved:
            said.append(f"{len(self.moved)} 个单位的邮箱已改（{_listed(self.moved)}）")
        return f"通讯录中有 {'，'.join(said)}" if said else ""


def news_of(
    campaign: Campaign,
    roster: Roster,
    standings: tuple[Standing, ...],
    dispatches: tuple[Dispatch, ...],
) -> News:
    """The roster of today against the standings of a campaign and what was written to them."""
    asked = {each.unit.key: each for each in standings if not each.unit.is_third_party}
    written: dict[str, set[str]] = {}
    for each in dispatches:
        if each.kind in INFORMS and has_or_will_have(each):
            written.setdefault(each.unit, set()).add(each.rcpt.lower())
    refused = {(each.unit, each.rcpt.lower()) for each in dispatches if not has_or_will_have(each)}
    added = [each.key for each in roster.in_groups(campaign.groups) if each.key not in asked]
    moved = []
    for unit in roster.units:
        standing = asked.get(unit.key)
        if standing is None:
            continue
        listed = {each.key for each in standing.unit.addresses}
        gone = {each.lower() for each in standing.gone}
        fresh = [each.key for each in unit.addresses if each.key not in listed | gone]
        had = written.get(unit.key, set())
        if any(each not in had and (unit.key, each) not in refused for each in fresh):
            moved.append(unit.key)
    return News(tuple(added), tuple(moved))


def _listed(keys: tuple[str, ...]) -> str:
    return "、".join(keys[:5]) + (f" 等 {len(keys)} 个" if len(keys) > 5 else "")
