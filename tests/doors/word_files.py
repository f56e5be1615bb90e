"""Small Word files for tests, made and changed the way a person would, and read without our own reader."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from docx import Document
from lxml import etree

W_ = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_CHECKED = "{http://schemas.microsoft.com/office/word/2010/wordml}"


def word(*paragraphs: str, table: Sequence[Sequence[str]] = (), header: str = "", title: str = "") -> bytes:
    """A .docx with these paragraphs, one table, a header and a title."""
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if table:
        grid = document.add_table(len(table), len(table[0]))
        for row, cells in zip(grid.rows, table, strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text
    if header:
        document.sections[0].header.paragraphs[0].text = header
    if title:
        document.core_properties.title = title
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def texts(data: bytes) -> list[str]:
    """The paragraphs of the body, tables left out."""
    return [paragraph.text for paragraph in Document(io.BytesIO(data)).paragraphs]


def rows(data: bytes) -> list[list[str]]:
    """All rows of all tables."""
    tables = Document(io.BytesIO(data)).tables
    return [[cell.text for cell in row.cells] for table in tables for row in table.rows]


def parts(data: bytes) -> dict[str, bytes]:
    """Every entry of a zip."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def packed(entries: Mapping[str, bytes]) -> bytes:
    """A zip of these entries."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in entries.items():
            package.writestr(name, data)
    return out.getvalue()


def with_part(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The file with one part changed or added."""
    entries = parts(data)
    entries[name] = change(entries.get(name, b""))
    return packed(entries)


def fill_in(data: bytes, answers: Mapping[str, str]) -> bytes:
    """Type into a form's controls as Word does: the invitation goes, the text comes; 是 ticks a box."""

    def typed(xml: bytes) -> bytes:
        root = etree.fromstring(xml)
        for control in root.iter(W_ + "sdt"):
            properties, content = control[0], control[1]
            key = next(str(tag.get(W_ + "val")) for tag in properties.iter(W_ + "tag")).removeprefix("nc.f.")
            if key not in answers:
                continue
            run = next(content.iter(W_ + "r"))
            first, *more = answers[key].split("\n")
            for checked in properties.iter(_CHECKED + "checked"):
                checked.set(_CHECKED + "val", "1")
                first = "☑"
            for shown in properties.findall(W_ + "showingPlcHdr"):
                properties.remove(shown)
            for text in list(run.iter(W_ + "t")):
                run.remove(text)
            etree.SubElement(run, W_ + "t").text = first
            for line in more:
                etree.SubElement(run, W_ + "br")
                etree.SubElement(run, W_ + "t").text = line
        return etree.tostring(root)

    return with_part(data, "word/document.xml", typed)


def needs_soffice() -> str:
    """The path of LibreOffice, or a skip with the reason."""
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice (soffice) is not installed on this machine")
    return program


def convert(data: bytes, suffix: str, to: str, folder: Path) -> bytes:
    """The file as LibreOffice saves it in another format, with a profile of its own."""
    program = needs_soffice()
    source = folder / f"form.{suffix}"
    source.write_bytes(data)
    out = folder / f"to-{to}"
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    subprocess.run(
        [program, profile, "--headless", "--convert-to", to, "--outdir", str(out), str(source)],
        check=True,
        capture_output=True,
        timeout=100,
        env={**os.environ, "HOME": str(folder)},
    )
    return (out / f"form.{to}").read_bytes()
