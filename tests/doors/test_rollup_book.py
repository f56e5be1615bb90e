"""汇总表.xlsx: numbers are numbers and summed, doubts marked, no formula from outside, read back as typed."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from service.doors.workbook import WorkbookDoor
from service.office.campaign import FieldKind, FormField
from service.office.outcome import DoorError
from service.office.rollup import (
    Choice,
    RollCell,
    RollRow,
    RollSheet,
    Rollup,
    RowKey,
    Unplaced,
    number_of,
)

AT = datetime(2024, 9, 30, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
FIELDS = (
    FormField("title", "作品名称", is_title=True),
    FormField("people", "参与人数", kind=FieldKind.NUMBER),
    FormField("phone", "联系电话", kind=FieldKind.PHONE),
)


def row(unit: str, group: str, *answers: str, entry: int = 1, choice: Choice = Choice()) -> RollRow:  # noqa: B008 - a frozen value
    cells = tuple(
        RollCell(each, "取自《附件.doc》，按表格的标题行读出" if each == "读来的" else "") for each in answers
    )
    return RollRow(
        key=RowKey("works", unit, entry),
        unit_name=unit,
        group=group,
        title=answers[0],
        version=1,
        received_at=AT,
        timely="按时",
        state="有效",
        is_doubtful=False,
        cells=cells,
        files=("作品 #1.docx",),
        link=f"归档/质量月/作品登记表/{unit}/第1件-第1版/作品 #1.docx",
        choice=choice,
    )


def rollup(*rows: RollRow, unplaced: tuple[Unplaced, ...] = ()) -> Rollup:
    sheet = RollSheet("works", "作品登记表：一/二", FIELDS, is_many=True, rows=rows)
    return Rollup("zly", "质量月", "甲局", AT, ("市局", "机构"), (sheet,), 2, unplaced)


ROWS = (
    row("太原市局", "市局", "读来的", "1,200", "0351-1000001", choice=Choice(recommended=True, remark="好")),
    row("大同市局", "市局", "=1+1", "１２人", "+86 351 1"),
    row("朔州市局", "市局", "丙", "约300", "-1"),
    row("某机构", "机构", "@SUM(A1)", "0.5", "0"),
)


def opened(data: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


def item_sheet(book: openpyxl.Workbook) -> tuple[Worksheet, int, dict[str, int]]:
    sheet = book.worksheets[0]
    top = next(number for number in range(1, 9) if sheet.cell(number, 1).value == "序号")
    return sheet, top, {str(cell.value): index for index, cell in enumerate(sheet[top], start=1)}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("12", (Decimal(12), False)),
        ("１，２００", (Decimal(1200), False)),
        ("-3.5", (Decimal("-3.5"), False)),
        ("12 人", (Decimal(12), True)),
        ("约300", None),
        ("1.2万", None),
        ("50%", None),
        ("3-5", None),
        ("三", None),
        ("", None),
        ("9" * 40, None),
    ],
)
def test_only_a_plain_number_is_counted(text: str, read: tuple[Decimal, bool] | None) -> None:
    assert number_of(text) == read


def test_numbers_are_numbers_and_summed_by_group() -> None:
    book = opened(WorkbookDoor().rollup(rollup(*ROWS)))
    sheet, top, at = item_sheet(book)
    values = [sheet.cell(top + 1 + number, at["参与人数"]).value for number in range(4)]
    assert values == [1200, "１２人", "约300", 0.5]
    lines = [[cell.value for cell in line][1:] for line in book["分组合计"].iter_rows(min_row=4)]
    assert lines == [
        ["报送件数", "市局", 3, 3, 0],
        ["报送件数", "机构", 1, 1, 0],
        ["报送件数", "合计", 4, 4, 0],
        ["参与人数", "市局", 1212, 2, 1],
        ["参与人数", "机构", 0.5, 1, 0],
        ["参与人数", "合计", 1212.5, 3, 1],
    ]


def test_doubtful_cells_are_marked_with_where_they_came_from() -> None:
    sheet, top, at = item_sheet(opened(WorkbookDoor().rollup(rollup(*ROWS))))
    doubtful = sheet.cell(top + 1, at["作品名称"])
    assert doubtful.comment is not None and "附件.doc" in doubtful.comment.text
    assert doubtful.fill.fgColor.rgb == "00FFF2CC"
    assert sheet.cell(top + 2, at["作品名称"]).comment is None
    odd = sheet.cell(top + 3, at["参与人数"]).comment
    assert odd is not None and "没有计入" in odd.text
    remarks = " ".join(str(sheet.cell(number, 1).value) for number in range(1, top))
    assert "还有 2 封来信没有归属到单位" in remarks


def test_nothing_from_outside_is_a_formula() -> None:
    data = WorkbookDoor().rollup(rollup(*ROWS))
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        sheets = [package.read(name) for name in package.namelist() if name.startswith("xl/worksheets/sheet")]
    assert not any(b"<f>" in each for each in sheets)
    sheet, top, at = item_sheet(opened(data))
    cell = sheet.cell(top + 2, at["作品名称"])
    assert (cell.value, cell.data_type, cell.quotePrefix) == ("=1+1", "s", True)


def test_it_is_laid_out_for_reading_and_for_paper() -> None:
    book = opened(WorkbookDoor().rollup(rollup(*ROWS)))
    sheet, top, at = item_sheet(book)
    assert book.sheetnames == ["作品登记表：一_二", "分组合计"]
    assert sheet.freeze_panes == f"C{top + 1}" and sheet.print_title_rows == f"${top}:${top}"
    assert str(sheet.auto_filter.ref).startswith(f"A{top}:")
    hidden = [
        name for name, column in at.items() if sheet.column_dimensions[get_column_letter(column)].hidden
    ]
    assert hidden == ["行号（请勿改动）", "原推荐", "原评语"]
    link = sheet.cell(top + 1, at["文件"]).hyperlink
    assert (
        link is not None
        and link.target == "../../归档/质量月/作品登记表/太原市局/第1件-第1版/作品%20%231.docx"
    )
    (asked,) = sheet.data_validations.dataValidation
    assert asked.formula1 == '"推荐,不推荐"'


def test_the_same_rollup_gives_the_same_bytes() -> None:
    assert WorkbookDoor().rollup(rollup(*ROWS)) == WorkbookDoor().rollup(rollup(*ROWS))


def test_what_we_wrote_reads_back_untouched() -> None:
    returned = WorkbookDoor().returned(WorkbookDoor().rollup(rollup(*ROWS)), "zly")
    assert [each.key for each in returned.rows] == [each.key for each in ROWS]
    assert not any(each.is_touched for each in returned.rows)


def test_another_campaigns_workbook_says_nothing_about_this_one() -> None:
    returned = WorkbookDoor().returned(WorkbookDoor().rollup(rollup(*ROWS)), "autumn")
    assert returned.rows and {each.key for each in returned.rows} == {None}


def test_sorted_rows_and_added_rows_are_told_apart() -> None:
    book = opened(WorkbookDoor().rollup(rollup(*ROWS)))
    sheet, top, at = item_sheet(book)
    sheet.move_range(f"A{top + 1}:Z{top + 1}", rows=10)
    sheet.cell(top + 11, at["评语"]).value = "移到后面"
    sheet.cell(top + 12, at["单位"]).value = "添的一行"
    sheet.cell(top + 12, at["推荐"]).value = "推荐"
    out = io.BytesIO()
    book.save(out)
    touched = [each for each in WorkbookDoor().returned(out.getvalue(), "zly").rows if each.is_touched]
    assert [(each.key, each.unit_name, each.recommended, each.remark) for each in touched] == [
        (RowKey("works", "太原市局", 1), "太原市局", "推荐", "移到后面"),
        (None, "添的一行", "推荐", ""),
    ]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"plain"])
def test_what_is_no_workbook_is_said(data: bytes) -> None:
    with pytest.raises(DoorError, match="打不开"):
        WorkbookDoor().returned(data, "zly")


def test_what_was_not_taken_stands_on_a_sheet_of_its_own() -> None:
    lost = Unplaced(RowKey("works", "甲", 1), "甲", "作品登记表", "评语：=好", "看不懂", AT)
    book = opened(WorkbookDoor().rollup(rollup(*ROWS, unplaced=(lost,))))
    line = [cell.value for cell in book["没有读入的填写"][4]]
    assert line[:4] == ["甲", "作品登记表", "评语：=好", "看不懂"]


def test_it_opens_in_libreoffice(tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    book = tmp_path / "汇总表.xlsx"
    book.write_bytes(WorkbookDoor().rollup(rollup(*ROWS)))
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    subprocess.run(
        [
            office,
            profile,
            "--headless",
            "--convert-to",
            "csv:Text - txt - csv (StarCalc):44,34,76",
            book.name,
        ],
        cwd=tmp_path,
        check=True,
        timeout=120,
        capture_output=True,
    )
    text = book.with_suffix(".csv").read_text(encoding="utf-8")
    assert "=1+1" in text and "1200" in text and "太原市局" in text
