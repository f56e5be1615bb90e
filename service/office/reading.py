"""收文的变更 — what reading a letter does to the ledger, as values: taken in, advanced, understood."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.office.finding import Finding
from service.office.keeping import KeepLetter
from service.office.letter import Kind, Stage
from service.office.putting_away import PutAway
from service.office.rule import RuleHit
from service.office.splitting import SplitLetter
from service.office.taking_back import TakeBack


@dataclass(frozen=True, slots=True)
class NewLetter:
    """A letter's first row."""

    identity: str
    raw_sha256: str
    facts_sha256: str
    message_id: str
    received_at: datetime
    arrived_via: str
    sender: str
    subject: str
    size: int


@dataclass(frozen=True, slots=True)
class TakeIn:
    """One arrival: cursor (compare-and-set on the epoch), sighting and letter together.

    A letter whose identity is known already becomes one more sighting of it. For files handed in through the
    exchange folder, account is "交换" and uid a number from the file's hash.
    """

    account: str
    folder: str
    epoch: int
    uidvalidity: int
    uid: int
    letter: NewLetter
    notes: tuple[RuleHit, ...] = ()  # about a new letter's arrival, for `why`


@dataclass(frozen=True, slots=True)
class MoveCursor:
    """The mailbox was read up to here, successfully, at this office instant."""

    account: str
    folder: str
    epoch: int
    uidvalidity: int
    last_uid: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Advance:
    """A letter's next stage, compare-and-set on the present one; None leaves a column as it is."""

    letter: int
    was: Stage
    to: Stage
    at: datetime
    kind: Kind | None = None
    campaign: str | None = None
    unit: str | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class NoteHits:
    """Rules tried on a letter at a stage, hits and misses, for `why`."""

    letter: int
    stage: str
    hits: tuple[RuleHit, ...]


@dataclass(frozen=True, slots=True)
class PutMatter:
    """What matching or checking concluded about a letter, stored for the next stage (JSON in the archive)."""

    letter: int
    stage: str  # match | check | file
    sha256: str


@dataclass(frozen=True, slots=True)
class PutFindings:
    """Remarks on a letter; those of an earlier check of the same letter are superseded."""

    letter: int
    findings: tuple[Finding, ...]


# What belongs to mailboxes and letters.
Reading = (
    TakeIn
    | MoveCursor
    | PutAway
    | Advance
    | NoteHits
    | PutMatter
    | PutFindings
    | KeepLetter
    | SplitLetter
    | TakeBack
)
