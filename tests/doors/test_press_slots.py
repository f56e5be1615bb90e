"""Any Word table that staff made becomes a form that is read back: beside, above, in the cell, nested."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from docx import Document
from docx.document import Document as Word
from lxml import etree

from service.doors.forms import FormsDoor
from service.doors.press import PressDoor
from service.office.campaign import FieldKind, FormField
from service.office.needs.press import Imprint
from tests.doors.word_files import W_, fill_in, parts

FIELDS = (
    FormField("name", "姓名"),
    FormField("phone", "联系电话", kind=FieldKind.PHONE),
    FormField("post", "职务"),
    FormField("day", "到会日期", kind=FieldKind.DATE),
    FormField("stays", "住宿", kind=FieldKind.CHOICE, choices=("单间", "合住", "不住")),
    FormField("vows", "本人承诺", kind=FieldKind.CHECKBOX),
)
ANSWERS = {
    "name": "张三",
    "phone": "0351-7654321",
    "post": "处长",
    "day": "2024年8月20日",
    "stays": "合住",
    "vows": "是",
}


def _two_pairs_a_row(document: Word) -> None:
    table = document.add_table(3, 4)
    _write(table, [["姓　名", "", "联系电话：", ""], ["职务*", "", "到会日期（必填）", ""]])
    _write(table, [["住宿", "", "本人承诺", ""]], first=2)


def _merged_cells(document: Word) -> None:
    table = document.add_table(4, 5)
    table.cell(0, 0).merge(table.cell(3, 0)).text = "参会人员"
    _write(table, [["姓名"]], first=0, column=1)
    table.cell(0, 2).merge(table.cell(0, 4))
    _write(table, [["联系电话", "", "职务", ""]], first=1, column=1)
    _write(table, [["到会日期", "", "住宿", ""]], first=2, column=1)
    table.cell(3, 1).text = "本人承诺"
    table.cell(3, 2).merge(table.cell(3, 4))


def _labels_above(document: Word) -> None:
    table = document.add_table(3, 7)
    _write(table, [["序号", "姓名", "联系电话", "职务", "到会日期", "住宿", "本人承诺"], ["1"]])


def _in_the_same_cell(document: Word) -> None:
    table = document.add_table(3, 2)
    _write(
        table,
        [
            ["姓名：", "联系电话：____________"],
            ["职务（必填）：　　　　", "到会日期:"],
            ["住宿：______", "本人承诺："],
        ],
    )


def _in_lines(document: Word) -> None:
    document.add_paragraph("姓名：________　　联系电话：________　　职务：________")
    line = document.add_paragraph("到会日期：")
    line.add_run("　　　　　　").underline = True
    line.add_run("　　住宿：")
    line.add_run("　　　　").underline = True
    document.add_paragraph("本人承诺：")


def _nested(document: Word) -> None:
    outer = document.add_table(1, 2)
    outer.cell(0, 0).text = "基本情况"
    inner = outer.cell(0, 1).add_table(3, 4)
    _write(inner, [["姓名", "", "联系电话", ""], ["职务", "", "到会日期", ""], ["住宿", "", "本人承诺", ""]])


def _controls_of_staff(document: Word) -> None:
    table = document.add_table(6, 2)
    for row, (label, kind) in enumerate(
        [
            ("姓名", "<w:text/>"),
            ("联系电话", '<w:dataBinding w:xpath="/a" w:storeItemID="{1}"/><w:text/>'),
            ("职务", ""),
            ("到会日期", '<w:date><w:dateFormat w:val="yyyy-MM-dd"/></w:date>'),
            ("住宿", ""),
            ("本人承诺", ""),
        ]
    ):
        table.cell(row, 0).text = label
        cell = table.cell(row, 1)._tc
        run = "<w:r><w:t>单击此处输入文字。</w:t></w:r>"
        inside, where = (f"<w:p>{run}</w:p>", cell) if row in (1, 2) else (run, cell.p_lst[0])
        control = etree.fromstring(
            f'<w:sdt xmlns:w="{W_[1:-1]}"><w:sdtPr><w:alias w:val="{label}"/>{kind}</w:sdtPr>'
            f"<w:sdtContent>{inside}</w:sdtContent></w:sdt>"
        )
        if row in (1, 2):
            cell.remove(cell.p_lst[0])
        if row < 4:
            where.append(control)


def _write(table: object, rows: list[list[str]], first: int = 0, column: int = 0) -> None:
    for number, row in enumerate(rows, first):
        for at, text in enumerate(row, column):
            if text:
                table.cell(number, at).text = text  # type: ignore[attr-defined]  # python-docx's Table


FORMS: dict[str, Callable[[Word], None]] = {
    "two pairs a row": _two_pairs_a_row,
    "merged cells": _merged_cells,
    "labels above": _labels_above,
    "in the same cell": _in_the_same_cell,
    "in lines": _in_lines,
    "nested": _nested,
    "controls of staff's own": _controls_of_staff,
}


def sent(name: str) -> bytes:
    """The form as a unit gets it."""
    document = Document()
    document.add_paragraph("参会回执")
    FORMS[name](document)
    out = io.BytesIO()
    document.save(out)
    imprint = Imprint("ABCD-2345", FIELDS, "参会回执", {"huizhi.item": "reply"})
    return PressDoor().render(out.getvalue(), "form.docx", {}, imprint)


@pytest.mark.parametrize("name", FORMS)
def test_a_form_of_staff_s_own_gets_a_control_for_every_answer(name: str) -> None:
    data = sent(name)
    root = etree.fromstring(parts(data)["word/document.xml"])
    tags = [str(tag.get(W_ + "val")) for tag in root.iter(W_ + "tag")]
    assert sorted(tags) == sorted(f"nc.f.{field.key}" for field in FIELDS)
    for control in root.iter(W_ + "sdt"):
        assert next(control.iterancestors()).tag == W_ + "p"
        assert not list(control.iter(W_ + "text", W_ + "dataBinding"))
    blank = FormsDoor().read(data, "form.docx", FIELDS)
    assert (blank.code, blank.fields, blank.is_blank) == ("ABCD-2345", (), True)
    reading = FormsDoor().read(fill_in(data, ANSWERS), "form.docx", FIELDS)
    assert {each.key: each.value for each in reading.fields} == ANSWERS
