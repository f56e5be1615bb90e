"""The notices that ship hold their campaign's facts and keep to official paper."""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pdfplumber
import pytest

from service.doors.forms import FormsDoor
from service.doors.press import PressDoor
from service.doors.press.blank import DEFAULT_BODY, Line, blank_notice, blank_prose
from service.doors.press.blank_form import blank_form
from service.doors.staff_files import StaffFilesDoor
from service.office.calendar import WorkCalendar
from service.office.campaign import Campaign, FormField, Item, ItemKind, PostAddress
from service.office.facts import campaign_facts
from service.office.needs.press import Imprint, Value
from tests.doors.word_files import convert, parts, rows, texts

OFFICE = Path(__file__).parents[2]
PRESS = PressDoor()
SHANXI, SHANGHAI = "shanxi-2024-quality-weeks", "shanghai-2021-accreditation-day"
A_DAY = {date(2021, 6, 25): True, date(2024, 8, 28): True, date(2024, 9, 28): False, date(2024, 9, 29): True}


def campaign(key: str) -> Campaign:
    reading = StaffFilesDoor(OFFICE).campaign(key)
    assert reading.campaign is not None, reading.problems
    return reading.campaign


def facts(of: Campaign) -> dict[str, Value]:
    return {"campaign": campaign_facts(of, WorkCalendar(A_DAY), ZoneInfo("Asia/Shanghai"))}


def notice(key: str) -> bytes:
    template = (OFFICE / "templates" / key / "notice.docx").read_bytes()
    return PRESS.render(template, "notice.docx", facts(campaign(key)))


@pytest.mark.parametrize("key", [SHANXI, SHANGHAI])
def test_a_shipped_notice_passes_lint_and_names_every_activity_contact_and_item(key: str) -> None:
    of = campaign(key)
    template = (OFFICE / "templates" / key / "notice.docx").read_bytes()
    assert PRESS.lint(template, "notice.docx", facts(of)) == ()
    lines = texts(notice(key))
    whole = "".join(lines)
    assert of.title in whole
    for activity in of.activities:
        assert activity.name in whole
        assert activity.time_as_written in whole
        assert activity.theme in whole
        assert all(each.name in whole for each in activity.organisers)
    for contact in of.contacts:
        assert contact.name in whole
        assert contact.phone in whole
        assert contact.address_as_printed in whole
    for item in of.items:
        assert item.name in whole
        if item.due:
            assert f"{item.due.on.year}年{item.due.on.month}月{item.due.on.day}日前" in whole
    assert not re.search(r"[{}%]|None|True", whole)


def test_the_shanxi_notice_has_number_enclosures_date_remark_and_copy() -> None:
    lines = texts(notice(SHANXI))
    assert lines[0] == "晋市监函〔2024〕209号"
    assert "附件：1.服务认证作品征集要求" in lines
    assert "2.服务认证作品登记表" in lines
    assert lines[lines.index("山西省市场监督管理局", 5) :][:3] == [
        "山西省市场监督管理局",
        "2024年8月20日",
        "（此件公开发布）",
    ]
    assert [each for each in lines if each][-1] == "抄送：驻局纪检监察组。"
    assert "山西省市场监督管理局".encode() in parts(notice(SHANXI))["word/header3.xml"]


def test_the_shanghai_notice_has_a_red_head_and_no_date_it_does_not_know() -> None:
    lines = texts(notice(SHANGHAI))
    assert lines[0] == "上海市市场监督管理局文件"
    assert not any(re.fullmatch(r"\d{4}年\d+月\d+日", line) for line in lines)


@pytest.mark.soffice
@pytest.mark.parametrize("key", [SHANXI, SHANGHAI])
def test_a_notice_keeps_to_the_page(key: str, tmp_path: Path) -> None:
    with pdfplumber.open(io.BytesIO(convert(notice(key), "docx", "pdf", tmp_path))) as document:
        second = document.pages[1]
        assert (round(second.width), round(second.height)) == (595, 842)
        words = [c for c in second.chars if c["text"].strip() and c["top"] < 745]
        lines = {round(c["matrix"][5]) for c in words}
        assert len(lines) == 22
        assert min(c["x0"] for c in words) >= 28 * 72 / 25.4 - 1
        red = [c for c in document.pages[0].chars if c["non_stroking_color"] == (1, 0, 0)]
        assert "".join(c["text"] for c in red).startswith(campaign(key).issuer)


def a_campaign(**changes: object) -> Campaign:
    values: dict[str, object] = {
        "key": "x",
        "issuer": "某市市场监督管理局",
        "title": "某市市场监督管理局关于开展活动的通知",
        "theme": "",
        "signed_on": date(2024, 8, 20),
        "doc_number": "某市监函〔2024〕1号",
        "groups": (),
        "unlisted_groups": (),
        "copies_to": (),
        "activities": (),
        "attachments": (),
        "contacts": (),
        "links": (),
        "post": PostAddress(),
        "items": (),
        "addressees_as_written": "各单位",
    }
    return Campaign(**{**values, **changes})  # type: ignore[arg-type]  # fields by name, for brevity


@pytest.mark.parametrize("is_letter", [True, False])
def test_a_blank_notice_for_a_new_campaign_renders_as_it_is(is_letter: bool) -> None:
    of = a_campaign(is_letter_format=is_letter)
    assert blank_notice(of) == blank_notice(of)
    unwritten = PRESS.lint(blank_notice(of), "notice.docx", facts(of))
    assert [each.code for each in unwritten] == ["placeholder"]
    blank = blank_notice(of, (Line("根据工作安排，现将有关事项通知如下："), *DEFAULT_BODY[1:]))
    assert PRESS.lint(blank, "notice.docx", facts(of)) == ()
    lines = texts(PRESS.render(blank, "notice.docx", facts(of)))
    assert "各单位：" in lines
    assert "2024年8月20日" in lines


def test_a_blank_form_asks_every_field_once() -> None:
    fields = (
        FormField("a", "姓名"),
        FormField("b", "职务", is_required=False),
        FormField("c", "工作情况说明"),
    )
    blank = blank_form(Item("works", "先进个人", ItemKind.FORM, (), fields=fields), 3)
    xml = parts(blank)["word/document.xml"].decode()
    for label in ("附件3", "先进个人登记表", "编号：{{ code }}", "姓名*", ">职务<", "工作情况说明*"):
        assert xml.count(label) == 1
    assert PRESS.lint(blank, "form.docx", {"code": "ABCD-2345"}) == ()


def test_plain_attachments_have_number_and_title() -> None:
    assert texts(blank_prose("征集要求", (), 1))[:3] == ["附件1", "", "征集要求"]


def test_the_shipped_form_asks_what_the_campaign_asks() -> None:
    item = campaign(SHANXI).item("works")
    assert item is not None
    printed = {cell.rstrip("*") for row in rows(shipped_form()) for cell in row}
    assert {field.label for field in item.fields} <= printed
    reading = FormsDoor().read(
        PRESS.render(
            shipped_form(),
            "f",
            {"code": "ABCD-2345", "unit": {"name": "甲局"}},
            Imprint("ABCD-2345", item.fields),
        ),
        "f.docx",
    )
    assert (reading.code, reading.is_blank, reading.value("unit")) == ("ABCD-2345", True, "甲局")


def shipped_form() -> bytes:
    return (OFFICE / "templates" / SHANXI / "works-form.docx").read_bytes()
