"""What loops and conditions leave behind that Word would call damaged: tables, cells, numbers given twice."""

from __future__ import annotations

import re
from collections.abc import Iterable

from docxtpl import DocxTemplate
from lxml import etree

from service.doors.forms.package import parse_xml
from service.doors.press.package import W_

_DOCPR = re.compile(r'(<\w+:docPr\b[^>]*?\sid=")[^"]*(")')
_FIRST_DOCPR = 1001  # as docxtpl numbers them


def mend(root: etree._Element) -> None:
    """Drop tables without rows; give every cell a paragraph, every control and bookmark its own number."""
    for table in [each for each in root.iter(W_ + "tbl") if each.find(f".//{W_}tr") is None]:
        _drop(table)
    for cell in root.iter(W_ + "tc"):
        if len(cell) == 0 or cell[-1].tag not in (W_ + "p", W_ + "sdt"):
            etree.SubElement(cell, W_ + "p")
    _number_controls(root)
    _number_bookmarks(root)


def grids_fit(root: etree._Element) -> bool:
    """Whether the widest row of every table has as many columns as the table says."""
    return all(grid_fits(table) for table in root.iter(W_ + "tbl"))


def grid_fits(table: etree._Element) -> bool:
    """Whether docxtpl's repair would leave the table alone; one without a grid has nothing to repair."""
    grid = table.find(W_ + "tblGrid")
    if grid is None:
        return True
    columns = len(grid.findall(W_ + "gridCol"))
    widths = [row_widths(row) for row in table.iter(W_ + "tr")]
    return (
        max((cells for cells, _ in widths), default=0)
        <= columns
        == max((wide for _, wide in widths), default=0)
    )


def row_widths(row: etree._Element) -> tuple[int, int]:
    """How many cells a row has, and how many columns they cover."""
    cells = row.findall(W_ + "tc")
    return len(cells), sum(_span(cell) for cell in cells)


def are_numbered(root: etree._Element) -> bool:
    """Whether all controls and bookmarks have numbers of their own."""
    numbers = [each.get(W_ + "val") for each in root.iterfind(f".//{W_}sdtPr/{W_}id")]
    return len(set(numbers)) == len(numbers) and bookmarks_are_sound(root)


def bookmarks_are_sound(root: etree._Element) -> bool:
    """Whether every bookmark has a name and a number of its own, and an end for its start."""
    starts = list(root.iter(W_ + "bookmarkStart"))
    names = {each.get(W_ + "name") for each in starts}
    numbers = {each.get(W_ + "id") for each in starts}
    ends = [each.get(W_ + "id") for each in root.iter(W_ + "bookmarkEnd")]
    return len(starts) == len(names) == len(numbers) == len(ends) and numbers == set(ends)


def fit_grids(tables: Iterable[etree._Element]) -> None:
    """Every table's columns made to fit its widest row, as docxtpl does it; tables without a grid stay."""
    for table in tables:
        if not grid_fits(table):
            fitted = _TEMPLATE.fix_tables(etree.tostring(table, encoding="unicode", with_tail=False))
            for grid, new in zip(table.findall(W_ + "tblGrid"), fitted.findall(W_ + "tblGrid"), strict=True):
                table.replace(grid, parse_xml(etree.tostring(new)))


def number_drawings(xml: str) -> str:
    """Drawings numbered from 1001 in their order, as docxtpl does it."""
    number = _FIRST_DOCPR - 1

    def one_more(found: re.Match[str]) -> str:
        nonlocal number
        number += 1
        return f"{found[1]}{number}{found[2]}"

    return _DOCPR.sub(one_more, xml)


def _span(cell: etree._Element) -> int:
    span = cell.find(f"{W_}tcPr/{W_}gridSpan")
    return 1 if span is None else int(span.get(W_ + "val") or 1)


def _number_controls(root: etree._Element) -> None:
    """Controls that a loop repeated get numbers of their own; the others keep theirs."""
    identities = list(root.iterfind(f".//{W_}sdtPr/{W_}id"))
    numbers = [each.get(W_ + "val") for each in identities]
    if len(set(numbers)) < len(numbers) or "0" in numbers:
        for number, identity in enumerate(identities, 1):
            identity.set(W_ + "val", str(number))


def _number_bookmarks(root: etree._Element) -> None:
    """Of two bookmarks by one name the first counts; an end without a start goes; sound ones stay."""
    if bookmarks_are_sound(root):
        return
    names: set[str] = set()
    opened: dict[str, str] = {}
    for number, mark in enumerate(list(root.iter(W_ + "bookmarkStart", W_ + "bookmarkEnd"))):
        identity = mark.get(W_ + "id") or ""
        if mark.tag == W_ + "bookmarkStart":
            if (mark.get(W_ + "name") or "") in names:
                _drop(mark)
                continue
            names.add(mark.get(W_ + "name") or "")
            opened[identity] = str(number)
            mark.set(W_ + "id", str(number))
        elif identity in opened:
            mark.set(W_ + "id", opened.pop(identity))
        else:
            _drop(mark)


def _drop(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


_TEMPLATE = DocxTemplate(None)
