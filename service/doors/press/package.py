"""A Word file as its parts: opened within bounds, written back with the same bytes for the same parts."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from lxml import etree

from service.doors.forms.package import BadPackage, BrokenXml, open_package, parse_xml

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
W_ = "{" + W + "}"
CONTENT_TYPES = "[Content_Types].xml"
DOCUMENT = "word/document.xml"
DOCUMENT_RELATIONS = "word/_rels/document.xml.rels"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # the only time a zip can hold that is the same every day

Parts = dict[str, bytes]


def read_parts(data: bytes) -> Parts:
    """Every part of a .docx; raises BadPackage with a Chinese sentence where it is none or breaks a bound."""
    package = open_package(data)
    if not package.has(DOCUMENT):
        raise BadPackage("unreadable", "不是 Word 文档（.docx）")
    if "macro" in package.flags:
        raise BadPackage("macro", "文档带有宏，请另存为不带宏的 .docx")
    return {name: package.read(name) for name in package.names}


def write_parts(parts: Mapping[str, bytes]) -> bytes:
    """The parts as a .docx: sorted, content types first, with one fixed time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as package:
        for name in sorted(parts, key=lambda each: (each != CONTENT_TYPES, each)):
            entry = zipfile.ZipInfo(name, _EARLIEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0
            entry.external_attr = 0
            package.writestr(entry, parts[name])
    return out.getvalue()


def serialise(root: etree._Element) -> bytes:
    """XML as Word writes it."""
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def check_every_part(parts: Mapping[str, bytes]) -> None:
    """Parse all XML strictly; raises BadPackage naming the part that would not open."""
    for name, data in parts.items():
        if name.endswith((".xml", ".rels")):
            try:
                parse_xml(data)
            except BrokenXml as error:
                raise BadPackage("broken-xml", f"{name} 不是完整的 XML（{error}）") from error


def add_part(parts: Parts, name: str, content_type: str, relation_type: str, data: bytes) -> None:
    """Put a part into the package with its content type and its relation from the package's root."""
    parts[name] = data
    types = parse_xml(parts[CONTENT_TYPES])
    if not any(each.get("PartName") == f"/{name}" for each in types):
        etree.SubElement(types, f"{{{_TYPES}}}Override", PartName=f"/{name}", ContentType=content_type)
        parts[CONTENT_TYPES] = serialise(types)
    relations = parse_xml(parts["_rels/.rels"])
    if not any(each.get("Type") == relation_type for each in relations):
        taken = {each.get("Id") for each in relations}
        free = next(f"rId{number}" for number in range(1, len(taken) + 2) if f"rId{number}" not in taken)
        etree.SubElement(relations, f"{{{_RELATIONS}}}Relationship", Id=free, Type=relation_type, Target=name)
        parts["_rels/.rels"] = serialise(relations)


def add_picture(parts: Parts, name: str, relation_type: str, identity: str) -> None:
    """Announce a PNG that the document shows: its content type and its relation; the bytes come later."""
    types = parse_xml(parts[CONTENT_TYPES])
    if not any(str(each.get("Extension")).lower() == "png" for each in types):
        default = etree.Element(f"{{{_TYPES}}}Default", Extension="png", ContentType="image/png")
        types.insert(0, default)
        parts[CONTENT_TYPES] = serialise(types)
    relations = parse_xml(parts.get(DOCUMENT_RELATIONS, f'<Relationships xmlns="{_RELATIONS}"/>'.encode()))
    target = name.removeprefix("word/")
    etree.SubElement(
        relations, f"{{{_RELATIONS}}}Relationship", Id=identity, Type=relation_type, Target=target
    )
    parts[DOCUMENT_RELATIONS] = serialise(relations)


def part_by_relation(parts: Parts, relation_type: str) -> str | None:
    """The name of the part that the package's root points to by this relation, if there is one."""
    for relation in parse_xml(parts.get("_rels/.rels", b"<none/>")):
        if relation.get("Type") == relation_type:
            return str(relation.get("Target") or "").lstrip("/")
    return None
