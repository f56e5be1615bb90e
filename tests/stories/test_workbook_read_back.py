"""What staff write into 台账.xlsx and 待人工.xlsx is done, or told back; nothing they typed is lost."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from service.desk import decide
from service.desk.decide import Via
from service.office.change import PutDocket
from service.office.docket import DocketState, MediumState
from service.office.letter import Stage
from service.office.order import BOOK, REFUSED_EVENT
from tests.stories.story import (
    CAMPAIGN,
    CLERK,
    DONG,
    DONG_AT,
    GOOD_SUMMARY,
    NAN,
    NAN_AT,
    XI,
    XI_AT,
    Story,
)
from tests.stories.story import summary_docx as docx

TOP, OWN, DESK = "台账/台账.xlsx", f"台账/{CAMPAIGN}/台账.xlsx", "待人工.xlsx"
SUMMARY = "活动总结"


def write(story: Story, path: str, change: Callable[[openpyxl.Workbook], None]) -> None:
    """Open what lies there, change it and save it, as staff do."""
    book = openpyxl.load_workbook(io.BytesIO(story.world.exchange[path]))
    change(book)
    out = io.BytesIO()
    book.save(out)
    story.world.exchange[path] = out.getvalue()


def column(sheet: Worksheet, heading: str) -> int:
    (head,) = [row for row in sheet.iter_rows(max_row=8) if any(cell.value == "键" for cell in row)]
    (found,) = [cell.column for cell in head if cell.value == heading]
    return found


def row_of(sheet: Worksheet, **wanted: str) -> int:
    for row in range(1, sheet.max_row + 1):
        if all(sheet.cell(row, column(sheet, name)).value == value for name, value in wanted.items()):
            return row
    raise AssertionError(f"no row with {wanted}")


def fill_in(story: Story, unit: str, *, path: str = TOP, **cells: object) -> None:
    """Write into the open cells of one row of 登记."""

    def change(book: openpyxl.Workbook) -> None:
        sheet = book["登记"]
        row = row_of(sheet, 单位=unit, 材料=SUMMARY)
        for heading, value in cells.items():
            sheet.cell(row, column(sheet, heading)).value = value  # type: ignore[assignment]

    write(story, path, change)


def settle(story: Story, ref: str, **cells: object) -> None:
    """Write into the open cells of one row of 待人工.xlsx."""

    def change(book: openpyxl.Workbook) -> None:
        sheet = book["待人工"]
        for heading, value in cells.items():
            sheet.cell(row_of(sheet, 编号=ref), column(sheet, heading)).value = value  # type: ignore[assignment]

    write(story, DESK, change)


def cell_of(story: Story, unit: str, heading: str, path: str = TOP) -> object:
    sheet = openpyxl.load_workbook(io.BytesIO(story.world.exchange[path]))["登记"]
    return sheet.cell(row_of(sheet, 单位=unit, 材料=SUMMARY), column(sheet, heading)).value


def conflicts(story: Story) -> list[str]:
    """What stands on the desk of it."""
    board = story.office.report.board(CAMPAIGN, story.now)
    return [row.say for row in board.desk if row.kind == "表格冲突"]


def told_back(story: Story) -> str:
    """Every word of the conflicts' workbooks."""
    words: list[str] = []
    for path, data in story.world.exchange.items():
        if path.startswith("台账/冲突 "):
            sheet = openpyxl.load_workbook(io.BytesIO(data))["冲突"]
            words += [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
    return "\n".join(words)


def test_an_exemption_written_into_the_sheet_is_granted(released: Story) -> None:
    fill_in(released, DONG, 免报="是", 理由="机构改革", 经办人=CLERK)
    released.work()
    assert released.docket(DONG, "summary").state is DocketState.EXEMPT
    (event,) = released.ledger.events(campaign=CAMPAIGN, kind="exempted")
    assert (event.actor, event.unit, dict(event.about)["reason"]) == (CLERK, DONG, "机构改革")
    assert cell_of(released, DONG, "免报") == "是" and cell_of(released, DONG, "经办人") is None
    assert conflicts(released) == [] and DONG not in released.missing()
    # Taken back the same way.
    fill_in(released, DONG, path=OWN, 免报=None, 理由="仍由该局报送", 经办人=CLERK)
    released.work()
    assert released.docket(DONG, "summary").state is DocketState.AWAITED
    assert cell_of(released, DONG, "免报") is None and conflicts(released) == []


@pytest.mark.parametrize(
    "typed", [datetime(2024, 10, 15), "2024-10-15", "2024年10月15日", "2024/10/15", "20241015"]
)
def test_more_time_is_granted_however_the_date_was_typed(released: Story, typed: object) -> None:
    fill_in(released, XI, path=OWN, 延期到=typed, 理由="人手不足", 经办人=CLERK)
    released.work()
    until = released.docket(XI, "summary").due_until
    assert until is not None and until.astimezone(released.office.policy.zone).date() == date(2024, 10, 16)
    # Both copies say so from then on.
    for path in (TOP, OWN):
        assert cell_of(released, XI, "延期到", path) == datetime(2024, 10, 15)
    assert conflicts(released) == []


def test_a_remark_stays_until_somebody_writes_another(released: Story) -> None:
    fill_in(released, NAN, 备注="联系人出差，九月底回来", 经办人=CLERK)
    released.work()
    assert cell_of(released, NAN, "备注", OWN) == "联系人出差，九月底回来"
    fill_in(released, NAN, 备注="已回", 经办人=CLERK)
    released.work()
    assert cell_of(released, NAN, "备注") == "已回"
    assert len(released.ledger.events(campaign=CAMPAIGN, kind="remarked")) == 2


def test_a_word_without_a_name_is_told_back_and_nothing_typed_is_lost(released: Story) -> None:
    fill_in(released, DONG, 免报="是", 理由="撤并", 备注="另见电话记录")
    released.work()
    assert released.docket(DONG, "summary").state is DocketState.AWAITED
    said = conflicts(released)
    assert len(said) == 2 and all("没有填经办人" in each for each in said)
    assert "另见电话记录" in told_back(released) and DONG in told_back(released)
    assert cell_of(released, DONG, "免报") is None, "the sheet shows what the ledger says"
    # Somebody signs it now: what stood on the desk is gone.
    fill_in(released, DONG, 免报="是", 理由="撤并", 备注="另见电话记录", 经办人=CLERK)
    released.work()
    assert released.docket(DONG, "summary").state is DocketState.EXEMPT and conflicts(released) == []


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"免报": "是", "经办人": CLERK}, "没有写理由"),
        ({"免报": "是", "理由": "撤并", "经办人": "某人"}, "staff 名单"),
        ({"免报": "也许", "理由": "撤并", "经办人": CLERK}, "请填“是”"),
        ({"延期到": "下周", "理由": "人手不足", "经办人": CLERK}, "读不出日期"),
        ({"延期到": "=TODAY()+7", "理由": "人手不足", "经办人": CLERK}, "公式"),
        ({"延期到": 20241015, "理由": "人手不足", "经办人": CLERK}, "错误值"),
        ({"延期到": "2024-09-01", "理由": "人手不足", "经办人": CLERK}, "不晚于原来的截止时间"),
        ({"纸质收到": "2024-08-20", "经办人": CLERK}, "不要求纸质版"),
        ({"理由": "人手不足", "经办人": CLERK}, "只写了理由"),
        ({"状况": "已报", "经办人": CLERK}, "由系统生成"),
        ({"键": "abc", "免报": "是", "理由": "撤并", "经办人": CLERK}, "认不出这一行"),
    ],
)
def test_what_cannot_be_done_says_why(released: Story, cells: dict[str, object], why: str) -> None:
    before = released.ledger.dockets(CAMPAIGN)
    fill_in(released, DONG, **cells)  # type: ignore[arg-type]
    released.work()
    assert released.ledger.dockets(CAMPAIGN) == before
    (said,) = conflicts(released)
    assert why in said and why in told_back(released)


