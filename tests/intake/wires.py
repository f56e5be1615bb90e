"""Letters in the odd shapes that providers and programs give them; every one of them made by us."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import re
import zipfile
from pathlib import Path

from openpyxl import Workbook

from tests.letter_reading import TESTS
from tests.stories.sample_office import OFFICE

# Public mail sets lie beside the checkout, or where this says; a case that needs them is skipped without.
CORPORA = Path(os.environ.get("HUIZHI_CORPORA") or TESTS.parent.parent / "shared" / "corpora")


def without_header(raw: bytes, name: str) -> bytes:
    """The same letter without one of its headers, folded lines and all."""
    head, gap, body = raw.partition(b"\r\n\r\n")
    shape = rb"(?im)^" + re.escape(name.encode()) + rb":[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*"
    return re.sub(shape, b"", head + b"\r\n") + gap[2:] + body


def plain_letter(sender: str, subject: str, words: str, headers: str = "", name: str = "") -> bytes:
    """A short letter of plain UTF-8 text; `headers` are whole lines, a To among them replaces ours."""
    to = "" if re.search(r"(?im)^to:", headers) else f"To: {OFFICE}\r\n"
    seed = hashlib.sha256(f"{sender}{subject}{words}{headers}".encode()).hexdigest()[:24]
    head = (
        f"{headers}From: {name} <{sender}>\r\n{to}Subject: {encoded(subject)}\r\n"
        f"Date: Tue, 20 Aug 2024 10:05:00 +0800\r\nMessage-ID: <{seed}@client.example>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: 8bit\r\n\r\n"
    )
    return head.encode("latin-1", "replace") + words.encode()


def encoded(text: str, codec: str = "utf-8") -> str:
    """One encoded word, where the text needs it."""
    if text.isascii():
        return text
    return f"=?{codec}?B?{base64.b64encode(text.encode(codec)).decode()}?="


def with_part_head(raw: bytes, name: str, head: bytes) -> bytes:
    """The letter with the head of one of its files replaced; the file is found by its plain ASCII name."""
    at = raw.index(f'filename="{name}"'.encode())
    start = raw.rindex(b"\r\n--", 0, at)
    start = raw.index(b"\r\n", start + 2) + 2
    end = raw.index(b"\r\n\r\n", at)
    return raw[:start] + b"Content-Transfer-Encoding: base64\r\n" + head + raw[end:]


def tnef(*files: tuple[str, bytes]) -> bytes:
    """A winmail.dat as Outlook writes it, by its plain attributes [MS-OXTNEF 2.1.3]."""

    def attribute(level: int, number: int, data: bytes) -> bytes:
        check = (sum(data) & 0xFFFF).to_bytes(2, "little")
        return bytes([level]) + number.to_bytes(4, "little") + len(data).to_bytes(4, "little") + data + check

    whole = b"\x78\x9f\x3e\x22\x01\x00" + attribute(1, 0x00089006, (0x00010000).to_bytes(4, "little"))
    for name, data in files:
        whole += attribute(2, 0x00069002, b"\x01\0" + b"\xff" * 4 + b"\0" * 8)
        whole += attribute(2, 0x00018010, name.encode("gb18030") + b"\0")
        whole += attribute(2, 0x0006800F, data)
    return whole


def zip_gbk(*files: tuple[str, bytes]) -> bytes:
    """A zip as old programs write it: the names are GBK bytes, and nothing says so."""
    out = io.BytesIO()
    raw = [name.encode("gbk") for name, _ in files]
    # Names of the same length in ASCII are written first, and then overwritten with the true bytes.
    stand_ins = [f"{number}".rjust(len(name), "_") for number, name in enumerate(raw)]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for stand_in, (_, data) in zip(stand_ins, files, strict=True):
            package.writestr(stand_in, data)
    packed = out.getvalue()
    for stand_in, name in zip(stand_ins, raw, strict=True):
        packed = packed.replace(stand_in.encode(), name)
    return packed


def ooxml_sheet() -> bytes:
    """A workbook with a summary in it."""
    book = Workbook()
    sheet = book.create_sheet("总结", 0)
    for line in ("宣传周工作总结", "一、开展情况", "开展活动三场。", "二、活动效果", "效果良好。"):
        sheet.append([line])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def ole(stream: str) -> bytes:
    """The smallest compound file with one stream [MS-CFB]: header, one FAT sector, directory, data."""
    free, end, fat = b"\xff" * 4, b"\xfe\xff\xff\xff", b"\xfd\xff\xff\xff"
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + b"\x3e\0\x03\0\xfe\xff\x09\0\x06\0" + b"\0" * 6
    head += b"\0" * 4 + b"\x01\0\0\0" + b"\x01\0\0\0" + b"\0" * 4 + b"\0\x10\0\0" + end + b"\0" * 4
    head += end + b"\0" * 4 + b"\0\0\0\0" + free * 108
    # Sector 0 the FAT, 1 the directory, 2 to 9 the stream: 4096 bytes, so that no mini stream is needed.
    chain = [fat, end, *(each.to_bytes(4, "little") for each in range(3, 10)), end]
    table = b"".join(chain) + free * (128 - len(chain))
    directory = _entry("Root Entry", 5, 1, end, 0) + _entry(stream, 2, None, b"\x02\0\0\0", 4096)
    directory += b"\0" * 256
    return head + table + directory + b"\0" * 4096


def _entry(name: str, kind: int, child: int | None, start: bytes, size: int) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    none = b"\xff" * 4
    below = none if child is None else child.to_bytes(4, "little")
    raw = text.ljust(64, b"\0") + len(text).to_bytes(2, "little") + bytes([kind, 1]) + none + none + below
    return raw + b"\0" * 36 + start + size.to_bytes(8, "little")


HEAD = b"From: a@unit.example\r\nSubject: x\r\nMessage-ID: <deep@unit.example>\r\nMIME-Version: 1.0\r\n"


def nested_multiparts(depth: int) -> bytes:
    """Multiparts in multiparts, so deep that the standard library's parser raises RecursionError."""
    opening = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (number, number)
        for number in range(depth)
    )
    return HEAD + opening + b"Content-Type: text/plain\r\n\r\nbottom\r\n"


def nested_mails(depth: int) -> bytes:
    """Attached mails in attached mails, as deep."""
    return HEAD + b"Content-Type: message/rfc822\r\n\r\nSubject: x\r\n" * depth + b"\r\nbottom\r\n"
