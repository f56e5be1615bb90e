"""What a person settles at the command line, as status shows it afterwards."""

from __future__ import annotations

import shlex
from pathlib import Path

import openpyxl
import pytest

from tests.desk.small_office import BEI, CLERK, DONG, NAN, SIGNER, XI, SmallOffice

BY = ("--by", CLERK, "--reason", "电话核实")


def test_status_has_exactly_the_promised_keys(released: SmallOffice) -> None:
    assert released.docket(DONG, "summary") == {
        "campaign": "small",
        "unit": DONG,
        "item": "summary",
        "obligation": "required",
        "state": "not-sent",
        "due": "2024-09-29T23:59:59+08:00",
        "returned_at": None,
        "late": False,
        "overdue": False,
        "missing": False,
        "electronic": "awaited",
        "paper": None,
        "entries": 0,
        "version": 0,
        "promised_on": None,
        "reason": None,
    }
    assert released.docket(BEI, "summary")["obligation"] == "voluntary"


def test_tables_name_every_unit_in_full(released: SmallOffice) -> None:
    shown = released.ask("status", "small").stdout
    assert all(unit in shown for unit in (DONG, XI, NAN, BEI))
    assert "谁没报" in released.ask("status", "small", "--missing").stdout
    assert released.lines("status", "small", "--missing", "--json") == []


def test_status_by_group_and_what_is_asked_for(released: SmallOffice) -> None:
    shown = released.ask("status", "small").stdout
    assert "分组进度" in shown and "合计" in shown
    group = released.lines("status", "small", "--group", "区局", "--json")
    assert {each["unit"] for each in group} == {DONG, XI, NAN}
    assert released.lines("status", "small", "--late", "--review", "--json") == []
    said = released.ask("status", "small", "--group", "县局")
    assert said.exit_code == 2 and "没有组别“县局”。现有的组别：" in said.output
    assert released.ask("status", "small", "--watch", "--json").exit_code == 2


def test_what_came_by_oa_is_recorded_with_its_file(released: SmallOffice, tmp_path: Path) -> None:
    file = tmp_path / "总结.txt"
    file.write_text("一、开展情况", encoding="utf-8")
    words = ("record", "small", "东城", "总结", "--via", "oa", "--on", "2024年8月20日", "--file", str(file))
    said = released.ask(*words, *BY)
    assert said.exit_code == 0, said.output
    docket = released.docket(DONG, "summary")
    assert (docket["state"], docket["late"], docket["version"]) == ("returned", False, 1)
    assert "总结.txt" in released.ask("show", "东城").stdout


def test_a_promise_is_neither_missing_nor_returned(released: SmallOffice) -> None:
    words = ("record", "small", XI, "summary", "--via", "promise", "--on", "2024-09-27", *BY)
    assert released.ask(*words).exit_code == 0
    docket = released.docket(XI, "summary")
    assert (docket["state"], docket["promised_on"], docket["missing"]) == ("promised", "2024-09-27", False)


def test_a_group_is_extended_without_naming_its_units(released: SmallOffice) -> None:
    words = ("extend", "small", "summary", "--group", "区局", "--until", "2024-10-15", *BY)
    said = released.ask(*words, "--granted-by", "分管局长")
    assert said.exit_code == 0 and "3 个单位" in said.stdout, said.output
    assert {released.docket(each, "summary")["due"] for each in (DONG, XI, NAN)} == {
        "2024-10-15T23:59:59+08:00"
    }
    mixed = ("extend", "small", DONG, "summary", "--group", "区局", "--until", "2024-11-15", *BY)
    assert released.ask(*mixed).exit_code == 2
    assert released.ask("extend", "small", DONG, "--until", "2024-11-15", *BY).exit_code == 2


