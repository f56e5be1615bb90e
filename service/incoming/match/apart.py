"""A letter of several units, taken apart: the whole is noted, each portion goes on by itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from service.office.change import Change
from service.office.letter import Letter, LetterFacts
from service.office.matter import Matched
from service.office.needs.archive import Archive
from service.office.reading import NoteHits, PutMatter
from service.office.record import to_bytes
from service.office.rule import RuleHit
from service.office.splitting import NewPortion, SplitLetter, facts_of, matched_of, outcome_words

PORTION_VERSION = 1


def take_apart(
    letter: Letter,
    facts: LetterFacts,
    matched: Matched,
    hits: tuple[RuleHit, ...],
    archive: Archive,
    now: datetime,
    actor: str = "系统",
    held: Mapping[str, tuple[str, ...]] | None = None,
) -> list[Change]:
    """Changes that take a letter apart by `matched.portions`.

    `held` are items, by unit, whose dockets wait in review because of the whole letter.
    """
    found = []
    for number, portion in enumerate(matched.portions):
        its = matched_of(matched, portion, may_ask=number == 0)
        said = RuleHit("portion", PORTION_VERSION, True, "；".join(portion.hits))
        new = NewPortion(
            portion.unit,
            archive.put(to_bytes(facts_of(facts, portion))),
            archive.put(to_bytes(its)),
            (said,),
            (held or {}).get(portion.unit, ()),
        )
        found.append(new)
    say = outcome_words([portion.unit for portion in matched.portions])
    return [
        SplitLetter(letter.id, letter.stage, now, actor, matched.campaign or "", say, tuple(found)),
        NoteHits(letter.id, "match", hits),
        PutMatter(letter.id, "match", archive.put(to_bytes(matched))),
    ]
