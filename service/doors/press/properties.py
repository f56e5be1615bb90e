"""A document's core and custom properties: tags in them filled, the imprint's carriers among them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from lxml import etree

from service.doors.forms.package import BrokenXml, parse_xml
from service.doors.press.fill import NotRendered, Place, compiled
from service.doors.press.package import serialise
from service.office.needs.press import Imprint

PLACE = Place("文档属性")
CORE_RELATION = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
CUSTOM_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties"
CORE_TYPE = "application/vnd.openxmlformats-package.core-properties+xml"
CUSTOM_TYPE = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
TOKEN = "nc.token"
_PROPERTIES = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
_CORE = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
_DC = "http://purl.org/dc/elements/1.1/"
_FORMAT_ID = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"  # the set that holds every user-defined property
_HEAD = (
    "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n"
    f'<Properties xmlns="{_PROPERTIES}" xmlns:vt="{_TYPES}">'
)
_HOLE = "nc-hole-%d-"
_TAG = re.compile(r"\{[{%#]")

Facts = Mapping[str, Any]
_Text = Callable[[Facts, Imprint | None], str]


@dataclass(frozen=True, slots=True)
class Holed:
    """XML with holes for texts that differ: the pieces between them, and what tells each text."""

    pieces: tuple[str, ...]
    texts: tuple[_Text, ...]

    def fill(self, facts: Facts, imprint: Imprint | None) -> str:
        """The XML for one recipient, every text escaped once; raises NotRendered."""
        out = [self.pieces[0]]
        for text, piece in zip(self.texts, self.pieces[1:], strict=True):
            out += (escape(text(facts, imprint), quote=False), piece)
        return "".join(out)


@dataclass(frozen=True, slots=True)
class CustomProperties:
    """The template's own custom properties, beside which the imprint's take their places by name."""

    kept: tuple[tuple[str, Holed], ...]

    def fill(self, facts: Facts, properties: Mapping[str, str]) -> bytes:
        """The part for one recipient; where both have a name, the imprint's counts."""
        kept = {name: holed for name, holed in self.kept if name not in properties}
        pieces = [_HEAD]
        for number, name in enumerate(sorted([*kept, *properties]), 2):  # 0 and 1 are the format's own
            if name in kept:
                pieces.append(kept[name].fill(facts, None).replace('pid=""', f'pid="{number}"', 1))
                continue
            pieces.append(
                f'<property fmtid="{_FORMAT_ID}" pid="{number}" name="{escape(name)}">'
                f"<vt:lpwstr>{escape(properties[name], quote=False)}</vt:lpwstr></property>"
            )
        return checked("".join([*pieces, "</Properties>"]))


def core_properties(data: bytes | None, *, has_title: bool, has_code: bool, is_template: bool) -> Holed:
    """The core part with holes for tags, and for what an imprint says: title, keywords, identifier."""
    if data is None:
        root = etree.Element(f"{{{_CORE}}}coreProperties", nsmap={"cp": _CORE, "dc": _DC})
    else:
        root = parse_xml(data)
    own: dict[etree._Element, _Text] = {}
    if has_title:
        own[_child(root, f"{{{_DC}}}title")] = lambda _, given: given.title if given else ""
    if has_code:
        keywords = _child(root, f"{{{_CORE}}}keywords")
        own[keywords] = _keywords(_spoken(keywords.text or "", is_template))
        own[_child(root, f"{{{_DC}}}identifier")] = lambda _, given: given.code if given else ""
    return _holed(root, own, is_template)


def custom_properties(data: bytes | None, *, is_template: bool) -> CustomProperties:
    """The template's own custom properties, each with holes for tags and for its number."""
    kept = []
    for entry in parse_xml(data) if data else ():
        name = str(entry.get("name"))
        entry.set("pid", "")
        entry.tail = None
        holed = _holed(entry, {}, is_template)
        kept.append((name, holed))
    return CustomProperties(tuple(kept))


def tagged_properties(data: bytes) -> Holed | None:
    """A properties part as the template has it, with holes for tags; None where it has no tags."""
    return _holed(parse_xml(data), {}, True) if _TAG.search(data.decode("utf-8", "replace")) else None


def checked(xml: str) -> bytes:
    """The XML's bytes, once a strict parser has taken them; raises NotRendered."""
    data = xml.encode()
    try:
        parse_xml(data)
    except BrokenXml as error:
        raise NotRendered(PLACE, error) from error
    return data


def _holed(root: etree._Element, own: Mapping[etree._Element, _Text], is_template: bool) -> Holed:
    texts: list[_Text] = []
    for element in root.iter():
        text = own.get(element)
        if text is None and is_template and element.text and _TAG.search(element.text):
            text = _spoken(element.text, is_template)
        if text is not None:
            element.text = _HOLE % len(texts)
            texts.append(text)
    is_whole = root.getparent() is None
    xml = serialise(root).decode() if is_whole else etree.tostring(root, encoding="unicode")
    pieces = re.split("|".join(re.escape(_HOLE % n) for n in range(len(texts))) or "\0", xml)
    return Holed(tuple(pieces), tuple(texts))


def _spoken(text: str, is_template: bool) -> _Text:
    """A property's text: a template of its own where it holds a tag. Escaped later, so Jinja must not."""
    if not is_template or not _TAG.search(text):
        return lambda _, __: text
    source = compiled(PLACE.part, text, autoescape=False)
    return lambda facts, _: source.fill(facts)


def _keywords(before: _Text) -> _Text:
    def words(facts: Facts, given: Imprint | None) -> str:
        own = [word for word in re.split(r"[;,；，]\s*", before(facts, given)) if word]
        return "; ".join(dict.fromkeys([*own, given.code if given else ""]))

    return words


def _child(root: etree._Element, tag: str) -> etree._Element:
    found = root.find(tag)
    return found if found is not None else etree.SubElement(root, tag)