def test_extend_exempt_and_reopen(released: SmallOffice) -> None:
    assert released.ask("extend", "small", NAN, "summary", "--until", "2024-10-15", *BY).exit_code == 0
    assert released.docket(NAN, "summary")["due"] == "2024-10-15T23:59:59+08:00"
    assert released.ask("exempt", "small", NAN, "summary", *BY).exit_code == 0
    docket = released.docket(NAN, "summary")
    assert (docket["state"], docket["reason"]) == ("exempt", "电话核实")
    assert released.ask("reopen", "small", NAN, "summary", *BY).exit_code == 0
    assert released.docket(NAN, "summary")["state"] == "awaited"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("exempt", "small", "城区", "summary", *BY), f"{DONG}、{XI}、{NAN}"),
        (("exempt", "small", "没有的单位", "summary", *BY), "名单中没有"),
        (("exempt", "small", DONG, "论文", *BY), "works（作品登记表）"),
        (("exempt", "smal1", DONG, "summary", *BY), "没有这个活动"),
        (("exempt", "small", DONG, "summary", "--by", "路人", "--reason", "x"), "staff"),
        (("exempt", "small", DONG, "summary", "--by", SIGNER, "--reason", " "), "--reason"),
        (("extend", "small", DONG, "summary", "--until", "十月", *BY), "不是日期"),
        (("extend", "small", DONG, "summary", "--until", "2024-02-30", *BY), "不是日期"),
        (("record", "small", DONG, "summary", "--via", "fax", "--on", "2024-08-21", *BY), "--via"),
        (
            ("record", "small", DONG, "summary", "--via", "oa", "--on", "2024-08-21", "--file", "无", *BY),
            "没有这个文件",
        ),
        (("settle", "1", "--to", "sent", *BY), "不在待处理之列"),
        (("settle", "x", "--to", "sent", *BY), "不是发件的编号"),
        (("note", "7", *BY), "不在待人工之列"),
        (("assign", "来信 7", "--campaign", "small", "--unit", DONG, *BY), "没有编号为 7 的来信"),
        (("why", "7"), "没有编号为 7 的来信"),
        (("show", "7"), "没有编号为 7 的来信"),
        (("show", "没有的单位"), "没有的单位"),
        (("report", "nosuch"), "没有这个活动"),
    ],
)
def test_a_wrong_word_is_a_chinese_line_and_status_2(
    released: SmallOffice, words: tuple[str, ...], said: str
) -> None:
    refused = released.ask(*words)
    assert refused.exit_code == 2
    assert refused.stdout == ""
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr


def test_part_of_a_name_is_enough_where_it_is_clear(released: SmallOffice) -> None:
    assert released.ask("exempt", "sma", "北城", "总结", *BY).exit_code == 0
    assert released.docket(BEI, "summary")["state"] == "exempt"


def test_the_desk_is_empty_and_reports_are_written(released: SmallOffice) -> None:
    assert "没有需要人工处理的事" in released.ask("desk").stdout
    assert released.lines("desk", "--json") == []
    assert released.ask("report", "small").exit_code == 0
    for path in ("台账/台账.xlsx", "台账/small/台账.xlsx", "待人工.xlsx"):
        assert (released.folder / "交换" / path).is_file()


def test_report_first_takes_over_what_staff_wrote_into_the_workbook(released: SmallOffice) -> None:
    assert released.ask("report", "small").exit_code == 0
    path = released.folder / "交换/台账/台账.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["登记"]
    places = {cell.value: index for index, cell in enumerate(sheet[4])}
    row = next(
        each for each in sheet.iter_rows(min_row=5) if (each[0].value, each[1].value) == (DONG, "活动总结")
    )
    for heading, value in (("免报", "是"), ("理由", "机构撤并"), ("经办人", CLERK)):
        row[places[heading]].value = value
    next(iter(sheet.iter_rows(min_row=8)))[places["免报"]].value = "也许"
    book.save(path)
    assert released.ask("report", "small").exit_code == 0
    assert released.docket(DONG, "summary")["state"] == "exempt"
    (conflict,) = released.lines("desk", "--json")
    assert conflict["kind"] == "表格冲突" and "请填“是”" in conflict["say"]
    assert len(list((released.folder / "交换/台账").glob("冲突 *.xlsx"))) == 1
    # Its remedy is a command that works, word for word.
    words = shlex.split(conflict["remedy"].replace("姓名", CLERK))
    assert released.ask(*words[1:]).exit_code == 0
    assert released.lines("desk", "--json") == []


def test_split_asks_for_what_it_needs(released: SmallOffice) -> None:
    said = released.ask("split", "1", "--campaign", "small", "--give", "东城1,2", *BY)
    assert said.exit_code != 0 and "单位=附件序号" in said.output
    said = released.ask("split", "7", "--campaign", "small", "--give", "东城=1", "--give", "南城=2", *BY)
    assert said.exit_code != 0 and "没有编号为 7 的来信" in said.output


def test_totals_are_those_of_the_whole_list(released: SmallOffice) -> None:
    shown = released.ask("status", "small", "--totals").stdout
    assert "合计" in shown and DONG not in shown
    whole = released.ask("status", "small").stdout
    line = next(each for each in shown.splitlines() if "合计" in each)
    assert line.split() in [each.split() for each in whole.splitlines()]
    assert released.ask("status", "small", "--totals", "--missing").exit_code == 2


def test_the_desk_is_settled_by_somebody_named(released: SmallOffice) -> None:
    assert released.ask("desk", "--settle").exit_code == 2
    said = released.ask("desk", "--settle", "--by", CLERK, typed="q")
    assert said.exit_code == 0, said.output
