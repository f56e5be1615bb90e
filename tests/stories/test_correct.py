"""更正: new terms for everybody at one instant; the old words never go out again, whatever was under way."""

from __future__ import annotations

from datetime import date

from service.desk.decide import extend, settle_dispatch
from service.office.dispatch import DispatchKind, DispatchState
from service.office.docket import DocketState
from service.office.outcome import InDoubt, TryAgain
from service.outgoing.amend import Correct
from tests.stories.amending import (
    edit_campaign,
    files_in,
    rows,
    sign,
    taken,
)
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

TITLE = "关于报送质量月活动材料的通知"
LATER = ("on: 2024-09-28, carries_over: true", "on: 2024-10-18, carries_over: true")
SOONER = ("on: 2024-09-28, carries_over: true", "on: 2024-09-13, carries_over: true")
ORDER = Correct(CAMPAIGN, "原通知日期有误")


def _correct(story: Story, edit: tuple[str, str] = LATER) -> None:
    edit_campaign(story, *edit)
    sign(story, ORDER)


def test_every_unit_is_told_what_changed_with_the_corrected_documents(released: Story) -> None:
    _correct(released)
    released.work()
    told = [each for each in released.world.accepted[5:]]
    assert sorted(each.rcpt for each in told) == sorted(each.rcpt for each in released.world.accepted[:5])
    text = released.last_text(DONG_AT)
    assert "活动总结：截止时间改为 2024年10月18日（星期五）24:00前（含当日）" in text
    assert "原为 2024年9月29日" in text
    assert "更正原因：原通知日期有误" in text
    assert released.subjects(DONG_AT) == [TITLE, f"更正通知：{TITLE}"]
    assert {name.rpartition(".")[2] for name in files_in(told[0].mime)} == {"docx"}
    assert released.docket(DONG, "summary").due_until == at("2024-10-19 00:00")
    board = released.office.report.board(CAMPAIGN, released.now).rows
    words = {each.due_words for each in board if each.docket.item == "summary"}
    assert words == {"2024年10月18日（星期五）24:00前（含当日），已更正"}
    # A unit is reminded by the new date only, and what it is told names it.
    released.until("2024-10-12 12:00")
    assert [each for each in released.subjects(DONG_AT) if "提醒" in each] == []
    released.until("2024-10-14 12:00")
    assert [each for each in released.subjects(DONG_AT) if "提醒" in each] != []
    assert "2024年10月18日" in released.last_text(DONG_AT)
    assert "9月29日" not in released.last_text(DONG_AT)


def test_an_extension_keeps_the_later_of_both(released: Story) -> None:
    for unit, until in ((DONG, date(2024, 10, 31)), (XI, date(2024, 10, 8))):
        granted = extend(
            released.office,
            CAMPAIGN,
            unit,
            "summary",
            until=until,
            by=CLERK,
            reason="来电申请",
            now=released.now,
        )
        assert granted.is_done, granted.say
    _correct(released)
    assert released.docket(DONG, "summary").due_until == at("2024-11-01 00:00")
    assert released.docket(XI, "summary").due_until == at("2024-10-19 00:00")
    # Dong is chased for the 31st, Xi and Nan for the 18th, by nothing else.
    pending = {
        unit: [
            released.office.policy.local(each.at).date()
            for each, state in released.ledger.timers(CAMPAIGN)
            if each.unit == unit and state == "pending"
        ]
        for unit in (DONG, XI, NAN)
    }
    assert pending[DONG] == [date(2024, 10, 26), date(2024, 11, 1)]
    assert pending[XI] == pending[NAN] == [date(2024, 10, 13), date(2024, 10, 19)]


def test_a_notice_that_has_not_left_is_replaced_never_sent_beside(story: Story) -> None:
    story.world.refusals[NAN_AT] = TryAgain(after=at("2024-08-20 09:30") - at("2024-08-20 09:00"), why="忙")
    story.release()
    story.work()
    assert story.mails(NAN_AT) == []
    _correct(story)
    del story.world.refusals[NAN_AT]
    story.until("2024-08-20 17:00")
    # Who never had the first notice gets one notice, with the right date; who had it gets the correction.
    assert story.subjects(NAN_AT) == [TITLE]
    assert "10月18日" in story.last_text(NAN_AT)
    assert "9月29日" not in story.last_text(NAN_AT)
    assert story.subjects(DONG_AT) == [TITLE, f"更正通知：{TITLE}"]
    assert story.docket(NAN, "summary").state is DocketState.AWAITED
    assert max(taken(story).values()) == 1


def test_a_doubtful_notice_is_corrected_and_can_never_be_sent_again(story: Story) -> None:
    story.world.refusals[NAN_AT] = InDoubt("断线")
    story.release()
    story.work()
    _correct(story)
    del story.world.refusals[NAN_AT]
    story.work()
    assert story.subjects(NAN_AT)[-1] == f"更正通知：{TITLE}"
    (doubtful,) = story.ledger.dispatches(CAMPAIGN, states=(DispatchState.IN_DOUBT,))
    again = settle_dispatch(
        story.office, doubtful.id, to=DispatchState.READY, by=CLERK, reason="重发", now=story.now
    )
    assert not again.is_done
    assert "已被后来的签发取代" in again.say
    story.work()
    assert max(taken(story).values()) == 1


def test_a_reminder_under_way_does_not_go_out_with_the_old_date(released: Story) -> None:
    released.until("2024-09-24 09:00")
    released.world.is_post_down = True
    released.clock.set(at("2024-09-24 09:31"))
    released.work()
    (dong, *_) = rows(released, DispatchKind.REMINDER)
    assert dong.state is DispatchState.RETRY
    # One of them is in somebody's hands at the very moment.
    later = at("2024-09-24 12:00")
    (leased,) = released.ledger.claim("another", later, 1)
    assert leased.kind is DispatchKind.REMINDER
    _correct(released)
    released.world.is_post_down = False
    released.until("2024-09-30 12:00")
    for row in rows(released, DispatchKind.REMINDER):
        assert row.state is DispatchState.CANCELLED
    assert [each for each in released.subjects(DONG_AT) if "提醒" in each] == []
    released.until("2024-10-14 12:00")
    assert len([each for each in released.subjects(DONG_AT) if "提醒" in each]) == 1


def test_an_item_taken_back_is_owed_by_nobody_and_filed_all_the_same(released: Story) -> None:
    path = released.folder / "templates" / CAMPAIGN / "campaign.yaml"
    text = path.read_text(encoding="utf-8")
    head, _, _ = text.partition("  - key: summary")
    path.write_text(head, encoding="utf-8")
    sign(released, Correct(CAMPAIGN, "总结改由处室收集"))
    released.work()
    docket = released.docket(DONG, "summary")
    assert docket.state is DocketState.EXEMPT
    assert docket.reason == "已撤回这项材料：总结改由处室收集"
    assert "活动总结：不再要求报送" in released.last_text(DONG_AT)
    assert released.missing() == []
    released.reply(DONG_AT, "总结见附件。", [("总结.docx", summary_docx(GOOD_SUMMARY))])
    released.work()
    assert released.docket(DONG, "summary").state is DocketState.RETURNED
    assert [each.item for each in released.ledger.filings(CAMPAIGN, DONG)] == ["summary"]
    released.until("2024-10-08 12:00")
    assert not any("提醒" in each for rcpt in (DONG_AT, XI_AT, NAN_AT) for each in released.subjects(rcpt))
