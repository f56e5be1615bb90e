"""A returned .pdf: its text, its form fields and the code in its keywords."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pdfplumber
from pdfplumber.table import Table
from pypdf import PageObject, PdfReader
from pypdf.errors import DependencyError, FileNotDecryptedError

from service.doors.forms import grid
from service.doors.forms.answers import without_lone_noes
from service.doors.forms.codes import CodeFinder
from service.doors.forms.headings import headings_of
from service.doors.forms.labels import known_labels, label_key, settle
from service.doors.forms.pictures import ORNAMENT_PIXELS_MAX
from service.doors.forms.typed import typed_values
from service.office.campaign import FormField
from service.office.form import CodeFrom, FieldValue, FormReading, FoundBy

PAGES_MAX = 40
# Finding rules on a page is slow; a form has them on its first pages.
RULED_PAGES_MAX = 3
RULED_ROWS_MAX = 200
RULED_BYTES_MAX = 8 * 2**20
# How far a column's edge may lie from the same one on the page before: less than a narrow letter.
COLUMN_POINTS_OFF_MAX = 3.0
PAGE_CONTENT_BYTES_MAX = 2**20
_HAN = r"[\u3400-\u9fff\u3000-\u303f\uff00-\uffef“”‘’…]"


def read_pdf(data: bytes, fields: Sequence[FormField]) -> FormReading:
    """Text and fields of a .pdf; a scan has the flag no-text, a locked one encrypted."""
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            return FormReading(flags=("encrypted",))
        pages = list(reader.pages[:PAGES_MAX])
        texts = [_page_text(page) for page in pages]
        images = tuple(dict.fromkeys(image for page in pages for image in _pictures(page)))
        boxes = _boxes(reader)
        keywords = (
            " ".join(str(reader.metadata.get(key, "")) for key in ("/Keywords", "/Subject"))
            if reader.metadata
            else ""
        )
    except (FileNotDecryptedError, DependencyError):
        return FormReading(flags=("encrypted",))
    except Exception:  # pypdf raises anything on damaged files
        return FormReading(flags=("unreadable",))
    text = "\n".join(texts)
    # A page too large to be read has no text here, and is not searched for rules either.
    ruled = [number for number, each in enumerate(texts[:RULED_PAGES_MAX]) if each.strip()]
    codes = CodeFinder()
    codes.add(CodeFrom.CORE_PROPERTY, keywords)
    codes.add_printed(text)
    flags = () if re.search(r"\w", text) else ("no-text",)
    return FormReading(
        codes=codes.codes,
        codes_from=codes.carriers,
        fields=_fields(data, ruled, text, boxes, fields),
        text=text,
        headings=tuple(dict.fromkeys(head for line in text.split("\n") for head in headings_of(line))),
        pictures=len(images),
        images=images,
        flags=flags,
    )


def _boxes(reader: PdfReader) -> dict[str, str]:
    """What was filled into the file's own form: texts, choices, and boxes as 是 and 否."""
    found: dict[str, str] = {}
    for name, box in (reader.get_fields() or {}).items():
        value = box.value
        if box.field_type == "/Btn":
            found[name] = "否" if value in (None, "", "/Off") else "是"
        elif isinstance(value, (list, tuple)):
            found[name] = "、".join(str(each) for each in value)
        elif value:
            found[name] = str(value)
    return found


def _page_text(page: PageObject) -> str:
    contents = page.get_contents()
    if contents is not None and len(contents.get_data()) > PAGE_CONTENT_BYTES_MAX:
        return ""
    return page.extract_text()


def _pictures(page: PageObject) -> Iterator[str]:
    """Pictures of a page by its resources, without decoding any: a hash of their bytes as they stand."""
    resources = page.get("/Resources")
    objects = resources.get_object().get("/XObject") if resources is not None else None
    if objects is None:
        return
    for each in objects.get_object().values():
        shown = each.get_object()
        if shown.get("/Subtype") != "/Image" or shown.get("/ImageMask"):
            continue
        if min(int(shown.get("/Width", 0)), int(shown.get("/Height", 0))) > ORNAMENT_PIXELS_MAX:
            # The bytes as they stand, never inflated: of a JPEG they are the file that was put in.
            yield hashlib.sha256(getattr(shown, "_data", b"")).hexdigest()


