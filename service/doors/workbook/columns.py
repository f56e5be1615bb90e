"""What a sheet is made of: columns, looks and tones, pages; the words that all sheets share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum

Value = str | int | float | date | datetime | None

INK, QUIET, LINE = "1F2933", "6B7280", "C9CED6"
HEAD_FILL, TOTAL_FILL = "DCE6F2", "F2F5F9"
OPEN_FILL, OPEN_HEAD_FILL, LINK_INK = "FFFBE6", "FBE7A1", "1F5FA8"
RED, GREEN, AMBER = "B42318", "1E6B3A", "8A5A00"

# What the style of a cell in which staff may write ends in.
OPEN = "可填"


class Look(Enum):
    """How a column's cells look; the value is the name of the style in the workbook."""

    TEXT = "回执文字"
    CENTRE = "回执居中"
    NUMBER = "回执数字"
    DAY = "回执日期"
    MOMENT = "回执时间"
    RATE = "回执比率"


class Tone(Enum):
    """What a row or a cell says at a glance."""

    PLAIN = INK
    BAD = RED
    GOOD = GREEN
    CARE = AMBER


class Pick(Enum):
    """What an open column offers, or demands; the value is its column on the hidden sheet of choices."""

    UNIT = "单位"
    ITEM = "材料"
    HOW = "处理"
    STAFF = "经办人"
    YES = "是否"
    DAY = "日期"


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading, its width in half-width characters, and its look.

    `is_open`: staff may write here, `pick` helps them. A hidden one is for the machine.
    """

    heading: str
    width: float
    look: Look = Look.TEXT
    is_open: bool = False
    pick: Pick | None = None
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet's content. `tones` gives, per row, the headings whose cell is set in a tone."""

    name: str
    title: str
    remarks: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    tab: str
    tones: tuple[Mapping[str, Tone], ...] = ()
    if_empty: str = "没有"
    links: tuple[Mapping[str, str], ...] = ()  # per row: heading → where the cell leads
    lists: Mapping[Pick, Sequence[str]] = field(default_factory=dict)  # what the drop-downs offer
