"""台账.xlsx and 待人工.xlsx: the sheets an office knows, no formula from outside, the same bytes again."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from service.doors.workbook import WorkbookDoor
from service.followup.report.reading import board_of
from service.office.board import Board
from service.office.docket import MediumState
from tests.followup.sample_board import DUE, NOW, sources

HEADER_ROW = 4


@pytest.fixture
def board() -> Board:
    return board_of(sources(), NOW, "ab" * 32)


def opened(data: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


def table(sheet: Worksheet, header_row: int = HEADER_ROW) -> list[dict[str, object]]:
    """A sheet's rows by their headings."""
    lines = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=header_row)]
    return [dict(zip(map(str, lines[0]), line, strict=True)) for line in lines[1:]]


def test_the_sheets_stand_in_the_order_staff_know(board: Board) -> None:
    names = ["总览", "未报", "已报", "登记", "待补正", "待人工", "未送达", "第三方", "催办记录", "通讯录核对"]
    book = opened(WorkbookDoor().ledger(board))
    assert book.sheetnames == [*names, "全部明细", "选项"]
    assert [sheet.title for sheet in book if sheet.sheet_state == "hidden"] == ["选项"]


def test_the_overview_counts_every_item_and_says_as_of_when(board: Board) -> None:
    sheet = opened(WorkbookDoor().ledger(board))["总览"]
    assert str(sheet["A3"].value).startswith("截至2024年10月1日09:00，应报 4 项，已报 1 项")
    summary, works, total = table(sheet)[:3]
    assert (summary["材料"], summary["应报"], summary["已报"], summary["未报"]) == ("质量月活动总结", 4, 1, 1)
    assert (summary["待补正"], summary["未送达"], summary["报送率"]) == (1, 1, 0.25)
    assert (works["应报"], works["自愿已报"], works["报送率"]) == (0, 1, "—")
    assert (total["材料"], total["应报"], total["自愿已报"]) == ("合计", 4, 1)
    words = "\n".join(str(row[0].value) for row in sheet.iter_rows())
    assert "还有 1 封来信没有归属到单位" in words and "ab" * 32 in words and "信箱最近一次成功读取" in words


def test_the_missing_list_says_whom_to_call(board: Board) -> None:
    (row,) = table(opened(WorkbookDoor().ledger(board))["未报"])
    assert (row["单位"], row["状况"], row["剩余/逾期"]) == ("朔州市市场监督管理局", "纸质版未到", "逾期 2 天")
    assert (row["联系人"], row["邮箱"]) == ("王三 0351-0000002", "zlk2@sx.example")


def test_a_list_with_voluntary_items_says_how_many_are_owed(board: Board) -> None:
    book = opened(WorkbookDoor().ledger(board))
    assert book["已报"]["A1"].value == "已报名单（2 项，其中应报 1 项）"
    assert book["待补正"]["A1"].value == "待补正名单（1 项）"


def test_every_list_carries_the_number_of_unassigned_letters(board: Board) -> None:
    book = opened(WorkbookDoor().ledger(board))
    for name in ("未报", "已报", "登记", "待补正", "待人工", "未送达", "第三方", "催办记录", "全部明细"):
        assert "还有 1 封来信没有归属到单位" in str(book[name]["A3"].value), name


def test_dates_are_real_dates_in_local_time(board: Board) -> None:
    book = opened(WorkbookDoor().ledger(board))
    everything = table(book["全部明细"])
    assert everything[0]["截止"] == datetime(2024, 9, 29)
    assert everything[0]["报送时间"] == datetime(2024, 9, 25, 10, 0)
    assert book["未报"]["E5"].number_format == "yyyy-mm-dd"


def test_a_due_hour_is_shown_as_an_hour(board: Board) -> None:
    row = board.rows[4]
    at_five = replace(row, docket=replace(row.docket, due_until=DUE - timedelta(hours=7)))
    sheet = opened(WorkbookDoor().ledger(replace(board, rows=(at_five,))))["未报"]
    assert table(sheet)[0]["截止"] == datetime(2024, 9, 29, 17, 0)
    assert sheet["E5"].number_format == "yyyy-mm-dd hh:mm"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@"])
