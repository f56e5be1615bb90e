"""Awkward letters built for fuzzing: the shapes of malformed-mail collections, made by hand."""

from __future__ import annotations

import base64
import io
import random
import zipfile

HEAD = b"From: a@unit.example\r\nSubject: A2CD-3EFG\r\nMessage-ID: <x@unit.example>\r\nMIME-Version: 1.0\r\n"
PIECES = (
    b"--", b"--b\r\n", b"--b--\r\n", b"\r\n\r\n", b"\n", b"\r", b"\0", b"=?gb2312?B?", b"?=",
    b"=?utf-8?Q?=E6=9D",
    b"Content-Type: multipart/mixed; boundary=b\r\n", b"Content-Type: message/rfc822\r\n\r\n",
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n",
    b"Content-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; \r\n",
    b"Content-Type: application/ms-tnef\r\n", b"Content-Type: application/pkcs7-mime\r\n",
    b"Content-Type: text/html; charset=\"\"\r\n", b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Transfer-Encoding: x-uuencode\r\n", b"Content-Disposition: attachment; filename*0*=gbk''%CD",
    b"; filename*999999999999=x", b"; name=\"\\\"", b"begin 644 a.docx\r\n", b"\r\nend\r\n", b"<a href=\"",
    b"cid:", b"https://mail.qq.com/cgi-bin/ftnExs_download?k=1", b"From: ", b"To: :;(((", b"Date: 99 99 99",
    b"\x78\x9f\x3e\x22", b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"Rar!\x1a\x07\x00",
    b"7z\xbc\xaf\x27\x1c",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF-", b"\xff\xd8\xff\xc0", b"\x30\x80\x06\x09",
    b"\xcd\xa8\xd6\xaa",
    "写道：".encode(), "原始邮件".encode("gb18030"), b"\xff\xfe", b"A" * 300, b"<div>" * 60,
)  # fmt: skip


def carrying(name: bytes, kind: bytes, data: bytes) -> bytes:
    """A letter around one file."""
    return (
        HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: " + kind + b"; name="
        b'"'
        + name
        + b'"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        + base64.encodebytes(data)
        + b"--b--\r\n"
    )


def containers() -> list[bytes]:
    """Sound containers whose insides the fuzzer may spoil."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w:document/>")
        archive.writestr("word/_rels/document.xml.rels", '<R><Relationship TargetMode="External"/></R>')
        archive.writestr("word/embeddings/oleObject1.bin", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)

    def attribute(number: int, data: bytes) -> bytes:
        return b"\x02" + number.to_bytes(4, "little") + len(data).to_bytes(4, "little") + data + b"\0\0"

    winmail = b"\x78\x9f\x3e\x22\1\0" + attribute(0x00069002, b"\0" * 14)
    winmail += attribute(0x00018010, b"a.docx\0") + attribute(0x0006800F, b"content")
    signed = bytes.fromhex("308006092a864886f70d010702a080308002010131003080060109a0802480040161040162")
    return [out.getvalue(), winmail + attribute(0x00069005, b"\2\0\0\0" * 8), signed]


def seeds() -> list[bytes]:
    """Letters to begin from, beside those of tests/letters."""
    kinds = (b"application/zip", b"application/ms-tnef", b"application/pkcs7-mime")
    made = [carrying(b"a.bin", kind, data) for kind, data in zip(kinds, containers(), strict=True)]
    return [*made, HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" * 30]


def mutate(raw: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    """Some bytes changed, pieces put in, cut out, doubled or taken from another letter."""
    data = bytearray(raw)
    for _ in range(chance.randrange(1, 8)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(6):
            case 0 if data:
                data[at % len(data)] = chance.randrange(256)
            case 1:
                data[at:at] = chance.choice(PIECES)
            case 2:
                del data[at : at + chance.randrange(1, 200)]
            case 3:
                data[at:at] = data[at : at + chance.randrange(1, 400)]
            case 4:
                other = chance.choice(others)
                start = chance.randrange(len(other) + 1)
                data[at:at] = other[start : start + chance.randrange(1, 2_000)]
            case _:
                data = data[:at] or data
    return bytes(data)
