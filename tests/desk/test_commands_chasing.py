"""Looking at tomorrow's chasing, striking a unit from it, and who was chased, at the command line."""

from __future__ import annotations

import pytest

from tests.desk.small_office import BEI, CLERK, DONG, NAN, XI, SmallOffice

BY = ("--by", CLERK, "--reason", "电话里说好了")
STEP_DAY = "2024-09-24"
EVE = "2024-09-23T15:00"


@pytest.fixture
def told(released: SmallOffice) -> SmallOffice:
    """Every unit has the notice in hand."""
    for unit in (DONG, XI, NAN, BEI):
        words = ("delivered", "small", unit, "--via", "oa", "--on", "2024-08-20", "--by", CLERK)
        assert released.ask(*words, now="2024-08-20T12:30").exit_code == 0
    return released


def test_tomorrow_is_the_next_working_day_and_shows_whom_when_and_where(told: SmallOffice) -> None:
    rows = told.lines("remind", "small", "--preview", "--json", now=EVE)
    assert [each["unit"] for each in rows] == [DONG, XI, NAN]
    assert rows[0] == {
        "campaign": "small",
        "on": STEP_DAY,
        "unit": DONG,
        "step": "第一次催报",
        "items": ["summary"],
        "rcpts": ["dongcheng@units.example"],
        "at": "2024-09-24T09:30:00+08:00",
        "call": False,
        "held": None,
        "until": None,
        "waits_for": ["blind"],
    }
    shown = told.ask("remind", "small", "--preview", now=EVE).stdout
    assert all(unit in shown for unit in (DONG, XI, NAN)) and BEI not in shown
    assert "2024年9月24日（星期二）" in shown and "邮件催办 3 个单位" in shown and "09:30" in shown
    assert "读不到邮箱" in shown
    friday = told.lines("remind", "small", "--preview", "--json", now="2024-09-27T18:00")
    assert {each["on"] for each in friday} == {"2024-09-29"}, "a make-up Sunday"


def test_each_who_is_not_chased_stands_with_the_reason(told: SmallOffice) -> None:
    day = ("--on", "2024-09-26")
    words = ("record", "small", XI, "summary", "--via", "promise", "--on", "2024-09-25")
    assert told.ask(*words, *BY, now="2024-09-20T10:00").exit_code == 0
    assert told.ask("exempt", "small", NAN, "summary", *BY, now="2024-09-20T10:00").exit_code == 0
    tomorrow = {each["unit"]: each for each in told.lines("remind", "small", "--preview", "--json", now=EVE)}
    assert set(tomorrow) == {DONG, XI}
    assert (tomorrow[XI]["held"], tomorrow[XI]["until"], tomorrow[XI]["at"]) == (
        "promised",
        "2024-09-25",
        None,
    )
    assert "已承诺" in told.ask("remind", "small", "--preview", now=EVE).stdout
    later = told.lines("remind", "small", "--preview", *day, "--json", now=EVE)
    assert [(each["unit"], each["at"]) for each in later] == [(XI, "2024-09-26T08:30:00+08:00")]


def test_a_struck_unit_waits_until_the_day_and_comes_back(told: SmallOffice) -> None:
    struck = told.ask("strike", "small", "东城", "--until", "2024-09-25", *BY, now=EVE)
    assert struck.exit_code == 0, struck.output
    assert "2024-09-25" in struck.stdout and "unstrike" in struck.stdout

    def held(day: str) -> dict[str, str | None]:
        rows = told.lines("remind", "small", "--preview", "--on", day, "--json", now=EVE)
        return {each["unit"]: each["held"] for each in rows}

    assert held(STEP_DAY) == {XI: None, NAN: None, DONG: "struck"}
    assert held("2024-09-26") == {DONG: None}
    assert "不催：经办人已划去（到 2024-09-25）" in told.ask("remind", "small", "--preview", now=EVE).stdout
    assert told.ask("unstrike", "small", DONG, *BY, now=EVE).exit_code == 0
    assert held(STEP_DAY) == {DONG: None, XI: None, NAN: None}
    assert told.docket(DONG, "summary", now=EVE)["missing"], "it is owed all the same"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("remind", "small"), "--preview"),
        (("remind", "small", "--preview", "--on", "2024-09-20"), "chased"),
        (("remind", "small", "--preview", "--on", "2025-06-01"), "60 天"),
        (("strike", "small", DONG, "--until", "2024-09-20", *BY), "已经过了"),
        (("strike", "small", DONG, "--until", "2025-09-20", *BY), "180 天"),
        (("strike", "small", BEI, "--until", "2024-09-25", *BY), "没有还欠的材料"),
        (("strike", "small", DONG, "--until", "2024-09-25", "--by", "路人", "--reason", "x"), "staff"),
        (("unstrike", "small", DONG, *BY), "没有划去"),
        (("unstrike", "small", DONG, "summary", *BY), "没有划去"),
        (("chased", "small", "没有的单位"), "名单中没有"),
    ],
)
def test_what_is_refused_says_what_to_do(told: SmallOffice, words: tuple[str, ...], said: str) -> None:
    refused = told.ask(*words, now=EVE)
    assert refused.exit_code == 2 and said in refused.output, refused.output


def test_on_a_day_off_nobody_is_chased(told: SmallOffice) -> None:
    assert "不上班" in told.ask("remind", "small", "--preview", "--on", "2024-09-28", now=EVE).stdout
    assert told.lines("remind", "small", "--preview", "--on", "2024-09-28", "--json", now=EVE) == []


def test_nobody_was_chased_yet(told: SmallOffice) -> None:
    assert "还没有催过" in told.ask("chased", "small", now=EVE).stdout
    assert told.lines("chased", "small", "--json", now=EVE) == []


def test_a_mailbox_never_read_is_on_the_desk(told: SmallOffice) -> None:
    (row,) = [each for each in told.lines("desk", "--json", now=EVE) if each["kind"] == "收信中断"]
    assert "催办已暂停" in row["say"] and row["remedy"] == "huizhi doctor"
