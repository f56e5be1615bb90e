"""A plate is made once and printed for everybody: the same as one by one, by many threads, within bounds."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from docx import Document
from lxml import etree

from service.doors.forms import FormsDoor
from service.doors.press import PressDoor
from service.doors.press.fields import put_fields
from service.doors.press.mark import draw
from service.doors.press.plate import make_plate, shape_of
from service.doors.press.plates import Plates
from service.doors.press.strict import unrendered
from service.office.campaign import FieldKind, FormField
from service.office.mark import Mark
from service.office.needs.press import Imprint, PressError, Value
from tests.doors.docxtpl_twin import body, p
from tests.doors.word_files import W_, fill_in, parts, rows, texts, with_part, word

FIELDS = (
    FormField("unit", "单位名称", is_unit_name=True),
    FormField("title", "作品名称"),
    FormField("kind", "作品类别", kind=FieldKind.CHOICE, choices=("图文", "视频")),
    FormField("finished_on", "完成日期", kind=FieldKind.DATE),
    FormField("is-original", "原创承诺", kind=FieldKind.CHECKBOX),
)
FORM = word(
    "{{ year }}年登记表",
    "编号：{{ code }}",
    table=[
        ["单位名称", "{{ unit }}", "作品名称*", ""],
        ["作品类别", "", "完成日期", ""],
        ["原创承诺", "", "", ""],
    ],
)
LOOPED_FORM = word(
    "登记表",
    table=[
        ["{%tr for f in fields %}", ""],
        ["{{ f.label }}", "{{ f.value }}"],
        ["{%tr endfor %}", ""],
    ],
)


def imprint(code: str = "ABCD-2345", **more: object) -> Imprint:
    return replace(Imprint(code, FIELDS, "登记表", {"huizhi.item": "works"}), **more)  # type: ignore[arg-type]  # by name


def facts(unit: str = "甲局", code: str = "ABCD-2345") -> dict[str, Value]:
    return {"unit": unit, "code": code, "year": "2024", "fields": [{"label": "作品名称", "value": ""}]}


def form(unit: str = "甲局", given: Imprint | None = None, template: bytes = FORM) -> bytes:
    given = given or imprint()
    return PressDoor().render(template, "form.docx", facts(unit, given.code), given)


def test_a_form_says_the_same_whether_its_fields_come_once_or_one_by_one() -> None:
    plate = make_plate(unrendered(FORM), shape_of(imprint()))
    assert plate.slots is not None, "this form's fields can be told from the template"
    one_by_one = replace(make_plate(unrendered(FORM), None), slots=None)
    for unit in ("甲局", "A&B <C>", "  ", ""):
        late = facts(unit)
        once = etree.fromstring(parts(plate.print(late, imprint()))["word/document.xml"])
        plain = etree.fromstring(parts(one_by_one.print(late, None))["word/document.xml"])
        put_fields(plain, FIELDS, {})
        assert controls(once) == controls(plain)
        assert labels(once) == labels(plain)


def controls(root: etree._Element) -> list[tuple[str, str, bool, int]]:
    """Tag, text, whether it is an invitation, and the cell of every control."""
    cells = list(root.iter(W_ + "tc"))
    return [
        (
            str(next(control.iter(W_ + "tag")).get(W_ + "val")),
            "".join(each.text or "" for each in control.iter(W_ + "t")),
            next(control.iter(W_ + "showingPlcHdr"), None) is not None,
            cells.index(next(control.iterancestors(W_ + "tc"))),
        )
        for control in root.iter(W_ + "sdt")
    ]


def labels(root: etree._Element) -> list[tuple[str, str]]:
    """The field bookmarks and the text of the paragraphs they stand in."""
    return [
        (
            str(mark.get(W_ + "name")),
            "".join(t.text or "" for t in next(mark.iterancestors(W_ + "p")).iter(W_ + "t")),
        )
        for mark in root.iter(W_ + "bookmarkStart")
        if str(mark.get(W_ + "name")).startswith("ncf_")
    ]


def test_an_answer_that_comes_out_empty_is_an_invitation_and_a_given_one_is_no_answer() -> None:
    empty = FormsDoor().read(form(""), "form.docx", FIELDS)
    assert empty.value("unit") == ""
    given = FormsDoor().read(form("甲局"), "form.docx", FIELDS)
    assert (given.value("unit"), given.prefilled, given.is_blank) == ("甲局", ("unit",), True)
    answered = FormsDoor().read(fill_in(form("甲局"), {"title": "守望"}), "form.docx", FIELDS)
    assert (answered.value("title"), answered.is_blank) == ("守望", False)


def test_labels_that_a_loop_prints_get_their_controls_in_every_document() -> None:
    assert make_plate(unrendered(LOOPED_FORM), shape_of(imprint())).slots is None
    root = etree.fromstring(parts(form(template=LOOPED_FORM))["word/document.xml"])
    assert [each[0] for each in controls(root)] == ["nc.f.title"]
    assert [each[0] for each in labels(root)] == ["ncf_title"]


@pytest.mark.parametrize(
    "table",
    [
        [["作品名称", "{% if unit %}{{ unit }}{% endif %}"]],
        [["{%tr if unit %}", ""], ["作品名称", ""], ["{%tr endif %}", ""]],
        [["{{ fields[0].label }}", ""], ["单位名称", ""]],
    ],
)
def test_what_only_the_finished_form_can_tell_is_left_to_it(table: list[list[str]]) -> None:
    template = word("表", table=table)
    assert make_plate(unrendered(template), shape_of(imprint())).slots is None
    root = etree.fromstring(parts(form(template=template))["word/document.xml"])
    assert "nc.f.title" in [each[0] for each in controls(root)]


@pytest.mark.parametrize("said", ["{{ unit }}", "{{ nothing }}"])
def test_what_we_print_beside_a_box_is_no_answer(said: str) -> None:
    template = word("表", table=[["原创承诺", said], ["作品名称", ""]])
    data = PressDoor().render(template, "form.docx", {**facts(), "nothing": ""}, imprint())
    assert FormsDoor().read(data, "form.docx", FIELDS).is_blank


def test_an_answer_that_a_condition_leaves_out_still_gets_its_control() -> None:
    document = Document(io.BytesIO(word("表", table=[["作品名称", "{%p if unit == '乙局' %}"]])))
    for text in ("某某", "{%p endif %}"):
        document.tables[0].rows[0].cells[1].add_paragraph(text)
    template = io.BytesIO()
    document.save(template)
    root = etree.fromstring(parts(form(template=template.getvalue()))["word/document.xml"])
    assert controls(root) == [("nc.f.title", "请填写", True, 1)]


def test_braces_in_a_field_s_own_words_are_printed_not_obeyed() -> None:
    odd = (FormField("title", "作品名称{{ 7*7 }}", synonyms=("作品名称",)),)
    root = etree.fromstring(parts(form(given=imprint(fields=odd), template=FORM))["word/document.xml"])
    assert [each.get(W_ + "val") for each in root.iter(W_ + "alias")] == ["作品名称{{ 7*7 }}"]


@pytest.mark.parametrize("template", [FORM, LOOPED_FORM])
def test_what_is_known_of_a_unit_is_written_into_its_empty_answers(template: bytes) -> None:
    given = imprint(known={"title": "守望 & <你>", "kind": ""})
    data = form(given=given, template=template)
    reading = FormsDoor().read(data, "form.docx", FIELDS)
    assert reading.value("title") == "守望 & <你>"
    assert "title" in reading.prefilled
    assert reading.value("kind") == ""
    other = FormsDoor().read(
        form(given=imprint(known={"title": "", "kind": ""}), template=template), "f.docx", FIELDS
    )
    assert other.value("title") == ""


@pytest.mark.parametrize("shown", ["编号：{{ code }}", "无编号"])
def test_a_mark_stands_beside_the_code_with_its_picture_and_relation(shown: str) -> None:
    template = word("登记表", shown, table=[["作品名称", ""]])
    data = form(given=imprint(mark=Mark("ABCD-2345", "works")), template=template)
    document = Document(io.BytesIO(data))
    beside = next(each for each in document.paragraphs if "编号：ABCD-2345" in each.text)
    picture = next(iter(beside._p.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}blip")))
    relation = picture.get("{http://schemas.openxmlformats.org/officeDocument/2006/relationships}embed")
    assert document.part.related_parts[relation].blob == draw(Mark("ABCD-2345", "works"))
    assert not document.inline_shapes  # it floats: the form keeps its room
    other = Mark("ABCD-2345", "summary")
    changed = parts(form(given=imprint(mark=other), template=template))
    assert {name for name, each in parts(data).items() if each != changed[name]} == {
        "word/media/huizhi-mark.png"
    }


def test_many_threads_print_what_one_prints() -> None:
    units = [f"第{number}局" for number in range(60)]
    alone = [form(unit, imprint(f"ABCD-{2000 + n}")) for n, unit in enumerate(units)]
    press = PressDoor()

    def one(numbered: tuple[int, str]) -> bytes:
        given = imprint(f"ABCD-{2000 + numbered[0]}")
        return press.render(FORM, "form.docx", facts(numbered[1], given.code), given)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(one, enumerate(units))) == alone
    assert len(set(alone)) == len(units)


def test_an_error_in_one_thread_is_nobody_else_s() -> None:
    template = word("甲{{ v }}乙", "{% for i in range(n) %}丙{% endfor %}")
    press = PressDoor()

    def one(n: int) -> str:
        try:
            return texts(press.render(template, "t.docx", {"v": str(n), "n": 3 if n % 2 else 10**9}))[0]
        except PressError as error:
            return error.problem.code

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(one, range(40)))
    assert said == [f"甲{n}乙" if n % 2 else "too-much" for n in range(40)]


def test_plates_are_kept_by_content_and_only_so_many() -> None:
    plates = Plates(kept_max=4)
    first = plates.of(FORM, imprint())
    assert plates.of(bytes(bytearray(FORM)), imprint("EFGH-6789")) is first, (
        "another code needs no other plate"
    )
    assert plates.of(FORM, None) is not first
    some = plates.of(FORM, imprint(known={"title": "甲"}))
    assert plates.of(FORM, imprint(known={"kind": "图文", "title": ""})) is some, "nor does another mixture"
    for number in range(5):
        plates.of(word(f"第{number}份"), None)
    assert len(plates._kept) == 4
    assert plates.of(FORM, imprint()) is not first
    heavy = Plates(bytes_max=10)
    assert heavy.of(FORM, None) is heavy.of(FORM, None), "the newest is kept whatever it weighs"
    heavy.of(LOOPED_FORM, None)
    assert len(heavy._kept) == 1


def test_a_loop_s_own_text_is_bounded_too() -> None:
    long = "长" * 2000
    with pytest.raises(PressError) as caught:
        PressDoor().render(word(f"{{% for i in range(300000) %}}{long}{{% endfor %}}"), "t.docx", {})
    assert caught.value.problem.code == "too-much"


def test_controls_and_bookmarks_that_a_loop_repeats_get_numbers_of_their_own() -> None:
    control = (
        '<w:sdt><w:sdtPr><w:id w:val="7"/></w:sdtPr><w:sdtContent>'
        "<w:r><w:t>填</w:t></w:r></w:sdtContent></w:sdt>"
        '<w:bookmarkStart w:id="3" w:name="here"/><w:bookmarkEnd w:id="3"/>'
    )
    template = with_part(
        word("{%p for x in xs %}", "第{{ x }}项", "{%p endfor %}", "末"),
        "word/document.xml",
        lambda xml: xml.replace("项</w:t></w:r>".encode(), f"项</w:t></w:r>{control}".encode()),
    )
    root = etree.fromstring(
        parts(PressDoor().render(template, "t.docx", {"xs": ["一", "二", "三"]}))["word/document.xml"]
    )
    assert len({each.get(W_ + "val") for each in root.iterfind(f".//{W_}sdtPr/{W_}id")}) == 3
    assert [each.get(W_ + "name") for each in root.iter(W_ + "bookmarkStart")] == ["here"]
    assert len(list(root.iter(W_ + "bookmarkEnd"))) == 1


def test_a_table_that_loses_or_gains_columns_gets_the_grid_it_needs() -> None:
    template = word("前", table=[["{%tc for x in xs %}", "{{ x }}", "{%tc endfor %}"]])
    for xs in (["一"], ["一", "二", "三", "四", "五"]):
        data = PressDoor().render(template, "t.docx", {"xs": xs})
        assert rows(data) == [xs]
        root = etree.fromstring(parts(data)["word/document.xml"])
        assert len(list(root.iter(W_ + "gridCol"))) == len(xs)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<w:gridCol ", '<w:gridCol w:x="1" '),
        ('<w:tcW w:type="dxa"', '<w:gridSpan w:val="很宽"/><w:tcW w:type="dxa"'),
        ("<w:tblGrid>", "<w:tblGrid/><w:tblGrid>"),
        ("<w:bookmarkStart ", "<w:bookmarkStart w:x='' "),
    ],
)
def test_odd_xml_is_filled_or_refused_with_a_sentence_never_with_a_trace(old: str, new: str) -> None:
    template = with_part(
        word("{{ v }}", table=[["{%tr for x in xs %}", ""], ["{{ x }}", "乙"], ["{%tr endfor %}", ""]]),
        "word/document.xml",
        lambda xml: xml.replace(old.encode(), new.encode()),
    )
    try:
        assert texts(PressDoor().render(template, "t.docx", {"v": "甲", "xs": ["一"]}, imprint()))
    except PressError as error:
        assert error.problem.say


def test_facts_that_contain_themselves_are_refused() -> None:
    endless: list[Value] = []
    endless.append(endless)
    with pytest.raises(PressError) as caught:
        PressDoor().render(word("{{ v }}"), "t.docx", {"v": "甲", "endless": endless})
    assert caught.value.problem.code == "too-much"


CHANGED = '<w:pPr><w:jc w:val="left"/><w:pPrChange w:id="9" w:author="a"><w:pPr/></w:pPrChange></w:pPr>'


@pytest.mark.parametrize(
    ("first", "lines"),
    [
        ("<w:p><w:r><w:t>编号：{{ code[:4] }}</w:t></w:r><w:r><w:t>-{{ code[5:] }}</w:t></w:r></w:p>", 1),
        ("<w:p/>", 2),
        ("<w:p/>" + p("{{ code }}"), 2),
        (f"<w:p>{CHANGED}</w:p>" + p("{{ code }}"), 2),
        ("<w:p><w:pPr/><w:r><w:t>{{ code }}</w:t></w:r></w:p>", 1),
        ('<w:p><w:hyperlink w:tooltip="{{ code }}"><w:r><w:t>链接</w:t></w:r></w:hyperlink></w:p>', 2),
    ],
)
def test_the_code_is_seen_once_and_marked_in_the_first_paragraph(first: str, lines: int) -> None:
    template = body(first)
    root = etree.fromstring(parts(form(template=template))["word/document.xml"])
    paragraphs = list(root.iter(W_ + "p"))
    assert len(paragraphs) == lines
    seen = ["".join(t.text or "" for t in each.iter(W_ + "t")) for each in paragraphs]
    assert sum("ABCD-2345" in each for each in seen) == 1
    (mark,) = (each for each in root.iter(W_ + "bookmarkStart") if each.get(W_ + "name") == "nc_ABCD_2345")
    assert mark.getparent() is paragraphs[0]
    assert [each.tag for each in paragraphs[0]][:2] in (
        [W_ + "pPr", W_ + "bookmarkStart"],
        [W_ + "bookmarkStart", W_ + "bookmarkEnd"],
    )