def test_what_a_unit_typed_is_never_a_formula(board: Board, sign: str) -> None:
    evil = f'{sign}HYPERLINK("http://evil.example","x")'
    row = replace(board.rows[4], contact=evil, unit_name=evil, item_name=evil, addresses=(evil,))
    data = WorkbookDoor().ledger(replace(board, rows=(row,), title=evil))
    for sheet in opened(data).worksheets:
        for cells in sheet.iter_rows():
            for cell in cells:
                assert cell.data_type != "f", (sheet.title, cell.coordinate)
    cell = opened(data)["未报"]["B5"]
    assert (cell.value, cell.data_type, bool(cell.quotePrefix)) == (evil, "s", True)
    assert not any("<f>" in part for name, part in parts(data).items() if "worksheets/" in name)


def test_error_words_and_control_signs_do_no_harm(board: Board) -> None:
    row = replace(board.rows[4], contact="#N/A", unit_name="甲\x0b\ud800乙", last_contact="长" * 40_000)
    sheet = opened(WorkbookDoor().ledger(replace(board, rows=(row,))))["未报"]
    found = table(sheet)[0]
    assert (found["联系人"], found["单位"], len(str(found["最近联系"]))) == ("#N/A", "甲乙", 32_767)
    assert sheet["H5"].data_type == "s"


def test_sheets_are_ready_for_screen_and_paper(board: Board) -> None:
    for sheet in opened(WorkbookDoor().ledger(board)).worksheets[:-1]:
        top = 3 if sheet.title == "通讯录核对" else HEADER_ROW
        assert sheet.freeze_panes == f"A{top + 1}", sheet.title
        assert str(sheet.auto_filter.ref).startswith(f"A{top}:")
        assert (sheet.page_setup.orientation, int(str(sheet.page_setup.paperSize))) == ("landscape", 9)
        assert sheet.sheet_properties.pageSetUpPr is not None and sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_title_rows == f"${top}:${top}"
        assert all(sheet.column_dimensions[letter].width > 5 for letter in "ABC")


def test_an_empty_list_says_that_it_is_empty(board: Board) -> None:
    book = opened(WorkbookDoor().ledger(replace(board, rows=(), desk=())))
    assert book["未报"]["A5"].value == "没有未报的单位"
    assert book["待人工"]["A5"].value == "没有需要人工处理的事"


def test_the_desk_has_its_own_workbook_with_commands(board: Board) -> None:
    book = opened(WorkbookDoor().desk(board.desk))
    rows = table(book["待人工"], 4)
    assert book.sheetnames == ["待人工", "选项"]
    assert [row["事项"] for row in rows] == ["密级", "存疑", "待人工", "询问", "链接待取", "未送达"]
    assert str(rows[2]["怎样处理（命令）"]).startswith("huizhi assign 5 ")
    assert rows[0]["自何时起"] == datetime(2024, 9, 20, 16, 6)


def parts(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name).decode("utf-8") for name in archive.namelist()}


