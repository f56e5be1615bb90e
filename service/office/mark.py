"""标记 — what the square mark beside the printed 编号 says, so that a scan or photograph is known by it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

# Capitals, figures, colon and dash only: a QR code stores these in 5.5 bits each, so its squares stay large.
_PREFIX = "HUIZHI"
_TEXT = re.compile(r"HUIZHI:([0-9A-Z]{4}-[0-9A-Z]{4})(?::([0-9A-Z-]{1,32}))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mark:
    """A code and, on a form, the item it is of; a cover slip's mark names no item."""

    code: str
    item: str = ""

    @property
    def text(self) -> str:
        """HUIZHI:ABCD-2345:WORKS, or HUIZHI:ABCD-2345."""
        return ":".join(filter(None, (_PREFIX, self.code, self.item))).upper()


def read_mark(text: str) -> Mark | None:
    """The mark that a QR code's text is, or None: the world is full of other QR codes."""
    found = _TEXT.fullmatch(text.strip())
    return Mark(found[1].upper(), (found[2] or "").lower()) if found else None


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """One page or picture, counted from 1, with the marks legible on it."""

    number: int
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Scan:
    """All pages looked at. `flags`: unreadable, too-large, too-many-pages, timed-out."""

    pages: tuple[ScannedPage, ...] = ()
    flags: tuple[str, ...] = field(default=())

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Every mark once, in order of pages."""
        return tuple(dict.fromkeys(mark for page in self.pages for mark in page.marks))
