"""rollup, choose, pack: the roll-up on the disk, a word on a work, and what is handed upward."""

from __future__ import annotations

import hashlib
import io
import shlex
import shutil
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pytest
from docx import Document

from service.doors.press.handing_up import letter_template
from tests.desk.small_office import BEI, CLERK, DONG, NAN, ROOT, SUMMARY, SmallOffice

LATER = "2024-08-28T10:00"


def summary(text: str = SUMMARY) -> bytes:
    document = Document()
    for line in text.splitlines():
        document.add_paragraph(line)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


@pytest.fixture
def filled(released: SmallOffice, tmp_path: Path) -> SmallOffice:
    """Two units have reported by OA."""
    for unit in (DONG, NAN):
        file = tmp_path / f"{unit}总结.docx"
        file.write_bytes(summary(SUMMARY.replace("我局", unit)))
        words = (
            "--via",
            "oa",
            "--on",
            "2024-08-27",
            "--by",
            CLERK,
            "--reason",
            "OA 报来",
            "--file",
            str(file),
        )
        done = released.ask("record", "small", unit, "summary", *words, now="2024-08-27T10:00")
        assert done.exit_code == 0, done.output
    return released


def folder(office: SmallOffice) -> Path:
    return office.folder / "交换" / "台账" / "small"


def choose(office: SmallOffice, unit: str, *words: str) -> str:
    done = office.ask("choose", "small", "总结", unit, *words, "--by", CLERK, now=LATER)
    assert done.exit_code == 0, done.output
    return done.stdout.strip()


def pack(office: SmallOffice, target: Path, *words: str) -> str:
    done = office.ask("pack", "small", "-o", str(target), *words, now=LATER)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_nothing_to_roll_up_is_said(released: SmallOffice) -> None:
    assert released.ask("rollup", "small").stdout == "还没有收到可以汇总的材料。\n"
    assert released.ask("pack", "small", "-o", "x.zip").exit_code == 2


def test_rollup_writes_workbook_and_compendium(filled: SmallOffice) -> None:
    done = filled.ask("rollup", "small", now=LATER)
    assert done.stdout == "已汇总：交换/台账/small/汇总表.xlsx、交换/台账/small/汇编.docx\n"
    book = openpyxl.load_workbook(folder(filled) / "汇总表.xlsx")
    assert book.sheetnames == ["活动总结", "分组合计"]
    words = "".join(each.text for each in Document(str(folder(filled) / "汇编.docx")).paragraphs)
    assert f"{DONG}组织了宣传活动" in words and f"{NAN}组织了宣传活动" in words


def test_a_choice_stands_in_the_workbook_and_is_changed_by_halves(filled: SmallOffice) -> None:
    assert (
        choose(filled, "东城", "--recommend", "--remark", " 事例生动 ")
        == f"{DONG}第 1 件：推荐，评语：事例生动"
    )
    assert choose(filled, "东城", "--not").endswith("：不推荐，评语：事例生动")
    assert choose(filled, "东城", "--clear", "--remark", "").endswith("：没有推荐")
    choose(filled, "南城", "--recommend")
    filled.ask("rollup", "small", now=LATER)
    rows = openpyxl.load_workbook(folder(filled) / "汇总表.xlsx")["活动总结"].iter_rows(values_only=True)
    assert [line[10] for line in rows if line[1] in (DONG, NAN)] == [None, "推荐"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((DONG,), "请写明 --recommend"),
        ((DONG, "--recommend", "--not"), "只能写一个"),
        ((DONG, "2", "--recommend"), "现有第 1 件"),
        ((BEI, "--recommend"), "还没有收到"),
        ((DONG, "--remark", "长" * 501), "超过 500 字"),
    ],
)
def test_what_cannot_be_chosen_is_refused(filled: SmallOffice, words: tuple[str, ...], said: str) -> None:
    done = filled.ask("choose", "small", "summary", *words, "--by", CLERK, now=LATER)
    assert done.exit_code == 2 and said in done.stderr


