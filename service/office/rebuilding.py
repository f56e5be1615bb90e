"""重建 — what a rebuilding of the ledger found: rows compared, and where they differ."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class JournalReport:
    """The journal's chain, recomputed: lines checked, stretches that do not fit, letters blanked."""

    checked: int
    damaged: tuple[str, ...]
    blanked_for: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that the journal tells otherwise than the ledger."""

    table: str
    key: str  # the primary key as people can look it up
    how: str  # missing (only the journal knows it) | extra (only the ledger has it) | changed
    columns: tuple[str, ...] = ()  # of a changed one


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A ledger made anew from journal and events, compared with the one that stands, table by table."""

    rows: tuple[tuple[str, int], ...]  # table, rows rebuilt
    events: int
    lines: int  # of the journal
    differences: tuple[Difference, ...]
    damaged: tuple[str, ...]  # stretches of the journal and events whose chain does not fit, in words
    blobs: tuple[str, ...] = ()  # every sha256 that the rebuilt rows name
    lost: tuple[str, ...] = ()  # those of them that the archive has not

    @property
    def is_equal(self) -> bool:
        """Nothing differs, the chains hold, and the archive has what the rows name."""
        return not (self.differences or self.damaged or self.lost)
