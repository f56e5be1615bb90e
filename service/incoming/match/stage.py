"""登记, as a stage: from sorted letters to matched ones, or to a person with the doubt in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from service.incoming.match.items import Brings, filled, is_form_of, is_picture, place
from service.incoming.match.judge import Ruling, rule_on
from service.incoming.match.names import is_same_body, plain
from service.incoming.match.witnesses import Testimony, hear
from service.office.campaign import Campaign, FormField, Item
from service.office.change import Advance, Change, NoteHits, PutMatter, Record
from service.office.content import Content
from service.office.form import FormReading
from service.office.frozen import items_for, open_campaign
from service.office.holding import hold
from service.office.letter import Flag, Kind, Letter, LetterFacts, Part, Stage
from service.office.matter import Group, Matched, Read, Witness
from service.office.needs.archive import Archive
from service.office.needs.forms import Forms
from service.office.needs.ledger import Ledger
from service.office.policy import Policy
from service.office.record import from_bytes, to_bytes
from service.office.roster import Unit
from service.office.rule import Rulebook, RuleHit, Then

# A letter with more files than this is looked at by a person; reading each as a form would take minutes.
FORMS_READ_MAX = 60
FILE_HEAD_CHARACTERS = 600
MATCH_VERSION = 1
_NOT_FORMS = (Flag.ENCRYPTED, Flag.EXECUTABLE, Flag.BOMB)


@dataclass(frozen=True, slots=True)
class Match:
    """Matches one sorted letter of a person."""

    ledger: Ledger
    archive: Archive
    forms: Forms
    rules: Callable[[], Rulebook]
    policy: Policy

    name = "match"

    def waiting(self, now: datetime) -> Sequence[str]:
        """Sorted letters, oldest first."""
        return [str(letter.id) for letter in self.ledger.letters(stage=Stage.SORTED)]

    def handle(self, piece: str, now: datetime) -> bool:
        """Match one letter in one transaction; a letter that somebody moved meanwhile is left alone."""
        letter = self.ledger.letter(int(piece))
        if letter is None or letter.stage is not Stage.SORTED:
            return False
        facts = from_bytes(LetterFacts, self.archive.get(letter.facts_sha256))
        matched, hits = match_letter(
            facts, self.ledger, self.archive, self.forms, self.rules(), self.policy, letter.arrived_via
        )
        self.ledger.apply(self._changes(letter, matched, hits, now))
        return False

    def _changes(
        self, letter: Letter, matched: Matched, hits: tuple[RuleHit, ...], now: datetime
    ) -> list[Change]:
        to, outcome = _next(letter, matched)
        changes: list[Change] = [
            Advance(letter.id, Stage.SORTED, to, now, None, matched.campaign, matched.unit, outcome),
            NoteHits(letter.id, "match", hits),
            PutMatter(letter.id, "match", self.archive.put(to_bytes(matched))),
        ]
        about = (("outcome", outcome), ("certain", str(matched.is_certain)))
        changes.append(
            Record(
                "matched" if to is Stage.MATCHED else "to-review",
                now,
                "系统",
                matched.campaign or "",
                matched.unit or "",
                letter=letter.id,
                about=about,
            )
        )
        if to is Stage.REVIEW and matched.campaign and matched.unit:
            items = {each.item for each in matched.assignments}
            changes += hold(self.ledger, matched.campaign, matched.unit, items, letter.id, now)
        return changes


def _next(letter: Letter, matched: Matched) -> tuple[Stage, str]:
    if letter.kind is Kind.UNREADABLE:
        return Stage.REVIEW, "这封来信无法读取，请打开原件查看"
    if matched.meaning is Then.REFUSE or not matched.brings_something or matched.is_certain:
        return Stage.MATCHED, ""
    return Stage.REVIEW, matched.doubt


def match_letter(
    facts: LetterFacts,
    ledger: Ledger,
    archive: Archive,
    forms: Forms,
    rules: Rulebook,
    policy: Policy,
    via: str = "",
) -> tuple[Matched, tuple[RuleHit, ...]]:
    """登记 one letter: witnesses, ruling, items, meaning. Changes nothing."""
    generic = _read_all(facts, archive, forms, ())
    rule, tried = rules.meaning(_with_file_words(facts, generic))
    testimony = hear(facts, generic, ledger, via)
    campaign = _campaign_of(testimony, ledger, archive)
    unit = _unit_of(testimony, campaign, ledger)
    facts = replace(facts, parts=_mark_ours(facts.parts, campaign, unit, ledger, archive))
    fields = tuple(field for item in (campaign.items if campaign else ()) for field in item.fields)
    reads = _read_all(facts, archive, forms, fields) if fields else generic
    items = _items(campaign, unit)
    lines = {item.key: forms.read_text(facts.reply_text, item.fields) for item in items if item.fields}
    brings = place(facts, reads, lines, campaign, items, rule.then) if campaign else Brings(())
    testimony, third_party = _with_form_names(testimony, reads, lines, brings, campaign, unit, ledger)
    testimony = _without_ourselves(testimony, campaign, policy)
    if third_party and campaign is not None:
        matched = _third_party(testimony, brings, campaign, third_party)
    else:
        ruling = rule_on(testimony, len(ledger.campaigns()), bool(brings.assignments))
        matched = _matched(ruling, testimony, brings, facts)
    matched = replace(
        matched,
        meaning=rule.then,
        reads=reads,
        brings_something=_brings_something(facts, brings, lines, items, rule.then),
        may_ask=rule.then is Then.ASK,
    )
    return matched, (*tried, *_hits(matched))


def _with_file_words(facts: LetterFacts, reads: tuple[Read, ...]) -> LetterFacts:
    """The letter with the first words of its files added: a 密级 mark stands at the head of a document."""
    heads = "\n".join(read.reading.text[:FILE_HEAD_CHARACTERS] for read in reads)
    return replace(facts, text=f"{facts.text}\n{heads}")


def _mark_ours(
    parts: tuple[Part, ...], campaign: Campaign | None, unit: Unit | None, ledger: Ledger, archive: Archive
) -> tuple[Part, ...]:
    """Files that are byte for byte what we sent (a quoted notice, the blank form) are no return."""
    if campaign is None or unit is None:
        return parts
    contents = {each.content_sha256 for each in ledger.dispatches(campaign.key, unit=unit.key)}
    sent = {
        enclosure.sha256
        for sha256 in contents
        for enclosure in from_bytes(Content, archive.get(sha256)).enclosures
    }
    return tuple(
        replace(part, flags=(*part.flags, Flag.BLANK_FORM)) if part.sha256 in sent else part for part in parts
    )


def _read_all(
    facts: LetterFacts, archive: Archive, forms: Forms, fields: Sequence[FormField]
) -> tuple[Read, ...]:
    wanted = [part for part in facts.parts if _may_be_form(part)][:FORMS_READ_MAX]
    return tuple(
        Read(part.sha256, part.name, forms.read(archive.get(part.sha256), part.name, fields))
        for part in wanted
    )


def _may_be_form(part: Part) -> bool:
    return not is_picture(part) and not set(_NOT_FORMS) & set(part.flags)


def _campaign_of(testimony: Testimony, ledger: Ledger, archive: Archive) -> Campaign | None:
    order = {Group.THREAD: 0, Group.FORM: 1, Group.SENDER: 2, Group.NAME: 3}
    heard = sorted(testimony.witnesses, key=lambda each: order[each.group])
    if heard:
        return open_campaign(heard[0].campaign, ledger, archive)
    rows = ledger.campaigns()
    return open_campaign(rows[0].key, ledger, archive) if len(rows) == 1 else None


def _unit_of(testimony: Testimony, campaign: Campaign | None, ledger: Ledger) -> Unit | None:
    order = {Group.THREAD: 0, Group.FORM: 1, Group.SENDER: 2, Group.NAME: 3}
    for witness in sorted(testimony.witnesses, key=lambda each: order[each.group]):
        if campaign is not None and witness.unit and witness.campaign == campaign.key:
            standing = ledger.standing(campaign.key, witness.unit)
            return standing.unit if standing else None
    return None


def _items(campaign: Campaign | None, unit: Unit | None) -> tuple[Item, ...]:
    if campaign is None:
        return ()
    if unit is None or unit.is_third_party:
        return items_for(campaign, (), is_third_party=True) or campaign.items
    return items_for(campaign, unit.groups)


def _with_form_names(
    testimony: Testimony,
    reads: tuple[Read, ...],
    lines: dict[str, FormReading],
    brings: Brings,
    campaign: Campaign | None,
    unit: Unit | None,
    ledger: Ledger,
) -> tuple[Testimony, str]:
    """What the unit-name field of a form says: the unit itself, another one, or a body on no roster."""
    if campaign is None:
        return testimony, ""
    added: list[Witness] = []
    strangers: list[str] = []
    for value in _typed_names(reads, lines, campaign):
        if unit is not None and is_same_body(unit, plain(value)):
            continue  # what we pre-filled is no witness; neither is its repetition
        listed = _listed(value, campaign, ledger)
        if listed is not None:
            added.append(Witness(Group.NAME, campaign.key, listed.key, f"表中单位写的是“{listed.name}”"))
        else:
            strangers.append(value)
    testimony = replace(testimony, witnesses=(*testimony.witnesses, *added))
    if not strangers:
        return testimony, ""
    is_open = any(_is_open(each.item, campaign) for each in brings.assignments)
    speaks_for_a_unit = any(each.unit for each in testimony.witnesses)
    if is_open and not speaks_for_a_unit:
        return testimony, strangers[0]
    return replace(testimony, strangers=(*strangers, *testimony.strangers)), ""


def _typed_names(reads: tuple[Read, ...], lines: dict[str, FormReading], campaign: Campaign) -> list[str]:
    keys = [field.key for item in campaign.items for field in item.fields if field.is_unit_name]
    readings = [read.reading for read in reads if any(is_form_of(read.reading, i) for i in campaign.items)]
    readings += [
        lines[item.key] for item in campaign.items if item.key in lines and filled(lines[item.key], item) >= 2
    ]
    found = [reading.value(key).strip() for reading in readings for key in keys]
    return list(dict.fromkeys(each for each in found if each))


def _listed(name: str, campaign: Campaign, ledger: Ledger) -> Unit | None:
    for standing in ledger.standings(campaign.key):
        if not standing.unit.is_third_party and is_same_body(standing.unit, plain(name)):
            return standing.unit
    return None


def _is_open(item: str, campaign: Campaign) -> bool:
    found = campaign.item(item)
    return found is not None and found.is_open_to_third_parties


def _without_ourselves(testimony: Testimony, campaign: Campaign | None, policy: Policy) -> Testimony:
    """Our own office, greeted or quoted in a signature line, is no stranger."""
    ours = {plain(policy.office_name), *((plain(campaign.issuer),) if campaign else ())}
    strangers = tuple(each for each in testimony.strangers if not any(each in o or o in each for o in ours))
    return replace(testimony, strangers=strangers)


def _third_party(testimony: Testimony, brings: Brings, campaign: Campaign, name: str) -> Matched:
    """Not on the roster: the campaign's own public code is the what, the name typed into the form the who."""
    hits = tuple(each.say for each in testimony.witnesses)
    assignments = tuple(each for each in brings.assignments if _is_open(each.item, campaign))
    is_certain = any(each.group in (Group.THREAD, Group.FORM) for each in testimony.witnesses)
    doubt = "" if is_certain else f"“{name}”不在通讯录中，来件也没有编号，请确认是否收下"
    return Matched(
        campaign.key,
        name,
        is_certain,
        assignments,
        (*hits, f"表中单位写的是“{name}”，不在通讯录中"),
        testimony.misses,
        doubt,
        third_party=name,
    )


