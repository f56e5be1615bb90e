"""What the terminal shows is what staff need to act, and nothing a sender could smuggle in."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from rich.console import Console, RenderableType

from service.desk.groups import Wanted, bar, group_table
from service.desk.shapes import Check
from service.desk.tables import (
    check_list,
    desk_list,
    missing_table,
    status_table,
    summary_table,
    waited_words,
)
from service.followup.report.reading import board_of
from service.office.board import Board
from service.office.tally import Tally, board_sentence, count, count_by_group
from tests.followup.sample_board import NOW, UNITS, sources


@pytest.fixture
def board() -> Board:
    return board_of(sources(), NOW)


def shown(renderable: RenderableType, width: int = 160) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(renderable, soft_wrap=False)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_who_is_missing_with_whom_to_call(board: Board) -> None:
    words = shown(missing_table(board))
    for heading in ("单位", "材料", "截止", "剩余/逾期", "联系人", "最近联系"):
        assert heading in words
    line = next(each for each in words.splitlines() if UNITS[2] in each)
    for part in ("质量月活动总结（纸质版未到）", "9月29日", "逾期 2 天", "王三 0351-0000002"):
        assert part in line
    # 待补正 and 未送达 are not 未报.
    assert UNITS[1] not in words and UNITS[3] not in words
    assert "另有待补正 1 项、未送达 1 项，不算未报。" in words


@pytest.mark.parametrize("shape", [missing_table, status_table, summary_table])
def test_every_list_says_how_many_letters_are_unassigned(board: Board, shape: object) -> None:
    assert callable(shape)
    assert "还有 1 封来信没有归属到单位" in shown(shape(board))
    assert "没有未归属的来信" in shown(shape(replace(board, unassigned_letters=0)))


def test_nobody_missing_is_said_in_words(board: Board) -> None:
    assert "没有未报的单位" in shown(missing_table(replace(board, rows=())))


def test_a_narrow_terminal_folds_names_and_cuts_none(board: Board) -> None:
    words = shown(missing_table(board), width=60)
    assert "…" not in words
    assert "朔州" in words and "理局" in words


def test_the_whole_board_shows_each_state(board: Board) -> None:
    words = shown(status_table(board))
    for state in ("已报", "待补正", "纸质版未到", "链接待取", "未送达", "未报（自愿）"):
        assert state in words
    assert "登记表中“联系电话”未填写" in words


def test_counts_have_a_sum(board: Board) -> None:
    words = shown(summary_table(board))
    assert "合计" in words and "25.0%" in words


def test_the_desk_gives_the_command_on_one_line(board: Board) -> None:
    console = Console(file=io.StringIO(), width=60, color_system=None)
    console.print(desk_list(board.desk, NOW), soft_wrap=True)
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    command = next(line for line in lines if "huizhi assign 5" in line)
    assert command.strip() == next(row.remedy for row in board.desk if row.ref == "来信 5")
    assert any("待人工  来信 5  已等 10 天" in line for line in lines)


def test_an_empty_desk_says_so() -> None:
    assert "没有需要人工处理的事" in shown(desk_list((), NOW))


def test_words_from_outside_are_neither_markup_nor_orders_to_the_terminal(board: Board) -> None:
    row = replace(board.desk[2], say="[bold]甲[/bold]\x1b]0;owned\x07\u202e乙")
    words = shown(desk_list((row,), NOW))
    assert "[bold]甲[/bold]" in words
    assert "\x1b" not in words and "\x07" not in words and "\u202e" not in words


def test_checks_say_what_to_do() -> None:
    words = shown(
        check_list([Check("imap login", False, "密码不对：请改 config"), Check("disk", True, "够用")])
    )
    assert "✗" in words and "密码不对：请改 config" in words and "有 1 项需要处理" in words
    assert "全部正常" in shown(check_list([Check("disk", True, "够用")]))


@pytest.mark.parametrize(
    ("waited", "words"),
    [(timedelta(minutes=5), "不到 1 小时"), (timedelta(hours=3), " 3 小时"), (timedelta(days=2), " 2 天")],
)
def test_how_long_something_waits(waited: timedelta, words: str) -> None:
    assert waited_words(waited) == words


def test_groups_add_up_to_the_whole(board: Board) -> None:
    named = dict(count_by_group(board))
    whole = count(board.rows)
    assert list(named) == ["市局"]
    assert (named["市局"].expected, named["市局"].missing) == (whole.expected, whole.missing)
    outsider = replace(board.rows[0], docket=replace(board.rows[0].docket, is_third_party=True), groups=())
    two = replace(board, rows=(outsider, *board.rows[1:]))
    assert [name for name, _ in count_by_group(two)] == ["市局", "名单以外"]
    words = shown(group_table(two))
    assert "合计" in words and "名单以外" in words and "还有 1 封来信没有归属到单位" in words


@pytest.mark.parametrize(
    ("tally", "signs"),
    [
        (Tally(), "·" * 24),
        (Tally(expected=4, returned=4), "█" * 24),
        (Tally(expected=4, missing=4), "░" * 24),
        (Tally(expected=4, returned=1, in_review=1, missing=2), "█" * 6 + "▒" * 6 + "░" * 12),
        (Tally(expected=1000, returned=999, missing=1), "█" * 23 + "░"),
        (Tally(expected=1000, returned=1, missing=999), "█" + "░" * 23),
    ],
)
def test_a_bar_is_full_only_when_everything_is_in(tally: Tally, signs: str) -> None:
    assert bar(tally).plain == signs


def test_a_list_of_some_rows_is_said_of_the_whole(board: Board) -> None:
    wanted = Wanted(is_in_review=True)
    words = shown(status_table(board, wanted.takes))
    assert UNITS[1] in words and UNITS[0] not in words
    assert board_sentence(board) in words.replace("\n", "")
    assert not any(Wanted(group="县局").takes(row) for row in board.rows)
    assert all(Wanted(group="市局").takes(row) for row in board.rows)
    late = [row for row in board.rows if Wanted(is_late=True).takes(row)]
    assert late and all(row.is_overdue or row.docket.is_late for row in late)
