"""登记, as a stage: from sorted letters to matched ones, or to a person with the doubt in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from service.incoming.match.apart import take_apart
from service.incoming.match.form_names import third_party, with_form_names
from service.incoming.match.items import Brings, is_picture, is_signature, place
from service.incoming.match.judge import Likeliest, Ruling, likeliest, rule_on
from service.incoming.match.names import plain
from service.incoming.match.odd_codes import odd_codes, with_odd_codes
from service.incoming.match.portions import portions
from service.incoming.match.replay import hits_of, with_portions, with_readings, with_sender_held
from service.incoming.match.topics import speaks_of
from service.incoming.match.witnesses import HANDED_IN, SUSPECTS_MAX, Testimony, hear
from service.office.campaign import Campaign, FormField, Item
from service.office.change import Change, Record
from service.office.content import Content
from service.office.docket import DocketState
from service.office.filing import counting
from service.office.form import FormReading
from service.office.frozen import frozen_campaign, items_for, open_campaign
from service.office.holding import hold
from service.office.letter import Flag, Kind, Letter, LetterFacts, Part, Stage
from service.office.matter import Brought, Matched, Read, Suspect
from service.office.needs.archive import Archive
from service.office.needs.forms import Forms
from service.office.needs.ledger import Ledger
from service.office.policy import Policy
from service.office.reading import Advance, NoteHits, PutMatter
from service.office.record import from_bytes, to_bytes
from service.office.roster import Unit
from service.office.rule import Rulebook, RuleHit, Then
from service.office.trust import is_refuted

# A letter with more files than this is looked at by a person; reading each as a form would take minutes.
FORMS_READ_MAX = 60
PICTURES_READ_MAX = 8  # of a letter, for the mark beside the code; each costs up to a second
FILE_HEAD_CHARACTERS = 600
# Logos are small and have names that programs gave them; photographs are neither.
LOGO_BYTES_MAX = 30_000
_LOGO_NAME = re.compile(
    r"(?:image\d{3}|logo|~WRD\d+|Outlook-|签名|signature|Catch|QQ图片签名)[\w-]*\.\w{3,4}$", re.IGNORECASE
)
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
        if matched.portions:
            self.ledger.apply(take_apart(letter, facts, matched, hits, self.archive, now))
        else:
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
        if to is Stage.REVIEW:
            changes += hold(self.ledger, matched.suspects, letter.id, now)
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
    facts = replace(facts, parts=tuple(_mark_logo(part) for part in facts.parts))
    generic = _read_all(facts, archive, forms, ())
    worded = _with_file_words(facts, generic)
    rule, tried = rules.meaning(worded)
    beside, _ = rules.meaning(replace(worded, parts=(), links=()))
    testimony = replace(
        hear(facts, generic, ledger, via), spoken_of=_spoken_of(facts, generic, ledger, archive, via)
    )
    pair = likeliest(testimony)
    campaign = _campaign_of(pair, ledger, archive)
    unit = _unit_of(pair, ledger)
    facts = replace(facts, parts=_mark_ours(facts.parts, campaign, unit, ledger, archive))
    fields = tuple(field for item in (campaign.items if campaign else ()) for field in item.fields)
    reads = _read_all(facts, archive, forms, fields) if fields else generic
    items = _items(campaign, unit)
    lines = {item.key: forms.read_text(facts.reply_text, item.fields) for item in items if item.fields}
    correcting = _correcting(pair, ledger)
    brings = place(facts, reads, lines, campaign, items, rule.then, correcting) if campaign else Brings(())
    odd = odd_codes(facts, reads, ledger, policy.code_key)
    pointed = tuple(whose for each in odd for whose in each.near)
    testimony = replace(testimony, suspected=(*testimony.suspected, *pointed))
    matched, testimony = _weighed(testimony, pair, brings, reads, lines, campaign, unit, ledger, policy)
    matched = with_readings(with_odd_codes(matched, odd), testimony)
    matched = with_sender_held(matched, facts, policy)
    if campaign is not None and rule.then is Then.PERSON and not odd and not matched.is_certain:
        matched = _taken_apart(matched, facts, reads, testimony, campaign, policy, ledger)
    brings_something = _brings_something(facts, brings, rule.then)
    matched = replace(
        matched,
        meaning=rule.then,
        reads=reads,
        brings_something=brings_something,
        may_ask=beside.then is Then.ASK or _has_links_beside(facts, brings),
        suspects=() if matched.portions else _suspects(matched, testimony, brings, items),
    )
    return matched, (*tried, *hits_of(matched, testimony, facts, policy))


def _taken_apart(
    matched: Matched,
    facts: LetterFacts,
    reads: tuple[Read, ...],
    testimony: Testimony,
    campaign: Campaign,
    policy: Policy,
    ledger: Ledger,
) -> Matched:
    """What is no one unit's letter may be that of several, each of them sure."""

    def placing(own: LetterFacts, its: tuple[Read, ...], key: str) -> Brings:
        standing = ledger.standing(campaign.key, key)
        items = _items(campaign, standing.unit) if standing else ()
        return place(own, its, {}, campaign, items, Then.PERSON) if items else Brings(())

    if is_refuted(facts, policy.mail_hosts):
        return matched
    return with_portions(matched, portions(facts, reads, testimony, campaign, ledger, placing), campaign.key)


