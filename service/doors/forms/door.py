"""The reader of returned files: whatever the bytes hold, a reading comes out and nothing is raised."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from service.doors.forms.codes import CodeFinder
from service.doors.forms.headings import headings_of
from service.doors.forms.old_word import read_old_word
from service.doors.forms.open_document import MIMETYPE, read_open_document
from service.doors.forms.package import BadPackage, Package, open_package
from service.doors.forms.portable import read_pdf
from service.doors.forms.rich_text import MAGIC, read_rich_text
from service.doors.forms.sheet import read_sheet
from service.doors.forms.typed import typed_values
from service.doors.forms.word import OpenedWord, open_word
from service.doors.marks.door import MarksDoor, is_scan
from service.office.campaign import FormField
from service.office.form import CodeFrom, FieldValue, FormReading, FoundBy

FILE_BYTES_MAX = 64 * 2**20
# Of a file in a letter; a scanner's stack is recorded by a person, with more patience.
MARK_PAGES_MAX = 6
MARK_SECONDS_MAX = 20
# A letter's files are read twice: for whose they are, and then for the fields of what they answer. So many
# lie taken apart meanwhile, none of them larger than this.
KEPT_MAX = 4
KEPT_BYTES_MAX = 2**20
KEPT_CHARACTERS_MAX = 200_000
_TEXT_BYTES_MAX = 2 * 2**20


class FormsDoor:
    """Reads .docx .doc .wps .odt .rtf .pdf .xlsx, plain text, and marks on pictures (see needs/forms.py)."""

    def __init__(self, marks: MarksDoor | None = None) -> None:
        self._marks = marks or MarksDoor(MARK_PAGES_MAX, MARK_SECONDS_MAX)
        self._kept: dict[bytes, OpenedWord] = {}

    def read(self, data: bytes, name: str, fields: Sequence[FormField] = ()) -> FormReading:
        """Code, fields and text of a file, recognised by its bytes and not by its name."""
        if len(data) > FILE_BYTES_MAX:
            return FormReading(flags=("too-large",))
        try:
            reading = _read(data, name, fields, self._opened)
        except BadPackage as error:
            return FormReading(flags=(error.flag,))
        except RecursionError:
            return FormReading(flags=("bomb",))
        return self._with_marks(data, reading)

    def _opened(self, data: bytes) -> Opened:
        if (known := self._kept.get(data)) is not None:
            return known
        opened = _open(data)
        is_small = len(data) <= KEPT_BYTES_MAX
        if is_small and isinstance(opened, OpenedWord) and opened.characters <= KEPT_CHARACTERS_MAX:
            if len(self._kept) >= KEPT_MAX:
                self._kept.clear()
            self._kept[data] = opened
        return opened

    def _with_marks(self, data: bytes, reading: FormReading) -> FormReading:
        """A scan's code is on the picture of it; what was written there by hand stays unread."""
        is_page = "no-text" in reading.flags or reading.pictures or not reading.flags
        if reading.codes or reading.fields or not is_page or not is_scan(data):
            return reading
        codes = tuple(dict.fromkeys(mark.code for mark in self._marks.read(data).marks))
        return replace(reading, codes=codes, codes_from=(CodeFrom.QR,)) if codes else reading

    def read_text(self, text: str, fields: Sequence[FormField]) -> FormReading:
        """Fields typed into a mail as `标签：值` lines; a label without a value gives no field."""
        labels = {field.key: field.label for field in fields}
        codes = CodeFinder()
        codes.add_printed(text)
        return FormReading(
            codes=codes.codes,
            codes_from=codes.carriers,
            fields=tuple(
                FieldValue(key, labels[key], value, FoundBy.PARAGRAPH)
                for key, value in typed_values(text, fields).items()
            ),
            text=text,
            headings=tuple(dict.fromkeys(head for line in text.split("\n") for head in headings_of(line))),
        )


Opened: TypeAlias = OpenedWord | Package


def _read(
    data: bytes, name: str, fields: Sequence[FormField], opened: Callable[[bytes], Opened]
) -> FormReading:
    if data.startswith(b"PK\x03\x04") or data.startswith(b"PK\x05\x06"):
        package = opened(data)
        if isinstance(package, OpenedWord):
            return package.reading(fields)
        if package.has("content.xml") and package.has("mimetype"):
            is_text = package.read("mimetype").decode("ascii", "replace").startswith(MIMETYPE)
            return read_open_document(package, fields) if is_text else FormReading(flags=package.flags)
        if package.has("xl/workbook.xml"):
            return read_sheet(package, data, fields)
        return FormReading(flags=package.flags)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return read_old_word(data, fields)
    if data.startswith(MAGIC):
        return read_rich_text(data, fields)
    if b"%PDF-" in data[:1024]:
        return read_pdf(data, fields)
    if name.lower().endswith((".txt", ".text", ".md")) and len(data) <= _TEXT_BYTES_MAX:
        return FormsDoor().read_text(_decode(data), fields)
    if name.lower().endswith((".docx", ".doc", ".wps", ".odt", ".rtf", ".pdf", ".xlsx")):
        return FormReading(flags=("unreadable",))
    return FormReading()


def _open(data: bytes) -> Opened:
    package = open_package(data)
    return open_word(package) if package.has("word/document.xml") else package


def _decode(data: bytes) -> str:
    for charset in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(charset)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace")
