"""What docxtpl can do, the press does: every part of a document is canonically equal to docxtpl's own."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from docx import Document
from docxtpl import Listing, RichText, RichTextParagraph
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from service.doors.press.plate import make_plate
from service.doors.press.strict import unrendered
from tests.doors.docxtpl_twin import body, by_docxtpl, by_press, cell, differences, p, row, saved, table
from tests.doors.word_files import W_, parts, with_part

XS = [
    {"name": "甲 & 乙", "n": 1, "notes": ["一", "二"], "color": "FF0000", "flag": True},
    {"name": "丙 <丁>", "n": 2, "notes": [], "color": "00FF00", "flag": False},
    {"name": "“戊”", "n": 30, "notes": ["三"], "color": "0000FF", "flag": True},
]
FACTS: dict[str, Any] = {
    "title": "关于'A&B'的<通知>",
    "xs": XS,
    "n": 3,
    "empty": [],
    "yes": True,
    "no": False,
}

Case = tuple[str, Callable[[], bytes], Mapping[str, Any]]


def rich() -> RichText:
    made = RichText("粗 & 细", bold=True, color="#FF0000", size=28)
    made.add("\n第二行\t制表", italic=True, underline="wave", font="eastAsia:宋体", highlight="#ffff00")
    made.add("上标", superscript=True, style="Strong", strike=True, lang="zh-CN", rtl=True)
    made.add("\f下一页\a下一段")
    return made


def paragraphs_of_their_own() -> RichTextParagraph:
    made = RichTextParagraph("第一段 <&>", parastyle="ListBullet")
    made.add(RichText("第二段", bold=True))
    return made


def in_document(change: Callable[[Any], None]) -> Callable[[], bytes]:
    def made() -> bytes:
        document = Document()
        document.add_paragraph("正文{{ title }}")
        change(document)
        return saved(document)

    return made


def _margins(document: Any) -> None:
    section = document.sections[0]
    section.different_first_page_header_footer = True
    section.header.paragraphs[0].text = "页眉{{ title }}{% if yes %}是{% endif %}"
    section.first_page_header.paragraphs[0].text = "{%p for x in xs %}"
    section.first_page_header.add_paragraph("{{ x.name }}")
    section.first_page_header.add_paragraph("{%p endfor %}")
    section.footer.add_table(1, 2, 3000000).cell(0, 0).text = "{{ n }}\t制表"
    section.first_page_footer.paragraphs[0].text = "没有标记的\t页脚"


def _properties(document: Any) -> None:
    document.core_properties.title = "{{ n }}号通知"
    document.core_properties.subject = "{% if yes %}有{% endif %}"
    document.core_properties.author = "市场监督管理局"


def _drawings(document: Any) -> None:
    for text in ("{%p for x in xs %}", "{{ x.name }}", "{%p endfor %}"):
        document.add_paragraph(text)
        document.add_picture(io.BytesIO(PIXEL))


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c02"
    "0000000b4944415478da6364f80f00010501012718e3660000000049454e44ae426082"
)
FOOTNOTES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    '<w:footnote w:id="2"><w:p><w:r><w:t>注{{ title }}</w:t></w:r></w:p>'
    "<w:p><w:r><w:t>{% for x in xs %}{{ x.name }} {% endfor %}</w:t></w:r></w:p></w:footnote></w:footnotes>"
).encode()


def with_footnotes() -> bytes:
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    relation = f'<Relationship Id="rId77" Type="{base}" Target="footnotes.xml"/></Relationships>'.encode()
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    override = f'<Override PartName="/word/footnotes.xml" ContentType="{kind}"/></Types>'.encode()
    data = with_part(body(p("正文{{ n }}")), "word/footnotes.xml", lambda _: FOOTNOTES)
    data = with_part(
        data, "word/_rels/document.xml.rels", lambda xml: xml.replace(b"</Relationships>", relation)
    )
    return with_part(data, "[Content_Types].xml", lambda xml: xml.replace(b"</Types>", override))


SDT = (
    '<w:sdt><w:sdtPr><w:alias w:val="别名"/><w:tag w:val="nc.{{ n }}"/><w:id w:val="5"/></w:sdtPr>'
    "<w:sdtContent>%s</w:sdtContent></w:sdt>"
)

CASES: list[Case] = [
    ("scalars", lambda: body(p("甲{{ title }}乙{{ n }}"), p("无标记")), {}),
    (
        "a tag split over runs",
        lambda: body(p("甲{", "{ ti", "tle }", "}乙{", "% if yes %", "}是{% endif %}")),
        {},
    ),
    ("curly quotes in a tag", lambda: body(p("{% if n|string == “3” %}三{% endif %}{{ ‘引’ }}")), {}),
    ("comparison signs in a tag", lambda: body(p("{% if n &gt; 2 and n &lt; 9 %}三{% endif %}")), {}),
    (
        "loops of paragraphs, nested",
        lambda: body(
            *map(p, ["{%p for x in xs %}", "{{ loop.index }}{{ x.name }}", "{%p for y in x.notes %}"]),
            *map(
                p,
                [
                    "　{{ y }}",
                    "{%p endfor %}",
                    "{%p if not x.notes %}",
                    "无",
                    "{%p endif %}",
                    "{%p endfor %}",
                ],
            ),
        ),
        {},
    ),
    ("a loop inside a paragraph", lambda: body(p("{% for x in xs %}{{ x.name }}、{% endfor %}")), {}),
    (
        "a loop of runs",
        lambda: body(p("前", "{%r for x in xs %}", "{{ x.name }}", "{%r endfor %}", "后")),
        {},
    ),
    (
        "loops of rows, nested",
        lambda: body(
            table(
                2,
                row("名称", "数量"),
                row("{%tr for x in xs %}", ""),
                row("{{ x.name }}", "{{ x.n }}"),
                row("{%tr for y in x.notes %}", ""),
                row("　{{ y }}", ""),
                row("{%tr endfor %}", ""),
                row("{%tr endfor %}", ""),
            )
        ),
        {},
    ),
    (
        "a loop of cells, the grid growing",
        lambda: body(table(2, row("{%tc for x in xs %}", "{{ x.name }}", "{%tc endfor %}"))),
        {},
    ),
    (
        "a loop of cells, the grid shrinking",
        lambda: body(table(6, row("头", "{%tc for x in xs %}", "{{ x.name }}", "{%tc endfor %}"))),
        {},
    ),
    (
        "rows and cells looped together",
        lambda: body(
            table(
                3,
                row("{%tr for x in xs %}"),
                row("{{ x.name }}", "{%tc for y in x.notes %}", "{{ y }}", "{%tc endfor %}"),
                row("{%tr endfor %}"),
            )
        ),
        {},
    ),
    (
        "the widest row left out",
        lambda: body(
            table(
                3,
                row("{%tr if no %}"),
                row("一", "二", "三"),
                row("{%tr endif %}"),
                row("四", "{{ n }}"),
            )
        ),
        {},
    ),
    ("a still table narrower than its grid", lambda: body(table(4, row("一", "二")), p("{{ n }}")), {}),
    (
        "cell colours and columns spanned",
        lambda: body(
            table(
                3,
                row("{% colspan n %}{{ title }}"),
                row("{%tr for x in xs %}"),
                row("{% cellbg x.color %}{{ x.name }}", "{{ x.n }}", ""),
                row("{%tr endfor %}"),
            )
        ),
        {},
    ),
    (
        "cells merged down and across",
        lambda: body(
            table(
                2,
                row("{%tr for x in xs %}"),
                row("{% vm %}合并", "{{ x.name }}"),
                row("{%tr endfor %}"),
            ),
            table(3, row("{%tc for x in xs %}", "{% hm %}横向", "{%tc endfor %}")),
            table(
                3, row("{%tc for x in xs %}", cell("{% hm %}横", '<w:gridSpan w:val="1"/>'), "{%tc endfor %}")
            ),
        ),
        {},
    ),
    (
        "tabs, line breaks and the like in values",
        lambda: body(p("甲{{ v }}乙"), table(1, row("{{ v }}")), p("无"), p("再{{ v }}")),
        {"v": "一\t二\n三\n\n四"},
    ),
    ("a tab typed into the template", lambda: body(p("甲\t乙{{ n }}"), p("无{{ title }}")), {}),
    (
        "listings",
        lambda: body(
            '<w:p><w:pPr><w:jc w:val="center"/></w:pPr>'
            "<w:r><w:rPr><w:b/></w:rPr><w:t>列{{ v }}</w:t></w:r></w:p>",
            p("后"),
        ),
        {"v": Listing("一\n二\t<三>\a四 & 五\f六")},
    ),
    ("rich text", lambda: body(p("前{{r v }}后"), p("{{ n }}")), {"v": rich()}),
    (
        "rich text in a list",
        lambda: body(p("{% for v in vs %}{{r v }}{% endfor %}")),
        {"vs": [rich(), rich()]},
    ),
    (
        "paragraphs of rich text",
        lambda: body(p("前"), p("{{p v }}"), p("后")),
        {"v": paragraphs_of_their_own()},
    ),
    ("headers and footers", in_document(_margins), {}),
    ("footnotes", with_footnotes, {}),
    ("core properties", in_document(_properties), {}),
    ("drawings numbered anew", in_document(_drawings), {}),
    (
        "content controls",
        lambda: body(
            f"<w:p>{SDT % '<w:r><w:t>{{ title }}</w:t></w:r>'}</w:p>",
            SDT.replace('"5"', '"6"') % p("块{{ n }}"),
        ),
        {},
    ),
    (
        "tags that draw paragraphs together",
        lambda: body(
            p("甲"), p("{%- if yes %}乙{% endif %}"), p("丙{% if yes -%}"), p("丁"), p("{%- endif %}戊")
        ),
        {},
    ),
    (
        "comments",
        lambda: body(
            p("甲{# 不印 #}乙"), p("{#p 整段不印 #}"), table(1, row("{#tr 整行 #}"), row("{{ n }}"))
        ),
        {},
    ),
    (
        "macros",
        lambda: body(p("{% macro m(x) %}《{{ x }}》{% endmacro %}{{ m(title) }}{{ m('&lt;&gt;') }}")),
        {},
    ),
    ("variables of the template's own", lambda: body(p("{% set v = n + 4 %}{{ v }}"), p("{{ v * 2 }}")), {}),
    (
        "tables in loops and in tables",
        lambda: body(
            p("{%p for x in xs %}"),
            table(2, row("{{ x.name }}", cell(p("内") + table(1, row("{{ x.n }}")) + p("")))),
            p("{%p endfor %}"),
        ),
        {},
    ),
]


@pytest.mark.parametrize(("name", "template", "more"), CASES, ids=[each[0] for each in CASES])
def test_every_part_is_canonically_docxtpl_s(
    name: str, template: Callable[[], bytes], more: Mapping[str, Any]
) -> None:
    facts = FACTS | dict(more)
    ours = by_press(template(), facts)
    assert differences(ours, by_docxtpl(template(), facts)) == {}
    assert by_press(template(), facts) == ours, "and the same bytes again"


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.text(st.sampled_from("甲乙 <>&'\"{}%\t\n\\0$;：　𬭎é"), max_size=12), min_size=1, max_size=4),
    st.booleans(),
)
def test_whatever_the_values_the_parts_are_docxtpl_s(values: list[str], yes: bool) -> None:
    facts = {"xs": values, "yes": yes, "v": values[0]}
    assert differences(by_press(MIXED, facts), by_docxtpl(MIXED, facts)) == {}


MIXED = body(
    p("甲{{ v }}"),
    p("{%p for x in xs %}"),
    '<w:p><w:pPr><w:jc w:val="right"/></w:pPr><w:r><w:rPr><w:i/></w:rPr><w:t>{{ x }}</w:t></w:r></w:p>',
    table(3, row("{%tr if yes %}"), row("{{ x }}", "宽", "行"), row("{%tr endif %}"), row("{{ v }}", "窄")),
    p("{%p endfor %}"),
    table(2, row("{%tc for x in xs %}", "{{ x }}", "{%tc endfor %}")),
)


def test_differs_on_purpose_a_table_without_rows_and_a_cell_without_text_are_mended() -> None:
    """docxtpl leaves `<w:tbl>` without rows and `<w:tc>` without a paragraph, which Word calls damaged."""
    template = body(
        table(1, row("{%tr for x in empty %}"), row("{{ x }}"), row("{%tr endfor %}")),
        table(1, row(cell(p("{%p if no %}") + p("有") + p("{%p endif %}")))),
    )
    changed = differences(by_press(template, FACTS), by_docxtpl(template, FACTS))
    assert set(changed) == {"word/document.xml"}
    ours, theirs = (etree.fromstring(each) for each in changed["word/document.xml"])
    assert (len(list(theirs.iter(W_ + "tbl"))), len(list(ours.iter(W_ + "tbl")))) == (2, 1)
    assert [len(each.findall(W_ + "p")) for each in theirs.iter(W_ + "tc")] == [0]
    assert [len(each.findall(W_ + "p")) for each in ours.iter(W_ + "tc")] == [1]


def test_differs_on_purpose_numbers_repeated_by_a_loop_are_given_anew() -> None:
    """docxtpl repeats a control's and a bookmark's number and name with every turn."""
    control = SDT % "<w:r><w:t>{{ x.name }}</w:t></w:r>"
    template = body(p("{%p for x in xs %}"), f"<w:p>{control}</w:p>", p("{%p endfor %}"))
    changed = differences(by_press(template, FACTS), by_docxtpl(template, FACTS))
    ours, theirs = (etree.fromstring(each) for each in changed["word/document.xml"])
    assert [each.get(W_ + "val") for each in theirs.iter(W_ + "id")] == ["5", "5", "5"]
    assert [each.get(W_ + "val") for each in ours.iter(W_ + "id")] == ["1", "2", "3"]
    for root in (ours, theirs):
        for each in root.iter(W_ + "id"):
            each.set(W_ + "val", "0")
    assert etree.tostring(ours, method="c14n") == etree.tostring(theirs, method="c14n")


def test_differs_on_purpose_properties_are_all_filled_and_escaped_once() -> None:
    """docxtpl escapes core properties twice when autoescape is on, and leaves keywords as they stand.

    Custom properties, endnotes and comments, which it never fills either, are in test_press_render.py.
    """
    document = Document()
    document.core_properties.title = "{{ title }}"
    document.core_properties.keywords = "{{ n }}"
    ours, theirs = (Document(io.BytesIO(make(saved(document), FACTS))) for make in (by_press, by_docxtpl))
    assert (ours.core_properties.title, ours.core_properties.keywords) == (FACTS["title"], "3")
    assert theirs.core_properties.title == "关于&#39;A&amp;B&#39;的&lt;通知&gt;"
    assert theirs.core_properties.keywords == "{{ n }}"


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        ("一\f二", "一\n二"),
        ("一\x0b二", "一\n二"),
        ("铃\a声", "铃声"),
        ("半\ud83d", "半\ufffd"),
        ("{_{ v }_}", "{_{ v }_}"),
    ],
)
def test_differs_on_purpose_odd_signs_in_plain_values(value: str, printed: str) -> None:
    """A form feed in plain text is a line break (in RichText and Listing a page, as there), a bell nothing.

    docxtpl drops what XML forbids together with what follows it, and takes `{_{` in a value for a brace.
    """
    data = by_press(body(p("甲{{ v }}乙")), {"v": value})
    assert Document(io.BytesIO(data)).paragraphs[0].text == f"甲{printed}乙"


def test_only_tables_that_may_change_are_looked_at() -> None:
    """The repair that docxtpl does every time is needed where loops and conditions can change a row."""
    still = make_plate(
        unrendered(body(table(2, row("一", "{{ n }}")), p("{%p if n %}"), p("{%p endif %}"))), None
    )
    assert (still.document.survey.grids, still.document.survey.cells) == (False, False)
    rows = row("头", "头"), row("{%tr for x in xs %}"), row("{{ x }}", "尾"), row("{%tr endfor %}")
    assert not make_plate(unrendered(body(table(2, *rows))), None).document.survey.grids
    assert make_plate(unrendered(body(table(2, *rows[1:]))), None).document.survey.grids


def test_parts_that_no_tag_changes_are_docxtpl_s_byte_for_byte() -> None:
    ours, theirs = (parts(make(body(p("{{ n }}")), FACTS)) for make in (by_press, by_docxtpl))
    assert ours["word/styles.xml"] == theirs["word/styles.xml"]
    assert ours["word/settings.xml"] == theirs["word/settings.xml"]
