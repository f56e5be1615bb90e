"""More time: for a unit or a whole group, at the hour of the notice, and by whose word."""

from __future__ import annotations

from service.desk.decide import exempt, extend, extend_group, record
from service.office.docket import DocketState
from tests.stories.story import CAMPAIGN, CLERK, DONG, DONG_AT, GOOD_SUMMARY, NAN, XI, Story, at, summary_docx

UNTIL = at("2024-10-15 00:00").date()
WHY = "汛期"


def with_hour(story: Story) -> None:
    """The summary is due at five in the afternoon."""
    path = story.folder / "templates" / "small" / "campaign.yaml"
    text = path.read_text(encoding="utf-8")
    due = "due: {on: 2024-09-28, carries_over: true}"
    assert due in text
    path.write_text(text.replace(due, due.replace("28,", '28, at: "17:00",')), encoding="utf-8")
    story.release()
    story.work()


def test_an_extension_keeps_the_hour_and_says_who_granted_it(story: Story) -> None:
    with_hour(story)
    said = extend(
        story.office,
        CAMPAIGN,
        DONG,
        "summary",
        until=UNTIL,
        by=CLERK,
        reason=WHY,
        now=story.now,
        granted_by="分管局长",
    )
    assert said.is_done and "2024年10月15日（星期二）17:00前" in said.say
    assert story.docket(DONG, "summary").due_until == at("2024-10-15 17:00")
    (event,) = story.ledger.events(kind="extended")
    assert (event.actor, dict(event.about)["granted_by"]) == (CLERK, "分管局长")


def test_a_whole_group_is_given_more_time_at_once(released: Story) -> None:
    assert exempt(released.office, CAMPAIGN, XI, "summary", by=CLERK, reason=WHY, now=released.now).is_done
    said = extend_group(
        released.office, CAMPAIGN, "区局", "summary", until=UNTIL, by=CLERK, reason=WHY, now=released.now
    )
    assert said.is_done and "2 个单位" in said.say
    for unit in (DONG, NAN):
        assert released.docket(unit, "summary").due_until == at("2024-10-16 00:00")
    assert released.docket(XI, "summary").state is DocketState.EXEMPT
    released.until("2024-10-01 12:00")
    assert not any("提醒" in each for each in released.subjects(DONG_AT)), "its reminders moved with it"
    released.until("2024-10-14 12:00")
    assert any("提醒" in each for each in released.subjects(DONG_AT))
    for group, until in (("区局", UNTIL), ("无此组", UNTIL)):
        again = extend_group(
            released.office, CAMPAIGN, group, "summary", until=until, by=CLERK, reason=WHY, now=released.now
        )
        assert not again.is_done


def test_paper_and_the_file_each_have_their_own_day(story: Story) -> None:
    path = story.folder / "templates" / "small" / "campaign.yaml"
    text = path.read_text(encoding="utf-8")
    asked = "    name: 活动总结\n"
    both = f"{asked}    media: [electronic, paper]\n"
    post = "post: {to: 质量科, street: 甲市某路1号, postcode: '030000'}\n"
    path.write_text(post + text.replace(asked, both), encoding="utf-8")
    story.release()
    story.work()
    story.until("2024-08-22 10:00")
    story.reply(DONG_AT, "总结见附件。", [("活动总结.docx", summary_docx(GOOD_SUMMARY))])
    story.work()
    waiting = story.docket(DONG, "summary")
    assert (waiting.state, waiting.electronic_at, waiting.paper_at) == (
        DocketState.AWAITED,
        at("2024-08-22 10:00"),
        None,
    )
    story.until("2024-08-27 10:00")
    done = record(
        story.office,
        CAMPAIGN,
        DONG,
        "summary",
        via="paper",
        on=at("2024-08-26 00:00").date(),
        by=CLERK,
        reason="挂号信",
        now=story.now,
    )
    assert done.is_done, done.say
    docket = story.docket(DONG, "summary")
    assert docket.state is DocketState.RETURNED and docket.paper_at is not None
    assert docket.electronic_at == docket.returned_at == at("2024-08-22 10:00")
    assert docket.paper_at.astimezone(story.office.policy.zone).date() == at("2024-08-26 00:00").date()
