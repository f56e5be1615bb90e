"""待人工.xlsx — what needs a person, with drop-downs to settle it in the workbook itself."""

from __future__ import annotations

from collections.abc import Sequence

from service.doors.workbook.columns import Column, Look, Page, Pick, Tone, Value
from service.doors.workbook.keys import KEY, desk_key
from service.office.board import Choices, DeskRow
from service.office.order import DeskWritten, Field, How

DESK = "待人工"
SHOWN = ("事项", "编号", "单位", "说明", "怎样处理（命令）")
URGENT = {"密级", "存疑", "表格冲突"}
_COLUMNS = (
    Column("事项", 11, Look.CENTRE),
    Column("编号", 15),
    Column("单位", 24),
    Column("自何时起", 17, Look.MOMENT),
    Column("说明", 50),
    Column(Field.HOW.value, 12, Look.CENTRE, is_open=True, pick=Pick.HOW),
    Column(Field.UNIT.value, 26, is_open=True, pick=Pick.UNIT),
    Column(Field.ITEM.value, 24, is_open=True, pick=Pick.ITEM),
    Column(Field.REASON.value, 24, is_open=True),
    Column(Field.BY.value, 12, Look.CENTRE, is_open=True, pick=Pick.STAFF),
    Column("怎样处理（命令）", 46),
    Column(KEY, 4, is_hidden=True),
)
_HOW = (
    "在黄色的格子里选“处理”，写理由和经办人，保存并关闭后由系统办理；办不了的仍列在这里，并写明原因。",
    "来信：登记（再选归到哪个单位、哪项材料）、不是报送、已答复、已阅。"
    "发件：确已发出、重发、不发。搁置、表格冲突：已阅。",
)


def desk_book_page(rows: Sequence[DeskRow], choices: Choices, unassigned: str) -> Page:
    """The one sheet of 待人工.xlsx; times stand in each campaign's own zone, as its row says."""
    return Page(
        name=DESK,
        title=f"待人工处理事项（{len(rows)} 项）",
        remarks=(*_HOW, *filter(None, [unassigned])),
        columns=_COLUMNS,
        rows=tuple(_values(row) for row in rows),
        tab="8A5A00",
        tones=tuple({"事项": Tone.BAD if row.kind in URGENT else Tone.CARE} for row in rows),
        if_empty="没有需要人工处理的事",
        lists=lists_of(choices),
    )


def lists_of(choices: Choices) -> dict[Pick, Sequence[str]]:
    """What the drop-downs offer."""
    return {
        Pick.UNIT: choices.units,
        Pick.ITEM: choices.items,
        Pick.HOW: tuple(each.value for each in How),
        Pick.STAFF: choices.staff,
    }


def _values(row: DeskRow) -> tuple[Value, ...]:
    shown = (row.kind, row.ref, row.unit, row.say, row.remedy)
    since = row.since.replace(tzinfo=None, microsecond=0)
    key = desk_key(DeskWritten(row.kind, row.ref, row.campaign, row.version), shown)
    return (row.kind, row.ref, row.unit, since, row.say, None, None, None, None, None, row.remedy, key)
