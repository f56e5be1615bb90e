"""Answers in whatever shape people give them: ticks, days, invitations typed beside."""

from __future__ import annotations

import io
import os
import signal
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from service.doors.forms import FormsDoor
from service.doors.forms.door import KEPT_BYTES_MAX, KEPT_CHARACTERS_MAX, KEPT_MAX
from service.doors.marks import MarksDoor
from service.doors.marks.door import _CHILD
from service.doors.press.cover import cover_template
from service.doors.press.mark import draw
from service.office.campaign import FieldKind, FormField
from service.office.mark import Mark
from tests.doors.word_files import word

VOW = FormField("vow", "承诺", kind=FieldKind.CHECKBOX)
DAY = FormField("day", "日期", kind=FieldKind.DATE)
KIND = FormField("kind", "形式", kind=FieldKind.CHOICE, choices=("视频", "图文", "其他"))
NAME = FormField("name", "姓名")
FIELDS = (NAME, VOW, DAY, KIND)
FORMS = FormsDoor()


def told(label: str, answer: str, key: str) -> str:
    """The answer as read from a form in Word."""
    data = word("表", table=[["姓名", "张三"], [label, answer]])
    return FORMS.read(data, "a.docx", FIELDS).value(key)


@pytest.mark.parametrize(
    "tick", ["☑", "√", "✓", "■", "是", "☑ 是", "√是", "是√ 否□", "■是 □否", "（√）", "V", "[x] 是"]
)
def test_a_tick_is_a_yes(tick: str) -> None:
    assert told("承诺", tick, "vow") == "是"


@pytest.mark.parametrize("tick", ["☐", "☐ 是", "□", "否", "□是 ■否"])
def test_an_empty_box_is_a_no(tick: str) -> None:
    assert told("承诺", tick, "vow") == "否"


@pytest.mark.parametrize(
    ("answer", "choice"),
    [
        ("图文", "图文"),
        ("□视频 ☑图文 □其他", "图文"),
        ("视频√ 图文", "视频"),
        ("短片", "短片"),
        ("请选择", ""),
        ("请选择：视频／图文", ""),
    ],
)
def test_a_choice_is_read_ticked_or_typed(answer: str, choice: str) -> None:
    assert told("形式", answer, "kind") == choice


@pytest.mark.parametrize("answer", ["请填写李四", "李四 请填写", "李四"])
def test_what_is_typed_beside_the_invitation_is_the_answer(answer: str) -> None:
    data = word("表", table=[["姓名", answer], ["日期", "2024.8.20"]])
    reading = FORMS.read(data, "a.docx", FIELDS)
    assert (reading.value("name"), reading.value("day")) == ("李四", "2024.8.20")


def test_a_sheet_s_days_ticks_and_truths_are_read() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["姓名", "张三"], ["日期", 45524], ["承诺", True], ["形式", "☑视频 □图文"]):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    reading = FORMS.read(out.getvalue(), "a.xlsx", FIELDS)
    assert {each.key: each.value for each in reading.fields} == {
        "name": "张三",
        "day": "2024-08-20",
        "vow": "是",
        "kind": "视频",
    }
    sheet["B2"] = datetime(2024, 8, 20)
    out = io.BytesIO()
    book.save(out)
    assert FORMS.read(out.getvalue(), "a.xlsx", FIELDS).value("day") == "2024-08-20"


def test_the_slip_that_ships_is_the_one_that_is_made() -> None:
    shipped = Path(__file__).parents[2] / "templates" / "letters" / "cover.docx"
    assert shipped.read_bytes() == cover_template()


def test_a_decoder_that_dies_is_started_anew() -> None:
    assert MarksDoor().read(draw(Mark("ABCD-2345"))).marks == (Mark("ABCD-2345"),)
    assert _CHILD.process is not None
    os.kill(_CHILD.process.pid, signal.SIGKILL)
    _CHILD.process.wait()
    assert MarksDoor().read(draw(Mark("EFGH-2345"))).marks == (Mark("EFGH-2345"),)


# --- the same file once more --------------------------------------------------------------------------------


def test_a_file_read_again_for_other_fields_says_what_it_says_to_a_stranger() -> None:
    data = word("表", table=[["姓名", "张三"], ["形式", "图文"], ["承诺", "☑"]])
    door = FormsDoor()
    for fields in ((), FIELDS, (NAME,), (), (VOW, KIND), FIELDS):
        assert door.read(data, "a.docx", fields) == FormsDoor().read(data, "a.docx", fields)
    assert door.read(data, "a.docx", FIELDS).value("name") == "张三"
    assert door.read(data, "a.docx", ()).text == door.read(data, "b.docx", FIELDS).text


def test_what_lies_taken_apart_is_bounded() -> None:
    door = FormsDoor()
    for number in range(3 * KEPT_MAX):
        door.read(word("表", table=[["姓名", f"{number}"]]), "a.docx", FIELDS)
        assert 0 < len(door._kept) <= KEPT_MAX
    long = word("长" * (KEPT_CHARACTERS_MAX + 1), table=[["姓名", "张三"]])
    assert door.read(long, "a.docx", FIELDS).value("name") == "张三"
    large = io.BytesIO(word("表", table=[["姓名", "张三"]]))
    with zipfile.ZipFile(large, "a") as package:
        package.writestr("word/media/image1.bin", os.urandom(KEPT_BYTES_MAX))
    assert door.read(large.getvalue(), "a.docx", FIELDS).value("name") == "张三"
    assert not {long, large.getvalue()} & set(door._kept)
