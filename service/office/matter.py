"""登记与初审的结论 — what a letter answers and what is wrong with it, stored for the next stage."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from service.office.finding import Finding, Severity
from service.office.form import FormReading
from service.office.rule import Then


class Group(Enum):
    """The four groups of witnesses [law 3]; the first two say what, the last two say who."""

    THREAD = "thread"
    FORM = "form"
    SENDER = "sender"
    NAME = "name"


WHO = (Group.SENDER, Group.NAME)


@dataclass(frozen=True, slots=True)
class Witness:
    """One sign that a letter belongs to a unit of a campaign. Unit "" speaks for the campaign alone.

    Weak are a domain without an address, and a code that stands only in quoted words: history, or hearsay.
    """

    group: Group
    campaign: str
    unit: str
    say: str
    is_weak: bool = False
    rule: str = ""  # which rule heard it, for `why`


@dataclass(frozen=True, slots=True)
class Suspect:
    """A unit that a letter may be of, and the items it may answer; no items: it may answer any."""

    campaign: str
    unit: str
    items: tuple[str, ...] = ()


class Brought(Enum):
    """In which shape an item came."""

    FORM = "form"  # a filled form, as a file
    LINES = "lines"  # 标签： lines typed into the mail
    FILES = "files"  # documents
    BODY = "body"  # the mail's own words
    PICTURES = "pictures"  # only more pictures: completes what is in
    LINK = "link"
    NIL = "nil"  # 零报告


@dataclass(frozen=True, slots=True)
class Assignment:
    """One item (for a many-item: one entry of it) that a letter answers, and with what."""

    item: str
    brought: Brought
    parts: tuple[str, ...] = ()  # sha256 of the files, the main one first
    title: str = ""  # of an entry, such as a work's name
    fields: tuple[tuple[str, str], ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """A returned file as a form reader saw it."""

    sha256: str
    name: str
    reading: FormReading


@dataclass(frozen=True, slots=True)
class Portion:
    """What one of several units sent in a letter of them all: its files, what they answer, and why its."""

    unit: str
    parts: tuple[str, ...]  # sha256
    assignments: tuple[Assignment, ...]
    hits: tuple[str, ...] = ()
    third_party: str = ""  # the name of a body that is on no roster


@dataclass(frozen=True, slots=True)
class Matched:
    """登记: whose letter it is, what it brings, how surely, and why."""

    campaign: str | None
    unit: str | None
    is_certain: bool
    assignments: tuple[Assignment, ...] = ()
    hits: tuple[str, ...] = ()
    misses: tuple[str, ...] = ()
    doubt: str = ""  # why a person must look, in one sentence
    meaning: Then = Then.PERSON
    reads: tuple[Read, ...] = ()
    third_party: str = ""  # the name of a body that is on no roster
    brings_something: bool = False
    may_ask: bool = False  # the words also ask something, besides what they bring
    suspects: tuple[Suspect, ...] = ()  # every unit whose dockets wait while this letter does
    portions: tuple[Portion, ...] = ()  # of a letter of several units, where each one's files are certain


@dataclass(frozen=True, slots=True)
class CheckedItem:
    """One assignment after 初审."""

    assignment: Assignment
    findings: tuple[Finding, ...] = ()
    entry: int | None = None  # of a many-item: the entry it answers again; None: a new one
    completes: bool = False  # further parts of the version that is in, not a new one in its place

    @property
    def is_valid(self) -> bool:
        """No `must` finding stands against it."""
        return not any(each.severity is Severity.MUST for each in self.findings)


@dataclass(frozen=True, slots=True)
class Checked:
    """初审: every assignment with its findings, and what to do with the letter."""

    items: tuple[CheckedItem, ...]
    then: str  # file | review | ask | note | refuse | quarantine
    say: str  # one sentence for staff

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, in order."""
        return tuple(finding for item in self.items for finding in item.findings)
