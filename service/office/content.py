"""稿件 — what will be sent to one recipient, fixed before anyone signs: text and attachments by hash."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from service.office.record import to_bytes


@dataclass(frozen=True, slots=True)
class Enclosure:
    """One attached file; its bytes lie in the archive."""

    name: str
    sha256: str
    type: str
    size: int = 0
    role: str = ""  # notice | form | attachment | cover


@dataclass(frozen=True, slots=True)
class Content:
    """A letter of ours without Message-ID and date, which belong to the dispatch and the moment."""

    subject: str
    text: str
    enclosures: tuple[Enclosure, ...] = ()
    code: str = ""
    auto_submitted: str = "auto-generated"  # or auto-replied, for receipts and corrections
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """One dispatch of a draft: to whom, with what content (stored under `content_sha256`)."""

    unit: str  # unit key, or a cc body's name
    unit_name: str
    rcpt: str
    kind: str  # a DispatchKind: notice | copy, in later releases also supplement | amendment | withdrawal
    content_sha256: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Chase:
    """One reminder as planned: when, for which items, and which units would get it."""

    step: str  # as a Timer names it: 第一次催报@2024-09-24
    at: datetime
    items: tuple[str, ...]
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """A whole draft: every recipient with exactly what they would get, and the units that have no address."""

    campaign: str
    campaign_sha256: str  # the stored Campaign
    roster_sha256: str
    planned: tuple[Planned, ...]
    codes: tuple[tuple[str, str], ...]  # (code, unit key); unit key "" is the public code
    without_address: tuple[str, ...]
    blanks: tuple[tuple[str, str], ...]  # (item key, sha256) of each form as sent, code aside
    public: tuple[Enclosure, ...] = ()  # copies that carry only the public code
    print_packs: tuple[tuple[str, tuple[Enclosure, ...]], ...] = ()  # unit key → files for paper
    about: tuple[tuple[str, str], ...] = ()  # of a later release: what it changes besides, in words
    files: tuple[tuple[str, str], ...] = ()  # what it was made from: name for people → sha256
    rules: tuple[tuple[str, str], ...] = ()  # what else shapes it: office hours, limits … in words
    starts_at: datetime | None = None  # the planned hour; None: as soon as it is signed
    schedule: tuple[Chase, ...] = ()


def digest_of_manifest(manifest: Manifest, inputs_sha256: str) -> str:
    """What a signer signs: every recipient with exactly what they get, the schedule, the inputs and rules."""
    return hashlib.sha256(inputs_sha256.encode() + b"\0" + to_bytes(manifest)).hexdigest()