def _weighed(
    testimony: Testimony,
    pair: Likeliest,
    brings: Brings,
    reads: tuple[Read, ...],
    lines: dict[str, FormReading],
    campaign: Campaign | None,
    unit: Unit | None,
    ledger: Ledger,
    policy: Policy,
) -> tuple[Matched, Testimony]:
    """The ruling on everything heard, forms included, and all that was heard."""
    bodies: tuple[str, ...] = ()
    if campaign is not None:
        testimony, bodies = with_form_names(testimony, reads, lines, brings, campaign, unit, ledger)
        testimony = _without_ourselves(testimony, campaign, policy)
        if bodies:
            return third_party(testimony, brings, campaign, bodies, ledger), testimony
    if pair.unit is None:
        pair = likeliest(testimony)
    ruling = rule_on(testimony, pair, bool(brings.assignments))
    return _matched(ruling, testimony, brings, ledger), testimony


def _mark_logo(part: Part) -> Part:
    """A signature's picture that some programs attach instead of showing it."""
    is_logo = is_picture(part) and part.size <= LOGO_BYTES_MAX and _LOGO_NAME.match(part.name)
    return (
        replace(part, flags=(*part.flags, Flag.INLINE)) if is_logo and Flag.INLINE not in part.flags else part
    )


def _spoken_of(
    facts: LetterFacts, reads: tuple[Read, ...], ledger: Ledger, archive: Archive, via: str
) -> frozenset[str]:
    """The running campaigns that the letter names; what staff hand in while one runs is for that one."""
    running = [row for row in ledger.campaigns() if row.state == "open"]
    if via.startswith(HANDED_IN) and len(running) == 1:
        return frozenset({running[0].key})
    return frozenset(row.key for row in running if speaks_of(frozen_campaign(row, archive), facts, reads))


def _has_links_beside(facts: LetterFacts, brings: Brings) -> bool:
    """A link beside what was filed: somebody must fetch it before it expires."""
    return bool(facts.links and brings.assignments) and not any(
        each.brought is Brought.LINK for each in brings.assignments
    )


def _suspects(
    matched: Matched, testimony: Testimony, brings: Brings, items: tuple[Item, ...]
) -> tuple[Suspect, ...]:
    """Every unit the letter may be of: none of them is called missing while a person has not looked [law 5].

    The likeliest waits with the items the letter surely brings; where that is open, and for all others,
    with every item.
    """
    is_placed = bool(brings.assignments) and not brings.unplaced and not brings.doubt
    surely = tuple(dict.fromkeys(each.item for each in brings.assignments)) if is_placed else ()
    pairs = [(matched.campaign or "", matched.unit or "")]
    pairs += [(each.campaign, each.unit) for each in testimony.witnesses]
    pairs += [each for each in testimony.suspected]
    found = []
    for campaign, unit in dict.fromkeys(pairs):
        if campaign and unit:
            known = surely if campaign == matched.campaign and _is_form_only(brings, items) else ()
            found.append(Suspect(campaign, unit, known))
    return tuple(found[:SUSPECTS_MAX])


