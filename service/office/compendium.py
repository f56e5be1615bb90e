"""汇编 — the summaries in force under their units, as the binder is to join them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WordPiece:
    """A Word document, to be carried over with its tables and pictures."""

    sha256: str
    name: str
    link: str  # below the exchange folder


@dataclass(frozen=True, slots=True)
class TextPiece:
    """Words of a mail, a PDF or a text file, as paragraphs."""

    lines: tuple[str, ...]
    name: str


@dataclass(frozen=True, slots=True)
class PicturePiece:
    """A picture that came beside the text."""

    sha256: str
    name: str
    link: str


Piece = WordPiece | TextPiece | PicturePiece


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is not in the compendium, and why."""

    unit_name: str
    name: str
    link: str
    why: str


@dataclass(frozen=True, slots=True)
class Section:
    """One entry's pieces; `title` is its own where an item has several, or the item's of several items."""

    title: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """All of one unit."""

    unit_name: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Division:
    """A group of units."""

    name: str
    chapters: tuple[Chapter, ...]


@dataclass(frozen=True, slots=True)
class Compendium:
    """The whole: title, parts in the campaign's order of groups, units in the roster's."""

    title: str
    issuer: str
    as_of: str  # 截至… in words
    divisions: tuple[Division, ...]
    left_out: tuple[LeftOut, ...] = ()
