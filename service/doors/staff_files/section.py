"""One table of a staff file being read: each key once, by type, every fault noted with line and remedy."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from enum import Enum
from typing import TypeVar

from service.doors.staff_files.page import Cell, Rows, Table, Word, at_line
from service.office.finding import Problem

E = TypeVar("E", bound=Enum)

TEXT_LENGTH_MAX = 4000
ROWS_MAX = 500

_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_TIME = re.compile(r"(\d{1,2})\s*(?::\s*(\d{2})|时(?:\s*(\d{1,2})\s*分)?)")
_YES, _NO = ("true", "yes", "on", "是", "对"), ("false", "no", "off", "否", "不")


def nearest(word: str, known: Iterable[str], *, alike: float = 0.6) -> str:
    """The known word most like `word`, or an empty string; of two Hanzi one alike is a half."""
    names = list(known)
    folded = {name.lower().replace("-", "_"): name for name in names}
    match = difflib.get_close_matches(word.lower().replace("-", "_"), list(folded), n=1, cutoff=alike)
    return folded[match[0]] if match else ""


def unknown(what: str, word: str, known: Sequence[str]) -> str:
    """不认识的键“dew”，是不是“due”？ — or, when nothing is near, what may stand there."""
    like = nearest(word, known)
    return f"不认识的{what}“{word}”，" + (f"是不是“{like}”？" if like else f"可用的有：{'、'.join(known)}")


def read_day(text: str) -> date | None:
    """2024-08-28, 2024/8/28 or 2024年8月28日."""
    found = _DATE.fullmatch(unicodedata.normalize("NFKC", text).strip())
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None


def read_clock(text: str) -> time | None:
    """17:00 or 17时30分."""
    found = _TIME.fullmatch(unicodedata.normalize("NFKC", text).strip())
    try:
        return time(int(found[1]), int(found[2] or found[3] or 0)) if found else None
    except ValueError:
        return None


@dataclass(slots=True)
class Faults:
    """Everything found wrong in one file, in order of discovery."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def add(self, line: int, say: str, *, key: str = "", code: str = "wrong") -> None:
        """Note an error at a line."""
        self.problems.append(at_line(self.file, line, say, key=key, code=code))


