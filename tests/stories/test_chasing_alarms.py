"""Holding never becomes forgetting: what keeps units from being chased is on the desk, with a way out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from service.clerk import Watch
from service.desk.blocked import blind_rows
from service.desk.decide import extend, note
from service.office.board import DeskRow
from service.office.change import Stumble
from service.office.chasing import Hold
from service.office.docket import DocketState
from service.office.letter import Stage
from service.office.policy import Policy
from tests.stories.story import CAMPAIGN, CLERK, DONG, DONG_AT, NAN, NAN_AT, XI_AT, Story
from tests.stories.test_chasing_held import SUMMARY, awake, chased, go, reminders

__all__ = ["chased"]  # the fixture


def desk(story: Story, kind: str) -> list[DeskRow]:
    board = story.office.report.board(CAMPAIGN, story.now)
    return [each for each in board.desk if each.kind == kind]


def test_a_mailbox_that_cannot_be_read_is_named_with_its_hour(chased: Story) -> None:
    go(chased, "2024-09-24 08:00")
    chased.world.is_mail_down = True
    go(chased, "2024-09-24 09:30")
    assert blind_rows(chased.office, chased.now) == []
    go(chased, "2024-09-24 11:00")
    (row,) = blind_rows(chased.office, chased.now)
    assert row.kind == "收信中断" and row.ref == "邮箱 office/INBOX"
    assert "2024年9月24日（星期二）08:00" in row.say and "催办已暂停" in row.say
    assert chased.office.remind.alarm(chased.now)
    assert not chased.office.remind.alarm(chased.now), "told once"
    (event,) = chased.ledger.events(kind="intake-blind")
    assert dict(event.about)["box"] == "office/INBOX"
    chased.world.is_mail_down = False
    go(chased, "2024-09-24 12:00")
    assert blind_rows(chased.office, chased.now) == [] and len(reminders(chased, NAN_AT)) == 1


def set_aside(story: Story, stage: str) -> None:
    """The next letter cannot be taken on from here, whatever is tried."""
    failed = Stumble(stage, str(len(story.letters()) + 1), story.now, "KeyError: x")
    for _ in range(3):
        assert story.ledger.apply([failed])


def test_a_letter_set_aside_that_may_be_anybodys_holds_all_and_says_so(chased: Story) -> None:
    go(chased, "2024-09-23 10:00")
    set_aside(chased, "match")
    chased.reply(DONG_AT, "总结见附件。", SUMMARY)
    chased.work()
    (letter,) = chased.letters()
    assert letter.stage is Stage.SORTED
    go(chased, "2024-09-24 10:00")
    assert [reminders(chased, each) for each in (DONG_AT, XI_AT, NAN_AT)] == [[], [], []]
    assert chased.office.remind.alarm(chased.now) and chased.ledger.events(letter=1, kind="chasing-held")
    (row,) = desk(chased, "搁置")
    assert "暂不催办" in row.say and row.remedy == "huizhi try-again match 1 --by 姓名"
    done = note(chased.office, 1, by=CLERK, reason="广告", now=chased.now)
    assert done.is_done, done.say
    go(chased, "2024-09-24 10:15")
    assert len(reminders(chased, NAN_AT)) == 1 and desk(chased, "搁置") == []


def test_a_letter_set_aside_of_a_known_unit_holds_that_unit_alone(chased: Story) -> None:
    go(chased, "2024-09-23 10:00")
    set_aside(chased, "file")
    chased.reply(DONG_AT, "总结见附件。", SUMMARY)
    chased.work()
    assert chased.letters()[0].stage is Stage.CHECKED
    told = chased.office.remind.outlook(CAMPAIGN, date(2024, 9, 24), chased.now)
    assert [each.unit for each in told.rows if each.why is Hold.UNREAD] == [DONG] and len(told.rows) == 3
    go(chased, "2024-09-24 10:00")
    assert reminders(chased, DONG_AT) == [] and len(reminders(chased, NAN_AT)) == 1


def test_what_waits_for_a_person_over_a_working_day_is_an_alarm_once(chased: Story) -> None:
    go(chased, "2024-09-20 16:00")  # a Friday
    chased.reply("somebody@qq.com", "材料见附件。", SUMMARY, to=chased.notice(DONG_AT))
    chased.work()
    watch = Watch(chased.clerk)
    for hour in ("22 16:00", "23 15:59"):
        go(chased, f"2024-09-{hour}")
        watch._housekeeping()
        assert chased.ledger.events(kind="review-overdue") == ()
    go(chased, "2024-09-23 16:00")
    assert "等候已久" not in desk(chased, "待人工")[0].say
    watch._housekeeping()
    watch._housekeeping()
    assert [each.letter for each in chased.ledger.events(kind="review-overdue")] == [1]
    assert desk(chased, "待人工")[0].say.startswith("【等候已久，请尽快办理】")


def test_who_was_reminded_often_enough_is_called(chased: Story) -> None:
    def once(policy: Policy) -> Policy:
        return replace(awake(policy), reminders_per_unit=1)

    chased.change_policy = once
    chased.restart()
    go(chased, "2024-09-24 10:00")
    go(chased, "2024-09-30 10:00")
    assert len(reminders(chased, NAN_AT)) == 1
    (row,) = [each for each in desk(chased, "电话催办") if each.unit == NAN]
    assert "邮件催办已到次数上限" in row.say and "promise" in row.remedy


def with_terms(story: Story, line: str) -> None:
    path = story.folder / "templates" / "small" / "campaign.yaml"
    text = path.read_text(encoding="utf-8")
    asked = "    name: 活动总结\n"
    path.write_text(text.replace(asked, f"{asked}    {line}\n"), encoding="utf-8")
    story.change_policy = awake
    story.restart()
    story.release()
    story.work()


def test_in_the_days_of_grace_nobody_is_called_overdue(story: Story) -> None:
    with_terms(story, "grace_days: 3")
    go(story, "2024-09-24 10:00")
    go(story, "2024-09-30 10:00")
    assert len(reminders(story, NAN_AT)) == 1, "the step after the date waits for the end of the grace"
    docket = story.docket(NAN, "summary")
    assert docket.is_missing and not docket.is_overdue(story.now)
    board = story.office.report.board(CAMPAIGN, story.now)
    assert not any(each.is_overdue for each in board.rows)
    go(story, "2024-10-08 08:30")
    assert story.docket(NAN, "summary").is_overdue(story.now)
    assert "逾期未报提醒" in reminders(story, NAN_AT)[-1] and "已逾期" in story.last_text(NAN_AT)


@pytest.mark.parametrize(
    ("on", "state"), [("2024-10-15", DocketState.RETURNED), ("2024-10-21", DocketState.IN_REVIEW)]
)
def test_an_extension_goes_before_the_cut_off(story: Story, on: str, state: DocketState) -> None:
    with_terms(story, "cut_off_on: 2024-10-10")
    go(story, "2024-09-20 10:00")
    granted = extend(
        story.office,
        CAMPAIGN,
        DONG,
        "summary",
        until=date(2024, 10, 18),
        by=CLERK,
        reason="同意",
        now=story.now,
    )
    assert granted.is_done
    go(story, f"{on} 10:00")
    story.reply(DONG_AT, "总结见附件。", SUMMARY)
    story.work()
    assert story.docket(DONG, "summary").state is state
