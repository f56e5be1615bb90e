"""表格里的话 — what staff typed into a workbook, as values: the cells of a row, and what each asks for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

NOT_ITSELF = "看到的单位、材料与这一行隐藏的键对不上（可能只排序了一部分，或删了栏）"
# A clerk's remark beside a docket; the newest one stands.
REMARK_EVENT = "remarked"
# What somebody typed and could not be taken over, whole, so that nothing typed is lost.
REFUSED_EVENT = "book-refused"
# The stage under which the ledger holds what could not be taken over until somebody has seen it.
BOOK = "book"
# What a reader still takes in beside a row; longer words belong into a document.
REMARK_LENGTH_MAX = 2000


class Field(Enum):
    """A column in which staff may write; the value is its heading."""

    PAPER = "纸质收到"
    EXTENDED = "延期到"
    EXEMPT = "免报"
    REMARK = "备注"
    REASON = "理由"
    BY = "经办人"
    HOW = "处理"
    UNIT = "归到单位"
    ITEM = "归到材料"


class How(Enum):
    """What may be done with a row of 待人工.xlsx; the value is the word in the drop-down."""

    ASSIGN = "登记"
    NO_RETURN = "不是报送"
    ANSWERED = "已答复"
    SEEN = "已阅"
    SENT = "确已发出"
    AGAIN = "重发"
    DROP = "不发"


@dataclass(frozen=True, slots=True)
class Typed:
    """One cell as it was saved. `fault` says why it cannot be read: a formula, an error value."""

    text: str = ""
    day: date | None = None
    fault: str = ""

    @property
    def words(self) -> str:
        """What stands in the cell, for people."""
        return self.day.isoformat() if self.day else self.text


@dataclass(frozen=True, slots=True)
class DocketWritten:
    """A row of 登记 as it was written: which docket, at which version, and what its open cells held."""

    campaign: str
    unit: str
    item: str
    row_version: int
    paper: str  # a day, or nothing
    extended: str
    is_exempt: bool
    remark: str


@dataclass(frozen=True, slots=True)
class DeskWritten:
    """A row of 待人工.xlsx as it was written; its open cells were empty."""

    kind: str
    ref: str
    campaign: str
    version: str


@dataclass(frozen=True, slots=True)
class SavedLine:
    """One row as it was saved; `foreign` is what stands where nobody was asked to write.

    `is_itself`: what people see in the row is what the row was; else their word may be meant for another.
    """

    where: str  # 工作表“登记”第 7 行
    written: DocketWritten | DeskWritten | None
    cells: Mapping[Field, Typed]
    foreign: tuple[tuple[str, str], ...] = ()
    is_itself: bool = True

    def cell(self, field: Field) -> Typed:
        """What was typed; nothing where the column is gone."""
        return self.cells.get(field, Typed())


@dataclass(frozen=True, slots=True)
class SavedBook:
    """The rows in which somebody wrote something; `trouble` says why the whole cannot be read."""

    lines: tuple[SavedLine, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing that a row of 登记 asks for: a column that holds something else than was written."""

    field: Field
    was: str
    typed: str
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """Something typed that asks for nothing anybody could do."""

    column: str
    was: str
    typed: str
    why: str


@dataclass(frozen=True, slots=True)
class NotTakenOver:
    """A row of 冲突.xlsx: what was typed, where, and why it was not carried out."""

    at: str
    where: str
    campaign: str
    unit: str
    item: str
    column: str
    was: str
    typed: str
    now: str
    by: str
    why: str


def asks_of(line: SavedLine, written: DocketWritten) -> tuple[tuple[Ask, ...], tuple[Fault, ...]]:
    """What a row of 登记 asks for, compared with what was written; exemptions and dates come first."""
    found = [
        each
        for each in (
            _exempt(line, written),
            _day(line, Field.EXTENDED, written.extended),
            _day(line, Field.PAPER, written.paper),
            _remark(line, written),
        )
        if each is not None
    ]
    asks = tuple(each for each in found if isinstance(each, Ask))
    faults = [each for each in found if isinstance(each, Fault)]
    reason = line.cell(Field.REASON)
    if reason.words and not found:
        faults.append(Fault(Field.REASON.value, "", reason.words, "只写了理由，没有写要办什么"))
    return asks, (*faults, *_foreign(line))


