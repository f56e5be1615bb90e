"""The questions of a blank form, as sent out or as its template stands: what `--form` tells a reader."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from lxml import etree

from service.doors.forms.labels import is_placeholder, label_key
from service.doors.forms.package import BadPackage, open_package
from service.office.campaign import FieldKind, FormField

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_TAG = "nc.f."
_LABEL_CHARACTERS_MAX = 24
_TYPED = re.compile(r"^\s*(?P<label>[^:：{}]{2,24})[:：][\s_＿—]*$")
_OURS = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")
_BOX = re.compile(r"[☐□○〇]")


def questions(data: bytes) -> tuple[FormField, ...]:
    """Every question of a blank .docx, in order; our own controls first, else labels beside empty cells.

    A question that no control names gets its own label as its key. Raises BadPackage for what is no .docx.
    """
    package = open_package(data)
    document = package.xml("word/document.xml") if package.has("word/document.xml") else None
    if document is None:
        raise BadPackage("unreadable", "不是 .docx 文件，请用 Word 或 WPS 另存为 .docx")
    found = tuple(_controls(document))
    if found:
        return found
    labels = dict.fromkeys([*_beside_blanks(document), *_typed(document)])
    return tuple(
        FormField(label, label, is_required="*" in written or "＊" in written)
        for written in labels
        if (label := written.strip("*＊ ：:\u3000"))
    )


def _controls(document: etree._Element) -> Iterator[FormField]:
    for properties in document.iter(f"{_W}sdtPr"):
        tag, alias = properties.find(f"{_W}tag"), properties.find(f"{_W}alias")
        name = str(tag.get(f"{_W}val")) if tag is not None else ""
        if not name.startswith(_TAG):
            continue
        key = name.removeprefix(_TAG)
        label = str(alias.get(f"{_W}val")) if alias is not None else key
        choices = tuple(str(each.get(f"{_W}displayText")) for each in properties.iter(f"{_W}listItem"))
        yield FormField(key, label, kind=_kind(properties), choices=choices)


def _kind(properties: etree._Element) -> FieldKind:
    if properties.find(f"{_W14}checkbox") is not None:
        return FieldKind.CHECKBOX
    if properties.find(f"{_W}date") is not None:
        return FieldKind.DATE
    if properties.find(f"{_W}dropDownList") is not None:
        return FieldKind.CHOICE
    return FieldKind.TEXT


def _beside_blanks(document: etree._Element) -> Iterator[str]:
    """Labels whose answer belongs into the cell beside them, or into the empty row below."""
    for table in document.iter(f"{_W}tbl"):
        rows = [[_text(cell) for cell in row.findall(f"{_W}tc")] for row in table.findall(f"{_W}tr")]
        for number, row in enumerate(rows):
            below = rows[number + 1] if number + 1 < len(rows) else []
            if (
                len(row) > 1
                and all(map(_is_label, row))
                and below
                and not any(each.strip() for each in below)
            ):
                yield from row
                continue
            for cell, after in pairwise(row):
                if _is_label(cell) and _is_blank(after):
                    yield cell


def _typed(document: etree._Element) -> Iterator[str]:
    for paragraph in document.iter(f"{_W}p"):
        if next(paragraph.iterancestors(f"{_W}tc"), None) is None:
            found = _TYPED.match(_text(paragraph))
            if found:
                yield found["label"]


def _text(element: etree._Element) -> str:
    return "".join(piece.text or "" for piece in element.iter(f"{_W}t")).strip()


def _is_label(text: str) -> bool:
    return bool(label_key(text)) and len(text) <= _LABEL_CHARACTERS_MAX and not _is_blank(text)


def _is_blank(text: str) -> bool:
    """Empty, an invitation to fill in, a template's own tag, or boxes to tick."""
    rest = _OURS.sub("", text).strip()
    return not rest or is_placeholder(rest) or bool(_BOX.search(rest))
