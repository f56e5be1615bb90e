"""交办: what a member of staff typed above the quotation, line by line, and the days that were meant."""

from __future__ import annotations

from datetime import date

import pytest

from service.office.errand import Deed, day_in, read_answer_to_digest

CODE = "12345678"
TODAY = date(2024, 9, 23)


def is_code(code: str) -> bool:
    return code == CODE


def test_each_line_is_one_thing_and_courtesies_are_none() -> None:
    typed = """您好！
口令 1234-5678
归 12 大同 summary
归来信13　朔州市市场监督管理局
登记 大同 summary 纸质 9月3日
延期：大同 summary 9月30日 会议冲突，改期
办结 14 已电话答复
谢谢
经办人乙
电话：0351-7000000"""
    read = read_answer_to_digest(typed, is_code, ("经办人乙",))
    assert [(each.deed, each.letter, each.words) for each in read.errands] == [
        (Deed.ASSIGN, 12, ("大同", "summary")),
        (Deed.ASSIGN, 13, ("朔州市市场监督管理局",)),
        (Deed.RECORD, 0, ("大同", "summary", "纸质", "9月3日")),
        (Deed.EXTEND, 0, ("大同", "summary", "9月30日", "会议冲突，改期")),
        (Deed.NOTE, 14, ("已电话答复",)),
    ]
    assert [each.line for each in read.errands] == [1, 2, 3, 4, 5]
    assert read.unread == () and read.has_code


@pytest.mark.parametrize(
    "typed", ["办结 12 已阅 1234-5678", "办结 12 １２３４－５６７８ 已阅", "１２３４　５６７８\n办结 12 已阅"]
)
def test_the_code_may_stand_anywhere_and_is_never_a_word(typed: str) -> None:
    read = read_answer_to_digest(typed, is_code)
    assert read.has_code and read.errands[0].words == ("已阅",) and read.unread == ()
    assert CODE not in repr(read)


def test_what_is_not_understood_is_said_and_a_wrong_code_is_no_code() -> None:
    read = read_answer_to_digest("8765-4321\n请把大同的延一下\n归档完毕", is_code)
    assert not read.has_code and read.errands == ()
    assert read.unread == ("请把大同的延一下", "归档完毕")


@pytest.mark.parametrize(
    ("word", "is_ahead", "day"),
    [
        ("2024-09-03", False, date(2024, 9, 3)),
        ("2024年9月3日", False, date(2024, 9, 3)),
        ("9月3日", False, date(2024, 9, 3)),
        ("９月３号", False, date(2024, 9, 3)),
        ("9/30", True, date(2024, 9, 30)),
        ("1月5日", True, date(2025, 1, 5)),
        ("12月30日", False, None),  # nine months ago, or a slip
        ("9月3日", True, None),  # a year ahead, or a slip
        ("2月30日", True, None),
        ("今天", False, TODAY),
        ("昨天", False, date(2024, 9, 22)),
        ("summary", True, None),
    ],
)
def test_a_day_without_a_year_is_the_nearest_on_its_side(word: str, is_ahead: bool, day: date | None) -> None:
    assert day_in(word, TODAY, is_ahead=is_ahead) == day
