"""日期 — a day as people write it: 2024.8.20, 2024年8月, 二〇二四年八月二十日, 20240820."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

_DIGITS = {ch: str(at) for at, ch in enumerate("〇一二三四五六七八九")} | {
    "零": "0",
    "○": "0",
    "Ｏ": "0",
    "O": "0",
}
_YMD = re.compile(
    r"(?<!\d)(\d{4})\s*[年./\-—–]\s*(\d{1,2})"
    r"(?:\s*[月./\-—–]\s*(?:(\d{1,2})(?:\s*[日号])?)?)?(?!\d)"
)
_RUN_TOGETHER = re.compile(r"(?<!\d)((?:19|20)\d{2})(\d{2})(\d{2})(?!\d)")
_HAN = re.compile(
    r"([〇零○一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月"
    r"(?:([一二三四五六七八九十]{1,3})[日号])?"
)
_SERIAL = re.compile(r"\d{5}(?:\.0+)?")
# What a sheet shows of a date where its cell has lost the date's format; the years 1980 to 2099.
_SERIALS = range(29_221, 73_051)
_SERIAL_ZERO = date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class WrittenDay:
    """A day, or a month where no day was written; it may not exist (2024-02-30)."""

    year: int
    month: int
    day: int | None

    @property
    def exists(self) -> bool:
        """Whether the calendar has it."""
        try:
            date(self.year, self.month, self.day or 1)
        except ValueError:
            return False
        return True


def read_day(text: str) -> WrittenDay | None:
    """The first day in a text, or None where none is written."""
    plain = unicodedata.normalize("NFKC", text)
    found = _YMD.search(plain) or _RUN_TOGETHER.search(plain)
    if found:
        return WrittenDay(int(found[1]), int(found[2]), int(found[3]) if found[3] else None)
    if han := _HAN.search(re.sub(r"\s", "", plain)):
        year = int("".join(_DIGITS[ch] for ch in han[1]))
        return WrittenDay(year, _number(han[2]), _number(han[3]) if han[3] else None)
    serial = day_of_serial(plain)
    return WrittenDay(serial.year, serial.month, serial.day) if serial else None


def day_of_serial(text: str) -> date | None:
    """45524 as the day that a sheet means by it, or None."""
    plain = text.strip()
    if not _SERIAL.fullmatch(plain) or int(float(plain)) not in _SERIALS:
        return None
    return _SERIAL_ZERO + timedelta(days=int(float(plain)))


def _number(han: str) -> int:
    """八, 十, 十二, 二十, 三十一."""
    tens, ten, ones = han.partition("十")
    if not ten:
        return int("".join(_DIGITS[ch] for ch in han))
    return (int(_DIGITS[tens]) if tens else 1) * 10 + (int(_DIGITS[ones]) if ones else 0)
