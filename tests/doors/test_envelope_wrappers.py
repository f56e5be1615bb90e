"""Outlook's and WinRAR's wrappers: what is inside is filed, what cannot be opened here is said."""

from __future__ import annotations

import base64
import struct
import zlib

import pytest
import rarfile
from tnefparse import mapi

from service.doors.envelope.limits import ARCHIVE_DEPTH_MAX, WINMAIL_VALUES_MAX
from service.doors.envelope.sealed import Seal, open_sealed
from service.office.letter import Flag
from tests.doors.ole_files import ole
from tests.doors.test_envelope import named, with_files, zipped
from tests.letter_reading import LETTERS, read_letter


def rar4(*members: tuple[bytes, bytes], method: int = 0x30, flags: int = 0) -> bytes:
    """An archive of RAR 2.9 with stored members, by the published layout of its blocks."""

    def block(kind: int, bits: int, fields: bytes, data: bytes = b"") -> bytes:
        head = struct.pack("<BHH", kind, bits, 7 + len(fields)) + fields
        return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head + data

    out = b"Rar!\x1a\x07\x00" + block(0x73, 0, b"\0" * 6)
    for name, data in members:
        fields = struct.pack(
            "<IIBIIBBHI", len(data), len(data), 2, zlib.crc32(data), 0x58210000, 29, method, len(name), 0x20
        )
        out += block(0x74, 0x8000 | flags, fields + name, data)
    return out + block(0x7B, 0x4000, b"")


def test_a_rar_with_gbk_names_opens() -> None:
    facts = read_letter(with_files(("a.rar", rar4(("质量月\\通知.docx".encode("gb18030"), b"text")))))
    assert named(facts) == [("a.rar", None), ("通知.docx", "a.rar")]
    assert facts.parts[0].flags == ()


def test_a_locked_rar_tells_the_names_it_holds() -> None:
    data = rar4(("总结.docx".encode("gb18030"), b"x" * 16), flags=0x04)
    facts = read_letter(with_files(("a.rar", data)))
    assert facts.parts[0].flags == (Flag.ENCRYPTED,)
    assert "有密码" in facts.trouble[0] and "总结.docx" in facts.trouble[0]


def test_a_rar_that_needs_a_missing_program_is_not_called_damaged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(rarfile, "CURRENT_SETUP", None)
    facts = read_letter(with_files(("a.rar", rar4((b"a.docx", b"pressed"), method=0x33))))
    assert facts.parts[0].flags == (Flag.UNREADABLE,)
    assert "没有能解 RAR 的程序" in facts.trouble[0]
    assert not any("损坏" in each for each in facts.trouble)


def message(at: str, subject: str, body: str) -> dict[str, bytes]:
    return {
        f"{at}__substg1.0_0037001F": subject.encode("utf-16-le"),
        f"{at}__substg1.0_1000001E": body.encode("gb18030"),
    }


