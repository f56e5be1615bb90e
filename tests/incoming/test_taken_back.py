"""Words that take a return back send it to a person; a summary's own words about last year do not."""

from __future__ import annotations

import pytest

from service.incoming.match.words import taken_back
from service.office.letter import LetterFacts


def said(text: str) -> str:
    """What the reply's words make doubtful."""
    return taken_back(LetterFacts("0" * 64, 1, reply_text=text))


@pytest.mark.parametrize(
    "text",
    [
        "初稿，请陆老师先帮忙看看行不行，不算正式报送。",
        "总结还在走流程，先把去年的发您参考格式对不对？",
        "附件仅供参考。",
        "先发您过目。",
    ],
)
def test_a_draft_or_an_example_is_for_a_person(text: str) -> None:
    assert "可能不是正式报送" in said(text)


@pytest.mark.parametrize(
    "text",
    [
        "现报送我局总结，请查收。",
        "盖章版随后寄出。",
        "正式稿见附件。",
        "一、基本情况\n" + "我局组织开展宣传活动，走进社区企业。" * 12 + "参加人数比去年的活动增长一成。",
    ],
)
def test_an_ordinary_return_is_not(text: str) -> None:
    assert said(text) == ""
