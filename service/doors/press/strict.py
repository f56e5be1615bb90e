"""Rendering with docxtpl, with every way in which it loses text silently turned into an error."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

from docxtpl import DocxTemplate
from lxml import etree

from service.doors.forms.package import BrokenXml, parse_xml
from service.doors.press.fill import NotRendered, Place, clean, fill
from service.doors.press.package import DOCUMENT, W_, Parts, part_by_relation, read_parts, serialise
from service.doors.press.sandbox import BoundedEnvironment
from service.office.needs.press import Value

# Stands before each paragraph while its part is a template, so that Jinja's line number is the paragraph's
# number. NUL cannot stand in XML nor, once cleaned, in a fact: nothing else can look like it.
_MARK = "\n\0"
_PARAGRAPH = re.compile(r"<w:p(?=[ >/])")
_NOTES = ("word/footnotes.xml", "word/endnotes.xml", "word/comments.xml")
_CORE_RELATION = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
_CUSTOM_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties"


def render_parts(template: bytes, facts: Mapping[str, Value]) -> Parts:
    """All parts of the rendered document; raises NotRendered, BadPackage."""
    cleaned = clean(facts)
    assert isinstance(cleaned, dict)
    rendering = _StrictTemplate(io.BytesIO(template))
    rendering.part_in_work = ""
    try:
        rendering.render(cleaned, BoundedEnvironment(autoescape=True))
    except NotRendered:
        raise
    except Exception as error:  # docxtpl and python-docx raise anything on odd XML; it must have a place
        raise NotRendered(Place(rendering.part_in_work), error) from error
    out = io.BytesIO()
    rendering.save(out)
    parts = read_parts(out.getvalue())
    _render_notes(parts, rendering, cleaned)
    _render_properties(parts, cleaned)
    for name in parts:
        if re.fullmatch(r"word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml", name):
            parts[name] = _tidy(parts[name])
    return parts


def part_name_in_words(name: str) -> str:
    """`word/header1.xml` → 页眉; the body has no name of its own."""
    stem = name.rsplit("/", 1)[-1]
    for start, words in (
        ("header", "页眉"),
        ("footer", "页脚"),
        ("footnotes", "脚注"),
        ("endnotes", "尾注"),
        ("comments", "批注"),
    ):
        if stem.startswith(start):
            return words
    return "" if name == DOCUMENT else stem


def mark_paragraphs(xml: str) -> str:
    """The part's source with a line for every paragraph."""
    return _PARAGRAPH.sub(lambda _: _MARK + "<w:p", xml)


def patched(xml: str) -> str:
    """A part's XML as the template source that Jinja reads, one line a paragraph."""
    source: str = _StrictTemplate(io.BytesIO()).patch_xml(xml)
    return source


class _StrictTemplate(DocxTemplate):  # type: ignore[misc]  # docxtpl has no types
    """docxtpl without its recovering spots; properties and notes are rendered on the finished parts."""

    part_in_work = ""

    def patch_xml(self, src_xml: str) -> str:
        patched: str = super().patch_xml(mark_paragraphs(src_xml))
        return patched

    def render_xml_part(self, src_xml: str, part: Any, context: dict[str, Any], jinja_env: Any = None) -> str:
        self.part_in_work = part_name_in_words(str(part.partname).lstrip("/"))
        xml = fill(self.part_in_work, src_xml, context, autoescape=True).replace(_MARK, "")
        resolved: str = self.resolve_listing(xml)
        return resolved

    def fix_tables(self, xml: str) -> Any:
        # Upstream parses with recovery here, which is where a bad character swallows the rest of a paragraph.
        try:
            parse_xml(xml.encode())
        except BrokenXml as error:
            raise NotRendered(Place(self.part_in_work), error) from error
        return super().fix_tables(xml)

    def render_properties(self, context: Any, jinja_env: Any = None) -> None:
        """Left to `_render_properties`: python-docx would add properties bearing the present time."""

    def render_footnotes(self, context: Any, jinja_env: Any = None) -> None:
        """Left to `_render_notes`, which does the endnotes as well."""


def _render_notes(parts: Parts, template: _StrictTemplate, facts: Mapping[str, Any]) -> None:
    for name in _NOTES:
        if name in parts and (b"{{" in parts[name] or b"{%" in parts[name]):
            source = template.patch_xml(etree.tostring(parse_xml(parts[name]), encoding="unicode"))
            words = part_name_in_words(name)
            xml = fill(words, source, facts, autoescape=True).replace(_MARK, "")
            try:
                parts[name] = serialise(parse_xml(template.resolve_listing(xml).encode()))
            except BrokenXml as error:
                raise NotRendered(Place(words), error) from error


def _render_properties(parts: Parts, facts: Mapping[str, Any]) -> None:
    """Core and custom properties that hold a tag; lxml escapes on writing, so Jinja must not."""
    for relation in (_CORE_RELATION, _CUSTOM_RELATION):
        name = part_by_relation(parts, relation)
        if name is None or name not in parts or b"{" not in parts[name]:
            continue
        root = parse_xml(parts[name])
        for element in root.iter():
            if element.text and "{" in element.text:
                element.text = fill("文档属性", element.text, facts, autoescape=False)
        parts[name] = serialise(root)


def _tidy(data: bytes) -> bytes:
    """What Word would call damaged after a loop or a condition: empty cells and tables, repeated ids."""
    root = parse_xml(data)
    for table in [each for each in root.iter(W_ + "tbl") if each.find(f".//{W_}tr") is None]:
        _drop(table)
    for cell in root.iter(W_ + "tc"):
        if len(cell) == 0 or cell[-1].tag not in (W_ + "p", W_ + "sdt"):
            etree.SubElement(cell, W_ + "p")
    for number, identity in enumerate(root.iterfind(f".//{W_}sdtPr/{W_}id"), 1):
        identity.set(W_ + "val", str(number))
    _renumber_bookmarks(root)
    return serialise(root)


def _renumber_bookmarks(root: etree._Element) -> None:
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
