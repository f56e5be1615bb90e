"""A document taken apart, and the chain by which its answers are found: tag, bookmark, label, paragraph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from service.doors.forms import grid
from service.doors.forms.labels import bookmark_of, find_label, known_labels, settle, tidy_value
from service.doors.forms.typed import typed_values
from service.office.campaign import FormField
from service.office.form import FieldValue, FoundBy

BOOKMARK = "ncf_"
PREFILL = "nc.prefill."


@dataclass(slots=True)
class Cell:
    """A table's cell: its text, and our bookmarks on the label in it."""

    text: str
    bookmarks: tuple[str, ...] = ()


@dataclass(slots=True)
class Content:
    """A part taken apart: paragraphs outside tables, tables, and all text in reading order."""

    lines: list[str] = field(default_factory=list)  # everything
    loose: list[str] = field(default_factory=list)  # paragraphs outside tables
    cells: list[str] = field(default_factory=list)  # cells that hold a colon: `标签：值` in one cell
    tables: list[list[list[Cell]]] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    bookmarks: list[str] = field(default_factory=list)


def answers(content: Content, tags: Mapping[str, str], fields: Sequence[FormField]) -> tuple[FieldValue, ...]:
    """The chain: tag, bookmark, label, paragraph; the first that is not empty is taken."""
    by_key = {each.key: each for each in fields}
    known = known_labels(fields)
    marks = _marked_values(content, known, by_key)
    rows = [[[cell.text for cell in row] for row in table] for table in content.tables]
    beside: dict[str, grid.Pair] = {}
    for table in rows:
        for pair in grid.labelled(table, known):
            beside.setdefault(pair[0], pair)
    typed = typed_values("\n".join([*content.loose, *content.cells]), fields)
    found: dict[str, FieldValue] = {}
    for key in dict.fromkeys([*by_key, *tags, *marks]):
        label = by_key[key].label if key in by_key else key
        attempts = (
            (tags.get(key, ""), FoundBy.TAG),
            (marks.get(key, ""), FoundBy.BOOKMARK),
            (beside[key][2], beside[key][3]) if key in beside else ("", FoundBy.LABEL),
            (typed.get(key, ""), FoundBy.PARAGRAPH),
        )
        for raw, found_by in attempts:
            value = settle(raw, by_key.get(key))
            if value:
                found[key] = FieldValue(key, label, value, found_by)
                break
    if not (fields or tags or marks):
        for table in rows:
            for key, label, value, found_by in grid.unlabelled(table):
                found.setdefault(key, FieldValue(key, label, settle(value, None), found_by))
    return without_lone_noes(found.values())


def ours_told_apart(
    found: Sequence[FieldValue], properties: Mapping[str, str]
) -> tuple[tuple[FieldValue, ...], tuple[str, ...]]:
    """The values, and the keys of those that our own properties say we printed there ourselves.

    Where nothing else was filled in, an unticked box is no answer.
    """
    ours = tuple(each.key for each in found if properties.get(PREFILL + each.key, "").strip() == each.value)
    if len(ours) < len(found):
        return tuple(found), ours
    kept = tuple(each for each in found if each.value != "否")
    return kept, tuple(each.key for each in kept)


def without_lone_noes(found: Iterable[FieldValue]) -> tuple[FieldValue, ...]:
    """An unticked box is an answer only in a form in which something else was answered."""
    values = tuple(each for each in found if each.value)
    if all(each.value == "否" for each in values):
        return ()
    return values


def _marked_values(
    content: Content, known: Mapping[str, str], by_key: Mapping[str, FormField]
) -> dict[str, str]:
    """The cell after each cell whose label carries one of our bookmarks."""
    keys = {bookmark_of(key): key for key in by_key}
    values: dict[str, str] = {}
    for row in (row for table in content.tables for row in table):
        for cell, after in pairwise(row):
            for mark in cell.bookmarks:
                key = keys.get(mark) or mark.removeprefix(BOOKMARK)
                is_label = find_label(after.text, known) is not None or bool(after.bookmarks)
                if not values.get(key):
                    values[key] = "" if is_label else tidy_value(after.text)
    return values
