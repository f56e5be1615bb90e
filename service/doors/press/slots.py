"""Where a form that staff made asks for its answers: beside a label, below it, or after its colon."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from lxml import etree

from service.doors.forms.labels import find_label, is_placeholder
from service.doors.press.control import paragraph_of, text_of
from service.doors.press.package import W_

# More after a colon than this is prose that happens to begin with a label.
_ANSWER_CHARACTERS_MAX = 60
_OURS = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")
_COLON = re.compile("[：:]")
# Before a label on the same line: an answer's rule or blanks, or the sign that ends the last one.
_BREAK = re.compile(r"[\s\u3000_＿；;，,]{2,}|[；;]\s*")
Cells = Sequence[etree._Element]


@dataclass(frozen=True, slots=True)
class Slot:
    """A field's place: a cell of its own, or some characters of a paragraph."""

    key: str
    element: etree._Element  # the cell or the paragraph
    start: int = 0
    stop: int = 0

    @property
    def is_cell(self) -> bool:
        """Whether the answer has a cell to itself."""
        return bool(self.element.tag == W_ + "tc")

    @property
    def text(self) -> str:
        """What stands there now."""
        return text_of(self.element) if self.is_cell else paragraph_text(self.element)[self.start : self.stop]

    def has_control(self) -> bool:
        """Whether staff put a control of their own there."""
        return self.is_cell and next(self.element.iter(W_ + "sdt"), None) is not None

    def open(self) -> tuple[etree._Element, list[etree._Element]] | None:
        """The paragraph and the runs that hold the answer; None where they cannot be cut out."""
        if self.is_cell:
            paragraph = paragraph_of(self.element)
            return None if paragraph is None else (paragraph, _runs(paragraph))
        runs = _cut_out(self.element, self.start, self.stop)
        is_at_end = self.stop >= len(paragraph_text(self.element))
        return (self.element, runs) if runs or (runs is not None and is_at_end) else None


def find_slots(document: etree._Element, known: Mapping[str, str], done: Set[str]) -> list[Slot]:
    """The place of every field that is not done yet, those of one paragraph from its end to its beginning."""
    found: dict[str, Slot] = {}
    for table in document.iter(W_ + "tbl"):
        rows = [_cells(row) for row in table.iter(W_ + "tr") if next(row.iterancestors(W_ + "tbl")) is table]
        for number, cells in enumerate(rows):
            slots = _beside(cells, known)
            if number + 1 < len(rows):
                slots += _below(cells, rows[number + 1], known)
            for slot in slots:
                if slot.key not in done:
                    found.setdefault(slot.key, slot)
    for paragraph in document.iter(W_ + "p"):
        for slot in _after_colon(paragraph, known):
            if slot.key not in done:
                found.setdefault(slot.key, slot)
    return list(found.values())


def paragraph_text(paragraph: etree._Element) -> str:
    """The letters that can be cut: those of the paragraph's own runs, and one for each tab."""
    return "".join(_run_text(run) for run in _runs(paragraph))


def _is_heading_row(texts: Sequence[str], known: Mapping[str, str]) -> bool:
    """Whether a row is nothing but labels, one other word (序号) allowed: its answers stand below."""
    filled = [text for text in texts if text.strip()]
    labels = sum(find_label(text, known) is not None for text in filled)
    return len(filled) >= 2 and labels >= max(2, len(filled) - 1)


def _cells(row: etree._Element) -> list[etree._Element]:
    return [cell for cell in row.iter(W_ + "tc") if next(cell.iterancestors(W_ + "tr")) is row]


def _own_text(cell: etree._Element) -> str:
    """A cell's text without that of a table inside it."""
    mine = (each for each in cell.iter(W_ + "p") if next(each.iterancestors(W_ + "tc")) is cell)
    return "".join(text_of(each) for each in mine)


