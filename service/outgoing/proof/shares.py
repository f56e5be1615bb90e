"""逐个单位 — what each unit gets, owes and hears again, and in what it differs from its group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from service.office.campaign import Campaign, Role
from service.office.content import Content, Enclosure, Manifest
from service.office.facts import item_facts
from service.office.frozen import items_for
from service.office.policy import Policy
from service.office.roster import Roster, Unit
from service.office.share import Owed, Reminded, Share

T = TypeVar("T")


def shares_of(
    campaign: Campaign, manifest: Manifest, roster: Roster, contents: Mapping[str, Content], policy: Policy
) -> tuple[Share, ...]:
    """Every addressed unit in roster order, then the bodies that get a copy."""
    units = roster.in_groups(campaign.groups)
    rcpts: dict[str, list[str]] = {}
    files: dict[str, tuple[Enclosure, ...]] = dict(manifest.print_packs)
    for each in manifest.planned:
        rcpts.setdefault(each.unit, []).append(each.rcpt)
        files[each.unit] = contents[each.content_sha256].enclosures
    codes = {unit: code for code, unit in manifest.codes}
    reminders = _reminders(campaign, manifest)
    owed = _Owed(campaign, policy)
    shares = [
        Share(
            unit=unit.key,
            name=unit.name,
            groups=tuple(each for each in unit.groups if each in campaign.groups),
            rcpts=tuple(rcpts.get(unit.key, ())),
            contacts=tuple(f"{each.name} {each.phone}".strip() for each in unit.contacts if each.name),
            code=codes.get(unit.key, ""),
            files=tuple(each.name for each in files.get(unit.key, ())),
            owed=owed.of(unit),
            reminders=tuple(reminders.get(unit.key, ())),
            activities=_activities(campaign, unit),
        )
        for unit in units
    ]
    return (*_with_differences(shares), *_copies(manifest, contents))


def _copies(manifest: Manifest, contents: Mapping[str, Content]) -> list[Share]:
    found: dict[str, Share] = {}
    for each in manifest.planned:
        if each.kind == "copy":
            files = tuple(one.name for one in contents[each.content_sha256].enclosures)
            before = found.get(each.unit)
            rcpts = (*(before.rcpts if before else ()), each.rcpt)
            found[each.unit] = Share(each.unit, each.unit_name, (), rcpts, (), "", files, is_copy=True)
    return list(found.values())


def _reminders(campaign: Campaign, manifest: Manifest) -> dict[str, list[Reminded]]:
    found: dict[str, list[Reminded]] = {}
    if not campaign.sends_reminders:
        return found
    for chase in manifest.schedule:
        names = tuple(item.name if (item := campaign.item(key)) else key for key in chase.items)
        one = Reminded(chase.at, chase.step.partition("@")[0], names)
        for unit in chase.units:
            found.setdefault(unit, []).append(one)
    return found


class _Owed:
    """What units of the same groups owe is worded once."""

    def __init__(self, campaign: Campaign, policy: Policy) -> None:
        self._campaign, self._policy = campaign, policy
        self._known: dict[tuple[str, ...], tuple[Owed, ...]] = {}

    def of(self, unit: Unit) -> tuple[Owed, ...]:
        """The unit's items in the campaign's order."""
        if unit.groups not in self._known:
            self._known[unit.groups] = tuple(self._worded(unit.groups))
        return self._known[unit.groups]

    def _worded(self, groups: tuple[str, ...]) -> list[Owed]:
        policy, campaign = self._policy, self._campaign
        rows = []
        for item in items_for(campaign, groups):
            facts = item_facts(item, policy.calendar, policy.zone, campaign.obligation(item, groups))
            due, media = str(facts["due_words"]), str(facts["media_words"])
            rows.append(Owed(item.name, str(facts["obligation_words"]), due, media))
        return rows


def _activities(campaign: Campaign, unit: Unit) -> tuple[str, ...]:
    """The activities that name the unit, with its part in each."""
    found = []
    for each in campaign.activities:
        roles: list[Role] = [
            organiser.role
            for organiser in each.organisers
            if unit.key in organiser.units or (organiser.group and organiser.group in unit.groups)
        ]
        if roles:
            words = "、".join(dict.fromkeys(role.value for role in roles))
            found.append(f"{each.name}（{words}）")
    return tuple(found)


# --- who differs --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Usual:
    """What most units of a group have."""

    owed: tuple[Owed, ...]
    files: tuple[str, ...]
    activities: int


def _with_differences(shares: Sequence[Share]) -> list[Share]:
    """The commonest shape of a group is its rule; whoever has another one differs, and is told how."""
    by_group: dict[tuple[str, ...], list[Share]] = {}
    for share in shares:
        by_group.setdefault(share.groups[:1], []).append(share)
    usual = {
        group: _Usual(
            _commonest([each.owed for each in members]),
            _commonest([_kinds(each) for each in members]),
            _commonest([len(each.activities) for each in members]),
        )
        for group, members in by_group.items()
    }
    return [replace(share, differs=_differs(share, usual[share.groups[:1]])) for share in shares]


def _differs(share: Share, usual: _Usual) -> tuple[str, ...]:
    said: list[str] = []
    if not share.rcpts:
        said.append("没有邮箱，打印送达")
    if not share.contacts:
        said.append("没有联系人")
    if len(share.groups) > 1:
        said.append(f"属于几个组别：{'、'.join(share.groups)}")
    said += _owed_words(share.owed, usual.owed)
    if share.rcpts and _kinds(share) != usual.files:
        said.append("附件与同组单位不同")
    if len(share.activities) > 1 and len(share.activities) != usual.activities:
        said.append(f"承担 {len(share.activities)} 项活动")
    return tuple(said)


def _kinds(share: Share) -> tuple[str, ...]:
    return tuple(name for name in share.files if name != "封面.docx")


def _owed_words(owed: tuple[Owed, ...], usual: tuple[Owed, ...]) -> list[str]:
    mine, others = {each.name: each for each in owed}, {each.name: each for each in usual}
    said = [f"不报“{name}”" for name in others if name not in mine]
    said += [f"另报“{name}”" for name in mine if name not in others]
    said += [
        f"“{name}”{mine[name].obligation}（同组单位{others[name].obligation}）"
        for name in mine
        if name in others and mine[name].obligation != others[name].obligation
    ]
    return said


def _commonest(shapes: Sequence[T]) -> T:
    """The first of the commonest, in roster order."""
    return Counter(shapes).most_common(1)[0][0]


# --- what is laid out ---------------------------------------------------------------------------------------


def chosen(shares: Sequence[Share], sample: int, named: Sequence[str]) -> tuple[Share, ...]:
    """The sample: units named, or so many spread over the roster, else the first of each group."""
    units = [each for each in shares if not each.is_copy]
    if named:
        return tuple(each for each in units if each.unit in named)
    if sample > 0:
        step = max(1, len(units) // sample)
        return tuple(units[::step][:sample])
    first: dict[tuple[str, ...], Share] = {}
    for each in units:
        if each.rcpts:
            first.setdefault(each.groups[:1], each)
    return tuple(first.values())
