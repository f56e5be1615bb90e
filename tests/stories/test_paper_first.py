"""Paper first: both forms are asked for, each comes on its own day; handed-in files go the same way."""

from __future__ import annotations

from datetime import date

from service.desk.decide import record, reopen
from service.office.docket import DocketState, MediumState
from service.office.letter import Stage
from service.office.needs.exchange import HandedIn
from tests.stories.story import (
    CAMPAIGN,
    CLERK,
    DONG,
    DONG_AT,
    GOOD_SUMMARY,
    NAN,
    NAN_AT,
    Story,
    fill,
    summary_docx,
)


def _both(story: Story) -> Story:
    path = story.folder / "templates" / CAMPAIGN / "campaign.yaml"
    text = path.read_text(encoding="utf-8")
    asked = "    name: 活动总结\n"
    assert asked in text
    text = text.replace(asked, f"{asked}    media: [electronic, paper]\n")
    path.write_text(text + "post: {to: 经办人乙, street: 甲市一号, postcode: '030000'}\n", encoding="utf-8")
    story.release()
    story.work()
    return story


def _paper(story: Story, unit: str, on: date) -> None:
    done = record(
        story.office,
        CAMPAIGN,
        unit,
        "summary",
        via="paper",
        on=on,
        by=CLERK,
        reason="收到盖章件",
        now=story.now,
    )
    assert done.is_done, done.say


def test_paper_alone_is_not_all(story: Story) -> None:
    _both(story)
    story.until("2024-09-20 10:00")
    _paper(story, DONG, date(2024, 9, 19))
    docket = story.docket(DONG, "summary")
    assert (docket.paper, docket.electronic) == (MediumState.RETURNED, MediumState.AWAITED)
    assert docket.state is DocketState.AWAITED
    story.reply(DONG_AT, "电子版见附件。", [("活动总结.docx", summary_docx(GOOD_SUMMARY))])
    story.work()
    assert story.docket(DONG, "summary").state is DocketState.RETURNED


def test_what_is_still_missing_is_named_by_its_medium(story: Story) -> None:
    _both(story)
    story.reply(NAN_AT, "电子版见附件。", [("活动总结.docx", summary_docx(GOOD_SUMMARY))])
    story.work()
    assert "活动总结（纸质版）" in story.last_text(NAN_AT)
    story.until("2024-09-24 12:00")
    assert "活动总结（纸质版）" in story.last_text(NAN_AT)
    _paper(story, NAN, date(2024, 9, 24))
    assert story.docket(NAN, "summary").state is DocketState.RETURNED
    story.until("2024-10-09 12:00")
    assert sum("催" in each or "提醒" in each for each in story.subjects(NAN_AT)) == 1


def test_a_return_can_be_taken_back_and_comes_again(story: Story) -> None:
    _both(story)
    _paper(story, DONG, date(2024, 8, 20))
    story.reply(DONG_AT, "电子版见附件。", [("活动总结.docx", summary_docx(GOOD_SUMMARY))])
    story.work()
    done = reopen(story.office, CAMPAIGN, DONG, "summary", by=CLERK, reason="报的是去年的总结", now=story.now)
    assert done.is_done, done.say
    assert DONG in story.missing()
    story.until("2024-08-21 10:00")
    story.reply(DONG_AT, "这是今年的。", [("活动总结.docx", summary_docx(GOOD_SUMMARY + "\n2024"))])
    story.work()
    assert story.docket(DONG, "summary").state is DocketState.RETURNED
    kinds = [event.kind for event in story.ledger.events(campaign=CAMPAIGN, unit=DONG)]
    assert "reopened" in kinds and kinds.count("filed") == 2


def test_a_file_handed_in_takes_the_way_of_a_letter(released: Story) -> None:
    form = fill(released.form_of(DONG_AT), {"title": "手交作品", "phone": "0351-1000001"})
    released.world.handed = [
        HandedIn("t1", DONG, "作品登记表.docx", form, released.now),
        HandedIn("t2", NAN, "活动总结.docx", summary_docx(GOOD_SUMMARY), released.now),
    ]
    released.work()
    assert released.world.handed == []
    assert released.docket(DONG, "works").state is DocketState.RETURNED
    assert released.docket(NAN, "summary").state is DocketState.RETURNED
    assert {letter.stage for letter in released.letters()} == {Stage.ACKNOWLEDGED}
    assert [letter.arrived_via for letter in released.letters()] == [f"交换/收件/{DONG}", f"交换/收件/{NAN}"]


def test_a_file_in_the_folder_of_an_unknown_unit_waits_for_a_person(released: Story) -> None:
    released.world.handed = [HandedIn("t1", "某单位", "材料.docx", summary_docx(GOOD_SUMMARY), released.now)]
    released.work()
    assert [letter.stage for letter in released.letters()] == [Stage.REVIEW]
