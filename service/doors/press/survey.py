"""What of a template's structure may differ from one document to the next, told from the template alone."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from service.doors.press.package import W_
from service.doors.press.repair import grid_fits, row_widths

_TAG = re.compile(r"\{[{%#]")
_BLOCK = re.compile(r"\{%-?\s*(?:(?:p|tr|tc|r)\s+)?(\w+)([^%]*)")
_BLOCK_WORD = re.compile(r"\{%-?\s*(?:(?:p|tr|tc|r)\s+)?(?:for|if|macro|call|filter|with|raw|end\w+)\b")
_OPENS = frozenset({"for", "if", "macro", "call", "filter", "with", "raw"})
_ROW = re.compile(r"\{[{%#]tr\s")
_CELL = re.compile(r"\{[{%#]tc\s|\{%-?\s*(colspan|hm)\b")
_PARAGRAPH = re.compile(r"\{[{%#](p|tc|tr)\s|\{%")
_NUMBERED = ("sdt", "bookmarkStart", "bookmarkEnd", "docPr")


@dataclass(frozen=True, slots=True)
class Survey:
    """What has to be looked at in every single document."""

    grids: bool = False  # a table may come out wider or narrower than its grid
    rowless: bool = False  # a table may lose all its rows
    cells: bool = False  # a cell may lose its paragraph
    numbers: bool = False  # a control or bookmark may be repeated, or lose its other half
    drawings: bool = False  # a drawing may be repeated or left out


def survey(root: etree._Element, *, is_body: bool) -> Survey:
    """Look through a part's XML with its tags in it."""
    inside = blocks_around(root)
    tables = [each for each in root.iter(W_ + "tbl") if _has_tag(each) or each in inside]
    numbered = {etree.QName(each).localname for each in inside if isinstance(each.tag, str)} & set(_NUMBERED)
    return Survey(
        grids=any(not _keeps_grid(each, inside) for each in tables),
        rowless=any(not _keeps_a_row(each, inside) for each in tables),
        cells=any(_PARAGRAPH.search(text_of(cell)) for each in tables for cell in each.iter(W_ + "tc")),
        numbers=bool(numbered - {"docPr"}),
        drawings=is_body and "docPr" in numbered,
    )


def blocks_around(root: etree._Element) -> set[etree._Element]:
    """Every element that a loop or a condition may repeat or leave out."""
    inside: set[etree._Element] = set()
    depth = 0
    for element in root.iter():
        if element.tag == W_ + "p":
            before, text = depth, _own_text(element)
            depth += _steps(text)
            if before or depth or _BLOCK_WORD.search(text):
                inside.update(element.iter())
        elif depth:
            inside.add(element)
    return inside


def text_of(element: etree._Element) -> str:
    """All text inside."""
    return "".join(str(piece) for piece in element.itertext(W_ + "t", with_tail=False))


def _own_text(paragraph: etree._Element) -> str:
    return "".join(
        piece.text or ""
        for piece in paragraph.iter(W_ + "t")
        if next(piece.iterancestors(W_ + "p")) is paragraph
    )


def _steps(text: str) -> int:
    """How many more blocks a paragraph opens than it closes."""
    steps = 0
    for word, rest in _BLOCK.findall(text):
        if word in _OPENS or (word == "set" and "=" not in rest):
            steps += 1
        elif word.startswith("end"):
            steps -= 1
    return steps


def _has_tag(element: etree._Element) -> bool:
    return bool(_TAG.search(text_of(element)))


def _keeps_grid(table: etree._Element, inside: set[etree._Element]) -> bool:
    """Whether some row that is always there is as wide as the grid, and none can be wider."""
    grid = table.find(W_ + "tblGrid")
    if grid is None:
        return True
    if not _has_tag(table):
        return grid_fits(table)
    columns = len(grid.findall(W_ + "gridCol"))
    rows = [row for row in table.iter(W_ + "tr") if not _ROW.search(text_of(row))]
    if any(_CELL.search(text_of(row)) for row in rows):
        return False
    widths = {row: row_widths(row) for row in rows}
    return all(wide <= columns for _, wide in widths.values()) and any(
        wide == columns and not _may_go(row, table, inside) for row, (_, wide) in widths.items()
    )


def _keeps_a_row(table: etree._Element, inside: set[etree._Element]) -> bool:
    rows = [row for row in table.iter(W_ + "tr") if not _ROW.search(text_of(row))]
    return any(not _may_go(row, table, inside) for row in rows)


def _may_go(row: etree._Element, table: etree._Element, inside: set[etree._Element]) -> bool:
    """Whether a block begun in this table may leave the row out; one around the table takes it whole."""
    return row in inside and not (table in inside and _is_balanced(table))


def _is_balanced(table: etree._Element) -> bool:
    return not _BLOCK_WORD.search(text_of(table))
