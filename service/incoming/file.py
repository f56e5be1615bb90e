"""归档 — once, never overwriting; the newest valid version counts. [条例29]"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from service.office.campaign import Campaign, Item, Medium, Obligation
from service.office.change import AddFiling, Change, MarkAddress, PutDocket, PutUnit, Record
from service.office.docket import Docket, DocketState, MediumState, Trigger
from service.office.filing import (
    PAPER,
    FiledDoc,
    Filing,
    counting,
    find_entry,
    in_force,
    joined,
    of_entry,
    standing,
)
from service.office.frozen import open_campaign
from service.office.holding import is_held, let_go, move, moved_event
from service.office.letter import Letter, LetterFacts, Stage
from service.office.matter import Brought, Checked, CheckedItem, Matched
from service.office.needs.archive import Archive
from service.office.needs.ledger import Ledger
from service.office.reading import Advance, NoteHits
from service.office.record import from_bytes
from service.office.roster import Unit
from service.office.rule import RuleHit
from service.office.trust import Trust, trust_in

FILE_VERSION = 2
# Third parties stand after every unit of the roster.
THIRD_PARTY_ORDER = 1_000_000


@dataclass(frozen=True, slots=True)
class File:
    """Files one checked letter: filings, docket moves and events in one transaction."""

    ledger: Ledger
    archive: Archive

    name = "file"

    def waiting(self, now: datetime) -> Sequence[str]:
        """Checked letters, oldest first."""
        return [str(letter.id) for letter in self.ledger.letters(stage=Stage.CHECKED)]

    def handle(self, piece: str, now: datetime) -> bool:
        """File one letter; a lost race changes nothing and is tried again."""
        letter = self.ledger.letter(int(piece))
        if letter is None or letter.stage is not Stage.CHECKED:
            return False
        matched = from_bytes(Matched, self._matter(letter, "match"))
        checked = from_bytes(Checked, self._matter(letter, "check"))
        facts = from_bytes(LetterFacts, self.archive.get(letter.facts_sha256))
        campaign = open_campaign(matched.campaign or "", self.ledger, self.archive)
        if campaign is None or matched.unit is None:
            raise LookupError(f"letter {letter.id} is checked without a campaign or unit")
        changes = self._changes(letter, facts, matched, checked, campaign, matched.unit, now)
        return not self.ledger.apply(changes)

    def _matter(self, letter: Letter, stage: str) -> bytes:
        sha256 = self.ledger.matter(letter.id, stage)
        if sha256 is None:
            raise LookupError(f"letter {letter.id} has no matter of {stage}")
        return self.archive.get(sha256)

    def _changes(
        self,
        letter: Letter,
        facts: LetterFacts,
        matched: Matched,
        checked: Checked,
        campaign: Campaign,
        unit: str,
        now: datetime,
    ) -> list[Change]:
        changes: list[Change] = [Advance(letter.id, Stage.CHECKED, Stage.FILED, now, outcome=checked.say)]
        if matched.third_party and self.ledger.standing(campaign.key, unit) is None:
            new = Unit(unit, unit, is_third_party=True, order=THIRD_PARTY_ORDER)
            changes.append(PutUnit(new, campaign.key))
        if matched.third_party and letter.sender and trust_in(facts) is not Trust.MISMATCH:
            # It is on no roster: the address it wrote from is how its correction will be known, unless a
            # test says that somebody else wrote and a person has filed the letter all the same.
            changes.append(MarkAddress(unit, letter.sender, "ok", learned_by="来件"))
        said: list[str] = []
        touched: dict[str, Docket] = {}
        filed: dict[str, list[Filing]] = {}
        for each in checked.items:
            item = campaign.item(each.assignment.item)
            if item is None:
                continue
            before = touched.get(item.key) or self._docket(campaign, item, unit, bool(matched.third_party))
            known = filed.setdefault(item.key, list(self.ledger.filings(campaign.key, unit, item.key)))
            after, filing = self._file_one(each, item, before, known, letter, facts, now)
            touched[item.key] = after
            if filing is not None:
                known.append(filing)
                changes.append(AddFiling(filing))
                changes.append(_filed(filing, letter, now))
                said.append(f"《{item.name}》第 {filing.entry} 件第 {filing.version} 版")
        for key, filed_docket in touched.items():
            was = self._docket_or_new(campaign.key, unit, key, filed_docket)
            docket = self._still_held(filed_docket, letter)
            changes.append(PutDocket(docket))
            if was.state is not docket.state:
                changes.append(moved_event(was, docket, now, "系统", letter.id))
        # A letter that a person had to assign held dockets of every unit it might have been of.
        keep = {docket.key for docket in touched.values()}
        changes += let_go(self.ledger, letter.id, now, "系统", keep)
        hit = RuleHit("filed", FILE_VERSION, bool(said), "；".join(said) or "没有文件归档")
        changes.append(NoteHits(letter.id, "file", (hit,)))
        return changes

    def _still_held(self, docket: Docket, letter: Letter) -> Docket:
        """What is still owed in part is not 未报 while another letter about it waits for a person."""
        if docket.state is DocketState.AWAITED and is_held(self.ledger, docket.key, without=letter.id):
            return move(docket, Trigger.REVIEWED) or docket
        return docket

    def _docket_or_new(self, campaign: str, unit: str, item: str, new: Docket) -> Docket:
        return self.ledger.docket(campaign, unit, item) or replace(new, state=DocketState.AWAITED)

    def _docket(self, campaign: Campaign, item: Item, unit: str, is_third_party: bool) -> Docket:
        found = self.ledger.docket(campaign.key, unit, item.key)
        if found is not None:
            return found
        # A third party owes nothing; its docket is made on receipt.
        return Docket(
            campaign.key,
            unit,
            item.key,
            Obligation.VOLUNTARY,
            DocketState.AWAITED,
            electronic=MediumState.AWAITED if Medium.ELECTRONIC in item.media else None,
            unit_order=THIRD_PARTY_ORDER,
            is_third_party=is_third_party,
            row_version=-1,
        )

    def _file_one(
        self,
        checked: CheckedItem,
        item: Item,
        docket: Docket,
        known: list[Filing],
        letter: Letter,
        facts: LetterFacts,
        now: datetime,
    ) -> tuple[Docket, Filing | None]:
        if checked.assignment.brought is Brought.LINK:
            return move(docket, Trigger.LINK) or docket, None
        filing = _filing(checked, item, docket, known, letter, facts, now)
        trigger = Trigger.GOOD if filing.is_valid else Trigger.FAULTY
        return after_filing(docket, trigger, (*known, filing), letter.received_at), filing


def after_filing(
    docket: Docket, trigger: Trigger, filings: tuple[Filing, ...], received_at: datetime
) -> Docket:
    """The docket once a version is in: media, entries, versions, and the state its table allows."""
    known = counting(filings)
    entries = len({each.entry for each in known})
    version = max(each.version for each in known)
    first = min(docket.electronic_at or received_at, received_at)
    docket = replace(docket, entries=entries, version=version, electronic_at=first)
    if trigger is Trigger.FAULTY:
        after = move(docket, Trigger.FAULTY)
        return replace(after, returned_at=_first(docket, received_at)) if after else docket
    electronic = MediumState.RETURNED if docket.electronic is not None else None
    docket = replace(docket, electronic=electronic)
    return settle_media(docket, received_at)


def settle_media(docket: Docket, received_at: datetime) -> Docket:
    """Returned only when every asked-for medium is in; until then it waits as before."""
    docket = replace(docket, returned_at=_first(docket, received_at))
    if docket.electronic is MediumState.AWAITED and docket.state is not DocketState.AWAITED:
        # Paper came; what must be corrected, fetched or looked at is under way all the same, and not 未报.
        return docket
    if MediumState.AWAITED in (docket.electronic, docket.paper):
        return move(docket, Trigger.PART) or docket
    return move(docket, Trigger.GOOD) or docket


def _first(docket: Docket, received_at: datetime) -> datetime:
    """The instant of the first real return, by which it is late or not.

    The first of two media, and one that had to be corrected, are real returns; and a letter that waited for a
    person counts from when it came, also where a later one was filed before it.
    """
    return min(docket.returned_at or received_at, received_at)


def _filing(
    checked: CheckedItem,
    item: Item,
    docket: Docket,
    known: list[Filing],
    letter: Letter,
    facts: LetterFacts,
    now: datetime,
) -> Filing:
    assignment = checked.assignment
    entry = _entry(checked, item, known)
    same = of_entry(known, entry)
    docs = tuple(
        FiledDoc(part.sha256, part.name, part.size)
        for sha256 in assignment.parts
        for part in facts.parts
        if part.sha256 == sha256
    )
    before = in_force(standing([each for each in same if each.medium != PAPER], docket.returned_at))
    is_valid = checked.is_valid
    fields, title = assignment.fields, assignment.title
    if not docs and assignment.brought is not Brought.NIL:
        docs = (FiledDoc(letter.raw_sha256, "来信正文.eml", facts.size),)
    if before is not None and not before.is_nil and assignment.brought is not Brought.NIL:
        docs = joined(before.docs, docs, completes=checked.completes)
        title = title or before.title
        if checked.completes and assignment.brought not in (Brought.FORM, Brought.LINES):
            # More parts complete what is in; nothing of it is taken away, and nothing of it made good.
            is_valid = is_valid and before.is_valid
            fields = fields or before.fields
    docs = docs or (FiledDoc(letter.raw_sha256, "来信正文.eml", facts.size),)
    return Filing(
        docket.campaign,
        docket.unit,
        docket.item,
        entry,
        max((each.version for each in same), default=0) + 1,
        letter.id,
        _docset(docs, known, letter.id),
        docs,
        is_valid,
        now,
        letter.received_at,
        title,
        is_nil=assignment.brought is Brought.NIL,
        fields=fields,
    )


def _docset(docs: Sequence[FiledDoc], known: Sequence[Filing], letter: int) -> str:
    """Which documents these are; taken back and filed here again after all, they are new ones."""
    named = sorted({each.sha256 for each in docs})
    before = sum(each.letter == letter and each.taken_back_at is not None for each in known)
    return hashlib.sha256("\n".join([*named, *([f"#{before}"] if before else [])]).encode()).hexdigest()


def _entry(checked: CheckedItem, item: Item, known: list[Filing]) -> int:
    """What the check found; told anew by its title where another letter was filed in between."""
    if not item.is_many:
        return 1
    if checked.entry is not None:
        return checked.entry
    again = find_entry(checked.assignment.title, checked.assignment.parts, counting(known))
    return again or max((each.entry for each in known), default=0) + 1


def _filed(filing: Filing, letter: Letter, now: datetime) -> Record:
    about = (
        ("entry", str(filing.entry)),
        ("version", str(filing.version)),
        ("docset", filing.docset_sha256),
        ("valid", str(filing.is_valid)),
    )
    return Record("filed", now, "系统", filing.campaign, filing.unit, filing.item, letter.id, about=about)
