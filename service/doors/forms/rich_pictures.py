"""Pictures of an .rtf: hexadecimal or raw bytes in a group of their own, with the size they are shown in."""

from __future__ import annotations

import re
from collections.abc import Iterable

from service.doors.forms.pictures import Picture

# A report with photographs has some dozens; of more than these nobody asks.
PICTURES_MAX = 500
# What a picture's group holds: raw bytes, a word, a sign, a brace, a run of figures, anything else.
_PIECE = re.compile(
    rb"\\bin(\d{1,9}) ?|\\([a-z]{1,32})(-?\d{1,10})? ?|\\[^a-z]|([{}])|([0-9a-fA-F\s]+)|[^\\{}0-9a-fA-F\s]+"
)
_TWIPS_PER_PIXEL = 15
# Bitmaps without a head of their own give their size in pixels, drawings in hundredths of a millimetre.
_BITMAPS = {b"dibitmap", b"wbitmap"}
_HUNDREDTHS_PER_PIXEL = 26


def rich_pictures(data: bytes, places: Iterable[int]) -> list[Picture]:
    """The pictures that begin at these places, right behind the word \\pict; one inside another is none."""
    found: list[Picture] = []
    end = 0
    for place in places:
        if place >= end and len(found) < PICTURES_MAX:
            picture, end = _picture(data, place)
            found.append(picture)
    return found


def _picture(data: bytes, at: int) -> tuple[Picture, int]:
    content = bytearray()
    sizes: dict[bytes, int] = {}
    depth = 0
    while depth >= 0 and (piece := _PIECE.match(data, at)):
        at = piece.end()
        raw, word, number, brace, figures = piece.groups()
        if raw is not None:
            content += data[at : at + int(raw)] if depth == 0 else b""
            at += int(raw)
        elif brace is not None:
            depth += 1 if brace == b"{" else -1
        elif word is not None and depth == 0:
            sizes[word] = int(number or 0)
        elif figures is not None and depth == 0:
            whole = b"".join(figures.split())
            content += bytes.fromhex(whole[: len(whole) // 2 * 2].decode("ascii"))
    return Picture(bytes(content), _shown(sizes)), at


def _shown(sizes: dict[bytes, int]) -> tuple[int, int] | None:
    """Width and height in pixels, as far as the words beside the picture tell."""
    wide, high = sizes.get(b"picw", 0), sizes.get(b"pich", 0)
    if min(wide, high) > 0 and _BITMAPS & set(sizes):
        return wide, high
    goal = sizes.get(b"picwgoal", 0), sizes.get(b"pichgoal", 0)
    if min(goal) > 0:
        return goal[0] // _TWIPS_PER_PIXEL, goal[1] // _TWIPS_PER_PIXEL
    return (wide // _HUNDREDTHS_PER_PIXEL, high // _HUNDREDTHS_PER_PIXEL) if min(wide, high) > 0 else None
