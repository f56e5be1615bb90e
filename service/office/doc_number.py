"""发文字号 — a series kept in the ledger: a number is reserved, then issued or given up, never reused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

# 机关代字 as offices write them: 晋市监函, 沪市监办〔…〕 and the like, no digits or brackets.
_SERIES = re.compile(r"[\u4e00-\u9fffA-Za-z（）]{1,20}")
NUMBER_MAX = 99_999


class NumberState(Enum):
    """What became of a number."""

    RESERVED = "reserved"  # on the documents of a draft, not signed yet
    ISSUED = "issued"  # signed
    VOID = "void"  # given up; the gap stays, with who and why


NUMBER_WORDS = {
    NumberState.RESERVED: "已预留，尚未签发",
    NumberState.ISSUED: "已签发",
    NumberState.VOID: "作废（空号）",
}


@dataclass(frozen=True, slots=True)
class DocNumber:
    """One number of a series and year, and whose it is or was."""

    series: str
    year: int
    number: int
    campaign: str
    state: NumberState
    by: str
    at: datetime
    settled_by: str = ""
    settled_at: datetime | None = None
    reason: str = ""

    @property
    def text(self) -> str:
        """As printed on the notice."""
        return number_words(self.series, self.year, self.number)


def number_words(series: str, year: int, number: int) -> str:
    """晋市监函〔2026〕9号: six-sided brackets, no leading zeros, no 第 [GB/T 9704—2012 7.2.5]."""
    return f"{series}〔{year}〕{number}号"


def is_series(text: str) -> bool:
    """Whether this may stand before 〔2026〕."""
    return _SERIES.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class ReserveNumber:
    """The next number of a series and year for a campaign; refused while the campaign holds one."""

    series: str
    year: int
    campaign: str
    by: str
    at: datetime
    first: int = 1


@dataclass(frozen=True, slots=True)
class SettleNumber:
    """reserved → issued or void, compare-and-set."""

    held: DocNumber
    to: NumberState
    by: str
    at: datetime
    reason: str = ""
