"""The press loses nothing without a word, runs no code, stays within bounds and repeats itself."""

from __future__ import annotations

import io
import time
import zipfile

import pytest
from docx import Document

from service.doors.press import PressDoor
from service.office.needs.press import PressError, Value
from tests.doors.word_files import parts, rows, texts, with_part, word

PRESS = PressDoor()


def render(template: bytes, **facts: Value) -> bytes:
    return PRESS.render(template, "通知.docx", facts)


def refused(template: bytes, **facts: Value) -> PressError:
    with pytest.raises(PressError) as caught:
        render(template, **facts)
    return caught.value


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        ("A&B <C> 结束", "A&B <C> 结束"),
        ("上一行\x0b下一行", "上一行\n下一行"),
        ("上一行\u2028下一行", "上一行\n下一行"),
        ("半个\ud83d字", "半个\ufffd字"),
        ("控\x00制\x1f符", "控制符"),
        ("非字符\uffff", "非字符\ufffd"),
        ("</w:t></w:r>", "</w:t></w:r>"),
        ("{{ unit }} {%p if %} {_{", "{{ unit }} {%p if %} {_{"),
        ("“引号”'与'\"", "“引号”'与'\""),
        ("制表\t符", "制表\t符"),
        ("𬭎喆镕", "𬭎喆镕"),
        ("", ""),
        (209, "209"),
        (True, "是"),
    ],
)
def test_every_value_is_printed_whole(value: Value, printed: str) -> None:
    assert texts(render(word("前", "甲{{ v }}乙", "后"), v=value)) == ["前", f"甲{printed}乙", "后"]


def test_a_missing_name_is_refused_with_paragraph_and_nearest_name() -> None:
    error = refused(word("前", "各{{ unti.name }}："), unit={"name": "甲"})
    assert error.problem.paragraph == 2
    assert error.problem.text == "各{{ unti.name }}："
    assert error.problem.sentence() == "通知.docx 第 2 段：没有名为 unti 的变量，是不是 unit？"


@pytest.mark.parametrize(
    ("value", "code"), [(None, "empty-value"), (["甲"], "not-text"), ({"a": 1}, "not-text")]
)
def test_nothing_and_lists_are_not_printed_as_code(value: Value, code: str) -> None:
    assert refused(word("甲{{ v }}乙"), v=value).problem.code == code


def test_a_title_property_is_escaped_once() -> None:
    out = render(word("正文", title="{{ v }}"), v="A&B")
    assert Document(io.BytesIO(out)).core_properties.title == "A&B"


def test_custom_properties_and_headers_and_footnotes_are_rendered() -> None:
    def custom(_: bytes) -> bytes:
        return (
            b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties">'
            b'<property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="2" name="who">'
            b"<x>{{ v }}</x></property></Properties>"
        )

    template = with_part(word("正文", header="页眉{{ v }}"), "docProps/custom.xml", custom)
    relation = (
        b'<Relationship Id="rId99" Target="docProps/custom.xml" Type="http://schemas.openxmlformats.org/'
        b'officeDocument/2006/relationships/custom-properties"/></Relationships>'
    )
    template = with_part(template, "_rels/.rels", lambda xml: xml.replace(b"</Relationships>", relation))
    kind = (
        b'<Override PartName="/docProps/custom.xml" ContentType="application/'
        b'vnd.openxmlformats-officedocument.custom-properties+xml"/></Types>'
    )
    template = with_part(template, "[Content_Types].xml", lambda xml: xml.replace(b"</Types>", kind))
    out = render(template, v="A&B")
    assert Document(io.BytesIO(out)).sections[0].header.paragraphs[0].text == "页眉A&B"
    assert b"A&amp;B" in parts(out)["docProps/custom.xml"]


