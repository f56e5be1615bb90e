"""台阶 — whom to call, and how far each missing unit has been chased, on the real ledger."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl
import pdfplumber
import pytest

from service.desk.decide import Channel, delivered, extend
from service.doors.workbook import WorkbookDoor
from service.followup.report.reading import board_of
from service.office.ladder import Rung
from tests.doors.word_files import convert
from tests.followup.sample_board import NOW, sources
from tests.stories.amending import edit_roster
from tests.stories.story import (
    CAMPAIGN,
    CLERK,
    DONG,
    DONG_AT,
    GOOD_SUMMARY,
    NAN,
    NAN_AT,
    XI,
    Story,
    office_folder,
    summary_docx,
)

SHEET = f"台账/{CAMPAIGN}/催办电话表.xlsx"


@pytest.fixture
def story(tmp_path: Path, ledger_url: str) -> Any:
    """An office on 2024-08-20 at nine, nothing drafted yet."""
    story = Story(office_folder(tmp_path / "office"), ledger_url)
    yield story
    story.stop()


def lines(data: bytes, sheet: str) -> list[dict[str, Any]]:
    """The rows of one sheet by their headings."""
    rows = list(openpyxl.load_workbook(io.BytesIO(data))[sheet].iter_rows(values_only=True))
    top = next(at for at, row in enumerate(rows) if row[0] == "序号")
    head = [str(each) for each in rows[top]]
    return [dict(zip(head, row, strict=True)) for row in rows[top + 1 :] if isinstance(row[0], int)]


def rungs(story: Story) -> dict[str, Rung | None]:
    board = story.office.report.board(CAMPAIGN, story.now)
    return {
        row.docket.unit: row.climb.rung if row.climb else None for row in board.rows if row.docket.is_missing
    }


def test_a_unit_is_called_only_once_every_reminder_lies_behind_it(story: Story) -> None:
    story.release()
    story.work()
    story.until("2024-09-25 12:00")
    assert rungs(story) == {DONG: None, XI: None, NAN: None}
    assert SHEET not in story.world.exchange
    # The date has passed, and the second reminder is still to come.
    story.until("2024-09-30 08:40")
    assert set(rungs(story).values()) == {Rung.REMINDING}
    assert SHEET not in story.world.exchange
    story.until("2024-09-30 12:00")
    assert set(rungs(story).values()) == {Rung.CALLING}
    first = lines(story.world.exchange[SHEET], "催办电话")
    assert [each["单位"] for each in first] == [DONG, XI, NAN]
    assert first[2]["联系人"] == "吴三" and first[2]["电话"] == "0351-1000003"
    assert first[2]["还没有报的材料"] == "活动总结" and first[2]["截止"] == "2024-09-29"
    assert first[2]["最近联系"] == "9月30日 催办"
    assert first[2]["通话时间"] is first[2]["答复"] is first[2]["承诺日期"] is None


def test_who_has_reported_leaves_the_sheet_and_the_settled_sheet_goes(story: Story) -> None:
    story.release()
    story.work()
    story.until("2024-09-30 12:00")
    story.reply(DONG_AT, "总结见附件。", [("总结.docx", summary_docx(GOOD_SUMMARY))])
    story.until("2024-09-30 12:30")
    assert [each["单位"] for each in lines(story.world.exchange[SHEET], "催办电话")] == [XI, NAN]
    for unit in (XI, NAN):
        done = extend(
            story.office,
            CAMPAIGN,
            unit,
            "summary",
            until=story.now.date().replace(month=10, day=15),
            by=CLERK,
            reason="活动在后",
            now=story.now,
        )
        assert done.is_done, done.say
    story.until("2024-09-30 13:00")
    # More time was granted: nothing is overdue, and a ladder of its own begins.
    assert set(rungs(story).values()) == {None}
    assert SHEET not in story.world.exchange


def test_a_unit_without_mail_is_called_from_the_start_on(story: Story) -> None:
    edit_roster(story, f",{NAN_AT}", ",")
    story.release()
    story.work()
    moved = story.office.report.calls(CAMPAIGN, story.now)
    assert (moved.path, moved.units, moved.still_reminded) == (SHEET, 0, 2)  # nobody has told it yet
    still = lines(story.world.exchange[SHEET], "仍在邮件催办")
    assert [each["单位"] for each in still] == [DONG, XI]
    told = delivered(
        story.office, CAMPAIGN, NAN, via=Channel.FAX, on=story.now.date(), by=CLERK, note="", now=story.now
    )
    assert told.is_done, told.say
    story.office.report.calls(CAMPAIGN, story.now)
    (row,) = lines(story.world.exchange[SHEET], "催办电话")
    assert (row["单位"], row["催到哪一步"]) == (NAN, "没有可用的邮箱")


def test_the_sheet_prints_on_one_page_across(tmp_path: Path) -> None:
    data = WorkbookDoor().calls(board_of(sources(), NOW))
    sheet = openpyxl.load_workbook(io.BytesIO(data))["催办电话"]
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
    assert (sheet.page_setup.fitToWidth, sheet.print_title_rows) == (1, "$5:$5")
    assert "第 &P 页  共 &N 页" in str(sheet.oddFooter)
    with pdfplumber.open(io.BytesIO(convert(data, "xlsx", "pdf", tmp_path))) as pdf:
        words = pdf.pages[0].extract_text()
        assert pdf.pages[0].width > pdf.pages[0].height
    assert len(pdf.pages) == 2, "one page a sheet"
    assert "承诺日期" in words and "催办电话表" in words
