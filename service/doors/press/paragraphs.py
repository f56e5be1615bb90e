"""The paragraphs of a template as staff see them: where each stands, what it says, what it lies in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from service.doors.forms.package import parse_xml
from service.doors.press.fill import Place
from service.doors.press.package import DOCUMENT, W_, Parts
from service.doors.press.strict import part_name_in_words

RENDERED = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml")
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
# What bounds a paragraph that stands for itself: a cell, a text box, a note, or the part.
_CONTAINERS = frozenset(W_ + each for each in ("tc", "txbxContent", "footnote", "endnote", "comment"))
_TEXT = frozenset(W_ + each for each in ("t", "delText", "instrText"))


@dataclass(frozen=True, slots=True)
class Nest:
    """Which container, row and table a paragraph lies in, by number within its part; 0: in none."""

    container: int = 0
    row: int = 0
    table: int = 0


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of a template: where it is, its own text, and the text of the row and cell around it."""

    place: Place
    text: str
    row: str
    cell: str
    part: str = DOCUMENT
    nest: Nest = Nest()
    is_twin: bool = False  # the second copy of a text box, which Word keeps for older readers
    deleted: str = ""  # tags that a tracked change has struck out but that still stand in the file


def paragraphs(parts: Parts) -> Iterator[Paragraph]:
    """Every paragraph of every part that is rendered, the body first, in the order Word shows them."""
    for name in sorted(filter(RENDERED.fullmatch, parts), key=lambda each: (each != DOCUMENT, each)):
        yield from _in_part(name, parse_xml(parts[name]))


def elements(root: etree._Element) -> Iterator[tuple[int, etree._Element]]:
    """The paragraphs of one part with the numbers by which staff are told of them."""
    return enumerate(root.iter(W_ + "p"), 1)


def own_text(paragraph: etree._Element) -> str:
    """Text of the paragraph without that of text boxes inside it, which hold paragraphs of their own.

    What Word hides (struck out, or the code of a field) counts where it holds a brace: Jinja sees it too.
    """
    return "".join(
        _text_of(piece)
        for piece in paragraph.iter(*_TEXT, W_ + "br", W_ + "cr", W_ + "tab")
        if next(piece.iterancestors(W_ + "p")) is paragraph
    )


def _text_of(piece: etree._Element) -> str:
    if piece.tag == W_ + "t":
        return piece.text or ""
    if piece.tag in _TEXT:
        return piece.text if piece.text and re.search("[{}]", piece.text) else ""
    return "\t" if piece.tag == W_ + "tab" else "\n"


def _in_part(name: str, root: etree._Element) -> Iterator[Paragraph]:
    words = part_name_in_words(name)
    numbers: dict[etree._Element, int] = {}
    for number, element in elements(root):
        row = next(element.iterancestors(W_ + "tr"), None)
        cell = next(element.iterancestors(W_ + "tc"), None)
        yield Paragraph(
            place=Place(words, number),
            text=own_text(element),
            row=_text_in(row),
            cell=_text_in(cell),
            part=name,
            nest=Nest(
                _number(next((e for e in element.iterancestors() if e.tag in _CONTAINERS), None), numbers),
                _number(row, numbers),
                _number(next(element.iterancestors(W_ + "tbl"), None), numbers),
            ),
            is_twin=next(element.iterancestors(_MC + "Fallback"), None) is not None,
            deleted="".join(piece.text or "" for piece in element.iter(W_ + "delText")),
        )


def _number(element: etree._Element | None, numbers: dict[etree._Element, int]) -> int:
    # Kept as keys, the elements stay alive, so that none takes another's identity.
    return 0 if element is None else numbers.setdefault(element, len(numbers) + 1)


def _text_in(around: etree._Element | None) -> str:
    return "" if around is None else "".join(piece.text or "" for piece in around.iter(W_ + "t"))
