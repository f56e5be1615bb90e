"""Papers as people make them: a form filled in by hand, a report typed in Word, a photograph."""

from __future__ import annotations

import hashlib
import io
import re
import struct
import unicodedata
import zipfile
import zlib
from itertools import pairwise

from docx import Document
from docx.shared import Cm
from lxml import etree

from service.rehearsal.units.acts import Report

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_BOX_SPACE = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_BOX = f"{_BOX_SPACE}checkbox"
PHOTO_PIXELS = (640, 480)


class NoSuchLabel(Exception):
    """The form that was received has no such question."""


def fill_form(blank: bytes, answers: tuple[tuple[str, str], ...]) -> bytes:
    """Type each answer beside its label, as one sees it on the page, and save; everything else stays."""
    source = zipfile.ZipFile(io.BytesIO(blank))
    document = etree.fromstring(source.read("word/document.xml"))
    for label, answer in answers:
        cell = _beside(document, label)
        if cell is None:
            raise NoSuchLabel(f"表中没有“{label}”一栏")
        _type(cell, answer)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as saved:
        for entry in source.infolist():
            data = source.read(entry.filename)
            if entry.filename == "word/document.xml":
                data = etree.tostring(document, xml_declaration=True, encoding="UTF-8", standalone=True)
            saved.writestr(entry.filename, data)
    return out.getvalue()


def _beside(document: etree._Element, label: str) -> etree._Element | None:
    for row in document.iter(f"{_W}tr"):
        cells = list(row.iter(f"{_W}tc"))
        for left, right in pairwise(cells):
            if _bare("".join(str(t.text or "") for t in left.iter(f"{_W}t"))) == _bare(label):
                return right
    return None


def _bare(text: str) -> str:
    return re.sub(r"[\s*＊:：]", "", unicodedata.normalize("NFKC", text))


def _type(cell: etree._Element, answer: str) -> None:
    """Click the box, or put the answer into the control that invites it, else into the cell's paragraph."""
    control = cell.find(f".//{_W}sdt")
    if control is None:
        control = next(cell.iterancestors(f"{_W}sdt"), None)
    place = cell if control is None else control
    if control is not None:
        _touch(control, answer)
        if control.find(f".//{_BOX}") is not None:
            answer = answer[:1]
    runs = list(place.iter(f"{_W}t"))
    for text in runs:
        text.text = ""
    if not runs:
        runs = [_new_text(place, cell)]
    runs[0].text = answer
    runs[0].set("{http://www.w3.org/XML/1998/namespace}space", "preserve")


def _touch(control: etree._Element, answer: str) -> None:
    """What Word notes about a control that somebody used: it no longer invites, and its box is ticked."""
    for mark in list(control.iter(f"{_W}showingPlcHdr")):
        parent = mark.getparent()
        if parent is not None:
            parent.remove(mark)
    for checked in control.iter(f"{_BOX_SPACE}checked"):
        checked.set(f"{_BOX_SPACE}val", "1" if answer.startswith("☑") else "0")


def _new_text(place: etree._Element, cell: etree._Element) -> etree._Element:
    paragraph = next(place.iter(f"{_W}p"), None)
    if paragraph is None:
        paragraph = etree.SubElement(cell, f"{_W}p")
    return etree.SubElement(etree.SubElement(paragraph, f"{_W}r"), f"{_W}t")


def write_report(report: Report) -> bytes:
    """A report as a .docx, its pictures at the end."""
    document = Document()
    document.add_heading(report.title, level=0)
    for heading, text in report.sections:
        document.add_heading(heading, level=1)
        for paragraph in text.split("\n"):
            document.add_paragraph(paragraph)
    for number in range(report.pictures):
        document.add_picture(io.BytesIO(photo(f"{report.name}{number}")), width=Cm(10))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def photo(name: str) -> bytes:
    """A PNG of its own for every name, large enough to be no logo."""
    width, height = PHOTO_PIXELS
    seed = hashlib.sha256(name.encode()).digest()
    noise = b"".join(hashlib.sha256(seed + bytes([n])).digest() for n in range(width * 3 // 32))
    rows = b"".join(b"\0" + noise[n % 64 :] + noise[: n % 64] for n in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def words_of(document: bytes) -> str:
    """The text of a .docx as one reads it."""
    with zipfile.ZipFile(io.BytesIO(document)) as package:
        root = etree.fromstring(package.read("word/document.xml"))
    return "\n".join("".join(str(t.text or "") for t in p.iter(f"{_W}t")) for p in root.iter(f"{_W}p"))
