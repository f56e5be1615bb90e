"""汇总 — what the board says of a campaign, from plain values."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from service.followup.report.reading import board_of
from service.followup.report.rows import count_unassigned, deadline_of, summed
from service.office.board import Board, BoardRow
from service.office.campaign import Obligation
from service.office.change import ItemRow
from service.office.dispatch import DispatchState
from service.office.docket import DocketState, MediumState
from service.office.letter import Stage
from service.office.needs.ledger import StumbleRow
from service.office.tally import (
    apart_sentence,
    board_sentence,
    count,
    left_words,
    mailbox_sentence,
    missing_rows,
    state_words,
    timeliness_words,
    unassigned_sentence,
)
from service.office.tree_names import short_title
from tests.followup.sample_board import DUE, NOW, SUMMARY, UNITS, ZONE, docket, letter, sources


def board() -> Board:
    return board_of(sources(), NOW, "head")


def row_of(board: Board, unit: int, item: str = "summary") -> BoardRow:
    return next(row for row in board.rows if (row.docket.unit, row.docket.item) == (UNITS[unit], item))


def test_only_the_required_and_awaited_are_missing() -> None:
    missing = missing_rows(board())
    assert [(row.unit_name, state_words(row), left_words(row)) for row in missing] == [
        ("朔州市市场监督管理局", "纸质版未到", "逾期 2 天")
    ]


def test_the_parts_of_the_count_add_up() -> None:
    total = count(board().rows)
    parts = (total.returned, total.missing, total.needs_correction, total.in_review)
    apart = (total.undelivered, total.by_link, total.promised, total.not_sent)
    assert sum(parts) + sum(apart) == total.expected == 4
    assert (total.on_time, total.late, total.volunteered, total.overdue) == (1, 0, 1, 1)
    assert total.return_rate == pytest.approx(0.25)


def test_voluntary_items_are_never_owed_late_or_missing() -> None:
    late = replace(docket(0, "works", DocketState.RETURNED), due_until=DUE, returned_at=NOW)
    row = replace(row_of(board(), 0, "works"), docket=late)
    assert count([row]).expected == 0 and count([row]).late == 0 and count([row]).volunteered == 1
    assert timeliness_words(row) == "自愿"
    assert count([row]).return_rate is None


def test_an_exempt_unit_is_not_counted_as_owing() -> None:
    row = replace(row_of(board(), 0), docket=docket(0, state=DocketState.EXEMPT))
    assert (count([row]).expected, count([row]).exempt) == (0, 1)


def test_a_late_return_is_in_and_late() -> None:
    late = replace(docket(0, state=DocketState.RETURNED), returned_at=DUE)
    row = replace(row_of(board(), 0), docket=late)
    assert (count([row]).returned, count([row]).on_time, count([row]).late) == (1, 0, 1)
    assert timeliness_words(row) == "迟报"


def test_the_due_date_is_told_with_its_carrying_over() -> None:
    words = row_of(board(), 2).due_words
    assert words == "2024年9月29日（星期日）24:00前（含当日），原定9月28日（星期六），遇休息日顺延"


def test_an_extended_due_date_says_so_and_forgets_the_notice() -> None:
    until = datetime(2024, 10, 12, 17, 0, tzinfo=ZONE)
    extended = replace(docket(2), due_until=until, due_rev=1)
    rows = board_of(replace(sources(), dockets=(extended,)), NOW).rows
    assert rows[0].due_words == "2024年10月12日（星期六）17:00前，已延期"
    assert (rows[0].days_left, rows[0].is_overdue) == (11, False)
    fixed = deadline_of(extended, SUMMARY, ZONE)
    assert fixed is not None and not fixed.is_carried_over


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (datetime(2024, 9, 26, 10, tzinfo=ZONE), "剩 3 天"),
        (datetime(2024, 9, 29, 23, 59, tzinfo=ZONE), "今天截止"),
        (DUE, "逾期 1 天"),
    ],
)
def test_how_long_is_left(now: datetime, words: str) -> None:
    assert left_words(row_of(board_of(sources(), now), 2)) == words


def test_an_hour_that_has_passed_today_is_overdue_today() -> None:
    early = replace(docket(2), due_until=datetime.combine(NOW.date(), time(8), ZONE))
    row = board_of(replace(sources(), dockets=(early,)), NOW).rows[0]
    assert left_words(row) == "今天已逾期"


def test_the_newest_valid_version_of_each_entry_is_shown() -> None:
    assert row_of(board(), 0).files == ("总结（改）.docx",)
    assert row_of(board(), 0, "works").entry_titles == ("=质量在身边",)


def test_what_must_be_mended_stands_before_advice() -> None:
    assert row_of(board(), 1).findings == ("登记表中“联系电话”未填写", "建议：约500字，实际1200字")


def test_the_last_contact_is_the_newest_letter_of_ours() -> None:
    assert row_of(board(), 1).last_contact == "9月21日 催办"
    assert row_of(board(), 0).last_contact == "8月23日 通知"
    assert row_of(board(), 2).last_contact == ""


def test_every_list_says_how_many_letters_are_nobodys() -> None:
    assert board().unassigned_letters == 1
    assert "还有 1 封来信没有归属到单位" in unassigned_sentence(board())
    assert unassigned_sentence(replace(board(), unassigned_letters=0)) == "没有未归属的来信。"


def test_a_letter_not_looked_at_yet_is_nobodys_too_and_a_settled_one_is_not() -> None:
    letters = [letter(1, Stage.RECEIVED), letter(2, Stage.IGNORED), letter(3, Stage.REVIEW, UNITS[0])]
    assert count_unassigned(letters) == 1


def test_the_sentences_name_what_stands_apart() -> None:
    assert apart_sentence(board()) == "另有待补正 1 项、未送达 1 项，不算未报。"
    assert board_sentence(board()).startswith(
        "截至2024年10月1日09:00，应报 4 项，已报 1 项（按时 1、迟报 0）"
    )
    assert mailbox_sentence(board()) == "信箱最近一次成功读取：2024年10月1日08:57。"
    assert mailbox_sentence(replace(board(), mailbox_read_at=None)) == "信箱还没有成功读取过。"


def test_half_a_return_names_the_half_that_is_out() -> None:
    paper_first = replace(docket(2), electronic=MediumState.AWAITED, paper=MediumState.RETURNED)
    row = replace(row_of(board(), 2), docket=paper_first)
    assert state_words(row) == "电子版未到"
    rolling = replace(row, docket=replace(docket(2), obligation=Obligation.ROLLING))
    assert state_words(rolling) == "可随时报"


def test_the_desk_names_everything_that_needs_a_person_with_its_command() -> None:
    rows = {row.ref: row for row in board().desk}
    assert [row.kind for row in board().desk] == ["密级", "存疑", "待人工", "询问", "链接待取", "未送达"]
    assert rows["来信 5"].remedy == (
        "huizhi assign 5 --unit 单位全称 --item 材料 --campaign quality --reason 理由 --by 姓名"
    )
    assert "2024年10月17日00:00失效" in rows[f"{UNITS[2]}/works"].say
    assert rows["来信 9"].remedy == "huizhi note 9 --reason 理由 --by 姓名"
    assert rows["来信 6"].remedy == "huizhi note 6 --reason 理由 --by 姓名"
    assert rows["发件 5"].remedy == "huizhi settle 5 --to sent --reason 理由 --by 姓名"
    assert rows["发件 4"].remedy == "huizhi settle 4 --to cancelled --reason 理由 --by 姓名"
    assert rows[f"{UNITS[2]}/works"].remedy == (
        f"huizhi record quality {UNITS[2]} works --via oa --on 日期 --reason 理由 --by 姓名 --file 下载的文件"
    )


def test_a_classified_letter_is_named_without_a_word_of_it() -> None:
    row = next(row for row in board().desk if row.kind == "密级")
    assert "材料6" not in row.say and "someone6" not in row.say


def test_the_command_for_a_letter_in_review_names_the_item_it_holds() -> None:
    held = replace(docket(1, state=DocketState.IN_REVIEW), resting=DocketState.AWAITED)
    waits = letter(11, Stage.REVIEW, UNITS[1])
    rows = board_of(replace(sources(), dockets=(held,), letters=(waits,)), NOW).desk
    assert f"--unit {UNITS[1]} --item summary " in next(row for row in rows if row.ref == "来信 11").remedy


def test_a_name_that_a_shell_would_take_apart_is_quoted() -> None:
    waits = letter(11, Stage.REVIEW, "甲 乙; rm")
    rows = board_of(replace(sources(), letters=(waits,)), NOW).desk
    assert "--unit '甲 乙; rm' " in next(row for row in rows if row.ref == "来信 11").remedy


def test_a_notice_that_came_back_later_stands_on_the_desk_once() -> None:
    told = replace(sources(), dispatches=())
    rows = [row for row in board_of(told, NOW).desk if row.kind == "未送达"]
    assert [row.unit for row in rows] == [UNITS[3]]


def test_work_is_set_aside_only_after_three_tries() -> None:
    told = replace(
        sources(),
        stumbles=(
            StumbleRow("match", "7", 2, "ValueError", NOW),
            StumbleRow("check", "8", 3, "KeyError", NOW),
        ),
    )
    assert [row.ref for row in board_of(told, NOW).desk if row.kind == "搁置"] == ["check 8"]


def test_a_held_dispatch_tells_a_draft_from_a_stop() -> None:
    drafts = tuple(replace(each, state=DispatchState.HELD) for each in sources().dispatches[:2])
    drafts = (drafts[0], replace(drafts[1], last_error="密码已失效"))
    says = [
        row.say for row in board_of(replace(sources(), dispatches=drafts), NOW).desk if row.kind == "待发草稿"
    ]
    assert "草稿，等人看过再发" in says[0] and "停发：密码已失效" in says[1]


def test_the_address_book_shows_mailboxes_that_are_gone() -> None:
    told = sources()
    gone = replace(told.standings[3], gone=("ZLK3@sx.example",))
    rows = board_of(replace(told, standings=(*told.standings[:3], gone)), NOW).addresses
    assert [row.state for row in rows] == ["正常", "正常", "正常", "邮箱不存在"]


def test_a_unit_without_anyone_stands_in_the_address_book() -> None:
    told = sources()
    alone = replace(told.standings[0], unit=replace(told.standings[0].unit, contacts=()))
    rows = board_of(replace(told, standings=(alone,)), NOW).addresses
    assert [row.state for row in rows] == ["没有联系人"]


def test_several_campaigns_make_one_sum() -> None:
    one = board()
    row = replace(sources().row, key="other", title="另一项活动")
    other = board_of(
        replace(sources(), row=row, items=(ItemRow("summary", "总结", 0, Obligation.REQUIRED),)), NOW
    )
    total = summed([one, other], unassigned=1, head="h")
    assert len(total.rows) == len(one.rows) + len(other.rows)
    assert total.unassigned_letters == 1
    assert {row.item_name for row in total.rows} >= {f"{one.title}·质量月活动总结", "另一项活动·总结"}
    assert [row.ref for row in total.desk].count("来信 5") == 1


def test_the_board_speaks_local_time() -> None:
    at_utc = board_of(sources(), NOW.astimezone(UTC)).at
    assert (at_utc.hour, at_utc.date()) == (9, date(2024, 10, 1))
    assert at_utc.utcoffset() == timedelta(hours=8)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("山西省市场监督管理局关于开展2024年度宣传周活动的通知", "2024年度宣传周活动"),
        ("关于做好报送年度总结工作的通知", "年度总结"),
        ("某局关于积极开展“世界认可日”宣传活动的通知", "“世界认可日”宣传活动"),
        ("关于转发《关于举办展览的通知》的通知", "转发《关于举办展览的通知》"),
        ("2024年质量月", "2024年质量月"),
        ("关于甲的通知", "关于甲的通知"),
    ],
)
def test_a_notice_is_called_by_what_it_is_about(title: str, name: str) -> None:
    assert short_title(title) == name


def test_a_bounce_after_acceptance_does_not_quote_the_acceptance() -> None:
    told = sources()
    bounced = replace(told.dispatches[3], last_code=250, last_error="OK: queued")
    refused = replace(told.dispatches[3], last_code=550, last_error="user unknown")
    says = [board_of(replace(told, dispatches=(each,)), NOW).desk[-1].say for each in (bounced, refused)]
    assert "（对方先收下，后又退回）" in says[0] and "（550 user unknown）" in says[1]