def _is_form_only(brings: Brings, items: tuple[Item, ...]) -> bool:
    """A form says itself which item it is; what words say may be meant otherwise."""
    forms = {item.key for item in items if item.fields}
    return all(each.item in forms for each in brings.assignments)


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
    wanted += [part for part in facts.parts if _may_show_mark(part)][:PICTURES_READ_MAX]
    return tuple(
        Read(part.sha256, part.name, forms.read(archive.get(part.sha256), part.name, fields))
        for part in wanted
    )


def _may_show_mark(part: Part) -> bool:
    """A photograph of a form, also pasted into the mail; logos are too small to hold a mark."""
    return is_picture(part) and part.size > LOGO_BYTES_MAX and not set(_NOT_FORMS) & set(part.flags)


def _may_be_form(part: Part) -> bool:
    return not is_picture(part) and not set(_NOT_FORMS) & set(part.flags)


def _campaign_of(pair: Likeliest, ledger: Ledger, archive: Archive) -> Campaign | None:
    if pair.campaign is not None:
        return open_campaign(pair.campaign, ledger, archive)
    rows = [row for row in ledger.campaigns() if row.state == "open"]
    return open_campaign(rows[0].key, ledger, archive) if len(rows) == 1 else None


def _unit_of(pair: Likeliest, ledger: Ledger) -> Unit | None:
    if pair.campaign is None or pair.unit is None:
        return None
    standing = ledger.standing(pair.campaign, pair.unit)
    return standing.unit if standing else None


def _correcting(pair: Likeliest, ledger: Ledger) -> frozenset[str]:
    """The items of which the likeliest unit has been asked to correct something."""
    if pair.campaign is None or pair.unit is None:
        return frozenset()
    dockets = ledger.dockets(pair.campaign, pair.unit)
    return frozenset(each.item for each in dockets if each.state is DocketState.NEEDS_CORRECTION)


def _items(campaign: Campaign | None, unit: Unit | None) -> tuple[Item, ...]:
    if campaign is None:
        return ()
    if unit is None or unit.is_third_party:
        return items_for(campaign, (), is_third_party=True) or campaign.items
    return items_for(campaign, unit.groups, with_withdrawn=True)


def _without_ourselves(testimony: Testimony, campaign: Campaign | None, policy: Policy) -> Testimony:
    """Our own office, greeted or quoted in a signature line, is no stranger."""
    ours = {plain(policy.office_name), *((plain(campaign.issuer),) if campaign else ())}
    strangers = tuple(each for each in testimony.strangers if not any(each in o or o in each for o in ours))
    return replace(testimony, strangers=strangers)


def _matched(ruling: Ruling, testimony: Testimony, brings: Brings, ledger: Ledger) -> Matched:
    doubt = ruling.doubt or _unplaced(ruling, brings, ledger)
    return Matched(
        ruling.campaign,
        ruling.unit,
        not doubt,
        brings.assignments,
        tuple(each.say for each in testimony.witnesses if each.unit == ruling.unit),
        testimony.misses,
        doubt,
    )


def _unplaced(ruling: Ruling, brings: Brings, ledger: Ledger) -> str:
    """Why it is not sure what came, where it is sure from whom."""
    if brings.doubt:
        return brings.doubt
    if brings.unplaced:
        names = "、".join(part.name for part in brings.unplaced[:3])
        return f"看不出“{names}”报送的是哪一项材料"
    if not brings.assignments:
        return "来信没有带来可以登记的材料；如果说的是已经报送，请核实"
    for each in brings.assignments:
        # Pictures complete what is in; alone they are no return.
        is_alone = each.brought is Brought.PICTURES
        if is_alone and not counting(ledger.filings(ruling.campaign or "", ruling.unit or "", each.item)):
            return "只有图片，还没有收到它们所配的材料"
    return ""


def _brings_something(facts: LetterFacts, brings: Brings, meaning: Then) -> bool:
    """Whether a letter may be a return at all; 收到 and questions are none.

    An empty reply is one too: a person pressed the button, and what was to go along did not.
    """
    if brings.assignments or facts.links:
        return True
    ignored = {Flag.INLINE, Flag.BLANK_FORM}
    if any(not ignored & set(part.flags) and not is_signature(part) for part in facts.parts):
        return True
    return meaning not in (Then.NOTE, Then.ASK, Then.REFUSE)
