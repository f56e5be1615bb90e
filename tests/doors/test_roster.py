"""通讯录 — however dirty a roster is, each cell is read, mended or reported; nothing is lost in silence."""

from __future__ import annotations

import csv
import importlib.util
import io
import zipfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from service.doors.staff_files import StaffFilesDoor
from service.doors.staff_files.roster import read_roster
from service.doors.staff_files.sheets import Sheet, SheetRefused, read_csv, read_workbook
from service.office.roster import Roster, Unit, unit_key

ROOT = Path(__file__).parents[2]
HEAD = ["序号", "组别", "单位名称", "联系人", "电话", "邮箱", "备注"]


MAILS = "ａ＠x.example；b@x。example\nc@x.example"


def sheet_of(book: Workbook) -> Worksheet:
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    return sheet


def roster_of(book: Workbook) -> Roster:
    data = io.BytesIO()
    book.save(data)
    sheets, problems = read_workbook(data.getvalue(), "units.xlsx")
    return read_roster("units.xlsx", sheets, problems, "digest")


def from_rows(*rows: Sequence[Any], head: list[str] | None = None) -> Roster:
    book = Workbook()
    sheet = sheet_of(book)
    sheet.title = "表"
    for row in [head or HEAD, *rows]:
        sheet.append(list(row))
    return roster_of(book)


def from_csv(text: str, encoding: str = "utf-8") -> Roster:
    return read_roster("units.csv", (read_csv(text.encode(encoding)),), (), "digest")


def said(roster: Roster) -> list[str]:
    return [problem.sentence() for problem in roster.problems]


def addresses(unit: Unit | None) -> list[str]:
    assert unit is not None
    return [str(each) for each in unit.addresses]


# --- the sample ---


def test_the_sample_roster_is_dirty_and_reads_without_an_error() -> None:
    roster = StaffFilesDoor(ROOT).roster()
    assert roster.errors == ()
    words = "\n".join(said(roster))
    for remark in ("邮箱已整理", "全角字符", "已合并", "同时属于 3 个单位"):
        assert remark in words
    counted = Counter(group for unit in roster.units for group in unit.groups)
    assert counted == {
        "各区市场监管局": 16,
        "临港新片区市场监管局": 1,
        "市级技术机构": 2,
        "各市市场监管局": 11,
        "示范区市场监管局": 1,
        "检验检测机构": 16,
        "认证机构": 12,
    }
    assert all(unit.addresses for unit in roster.units)
    assert all(each.domain.endswith(".example") for unit in roster.units for each in unit.addresses)
    assert [unit.order for unit in roster.units] == list(range(1, 60))


