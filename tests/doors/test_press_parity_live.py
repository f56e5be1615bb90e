"""What no plate can print goes to docxtpl by itself: pictures, documents within, links, parts replaced."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage, RichText

from service.doors.press import PressDoor
from service.doors.press.strict import unrendered
from service.office.campaign import FormField
from service.office.needs.press import Imprint, PressError
from tests.doors.docxtpl_twin import Prepare, body, by_docxtpl, by_press, differences, p, row, saved, table
from tests.doors.test_press_parity import PIXEL
from tests.doors.word_files import packed, parts, texts, word

OTHER_PIXEL = PIXEL.replace(b"\x64\xf8\x0f", b"\x60\xf8\x0f")
Made = tuple[bytes, Prepare]


def picture(template: DocxTemplate, width: int = 20) -> InlineImage:
    return InlineImage(template, io.BytesIO(PIXEL), width=Mm(width), anchor="https://example.com/?a=1&b=2")


def pictures() -> Made:
    def prepare(template: DocxTemplate) -> Mapping[str, Any]:
        return {"a": picture(template), "deep": {"xs": [{"pic": picture(template, 30), "name": "A&B"}]}}

    return (
        body(
            p("前{{ a }}后"),
            table(
                2, row("{%tr for x in deep.xs %}"), row("{{ x.name }}", "{{ x.pic }}"), row("{%tr endfor %}")
            ),
        ),
        prepare,
    )


def picture_in_a_header() -> Made:
    return word("正文", header="页眉{{ a }}"), lambda template: {"a": picture(template)}


def document_within() -> Made:
    inner = Document()
    inner.add_paragraph("里面的一段", style="List Bullet")
    inner.add_picture(io.BytesIO(PIXEL))
    inner.add_table(1, 2).cell(0, 0).text = "里面的表"
    data = saved(inner)
    return (
        body(p("前{{ n }}"), p("{{p within }}"), p("后")),
        lambda template: {"within": template.new_subdoc(io.BytesIO(data)), "n": "A&B"},
    )


def document_written_on_the_spot() -> Made:
    def prepare(template: DocxTemplate) -> Mapping[str, Any]:
        within = template.new_subdoc()
        within.add_paragraph("当场写的 <&>")
        return {"within": within}

    return body(p("前"), p("{{p within }}"), p("后")), prepare


def a_link() -> Made:
    def prepare(template: DocxTemplate) -> Mapping[str, Any]:
        text = RichText("请看 ")
        text.add("网站", url_id=template.build_url_id("https://example.com/?a=1&b=2"), underline=True)
        return {"v": text}

    return body(p("前{{r v }}后")), prepare


def with_media() -> bytes:
    document = Document()
    document.add_paragraph("{{ n }}")
    document.add_picture(io.BytesIO(PIXEL))
    return saved(document)


def media_replaced(tmp_path: Path) -> Made:
    def prepare(template: DocxTemplate) -> Mapping[str, Any]:
        (tmp_path / "old.png").write_bytes(PIXEL)
        (tmp_path / "new.png").write_bytes(OTHER_PIXEL)
        template.replace_media(str(tmp_path / "old.png"), str(tmp_path / "new.png"))
        return {"n": "A&B"}

    return with_media(), prepare


def a_picture_replaced_by_name(tmp_path: Path) -> Made:
    def prepare(template: DocxTemplate) -> Mapping[str, Any]:
        template.replace_pic("image.png", io.BytesIO(OTHER_PIXEL))
        return {"n": "甲"}

    return with_media(), prepare


def a_part_replaced_by_name(tmp_path: Path) -> Made:
    def prepare(template: DocxTemplate) -> Mapping[str, Any]:
        (tmp_path / "new.png").write_bytes(OTHER_PIXEL)
        template.replace_zipname("word/media/image1.png", str(tmp_path / "new.png"))
        return {"n": "甲"}

    return with_media(), prepare


@pytest.mark.parametrize(
    "make", [pictures, picture_in_a_header, document_within, document_written_on_the_spot, a_link]
)
def test_live_objects_come_out_as_docxtpl_prints_them(make: Callable[[], Made]) -> None:
    template, prepare = make()
    assert differences(by_press(template, prepare), by_docxtpl(template, prepare)) == {}


@pytest.mark.parametrize("make", [media_replaced, a_picture_replaced_by_name, a_part_replaced_by_name])
def test_replaced_parts_come_out_as_docxtpl_replaces_them(
    make: Callable[[Path], Made], tmp_path: Path
) -> None:
    template, prepare = make(tmp_path)
    ours = by_press(template, prepare)
    assert differences(ours, by_docxtpl(template, prepare)) == {}
    assert OTHER_PIXEL in parts(ours).values()


def test_the_same_objects_may_be_printed_again_and_by_many_at_once() -> None:
    """docxtpl uses its objects up; here they are only read, so that every recipient gets the same."""
    template, prepare = document_within()
    tool = DocxTemplate(io.BytesIO(template))
    facts = prepare(tool)
    press = PressDoor()
    first = press.render(template, "t.docx", facts)
    assert "里面的一段" in texts(first)
    assert press.render(tool, "t.docx", facts) == first
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: press.render(template, "t.docx", facts), range(8))) == {first}
    assert {each.date_time for each in zipfile.ZipFile(io.BytesIO(first)).infolist()} == {
        (1980, 1, 1, 0, 0, 0)
    }


def test_a_picture_made_for_no_template_at_all_is_printed_too() -> None:
    template, _ = pictures()
    facts = {"a": picture(None), "deep": {"xs": ({"pic": picture(None), "name": "甲"},)}}
    found = parts(PressDoor().render(template, "t.docx", facts))
    assert [name for name in found if name.startswith("word/media/")] == ["word/media/image1.png"]


def test_an_untouched_template_object_is_a_template_like_any_other(tmp_path: Path) -> None:
    (tmp_path / "t.docx").write_bytes(body(p("甲{{ n }}")))
    from_path = PressDoor().render(DocxTemplate(tmp_path / "t.docx"), "t.docx", {"n": 1})
    assert from_path == by_press(body(p("甲{{ n }}")), {"n": 1})


def test_a_document_with_a_picture_carries_the_imprint_as_any_other() -> None:
    template = word("登记表", "{{ a }}", "{{ v }}", table=[["作品名称", ""]])
    imprint = Imprint("ABCD-2345", (FormField("title", "作品名称"),), "题", {"item": "works"})
    facts = {"a": picture(None), "v": "{{ 不是标记 }}"}
    data = PressDoor().render(template, "t.docx", facts, imprint)
    assert texts(data)[0] == "编号：ABCD-2345"
    assert "{{ 不是标记 }}" in texts(data)
    assert b"nc.f.title" in parts(data)["word/document.xml"]
    assert b"nc.token" in parts(data)["docProps/custom.xml"]


@pytest.mark.parametrize(
    ("template", "code"),
    [
        (body(p("{{ a }}{{ missing }}")), "unknown-variable"),
        (body(p("{{ a }}{{ ''.__class__.__mro__ }}")), "forbidden"),
        (body(p("{{ a }}{{ 'x'*100000000 }}")), "too-much"),
        (body(p("{{ a }}{% for i in range(9) %}"), table(1, row("{% endfor %}"))), "broken-layout"),
    ],
)
def test_docxtpl_s_way_is_as_strict(template: bytes, code: str) -> None:
    with pytest.raises(PressError) as caught:
        PressDoor().render(template, "t.docx", {"a": picture(None)})
    assert caught.value.problem.code == code


def test_a_link_that_leads_nowhere_is_refused_and_one_of_the_template_s_own_is_not() -> None:
    template = body(p("前{{r v }}后"))
    known = next(
        each.split(b'"')[1].decode()
        for each in parts(template)["word/_rels/document.xml.rels"].split(b"Id=")[1:]
    )
    assert PressDoor().render(template, "t.docx", {"v": RichText("网站", url_id=known)})
    with pytest.raises(PressError) as caught:
        PressDoor().render(template, "t.docx", {"v": RichText("网站", url_id="rId999")})
    assert caught.value.problem.code == "dangling-link"
    assert "rId999" in caught.value.problem.say


def test_a_document_of_another_template_or_of_a_used_one_is_refused() -> None:
    """docxtpl would print the other template, or the last recipient's document once more."""
    template, prepare = document_within()
    other = DocxTemplate(io.BytesIO(word("别的模板", "{{p within }}")))
    used = DocxTemplate(io.BytesIO(template))
    facts = prepare(used)
    used.render(dict(facts))
    for given, known in ((template, prepare(other)), (template, facts), (used, facts)):
        with pytest.raises(PressError) as caught:
            PressDoor().render(given, "t.docx", known)
        assert caught.value.problem.code == "foreign-document"


def test_parts_keep_the_names_that_docxtpl_gives_them() -> None:
    odd = packed(parts(word("{{ n }}", header="页眉")))
    assert set(unrendered(odd)) == set(parts(by_docxtpl(odd, {"n": 1})))
