"""Templates drawn at random: whatever tables, loops and conditions lie within each other, the parts agree."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from service.doors.press.repair import mend
from service.office.needs.press import PressError
from tests.doors.docxtpl_twin import body, by_docxtpl, by_press, cell, differences, p, row, table

FACTS = {
    "a": "A&B",
    "b": "<x>",
    "broken": "一\n二\t三",
    "yes": True,
    "no": False,
    "three": ["一", "二", "三"],
    "none": [],
    "one": ["一"],
    "n": 2,
    "colour": "FF0000",
}
TEXTS = ("甲{{ a }}", "{{ b }}", "文", "{{ broken }}", "{% if yes %}是{% else %}否{% endif %}", "", "")
INLINE_LOOP = "{% for x in three %}{{ x }}{% endfor %}"
LISTS, ANSWERS = ("three", "none", "one"), ("yes", "no")
DEPTH_MAX = 3


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False))
def test_drawn_templates_come_out_as_docxtpl_prints_them(draw: random.Random) -> None:
    template = body(*[_block(draw, 0) for _ in range(draw.randint(1, 5))])
    try:
        ours = by_press(template, FACTS)
    except PressError as error:
        # What a loop tore apart docxtpl mends by guessing; whatever else is refused, both refuse.
        if error.problem.code != "broken-layout":
            with pytest.raises(type(error.__cause__.cause)):  # type: ignore[union-attr]  # always NotRendered
                by_docxtpl(template, FACTS)
        return
    for name, (mine, theirs) in differences(ours, by_docxtpl(template, FACTS)).items():
        assert name == "word/document.xml"
        # Tables without rows and cells without paragraphs are mended on purpose, and nothing else differs.
        root = etree.fromstring(theirs)
        mend(root)
        assert etree.tostring(root, method="c14n") == mine


def _block(draw: random.Random, depth: int) -> str:
    match draw.randrange(9):
        case 0 | 1 | 2:
            return p(draw.choice((*TEXTS, INLINE_LOOP)))
        case 3 if depth < DEPTH_MAX:
            inside = "".join(_block(draw, depth + 1) for _ in range(draw.randint(1, 2)))
            return p(f"{{%p for x in {draw.choice(LISTS)} %}}") + inside + p("{%p endfor %}")
        case 4 if depth < DEPTH_MAX:
            inside = _block(draw, depth + 1)
            return p(f"{{%p if {draw.choice(ANSWERS)} %}}") + inside + p("{%p endif %}")
        case 5 | 6 if depth < DEPTH_MAX - 1:
            return _table(draw)
    return p("")


def _table(draw: random.Random) -> str:
    rows: list[str] = []
    for _ in range(draw.randint(1, 3)):
        match draw.randrange(5):
            case 0:
                rows += [row(f"{{%tr for x in {draw.choice(LISTS)} %}}"), _row(draw), row("{%tr endfor %}")]
            case 1:
                rows += [row(f"{{%tr if {draw.choice(ANSWERS)} %}}", ""), _row(draw), row("{%tr endif %}")]
            case _:
                rows.append(_row(draw))
    return table(draw.randint(1, 5), *rows)


def _row(draw: random.Random) -> str:
    cells = [_cell(draw) for _ in range(draw.randint(1, 4))]
    match draw.randrange(12):
        case 0:
            looped = draw.choice(("{{ x }}", "{% hm %}横"))
            cells[:1] = [f"{{%tc for x in {draw.choice(LISTS)} %}}", looped, "{%tc endfor %}"]
        case 1:
            cells[0] = "{% colspan n %}宽"
        case 2:
            cells[0] = "{% cellbg colour %}红"
    return row(*cells)


def _cell(draw: random.Random) -> str:
    wide = f'<w:gridSpan w:val="{draw.randint(1, 3)}"/>'
    properties = wide if draw.random() < 0.25 else '<w:tcW w:w="9" w:type="dxa"/>'
    text = draw.choice(TEXTS)
    if draw.randrange(10) == 0:
        return cell(p("{%p if yes %}") + p(text) + p("{%p endif %}") + p(""), properties)
    return cell(text, properties)
