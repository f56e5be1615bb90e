"""The desk, settled one thing after another with one key each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.desk.commands.sitting import settle_all
from service.desk.tools import Refused
from service.office.docket import DocketState
from service.office.letter import Stage
from tests.stories.story import CAMPAIGN, CLERK, DONG, DONG_AT, GOOD_SUMMARY, XI, XI_AT, Story, summary_docx

SUMMARY = [("活动总结.docx", summary_docx(GOOD_SUMMARY))]


def sit(story: Story, keys: str) -> None:
    """These keys, one after another; then the line is closed."""
    pressed: Iterator[str] = iter(keys)

    def key() -> str:
        said = next(pressed, "")
        if not said:
            raise EOFError
        return said

    settle_all(story.office, story.office.report.board(CAMPAIGN, story.now).desk, CLERK, key)


def waiting_letters(story: Story) -> None:
    """A stranger with the unit's code and summary, and a question of another unit."""
    story.reply("somebody@mail.example", "见附件。", SUMMARY, to=story.notice(DONG_AT))
    story.reply(XI_AT, "请问总结可以延期吗？")
    story.work()
    assert {each.stage for each in story.letters()} == {Stage.REVIEW, Stage.ASKED}


def test_one_key_files_the_letter_and_another_settles_the_question(
    released: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    waiting_letters(released)
    sit(released, "1n")
    shown = capsys.readouterr().out
    assert f"[1] 归“{DONG}”《" in shown and "附件：1. 活动总结.docx" in shown
    assert "请问总结可以延期吗" in shown and "办了 2 件" in shown
    released.work()
    assert released.docket(DONG, "summary").state is DocketState.RETURNED
    assert released.docket(XI, "summary").state is DocketState.AWAITED
    # A key says whose this letter is, not whose every letter from there will be.
    assert released.ledger.confirmed_senders() == ()


def test_what_is_skipped_or_left_waits_as_before(released: Story, capsys: pytest.CaptureFixture[str]) -> None:
    waiting_letters(released)
    before = [(each.id, each.stage) for each in released.letters()]
    sit(released, "xs")
    assert "没有这个键" in capsys.readouterr().out
    sit(released, "q")
    sit(released, "")
    assert [(each.id, each.stage) for each in released.letters()] == before
    assert "办了 0 件" in capsys.readouterr().out


def test_nobody_of_the_staff_settles_nothing(released: Story) -> None:
    with pytest.raises(Refused, match="staff 名单"):
        settle_all(released.office, (), "路人", lambda: "1")


def test_what_is_sealed_is_not_shown_here_either(released: Story, capsys: pytest.CaptureFixture[str]) -> None:
    released.reply(DONG_AT, "机密★5年\n专项情况总结，涉及某某事项。", SUMMARY)
    released.work()
    sit(released, "s")
    assert "涉及某某事项" not in capsys.readouterr().out
