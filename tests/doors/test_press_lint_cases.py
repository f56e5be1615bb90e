"""Lint over whole templates: a bad one has its sentences, a good one none, and nothing makes it raise."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.desk.lint import ZONE
from service.desk.sample_facts import SAMPLE_CAMPAIGN, SAMPLE_ITEM, SAMPLE_UNIT, sample_trials, template_facts
from service.doors.press import PressDoor
from service.office.calendar import WorkCalendar
from service.office.campaign import FormField
from service.office.finding import Problem
from tests.bad_templates.building import HERE, read_case
from tests.doors.word_files import packed, parts, with_part, word

CALENDAR = WorkCalendar()
FACTS = template_facts(SAMPLE_CAMPAIGN, SAMPLE_ITEM, SAMPLE_UNIT, CALENDAR, ZONE)
TRIALS = sample_trials(CALENDAR, ZONE)
CASES = sorted(HERE.glob("*.toml"))
FEW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def lint(data: bytes, fields: Sequence[FormField] = ()) -> tuple[Problem, ...]:
    return PressDoor().lint(data, "notice.docx", FACTS, TRIALS, fields)


def says(found: Sequence[Problem]) -> tuple[str, ...]:
    return tuple(f"{each.place}：{each.say}" for each in found)


def test_there_are_many_bad_templates() -> None:
    assert len(CASES) >= 50


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_bad_template_has_exactly_its_sentences(path: Path) -> None:
    case = read_case(path)
    found = lint(case.data)
    assert says(found) == case.says
    assert tuple(each.code for each in found) == case.codes
    assert tuple(each.text for each in found) == case.texts


GOOD = {
    "plain words": ("关于样例的通知", "", "现将有关事项通知如下："),
    "wide signs outside tags": ("（全角）｜，。：；！？“{{ code }}”《{{ campaign.title }}》％＝＋",),
    "wide signs in quotes": ("{{ unit.groups|join('，') }}{{ unit.groups|join(\"（、）\") }}",),
    "curly quotes, which docxtpl mends": ("{{ unit.groups|join(“、”) }}", "{% if code == ‘甲’ %}{% endif %}"),
    "a single wide brace beside a tag": ("集合｛{{ code }}｝和｛甲，乙｝",),
    "braces to be printed": ("写作 {_{ 变量 }_} 和 {_% 判断 %_}",),
    "braces in quotes": ("{{ '{{' }}{{ code }}{{ '}}' }}",),
    "apostrophes": ("it's {{ code }} and it's {{ unit.name }}",),
    "a quote in quotes": ('{{ campaign.theme|default("it\'s") }}',),
    "a comment in Chinese": ("{# 说明：这里（全角）写什么都行 #}正文",),
    "a set and its use": ("{% set first = campaign.items[0] %}{{ first.name if first else '无' }}",),
    "a namespace": (
        "{% set ns = namespace(n=0) %}{% for i in campaign.items %}{% set ns.n = ns.n + 1 %}{% endfor %}",
    ),
    "with": ("{% with name = unit.name %}{{ name }}{% endwith %}",),
    "a macro and its call": ("{% macro hello(who) %}各{{ who }}：{% endmacro %}{{ hello(unit.name) }}",),
    "asked whether it is there": (
        "{% if campaign.fax is defined %}传真{% endif %}{{ unit.fax|default('无') }}",
    ),
    "else and elif": ("{% if code == '甲' %}一{% elif unit.name %}二{% else %}三{% endif %}",),
    "a loop with else": (
        "{%p for i in campaign.links %}",
        "{{ i.title }}",
        "{%p else %}",
        "没有链接",
        "{%p endfor %}",
    ),
    "a loop over two paragraphs": (
        "{% for i in campaign.items %}{{ i.name }}",
        "{{ i.due_words }}{% endfor %}",
    ),
    "sorted, picked, mapped": (
        "{{ campaign.items|sort(attribute='name')|map(attribute='name')|join('、') }}",
        "{{ campaign.items|selectattr('is_many')|list|length }}",
        "{{ (campaign.items|first).name }}",
    ),
    "raw": ("{% raw %}{{ 原样 }}{% endraw %}",),
    "numbers and our own filters": (
        "{% for i in campaign.items %}{{ loop.index|hanzi }}、{{ i.note|sentence }}{% endfor %}",
    ),
    "percent and hash in words": ("完成率100%，编号#1，{1}，% }",),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_template_has_no_problem(name: str) -> None:
    assert says(lint(word(*GOOD[name]))) == ()


def test_good_tables_have_no_problem() -> None:
    rows = word(
        table=[
            ["序号", "名称"],
            ["{%tr for i in campaign.items %}", ""],
            ["{{ loop.index }}", "{{ i.name }}"],
            ["{%tr endfor %}", ""],
        ]
    )
    inside = word(table=[["{% for i in campaign.items %}{{ i.name }}；{% endfor %}", "{{ unit.name }}"]])
    assert says(lint(rows)) == says(lint(inside)) == ()


def test_a_header_with_the_same_number_quotes_its_own_text() -> None:
    data = word("{{ code }}", header="{{ cod }}")
    (found,) = lint(data)
    assert (found.place, found.text) == ("页眉第 1 段", "{{ cod }}")


def test_a_red_head_that_fits_is_none_too_long() -> None:
    """Ten characters at 43 pt on the 442 pt of the standard's page."""
    from service.doors.press.paper import Format, red_head, sheet

    head = "山西省市场监督管理局"
    assert lint(sheet(red_head(head, ink_at=35), Format.DOCUMENT, title="通知")) == ()
    grown = sheet(red_head(head, ink_at=35), Format.DOCUMENT, title="通知")
    grown = with_part(
        grown, "word/document.xml", lambda xml: xml.replace(b'w:sz w:val="88"', b'w:sz w:val="92"')
    )
    (found,) = lint(grown)
    assert found.say.startswith(
        "红头“山西省市场监督管理局”有 10 个字，按 46 磅排宽 460 磅，超过版心的 442 磅"
    )
    assert found.say.endswith("请把字号改为 44 磅或更小")


