"""Late by a day: 顺延 gives the make-up workday, midnight ends it, and lateness is said plainly."""

from __future__ import annotations

from service.office.docket import DocketState
from tests.stories.story import DONG, DONG_AT, GOOD_SUMMARY, NAN, NAN_AT, XI, Story, at, summary_docx


def _send(story: Story, rcpt: str) -> None:
    story.reply(rcpt, "总结见附件。", [("活动总结.docx", summary_docx(GOOD_SUMMARY))])
    story.work()


def test_the_make_up_workday_still_counts(released: Story) -> None:
    # 2024-09-28 is a Saturday; the next working day is the make-up workday, Sunday the 29th.
    released.until("2024-09-29 23:59")
    _send(released, DONG_AT)
    docket = released.docket(DONG, "summary")
    assert docket.due_until == at("2024-09-30 00:00")
    assert not docket.is_late
    assert "按时收到" in released.last_text(DONG_AT)


def test_midnight_sharp_is_late(released: Story) -> None:
    released.until("2024-09-30 00:00")
    assert set(released.missing()) == {DONG, XI, NAN}
    _send(released, NAN_AT)
    assert released.docket(NAN, "summary").is_late
    assert "逾期收到" in released.last_text(NAN_AT)
    assert set(released.missing()) == {DONG, XI}


def test_only_the_missing_are_chased_and_each_step_once(released: Story) -> None:
    released.until("2024-09-10 10:00")
    _send(released, DONG_AT)
    released.until("2024-10-09 12:00")
    reminders = [subject for subject in released.subjects(NAN_AT) if "催" in subject or "提醒" in subject]
    assert len(reminders) == 2
    assert all("催" not in subject for subject in released.subjects(DONG_AT))
    assert "活动总结" in released.last_text(NAN_AT) and DONG not in released.last_text(NAN_AT)


def test_no_reminder_outside_office_hours(released: Story) -> None:
    released.until("2024-10-09 12:00")
    fired = [event for event in released.ledger.events(kind="reminded")]
    assert fired
    assert all(released.office.policy.is_open(event.at) for event in fired)


def test_no_reminder_while_the_mailbox_is_blind(released: Story) -> None:
    released.until("2024-09-20 10:00")
    released.world.is_mail_down = True
    released.until("2024-09-26 12:00")
    assert released.ledger.events(kind="reminded") == ()
    released.world.is_mail_down = False
    released.until("2024-09-27 12:00")
    assert len(released.ledger.events(kind="reminded")) == 3


def _summary_with(story: Story, line: str) -> None:
    path = story.folder / "templates" / "small" / "campaign.yaml"
    text = path.read_text(encoding="utf-8")
    asked = "    name: 活动总结\n"
    path.write_text(text.replace(asked, f"{asked}    {line}\n"), encoding="utf-8")
    story.release()
    story.work()


def test_days_of_grace_are_not_called_late(story: Story) -> None:
    _summary_with(story, "grace_days: 3")
    story.until("2024-10-02 23:00")
    _send(story, DONG_AT)
    assert not story.docket(DONG, "summary").is_late
    story.until("2024-10-03 00:00")
    _send(story, NAN_AT)
    assert story.docket(NAN, "summary").is_late


def test_after_the_cut_off_a_person_decides(story: Story) -> None:
    _summary_with(story, "cut_off_on: 2024-10-10")
    story.until("2024-10-11 08:00")
    _send(story, DONG_AT)
    assert story.docket(DONG, "summary").state is DocketState.IN_REVIEW
    assert "截止收取" in story.letters()[0].outcome
    assert DONG not in story.missing()