class Section:
    """A table with the keys it may hold. Wrong values are noted and read as if not written."""

    def __init__(self, table: Table, known: Sequence[str], faults: Faults) -> None:
        self.table, self.faults = table, faults
        for key, entry in table.entries.items():
            if key not in known:
                faults.add(entry.line, unknown("键", key, known), key=key, code="unknown-key")

    def line(self, key: str = "") -> int:
        """Where a key stands, or where the table begins."""
        entry = self.table.entries.get(key)
        return entry.line if entry else self.table.line

    def has(self, key: str) -> bool:
        """Whether something is written for the key; `key:` alone and null are nothing."""
        cell = self._cell(key)
        return cell is not None and not (isinstance(cell, Word) and cell.is_empty)

    def wrong(self, key: str, say: str, *, code: str = "wrong", line: int = 0) -> None:
        """Note an error at a key."""
        self.faults.add(line or self.line(key), say, key=key, code=code)

    def text(self, key: str, *, default: str = "", is_required: bool = False) -> str:
        """A text, blanks at its ends removed."""
        word = self._word(key, is_required=is_required)
        if word is None:
            return default
        text = word.text.strip()
        if len(text) > TEXT_LENGTH_MAX:
            self.wrong(key, f"“{key}”有 {len(text)} 个字，最多 {TEXT_LENGTH_MAX} 个")
            return text[:TEXT_LENGTH_MAX]
        return text

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Yes or no, in either language."""
        word = self._word(key)
        if word is None:
            return default
        said = word.text.strip().lower()
        if said in _YES or said in _NO:
            return said in _YES
        self.wrong(key, f"“{key}”只能写 true（是）或 false（否），现在写的是“{word.text}”")
        return default

    def whole(self, key: str, *, at_least: int, at_most: int, default: int = 0) -> int:
        """A whole number within bounds."""
        word = self._word(key)
        if word is None:
            return default
        said = unicodedata.normalize("NFKC", word.text).strip()
        if re.fullmatch(r"-?\d{1,9}", said) and at_least <= int(said) <= at_most:
            return int(said)
        self.wrong(key, f"“{key}”应当是 {at_least} 到 {at_most} 之间的整数，现在写的是“{word.text}”")
        return default

    def day(self, key: str, *, is_required: bool = False) -> date | None:
        """A date."""
        word = self._word(key, is_required=is_required)
        if word is None:
            return None
        day = read_day(word.text)
        if day is None or not 2000 <= day.year <= 2100:
            self.wrong(key, f"“{key}”应当是日期，例如 2024-09-28，现在写的是“{word.text}”", code="date")
            return None
        return day

    def clock(self, key: str, *, default: time | None = None) -> time | None:
        """An hour of the day."""
        word = self._word(key)
        if word is None:
            return default
        clock = read_clock(word.text)
        if clock is None:
            self.wrong(key, f"“{key}”应当是 00:00 到 23:59 的时刻，例如 17:00，现在写的是“{word.text}”")
            return default
        return clock

    def choice(self, key: str, kinds: type[E], *, default: E, is_required: bool = False) -> E:
        """One value of an Enum, as its value is spelt."""
        word = self._word(key, is_required=is_required)
        return default if word is None else self.choice_of(key, word, kinds, default)

    def choice_of(self, key: str, word: Word, kinds: type[E], default: E) -> E:
        """The same for a word already in hand."""
        names: Mapping[str, E] = {str(each.value): each for each in kinds}
        said = word.text.strip()
        if said in names:
            return names[said]
        self.wrong(key, f"“{key}”：{unknown('写法', said, list(names))}", line=word.line)
        return default

    def words(self, key: str, *, is_required: bool = False) -> tuple[Word, ...]:
        """A list of words; a single word counts as a list of one."""
        cell = self._cell(key)
        if not self.has(key) or cell is None:
            if is_required:
                self._missing(key)
            return ()
        cells = cell.rows if isinstance(cell, Rows) else (cell,)
        found = [each for each in cells if isinstance(each, Word) and not each.is_empty]
        if len(found) != len(cells) or len(found) > ROWS_MAX:
            self.wrong(key, f"“{key}”应当是几个词的列表，例如 [甲, 乙]（最多 {ROWS_MAX} 个）")
        return tuple(found[:ROWS_MAX])

    def texts(self, key: str, *, is_required: bool = False) -> tuple[str, ...]:
        """The same as plain texts, each once."""
        return tuple(dict.fromkeys(word.text.strip() for word in self.words(key, is_required=is_required)))

    def section(self, key: str, known: Sequence[str]) -> Section | None:
        """A table below this one."""
        cell = self._cell(key)
        if cell is None or not self.has(key):
            return None
        if isinstance(cell, Table):
            return Section(cell, known, self.faults)
        self.wrong(key, f"“{key}”下面应当是缩进的“键: 值”，可用的键：{'、'.join(known)}")
        return None

    def sections(self, key: str, known: Sequence[str]) -> tuple[Section, ...]:
        """A list of tables below this one."""
        cell = self._cell(key)
        if cell is None or not self.has(key):
            return ()
        if not isinstance(cell, Rows) or len(cell.rows) > ROWS_MAX:
            self.wrong(key, f"“{key}”应当是一个列表，每项以“- ”开头（最多 {ROWS_MAX} 项）")
            return ()
        found = []
        for row in cell.rows:
            if isinstance(row, Table):
                found.append(Section(row, known, self.faults))
            else:
                self.wrong(key, f"“{key}”的每一项应当是“键: 值”，可用的键：{'、'.join(known)}", line=row.line)
        return tuple(found)

    def line_of_row(self, key: str, index: int) -> int:
        """Where an item of a list stands."""
        cell = self._cell(key)
        return cell.rows[index].line if isinstance(cell, Rows) and index < len(cell.rows) else self.line(key)

    def is_table(self, key: str) -> bool:
        """Whether a table was written."""
        return isinstance(self._cell(key), Table)

    def _cell(self, key: str) -> Cell | None:
        entry = self.table.entries.get(key)
        return entry.cell if entry else None

    def _word(self, key: str, *, is_required: bool = False) -> Word | None:
        cell = self._cell(key)
        if cell is None or not self.has(key):
            if is_required:
                self._missing(key)
            return None
        if isinstance(cell, Word):
            return cell
        self.wrong(key, f"“{key}”只能写一个值，不能是列表或下一级的键")
        return None

    def _missing(self, key: str) -> None:
        said = "没有填写" if key in self.table.entries else "缺少"
        self.wrong(key, f"{said}必填的键“{key}”", code="missing")