# --- forms --------------------------------------------------------------------------------------------------

FIELDS = (
    FormField("title", "作品名称"),
    FormField("phone", "联系电话"),
    FormField("fax", "传真", is_required=False),
)


def form(*rows: Sequence[str]) -> tuple[tuple[str, str, bool], ...]:
    found = lint(word("作品登记表", table=rows), FIELDS)
    return tuple((each.code, f"{each.place}：{each.say}", each.is_error) for each in found)


def test_a_form_with_every_label_and_room_is_good() -> None:
    assert form(["作品名称*", "", "联 系 电 话：", ""], ["传真", "", "", ""]) == ()


def test_a_field_without_a_label_cannot_be_filled_in() -> None:
    rest = "一栏，单位无处填写；请加上这个标签，右边留一格，或从 campaign.yaml 的 fields 里去掉它"
    assert form(["作品名称", ""]) == (
        ("field-without-label", f"表格：表中没有“联系电话”{rest}", True),
        ("field-without-label", f"表格：表中没有“传真”{rest}", False),
    )


def test_a_label_without_room_beside_it_is_named() -> None:
    found = form(["作品名称", "联系电话"], ["传真", ""])
    assert found == (
        (
            "value-cell-missing",
            "第 2 段：“作品名称”右边没有可以填写的一格，请在它右边留一个空格（单元格）",
            True,
        ),
        (
            "value-cell-missing",
            "第 3 段：“联系电话”右边没有可以填写的一格，请在它右边留一个空格（单元格）",
            True,
        ),
    )


def test_a_label_that_no_field_asks_for_is_worth_knowing() -> None:
    found = form(["作品名称", "", "联系电话", ""], ["传真", "", "作者单位", ""])
    assert [(code, is_error) for code, _, is_error in found] == [("label-without-field", False)]
    assert "表中的“作者单位”没有写进 campaign.yaml 的 fields" in found[0][1]


# --- never raises -------------------------------------------------------------------------------------------

_TAGS = "{{ }} {% %} {# #} {%p {%tr {%r ｛｛ ｝｝ {_{ raw endraw endif endfor else macro endmacro"
_WORDS = "for if in i.name unit.name campaign.items |join('、') ｜ （ “ ' \" 正文 set x = [ ] . 0 *9**9 & <"
PIECES = st.sampled_from([" ", "\n", *_TAGS.split(), *_WORDS.split(), "for i in campaign.items", "if unit"])
SOUP = st.lists(PIECES, max_size=12).map("".join)


@FEW
@given(st.lists(SOUP, min_size=1, max_size=5), st.lists(SOUP, min_size=2, max_size=2))
def test_no_soup_of_tags_makes_it_raise(paragraphs: list[str], cells: list[str]) -> None:
    for each in lint(word(*paragraphs, table=[cells])):
        assert each.say and each.code


@FEW
@given(
    st.lists(
        st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn"), exclude_characters="{}%#｛｝％")),
        min_size=1,
        max_size=4,
    ),
    st.integers(0, 3),
)
def test_a_good_template_stays_good_whatever_words_are_added(words: list[str], loops: int) -> None:
    paragraphs = ["{{ campaign.title }}"]
    for text in words:
        paragraphs += [text, "各{{ unit.name }}：" + text]
    for _ in range(loops):
        paragraphs = ["{%p for item in campaign.items %}", *paragraphs, "{{ item.name }}", "{%p endfor %}"]
    assert says([each for each in lint(word(*paragraphs)) if each.is_error]) == ()


def test_no_damaged_file_makes_it_raise() -> None:
    whole = word("{{ unit.name }}", table=[["{{ code }}", ""]], header="{{ code }}")
    dice = random.Random(20241128)
    for _ in range(60):
        damaged = bytearray(whole)
        for _ in range(dice.randint(1, 6)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        lint(bytes(damaged[: dice.randint(len(damaged) // 2, len(damaged))]))
    entries = parts(whole)
    for name in entries:
        lint(packed({key: data for key, data in entries.items() if key != name}))
        lint(with_part(whole, name, lambda data: data[: len(data) // 2]))
        lint(with_part(whole, name, lambda data: b""))
        lint(with_part(whole, name, lambda data: data.replace(b"w:p>", b"w:q>")))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("word/document.xml", b'<!DOCTYPE w [<!ENTITY a "b">]>'),
        ("word/styles.xml", b'<!DOCTYPE w SYSTEM "file:///etc/passwd">'),
    ],
)
def test_a_document_type_is_refused(name: str, change: bytes) -> None:
    data = with_part(word("正文"), name, lambda xml: xml.replace(b"?>", b"?>" + change, 1))
    assert says(lint(data)) == (
        f"全文：文件已损坏（{name} 不完整或含有不允许的声明），请用 Word 打开后另存一份，再放进来",
    )


def test_a_bomb_is_refused_unopened() -> None:
    data = with_part(word("正文"), "word/media/image1.png", lambda _: bytes(80 * 2**20))
    assert [each.code for each in lint(data)] == ["bomb"]


def test_what_is_no_document_is_said_to_be_none() -> None:
    sheet = io.BytesIO()
    with zipfile.ZipFile(sheet, "w") as package:
        package.writestr("xl/workbook.xml", "<workbook/>")
    for data in (b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0" * 200, b"%PDF-1.7", sheet.getvalue()):
        assert [each.code for each in lint(data)] == ["unreadable"]