def test_the_sample_roster_is_what_its_script_writes() -> None:
    spec = importlib.util.spec_from_file_location("sample_roster", Path(__file__).parent / "sample_roster.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    # A dataclass looks its module up while it is made.
    import sys

    sys.modules["sample_roster"] = script
    spec.loader.exec_module(script)
    committed = load_workbook(ROOT / "config/units.xlsx")
    data = io.BytesIO()
    script.build().save(data)
    built = load_workbook(data)
    for mine, theirs in zip(built.worksheets, committed.worksheets, strict=True):
        assert list(mine.values) == list(theirs.values)
        assert {str(each) for each in mine.merged_cells.ranges} == {
            str(each) for each in theirs.merged_cells.ranges
        }


# --- headings ---


@pytest.mark.parametrize(
    "head",
    [
        ["单位", "组别", "联系人", "电话", "邮箱"],
        ["报送单位", "分组", "姓名", "手机号码", "电子邮箱"],
        [" 单 位 名 称（全称）", "类别*", "联络员：", "联系电话\n（手机）", "E-mail"],
        ["＊单位名称", "组 别", "联系人1", "电话1", "邮箱1"],
        ["unit", "group", "contact", "phone", "email"],
    ],
)
def test_headings_by_any_name(head: list[str]) -> None:
    unit = from_rows(["甲局", "甲组", "张三", "0351-5550001", "a@x.example"], head=head).units[0]
    assert (unit.key, unit.groups, unit.contacts[0].name, unit.contacts[0].phone) == (
        "甲局",
        ("甲组",),
        "张三",
        "0351-5550001",
    )
    assert addresses(unit) == ["a@x.example"]


def test_a_title_and_two_rows_of_headings() -> None:
    book = Workbook()
    sheet = sheet_of(book)
    sheet.append(["某省联系人名单"])
    sheet.merge_cells("A1:E1")
    sheet.append(["单位", "组别", "联系人"])
    sheet.append([None, None, "姓名", "手机", "邮箱"])
    for cells in ("A2:A3", "B2:B3", "C2:E2"):
        sheet.merge_cells(cells)
    sheet.append(["甲局", "甲组", "张三", 19900000001, "a@x.example"])
    roster = roster_of(book)
    assert said(roster) == []
    assert roster.units[0].contacts[0].phone == "19900000001"
    assert len(roster.units) == 1


def test_an_unknown_column_is_remarked_and_a_missing_mailbox_column_is_an_error() -> None:
    roster = from_rows(["甲局", "甲组", "x"], head=["单位", "组别", "微信"])
    assert any("工作表“表”C1：不认识的列“微信”" in each for each in said(roster))
    assert any("没有“邮箱”列" in problem.say for problem in roster.errors)


def test_a_sheet_without_headings_is_remarked_once_another_has_them() -> None:
    book = Workbook()
    sheet = sheet_of(book)
    for row in (HEAD, [1, "甲组", "甲局", "张三", "", "a@x.example"]):
        sheet.append(row)
    book.create_sheet("说明").append(["请认真填写"])
    roster = roster_of(book)
    assert roster.errors == ()
    assert any("工作表“说明”：没有找到表头" in each for each in said(roster))


def test_several_people_side_by_side() -> None:
    head = ["单位", "组别", "联系人1", "电话1", "邮箱1", "联系人2", "电话2", "邮箱2"]
    row: list[object] = ["甲局", "甲组", "张三", "5550001", "a@x.example", "李四", "5550002", "b@x.example"]
    contacts = from_rows(row, head=head).units[0].contacts
    assert [(each.name, each.phone, str(each.addresses[0])) for each in contacts] == [
        ("张三", "5550001", "a@x.example"),
        ("李四", "5550002", "b@x.example"),
    ]


def test_two_telephones_and_a_spare_mailbox_are_one_persons() -> None:
    head = ["单位", "组别", "办公电话", "手机", "联系人", "邮箱", "备用邮箱"]
    row: list[object] = ["甲局", "甲组", "5550001", 19900000001, "张三", "a@x.example", "b@x.example"]
    (contact,) = from_rows(row, head=head).units[0].contacts
    assert (contact.name, contact.phone) == ("张三", "5550001；19900000001")
    assert [str(each) for each in contact.addresses] == ["a@x.example", "b@x.example"]


# --- rows ---


def test_dirty_cells_are_mended_and_reported() -> None:
    roster = from_rows(
        [
            1,
            "甲组；乙组",
            "甲 局(本级)",
            "张　三",
            "０３５１－５５５０００１转８０１２",
            "ａ＠x.example；b@x。example\nc@x.example",
            "",
        ]
    )
    unit = roster.units[0]
    assert (unit.key, unit.groups) == ("甲局（本级）", ("甲组", "乙组"))
    assert (unit.contacts[0].name, unit.contacts[0].phone) == ("张三", "0351-5550001转8012")
    assert addresses(unit) == ["a@x.example", "b@x.example", "c@x.example"]
    assert roster.errors == ()
    assert [problem.place for problem in roster.problems] == [f"工作表“表”{cell}2" for cell in "CEF"]


def test_duplicate_units_are_merged_and_reported() -> None:
    roster = from_rows(
        [1, "甲组", "甲局", "张三", "5550001", "a@x.example", "一"],
        [2, "甲组", "乙局", "王五", "5550003", "c@x.example"],
        [3, "乙组", "甲 局", "李四", "5550002", "b@x.example；a@x.example", "二"],
    )
    unit = roster.units[0]
    assert len(roster.units) == 2
    assert (unit.groups, unit.note) == (("甲组", "乙组"), "一；二")
    assert [each.name for each in unit.contacts] == ["张三", "李四"]
    assert addresses(unit) == ["a@x.example", "b@x.example"]
    assert said(roster) == ["units.xlsx 工作表“表”C4：“甲局”与工作表“表”C2是同一个单位，已合并"]


def test_a_unit_without_an_address_or_group_is_kept_and_reported() -> None:
    roster = from_rows([1, "", "甲局", "张三", "5550001", "待定"])
    assert len(roster.units) == 1
    assert roster.errors == ()
    assert [problem.code for problem in roster.problems] == ["no-address", "no-group"]


def test_one_person_for_three_units_is_allowed_and_noted() -> None:
    rows: list[list[object]] = [[i, "甲组", f"{i}局", "张三", "5550001", "a@x.example"] for i in range(3)]
    roster = from_rows(*rows)
    assert [addresses(unit) for unit in roster.units] == [["a@x.example"]] * 3
    assert roster.errors == ()
    assert len(roster.problems) == 1
    assert "同时属于 3 个单位（0局、1局、2局）" in said(roster)[0]


def test_rows_that_continue_a_unit() -> None:
    roster = from_rows(
        [1, "甲组", "甲局", "张三", "5550001", "a@x.example"],
        [None, None, None, "李四", "5550002", "b@x.example"],
        [None, None, None, None, None, "c@x.example"],
        [None, None, None, "张三", None, "d@x.example"],
    )
    assert said(roster) == []
    assert [(each.name, [str(a) for a in each.addresses]) for each in roster.units[0].contacts] == [
        ("张三", ["a@x.example", "d@x.example"]),
        ("李四", ["b@x.example", "c@x.example"]),
    ]


def test_after_an_empty_row_nobody_guesses_whose_contact_it_is() -> None:
    roster = from_rows(
        [1, "甲组", "甲局", "张三", "5550001", "a@x.example"],
        [],
        [None, None, None, "李四", "5550002", "b@x.example"],
    )
    assert addresses(roster.units[0]) == ["a@x.example"]
    assert [problem.sentence() for problem in roster.errors] == [
        "units.xlsx 工作表“表”第 4 行：有联系人却没有单位名称，没有读取；请补上单位名称"
    ]


def test_merged_cells_reach_down() -> None:
    book = Workbook()
    sheet = sheet_of(book)
    sheet.append(HEAD)
    sheet.append([1, "甲组", "甲局", "张三", "5550001", "a@x.example"])
    sheet.append([None, None, None, "李四", "5550002", "b@x.example"])
    sheet.append([2, None, "乙局", "王五", "5550003", "c@x.example"])
    sheet.append([3, None, "丙局"])
    for cells in ("B2:B5", "C2:C3", "D4:D5", "E4:E5", "F4:F5"):
        sheet.merge_cells(cells)
    roster = roster_of(book)
    assert [unit.groups for unit in roster.units] == [("甲组",)] * 3
    assert [addresses(unit) for unit in roster.units] == [
        ["a@x.example", "b@x.example"],
        ["c@x.example"],
        ["c@x.example"],
    ]
    assert [problem.code for problem in roster.problems] == ["shared-address"]


def test_subheadings_and_footnotes_are_no_units() -> None:
    book = Workbook()
    sheet = sheet_of(book)
    sheet.append(HEAD)
    sheet.append([None, None, "一、各市局"])
    sheet.append([1, "甲组", "甲局", "张三", "5550001", "a@x.example"])
    sheet.append(["合计：1 个单位"])
    sheet.append([None, None, "合计 1 个"])
    roster = roster_of(book)
    assert [unit.key for unit in roster.units] == ["甲局"]
    assert len(roster.problems) == 3
    assert roster.errors == ()


@pytest.mark.parametrize(
    ("cells", "say"),
    [
        (["张三", "a@x.example", ""], "E2：电话栏里的“a@x.example”像是邮箱，请移到邮箱栏"),
        (["张三", "5550001", "0351-5550001"], "F2：邮箱栏里的“0351-5550001”像是电话"),
        (["张三", "5550001", "内网OA"], "F2：“内网OA”不是有效的邮箱地址（缺少 @）；请改正，或移到备注栏"),
        (["张三", "5550001", "a@x.example；b@x"], "F2：“b@x”不是有效的邮箱地址（@ 后面的域名不完整）"),
    ],
)
def test_what_cannot_be_mended_is_an_error_at_its_cell(cells: list[object], say: str) -> None:
    roster = from_rows([1, "甲组", "甲局", *cells])
    assert any(say in problem.sentence() for problem in roster.errors), said(roster)


def test_a_formula_nobody_computed_is_reported() -> None:
    roster = from_rows([1, "甲组", "甲局", "张三", "5550001", '="a"&"@x.example"'])
    assert any("工作表“表”F2：这一格是没有算出结果的公式" in problem.sentence() for problem in roster.errors)


# --- files ---

CSV = (
    "组别,单位,联系人,电话,邮箱\r\n"
    '甲组,甲局,张三,5550001,"a@x.example\r\nb@x.example"\r\n'
    "甲组,乙局,李四,5550002,c＠x.example\r\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("sign", [",", "\t", ";"])
def test_a_csv_in_any_encoding(encoding: str, sign: str) -> None:
    roster = from_csv(CSV.replace(",", sign), encoding)
    assert [addresses(unit) for unit in roster.units] == [["a@x.example", "b@x.example"], ["c@x.example"]]
    assert said(roster) == [
        "units.csv 第 4 行第 5 列：邮箱已整理为“c@x.example”，请核对"  # the cell before it spans two lines
    ]


def test_the_same_roster_as_workbook_and_as_csv() -> None:
    rows = [HEAD, ["1", "甲组", "甲局", "张三", "5550001", "a＠x.example；b@x.example", "注"]]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    assert from_csv(text.getvalue()).units == from_rows([*rows[1]]).units


@pytest.mark.parametrize(
    ("data", "say"),
    [
        (b"\xd0\xcf\x11\xe0" + b"x" * 100, "旧版 .xls，或者加了密码"),
        (b"%PDF-1.4", "不是 .xlsx 文件"),
        (b"", "不是 .xlsx 文件"),
    ],
)
def test_a_file_that_is_no_workbook(data: bytes, say: str) -> None:
    with pytest.raises(SheetRefused, match=say):
        read_workbook(data, "units.xlsx")


def zipped(**parts: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return data.getvalue()


def test_a_damaged_workbook_and_a_bomb() -> None:
    with pytest.raises(SheetRefused, match="已损坏"):
        read_workbook(zipped(a=b"x"), "units.xlsx")
    with pytest.raises(SheetRefused, match="展开后过大"):
        read_workbook(zipped(a=b"\0" * 201_000_000), "units.xlsx")


def test_the_door_says_what_is_wrong_with_the_file(tmp_path: Path) -> None:
    door = StaffFilesDoor(tmp_path)
    assert "没有通讯录" in door.roster().problems[0].sentence()
    (tmp_path / "config").mkdir()
    (tmp_path / "config/units.xlsx").write_bytes(b"no")
    assert door.roster().errors[0].sentence().startswith("config/units.xlsx：不是 .xlsx 文件")


def test_a_changed_roster_is_read_again(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    path = tmp_path / "config/units.csv"
    path.write_text(CSV, encoding="utf-8")
    door = StaffFilesDoor(tmp_path)
    first = door.roster()
    assert door.roster() is first
    path.write_text(CSV.replace("甲局", "丙局（新）"), encoding="utf-8")
    assert door.roster().unit("丙局（新）") is not None
    assert door.roster().sha256 != first.sha256


def test_two_rosters_are_remarked(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config/units.csv").write_text(CSV, encoding="utf-8")
    (tmp_path / "config/units.xlsx").write_bytes((ROOT / "config/units.xlsx").read_bytes())
    roster = StaffFilesDoor(tmp_path).roster()
    assert len(roster.units) == 59
    assert any(problem.code == "second-roster" for problem in roster.problems)


# --- properties ---

cells = st.sampled_from(
    [
        "",
        "",
        "甲局",
        "乙局",
        "甲 局",
        "张三",
        "李四",
        "a@x.example",
        "b＠x.example；c@y.example",
        "5550001",
        "无",
        "合计：3",
    ]
)
tables = st.lists(st.lists(cells, min_size=7, max_size=7), max_size=12)


@given(tables)
@settings(max_examples=150)
def test_no_address_in_a_mailbox_cell_is_ever_lost(rows: list[list[str]]) -> None:
    roster = read_roster("x", (Sheet("表", [HEAD, *rows], list(range(1, len(rows) + 2))),), (), "")
    kept = {each.key for unit in roster.units for each in unit.addresses}
    rows_told = {problem.place.split("”")[-1].strip("第 行ABCDEFG") for problem in roster.problems}
    for number, row in enumerate(rows, start=2):
        for typed in ("a@x.example", "b@x.example", "c@y.example"):
            if typed in row[5].replace("＠", "@"):
                assert typed in kept or str(number) in rows_told
    keys = [unit.key for unit in roster.units]
    assert len(keys) == len(set(keys))
    assert all(unit.key == unit_key(unit.name) for unit in roster.units)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_csv_or_a_sentence(data: bytes) -> None:
    try:
        sheet = read_csv(data)
    except SheetRefused as error:
        assert str(error)
        return
    read_roster("x.csv", (sheet,), (), "")


@given(st.text(max_size=30))
def test_a_unit_key_is_stable(name: str) -> None:
    assert unit_key(unit_key(name)) == unit_key(name)
