"""Which units of a roster a line may open with, found by the first signs of their names.

A letter has a dozen lines that may name their writer, a roster up to 50,000 units with a handful of names
each: asking every unit about every line was nearly all of the matching. What is found here is still asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from service.incoming.match.names import openings, starts_of
from service.office.needs.ledger import Roll
from service.office.roster import Unit

# No name is shorter than the first, and hardly two units of a city share the last.
SIGNS_MIN, SIGNS_MAX = 4, 8


class Index:
    """One campaign's units by the first signs of what they call themselves."""

    def __init__(self, roll: Roll) -> None:
        self.campaign = roll.campaign
        self._units = roll.units
        self._at = {unit.key: position for position, unit in enumerate(roll.units)}
        self._by_signs: dict[str, list[int]] = {}
        for position, unit in enumerate(roll.units):
            starts = starts_of(unit.name, unit.short_names, unit.parent)
            for signs in {start[:SIGNS_MAX] for start in starts}:
                self._by_signs.setdefault(signs, []).append(position)

    def may_open(self, line: str) -> list[Unit]:
        """Every unit whose name may open this line, and few others, in roster order."""
        found = {
            position
            for rest in openings(line)
            for length in range(SIGNS_MIN, SIGNS_MAX + 1)
            for position in self._by_signs.get(rest[:length], ())
        }
        return [self._units[position] for position in sorted(found)]

    def units(self, keys: Collection[str]) -> list[Unit]:
        """The units with these keys, in roster order; a key that is none of them is left out."""
        return [self._units[at] for at in sorted(self._at[key] for key in set(keys) if key in self._at)]


@lru_cache(maxsize=32)
def index_of(roll: Roll) -> Index:
    """Made once for a roster, and again when the ledger hands out another."""
    return Index(roll)


def may_open(indexes: Sequence[Index], line: str) -> Iterator[tuple[str, Unit]]:
    """(campaign, unit) for every unit of these campaigns that a line may open with."""
    for index in indexes:
        for unit in index.may_open(line):
            yield index.campaign, unit
