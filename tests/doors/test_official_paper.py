"""Notices keep to GB/T 9704-2012: measured in the file, and, where LibreOffice is present, on the page."""

from __future__ import annotations

import dataclasses
import io
import re
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pdfplumber
import pytest
from lxml import etree

from service.doors.press import PressDoor
from service.doors.press.blank import DEFAULT_BODY, Line, blank_notice, blank_prose
from service.doors.press.paper import head_size
from service.doors.press.prose import lines_of, requirements_of
from service.doors.staff_files import StaffFilesDoor
from service.office.calendar import WorkCalendar
from service.office.campaign import (
    Attachment,
    Campaign,
    CampaignContact,
    CopyTo,
    Due,
    FormField,
    Item,
    ItemKind,
    ItemScope,
    Obligation,
    PostAddress,
)
from service.office.facts import campaign_facts
from service.office.needs.press import Value
from tests.doors.word_files import W_, convert, parts, texts

OFFICE = Path(__file__).parents[2]
SAMPLES = ("shanxi-2024-quality-weeks", "shanghai-2021-accreditation-day")
DAYS = {date(2024, 9, day): True for day in range(1, 31)} | {
    date(2021, 6, 25): True,
    date(2024, 8, 28): True,
    date(2024, 9, 28): False,
}
SENTENCE = (
    "为深入贯彻落实上级关于质量工作的部署要求，推动全市质量认证工作再上新台阶，切实发挥质量认证的积极作用。"
)
BODY = (Line(SENTENCE * 3 + "现将有关事项通知如下："), *DEFAULT_BODY[1:])
MM = 1440 / 25.4


def facts(of: Campaign) -> dict[str, Value]:
    return {"campaign": campaign_facts(of, WorkCalendar(DAYS), ZoneInfo("Asia/Shanghai"))}


def fresh(**changes: Any) -> Campaign:
    item = Item(
        "summary",
        "活动总结",
        ItemKind.SUMMARY,
        (ItemScope(("区局",), Obligation.REQUIRED),),
        due=Due(date(2024, 9, 20), carries_over=True),
    )
    whole = Campaign(
        key="x",
        issuer="某市市场监督管理局",
        title="某市市场监督管理局关于开展2024年度质量月活动的通知",
        theme="",
        signed_on=date(2024, 8, 20),
        doc_number="某市监函〔2024〕1号",
        groups=("区局",),
        unlisted_groups=(),
        copies_to=(CopyTo("驻局纪检监察组"),),
        activities=(),
        attachments=(Attachment("notice.docx", "", is_notice=True), Attachment("a.docx", "登记表")),
        contacts=(CampaignContact("经办人", "0000-0000000", "office@jia.example", "质量处"),),
        links=(),
        post=PostAddress(),
        items=(item,),
        addressees_as_written="各区市场监管局",
        is_public=True,
    )
    return dataclasses.replace(whole, **changes)


def laid_out(of: Campaign) -> bytes:
    return PressDoor().render(blank_notice(of, BODY), "notice.docx", facts(of))


def sample(key: str, is_letter: bool) -> Campaign:
    campaign = StaffFilesDoor(OFFICE).campaign(key).campaign
    assert campaign is not None
    return dataclasses.replace(campaign, is_letter_format=is_letter)


def sample_notice(of: Campaign) -> bytes:
    lines = lines_of((OFFICE / "templates" / of.key / "notice.txt").read_text(encoding="utf-8"))
    return PressDoor().render(blank_notice(of, lines), "notice.docx", facts(of))


def value(element: Any, path: str, name: str = "val") -> str:
    found = element.find("/".join(W_ + each for each in path.split("/")))
    return "" if found is None else str(found.get(W_ + name) or "")


class Paper:
    """A notice's XML, asked in the standard's own terms."""

    def __init__(self, data: bytes) -> None:
        self.parts = parts(data)
        self.document = etree.fromstring(self.parts["word/document.xml"])
        styles = etree.fromstring(self.parts["word/styles.xml"])
        self.styles = {each.get(W_ + "styleId"): each for each in styles.iter(W_ + "style")}

    def paragraphs(self, style: str) -> list[Any]:
        return [each for each in self.document.iter(W_ + "p") if value(each, "pPr/pStyle") == style]

    def section(self, name: str) -> Any:
        return self.document.find(f".//{W_}sectPr/{W_}{name}")


BOTH = pytest.mark.parametrize("is_letter", [False, True], ids=["文件", "信函"])


