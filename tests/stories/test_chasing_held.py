"""Chasing is held, never lost: a step waits for what holds it, and rings at the next office hour after."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from service.desk.decide import exempt, extend, note, record, reopen, settle_dispatch, strike, unstrike
from service.office.change import PutTimers, Timer
from service.office.chasing import Hold
from service.office.dispatch import DispatchKind, DispatchState
from service.office.docket import DocketState
from service.office.outcome import TryAgain
from service.office.policy import Policy
from tests.stories.story import (
    CAMPAIGN,
    CLERK,
    DONG,
    DONG_AT,
    GOOD_SUMMARY,
    NAN,
    NAN_AT,
    XI,
    XI_AT,
    Story,
    at,
    summary_docx,
)

WHY = "电话核实"
SUMMARY = [("活动总结.docx", summary_docx(GOOD_SUMMARY))]


def awake(policy: Policy) -> Policy:
    """A story leaps over days in which nothing happens, and must not be taken for a standstill."""
    return replace(policy, stale_after=timedelta(days=400))


@pytest.fixture
def chased(released: Story) -> Story:
    """The small campaign, its notices sent on 2024-08-20; steps on 2024-09-24 and 2024-09-30 at 09:30."""
    released.change_policy = awake
    released.restart()
    return released


def go(story: Story, text: str) -> None:
    """On to an instant, reading the mailbox there; nothing in between."""
    story.clock.set(at(text))
    story.work()


def reminders(story: Story, rcpt: str) -> list[str]:
    return [each for each in story.subjects(rcpt) if "提醒" in each]


def steps(story: Story, unit: str) -> dict[str, str]:
    return {timer.step: state for timer, state in story.ledger.timers(CAMPAIGN) if timer.unit == unit}


def test_a_step_waits_for_the_review_of_a_letter_and_rings_afterwards(chased: Story) -> None:
    go(chased, "2024-09-23 10:00")
    chased.reply("somebody@qq.com", "材料见附件。", SUMMARY, to=chased.notice(DONG_AT))
    chased.work()
    assert chased.docket(DONG, "summary").state is DocketState.IN_REVIEW
    go(chased, "2024-09-24 09:30")
    go(chased, "2024-09-25 18:00")
    assert reminders(chased, DONG_AT) == [] and len(reminders(chased, NAN_AT)) == 1
    assert "pending" in steps(chased, DONG).values()
    (letter,) = chased.letters()
    assert note(chased.office, letter.id, by=CLERK, reason="不是报送", now=chased.now).is_done
    chased.work()
    assert reminders(chased, DONG_AT) == [], "the office is closed"
    go(chased, "2024-09-26 08:29")
    assert reminders(chased, DONG_AT) == []
    go(chased, "2024-09-26 08:30")
    assert len(reminders(chased, DONG_AT)) == 1
    go(chased, "2024-09-26 10:00")
    assert len(reminders(chased, DONG_AT)) == 1


def promise(story: Story, day: str, unit: str = XI) -> str:
    done = record(
        story.office,
        CAMPAIGN,
        unit,
        "summary",
        via="promise",
        on=date.fromisoformat(day),
        by=CLERK,
        reason=WHY,
        now=story.now,
    )
    return "" if done.is_done else done.say


def test_a_promise_lapses_with_its_day_and_the_step_that_waited_rings(chased: Story) -> None:
    go(chased, "2024-09-23 10:00")
    assert promise(chased, "2024-09-25") == ""
    go(chased, "2024-09-24 10:00")
    go(chased, "2024-09-25 23:59")
    assert XI not in chased.missing() and reminders(chased, XI_AT) == []
    go(chased, "2024-09-26 00:00")
    docket = chased.docket(XI, "summary")
    assert (docket.state, docket.promised_on) == (DocketState.AWAITED, None)
    assert "承诺" in (docket.reason or "")
    assert XI in chased.missing() and reminders(chased, XI_AT) == []
    (lapsed,) = chased.ledger.events(kind="promise-lapsed")
    assert (lapsed.unit, lapsed.item, dict(lapsed.about)["promised_on"]) == (XI, "summary", "2024-09-25")
    assert ("to", "awaited") in chased.ledger.events(unit=XI, kind="docket-moved")[-1].about
    go(chased, "2024-09-26 08:30")
    assert len(reminders(chased, XI_AT)) == 1


def test_a_promise_for_a_day_that_is_over_is_refused(chased: Story) -> None:
    go(chased, "2024-09-23 10:00")
    assert "已经过了" in promise(chased, "2024-09-22")


def test_a_faulty_return_under_a_promise_is_not_called_missing_when_the_day_is_over(chased: Story) -> None:
    go(chased, "2024-08-21 10:00")
    chased.reply(DONG_AT, "总结见附件。", [("活动总结.docx", b"no document")])
    chased.work()
    assert chased.docket(DONG, "summary").state is DocketState.NEEDS_CORRECTION
    assert promise(chased, "2024-08-22", DONG) == ""
    go(chased, "2024-08-23 08:00")
    assert chased.docket(DONG, "summary").state is DocketState.NEEDS_CORRECTION
    assert DONG not in chased.missing()


def test_a_notice_is_three_working_days_old_counted_from_when_it_left(story: Story) -> None:
    story.change_policy = awake
    story.restart()
    story.world.refusals[NAN_AT] = TryAgain(timedelta(hours=1), "450 busy", 450)
    story.release()
    story.work()
    late = Timer(CAMPAIGN, NAN, "早催@2024-08-26", 0, at("2024-08-26 09:30"), ("summary",))
    early = replace(late, unit=XI)
    assert story.ledger.apply([PutTimers((late, early))])
    go(story, "2024-08-23 16:00")  # a Friday
    story.world.refusals.clear()
    go(story, "2024-08-23 23:30")
    go(story, "2024-08-24 06:00")
    (sent,) = [each for each in story.ledger.dispatches(CAMPAIGN, unit=NAN) if each.sent_at]
    assert sent.sent_at is not None and sent.sent_at >= at("2024-08-23 16:00")
    go(story, "2024-08-26 09:30")
    assert len(reminders(story, XI_AT)) == 1
    assert reminders(story, NAN_AT) == [] and steps(story, NAN)["早催@2024-08-26"] == "pending"
    policy = story.office.policy
    first = policy.calendar.add_workdays(policy.local(sent.sent_at).date(), 3)
    go(story, f"{policy.calendar.add_workdays(first, -1)} 17:29")
    assert reminders(story, NAN_AT) == []
    go(story, f"{first} 08:30")
    assert len(reminders(story, NAN_AT)) == 1


def test_a_reminder_that_could_not_leave_waits_for_the_morning(chased: Story) -> None:
    chased.world.is_post_down = True
    go(chased, "2024-09-24 17:00")
    assert chased.ledger.dispatches(CAMPAIGN, kinds=(DispatchKind.REMINDER,))
    chased.world.is_post_down = False
    for hour in ("24 19:00", "25 03:00", "25 08:29"):
        go(chased, f"2024-09-{hour}")
    assert reminders(chased, NAN_AT) == []
    go(chased, "2024-09-25 08:30")
    assert len(reminders(chased, NAN_AT)) == 1


def test_a_retry_that_falls_due_at_night_leaves_in_the_morning(chased: Story) -> None:
    chased.world.refusals[NAN_AT] = TryAgain(timedelta(minutes=5), "450 busy", 450)
    go(chased, "2024-09-24 09:30")
    (row,) = chased.ledger.dispatches(CAMPAIGN, kinds=(DispatchKind.REMINDER,), unit=NAN)
    chased.world.refusals.clear()
    go(chased, "2024-09-24 20:00")
    assert reminders(chased, NAN_AT) == []
    found = chased.ledger.dispatch(row.id)
    assert found is not None and found.due_at == at("2024-09-25 08:30")


def test_a_reopened_docket_gets_the_steps_still_to_come(chased: Story) -> None:
    go(chased, "2024-09-02 10:00")
    office = chased.office
    assert exempt(office, CAMPAIGN, NAN, "summary", by=CLERK, reason=WHY, now=chased.now).is_done
    extended = extend(
        office, CAMPAIGN, NAN, "summary", until=date(2024, 10, 15), by=CLERK, reason=WHY, now=chased.now
    )
    assert extended.is_done, extended.say
    assert "pending" not in steps(chased, NAN).values()
    assert reopen(office, CAMPAIGN, NAN, "summary", by=CLERK, reason=WHY, now=chased.now).is_done
    waiting = [
        timer.at
        for timer, state in chased.ledger.timers(CAMPAIGN)
        if timer.unit == NAN and state == "pending"
    ]
    assert waiting == [at("2024-10-10 09:30"), at("2024-10-16 09:30")]
    go(chased, "2024-10-10 09:30")
    assert len(reminders(chased, NAN_AT)) == 1


def test_after_an_outage_only_the_newest_step_is_sent(chased: Story) -> None:
    chased.world.is_mail_down = True
    go(chased, "2024-10-08 10:00")
    assert reminders(chased, NAN_AT) == []
    chased.world.is_mail_down = False
    go(chased, "2024-10-08 11:00")
    assert len(reminders(chased, NAN_AT)) == 1
    assert sorted(steps(chased, NAN).values()) == ["fired", "skipped"]
    go(chased, "2024-10-09 11:00")
    assert len(reminders(chased, NAN_AT)) == 1


def test_a_reminder_that_never_left_gives_way_to_the_next_step(chased: Story) -> None:
    chased.world.is_post_down = True
    go(chased, "2024-09-24 09:30")
    go(chased, "2024-09-30 09:30")
    chased.world.is_post_down = False
    go(chased, "2024-09-30 16:30")
    go(chased, "2024-10-08 09:00")
    assert len(reminders(chased, NAN_AT)) == 1
    rows = chased.ledger.dispatches(CAMPAIGN, kinds=(DispatchKind.REMINDER,), unit=NAN)
    assert [each.state for each in rows] == [DispatchState.CANCELLED, DispatchState.SENT]


def test_a_reminder_held_in_doubt_and_sent_anew_is_not_a_second_one_on_that_day(chased: Story) -> None:
    chased.world.refusals[NAN_AT] = TryAgain(timedelta(minutes=1), "450 busy", 450)
    go(chased, "2024-09-24 09:30")
    chased.world.refusals.clear()
    late = Timer(CAMPAIGN, NAN, "加催@2024-09-24", 0, at("2024-09-24 14:00"), ("summary",))
    assert chased.ledger.apply([PutTimers((late,))])
    go(chased, "2024-09-24 10:30")
    assert len(reminders(chased, NAN_AT)) == 1
    go(chased, "2024-09-24 17:00")
    assert len(reminders(chased, NAN_AT)) == 1, "one a working day"
    go(chased, "2024-09-25 08:30")
    assert len(reminders(chased, NAN_AT)) == 2
    (first, _) = chased.ledger.dispatches(CAMPAIGN, kinds=(DispatchKind.REMINDER,), unit=NAN)
    assert not settle_dispatch(
        chased.office, first.id, to=DispatchState.READY, by=CLERK, reason=WHY, now=chased.now
    ).is_done


def test_a_struck_unit_is_not_chased_until_it_is_taken_back(chased: Story) -> None:
    go(chased, "2024-09-23 10:00")
    struck = strike(
        chased.office, CAMPAIGN, NAN, until=date(2024, 9, 27), by=CLERK, reason=WHY, now=chased.now
    )
    assert struck.is_done, struck.say
    go(chased, "2024-09-24 10:00")
    assert reminders(chased, NAN_AT) == [] and len(reminders(chased, XI_AT)) == 1
    assert NAN in chased.missing()
    taken_back = unstrike(chased.office, CAMPAIGN, NAN, by=CLERK, reason=WHY, now=chased.now)
    assert taken_back.is_done, taken_back.say
    go(chased, "2024-09-24 10:15")
    assert len(reminders(chased, NAN_AT)) == 1
    by_clerk = [
        each.actor for kind in ("struck-off", "struck-on") for each in chased.ledger.events(kind=kind)
    ]
    assert by_clerk == [CLERK, CLERK]


def test_a_strike_after_the_reminder_was_written_still_keeps_it_in_the_house(chased: Story) -> None:
    chased.world.is_post_down = True
    go(chased, "2024-09-24 10:00")
    struck = strike(
        chased.office, CAMPAIGN, NAN, "summary", until=date(2024, 9, 25), by=CLERK, reason=WHY, now=chased.now
    )
    assert struck.is_done, struck.say
    chased.world.is_post_down = False
    go(chased, "2024-09-24 16:00")
    go(chased, "2024-09-25 16:00")
    assert reminders(chased, NAN_AT) == [] and len(reminders(chased, XI_AT)) == 1
    go(chased, "2024-09-26 08:30")
    assert len(reminders(chased, NAN_AT)) == 1


def test_a_reminder_written_in_time_waits_while_nobody_knows_what_came_in(chased: Story) -> None:
    chased.world.is_post_down = True
    go(chased, "2024-09-24 10:00")
    chased.world.is_post_down, chased.world.is_mail_down = False, True
    go(chased, "2024-09-24 14:00")
    go(chased, "2024-09-24 16:00")
    assert reminders(chased, NAN_AT) == []
    chased.world.is_mail_down = False
    go(chased, "2024-09-24 16:30")
    assert len(reminders(chased, NAN_AT)) == 1


def test_what_is_foreseen_on_the_eve_is_what_happens(chased: Story) -> None:
    go(chased, "2024-09-23 10:00")
    assert promise(chased, "2024-09-26") == ""
    go(chased, "2024-09-23 16:00")
    told = chased.office.remind.outlook(CAMPAIGN, date(2024, 9, 24), chased.now)
    go(chased, "2024-09-24 09:30")
    sent = chased.ledger.dispatches(CAMPAIGN, (DispatchState.SENT,), (DispatchKind.REMINDER,))
    assert [(each.unit, each.rcpts, each.items, each.at) for each in told.rows if each.at] == [
        (each.unit, (each.rcpt,), each.dockets, each.sent_at) for each in sent
    ]
    assert {each.unit for each in sent} == {DONG, NAN}
    assert [(each.unit, each.why) for each in told.rows if each.at is None] == [(XI, Hold.PROMISED)]


def test_a_step_that_is_held_over_night_is_no_standstill(released: Story) -> None:
    """Pending because somebody has promised: a service that rested until the morning asks nobody about it."""
    released.until("2024-09-23 10:00")
    assert promise(released, "2024-09-26") == ""
    released.until("2024-09-24 10:00")
    assert len(reminders(released, NAN_AT)) == 1
    for day in ("25", "26", "27"):
        go(released, f"2024-09-{day} 10:00")
        assert released.ledger.pauses() == ()
    assert len(reminders(released, XI_AT)) == 1
