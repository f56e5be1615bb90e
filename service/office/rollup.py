"""汇总 — all returned forms as rows, the summaries in their order, and what staff chose, as values."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from service.office.campaign import FieldKind, FormField
from service.office.tree_names import folder_name

CHOSEN_EVENT = "chosen"
BOOK = "汇总表.xlsx"
COMPENDIUM = "汇编.docx"
COVER_LETTER = "报送函.docx"
# Word templates in a campaign's folder that are no part of its notice: a change of them voids no release.
OWN_TEMPLATES = (COMPENDIUM, COVER_LETTER)
REMARK_LENGTH_MAX = 500

_NUMBER = re.compile(r"([+-]?\d{1,15}(?:\.\d{1,6})?)(\D{0,4})")


def books_folder(campaign: str) -> str:
    """台账/<活动>: the folder of a campaign's workbooks, by its key, as commands name it."""
    return f"台账/{folder_name(campaign)}"


@dataclass(frozen=True, slots=True, order=True)
class RowKey:
    """Which row of the roll-up: an entry of a unit's item."""

    item: str
    unit: str
    entry: int


@dataclass(frozen=True, slots=True)
class Choice:
    """What staff said of an entry; `recommended` None: nobody has said either."""

    recommended: bool | None = None
    remark: str = ""

    @property
    def is_empty(self) -> bool:
        """Nothing was said."""
        return self.recommended is None and not self.remark

    @property
    def word(self) -> str:
        """推荐, 不推荐 or nothing, as it stands in the column."""
        return {True: "推荐", False: "不推荐", None: ""}[self.recommended]


@dataclass(frozen=True, slots=True)
class RollCell:
    """One answer; `doubt` says where it came from when that is not our own field, or what is odd about it."""

    value: str
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class RollRow:
    """One entry in force, with all its fields in the form's order."""

    key: RowKey
    unit_name: str
    group: str
    title: str
    version: int
    received_at: datetime
    timely: str  # 按时 · 迟报 · 自愿 …
    state: str  # 有效 · 待补正 · 零报告 · 扫描件，栏目未录入 …
    is_doubtful: bool  # of the state: a person should look
    cells: tuple[RollCell, ...]
    files: tuple[str, ...]
    link: str  # below the exchange folder: the one file, or the folder of several
    words: int | None = None  # 字数, of items without a form
    choice: Choice = Choice()


@dataclass(frozen=True, slots=True)
class RollSheet:
    """All rows of one item; `fields` is empty for an item without a form."""

    item: str
    name: str
    fields: tuple[FormField, ...]
    is_many: bool
    rows: tuple[RollRow, ...]

    @property
    def doubts(self) -> int:
        """How many cells a person should look at."""
        return sum(bool(cell.doubt) for row in self.rows for cell in row.cells)


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Something typed into 推荐 or 评语 that could not be taken over, and why; kept until it is settled."""

    key: RowKey | None
    unit_name: str
    item_name: str
    typed: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Rollup:
    """Everything 汇总表.xlsx shows."""

    campaign: str
    title: str
    issuer: str
    at: datetime
    groups: tuple[str, ...]
    sheets: tuple[RollSheet, ...]
    unassigned_letters: int
    unplaced: tuple[Unplaced, ...] = ()


@dataclass(frozen=True, slots=True)
class Sum:
    """A number field of an item summed over a group; `left_out` cells were no plain numbers."""

    item_name: str
    field: str
    group: str
    total: Decimal
    counted: int
    left_out: int


def sums(sheet: RollSheet, groups: tuple[str, ...]) -> tuple[Sum, ...]:
    """Every number field by group, in the order of the form, and how many returns each group has."""
    found = []
    present = {row.group for row in sheet.rows}
    order = [each for each in groups if each in present]
    order += sorted(present - set(order))
    for group in order:
        rows = [row for row in sheet.rows if row.group == group]
        found.append(Sum(sheet.name, "报送件数", group, Decimal(len(rows)), len(rows), 0))
    for index, asked in enumerate(sheet.fields):
        if asked.kind is not FieldKind.NUMBER:
            continue
        for group in order:
            given = [
                row.cells[index].value for row in sheet.rows if row.group == group and row.cells[index].value
            ]
            numbers = [read[0] for text in given if (read := number_of(text))]
            total = sum(numbers, Decimal(0))
            found.append(Sum(sheet.name, asked.label, group, total, len(numbers), len(given) - len(numbers)))
    return tuple(found)


def number_of(text: str) -> tuple[Decimal, bool] | None:
    """A plain number, and whether words stand behind it (12人); None for anything else (约300, 1.2万)."""
    plain = "".join(unicodedata.normalize("NFKC", text).split()).replace(",", "").replace("，", "")
    found = _NUMBER.fullmatch(plain)
    # 万 and the like multiply; a person has to say what was meant.
    if found is None or re.search(r"[万亿千百多余约%‰—/]", found[2]):
        return None
    try:
        return Decimal(found[1]), bool(found[2])
    except InvalidOperation:
        return None


# --- 读回: what staff typed into the workbook ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Typed:
    """One row of 汇总表.xlsx as it stands in the folder: what we had written, and what stands there now.

    `key` is None where the hidden column does not say which row it is; `unit_name` is what people see.
    """

    key: RowKey | None
    unit_name: str
    was: Choice
    recommended: str
    remark: str

    @property
    def is_touched(self) -> bool:
        """Somebody typed something else than what we had written."""
        return (self.recommended, self.remark) != (self.was.word, self.was.remark)


@dataclass(frozen=True, slots=True)
class Returned:
    """汇总表.xlsx as somebody saved it; `saved_by` is what their Excel or WPS says of them."""

    rows: tuple[Typed, ...]
    saved_by: str = ""


_YES = {"推荐", "是", "√", "✓", "✔", "1", "y", "yes"}
_NO = {"不推荐", "否", "×", "✗", "x", "0", "n", "no"}


def chosen_word(text: str) -> bool | None:
    """What 推荐 says; raises ValueError for a word that means neither."""
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    if not plain:
        return None
    if plain in _YES:
        return True
    if plain in _NO:
        return False
    raise ValueError(text)