def test_a_unit_that_reported_meanwhile_is_not_exempted(released: Story) -> None:
    fill_in(released, DONG, 免报="是", 理由="撤并", 经办人=CLERK)
    saved = released.world.exchange.pop(TOP)
    released.reply(DONG_AT, f"总结报送，请查收。\n\n{DONG}", [("总结.docx", docx(GOOD_SUMMARY))])
    released.work()
    released.clock.advance(timedelta(minutes=5))
    released.world.exchange[TOP] = saved  # saved by somebody who had had it open all the while
    released.work()
    assert released.docket(DONG, "summary").state is DocketState.RETURNED
    (said,) = conflicts(released)
    assert "填写以后台账有了变动，现在是“已报”" in said


def test_a_cell_that_somebody_else_changed_is_not_written_over(released: Story) -> None:
    fill_in(released, DONG, 延期到="2024-10-20", 理由="甲", 经办人=CLERK)
    late = released.world.exchange[TOP]
    decide.extend(
        released.office,
        CAMPAIGN,
        DONG,
        "summary",
        until=date(2024, 10, 12),
        by=CLERK,
        reason="乙",
        now=released.now,
    )
    released.work()
    assert released.world.exchange[TOP] != late
    (said,) = conflicts(released)
    assert "已经被改为“2024-10-12”" in said and "2024-10-20" in told_back(released)