@BOTH
@pytest.mark.parametrize("key", ["fresh", *SAMPLES])
def test_page_styles_and_numbers_are_those_of_the_standard(key: str, is_letter: bool) -> None:
    data = (
        laid_out(fresh(is_letter_format=is_letter))
        if key == "fresh"
        else sample_notice(sample(key, is_letter))
    )
    paper = Paper(data)
    size, margin = paper.section("pgSz"), paper.section("pgMar")
    assert (round(int(size.get(W_ + "w")) / MM), round(int(size.get(W_ + "h")) / MM)) == (210, 297)
    edges = [round(int(margin.get(W_ + side)) / MM, 1) for side in ("top", "left", "right", "bottom")]
    assert edges == [37, 28, 26, 35]
    assert not list(paper.document.iter(W_ + "docGrid"))
    looks = {
        name: (value(style, "rPr/rFonts", "eastAsia"), int(value(style, "rPr/sz")) / 2)
        for name, style in paper.styles.items()
    }
    assert looks["Plain"] == looks["To"] == looks["Signed"] == looks["Dated"] == ("仿宋_GB2312", 16.0)
    assert looks["Level1"] == looks["AnnexMark"] == ("黑体", 16.0)
    assert looks["Level2"] == ("楷体_GB2312", 16.0)
    assert looks["Title2"] == ("方正小标宋简体", 22.0)
    assert looks["Copy"] == looks["CopyRow"] == ("仿宋_GB2312", 14.0)
    assert looks["PageOdd"] == looks["PageEven"] == ("宋体", 14.0)
    for name in ("Plain", "Level1", "Level2", "To", "Enclosed", "Signed", "Dated", "Remark"):
        style = paper.styles[name]
        assert value(style, "pPr/spacing", "lineRule") == "exact"
        # 22 lines fit 225 mm, 23 do not.
        pitch = int(value(style, "pPr/spacing", "line")) / 20
        assert 28 <= pitch < 29 and int(225 * 72 / 25.4 / pitch) == 22
        assert value(style, "rPr/spacing") == "-5"  # a quarter point less: 28 characters a line
        assert value(style, "pPr/overflowPunct") == "1"
    first = [value(paper.styles["Plain"], "pPr/ind", name) for name in ("firstLineChars", "firstLine")]
    assert first == ["200", "640"]
    assert value(paper.styles["PageOdd"], "pPr/ind", "right") == "280"
    assert value(paper.styles["PageEven"], "pPr/ind", "left") == "280"
    assert b"evenAndOddHeaders" in paper.parts["word/settings.xml"]
    for name in ("footer1", "footer2"):
        words = "".join(map(str, etree.fromstring(paper.parts[f"word/{name}.xml"]).itertext()))
        assert words == "— 1 —".replace("1", " PAGE 1")


@BOTH
def test_head_rules_number_and_imprint_of_each_format(is_letter: bool) -> None:
    paper = Paper(laid_out(fresh(is_letter_format=is_letter)))
    borders = [
        (each.tag.removeprefix(W_), each.get(W_ + "val"), each.get(W_ + "sz"), each.get(W_ + "color"))
        for name in ("word/header3.xml", "word/document.xml", "word/footer3.xml")
        if name in paper.parts
        for each in etree.fromstring(paper.parts[name]).iter()
        if each.tag in (W_ + "top", W_ + "bottom", W_ + "insideH") and each.get(W_ + "sz")
    ]
    if is_letter:
        assert borders == [
            ("bottom", "thickThinSmallGap", "24", "FF0000"),
            ("bottom", "thinThickSmallGap", "24", "FF0000"),
        ]
        assert paper.section("titlePg") is not None
        head = paper.parts["word/header3.xml"].decode()
        assert "某市市场监督管理局</w:t>" in head and 'w:left="-454" w:right="-340"' in head
        assert "PAGE" not in paper.parts["word/footer3.xml"].decode()
        assert [value(each, "pPr/framePr", "yAlign") for each in paper.paragraphs("Copy")] == ["bottom"]
        assert paper.paragraphs("CopyRow") == [] and paper.document.find(f".//{W_}tbl") is None
    else:
        assert borders == [
            ("bottom", "single", "18", "FF0000"),
            ("top", "single", "8", "000000"),
            ("bottom", "single", "8", "000000"),
            ("insideH", "single", "6", "000000"),
        ]
        table = paper.document.find(f".//{W_}tbl/{W_}tblPr")
        assert abs(int(value(table, "tblW", "w")) / MM - 156) < 0.1
        assert (value(table, "tblpPr", "tblpYSpec"), value(table, "tblpPr", "vertAnchor")) == (
            "bottom",
            "margin",
        )
    lines = texts(laid_out(fresh(is_letter_format=is_letter)))
    number = next(each for each in lines if "〔" in each)
    assert re.fullmatch(r"[\u4e00-\u9fff]+〔20\d\d〕[1-9]\d*号", number)
    assert re.fullmatch(r"20\d\d年[1-9]\d?月[1-9]\d?日", lines[lines.index("（此件公开发布）") - 1])


@pytest.mark.parametrize("length", [2, 10, 25, 60])
def test_a_red_head_shrinks_until_one_line_holds_it(length: int) -> None:
    paper = Paper(laid_out(fresh(issuer="某" * length, title="关于报送总结的通知")))
    head = paper.document.find(f".//{W_}p")
    size = int(value(head, "r/rPr/sz")) / 2
    assert size == head_size("某" * length + "文件")
    assert size * (length + 2) <= 442 and size <= 48