def _fields(
    data: bytes, ruled: list[int], text: str, boxes: dict[str, str], fields: Sequence[FormField]
) -> tuple[FieldValue, ...]:
    by_key = {field.key: field for field in fields}
    known = known_labels(fields)
    found: dict[str, FieldValue] = {}
    for name, value in boxes.items():
        key = name.removeprefix("nc.f.") if name.startswith("nc.f.") else known.get(label_key(name), name)
        label = by_key[key].label if key in by_key else name
        if settled := settle(value, by_key.get(key)):
            found[key] = FieldValue(key, label, settled, FoundBy.TAG)
    for key, value in typed_values(text, fields, is_printed=True).items():
        # A line that the page's width broke inside a Chinese sentence is one line again, and the blanks that
        # printing puts between Chinese and figures are gone.
        joined = re.sub(rf"(?<={_HAN})(?<![。！？])\n(?={_HAN})", "", value)
        joined = re.sub(rf"(?<={_HAN}) (?=\d)|(?<=\d) (?={_HAN})", "", joined)
        found.setdefault(key, FieldValue(key, by_key[key].label, joined, FoundBy.LABEL))
    if ruled and fields and len(data) <= RULED_BYTES_MAX:
        typed, rows = dict(found), _ruled_rows(data, ruled)
        for key, _, value, found_by in grid.labelled(rows, known):
            settled = settle(value, by_key.get(key))
            is_typed = key in found and found[key] is typed.get(key)
            if settled and (
                key not in found or (is_typed and _tells_better(found[key], settled, found_by, rows))
            ):
                found[key] = FieldValue(key, by_key[key].label, settled, found_by)
    return without_lone_noes(found.values())


def _tells_better(typed: FieldValue, ruled: str, found_by: FoundBy, rows: list[list[str]]) -> bool:
    """Whether rules hold the value that lines of text blur: below its label, or without the row after it."""
    if typed.found_by is not FoundBy.LABEL:
        return False
    if found_by is FoundBy.TABLE:
        return True
    rest = _squeezed(typed.value).partition(_squeezed(ruled))
    heads = (_squeezed(row[0]) for row in rows)
    return not rest[0] and any(head and rest[2].startswith(head) for head in heads)


def _squeezed(text: str) -> str:
    return "".join(text.split())


class _Row(NamedTuple):
    """A row between printed rules; a cell that another one covers has no edge."""

    cells: list[str]
    edges: list[float | None]


def _ruled_rows(data: bytes, pages: list[int]) -> list[list[str]]:
    """Rows between printed rules: labels whose answers stand below them, which lines of text do not show."""
    try:
        with pdfplumber.open(io.BytesIO(data)) as document:
            tables = [[_rows(table) for table in document.pages[at].find_tables()] for at in pages]
    except Exception:  # pdfminer raises anything on damaged files
        return []
    rows: list[_Row] = []
    for page in tables:
        for number, table in enumerate(page):
            new = [row for row in table[:RULED_ROWS_MAX] if any(row.cells)]
            if rows and number == 0 and new and _goes_on(rows[-1], new[0]):
                both = zip(rows[-1].cells, new.pop(0).cells, strict=True)
                rows[-1] = _Row(["\n".join(filter(None, each)) for each in both], rows[-1].edges)
            rows += new
    return [[_unspaced(cell) for cell in row.cells] for row in rows]


def _rows(table: Table) -> list[_Row]:
    edges = [[cell[0] if cell else None for cell in row.cells] for row in table.rows]
    texts = [[cell or "" for cell in row] for row in table.extract()]
    return [_Row(*each) for each in zip(texts, edges, strict=True)]


def _goes_on(before: _Row, row: _Row) -> bool:
    """Whether the first row of a page is the rest of the last one before it: its label stands there.

    Another table may begin with an empty corner too, but hardly with the same columns.
    """
    if len(row.cells) != len(before.cells) or row.cells[0].strip() or not before.cells[0].strip():
        return False
    both = zip(before.edges, row.edges, strict=True)
    return all(a is None or b is None or abs(a - b) <= COLUMN_POINTS_OFF_MAX for a, b in both)


def _unspaced(text: str) -> str:
    """A cell's text without the blanks and breaks that printing puts among Chinese letters."""
    joined = re.sub(rf"(?<={_HAN})\n(?={_HAN})", "", text)
    return re.sub(rf"(?<={_HAN}) (?=\d)|(?<=\d) (?={_HAN})", "", joined).strip()
