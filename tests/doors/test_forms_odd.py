"""Forms as odd programs and people leave them: tracked changes, answers in boxes and margins, pictures."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from docx import Document
from lxml import etree
from openpyxl import Workbook
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, TextStringObject

from service.doors.forms import FormsDoor
from service.doors.forms.pictures import pixels
from service.office.campaign import FieldKind, FormField
from service.office.form import FoundBy
from service.rehearsal.units.papers import photo
from tests.doors.word_files import packed, parts, with_part, word

FIELDS = (
    FormField("title", "作品名称", is_title=True),
    FormField("unit", "报送单位", is_unit_name=True),
    FormField("phone", "联系电话", kind=FieldKind.PHONE),
    FormField("kind", "作品形式", kind=FieldKind.CHOICE, choices=("视频", "图文")),
    FormField("original", "原创承诺", kind=FieldKind.CHECKBOX),
)
FORMS = FormsDoor()


def answers(data: bytes, name: str = "表.docx") -> dict[str, str]:
    return {each.key: each.value for each in FORMS.read(data, name, FIELDS).fields}


def changed(data: bytes, old: str, new: str) -> bytes:
    def change(xml: bytes) -> bytes:
        assert old.encode() in xml
        return xml.replace(old.encode(), new.encode())

    return with_part(data, "word/document.xml", change)


def test_inserted_text_counts_and_deleted_text_does_not() -> None:
    form = word(table=[["作品名称", "旧名"], ["联系电话", "0351-1000001"]])
    form = changed(
        form,
        "<w:r><w:t>旧名</w:t></w:r>",
        '<w:del w:id="1" w:author="a"><w:r><w:delText>旧名</w:delText></w:r></w:del>'
        '<w:ins w:id="2" w:author="a"><w:r><w:t>新名</w:t></w:r></w:ins>',
    )
    assert answers(form)["title"] == "新名"


def test_a_field_s_result_counts_and_its_code_does_not() -> None:
    form = word(table=[["作品名称", "放这里"]])
    form = changed(
        form,
        "<w:r><w:t>放这里</w:t></w:r>",
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> FORMTEXT </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>质量故事</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
    )
    assert answers(form)["title"] == "质量故事"


BOX = (
    '<w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
    '<mc:Choice Requires="wps">{0}</mc:Choice><mc:Fallback>{0}</mc:Fallback></mc:AlternateContent></w:r>'
)


def test_lines_in_a_text_box_are_read_once() -> None:
    inside = "<w:txbxContent><w:p><w:r><w:t>作品名称：盒中故事</w:t></w:r></w:p></w:txbxContent>"
    form = changed(word("开头"), "<w:r><w:t>开头</w:t></w:r>", BOX.format(inside))
    reading = FORMS.read(form, "表.docx", FIELDS)
    assert reading.value("title") == "盒中故事"
    assert reading.text.count("盒中故事") == 1


def test_a_table_within_a_table_is_read() -> None:
    document = Document()
    outer = document.add_table(1, 1)
    inner = outer.cell(0, 0).add_table(2, 2)
    for row, (label, value) in zip(inner.rows, [("作品名称", "里面的"), ("联系电话", "0351-1")], strict=True):
        row.cells[0].text, row.cells[1].text = label, value
    out = io.BytesIO()
    document.save(out)
    assert answers(out.getvalue()) == {"title": "里面的", "phone": "0351-1"}


def test_what_stands_in_a_header_is_read_of_a_form_that_was_filled_in() -> None:
    header = "报送单位：东城区市场监督管理局"
    assert answers(word(table=[["作品名称", "故事"]], header=header))["unit"] == "东城区市场监督管理局"
    # Of a form that nobody filled in, the header is what we had printed there.
    assert answers(word(table=[["作品名称", ""]], header=header)) == {}


def test_a_workbook_with_merged_cells_and_formulas() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["D1"] = "作品名称", "质量故事"
    sheet.merge_cells("A1:C1")
    sheet.merge_cells("D1:F1")
    sheet["A2"], sheet["D2"] = "联系电话", '="0351-"&"1000001"'
    sheet.merge_cells("A2:C2")
    out = io.BytesIO()
    book.save(out)

    def cached(xml: bytes) -> bytes:
        # What Excel leaves beside a formula when it saves.
        return (
            xml.replace(b"</f><v></v>", b"</f><v>0351-1000001</v>")
            .replace(b"</f><v/>", b"</f><v>0351-1000001</v>")
            .replace(b'<c r="D2"', b'<c t="str" r="D2"')
        )

    data = with_part(out.getvalue(), "xl/worksheets/sheet1.xml", cached)
    assert answers(data, "表.xlsx") == {"title": "质量故事", "phone": "0351-1000001"}


def _field(kind: str, name: str, value: object) -> DictionaryObject:
    return DictionaryObject(
        {
            NameObject("/FT"): NameObject(kind),
            NameObject("/T"): TextStringObject(name),
            NameObject("/V"): value,
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/Widget"),
            NameObject("/Rect"): ArrayObject([NumberObject(n) for n in (0, 0, 10, 10)]),
        }
    )


def test_a_pdf_s_own_form_gives_texts_choices_and_boxes() -> None:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    boxes = ArrayObject(
        writer._add_object(each)
        for each in (
            _field("/Tx", "作品名称", TextStringObject("质量故事")),
            _field("/Ch", "nc.f.kind", TextStringObject("视频")),
            _field("/Btn", "原创承诺", NameObject("/Yes")),
        )
    )
    writer._root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/Fields"): boxes})
    out = io.BytesIO()
    writer.write(out)
    reading = FORMS.read(out.getvalue(), "表.pdf", FIELDS)
    assert {each.key: each.value for each in reading.fields} == {
        "title": "质量故事",
        "kind": "视频",
        "original": "是",
    }
    assert {each.found_by for each in reading.fields} == {FoundBy.TAG}


def with_pictures(*pictures: bytes, letterhead: bytes = b"") -> bytes:
    document = Document()
    document.add_paragraph("活动总结")
    for each in pictures:
        document.add_picture(io.BytesIO(each))
    if letterhead:
        document.sections[0].header.paragraphs[0].add_run().add_picture(io.BytesIO(letterhead))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _narrow(picture: bytes) -> bytes:
    """The same picture, saying in its head that it is eighty pixels high."""
    return picture[:20] + (80).to_bytes(4, "big") + picture[24:]


def test_pictures_count_once_and_logos_and_letterheads_not() -> None:
    first, second, logo = photo("甲"), photo("乙"), photo("徽标")
    size = pixels(first)
    assert size is not None and min(size) > 120

    def pictures(data: bytes) -> int:
        return FORMS.read(data, "总结.docx").pictures

    assert pictures(with_pictures(first, second)) == 2
    assert pictures(with_pictures(first, second, first)) == 2
    assert pictures(with_pictures(first, letterhead=logo)) == 1
    # The same bytes stored twice under two names, as some programs do, are one picture.
    twice = parts(with_pictures(first, second))
    names = sorted(name for name in twice if name.startswith("word/media/"))
    assert pictures(packed({**twice, names[1]: twice[names[0]]})) == 1
    assert pictures(packed({**twice, names[1]: _narrow(twice[names[1]])})) == 1


@pytest.mark.parametrize("change", [lambda x: x[:-9], lambda x: b"", lambda x: b"\xff\xd8" + b"\xff" * 99])
def test_a_damaged_picture_does_not_stop_the_reading(change: Callable[[bytes], bytes]) -> None:
    data = with_pictures(photo("甲"))
    name = next(each for each in parts(data) if each.startswith("word/media/"))
    assert "活动总结" in FORMS.read(with_part(data, name, change), "总结.docx").text


def test_the_readers_xml_is_never_trusted_to_name_a_picture() -> None:
    data = with_pictures(photo("甲"))

    def outside(xml: bytes) -> bytes:
        root = etree.fromstring(xml)
        for each in root:
            if "media" in str(each.get("Target")):
                each.set("Target", "../../../etc/passwd")
        return bytes(etree.tostring(root))

    assert FORMS.read(with_part(data, "word/_rels/document.xml.rels", outside), "总结.docx").pictures == 0
