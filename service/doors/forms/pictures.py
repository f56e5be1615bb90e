"""Pictures inside a document: which are photographs and charts, and which are logos, rules and signatures."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

# A seal, an icon, a signature or a rule is narrow; where the size is not written, few bytes stand for it.
ORNAMENT_PIXELS_MAX = 120
ORNAMENT_BYTES_MAX = 8 * 1024
_JPEG_SEGMENTS_MAX = 256


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture's bytes, and the size in pixels that the document shows it in, where it tells."""

    data: bytes
    shown: tuple[int, int] | None = None


def counted(pictures: Iterable[bytes | Picture]) -> tuple[str, ...]:
    """The sha256 of each picture that is one, each content once."""
    every = (each if isinstance(each, Picture) else Picture(each) for each in pictures)
    return tuple(
        dict.fromkeys(
            hashlib.sha256(each.data).hexdigest() for each in every if is_material(each.data, each.shown)
        )
    )


def is_material(data: bytes, shown: tuple[int, int] | None = None) -> bool:
    """Whether a picture is shown for its own sake, by its size alone; nothing is decoded."""
    size = pixels(data) or shown
    return min(size) > ORNAMENT_PIXELS_MAX if size else len(data) > ORNAMENT_BYTES_MAX


def pixels(data: bytes) -> tuple[int, int] | None:
    """Width and height as the file's head says them, or None."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24 and data[12:16] == b"IHDR":
        return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    if data[:4] == b"GIF8" and len(data) >= 10:
        return int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    if data[:2] == b"BM" and len(data) >= 26:
        return int.from_bytes(data[18:22], "little"), abs(int.from_bytes(data[22:26], "little", signed=True))
    return _jpeg(data) if data[:2] == b"\xff\xd8" else None


def _jpeg(data: bytes) -> tuple[int, int] | None:
    at = 2
    for _ in range(_JPEG_SEGMENTS_MAX):
        if at + 9 > len(data) or data[at] != 0xFF:
            return None
        if 0xC0 <= data[at + 1] <= 0xCF and data[at + 1] not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(data[at + 5 : at + 7], "big")
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None
