"""A letter in which several units report: every file is surely one unit's, or nothing is taken apart.

Each unit needs what a letter of its own would need [law 3]: two witnesses, a what and a who, and nothing that
speaks for a unit that brings nothing. Whatever is left over is for a person.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from service.incoming.match.form_names import typed_unit
from service.incoming.match.items import Brings, counted
from service.incoming.match.witnesses import UNIT_IN_FILE, UNIT_NAMED, Testimony
from service.office.campaign import Campaign
from service.office.letter import LetterFacts, Part
from service.office.matter import WHO, Group, Portion, Read
from service.office.needs.ledger import Ledger
from service.office.splitting import PORTIONS_MAX

# What one unit brings, were its files alone in the letter.
Placing = Callable[[LetterFacts, tuple[Read, ...], str], Brings]


@dataclass(frozen=True, slots=True)
class Owned:
    """A file that is one unit's, and how that is known."""

    part: Part
    unit: str
    group: Group
    say: str


def portions(
    facts: LetterFacts,
    reads: tuple[Read, ...],
    testimony: Testimony,
    campaign: Campaign,
    ledger: Ledger,
    placing: Placing,
) -> tuple[Portion, ...]:
    """One portion for each unit, in the order of their files; none where anything is open."""
    owned = _owned(facts, reads, testimony, campaign, ledger)
    units = tuple(dict.fromkeys(each.unit for each in owned))
    if not 2 <= len(units) <= PORTIONS_MAX or not _nobody_else(testimony, campaign, units):
        return ()
    found = []
    for unit in units:
        mine = tuple(each for each in owned if each.unit == unit)
        hits = _witnessed(testimony, campaign, unit, mine)
        shas = tuple(dict.fromkeys(each.part.sha256 for each in mine))
        own = replace(facts, parts=tuple(dict.fromkeys(each.part for each in mine)), links=())
        brings = placing(own, tuple(each for each in reads if each.sha256 in shas), unit)
        if not hits or brings.unplaced or brings.doubt or not brings.assignments:
            return ()
        found.append(Portion(unit, shas, brings.assignments, hits))
    return tuple(found)


def _owned(
    facts: LetterFacts, reads: tuple[Read, ...], testimony: Testimony, campaign: Campaign, ledger: Ledger
) -> tuple[Owned, ...]:
    """Every file that counts with its one unit; none at all where one of them has no unit, or several."""
    by_sha = {read.sha256: read for read in reads}
    found = []
    for part in counted(facts.parts):
        signs = _signs(part, by_sha.get(part.sha256), testimony, campaign, ledger)
        if len({each.unit for each in signs}) != 1:
            return ()
        # What somebody typed says more than the code that we printed.
        found.append(next((each for each in signs if each.group is Group.NAME), signs[0]))
        found += [each for each in signs if each is not found[-1]]
    return tuple(found)


def _signs(
    part: Part, read: Read | None, testimony: Testimony, campaign: Campaign, ledger: Ledger
) -> tuple[Owned, ...]:
    """Every unit that a file says it is of: its code, the name typed into a form, its own name and head."""
    found = []
    codes = read.reading.codes if read else ()
    for whose in (ledger.whose_code(code) for code in codes):
        if whose is not None and (whose[1] or whose[0] != campaign.key):
            other = whose[1] if whose[0] == campaign.key else f"{whose[0]}/{whose[1]}"
            found.append(Owned(part, other, Group.FORM, f"文件“{part.name}”内有该单位的编号"))
    is_ours = bool(found)
    for name, unit in typed_unit(read, campaign, ledger) if read else ():
        # What we had printed into the form is no witness for its unit; against another one it is.
        group = Group.FORM if is_ours else Group.NAME
        found.append(Owned(part, unit, group, f"文件“{part.name}”中单位写的是“{name}”"))
    for sha256, key, unit in testimony.of_files:
        if sha256 == part.sha256:
            # The name of a form of ours may be the one we gave it.
            group = Group.FORM if is_ours else Group.NAME
            mine = unit if key == campaign.key else f"{key}/{unit}"
            found.append(Owned(part, mine, group, f"文件“{part.name}”写明是该单位的"))
    return tuple(found)


def _nobody_else(testimony: Testimony, campaign: Campaign, units: tuple[str, ...]) -> bool:
    """No stranger signs, no other campaign and no unit that brings nothing is spoken for."""
    if testimony.strangers or any(whose[1] not in units for whose in testimony.suspected):
        return False
    strong = [each for each in testimony.witnesses if not each.is_weak]
    if any(each.campaign != campaign.key for each in strong):
        return False
    for group in Group:
        named = {each.unit for each in strong if each.group is group and each.unit}
        # An address of several units is one of them; any other witness must bring what it speaks of.
        is_one_of = bool(named & set(units)) if group is Group.SENDER else named <= set(units)
        if named and not is_one_of:
            return False
    return True


def _witnessed(
    testimony: Testimony, campaign: Campaign, unit: str, mine: tuple[Owned, ...]
) -> tuple[str, ...]:
    """What speaks for this unit, in words; nothing where that is too little [law 3]."""
    heard = {
        each.group: each.say
        for each in testimony.witnesses
        if (each.campaign, each.unit) == (campaign.key, unit)
        and not each.is_weak
        and (each.group is not Group.NAME or each.rule in (UNIT_NAMED, UNIT_IN_FILE))
        and not (each.rule == UNIT_IN_FILE and all(one.group is not Group.NAME for one in mine))
    }
    said = {**{each.group: each.say for each in mine}, **heard}
    what = {Group.THREAD, Group.FORM} & set(said)
    # Which notice the letter answers is known from any code or thread in it, for it is one letter.
    knows_what = what or any(
        each.group in (Group.THREAD, Group.FORM) and not each.is_weak for each in testimony.witnesses
    )
    is_enough = len(said) >= 2 and bool(set(WHO) & set(said))
    if not is_enough or not (knows_what or testimony.spoken_of == {campaign.key}):
        return ()
    return tuple(said.values())