def test_the_chosen_are_packed_with_index_fingerprints_and_letter(
    filled: SmallOffice, tmp_path: Path
) -> None:
    choose(filled, "东城", "--recommend", "--remark", "=好")
    target = tmp_path / "上报" / "推荐.zip"
    said = pack(filled, target, "--selected", "--to", "省市场监督管理局")
    assert said == f"已打包 1 件、1 个文件：{target}（目录.xlsx、SHA256SUMS、报送函.docx）\n"
    package = zipfile.ZipFile(target)
    work = f"材料/{DONG}/活动总结/{DONG}总结.docx"
    assert sorted(package.namelist()) == sorted(["目录.xlsx", "报送函.docx", "SHA256SUMS", work])
    lines = [line.partition("  ") for line in package.read("SHA256SUMS").decode().splitlines()]
    sums = {name: sha256 for sha256, _, name in lines}
    assert sums == {
        name: hashlib.sha256(package.read(name)).hexdigest()
        for name in package.namelist()
        if name != "SHA256SUMS"
    }
    letter = [each.text for each in Document(io.BytesIO(package.read("报送函.docx"))).paragraphs]
    assert "省市场监督管理局：" in letter and "2024年8月28日" in letter
    assert any("推荐的材料共1件报送贵单位" in each and "活动总结1件" in each for each in letter)
    index = openpyxl.load_workbook(io.BytesIO(package.read("目录.xlsx"))).active
    assert index is not None
    line = [cell for cell in next(index.iter_rows(min_row=4, max_row=4))]
    assert (line[2].value, line[7].value, line[7].data_type) == (DONG, "=好", "s")
    assert line[8].hyperlink is not None and line[8].hyperlink.target == work
    assert package.read(work) == (tmp_path / f"{DONG}总结.docx").read_bytes()


def test_a_folder_can_be_checked_with_sha256sum(filled: SmallOffice, tmp_path: Path) -> None:
    target = tmp_path / "上报"
    pack(filled, target)
    assert len([each for each in (target / "材料").rglob("*.docx")]) == 2
    tool = shutil.which("sha256sum")
    if tool is None:
        pytest.skip("sha256sum is not installed")
    checked = subprocess.run(
        [tool, "-c", "--quiet", "SHA256SUMS"], cwd=target, capture_output=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
    again = filled.ask("pack", "small", "-o", str(target), now=LATER)
    assert again.exit_code == 2 and "不是空文件夹" in again.stderr


def test_what_was_typed_a_moment_ago_is_packed(filled: SmallOffice, tmp_path: Path) -> None:
    filled.ask("rollup", "small", now=LATER)
    path = folder(filled) / "汇总表.xlsx"
    book = openpyxl.load_workbook(path)
    page = book["活动总结"]
    line = next(line for line in page.iter_rows() if line[1].value == NAN)
    line[10].value = "推荐"
    book.save(path)
    said = pack(filled, tmp_path / "推荐.zip", "--selected")
    assert said.startswith("已打包 1 件")
    assert any(NAN in name for name in zipfile.ZipFile(tmp_path / "推荐.zip").namelist())
    filled.ask("rollup", "small", now=LATER)
    rows = openpyxl.load_workbook(path)["活动总结"].iter_rows(values_only=True)
    assert [row[10] for row in rows if row[1] == NAN] == ["推荐"]


def test_what_could_not_be_read_stands_on_the_desk_until_it_is_settled(filled: SmallOffice) -> None:
    filled.ask("rollup", "small", now=LATER)
    path = folder(filled) / "汇总表.xlsx"
    book = openpyxl.load_workbook(path)
    line = next(line for line in book["活动总结"].iter_rows() if line[1].value == NAN)
    line[10].value = "再议"
    book.save(path)
    filled.ask("rollup", "small", now=LATER)
    found = [each for each in filled.lines("desk", "--json", now=LATER) if each["kind"] == "填写未读入"]
    assert [(each["unit"], "再议" in each["say"]) for each in found] == [(NAN, True)]
    words = shlex.split(found[0]["remedy"])[1:]
    done = filled.ask(*["经办人乙" if word == "姓名" else word for word in words], now=LATER)
    assert done.exit_code == 0, done.output
    assert not [each for each in filled.lines("desk", "--json", now=LATER) if each["kind"] == "填写未读入"]


def test_nothing_is_left_of_a_parcel_that_cannot_be_finished(filled: SmallOffice, tmp_path: Path) -> None:
    for file in (filled.folder / "state").rglob("*"):
        if file.is_file() and file.read_bytes()[:2] == b"PK":
            file.unlink()
    target = tmp_path / "上报" / "全部.zip"
    done = filled.ask("pack", "small", "-o", str(target), now=LATER)
    assert done.exit_code == 2
    assert list(target.parent.iterdir()) == []


def test_the_letter_that_ships_is_the_one_that_stands_in() -> None:
    assert (ROOT / "templates" / "letters" / "报送函.docx").read_bytes() == letter_template()
