"""拆件 — a letter in which several units report together, taken apart into one letter for each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from service.office.letter import LetterFacts, Stage
from service.office.matter import Assignment, Matched, Portion, Suspect
from service.office.rule import RuleHit, Then

# Of the letter that was taken apart, once for each that came of it.
SPLIT_EVENT = "split"
# Nobody reports for more; a letter of more is a list.
PORTIONS_MAX = 60


@dataclass(frozen=True, slots=True)
class NewPortion:
    """One unit's letter out of another: matched already, as its matter says.

    `held` are items whose dockets the whole letter kept in review, and this one keeps there from now on.
    """

    unit: str
    facts_sha256: str
    matter_sha256: str
    hits: tuple[RuleHit, ...]
    held: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SplitLetter:
    """The whole letter is noted, its portions are matched letters of their own; refused unless it is `was`.

    Each portion keeps the bytes, sender, time and subject of the whole.
    """

    letter: int
    was: Stage
    at: datetime
    actor: str
    campaign: str
    outcome: str
    portions: tuple[NewPortion, ...]


def facts_of(facts: LetterFacts, portion: Portion) -> LetterFacts:
    """The letter as if the unit had sent its own files alone; links stay with the whole."""
    parts = tuple(part for part in facts.parts if part.sha256 in portion.parts)
    return replace(facts, parts=parts, links=())


def matched_of(matched: Matched, portion: Portion, *, may_ask: bool) -> Matched:
    """What matching says of one portion; `may_ask` is true of one alone, so that a question stands once."""
    return replace(
        matched,
        unit=portion.unit,
        is_certain=True,
        assignments=portion.assignments,
        hits=portion.hits,
        doubt="",
        meaning=Then.PERSON,
        reads=tuple(read for read in matched.reads if read.sha256 in portion.parts),
        third_party=portion.third_party,
        brings_something=True,
        may_ask=may_ask and matched.may_ask,
        suspects=(Suspect(matched.campaign or "", portion.unit, _items(portion.assignments)),),
        portions=(),
    )


def outcome_words(units: Sequence[str]) -> str:
    """What staff read beside the whole letter."""
    named = "、".join(units[:5]) + ("等" if len(units) > 5 else "")
    return f"{len(units)} 个单位一并报送，已拆开分别登记：{named}"


def _items(assignments: Sequence[Assignment]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.item for each in assignments))
