"""A returned .pdf: its text, its form fields and the code in its keywords."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

from pypdf import PageObject, PdfReader
from pypdf.errors import DependencyError, FileNotDecryptedError

from service.doors.forms.codes import CodeFinder
from service.doors.forms.headings import headings_of
from service.doors.forms.labels import known_labels, label_key, settle
from service.doors.forms.typed import typed_values
from service.doors.forms.answers import without_lone_noes
from service.office.campaign import FormField
from service.office.form import CodeFrom, FieldValue, FormReading, FoundBy

PAGES_MAX = 40
PAGE_CONTENT_BYTES_MAX = 2**20
_HAN = r"[\u3400-\u9fff\u3000-\u303f\uff00-\uffef“”‘’…]"


def read_pdf(data: bytes, fields: Sequence[FormField]) -> FormReading:
    """Text and fields of a .pdf; a scan has the flag no-text, a locked one encrypted."""
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            return FormReading(flags=("encrypted",))
        pages = list(reader.pages[:PAGES_MAX])
        text = "\n".join(_page_text(page) for page in pages)
        pictures = sum(_pictures(page) for page in pages)
        boxes = {name: str(value) for name, value in (reader.get_form_text_fields() or {}).items() if value}
        keywords = (
            " ".join(str(reader.metadata.get(key, "")) for key in ("/Keywords", "/Subject"))
            if reader.metadata
            else ""
        )
    except (FileNotDecryptedError, DependencyError):
        return FormReading(flags=("encrypted",))
    except Exception:  # pypdf raises anything on damaged files
        return FormReading(flags=("unreadable",))
    codes = CodeFinder()
    codes.add(CodeFrom.CORE_PROPERTY, keywords)
    codes.add_printed(text)
    flags = () if re.search(r"\w", text) else ("no-text",)
    return FormReading(
        codes=codes.codes,
        codes_from=codes.carriers,
        fields=_fields(text, boxes, fields),
        text=text,
        headings=tuple(dict.fromkeys(head for line in text.split("\n") for head in headings_of(line))),
        pictures=pictures,
        flags=flags,
    )


def _page_text(page: PageObject) -> str:
    contents = page.get_contents()
    if contents is not None and len(contents.get_data()) > PAGE_CONTENT_BYTES_MAX:
        return ""
    return page.extract_text()


def _pictures(page: PageObject) -> int:
    """Pictures of a page by its resources, without decoding any."""
    resources = page.get("/Resources")
    objects = resources.get_object().get("/XObject") if resources is not None else None
    if objects is None:
        return 0
    kinds = [each.get_object().get("/Subtype") for each in objects.get_object().values()]
    return sum(kind == "/Image" for kind in kinds)


def _fields(text: str, boxes: dict[str, str], fields: Sequence[FormField]) -> tuple[FieldValue, ...]:
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
    return without_lone_noes(found.values())