def desk_faults(line: SavedLine) -> tuple[Fault, ...]:
    """What in a row of 待人工.xlsx cannot be read at all."""
    named = (Field.HOW, Field.UNIT, Field.ITEM, Field.REASON, Field.BY)
    unread = [(field, line.cell(field)) for field in named if line.cell(field).fault]
    return (*(Fault(field.value, "", cell.words, cell.fault) for field, cell in unread), *_foreign(line))


def is_touched(line: SavedLine) -> bool:
    """Whether somebody wrote anything in the row; a name alone asks for nothing."""
    match line.written:
        case DocketWritten():
            asks, faults = asks_of(line, line.written)
            return bool(asks or faults)
        case DeskWritten():
            named = (Field.HOW, Field.UNIT, Field.ITEM, Field.REASON)
            return bool(desk_faults(line)) or any(line.cell(field).words for field in named)
        case None:
            return any(cell.words or cell.fault for cell in line.cells.values()) or bool(line.foreign)


def read_day(text: str) -> date | None:
    """2024-08-28, 2024/8/28, 2024.8.28, 2024年8月28日 or 20240828; None where it is no such day."""
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    found = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:00:00(?::00)?)?", plain)
    found = found or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", plain)
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None


def read_yes(text: str) -> bool | None:
    """是 or nothing, as people write them; None for any other word."""
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    if plain in {"是", "免", "免报", "√", "✓", "✔", "y", "yes", "true", "1"}:
        return True
    return False if plain in {"", "否", "不", "×", "n", "no", "false", "0"} else None


def plain_words(text: str) -> str:
    """A text as it was meant, whichever program saved it: one kind of line end, no blanks at the ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("_x000D_", "").strip()


def _exempt(line: SavedLine, written: DocketWritten) -> Ask | Fault | None:
    if Field.EXEMPT not in line.cells:
        return None
    cell, was = line.cells[Field.EXEMPT], "是" if written.is_exempt else ""
    if cell.fault:
        return Fault(Field.EXEMPT.value, was, cell.words, cell.fault)
    wanted = read_yes(cell.words)
    if wanted is None:
        return Fault(Field.EXEMPT.value, was, cell.words, "请填“是”，或者空着")
    if wanted == written.is_exempt:
        return None
    return Ask(Field.EXEMPT, was, "是" if wanted else "")


def _day(line: SavedLine, field: Field, was: str) -> Ask | Fault | None:
    if field not in line.cells:
        return None
    cell = line.cells[field]
    if cell.fault:
        return Fault(field.value, was, cell.words, cell.fault)
    if not cell.words:
        why = (
            "表里不能撤回，请用 huizhi extend 另定日期"
            if field is Field.EXTENDED
            else "表里不能撤回，请用 huizhi reopen"
        )
        return Fault(field.value, was, "（清空）", why) if was else None
    day = cell.day or read_day(cell.text)
    if day is None:
        return Fault(field.value, was, cell.words, "读不出日期，请写成 2024-09-30 这样")
    if day.isoformat() == was:
        return None
    if was and field is Field.PAPER:
        return Fault(
            field.value, was, day.isoformat(), "已经登记过；日期有误的，先用 huizhi reopen 撤回再登记"
        )
    return Ask(field, was, day.isoformat(), day)


def _remark(line: SavedLine, written: DocketWritten) -> Ask | Fault | None:
    if Field.REMARK not in line.cells:
        return None
    cell, was = line.cells[Field.REMARK], plain_words(written.remark)
    if cell.fault:
        return Fault(Field.REMARK.value, was, cell.words, cell.fault)
    text = plain_words(cell.words)
    if text == was:
        return None
    if len(text) > REMARK_LENGTH_MAX:
        return Fault(Field.REMARK.value, was, text, f"备注超过 {REMARK_LENGTH_MAX} 字")
    return Ask(Field.REMARK, was, text)


def _foreign(line: SavedLine) -> Iterator[Fault]:
    for heading, text in line.foreign:
        why = "这一栏由系统生成，改动没有采用" if heading else "这一栏没有标题，不知道是什么"
        yield Fault(heading or "（没有标题）", "", text, why)
