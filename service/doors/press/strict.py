"""docxtpl made strict, for what no plate can print: pictures, documents within, parts replaced."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

from docx import Document
from docxtpl import DocxTemplate, InlineImage
from lxml import etree

from service.doors.forms.package import BrokenXml, parse_xml
from service.doors.press.fill import Dangling, Foreign, NotRendered, Place, fill
from service.doors.press.package import (
    DOCUMENT,
    DOCUMENT_RELATIONS,
    Parts,
    part_by_relation,
    read_parts,
    serialise,
)
from service.doors.press.properties import CORE_RELATION, CUSTOM_RELATION
from service.doors.press.repair import mend
from service.doors.press.sandbox import MARK, BoundedEnvironment

_PARAGRAPH = re.compile(r"<w:p(?=[ >/])")
_NOTES = ("word/footnotes.xml", "word/endnotes.xml", "word/comments.xml")
_MENDED = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml")


def unrendered(template: bytes) -> Parts:
    """The template's parts as docxtpl would save them, not rendered; raises NotRendered, BadPackage."""
    try:
        out = io.BytesIO()
        Document(io.BytesIO(template)).save(out)
    except Exception as error:  # python-docx raises anything on odd XML; it must have a place
        raise NotRendered(Place(), error) from error
    return read_parts(out.getvalue())


def is_touched(template: DocxTemplate) -> bool:
    """Whether a template object was prepared as only docxtpl can carry out.

    That is by any `replace_…`, by `new_subdoc` or by `build_url_id`.
    """
    replaced = (
        template.crc_to_new_media,
        template.crc_to_new_embedded,
        template.zipname_to_replace,
        template.pics_to_replace,
    )
    return any(replaced) or template.docx is not None


def file_of(template: DocxTemplate) -> bytes:
    """The file that a template object was made from."""
    source = template.template_file
    if hasattr(source, "getvalue"):
        return bytes(source.getvalue())
    if hasattr(source, "read"):
        source.seek(0)
        return bytes(source.read())
    with io.FileIO(source) as file:
        return file.readall()


def render_live(
    template: bytes, facts: dict[str, Any], live: Sequence[Any], prepared: DocxTemplate | None
) -> Parts:
    """All parts of a document with pictures, documents or links of its own; raises NotRendered, BadPackage.

    `prepared`, and the template that a document within belongs to, are only read: the same objects may be
    printed again, with the same result.
    """
    owner = _owner(template, live, prepared)
    rendering = StrictTemplate(io.BytesIO(_with_its_relations(template, owner)))
    if owner is not None:
        for name in ("crc_to_new_media", "crc_to_new_embedded", "zipname_to_replace", "pics_to_replace"):
            setattr(rendering, name, dict(getattr(owner, name)))
        rendering.allow_missing_pics = owner.allow_missing_pics
    try:
        rendering.render(_bound_to(facts, rendering), BoundedEnvironment(autoescape=True))
        out = io.BytesIO()
        rendering.save(out)
    except NotRendered:
        raise
    except Exception as error:  # docxtpl and python-docx raise anything on odd XML; it must have a place
        raise NotRendered(Place(rendering.part_in_work), error) from error
    parts = read_parts(out.getvalue())
    check_links(parts, live)
    _render_notes(parts, rendering, facts)
    _render_properties(parts, facts)
    for name in filter(_MENDED.fullmatch, parts):
        root = parse_xml(parts[name])
        mend(root)
        parts[name] = serialise(root)
    return parts


def check_links(parts: Parts, live: Sequence[Any]) -> None:
    """Refuse a link whose target the document does not name: Word would call the file damaged."""
    wanted = {name for each in live for name in re.findall(r'r:id="([^"]*)"', getattr(each, "xml", ""))}
    relations = parse_xml(parts.get(DOCUMENT_RELATIONS, b"<none/>"))
    if missing := wanted - {str(each.get("Id")) for each in relations}:
        raise NotRendered(Place(), Dangling("、".join(sorted(missing))))


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
    return _PARAGRAPH.sub(lambda _: MARK + "<w:p", xml)


def patched(xml: str) -> str:
    """A part's XML as the template source that Jinja reads, one line a paragraph."""
    source: str = StrictTemplate(io.BytesIO()).patch_xml(xml)
    return source


class StrictTemplate(DocxTemplate):  # type: ignore[misc]  # docxtpl has no types
    """docxtpl without its recovering spots; properties and notes are rendered on the finished parts."""

    part_in_work = ""

    def patch_xml(self, src_xml: str) -> str:
        patched: str = super().patch_xml(mark_paragraphs(src_xml))
        return patched

    def render_xml_part(self, src_xml: str, part: Any, context: dict[str, Any], jinja_env: Any = None) -> str:
        self.part_in_work = part_name_in_words(str(part.partname).lstrip("/"))
        self.current_rendering_part = part  # pictures are added to the part at work
        resolved: str = self.resolve_listing(fill(self.part_in_work, src_xml, context, autoescape=True))
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


def _owner(template: bytes, live: Sequence[Any], prepared: DocxTemplate | None) -> DocxTemplate | None:
    """The template object whose relations the facts speak of; it must be of this very file, and unused."""
    owners = [
        *([prepared] if prepared is not None else []),
        *(each.tpl for each in live if hasattr(each, "subdocx")),
    ]
    if not owners:
        return None
    owner = owners[0]
    if any(each is not owner for each in owners) or owner.is_rendered or file_of(owner) != template:
        raise NotRendered(Place(), Foreign("another template"))
    return owner


def _with_its_relations(template: bytes, owner: DocxTemplate | None) -> bytes:
    """The template with what `new_subdoc` and `build_url_id` have already added to it."""
    if owner is None or owner.docx is None:
        return template
    out = io.BytesIO()
    owner.docx.save(out)
    return out.getvalue()


def _bound_to(value: Any, rendering: DocxTemplate) -> Any:
    """The facts with every picture on the template at work, whatever template it was made for."""
    if isinstance(value, Mapping):
        return {key: _bound_to(each, rendering) for key, each in value.items()}
    if isinstance(value, list):
        return [_bound_to(each, rendering) for each in value]
    if isinstance(value, InlineImage):
        bound = copy(value)
        bound.tpl = rendering
        if hasattr(value.image_descriptor, "seek"):
            value.image_descriptor.seek(0)
        return bound
    return value


def _render_notes(parts: Parts, template: StrictTemplate, facts: Mapping[str, Any]) -> None:
    for name in _NOTES:
        if name in parts and (b"{{" in parts[name] or b"{%" in parts[name]):
            source = template.patch_xml(etree.tostring(parse_xml(parts[name]), encoding="unicode"))
            words = part_name_in_words(name)
            xml = fill(words, source, facts, autoescape=True)
            try:
                parts[name] = serialise(parse_xml(template.resolve_listing(xml).encode()))
            except BrokenXml as error:
                raise NotRendered(Place(words), error) from error


def _render_properties(parts: Parts, facts: Mapping[str, Any]) -> None:
    """Core and custom properties that hold a tag; lxml escapes on writing, so Jinja must not."""
    for relation in (CORE_RELATION, CUSTOM_RELATION):
        name = part_by_relation(parts, relation)
        if name is None or name not in parts or b"{" not in parts[name]:
            continue
        root = parse_xml(parts[name])
        for element in root.iter():
            if element.text and "{" in element.text:
                element.text = fill("文档属性", element.text, facts, autoescape=False)
        parts[name] = serialise(root)