def _matched(ruling: Ruling, testimony: Testimony, brings: Brings, facts: LetterFacts) -> Matched:
    doubt = ruling.doubt
    is_certain = ruling.is_certain
    if is_certain and (brings.unplaced or not brings.assignments):
        is_certain = False
        names = "、".join(part.name for part in brings.unplaced[:3])
        doubt = f"看不出“{names}”报送的是哪一项材料" if names else "看不出报送的是哪一项材料"
    return Matched(
        ruling.campaign,
        ruling.unit,
        is_certain,
        brings.assignments,
        tuple(each.say for each in testimony.witnesses if each.unit == ruling.unit),
        testimony.misses,
        doubt,
    )


def _brings_something(
    facts: LetterFacts, brings: Brings, lines: dict[str, FormReading], items: tuple[Item, ...], meaning: Then
) -> bool:
    """Whether a letter may be a return at all; 收到 and questions are none."""
    if brings.assignments or facts.links:
        return True
    ignored = {Flag.INLINE, Flag.BLANK_FORM}
    if any(not ignored & set(part.flags) for part in facts.parts):
        return True
    if meaning in (Then.NOTE, Then.ASK, Then.REFUSE):
        return False
    return bool(facts.reply_text.strip()) or meaning is Then.NIL


def _hits(matched: Matched) -> tuple[RuleHit, ...]:
    hits = [RuleHit("witness", MATCH_VERSION, True, say) for say in matched.hits]
    hits += [RuleHit("witness", MATCH_VERSION, False, say) for say in matched.misses]
    hits += [RuleHit(f"item:{each.item}", MATCH_VERSION, True, each.why) for each in matched.assignments]
    verdict = "两方面证据一致，自动登记" if matched.is_certain else matched.doubt or "没有报送材料"
    hits.append(RuleHit("two-witnesses", MATCH_VERSION, matched.is_certain, verdict))
    return tuple(hits)
