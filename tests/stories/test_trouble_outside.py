"""Trouble outside: the post is down, addresses are gone, answers doubtful; paper first, time given."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from service.desk.decide import exempt, extend, note, record, try_again
from service.office.dispatch import DispatchState
from service.office.docket import DocketState, MediumState
from service.office.letter import Stage
from service.office.outcome import AskAPerson, InDoubt, Never
from tests.stories.story import (
    CAMPAIGN,
    CLERK,
    DONG,
    DONG_AT,
    GOOD_SUMMARY,
    NAN,
    NAN_AT,
    OFFICE,
    XI,
    XI_AT,
    Story,
    at,
    summary_docx,
)


def test_the_post_is_down_overnight(story: Story) -> None:
    story.world.is_post_down = True
    story.release()
    story.until("2024-08-20 18:00")
    assert story.world.accepted == []
    assert story.docket(DONG, "summary").state is DocketState.NOT_SENT
    story.world.is_post_down = False
    story.until("2024-08-21 09:00")
    assert len(story.world.accepted) == 5
    assert len({(each.rcpt, each.message_id) for each in story.world.accepted}) == 5


def test_a_refused_address_is_undelivered_and_not_missing(story: Story) -> None:
    story.world.refusals[NAN_AT] = Never("no such user", 550)
    story.release()
    story.work()
    assert story.docket(NAN, "summary").state is DocketState.UNDELIVERED
    assert NAN not in story.missing()


def test_one_address_of_two_is_enough(story: Story) -> None:
    story.world.refusals[XI_AT] = Never("no such user", 550)
    story.release()
    story.work()
    assert story.docket(XI, "summary").state is DocketState.AWAITED


def test_a_bounce_marks_the_unit_undelivered(released: Story) -> None:
    notice = released.mails(NAN_AT)[0]
    bounce = (
        f"From: MAILER-DAEMON@post.example\r\nTo: {OFFICE}\r\nSubject: Undelivered Mail\r\n"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\nMessage-ID: <b1@post.example>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nuser unknown\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; post.example\r\n\r\n"
        f"Final-Recipient: rfc822; {NAN_AT}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 user unknown\r\n\r\n"
        "--b\r\nContent-Type: message/rfc822\r\n\r\n"
    ).encode()
    released.world.deliver(bounce + notice.mime[:2000] + b"\r\n--b--\r\n", released.now)
    released.work()
    assert released.docket(NAN, "summary").state is DocketState.UNDELIVERED
    assert released.letters()[0].stage is Stage.IGNORED
    standing = released.ledger.standing(CAMPAIGN, NAN)
    assert standing is not None and standing.gone == (NAN_AT,)


def test_doubtful_is_shown_and_never_sent_again(story: Story) -> None:
    story.world.refusals[DONG_AT] = InDoubt("connection lost after DATA")
    story.release()
    story.until("2024-08-23 12:00")
    story.restart()
    story.until("2024-08-24 12:00")
    doubtful = story.ledger.dispatches(states=(DispatchState.IN_DOUBT,))
    assert [each.rcpt for each in doubtful] == [DONG_AT]
    assert len(story.mails(DONG_AT)) == 1


def test_doubtful_is_settled_from_the_sent_folder(story: Story) -> None:
    story.world.sent_is_known = True
    story.world.refusals[DONG_AT] = InDoubt("connection lost after DATA")
    story.release()
    story.work()
    assert story.ledger.dispatches(states=(DispatchState.IN_DOUBT,)) == ()
    assert story.docket(DONG, "summary").state is DocketState.AWAITED


def test_an_extension_moves_the_day_and_its_reminders(released: Story) -> None:
    released.until("2024-09-10 10:00")
    done = extend(
        released.office,
        CAMPAIGN,
        DONG,
        "summary",
        until=date(2024, 10, 15),
        by=CLERK,
        reason="承办大型活动，来函申请",
        now=released.now,
    )
    assert done.is_done, done.say
    released.until("2024-10-09 10:00")
    assert [each for each in released.subjects(DONG_AT) if "催" in each or "提醒" in each] == []
    assert len(released.subjects(NAN_AT)) == 3
    docket = released.docket(DONG, "summary")
    assert docket.due_until == at("2024-10-16 00:00") and not docket.is_overdue(released.now)
    released.until("2024-10-11 10:00")
    assert len(released.subjects(DONG_AT)) == 2


def test_exempt_units_are_neither_missing_nor_chased(released: Story) -> None:
    done = exempt(
        released.office, CAMPAIGN, XI, "summary", by=CLERK, reason="机构改革，已并入东城", now=released.now
    )
    assert done.is_done, done.say
    released.until("2024-10-09 10:00")
    assert XI not in released.missing()
    assert len(released.subjects(XI_AT)) == 1


def test_what_came_by_another_way_counts_with_its_own_day(released: Story) -> None:
    released.until("2024-09-20 10:00")
    done = record(
        released.office,
        CAMPAIGN,
        NAN,
        "summary",
        via="oa",
        on=date(2024, 9, 19),
        by=CLERK,
        reason="OA 收到",
        now=released.now,
        files=[("总结.docx", summary_docx(GOOD_SUMMARY))],
    )
    assert done.is_done, done.say
    docket = released.docket(NAN, "summary")
    assert docket.state is DocketState.RETURNED
    assert docket.electronic is MediumState.RETURNED
    assert docket.returned_at == at("2024-09-19 08:30")


def test_a_promise_is_not_chased_before_its_day(released: Story) -> None:
    done = record(
        released.office,
        CAMPAIGN,
        DONG,
        "summary",
        via="promise",
        on=date(2024, 10, 20),
        by=CLERK,
        reason="电话承诺",
        now=released.now,
    )
    assert done.is_done, done.say
    released.until("2024-10-09 10:00")
    assert DONG not in released.missing()
    assert len(released.subjects(DONG_AT)) == 1


def test_a_refused_login_holds_nothing_back_once_it_is_mended(story: Story) -> None:
    wrong = AskAPerson("登录被拒绝", 535, is_account=True)
    for rcpt in (DONG_AT, XI_AT, "xicheng2@units.example", NAN_AT, "beicheng@lab.example"):
        story.world.refusals[rcpt] = wrong
    story.release()
    story.until("2024-08-20 12:00")
    assert story.world.accepted == []
    assert story.ledger.events(kind="alarm")
    story.world.refusals.clear()
    story.until("2024-08-20 13:00")
    assert len(story.world.accepted) == 5


def test_a_letter_refused_for_its_content_waits_for_a_person(story: Story) -> None:
    story.world.refusals[DONG_AT] = AskAPerson("被判为垃圾邮件", 554)
    story.release()
    story.until("2024-08-22 12:00")
    held = story.ledger.dispatches(states=(DispatchState.HELD,))
    assert [each.rcpt for each in held] == [DONG_AT]


def test_a_refused_receipt_makes_no_stranger_known(released: Story) -> None:
    released.world.refusals["sun@home.example"] = Never("no such user", 550)
    released.reply(
        "sun@home.example",
        f"总结见附件。\n\n{DONG}",
        [("活动总结.docx", summary_docx(GOOD_SUMMARY))],
        to=released.notice(DONG_AT),
    )
    released.work()
    assert released.docket(DONG, "summary").state is DocketState.RETURNED
    assert released.ledger.whose_address("sun@home.example") == ()


def test_an_urgent_item_is_put_before_a_person_until_it_is_seen(story: Story) -> None:
    path = story.folder / "templates" / CAMPAIGN / "campaign.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("    name: 活动总结\n", "    name: 活动总结\n    urgent: true\n"), encoding="utf-8"
    )
    story.release()
    story.work()
    story.reply(DONG_AT, "总结见附件。", [("活动总结.docx", summary_docx(GOOD_SUMMARY))])
    story.work()
    rows = story.office.report.board(CAMPAIGN, story.now).desk
    assert [(each.kind, each.ref) for each in rows] == [("紧急", "来信 1")]
    done = note(story.office, 1, by=CLERK, reason="已阅", now=story.now)
    assert done.is_done, done.say
    assert story.office.report.board(CAMPAIGN, story.now).desk == ()
    assert story.letters()[0].stage is Stage.ACKNOWLEDGED


def test_a_letter_over_the_cap_is_kept_and_shown_to_a_person(story: Story) -> None:
    story.stop()
    story.change_policy = lambda policy: replace(policy, letter_bytes_max=20_000)
    story.start()
    story.release()
    story.work()
    raw = story.reply(DONG_AT, "总结见附件。", [("活动总结.docx", summary_docx(GOOD_SUMMARY) * 3)])
    story.work()
    letter = story.letters()[0]
    assert letter.stage is Stage.REVIEW
    assert story.world.archive[letter.raw_sha256] == raw


def test_what_has_not_happened_yet_cannot_be_recorded(released: Story) -> None:
    refused = record(
        released.office,
        CAMPAIGN,
        DONG,
        "summary",
        via="oa",
        on=date(2031, 11, 20),
        by=CLERK,
        reason="OA 收到",
        now=released.now,
    )
    assert not refused.is_done and "还没有到" in refused.say
    assert released.docket(DONG, "summary").state is DocketState.AWAITED
    again = try_again(released.office, "file", "9999", by=CLERK, now=released.now)
    assert not again.is_done and "没有搁置" in again.say