def test_an_outlook_message_gives_its_words_its_files_and_the_message_inside() -> None:
    first, second = "__attach_version1.0_#00000000/", "__attach_version1.0_#00000001/"
    inner = f"{second}__substg1.0_3701000D/"
    form = zipped(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<d/>")).ljust(5_000, b"\0")
    streams = {
        "__properties_version1.0": b"",
        **message("", "质量月总结", "共开展活动十二场。"),
        f"{first}__substg1.0_3704001E": b"DENGJI~1.DOC",
        f"{first}__substg1.0_3707001F": "登记表.docx".encode("utf-16-le"),
        f"{first}__substg1.0_37010102": form,
        **message(inner, "转来的材料", "请一并查收。"),
        f"{inner}__attach_version1.0_#00000000/__substg1.0_3707001F": "现场.jpg".encode("utf-16-le"),
        f"{inner}__attach_version1.0_#00000000/__substg1.0_37010102": b"\xff\xd8\xff" + b"1" * 5_000,
    }
    facts = read_letter(with_files(("转发.msg", ole(streams))))
    assert [(part.name, part.inside, part.type.rpartition(".")[2]) for part in facts.parts] == [
        ("转发.msg", None, "ms-outlook"),
        ("登记表.docx", "转发.msg", "document"),
        ("现场.jpg", "转发.msg", "image/jpeg"),
    ]
    assert facts.parts[1].size == 5_000, "byte for byte"
    assert all(each in facts.text for each in ("质量月总结", "共开展活动十二场。", "请一并查收。"))
    assert facts.trouble == ()


def test_a_torn_outlook_message_is_kept_and_named() -> None:
    whole = ole({"__properties_version1.0": b"", **message("", "总结", "正文")})
    for length in range(520, len(whole), 97):
        facts = read_letter(with_files(("a.msg", whole[:length])))
        assert facts.parts[0].size == length
        assert facts.parts[0].flags == (Flag.UNREADABLE,) or facts.parts[0].type.endswith("ms-outlook")


@pytest.mark.parametrize("name", ["person_signed_in_one_piece", "person_signed_in_one_piece_mislabelled"])
def test_a_seal_cut_anywhere_gives_what_it_still_holds(name: str) -> None:
    data = base64.b64decode((LETTERS / f"{name}.eml").read_bytes().partition(b"\r\n\r\n")[2])
    whole = open_sealed(data)
    assert whole.seal is Seal.SIGNED
    for length in range(len(data)):
        assert whole.content.startswith(open_sealed(data[:length]).content)


def test_a_pgp_letter_is_named_enciphered() -> None:
    raw = (
        b"From: a@unit.example\r\nSubject: x\r\nContent-Type: multipart/encrypted; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
        b"--b\r\nContent-Type: application/octet-stream\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n--b--\r\n"
    )
    assert "已加密（PGP）" in read_letter(raw).trouble[0]


def winmail(*attributes: tuple[int, bytes]) -> bytes:
    """A winmail.dat of plain attributes: level, id and type, length, data, checksum [MS-OXTNEF 2.1.3]."""
    out = struct.pack("<IH", 0x223E9F78, 1)
    for name, data in attributes:
        level = 2 if name in (0x9002, 0x8010, 0x800F, 0x9005) else 1
        out += struct.pack("<BHHI", level, name, 6, len(data)) + data
        out += struct.pack("<H", sum(data) & 0xFFFF)
    return out


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "properties",
    [
        struct.pack("<I", 0x8C000002) + b"\x03\x00\x01\x00" + b"\0" * 28,
        # One property that claims four thousand million values of two bytes.
        struct.pack("<IHHI", 1, 0x1002, 0x0037, 0xFFFFFFF0) + b"\0" * 8,
        struct.pack("<IHHI", 1, 0x001E, 0x0037, 0xFFFFFFF0) + b"\0" * 8,
    ],
)
def test_counts_that_no_winmail_can_hold_are_not_counted_out(properties: bytes) -> None:
    data = winmail(
        (0x9003, properties), (0x9002, b"\0" * 14), (0x8010, b"summary.txt\0"), (0x800F, b"the summary")
    )
    head = "From: li@unit.example\nSubject: x\nContent-Type: application/ms-tnef; name=winmail.dat\n"
    raw = f"{head}Content-Transfer-Encoding: base64\n\n{base64.encodebytes(data).decode()}".encode()
    facts = read_letter(raw)
    assert ("summary.txt", "winmail.dat") in named(facts)


def numbered_list(name: bytes) -> bytes:
    """A property list whose last property claims 4,096 values that are not there."""
    shown = struct.pack("<HHII", 0x001E, 0x3001, 1, len(name)) + name.ljust(8, b"\0")
    return struct.pack("<I", 2) + shown + struct.pack("<HHI", 0x1003, 0x0E08, 4096)


def test_lists_without_end_are_read_to_a_written_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    values, read = [0], mapi.parse_property

    def counted(*args: object) -> object:
        values[0] += 1
        return read(*args)

    monkeypatch.setattr(mapi, "parse_property", counted)
    file = ((0x9002, b"\0" * 14), (0x8010, b"summary.txt\0"), (0x800F, b"the summary"))
    lists = [(0x9003, numbered_list(b"a.txt"))] * 60
    for files in (1, 3):  # together, not each
        values[0] = 0
        facts = read_letter(with_files(*[(f"{n}/winmail.dat", winmail(*file, *lists)) for n in range(files)]))
        assert 4096 < values[0] <= WINMAIL_VALUES_MAX
        assert ("summary.txt", "winmail.dat") in named(facts), "what stands before it is read"
        assert named(facts)[0] == ("winmail.dat", None) and facts.parts[0].flags == (Flag.UNREADABLE,)
        assert "没有全部解开" in facts.trouble[0]


def test_attributes_without_end_are_read_to_a_written_limit() -> None:
    file = ((0x9002, b"\0" * 14), (0x8010, b"summary.txt\0"), (0x800F, b"the summary"))
    empty = [(0x8008, b"")] * WINMAIL_VALUES_MAX
    after = ((0x9002, b"\0" * 14), (0x8010, b"late.txt\0"), (0x800F, b"too late"))
    facts = read_letter(with_files(("winmail.dat", winmail(*file, *empty, *after))))
    assert named(facts) == [("winmail.dat", None), ("summary.txt", "winmail.dat")]
    assert facts.parts[0].flags == (Flag.UNREADABLE,)


def test_messages_within_messages_end_at_the_depth_of_archives() -> None:
    inner = winmail((0x9002, b"\0" * 14), (0x8010, b"summary.txt\0"), (0x800F, b"the summary"))
    mark = bytes.fromhex("0703020000000000c000000000000046")
    for _ in range(200):
        held = mark + inner
        whole = struct.pack("<IHHII", 1, 0x000D, 0x3701, 1, len(held)) + held + b"\0" * (-len(held) % 4)
        inner = winmail((0x9002, b"\0" * 14), (0x9005, whole))
    facts = read_letter(with_files(("winmail.dat", inner)))
    assert len(facts.parts) == 1 + ARCHIVE_DEPTH_MAX
    assert "没有再解开" in facts.trouble[-1]
