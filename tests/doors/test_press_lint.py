"""Lint names the paragraph, the text and the remedy, in Chinese."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from service.doors.press import PressDoor
from service.office.finding import Problem
from service.office.needs.press import Value
from tests.doors.word_files import word

FACTS: dict[str, Value] = {
    "unit": {"name": "甲局"},
    "campaign": {"title": "通知", "items": [{"name": "总结", "due_words": "8月28日"}], "activities": []},
    "code": "ABCD-2345",
}


def lint(*paragraphs: str, table: Sequence[Sequence[str]] = ()) -> tuple[Problem, ...]:
    return PressDoor().lint(word(*paragraphs, table=table), "notice.docx", FACTS)


def test_a_right_template_has_no_problem() -> None:
    good = (
        "{{ campaign.title }}",
        "{%p for item in campaign.items %}",
        "{{ item.name }}",
        "{%p endfor %}",
        "“{{ code }}”",
    )
    assert lint(*good) == ()


@pytest.mark.parametrize(
    ("text", "code", "part_of_sentence"),
    [
        ("各{{ unti.name }}：", "unknown-variable", "没有名为 unti 的变量，是不是 unit？"),
        ("各{{ unit.nmae }}：", "unknown-variable", "没有名为 nmae 的变量，是不是 name？"),
        ("各｛｛ unit.name ｝｝：", "wide-brace", "全角括号"),
        ("各｛% if unit %}", "wide-brace", "全角括号"),
        ("各{ { unit.name } }：", "split-brace", "多了空格"),
        ("各{{ unit.name ：", "unclosed-tag", "没有写完"),
        ("各{{ unit.name }：", "unclosed-tag", "没有写完"),
        ("各 unit.name }}：", "unclosed-tag", "前面没有"),
        ("{{ unit.name {{ code }}", "unclosed-tag", "又出现"),
        ("{{ unit.name｜upper }}", "wide-sign", "全角符号“｜”"),
        ("{% if code ＝ 1 %}{% endif %}", "wide-sign", "全角符号“＝”"),
        ("{{ unit.name|uper }}", "unknown-filter", "uper"),
        ("{% fro a in campaign.items %}", "unknown-tag", "fro"),
        ("{{ unit name }}", "syntax", "写得不对"),
        ("各位：{%p if code %}", "text-lost", "各位"),
        ("{{ campaign.items }}", "not-text", "一组内容"),
        ("{{ 'x'*100000000 }}", "too-much", "过大"),
    ],
)
def test_a_problem_is_named_with_its_paragraph(text: str, code: str, part_of_sentence: str) -> None:
    more = ("{%p endif %}",) if text.endswith("{%p if code %}") else ()
    found = lint("第一段", "", text, *more)
    assert [each.code for each in found] == [code]
    assert found[0].paragraph == 3
    assert found[0].place == "第 3 段"
    assert found[0].text == text
    assert part_of_sentence in found[0].say


def test_an_open_loop_is_named_where_it_begins() -> None:
    found = lint(
        "标题",
        "",
        "{%p for item in campaign.items %}",
        "{{ item.name }}",
        "{%p if item.name %}",
        "{%p endif %}",
    )
    assert [(each.code, each.paragraph) for each in found] == [("unclosed-block", 3)]
    assert found[0].say == "第 3 段的循环没有 {%p endfor %}"


def test_crossed_and_superfluous_ends_are_named() -> None:
    crossed = lint("{%p for i in campaign.items %}", "{%p if i %}", "{%p endfor %}", "{%p endif %}")
    assert crossed[0].code == "crossed-blocks"
    assert [each.code for each in lint("{%p endif %}")] == ["unopened-block"]


def test_full_width_signs_in_quotes_and_text_are_no_problem() -> None:
    assert lint("（全角）｜{{ campaign.items|join('，', 'name') }}") == ()


def test_names_inside_loops_and_conditions_are_followed() -> None:
    found = lint(
        "{%p for item in campaign.items %}",
        "{{ loop.index }}.{{ item.name }}，{{ item.deu_words }}",
        "{%p endfor %}",
        "{% if campaign.is_public is defined %}公开{% endif %}",
    )
    assert [(each.paragraph, each.say) for each in found] == [
        (2, "没有名为 deu_words 的变量，是不是 due_words？")
    ]


def test_text_beside_a_row_tag_would_be_lost() -> None:
    found = lint(
        table=[["{%tr for i in campaign.items %}", "合计"], ["{{ i.name }}", ""], ["{%tr endfor %}", ""]]
    )
    assert [each.code for each in found] == ["text-lost"]
    assert "合计" in found[0].say


def test_a_header_is_named_as_one() -> None:
    found = PressDoor().lint(word("正文", header="{{ cod }}"), "notice.docx", FACTS)
    assert [(each.place, each.code) for each in found] == [("页眉第 1 段", "unknown-variable")]


def test_what_is_no_word_file_is_said_so() -> None:
    assert [each.code for each in PressDoor().lint(b"hello", "notice.docx", FACTS)] == ["unreadable"]