def test_the_same_board_gives_the_same_bytes(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    once = WorkbookDoor().ledger(board)
    # zipfile stamps members with the time of writing; another day must not show.
    monkeypatch.setattr("time.time", lambda: 1_900_000_000.0)
    assert WorkbookDoor().ledger(board) == once
    assert WorkbookDoor().desk(board.desk) == WorkbookDoor().desk(board.desk)
    core = parts(once)["docProps/core.xml"]
    assert re.findall(r"<dcterms:(?:created|modified)[^>]*>([^<]*)<", core) == ["2024-10-01T01:00:00Z"] * 2
    with zipfile.ZipFile(io.BytesIO(once)) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_another_board_gives_other_bytes(board: Board) -> None:
    assert WorkbookDoor().ledger(replace(board, unassigned_letters=2)) != WorkbookDoor().ledger(board)


def test_what_came_leads_to_its_files_from_wherever_the_workbook_lies(board: Board) -> None:
    row = replace(board.rows[0], document="归档/质量月/总结/太原市 局/第1件-第2版/总结（改）.docx")
    for depth, up in ((1, "../"), (2, "../../")):
        data = WorkbookDoor().ledger(replace(board, rows=(row,)), depth)
        sheet = opened(data)["已报"]
        (place,) = [index for index, each in enumerate(sheet[5]) if each.hyperlink]
        cell = sheet[5][place]
        assert (cell.value, sheet[4][place].value) == ("总结（改）.docx", "文件")
        assert cell.hyperlink is not None
        target = str(cell.hyperlink.target)
        assert unquote(target) == f"{up}{row.document}"
        # A relationship is a URI: neither a blank nor a sign beyond ASCII may stand in it.
        assert target.isascii() and " " not in target


def test_each_medium_has_its_tick_and_the_paper_its_day(board: Board) -> None:
    docket = replace(board.rows[0].docket, paper=MediumState.RETURNED)
    row = replace(board.rows[0], docket=docket, paper_on=date(2024, 9, 26))
    half = replace(row, docket=replace(docket, paper=MediumState.AWAITED), paper_on=None)
    rows = table(opened(WorkbookDoor().ledger(replace(board, rows=(row, half))))["已报"])
    assert [(each["电子版"], each["纸质版"]) for each in rows] == [
        ("✓ 已到", "✓ 9月26日"),
        ("✓ 已到", "未到"),
    ]


def test_third_parties_stand_apart_under_their_own_name(board: Board) -> None:
    docket = replace(board.rows[1].docket, is_third_party=True)
    other = replace(board.rows[1], docket=docket, unit_name="北城检测技术有限公司")
    book = opened(WorkbookDoor().ledger(replace(board, rows=(board.rows[0], other))))
    assert [row["单位"] for row in table(book["第三方"])] == ["北城检测技术有限公司"]
    assert [row["单位"] for row in table(book["已报"])] == ["太原市市场监督管理局"]
    assert "另有第三方报来 1 项" in str(book["已报"]["A3"].value)


def test_the_record_of_chasing_says_what_went_and_what_did_not(board: Board) -> None:
    sent, doubtful = table(opened(WorkbookDoor().ledger(board))["催办记录"])
    assert (sent["单位"], sent["结果"], sent["收件人"]) == (
        "大同市市场监督管理局",
        "已发出",
        "zlk1@sx.example",
    )
    assert sent["发出时间"] is not None and doubtful["发出时间"] is None
    assert str(doubtful["结果"]).startswith("存疑")


def test_the_address_book_puts_first_what_somebody_should_check(board: Board) -> None:
    rows = table(opened(WorkbookDoor().ledger(board))["通讯录核对"], 3)
    assert rows[0]["单位"] == "忻州市市场监督管理局" and "退信" in str(rows[0]["邮箱状态"])
    assert "config/units.xlsx" in str(rows[0]["请核对"])
    assert {row["邮箱状态"] for row in rows[1:]} == {"正常"}


def test_nobody_types_where_nothing_is_read(board: Board) -> None:
    book = opened(WorkbookDoor().ledger(board))
    for sheet in book.worksheets[:-1]:
        assert bool(sheet.protection.sheet) is (sheet.title != "登记"), sheet.title
        assert not sheet.protection.password
    assert book["登记"].column_dimensions["K"].hidden


@pytest.mark.soffice
def test_libreoffice_opens_every_sheet(board: Board, tmp_path: Path) -> None:
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("LibreOffice is not installed")
    path = tmp_path / "台账.xlsx"
    path.write_bytes(WorkbookDoor().ledger(board))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    order = [
        soffice,
        profile,
        "--headless",
        "--convert-to",
        "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1",
        "--outdir",
        str(tmp_path),
        str(path),
    ]
    ended = subprocess.run(order, capture_output=True, timeout=100, check=False)
    made = {each.name for each in tmp_path.glob("*.csv")}
    if not made:
        pytest.skip(f"LibreOffice here cannot open workbooks: {ended.stderr.decode(errors='replace')[:200]}")
    assert len(made) == 12
    words = (tmp_path / "台账-未报.csv").read_text(encoding="utf-8")
    assert "朔州市市场监督管理局" in words and str(date(2024, 9, 29)) in words
