"""A form typed into again: the answers stand where they stood, what was wrong is open and marked."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from docx import Document

from service.doors.forms import FormsDoor
from service.doors.press import PressDoor
from service.office.campaign import FieldKind, FormField
from service.office.needs.press import Imprint

FIELDS = (
    FormField("title", "作品名称"),
    FormField("kind", "作品形式", kind=FieldKind.CHOICE, choices=("视频", "图文")),
    FormField("boxes", "宣传方式", choices=("线上", "线下")),
    FormField("agreed", "同意公开", kind=FieldKind.CHECKBOX),
    FormField("about", "作品简介"),
    FormField("phone", "联系电话", kind=FieldKind.PHONE),
)
ANSWERS = {
    "title": "质量<故事>&",
    "kind": "图文",
    "boxes": "线下",
    "agreed": "是",
    "about": "第一行\n第二行",
    "phone": "12",
}


def form(*, is_ours: bool = True) -> bytes:
    """A table of labels and empty cells; `is_ours`: with the controls that the press puts in."""
    document: Any = Document()
    table = document.add_table(rows=len(FIELDS), cols=2)
    for row, field in zip(table.rows, FIELDS, strict=True):
        row.cells[0].text = field.label
        row.cells[1].text = "☐线上　☐线下" if field.key == "boxes" else ""
    out = BytesIO()
    document.save(out)
    if not is_ours:
        return out.getvalue()
    return PressDoor().render(out.getvalue(), "form.docx", {}, Imprint("ABCD-2345", FIELDS))


def refill(data: bytes, wrong: set[str]) -> bytes:
    filled = PressDoor().refill(data, FIELDS, ANSWERS, wrong)
    assert filled is not None
    return filled


@pytest.mark.parametrize("is_ours", [True, False])
def test_every_kind_of_answer_is_read_back(is_ours: bool) -> None:
    reading = FormsDoor().read(refill(form(is_ours=is_ours), {"phone"}), "form.docx", FIELDS)
    assert {each.key: reading.value(each.key) for each in FIELDS} == {**ANSWERS, "phone": ""}


def test_the_code_stays_and_the_bytes_are_the_same_each_time() -> None:
    data = form()
    first = refill(data, {"phone"})
    assert first == refill(data, {"phone"}) != data
    assert (
        FormsDoor().read(first, "form.docx", FIELDS).codes == FormsDoor().read(data, "f.docx", FIELDS).codes
    )


def test_what_was_wrong_is_red_on_a_pale_ground() -> None:
    cells = {
        row.cells[0].text: row.cells[1] for row in Document(BytesIO(refill(form(), {"phone"}))).tables[0].rows
    }
    marked, plain = cells["联系电话"]._tc.xml, cells["作品名称"]._tc.xml
    assert "FFF2CC" in marked and "C00000" in marked and "请填写" in marked
    assert "FFF2CC" not in plain and "showingPlcHdr" not in plain


def test_refilled_again_it_takes_the_new_answer() -> None:
    again = PressDoor().refill(refill(form(), {"phone"}), FIELDS, {**ANSWERS, "phone": "0351-1000001"}, set())
    assert again is not None
    assert FormsDoor().read(again, "form.docx", FIELDS).value("phone") == "0351-1000001"


def test_what_is_no_word_file_is_left_alone() -> None:
    assert PressDoor().refill(b"%PDF-1.7", FIELDS, ANSWERS, set()) is None
