"""Whether a picture in a letter's text is a logo or a photograph, by its size alone."""

from __future__ import annotations

# Below either bound a picture is a logo, an icon or a spacer; photographs have megabytes and 3,000 pixels.
_DECORATION_BYTES_MAX = 12 * 1024
_DECORATION_PIXELS_MAX = 200
_JPEG_SCAN_BYTES = 256 * 1024


def is_decoration(data: bytes) -> bool:
    """True for small pictures; an unreadable size counts by bytes alone."""
    if len(data) <= _DECORATION_BYTES_MAX:
        return True
    size = _pixels(data)
    return size is not None and min(size) <= _DECORATION_PIXELS_MAX


def _pixels(data: bytes) -> tuple[int, int] | None:
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    if data[:4] == b"GIF8":
        return int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    if data[:2] == b"\xff\xd8":
        return _jpeg(data[:_JPEG_SCAN_BYTES])
    return None


def _jpeg(data: bytes) -> tuple[int, int] | None:
    position = 2
    while position + 9 < len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height = int.from_bytes(data[position + 5 : position + 7], "big")
            return int.from_bytes(data[position + 7 : position + 9], "big"), height
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return None
