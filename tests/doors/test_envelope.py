"""Hostile, broken and enormous letters: facts or trouble, never an exception, never for long."""

from __future__ import annotations

import base64
import io
import random
import time
import zipfile
from pathlib import Path

import py7zr
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.doors.envelope import EnvelopeDoor
from service.doors.envelope.limits import ARCHIVE_DEPTH_MAX, RAW_BYTES_MAX
from service.office.letter import Flag, Kind, LetterFacts
from tests.letter_reading import LETTERS, judge_letter, read_letter

HEAD = b"From: a@unit.example\r\nSubject: A2CD-3EFG\r\nMessage-ID: <x@unit.example>\r\nMIME-Version: 1.0\r\n"


def with_files(*files: tuple[str, bytes], head: bytes = HEAD) -> bytes:
    parts = b"".join(
        b'--b\r\nContent-Type: application/octet-stream; name="%s"\r\nContent-Transfer-Encoding: base64\r\n'
        b"Content-Disposition: attachment\r\n\r\n%s\r\n" % (name.encode(), base64.encodebytes(data))
        for name, data in files
    )
    return head + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + parts + b"--b--\r\n"


def zipped(*files: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


def named(facts: LetterFacts) -> list[tuple[str, str | None]]:
    return [(part.name, part.inside) for part in facts.parts]


def nested_multiparts(depth: int) -> bytes:
    opening = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (number, number)
        for number in range(depth)
    )
    return HEAD + opening + b"Content-Type: text/plain\r\n\r\nbottom\r\n"


def nested_mails(depth: int) -> bytes:
    return HEAD + b"Content-Type: message/rfc822\r\n\r\nSubject: x\r\n" * depth + b"\r\nbottom\r\n"


@pytest.mark.parametrize("raw", [nested_multiparts(3000), nested_mails(2000)], ids=["multiparts", "mails"])
def test_bottomless_nesting_is_trouble_and_quick(raw: bytes) -> None:
    started = time.perf_counter()
    facts = read_letter(raw)
    assert time.perf_counter() - started < 2
    assert "嵌套" in facts.trouble[0]
    assert str(facts.sender) == "a@unit.example"


def test_too_large_a_letter_is_kept_for_a_person() -> None:
    facts = read_letter(HEAD + b"\r\n" + b"x" * RAW_BYTES_MAX)
    assert "80 MB" in facts.trouble[0]
    assert judge_letter(facts).kind is Kind.UNREADABLE


def test_zip_bomb_is_named_and_not_unpacked() -> None:
    facts = read_letter(with_files(("bomb.zip", zipped(("zeros.bin", b"\0" * (40 * 1024 * 1024))))))
    assert named(facts) == [("bomb.zip", None)]
    assert Flag.BOMB in facts.parts[0].flags
    assert "过大" in facts.trouble[0]


def test_zips_open_to_the_stated_depth_only() -> None:
    data = zipped(("end.txt", b"end"))
    for number in range(ARCHIVE_DEPTH_MAX + 1):
        data = zipped((f"{number}.zip", data))
    facts = read_letter(with_files(("top.zip", data)))
    assert len(facts.parts) == 1 + ARCHIVE_DEPTH_MAX
    assert "没有再解开" in facts.trouble[0]


def test_seven_zip_opens_and_its_password_is_named() -> None:
    opened, locked = io.BytesIO(), io.BytesIO()
    with py7zr.SevenZipFile(opened, "w") as archive:
        archive.writestr(b"summary", "总结.txt")
    with py7zr.SevenZipFile(locked, "w", password="pass") as archive:
        archive.writestr(b"summary", "总结.txt")
    facts = read_letter(with_files(("a.7z", opened.getvalue()), ("b.7z", locked.getvalue())))
    assert named(facts) == [("a.7z", None), ("总结.txt", "a.7z"), ("b.7z", None)]
    assert facts.parts[2].flags == (Flag.ENCRYPTED,)


