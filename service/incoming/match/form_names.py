"""What the unit-name field of a form says: the unit itself, another one, or a body on no roster."""

from __future__ import annotations

from dataclasses import replace

from service.incoming.match.items import Brings, filled, is_form_of
from service.incoming.match.names import is_same_body, is_short_for, plain
from service.incoming.match.witnesses import UNIT_IN_FORM, Testimony
from service.office.campaign import Campaign
from service.office.form import FormReading
from service.office.matter import Group, Matched, Read, Witness
from service.office.needs.ledger import Ledger
from service.office.roster import Unit


def with_form_names(
    testimony: Testimony,
    reads: tuple[Read, ...],
    lines: dict[str, FormReading],
    brings: Brings,
    campaign: Campaign,
    unit: Unit | None,
    ledger: Ledger,
) -> tuple[Testimony, tuple[str, ...]]:
    """The testimony with what forms say, and the bodies on no roster that a form alone speaks for."""
    added: list[Witness] = []
    strangers: list[str] = []
    for value, is_typed in _unit_names(reads, lines, campaign, ledger):
        listed = _listed(value, unit, campaign, ledger)
        if listed is None:
            strangers.append(value)
        elif is_typed or unit is None or listed.key != unit.key:
            # What we printed is no witness for its unit; against another one it is.
            say = f"表中单位写的是“{listed.name}”"
            added.append(Witness(Group.NAME, campaign.key, listed.key, say, rule=UNIT_IN_FORM))
    testimony = replace(testimony, witnesses=(*testimony.witnesses, *added), heard=(*testimony.heard, *added))
    if not strangers:
        return testimony, ()
    is_open = any(is_open_item(each.item, campaign) for each in brings.assignments)
    speaks_for_a_unit = any(each.unit for each in testimony.witnesses)
    if is_open and not speaks_for_a_unit:
        return testimony, tuple(strangers)
    return replace(testimony, strangers=(*strangers, *testimony.strangers)), ()


def third_party(
    testimony: Testimony, brings: Brings, campaign: Campaign, bodies: tuple[str, ...], ledger: Ledger
) -> Matched:
    """Not on the roster: the campaign's own public code is the what, the name typed into the form the who."""
    name = bodies[0]
    hits = tuple(each.say for each in testimony.witnesses)
    assignments = tuple(each for each in brings.assignments if is_open_item(each.item, campaign))
    doubt = _doubt(testimony, brings, campaign, bodies, ledger)
    return Matched(
        campaign.key,
        name,
        not doubt,
        assignments,
        (*hits, f"表中单位写的是“{name}”，不在通讯录中"),
        testimony.misses,
        doubt,
        third_party=name,
    )


def is_open_item(item: str, campaign: Campaign) -> bool:
    """Whether bodies on no roster may bring this item."""
    found = campaign.item(item)
    return found is not None and found.is_open_to_third_parties


def _doubt(
    testimony: Testimony, brings: Brings, campaign: Campaign, bodies: tuple[str, ...], ledger: Ledger
) -> str:
    if len(bodies) > 1:
        return f"一封信里有几个单位的表：{'、'.join(bodies)}，请分别登记"
    near = next((each for each in _roster(campaign, ledger) if _is_near(each, plain(bodies[0]))), None)
    if near is not None:
        return f"“{bodies[0]}”不在通讯录中，与“{near.name}”相近，请确认是不是同一单位"
    if not any(each.group in (Group.THREAD, Group.FORM) for each in testimony.witnesses):
        return f"“{bodies[0]}”不在通讯录中，来件也没有编号，请确认是否收下"
    if brings.unplaced:
        return f"看不出“{brings.unplaced[0].name}”报送的是哪一项材料"
    return ""


def typed_unit(read: Read, campaign: Campaign, ledger: Ledger) -> tuple[tuple[str, str], ...]:
    """The names that one form's unit fields hold, each with its unit's key, or itself where there is none."""
    found = []
    for item in campaign.items:
        if not is_form_of(read.reading, item):
            continue
        for field in item.fields:
            if field.is_unit_name and (value := read.reading.value(field.key).strip()):
                listed = _listed(value, None, campaign, ledger)
                found.append((value, listed.key if listed else value))
    return tuple(dict.fromkeys(found))


def _is_near(unit: Unit, body: str) -> bool:
    return is_short_for(unit, body) or body.startswith(plain(unit.name))


def _unit_names(
    reads: tuple[Read, ...], lines: dict[str, FormReading], campaign: Campaign, ledger: Ledger
) -> list[tuple[str, bool]]:
    """Every unit name in a form, and whether it was typed: a unit's own form has it printed."""
    keys = [field.key for item in campaign.items for field in item.fields if field.is_unit_name]
    readings = [
        (read.reading, not any(_is_of_a_unit(code, ledger) for code in read.reading.codes))
        for read in reads
        if any(is_form_of(read.reading, item) for item in campaign.items)
    ]
    readings += [
        (lines[item.key], True)
        for item in campaign.items
        if item.key in lines and filled(lines[item.key], item) >= 2
    ]
    found: dict[str, bool] = {}
    for reading, is_typed in readings:
        for key in keys:
            if value := reading.value(key).strip():
                found[value] = found.get(value, False) or is_typed
    return list(found.items())


def _is_of_a_unit(code: str, ledger: Ledger) -> bool:
    whose = ledger.whose_code(code)
    return whose is not None and bool(whose[1])


def _listed(name: str, unit: Unit | None, campaign: Campaign, ledger: Ledger) -> Unit | None:
    """The unit a typed name means; one that fits several units (市场监管局) means the likeliest, or none."""
    body = plain(name)
    if unit is not None and is_same_body(unit, body):
        return unit
    found = [each for each in _roster(campaign, ledger) if is_same_body(each, body)]
    return found[0] if len(found) == 1 else None


def _roster(campaign: Campaign, ledger: Ledger) -> list[Unit]:
    return [each for each in ledger.roll(campaign.key).units if not each.is_third_party]
