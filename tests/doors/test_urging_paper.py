"""催报函 keeps to 信函格式 of GB/T 9704-2012: measured in the file, and on the page where LibreOffice is."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pdfplumber
import pytest

from service.desk.lint import Linter
from service.doors.press import PressDoor
from service.doors.press.urging import urging_template
from service.doors.staff_files import StaffFilesDoor
from service.doors.wording import WordingDoor
from service.office.calendar import WorkCalendar
from service.office.facts import campaign_facts
from service.office.needs.press import Imprint, Value
from service.office.title import break_title
from tests.doors.test_official_paper import Paper, value
from tests.doors.word_files import convert, packed, parts, texts

OFFICE = Path(__file__).parents[2]
SAMPLES = ("shanxi-2024-quality-weeks", "shanghai-2021-accreditation-day")
DAY = date(2024, 10, 9)
MM = 72 / 25.4


def paper(key: str, *names: str, superior: str = "", number: str = "") -> bytes:
    campaign = StaffFilesDoor(OFFICE).campaign(key).campaign
    assert campaign is not None
    whole = campaign_facts(campaign, WorkCalendar(), ZoneInfo("Asia/Shanghai"))
    title = f"{campaign.issuer}关于催报{names[0]}的函"
    missing: list[Value] = [
        {"name": name, "due_words": "2024年9月29日（星期日）24:00前（含当日）"} for name in names
    ]
    facts: dict[str, Value] = {
        "campaign": whole,
        "unit": {"name": "朔州市市场监督管理局"},
        "code": "ABCD-2345",
        "contacts": whole["contacts"],
        "missing": missing,
        "urging": {
            "doc_number": number,
            "title_lines": list(break_title(campaign.issuer, title)),
            "signed_on": "2024年10月9日",
            "reminded_words": "2024年9月26日、2024年9月30日",
            "superior": superior,
        },
    }
    template = urging_template(campaign.issuer, DAY)
    return PressDoor().render(template, "urging.docx", facts, Imprint(title="催报函"))


@pytest.mark.parametrize("key", SAMPLES)
def test_it_is_a_letter_with_its_parts_in_order(key: str) -> None:
    data = paper(key, "工作总结", superior="朔州市人民政府办公室", number="某市监函〔2024〕231号")
    laid = Paper(data)
    assert laid.section("titlePg") is not None
    assert "监督管理局" in laid.parts["word/header3.xml"].decode()
    words = [each for each in texts(data) if each]
    assert words[0] == "某市监函〔2024〕231号"
    assert words.index("朔州市市场监督管理局：") < words.index("特此函告。") < words.index("2024年10月9日")
    assert words[-1] == "抄送：朔州市人民政府办公室。"
    (copy,) = laid.paragraphs("Copy")
    assert value(copy, "pPr/framePr", "yAlign") == "bottom"
    # 署名 never stands on a page of its own: the last words go with it.
    last = next(each for each in laid.paragraphs("Plain") if "特此函告" in "".join(each.itertext()))
    assert last.find("{*}pPr/{*}keepNext") is not None


def test_what_is_not_there_leaves_no_trace() -> None:
    words = texts(paper(SAMPLES[0], "工作总结", "照片"))
    assert not any(each.startswith("抄送") for each in words)
    assert not any(each.endswith("号") for each in words)
    assert any(each.startswith("2.照片，截止时间为") for each in words)


@pytest.mark.parametrize("key", SAMPLES)
def test_on_the_page_it_stands_where_the_standard_says(key: str, tmp_path: Path) -> None:
    data = paper(key, "工作总结", superior="朔州市人民政府办公室")
    with pdfplumber.open(io.BytesIO(convert(data, "docx", "pdf", tmp_path))) as pdf:
        first, last = pdf.pages[0], pdf.pages[-1]
        assert len(pdf.pages) <= 2
        lines = {each["text"]: each for page in pdf.pages for each in page.extract_text_lines()}
        body = [each for each in first.extract_text_lines() if each["top"] > 90]
        assert min(each["x0"] for each in body) / MM >= 27.5
        assert max(each["x1"] for each in body) / MM <= 184.5
        copied = next(each for text, each in lines.items() if text.startswith("抄送："))
        assert copied["bottom"] / MM <= 262.5
        words = last.extract_text()
    assert "特此函告" in words and "2024" in words


@pytest.mark.parametrize("key", SAMPLES)
def test_lint_looks_into_an_offices_own_paper_and_takes_the_one_that_is_made(
    key: str, tmp_path: Path
) -> None:
    office = Linter(PressDoor(), StaffFilesDoor(OFFICE), WordingDoor(OFFICE))
    assert [each for each in office.campaign(key) if each.file == "urging.docx"] == []
    letters = tmp_path / "templates" / "letters"
    letters.mkdir(parents=True)
    for each in (OFFICE / "templates" / "letters").glob("*.txt.j2"):
        (letters / each.name).write_bytes(each.read_bytes())
    (letters / "urging.docx").write_bytes(_misspelt(urging_template("某局", DAY)))
    found = Linter(PressDoor(), StaffFilesDoor(OFFICE), WordingDoor(tmp_path)).campaign(key)
    assert any(each.file == "urging.docx" and "没有名为 nam 的变量" in each.sentence() for each in found)


def _misspelt(template: bytes) -> bytes:
    entries = parts(template)
    entries["word/document.xml"] = entries["word/document.xml"].replace(b"{{ unit.name }}", b"{{ unit.nam }}")
    return packed(entries)
