"""Where a form that staff made asks for its answers: beside a label, below it, or after its colon."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence

from lxml import etree

from service.doors.forms.labels import find_label, is_placeholder, known_labels
from service.doors.press.control import answer_cell, answer_runs, soften, text_of
from service.doors.press.package import W_
from service.office.campaign import FormField

_TAG = "nc.f."
_OURS = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")
_COLON = re.compile("[：:]")
# Before a label on the same line: an answer's rule or blanks, or the sign that ends the last one.
_BREAK = re.compile(r"[\s\u3000_＿；;，,]{2,}|[；;]\s*")
Cells = Sequence[etree._Element]


def put_controls(document: etree._Element, fields: Sequence[FormField]) -> None:
    """A control of our own around the answer to every label; staff need only type the labels."""
    soften(document)
    known = known_labels(fields)
    by_key = {field.key: field for field in fields}
    done = {tag.removeprefix(_TAG) for tag in _tags(document) if tag.startswith(_TAG)}
    for table in document.iter(W_ + "tbl"):
        rows = [_cells(row) for row in table.iter(W_ + "tr") if next(row.iterancestors(W_ + "tbl")) is table]
        for number, cells in enumerate(rows):
            _beside(cells, known, by_key, done)
            if number + 1 < len(rows):
                _below(cells, rows[number + 1], known, by_key, done)
    for paragraph in list(document.iter(W_ + "p")):
        _after_colon(paragraph, known, by_key, done)
    for number, identity in enumerate(document.iterfind(f".//{W_}sdtPr/{W_}id"), 1):
        identity.set(W_ + "val", str(number))


def is_heading_row(texts: Sequence[str], known: Mapping[str, str]) -> bool:
    """Whether a row is nothing but labels, one other word (序号) allowed: its answers stand below."""
    filled = [text for text in texts if text.strip()]
    labels = sum(find_label(text, known) is not None for text in filled)
    return len(filled) >= 2 and labels >= max(2, len(filled) - 1)


def _tags(document: etree._Element) -> list[str]:
    return [str(tag.get(W_ + "val")) for tag in document.iterfind(f".//{W_}sdtPr/{W_}tag")]


def _cells(row: etree._Element) -> list[etree._Element]:
    return [cell for cell in row.iter(W_ + "tc") if next(cell.iterancestors(W_ + "tr")) is row]


def _own_text(cell: etree._Element) -> str:
    """A cell's text without that of a table inside it."""
    mine = (each for each in cell.iter(W_ + "p") if next(each.iterancestors(W_ + "tc")) is cell)
    return "".join(text_of(each) for each in mine)


def _beside(
    cells: Cells, known: Mapping[str, str], by_key: Mapping[str, FormField], done: set[str]
) -> None:
    keys = [find_label(_own_text(cell), known) for cell in cells]
    for at, key in enumerate(keys[:-1]):
        if key is None or key in done or keys[at + 1] is not None or _is_merged_away(cells[at + 1]):
            continue
        done.add(key)
        answer_cell(cells[at + 1], by_key[key])


def _below(
    cells: Cells, under: Cells, known: Mapping[str, str], by_key: Mapping[str, FormField], done: set[str]
) -> None:
    if not is_heading_row([_own_text(cell) for cell in cells], known):
        return
    columns = dict(zip(_starts(under), under, strict=True))
    for start, cell in zip(_starts(cells), cells, strict=True):
        key = find_label(_own_text(cell), known)
        answer = columns.get(start)
        if key is None or key in done or answer is None or not _is_open(_own_text(answer)):
            continue
        done.add(key)
        answer_cell(answer, by_key[key])


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


def _after_colon(
    paragraph: etree._Element, known: Mapping[str, str], by_key: Mapping[str, FormField], done: set[str]
) -> None:
    """联系人：______　电话：______ — from the last to the first, so that places before stay where they are."""
    text = "".join(_run_text(run) for run in _runs(paragraph))
    found: list[tuple[str, int, int]] = []
    end = len(text)
    for colon in reversed(list(_COLON.finditer(text))):
        before = text[: colon.start()]
        breaks = list(_BREAK.finditer(before))
        start = breaks[-1].end() if breaks else 0
        key = find_label(before[start:].lstrip(), known)
        if key is not None and key not in done and _is_open(text[colon.end() : end]):
            found.append((key, colon.end(), end))
            end = start
    for key, start, stop in found:
        blank = text[start:stop]
        if stop < len(text):  # the room before the next label stays
            stop = start + len(blank.rstrip()) if blank.strip() else max(start + 1, stop - 2)
        runs = _cut_out(paragraph, start, stop)
        if runs or (runs is not None and stop >= len(text)):
            done.add(key)
            answer_runs(paragraph, runs, by_key[key])


def _runs(paragraph: etree._Element) -> list[etree._Element]:
    return [each for each in paragraph if each.tag == W_ + "r"]


def _run_text(run: etree._Element) -> str:
    """Letters, and one character for each tab: what can be cut."""
    return "".join(
        (each.text or "") if each.tag == W_ + "t" else "\t" for each in run if each.tag in (W_ + "t", W_ + "tab")
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
