"""A .docx in two halves: parts that never change, deflated once, and those that differ in every document."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from service.doors.press.package import CONTENT_TYPES

# A few parts in a hundred larger than zip usually packs, in half the time; what stands still is packed best.
LEVEL, BEST = 3, 9
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_MIDNIGHT, _1980 = 0, 33  # the only time a zip can hold that is the same every day
_UTF8_NAME = 0x800
_BYTES_MAX = 2**31  # well below where a zip would need another format


@dataclass(frozen=True, slots=True)
class Still:
    """The unchanging entries as they stand at the beginning of every file, and their directory records."""

    block: bytes
    directory: bytes
    count: int

    def with_parts(self, parts: Iterable[tuple[str, bytes]]) -> bytes:
        """A whole .docx; the same parts in the same order give the same bytes."""
        pieces, records = [self.block], [self.directory]
        offset, count = len(self.block), self.count
        for name, data in parts:
            entry, record = _entry(name, data, offset)
            pieces.append(entry)
            records.append(record)
            offset += len(entry)
            count += 1
        directory = b"".join(records)
        pieces.append(directory)
        pieces.append(_END.pack(b"PK\5\6", 0, 0, count, count, len(directory), offset, 0))
        return b"".join(pieces)


def still(parts: Mapping[str, bytes]) -> Still:
    """The unchanging parts made ready, content types first."""
    pieces: list[bytes] = []
    records: list[bytes] = []
    offset = 0
    for name in sorted(parts, key=lambda each: (each != CONTENT_TYPES, each)):
        entry, record = _entry(name, parts[name], offset, BEST)
        pieces.append(entry)
        records.append(record)
        offset += len(entry)
    return Still(b"".join(pieces), b"".join(records), len(records))


def _entry(name: str, data: bytes, offset: int, level: int = LEVEL) -> tuple[bytes, bytes]:
    """A local entry and its directory record."""
    if len(data) + offset > _BYTES_MAX:
        raise ValueError("a document of more than two gigabytes")
    spelled = name.encode()
    flags = 0 if name.isascii() else _UTF8_NAME
    packed, method = _packed(name, data, level)
    about = (20, flags, method, _MIDNIGHT, _1980, zlib.crc32(data), len(packed), len(data), len(spelled), 0)
    local = _LOCAL.pack(b"PK\3\4", *about)
    record = _CENTRAL.pack(b"PK\1\2", 20, *about, 0, 0, 0, 0, offset)
    return local + spelled + packed, record + spelled


def _packed(name: str, data: bytes, level: int) -> tuple[bytes, int]:
    # A picture is packed already.
    if name.endswith((".png", ".jpg", ".jpeg", ".gif")):
        return data, 0
    packer = zlib.compressobj(level, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush(), zlib.DEFLATED
