"""Tables as rows of text: which cell answers which label."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from service.doors.forms.labels import find_label, tidy_value
from service.office.form import FoundBy

Row = Sequence[str]
Pair = tuple[str, str, str, FoundBy]  # key, label as printed, value, how found
_LABEL_CHARACTERS_MAX = 16


def labelled(rows: Sequence[Row], known: Mapping[str, str]) -> Iterator[Pair]:
    """Values beside known labels, then values below them where a whole row is labels."""
    for number, row in enumerate(rows):
        filled = [cell for cell in row if cell.strip()]
        keys = [find_label(cell, known) for cell in row]
        for column, key in enumerate(keys):
            if key is None or column + 1 >= len(row) or keys[column + 1] is not None:
                continue
            if value := tidy_value(row[column + 1]):
                yield key, row[column].strip(), value, FoundBy.LABEL
        is_heading = len(filled) >= 2 and sum(key is not None for key in keys) >= max(2, len(filled) - 1)
        if is_heading and number + 1 < len(rows):
            below = rows[number + 1]
            for column, key in enumerate(keys):
                if key is None or column >= len(below) or find_label(below[column], known) is not None:
                    continue
                if value := tidy_value(below[column]):
                    yield key, row[column].strip(), value, FoundBy.TABLE


def unlabelled(rows: Sequence[Row]) -> Iterator[Pair]:
    """Label and value pairs of a form nobody told us about: cells in twos, the first one short."""
    for row in rows:
        cells = [cell.strip() for cell in row]
        if len(cells) % 2 and len(cells) != 1 and not cells[-1]:
            cells = cells[:-1]
        if len(cells) < 2 or len(cells) % 2:
            continue
        for label, raw in zip(cells[::2], cells[1::2], strict=True):
            value = tidy_value(raw)
            if label and value and len(label) <= _LABEL_CHARACTERS_MAX and not label.isdigit():
                bare = label.rstrip("：:*＊ ").strip()
                yield bare, bare, value, FoundBy.TABLE
