"""What a document carries besides its template's text: the code several times over, and its fields."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

from service.doors.forms.answers import PREFILL
from service.doors.forms.labels import bookmark_of, find_label, known_labels
from service.doors.forms.package import parse_xml
from service.doors.forms.word import tagged_values
from service.doors.press.control import text_of
from service.doors.press.package import DOCUMENT, W_, Parts, add_part, part_by_relation, serialise
from service.doors.press.slots import put_controls
from service.office.code import bookmark_name
from service.office.needs.press import Imprint

_PROPERTIES = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
_CORE = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
_DC = "http://purl.org/dc/elements/1.1/"
_CORE_RELATION = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
_CUSTOM_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties"
_CORE_TYPE = "application/vnd.openxmlformats-package.core-properties+xml"
_CUSTOM_TYPE = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
_FORMAT_ID = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"  # the set that holds every user-defined property
_EMPTY = f'<Properties xmlns="{_PROPERTIES}" xmlns:vt="{_TYPES}"/>'.encode()
TOKEN = "nc.token"


def put_in(parts: Parts, imprint: Imprint) -> None:
    """Write the imprint into the parts of a rendered document."""
    document = parse_xml(parts[DOCUMENT])
    properties = {key if "." in key else f"nc.{key}": value for key, value in imprint.extra.items()}
    if imprint.fields:
        _mark_labels(document, imprint)
        put_controls(document, imprint.fields)
        properties |= {PREFILL + key: value for key, value in _prefilled(document).items()}
    if imprint.code:
        properties[TOKEN] = imprint.code
        _print_code(document, imprint.code)
        _mark_code(document, imprint.code)
    parts[DOCUMENT] = serialise(document)
    if properties:
        _put_custom(parts, properties)
    _put_core(parts, imprint)


def _put_custom(parts: Parts, properties: Mapping[str, str]) -> None:
    name = part_by_relation(parts, _CUSTOM_RELATION) or "docProps/custom.xml"
    kept = {}
    if name in parts:
        for old in parse_xml(parts[name]):
            if str(old.get("name")) not in properties:
                kept[str(old.get("name"))] = old
    root = parse_xml(_EMPTY)
    for number, key in enumerate(sorted([*kept, *properties]), 2):  # 0 and 1 are taken by the format itself
        if key in kept:
            kept[key].set("pid", str(number))
            root.append(kept[key])
            continue
        entry = etree.SubElement(
            root, f"{{{_PROPERTIES}}}property", fmtid=_FORMAT_ID, pid=str(number), name=key
        )
        etree.SubElement(entry, f"{{{_TYPES}}}lpwstr").text = properties[key]
    add_part(parts, name, _CUSTOM_TYPE, _CUSTOM_RELATION, serialise(root))


def _put_core(parts: Parts, imprint: Imprint) -> None:
    name = part_by_relation(parts, _CORE_RELATION) or "docProps/core.xml"
    if name in parts:
        root = parse_xml(parts[name])
    else:
        root = etree.Element(f"{{{_CORE}}}coreProperties", nsmap={"cp": _CORE, "dc": _DC})
    if imprint.title:
        _core(root, f"{{{_DC}}}title").text = imprint.title
    if imprint.code:
        keywords = _core(root, f"{{{_CORE}}}keywords")
        words = [word for word in re.split(r"[;,；，]\s*", keywords.text or "") if word]
        keywords.text = "; ".join(dict.fromkeys([*words, imprint.code]))
        _core(root, f"{{{_DC}}}identifier").text = imprint.code
    add_part(parts, name, _CORE_TYPE, _CORE_RELATION, serialise(root))


def _core(root: etree._Element, tag: str) -> etree._Element:
    found = root.find(tag)
    return found if found is not None else etree.SubElement(root, tag)


def _print_code(document: etree._Element, code: str) -> None:
    """A small line 编号 at the top, unless the template shows the code already."""
    body = document.find(W_ + "body")
    if body is None or code in "".join(piece.text or "" for piece in document.iter(W_ + "t")):
        return
    line = etree.Element(W_ + "p")
    properties = etree.SubElement(line, W_ + "pPr")
    etree.SubElement(properties, W_ + "jc").set(W_ + "val", "right")
    run = etree.SubElement(line, W_ + "r")
    etree.SubElement(etree.SubElement(run, W_ + "rPr"), W_ + "sz").set(W_ + "val", "21")
    etree.SubElement(run, W_ + "t").text = f"编号：{code}"
    body.insert(0, line)


def _mark_code(document: etree._Element, code: str) -> None:
    paragraph = next(document.iter(W_ + "p"), None)
    if paragraph is not None:
        _bookmark(document, paragraph, bookmark_name(code))


def _mark_labels(document: etree._Element, imprint: Imprint) -> None:
    """A collapsed bookmark in the cell or paragraph of every label, where the template has none yet."""
    names = {mark.get(W_ + "name") for mark in document.iter(W_ + "bookmarkStart")}
    known = known_labels(imprint.fields)
    for paragraph in document.iter(W_ + "p"):
        key = find_label(re.split("[：:]", text_of(paragraph), maxsplit=1)[0], known)
        if key is None or bookmark_of(key) in names:
            continue
        names.add(bookmark_of(key))
        _bookmark(document, paragraph, bookmark_of(key))


def _bookmark(document: etree._Element, paragraph: etree._Element, name: str) -> None:
    taken = [int(mark.get(W_ + "id") or 0) for mark in document.iter(W_ + "bookmarkStart")]
    identity = str(max(taken, default=-1) + 1)
    at = 1 if len(paragraph) and paragraph[0].tag == W_ + "pPr" else 0
    end = etree.Element(W_ + "bookmarkEnd")
    end.set(W_ + "id", identity)
    paragraph.insert(at, end)
    start = etree.Element(W_ + "bookmarkStart")
    start.set(W_ + "id", identity)
    start.set(W_ + "name", name)
    paragraph.insert(at, start)


def _prefilled(document: etree._Element) -> dict[str, str]:
    """What our own form already says in its fields, so that it is never taken for the sender's words."""
    return {key: value for key, value in tagged_values(document).items() if value}