@pytest.mark.parametrize(
    "start",
    [b"Rar!\x1a\x07\x01\x00", b"7z\xbc\xaf\x27\x1c", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"],
    ids=["rar", "7z", "zip", "ole"],
)
def test_damaged_containers_are_kept_and_flagged(start: bytes) -> None:
    facts = read_letter(with_files(("damaged.bin", start + b"junk" * 300)))
    assert named(facts)[0] == ("damaged.bin", None)
    assert facts.parts[0].flags == (Flag.UNREADABLE,)


def test_a_torn_winmail_gives_what_can_be_read() -> None:
    def attribute(number: int, data: bytes) -> bytes:
        return b"\x02" + number.to_bytes(4, "little") + len(data).to_bytes(4, "little") + data + b"\0\0"

    whole = b"\x78\x9f\x3e\x22\1\0" + attribute(0x00069002, b"\0" * 14)
    whole += attribute(0x00018010, "登记表.docx\0".encode("gb18030")) + attribute(0x0006800F, b"content")
    facts = read_letter(with_files(("winmail.dat", whole + attribute(0x00069005, b"\xff" * 40))))
    assert ("登记表.docx", "winmail.dat") in named(facts)


def test_office_files_are_told_by_content() -> None:
    word = zipped(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<d/>"))
    sheet = zipped(("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<w/>"))
    files = (
        ("a.pdf", word),
        ("b.docx", sheet),
        ("c.ofd", zipped(("OFD.xml", b"<ofd/>"))),
        ("d.doc", b"%PDF-1.7\n/Encrypt 5 0 R\n"),
        ("e.jpg", b"\0\0\0\x18ftypheic"),
        ("f.csv", "单位,数量\n".encode()),
    )
    facts = read_letter(with_files(*files))
    assert [part.type.rpartition(".")[2] for part in facts.parts] == [
        "document", "sheet", "application/ofd", "application/pdf", "image/heic", "text/csv",
    ]  # fmt: skip
    assert facts.parts[3].flags == (Flag.ENCRYPTED,)


def test_markup_nested_five_thousand_deep_keeps_its_words() -> None:
    markup = b"<div>" * 5000 + "深处的总结".encode() + b"</div>" * 5000
    raw = HEAD + b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + markup
    assert "深处的总结" in read_letter(raw).reply_text


def test_hostile_lines_take_no_time() -> None:
    lines = [
        b"-" * 900,
        b"- " * 450,
        b" " * 900,
        b">" * 900,
        b"On " * 300,
        "于".encode() * 300,
        b"From: " * 150,
        b"a@" * 450,
    ]
    body = b"\r\n".join(lines * 40)
    raw = HEAD.replace(b"A2CD", b"undeliverable " * 60) + b"Return-Path: <>\r\n\r\n" + body
    started = time.perf_counter()
    judge_letter(read_letter(raw))
    assert time.perf_counter() - started < 2


def test_copies_by_two_routes_share_an_identity_and_others_do_not() -> None:
    letter = (LETTERS / "person_foxmail_form.eml").read_bytes()
    routed = b"Received: from mx1 by mx2; Tue, 27 Aug 2024 09:13:00 +0800\r\nX-Spam: no\r\n" + letter
    first, second = read_letter(letter), read_letter(routed)
    assert first.identity == second.identity
    assert first.raw_sha256 != second.raw_sha256
    changed = letter.replace(b"Tue, 27 Aug 2024 09:12:33", b"Tue, 27 Aug 2024 09:12:34")
    assert read_letter(changed).identity != first.identity


def test_two_letters_of_one_message_id_differ_by_content() -> None:
    texts = [HEAD + b"Date: Tue, 27 Aug 2024 09:00:00 +0800\r\n\r\n" + body for body in (b"one", b"two")]
    assert len({read_letter(raw).identity for raw in texts}) == 2


@pytest.mark.parametrize("path", sorted(LETTERS.glob("*.eml"))[::6], ids=lambda path: path.stem)
def test_torn_and_scrambled_letters_never_raise(path: Path) -> None:
    raw = path.read_bytes()
    chance = random.Random(path.stem)
    for _ in range(15):
        cut = raw[: chance.randrange(1, len(raw))]
        read_letter(cut)
        torn = bytearray(cut)
        for _ in range(20):
            torn[chance.randrange(len(torn))] = chance.randrange(256)
        facts = read_letter(bytes(torn))
        assert facts.identity and judge_letter(facts).why


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=600), st.binary(max_size=200))
def test_any_bytes_are_read(header: bytes, body: bytes) -> None:
    for raw in (
        header,
        b"From: " + header + b"\r\nContent-Type: " + body + b"\r\n\r\n" + body,
        HEAD + header,
    ):
        facts = read_letter(raw)
        assert facts.raw_sha256 and facts.identity
        assert judge_letter(facts).why


def test_a_failing_archive_is_not_swallowed() -> None:
    def full(data: bytes) -> str:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        EnvelopeDoor().read(with_files(("a.txt", b"x")), full)


def test_a_letter_of_200_kb_takes_milliseconds() -> None:
    raw = with_files(("photo.jpg", b"\xff\xd8\xff" + random.Random(1).randbytes(150_000)))
    read_letter(raw)
    started = time.perf_counter()
    for _ in range(10):
        read_letter(raw)
    assert (
        time.perf_counter() - started
    ) / 10 < 0.05  # a few ms on an idle machine; the bound allows for a busy one
