"""归档件 — one version of one entry of an item, never overwritten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FiledDoc:
    """A file of a filing; its bytes lie in the archive."""

    sha256: str
    name: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class Filing:
    """A filing's row. `entry` is 1 for a single item; `is_valid` says no `must` finding stands against it."""

    campaign: str
    unit: str
    item: str
    entry: int
    version: int
    letter: int | None  # None: recorded by a person (paper, OA, WeChat)
    docset_sha256: str
    docs: tuple[FiledDoc, ...]
    is_valid: bool
    filed_at: datetime
    received_at: datetime
    title: str = ""  # of the entry, such as a work's name
    medium: str = "electronic"
    is_nil: bool = False
    fields: tuple[tuple[str, str], ...] = ()  # form answers, for the roll-up


def in_force(filings: tuple[Filing, ...]) -> Filing | None:
    """The newest valid version, else the newest; a late bad version never replaces a good one."""
    valid = [each for each in filings if each.is_valid]
    return max(valid or filings, key=lambda each: each.version, default=None)
