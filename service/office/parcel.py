"""报送 — works put together for handing upward: which files under which names, and their index."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ParcelFile:
    """A file of the archive under its path in the parcel."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class ParcelRow:
    """One work, as the index lists it."""

    item_name: str
    unit_name: str
    group: str
    entry: int
    title: str
    state: str
    remark: str
    files: tuple[ParcelFile, ...]


def checksums(files: Iterable[tuple[str, str]]) -> bytes:
    """SHA256SUMS as `sha256sum -c` reads it, by path."""
    return "".join(f"{sha256}  {path}\n" for path, sha256 in sorted(files)).encode()
