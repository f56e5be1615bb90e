"""Letters in the odd shapes that providers and programs give them; every one of them made by us."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from pathlib import Path

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
