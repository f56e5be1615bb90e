"""通讯录 — units and the people who answer for them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from service.office.address import Address
from service.office.finding import Problem


def unit_key(name: str) -> str:
    """A unit's name as a key: blanks gone, letters narrow, brackets wide, whoever typed it."""
    folded = "".join(ch for ch in unicodedata.normalize("NFKC", name) if unicodedata.category(ch) != "Cf")
    # Once more at the end: a blank taken out may have brought two signs together that are one.
    closed = unicodedata.normalize("NFKC", re.sub(r"\s+", "", folded))
    return closed.replace("(", "（").replace(")", "）")


@dataclass(frozen=True, slots=True)
class Contact:
    """A person of a unit; one person may stand for several units and have several addresses."""

    name: str
    phone: str = ""
    addresses: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class Unit:
    """A body on the roster. `key` is its full name, normalised; groups are names as campaigns use them."""

    key: str
    name: str
    groups: tuple[str, ...] = ()
    parent: str = ""  # district or superior
    contacts: tuple[Contact, ...] = ()
    note: str = ""
    short_names: tuple[str, ...] = ()  # other names it goes by, from the roster's 简称 column
    is_third_party: bool = False
    order: int = 0  # position on the roster, for sorting

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Every address of every contact, in roster order, each once."""
        seen: dict[str, Address] = {}
        for contact in self.contacts:
            for address in contact.addresses:
                seen.setdefault(address.key, address)
        return tuple(seen.values())


@dataclass(frozen=True, slots=True)
class Roster:
    """The whole address book as read, with everything that was mended or could not be."""

    units: tuple[Unit, ...]
    problems: tuple[Problem, ...] = ()
    sha256: str = ""

    def unit(self, key: str) -> Unit | None:
        """The unit with this key, or None."""
        return next((unit for unit in self.units if unit.key == key), None)

    def in_groups(self, groups: tuple[str, ...]) -> tuple[Unit, ...]:
        """Units in any of the groups, in roster order."""
        wanted = set(groups)
        return tuple(unit for unit in self.units if wanted & set(unit.groups))

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Problems a person must mend before a campaign may use the roster."""
        return tuple(problem for problem in self.problems if problem.is_error)