def _beside(cells: Cells, known: Mapping[str, str]) -> list[Slot]:
    keys = [find_label(_own_text(cell), known) for cell in cells]
    return [
        Slot(key, cells[at + 1])
        for at, key in enumerate(keys[:-1])
        if key is not None and keys[at + 1] is None and not _is_merged_away(cells[at + 1])
    ]


def _below(cells: Cells, under: Cells, known: Mapping[str, str]) -> list[Slot]:
    if not _is_heading_row([_own_text(cell) for cell in cells], known):
        return []
    columns = dict(zip(_starts(under), under, strict=True))
    return [
        Slot(key, columns[start])
        for start, cell in zip(_starts(cells), cells, strict=True)
        if (key := find_label(_own_text(cell), known)) is not None
        and start in columns
        and _is_open(_own_text(columns[start]))
    ]


def _starts(cells: Cells) -> list[int]:
    """The grid column in which each cell begins."""
    starts, column = [], 0
    for cell in cells:
        starts.append(column)
        span = cell.find(f"{W_}tcPr/{W_}gridSpan")
        column += int(span.get(W_ + "val") or 1) if span is not None else 1
    return starts


def _is_merged_away(cell: etree._Element) -> bool:
    """The lower part of cells merged downwards: whatever is typed there is not shown."""
    merge = cell.find(f"{W_}tcPr/{W_}vMerge")
    return merge is not None and merge.get(W_ + "val") != "restart"


def _is_open(text: str) -> bool:
    """Empty, a rule, an invitation, or nothing but a template's own tag."""
    rest = _OURS.sub("", text).strip()
    return not rest or is_placeholder(rest)


def _after_colon(paragraph: etree._Element, known: Mapping[str, str]) -> list[Slot]:
    """联系人：____　电话：____ — from the last to the first, so that places before stay where they are."""
    text = paragraph_text(paragraph)
    found: list[Slot] = []
    end = len(text)
    for colon in reversed(list(_COLON.finditer(text))):
        before = text[: colon.start()]
        breaks = list(_BREAK.finditer(before))
        start = breaks[-1].end() if breaks else 0
        key = find_label(before[start:].lstrip(), known)
        if key is None:
            continue
        stop, blank = end, text[colon.end() : end]
        end = start
        if len(blank) > _ANSWER_CHARACTERS_MAX:
            continue
        if stop < len(text):  # the room before the next label stays
            stop = colon.end() + len(blank.rstrip()) if blank.strip() else max(colon.end() + 1, stop - 2)
        found.append(Slot(key, paragraph, colon.end(), stop))
    return found


def _runs(paragraph: etree._Element) -> list[etree._Element]:
    return [each for each in paragraph if each.tag == W_ + "r"]


def _run_text(run: etree._Element) -> str:
    """Letters, and one character for each tab: what can be cut."""
    return "".join(
        (each.text or "") if each.tag == W_ + "t" else "\t"
        for each in run
        if each.tag in (W_ + "t", W_ + "tab")
    )


def _cut_out(paragraph: etree._Element, start: int, stop: int) -> list[etree._Element] | None:
    """The runs that hold exactly these characters, cut at both ends; None where they cannot be cut."""
    for at in (start, stop):
        place = 0
        for run in _runs(paragraph):
            length = len(_run_text(run))
            if place < at < place + length and not _split(paragraph, run, at - place):
                return None
            place += length
    inside, place = [], 0
    for run in _runs(paragraph):
        length = len(_run_text(run))
        if start <= place and place + length <= stop and length:
            inside.append(run)
        place += length
    return inside


def _split(paragraph: etree._Element, run: etree._Element, at: int) -> bool:
    pieces = [each for each in run if each.tag != W_ + "rPr"]
    if len(pieces) != 1 or pieces[0].tag != W_ + "t":
        return False
    text = pieces[0].text or ""
    rest = copy.deepcopy(run)
    rest.tail = None
    for piece, part in ((run.find(W_ + "t"), text[:at]), (rest.find(W_ + "t"), text[at:])):
        assert piece is not None
        piece.text = part
        piece.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    paragraph.insert(paragraph.index(run) + 1, rest)
    return True
