"""Pictures in the streams of a .doc, found by their heads and the record around each [MS-ODRAW 2.2.23]."""

from __future__ import annotations

import re
from collections.abc import Iterator

import olefile

from service.doors.forms.pictures import Picture

# Inline pictures lie in one stream, floating ones at the end of the other.
_STREAMS = ("Data", "WordDocument")
PICTURES_MAX = 500
_SIGNATURE = re.compile(rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff[\xdb\xe0\xe1\xe2\xee]")
_KINDS = {0xF01D, 0xF01E, 0xF02A}  # JPEG, PNG, JPEG in CMYK
_HEAD_BYTES = 8
# Between a record's head and the picture: one mark or two of sixteen bytes, and one byte.
_BEFORE = (17, 33)
_JPEG_END = b"\xff\xd9"


def blips(store: olefile.OleFileIO) -> Iterator[Picture]:
    """PNG and JPEG pictures of a document, in order, at most PICTURES_MAX."""
    count = 0
    for name in _STREAMS:
        if not store.exists(name):
            continue
        stream = store.openstream(name).read()
        at = 0
        while count < PICTURES_MAX and (found := _SIGNATURE.search(stream, at)):
            # A picture may hold a smaller one of itself: the search goes on behind it.
            at = max(_end(stream, found.start()), found.end())
            count += 1
            yield Picture(stream[found.start() : at])


def _end(stream: bytes, start: int) -> int:
    """Where a picture ends, by its record, or by its own form where no record is known."""
    for before in _BEFORE:
        head = start - before - _HEAD_BYTES
        if head >= 0 and int.from_bytes(stream[head + 2 : head + 4], "little") in _KINDS:
            return start + int.from_bytes(stream[head + 4 : head + 8], "little") - before
    if stream.startswith(b"\x89PNG", start):
        return _png_end(stream, start + 8)
    end = stream.find(_JPEG_END, start)
    return end + len(_JPEG_END) if end >= 0 else len(stream)


def _png_end(stream: bytes, at: int) -> int:
    while at + 12 <= len(stream):
        kind = stream[at + 4 : at + 8]
        at += 12 + int.from_bytes(stream[at : at + 4], "big")
        if kind == b"IEND":
            return at
    return len(stream)