def test_loops_rows_and_conditions_of_staff_work() -> None:
    template = word(
        "{%p for a in xs %}",
        "（{{ loop.index|hanzi }}）{{ a.name }}",
        "{%p if a.note %}",
        "注：{{ a.note|sentence }}",
        "{%p endif %}",
        "{%p endfor %}",
        table=[
            ["名称", "数量"],
            ["{%tr for a in xs %}", ""],
            ["{{ a.name }}", "{{ a.n }}"],
            ["{%tr endfor %}", ""],
        ],
    )
    out = render(template, xs=[{"name": "甲", "note": "好", "n": 1}, {"name": "乙", "note": "", "n": 2}])
    assert texts(out) == ["（一）甲", "注：好。", "（二）乙"]
    assert rows(out) == [["名称", "数量"], ["甲", "1"], ["乙", "2"]]


def test_a_key_wins_over_a_method_of_the_same_name() -> None:
    assert texts(render(word("{{ campaign.items }}"), campaign={"items": "两项"})) == ["两项"]


def test_a_table_left_without_rows_and_a_cell_without_text_stay_sound() -> None:
    template = word("前", table=[["{%tr for a in xs %}"], ["{{ a }}"], ["{%tr endfor %}"]])
    out = render(template, xs=[])
    assert rows(out) == []
    cell = word(table=[["甲", "{%p if no %}"]])
    document = Document(io.BytesIO(cell))
    document.tables[0].rows[0].cells[1].add_paragraph("有")
    document.tables[0].rows[0].cells[1].add_paragraph("{%p endif %}")
    changed = io.BytesIO()
    document.save(changed)
    assert rows(render(changed.getvalue(), no=False)) == [["甲", ""]]


@pytest.mark.parametrize(
    "tag",
    [
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ ''.join.__globals__ }}",
        "{{ xs.append(1) }}",
        "{{ xs.__class__ }}",
        "{{ '{0.__class__}'.format(xs) }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{% autoescape false %}{{ v }}{% endautoescape %}",
        "{{ v|safe }}",
        "{{ self.__init__ }}",
        "{{ lipsum.__globals__ }}",
    ],
)
def test_a_template_cannot_run_or_change_anything(tag: str) -> None:
    xs: list[Value] = ["甲"]
    refused(word("前", tag), xs=xs, v="<w:p/>")
    assert xs == ["甲"]


@pytest.mark.parametrize(
    "tag",
    [
        "{{ 'x'*100000000 }}",
        "{{ 'x'*n*n }}",
        "{{ n**n**n }}",
        "{% for i in range(100000000) %}x{% endfor %}",
        "{% for i in range(5000) %}{% for j in range(5000) %}{% endfor %}{% endfor %}",
        "{% set s = namespace(x='xxxx') %}{% for i in range(99) %}{% set s.x = s.x ~ s.x %}{% endfor %}",
        "{% set s = namespace(x='xxxx') %}{% for i in range(99) %}{% set s.x = s.x + s.x %}{% endfor %}",
        "{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}",
        "{{ 'x'.center(1000000000) }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ 'x'|center(1000000000) }}",
        "{{ big|replace('', big) }}",
        "{{ xs|join(big) }}",
    ],
)
def test_a_template_stays_within_bounds(tag: str) -> None:
    before = time.monotonic()
    refused(word(tag), n=10**6, big="x" * 100_000, xs=["甲"] * 1000)
    assert time.monotonic() - before < 20


def test_the_same_input_gives_the_same_bytes() -> None:
    template = word("甲{{ v }}", title="{{ v }}")
    first = render(template, v="乙")
    assert first == render(template, v="乙")
    with zipfile.ZipFile(io.BytesIO(first)) as package:
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_loop_across_a_table_s_edge_is_refused_not_mended() -> None:
    template = word("甲{% for a in xs %}", table=[["乙{% endfor %}"]])
    assert refused(template, xs=[1, 2]).problem.code == "broken-layout"


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"no zip at all", b"\xd0\xcf\x11\xe0" + b"\0" * 600])
def test_what_is_no_word_file_is_refused(data: bytes) -> None:
    assert refused(data).problem.code == "unreadable"
