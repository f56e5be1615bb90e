"""稿件 — what will be sent to one recipient, fixed before anyone signs: text and attachments by hash."""

from __future__ import annotations

from dataclasses import dataclass


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
    html: str = ""  # staff's own; empty: made from the text when the letter is built


@dataclass(frozen=True, slots=True)
class Planned:
    """One dispatch of a draft: to whom, with what content (stored under `content_sha256`)."""

    unit: str  # unit key, or a cc body's name
    unit_name: str
    rcpt: str
    kind: str  # notice | copy
    content_sha256: str
    code: str = ""


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
