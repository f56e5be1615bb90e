"""What the office needs of a scanner's eye: the marks on scanned pages, and single pages cut out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from service.office.mark import Scan


class Marks(Protocol):
    """Looks at PNG, JPEG, TIFF and PDF; anything else is unreadable, nothing raises."""

    def read(self, data: bytes) -> Scan:
        """The marks on every page, within bounds of pages, pixels and time."""
        ...

    def cut(self, data: bytes, name: str, pages: Sequence[int]) -> tuple[str, bytes]:
        """These pages, counted from 1, as a file of the same kind; all of them: the file itself."""
        ...