def test_rows_may_be_sorted_and_deleted_and_columns_moved(released: Story) -> None:
    def change(book: openpyxl.Workbook) -> None:
        sheet = book["登记"]
        top = row_of(sheet, 单位="单位")
        sheet.cell(row_of(sheet, 单位=XI, 材料=SUMMARY), column(sheet, "备注")).value = "甲"
        sheet.cell(row_of(sheet, 单位=XI, 材料=SUMMARY), column(sheet, "经办人")).value = CLERK
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=top)]
        head, body = rows[0], [row for row in rows[1:] if row[0] != DONG]
        order = sorted(range(len(head)), key=lambda index: str(head[index]))
        for number, row in enumerate([head, *reversed(body)], start=top):
            for to, source in enumerate(order, start=1):
                sheet.cell(number, to).value = row[source]
        sheet.delete_rows(top + len(body) + 1, 20)
        sheet.insert_rows(1, 3)
        book.remove(book["总览"])
        book.move_sheet("登记", 5)

    write(released, TOP, change)
    released.work()
    assert cell_of(released, XI, "备注") == "甲" and conflicts(released) == []
    assert cell_of(released, DONG, "备注") is None
    assert [each.unit for each in released.ledger.events(campaign=CAMPAIGN, kind="remarked")] == [XI]


def test_a_table_of_which_only_a_part_was_sorted_moves_no_unit(released: Story) -> None:
    """The unit people see beside their word is not the one that the hidden cell means."""

    def change(book: openpyxl.Workbook) -> None:
        sheet = book["登记"]
        here, there = (row_of(sheet, 单位=unit, 材料=SUMMARY) for unit in (DONG, XI))
        for heading in ("单位", "状况"):
            place = column(sheet, heading)
            one, other = sheet.cell(here, place), sheet.cell(there, place)
            one.value, other.value = other.value, one.value
        # Meant for DONG, whose name stands in this row now.
        for heading, value in (("免报", "是"), ("理由", "撤并"), ("经办人", CLERK)):
            sheet.cell(there, column(sheet, heading)).value = value

    before = released.ledger.dockets(CAMPAIGN)
    write(released, TOP, change)
    released.work()
    assert released.ledger.dockets(CAMPAIGN) == before
    assert any("“免报”填的“是”没有办" in said and "对不上" in said for said in conflicts(released))


def test_a_letter_is_assigned_from_the_desks_workbook(released: Story) -> None:
    released.reply("somebody@else.example", "总结见附件。", [("总结.docx", docx(GOOD_SUMMARY))], as_new=True)
    released.work()
    (letter,) = released.letters()
    assert letter.stage is Stage.REVIEW
    released.clock.advance(timedelta(minutes=2))
    released.work()
    settle(
        released,
        f"来信 {letter.id}",
        处理="登记",
        归到单位=XI,
        归到材料=SUMMARY,
        理由="电话核实",
        经办人=CLERK,
    )
    released.work()
    released.work()
    assert released.docket(XI, "summary").state is DocketState.RETURNED
    (letter,) = released.letters()
    assert letter.unit == XI and conflicts(released) == []
    assert released.subjects("somebody@else.example"), "it is answered like any other"


def test_a_letter_that_is_no_return_is_closed_and_one_dealt_with_meanwhile_told(released: Story) -> None:
    for word in ("请问附件怎么填", "请问邮寄地址是什么"):
        released.reply(NAN_AT, f"{word}？\n\n{NAN}")
    released.work()
    first, second = released.letters()
    released.clock.advance(timedelta(minutes=2))
    released.work()
    settle(released, f"来信 {first.id}", 处理="已答复", 经办人=CLERK)
    settle(released, f"来信 {second.id}", 处理="不是报送", 理由="是询问", 经办人=CLERK)
    decide.note(released.office, second.id, by=CLERK, reason="已电话答复", now=released.now)
    released.work()
    assert {each.stage for each in released.letters()} == {Stage.NOTED}
    (said,) = conflicts(released)
    assert "已经处理过" in said and f"来信 {second.id}" in said


