"""Bytes to text as Chinese mail needs it: labels lie, and 通知 in GBK is also valid UTF-8."""

from __future__ import annotations

import codecs
import re
import unicodedata

_NO_INFORMATION = {
    "", "us-ascii", "ascii", "unknown-8bit", "x-unknown", "unknown", "default_charset", "default",
    "iso-8859-1", "latin1", "latin-1", "windows-1252", "cp1252", "binary", "8bit", "none", "x-user-defined",
}  # fmt: skip
_GB_NAMES = {
    "936", "cp936", "ms936", "windows-936", "x-gbk", "x-gb2312", "x-gb18030", "euc-cn", "euccn", "hz",
    "csgb2312", "iso-ir-58", "chinese", "x-euc-cn", "csiso58gb231280",
}  # fmt: skip
_BIG5_NAMES = {"big5", "big-5", "x-big5", "csbig5", "cp950", "950", "ms950", "windows-950", "big5-hkscs"}
# Codecs that are no character sets, or that turn bytes into bytes.
_NOT_TEXT = re.compile(r"base64|uu|zlib|bz2|hex|rot|quopri|punycode|idna|undefined|escape|mbcs|oem")


def normalise_label(label: str) -> str:
    """The codec a charset label means, or an empty string when it tells nothing."""
    name = label.strip().strip("\"'").strip().lower().replace(" ", "")
    if name in _NO_INFORMATION:
        return ""
    if name in _GB_NAMES or name.startswith("gb"):
        return "gb18030"
    if name in {"utf8", "utf_8", "u8", "utf"} or name.startswith("utf-8"):
        return "utf-8"
    if name in _BIG5_NAMES:
        return "big5hkscs"
    if _NOT_TEXT.search(name):
        return ""
    try:
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        return ""


def decode(data: bytes, label: str = "") -> str:
    """Text of some bytes: as declared when that decodes strictly, else the best guess; never raises."""
    codec = normalise_label(label)
    if codec:
        try:
            return data.decode(codec)
        except (UnicodeError, LookupError, ValueError):
            pass
    return guess(data, codec)


def guess(data: bytes, declared: str = "") -> str:
    """Text of unlabelled bytes: ASCII, UTF-8 or GB18030, Big5 by its byte pattern; never raises."""
    if data.isascii():
        return data.decode("ascii")
    utf8, gb = _strict(data, "utf-8"), _strict(data, "gb18030")
    if utf8 is not None and gb is not None:
        return _the_likelier(utf8, gb)
    if utf8 is not None:
        return utf8
    if gb is not None:
        return _big5(data) or gb
    return _least_lost(data, declared)


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except UnicodeError:
        return None


def _least_lost(data: bytes, declared: str) -> str:
    # A damaged text keeps most of its characters under the right codec, so the declared one stands first.
    candidates = dict.fromkeys(name for name in (declared, "utf-8", "gb18030") if name)
    texts = [data.decode(name, "replace") for name in candidates]
    best = min(texts, key=lambda text: text.count("\ufffd"))
    if best.count("\ufffd") * 4 > len(best):
        # Neither fits: a western letter in Latin-1 reads better than a row of replacement marks.
        return data.decode("latin-1")
    return best


def _the_likelier(utf8: str, gb: str) -> str:
    odd = _odd(utf8)
    if not odd:
        return utf8
    return gb if _score(gb) > _chinese(utf8) - 2 * odd else utf8


def _score(text: str) -> int:
    return _chinese(text) - 2 * _odd(text)


def _chinese(text: str) -> int:
    return sum(1 for ch in text if _is_chinese(ch))


def _is_chinese(ch: str) -> bool:
    return (
        "\u4e00" <= ch <= "\u9fff"
        or "\u3000" <= ch <= "\u303f"
        or "\uff00" <= ch <= "\uffef"
        or "\u2010" <= ch <= "\u2026"
    )


def _odd(text: str) -> int:
    """How many characters no writer of mail would put side by side.

    One alphabet of modern letters is what a foreign writer types; marks without a letter, private use and a
    mixture of alphabets are what GBK looks like when it is read as UTF-8.
    """
    alphabets: dict[str, int] = {}
    marks = 0
    for ch in text:
        if ch < "\x80" or _is_chinese(ch):
            continue
        alphabet = _alphabet(ch)
        if alphabet == "odd":
            marks += 1
        elif alphabet:
            alphabets[alphabet] = alphabets.get(alphabet, 0) + 1
    if len(alphabets) > 1:
        marks += sum(alphabets.values()) - max(alphabets.values())
    elif sum(alphabets.values()) == 1 and not re.search(r"[A-Za-z][^\x00-\x7f]|[^\x00-\x7f][A-Za-z]", text):
        # A single foreign letter standing alone is half of a Chinese character, as 小 is С.
        marks += 1
    return marks


def _alphabet(ch: str) -> str:
    code = ord(ch)
    if code >= 0x0800:
        return "odd" if code == 0xFFFD or 0xE000 <= code <= 0xF8FF else ""
    if code < 0x00C0:
        return "" if code >= 0xA0 else "odd"
    if code < 0x0180:
        return "latin"
    if 0x0386 <= code <= 0x03CE:
        return "greek"
    if 0x0400 <= code <= 0x045F:
        return "cyrillic"
    if 0x05D0 <= code <= 0x05EA:
        return "hebrew"
    if 0x0620 <= code <= 0x064A:
        return "arabic"
    return "odd" if code < 0x0700 or unicodedata.category(ch)[0] in "MCZ" else "other"


def _big5(data: bytes) -> str | None:
    """The Big5 reading, when the bytes look like it: many trail bytes below A1, leads from A4 to C6."""
    pairs = low_trails = common_leads = 0
    position, limit = 0, min(len(data), 4_000)
    while position < limit - 1:
        if data[position] < 0x80:
            position += 1
            continue
        pairs += 1
        low_trails += data[position + 1] < 0xA1
        common_leads += 0xA4 <= data[position] <= 0xC6
        position += 2
    if pairs < 4 or low_trails * 5 < pairs or common_leads * 10 < pairs * 8:
        return None
    return _strict(data, "big5hkscs")
