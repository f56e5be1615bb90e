"""The same document by docxtpl itself, plain but in our environment, and the comparison part by part."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

from docx import Document
from docxtpl import DocxTemplate
from lxml import etree

from service.doors.press import PressDoor
from service.doors.press.sandbox import BoundedEnvironment
from tests.doors.word_files import parts

CORE = "docProps/core.xml"
Prepare = Callable[[DocxTemplate], Mapping[str, Any]]
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def by_docxtpl(template: bytes, facts: Mapping[str, Any] | Prepare) -> bytes:
    """docxtpl as its documentation uses it: autoescape on, in the environment that ours runs in."""
    twin = DocxTemplate(io.BytesIO(template))
    context = facts(twin) if callable(facts) else facts
    twin.render(dict(context), BoundedEnvironment(autoescape=True))
    out = io.BytesIO()
    twin.save(out)
    return out.getvalue()


def by_press(template: bytes, facts: Mapping[str, Any] | Prepare) -> bytes:
    """The press; a template that has to be prepared is handed over as the object that was."""
    if not callable(facts):
        return PressDoor().render(template, "t.docx", facts)
    prepared = DocxTemplate(io.BytesIO(template))
    return PressDoor().render(prepared, "t.docx", facts(prepared))


def differences(ours: bytes, theirs: bytes) -> dict[str, tuple[bytes, bytes]]:
    """The parts that differ, as canonical XML or, where they are none, as bytes.

    Differs on purpose, everywhere: docxtpl adds empty elements to the core properties (it writes every
    property it knows), so of those only what has text is compared; and without a core part it makes one that
    bears the present time, where ours makes none.
    """
    mine, other = canonical(ours), canonical(theirs)
    if CORE not in mine:
        other.pop(CORE, None)
    return {
        name: (mine.get(name, b"missing"), other.get(name, b"missing"))
        for name in sorted({*mine, *other})
        if mine.get(name) != other.get(name)
    }


def canonical(data: bytes) -> dict[str, bytes]:
    return {name: _canonical(name, part) for name, part in parts(data).items()}


def _canonical(name: str, part: bytes) -> bytes:
    if not name.endswith((".xml", ".rels")):
        return part
    root = etree.fromstring(part)
    if name == CORE:
        root[:] = sorted((each for each in root if each.text), key=lambda each: str(each.tag))
    if name in ("[Content_Types].xml",) or name.endswith(".rels"):
        root[:] = sorted(root, key=lambda each: sorted(each.attrib.items()))
    return etree.tostring(root, method="c14n")


def body(*xml: str) -> bytes:
    """A .docx whose body is this XML, on python-docx's own template."""
    document = Document()
    for child in list(document.element.body)[:-1]:
        document.element.body.remove(child)
    for number, each in enumerate(etree.fromstring(f"<x {_NAMES}>{''.join(xml)}</x>")):
        document.element.body.insert(number, each)
    return saved(document)


def saved(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def p(*texts: str) -> str:
    """A paragraph of one run for each text."""
    return (
        "<w:p>" + "".join(f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>' for text in texts) + "</w:p>"
    )


def table(columns: int, *rows: str) -> str:
    """A table of rows of cells."""
    grid = "".join(f'<w:gridCol w:w="{9000 // columns}"/>' for _ in range(columns))
    return f"<w:tbl><w:tblPr/><w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"


def row(*cells: str) -> str:
    """A row; a cell is given as text or as ready XML."""
    return "<w:tr>" + "".join(each if each.startswith("<w:tc>") else cell(each) for each in cells) + "</w:tr>"


def cell(text: str, properties: str = '<w:tcW w:w="100" w:type="dxa"/>') -> str:
    # docxtpl's vm and hm look for properties with something in them.
    inside = text if text.startswith("<w:p>") else p(text)
    return f"<w:tc><w:tcPr {_W}>{properties}</w:tcPr>{inside}</w:tc>"


_NAMES = (
    f'{_W} xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'
)