def test_a_saved_file_is_read_while_another_lies_open_beside_it(released: Story) -> None:
    released.world.opened.add(TOP)
    decide.exempt(released.office, CAMPAIGN, NAN, "summary", by=CLERK, reason="撤并", now=released.now)
    released.clock.advance(timedelta(minutes=2))
    released.work()
    local = released.now.astimezone(released.office.policy.zone)
    beside = f"台账/台账 {local:%Y-%m-%d %H%M}.xlsx"
    assert cell_of(released, NAN, "免报", beside) == "是" and cell_of(released, NAN, "免报") is None
    # Written into both, and nothing of it is lost: neither of the sibling, nor of the open one.
    fill_in(released, XI, path=beside, 备注="写在旁边的一份里", 经办人=CLERK)
    fill_in(released, DONG, 备注="写在打开的那份里", 经办人=CLERK)
    released.work()
    assert released.ledger.events(campaign=CAMPAIGN, kind="remarked") == ()
    released.world.opened.clear()
    released.clock.advance(timedelta(minutes=2))
    released.work()
    assert not [path for path in released.world.exchange if path.startswith("台账/台账 ")]
    for unit, text in ((XI, "写在旁边的一份里"), (DONG, "写在打开的那份里")):
        released.clock.advance(timedelta(minutes=2))
        released.work()
        assert cell_of(released, unit, "备注") == text
    assert cell_of(released, NAN, "免报") == "是" and conflicts(released) == []


def test_what_cannot_be_read_is_laid_aside_whole_and_told(released: Story) -> None:
    released.world.exchange[TOP] = b"not a workbook at all"
    released.work()
    assert b"not a workbook at all" in released.world.exchange.values()
    (said,) = conflicts(released)
    assert "不是 .xlsx 文件" in said and "读不出" in said
    assert cell_of(released, DONG, "免报") is None, "and the book is there again"


def test_a_restart_after_the_word_was_done_does_not_do_it_twice(released: Story) -> None:
    fill_in(released, DONG, 延期到="2024-10-15", 理由="人手不足", 备注="甲", 经办人=CLERK)
    saved = released.world.exchange[TOP]
    released.work()
    released.world.exchange[TOP] = saved  # the process died before it wrote the book anew
    released.restart()
    released.work()
    assert len(released.ledger.events(campaign=CAMPAIGN, kind="extended")) == 1
    assert len(released.ledger.events(campaign=CAMPAIGN, kind="remarked")) == 1
    assert released.ledger.events(kind=REFUSED_EVENT) == () and conflicts(released) == []


def test_the_same_refusal_is_told_once_and_goes_when_it_was_seen(released: Story) -> None:
    fill_in(released, DONG, 免报="是", 经办人=CLERK)
    saved = released.world.exchange[TOP]
    released.work()
    released.world.exchange[TOP] = saved
    released.restart()
    released.work()
    assert len(released.ledger.events(kind=REFUSED_EVENT)) == 1 and len(conflicts(released)) == 1
    (row,) = released.ledger.stumbles(BOOK)
    released.clock.advance(timedelta(minutes=2))
    released.work()
    settle(released, row.piece, 处理="已阅", 经办人=CLERK)
    released.work()
    assert conflicts(released) == [] and released.ledger.stumbles(BOOK) == ()
    assert "没有写理由" in told_back(released), "the day's workbook keeps it"


def test_paper_that_came_is_ticked_with_its_day(released: Story) -> None:
    docket = released.docket(XI, "summary")

    released.ledger.apply([PutDocket(replace(docket, paper=MediumState.AWAITED))])
    released.reply(XI_AT, f"总结报送，请查收。\n\n{XI}", [("总结.docx", docx(GOOD_SUMMARY))])
    released.work()
    assert XI in released.missing(), "its paper is still out"
    released.clock.advance(timedelta(days=1))
    released.work()
    fill_in(released, XI, 纸质收到=datetime(2024, 8, 21), 经办人=CLERK)
    released.work()
    assert released.docket(XI, "summary").state is DocketState.RETURNED
    assert cell_of(released, XI, "纸质收到") == datetime(2024, 8, 21)
    (event,) = released.ledger.events(campaign=CAMPAIGN, kind="recorded")
    assert (dict(event.about)["via"], event.actor) == (Via.PAPER.value, CLERK)