@pytest.mark.parametrize(
    ("count", "styles"),
    [(0, []), (1, ["EnclosedOne"]), (12, ["Enclosed", *["EnclosedNext"] * 8, *["EnclosedTen"] * 3])],
)
def test_names_of_attachments_go_on_under_their_own_first_character(count: int, styles: list[str]) -> None:
    many = tuple(Attachment(f"{n}.docx", f"表{n}") for n in range(count))
    paper = Paper(laid_out(fresh(attachments=(Attachment("notice.docx", "", is_notice=True), *many))))
    found = [value(each, "pPr/pStyle") for each in paper.document.iter(W_ + "p")]
    assert [each for each in found if each.startswith("Enclosed")] == styles
    # 附件： is three characters of 15.75 pt, a figure 7.75, a point 3.75; 32 pt stand before.
    lefts = {name: int(value(paper.styles[name], "pPr/ind", "left")) / 20 for name in set(styles)}
    begins = {"EnclosedOne": 79.25, "Enclosed": 90.75, "EnclosedNext": 90.75, "EnclosedTen": 98.5}
    for name, left in lefts.items():
        assert abs(left - begins[name]) <= 0.5


def test_a_notice_without_number_date_or_copies_holds_nothing_in_their_place() -> None:
    for is_letter in (False, True):
        of = fresh(doc_number="", signed_on=None, copies_to=(), is_letter_format=is_letter)
        lines = texts(laid_out(of))
        assert not any("抄送" in each or "此件" in each or "印发" in each for each in lines)
        # The issuer stands in the title and signs nothing.
        assert lines.count("某市市场监督管理局") == 1


def test_plain_text_becomes_headings_and_prose() -> None:
    found = lines_of(
        "# 不印\n一、要求\n\n（一）认真。各单位要{{ x }}。\n1.小项\n{%p if a %}\n"
        "（{{ loop.index|hanzi }}）{{ n }}\n"
    )
    assert [(each.style, each.text, each.rest) for each in found] == [
        ("Level1", "一、要求", ""),
        ("Level2", "（一）认真。", "各单位要{{ x }}。"),
        ("Plain", "1.小项", ""),
        ("Plain", "{%p if a %}", ""),
        ("Level2", "（{{ loop.index|hanzi }}）{{ n }}", ""),
    ]


def test_requirements_follow_the_item_and_its_date() -> None:
    field = FormField("title", "作品名称", is_title=True)
    item = dataclasses.replace(
        fresh().items[0], kind=ItemKind.FORM, fields=(field,), is_many=True, note="一句说明"
    )
    of = fresh(items=(item,), attachments=(Attachment("f.docx", "作品登记表", item=item.key),))
    blank = blank_prose("作品报送要求", requirements_of(of, item), 1)
    assert PressDoor().lint(blank, "r.docx", facts(of)) == ()
    whole = "\n".join(texts(PressDoor().render(blank, "r.docx", facts(of))))
    for said in (
        "附件1",
        "一句说明。",
        "作品名称",
        "每件填写一份《作品登记表》",
        "请于2024年9月20日前报送。",
    ):
        assert said in whole


# --- on the page ------------------------------------------------------------------------------------


@pytest.mark.soffice
@BOTH
def test_the_page_comes_out_as_the_standard_wants(is_letter: bool, tmp_path: Path) -> None:
    of = sample(SAMPLES[0], is_letter)
    with pdfplumber.open(io.BytesIO(convert(sample_notice(of), "docx", "pdf", tmp_path))) as document:
        first, second, last = document.pages[0], document.pages[1], document.pages[-1]
        mm = 25.4 / 72
        rules = {
            (round(each["x0"] * mm), round(each["x1"] * mm))
            for each in (*first.lines, *first.rects, *first.curves)
            if each["x1"] - each["x0"] > 300
        }
        assert rules == ({(20, 190)} if is_letter else {(28, 184)})
        body = [c for c in second.chars if c["text"].strip() and c["top"] * mm < 262]
        # Fonts mixed in one line move its baseline by less than a point.
        bases = sorted({round(c["matrix"][5]) for c in body})
        lines = [base for base, after in zip(bases, [*bases[1:], 10**6], strict=True) if after - base > 3]
        assert len(lines) == 22
        assert abs(min(c["x0"] for c in body) * mm - 28) < 0.5
        number = [c for c in second.chars if c["top"] * mm > 262 and c["text"].strip()]
        assert "".join(c["text"] for c in number) == "—2—"
        assert abs(min(c["x0"] for c in number) * mm - 32.9) < 0.5
        assert (
            "—1—" in "".join(c["text"] for c in first.chars if c["top"] * mm > 262).replace(" ", "")
        ) != is_letter
        copied = [c for c in last.chars if c["text"] == "抄"]
        # 版记 stands on the last lines of the last page.
        assert copied and copied[-1]["bottom"] * mm > 235
