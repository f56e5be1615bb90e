"""What is voluntary is never chased; once, by a clerk's word, those who brought nothing are told of it."""

from __future__ import annotations

from service.followup.remind import Offered
from tests.stories.story import (
    BEI,
    BEI_AT,
    CAMPAIGN,
    CLERK,
    DONG_AT,
    NAN,
    NAN_AT,
    XI_AT,
    Story,
    fill,
)
from tests.stories.test_chasing_held import chased, go

__all__ = ["chased"]  # the fixture


def neutral(story: Story, *, really: bool) -> Offered:
    return story.office.remind.neutral(CAMPAIGN, CLERK, "再提示一次", story.now, really=really)


def notes(story: Story, rcpt: str) -> list[str]:
    return [each for each in story.subjects(rcpt) if each.startswith("自愿报送提示")]


def test_it_goes_once_to_those_who_brought_nothing(chased: Story) -> None:
    go(chased, "2024-08-22 10:00")
    chased.reply(
        DONG_AT,
        "登记表见附件。",
        [("登记表.docx", fill(chased.form_of(DONG_AT), {"title": "作品一", "phone": "0351-1000001"}))],
    )
    chased.work()
    go(chased, "2024-08-26 20:00")
    shown = neutral(chased, really=False)
    assert {(unit, items) for unit, _, items in shown.units} >= {
        (NAN, ("works",)),
        (BEI, ("works", "summary")),
    }
    assert not any(rcpt == DONG_AT for _, rcpt, _ in shown.units)
    chased.work()
    assert notes(chased, NAN_AT) == [], "only looked at"
    assert neutral(chased, really=True).is_done
    chased.work()
    assert notes(chased, NAN_AT) == [], "it is evening"
    chased.reply(
        XI_AT,
        "登记表见附件。",
        [("登记表.docx", fill(chased.form_of(XI_AT), {"title": "作品二", "phone": "0351-1000002"}))],
    )
    chased.work()
    go(chased, "2024-08-27 08:30")
    assert [len(notes(chased, each)) for each in (NAN_AT, BEI_AT, DONG_AT, XI_AT)] == [1, 1, 0, 0]
    assert "不报送的，不用回复" in chased.last_text(NAN_AT) and "活动总结" not in chased.last_text(NAN_AT)
    assert "只能发一次" in neutral(chased, really=True).why


def test_it_is_refused_while_nobody_knows_what_came_in_and_before_three_working_days(chased: Story) -> None:
    go(chased, "2024-08-21 10:00")
    assert "没有还没报" in neutral(chased, really=True).why
    chased.world.is_mail_down = True
    go(chased, "2024-08-26 10:00")
    assert "请稍后再发" in neutral(chased, really=True).why
