"""The code and the fields are carried several times over, into any form that staff typed."""

from __future__ import annotations

import re

from lxml import etree

from service.doors.forms import FormsDoor
from service.doors.press import PressDoor
from service.office.campaign import FieldKind, FormField
from service.office.form import CodeFrom
from service.office.needs.press import Imprint
from tests.doors.word_files import W_, fill_in, parts, rows, texts, with_part, word

FIELDS = (
    FormField("title", "作品名称", is_title=True),
    FormField("kind", "作品类别", kind=FieldKind.CHOICE, choices=("图文", "视频")),
    FormField("finished_on", "完成日期", kind=FieldKind.DATE),
    FormField("is-original", "原创承诺", kind=FieldKind.CHECKBOX),
)
STAFF_FORM = word(
    "登记表", table=[["作品名称*", "", "作 品 类 别：", ""], ["完成日期", "", "原创承诺（打勾）", ""]]
)


def form(code: str = "ABCD-2345", template: bytes = STAFF_FORM) -> bytes:
    imprint = Imprint(code, FIELDS, "作品登记表", {"huizhi.item": "works", "item": "works"})
    return PressDoor().render(template, "form.docx", {"code": code}, imprint)


def test_the_code_is_in_properties_keywords_bookmark_and_print() -> None:
    data = form()
    reading = FormsDoor().read(data, "form.docx", FIELDS)
    assert reading.code == "ABCD-2345"
    assert set(reading.codes_from) == {
        CodeFrom.CUSTOM_PROPERTY,
        CodeFrom.CORE_PROPERTY,
        CodeFrom.BOOKMARK,
        CodeFrom.TEXT,
    }
    entries = parts(data)
    assert b'name="nc.token"' in entries["docProps/custom.xml"]
    assert b'name="huizhi.item"' in entries["docProps/custom.xml"]
    assert b'name="nc.item"' in entries["docProps/custom.xml"]
    assert b"ABCD-2345" in entries["docProps/core.xml"]
    assert b'w:name="nc_ABCD_2345"' in entries["word/document.xml"]


def test_a_code_that_the_template_prints_is_not_printed_twice() -> None:
    data = form(template=word("登记表", "编号：{{ code }}", table=[["作品名称", ""]]))
    assert texts(data) == ["登记表", "编号：ABCD-2345"]
    assert texts(form())[0] == "编号：ABCD-2345"


def test_every_label_gets_a_bookmark_and_every_answer_an_inline_control() -> None:
    root = etree.fromstring(parts(form())["word/document.xml"])
    marks = [mark.get(W_ + "name") for mark in root.iter(W_ + "bookmarkStart")]
    assert {"ncf_title", "ncf_kind", "ncf_finished_on", "ncf_is_original"} <= set(marks)
    tags = [str(tag.get(W_ + "val")) for tag in root.iter(W_ + "tag")]
    assert sorted(tags) == ["nc.f.finished_on", "nc.f.is-original", "nc.f.kind", "nc.f.title"]
    for control in root.iter(W_ + "sdt"):
        assert (
            next(control.iterancestors()).tag == W_ + "p"
        )  # inline: block and cell controls come back doubled
        assert control[0].find(W_ + "text") is None
        assert control[0].find(W_ + "dataBinding") is None
    choices = [item.get(W_ + "displayText") for item in root.iter(W_ + "listItem")]
    assert choices == ["图文", "视频"]
    ids = [each.get(W_ + "val") for each in root.iterfind(f".//{W_}sdtPr/{W_}id")]
    assert len(set(ids)) == len(ids) == 4


def test_the_document_still_opens_and_two_codes_differ_only_where_they_must() -> None:
    assert form() == form()
    first, second = parts(form("ABCD-2345")), parts(form("EFGH-6789"))
    changed = {name for name in first if first[name] != second[name]}
    assert changed == {"word/document.xml", "docProps/core.xml", "docProps/custom.xml"}
    assert rows(form())[0][0] == "作品名称*"


def test_what_we_printed_ourselves_is_not_taken_for_an_answer() -> None:
    template = word("表", table=[["作品名称", "{{ code }}号作品"], ["作品类别", ""]])
    sent = form(template=template)
    reading = FormsDoor().read(sent, "form.docx", FIELDS)
    assert reading.value("title") == "ABCD-2345号作品"
    assert reading.prefilled == ("title",)
    assert reading.is_blank
    answered = FormsDoor().read(fill_in(sent, {"kind": "视频"}), "form.docx", FIELDS)
    assert not answered.is_blank
    changed = FormsDoor().read(fill_in(sent, {"title": "我的作品"}), "form.docx", FIELDS)
    assert changed.prefilled == ()


def test_a_control_of_staff_s_own_is_tagged_and_kept() -> None:
    own = (
        f'<w:sdt xmlns:w="{W_[1:-1]}"><w:sdtPr><w:alias w:val="自己的"/></w:sdtPr>'
        "<w:sdtContent><w:r><w:t>点这里填</w:t></w:r></w:sdtContent></w:sdt>"
    )

    def put(xml: bytes) -> bytes:
        cells = re.findall(rb"<w:tc>.*?</w:tc>", xml, re.DOTALL)
        return xml.replace(cells[1], re.sub(rb"<w:p>|<w:p/>", b"<w:p>" + own.encode(), cells[1], count=1), 1)

    template = with_part(word("表", table=[["作品名称", " "]]), "word/document.xml", put)
    root = etree.fromstring(parts(form(template=template))["word/document.xml"])
    assert [tag.get(W_ + "val") for tag in root.iter(W_ + "tag")] == ["nc.f.title"]
    assert [alias.get(W_ + "val") for alias in root.iter(W_ + "alias")] == ["自己的"]
