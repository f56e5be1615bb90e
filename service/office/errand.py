"""交办 — what a member of staff asks for by answering the digest: one line, one thing to be done."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from service.office.assent import codes_in, is_courtesy, without_codes

# Nobody types more than this above a quotation; what is longer is for a person.
TYPED_MAX = 8000
ERRANDS_MAX = 30
# A day without a year is the nearest one on its side; one farther off may be a slip of a whole year.
WITHOUT_YEAR_MAX = timedelta(days=180)
DONE_EVENT = "errand-done"

_YMD = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})[日号]?")
_MD = re.compile(r"(\d{1,2})[-/.月](\d{1,2})[日号]?")
_NEAR = {"昨天": -1, "昨日": -1, "今天": 0, "今日": 0, "明天": 1, "明日": 1}


class Deed(Enum):
    """What may be asked for; the value is the word a line begins with."""

    ASSIGN = "归"
    RECORD = "登记"
    EXTEND = "延期"
    NOTE = "办结"


# About a letter, which is named by its number first.
ON_LETTERS = (Deed.ASSIGN, Deed.NOTE)


@dataclass(frozen=True, slots=True)
class Errand:
    """One line: which deed, on which letter (0: on none), and the words that follow as they were typed."""

    line: int  # counted from 1 among the lines that ask for something
    typed: str
    deed: Deed
    letter: int
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """What was typed above the quotation. `unread` are lines that are neither an errand nor a courtesy."""

    errands: tuple[Errand, ...]
    unread: tuple[str, ...]
    has_code: bool
    is_too_long: bool = False


def read_answer_to_digest(typed: str, is_code: Callable[[str], bool], names: Iterable[str] = ()) -> Answered:
    """Line by line. `names` are words that only say who writes: own name, office."""
    has_code = any(is_code(code) for code in codes_in(typed[:TYPED_MAX]))
    errands: list[Errand] = []
    unread: list[str] = []
    signing = tuple(names)
    for raw in typed[:TYPED_MAX].splitlines():
        line = " ".join(without_codes(raw, is_code).split())
        if not line or _is_only_a_code(line):
            continue
        errand = _errand(line, len(errands) + 1)
        if errand is not None:
            errands.append(errand)
        elif not is_courtesy(line, signing):
            unread.append(line)
    is_too_long = len(typed) > TYPED_MAX or len(errands) > ERRANDS_MAX
    return Answered(tuple(errands[:ERRANDS_MAX]), tuple(unread), has_code, is_too_long)


def day_in(word: str, today: date, *, is_ahead: bool) -> date | None:
    """2024-09-03, 9月3日, 9/3, 今天: without a year the nearest such day ahead or behind; None for no day."""
    plain = unicodedata.normalize("NFKC", word).strip("，,。.;；")
    if plain in _NEAR:
        return today + timedelta(days=_NEAR[plain])
    try:
        if whole := _YMD.fullmatch(plain):
            return date(*(int(part) for part in whole.groups()))
    except ValueError:
        return None
    short = _MD.fullmatch(plain)
    if short is None:
        return None
    days = [day for year in range(-1, 2) if (day := _day(today.year + year, *map(int, short.groups())))]
    near = [day for day in days if (day >= today if is_ahead else day <= today)]
    found = min(near, key=lambda day: abs(day - today), default=None)
    return found if found is not None and abs(found - today) <= WITHOUT_YEAR_MAX else None


def looks_like_a_day(word: str) -> bool:
    """Whether somebody meant a day by it, be there such a day or not."""
    plain = unicodedata.normalize("NFKC", word).strip("，,。.;；")
    return plain in _NEAR or bool(_YMD.fullmatch(plain) or _MD.fullmatch(plain))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _errand(line: str, number: int) -> Errand | None:
    """归 12 大同 summary: the deed's word, the letter's number where there is one, the rest."""
    for deed in Deed:
        if not line.startswith(deed.value):
            continue
        rest = line.removeprefix(deed.value).lstrip(" ：:，,")
        if deed not in ON_LETTERS:
            return Errand(number, line, deed, 0, tuple(rest.split()))
        # \d takes wide digits as well, and int() reads them.
        found = re.match(r"(?:来信|#|＃)?\s*(\d{1,12})(?!\d)", rest)
        if found is None:
            return None
        return Errand(number, line, deed, int(found[1]), tuple(rest[found.end() :].split()))
    return None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _is_only_a_code(line: str) -> bool:
    """A code, right or wrong, or what is left of the line once the right one was taken out."""
    return not re.sub(r"[\d\s\-—–_:：。.，,]|口令|为|是", "", _plain(line))
