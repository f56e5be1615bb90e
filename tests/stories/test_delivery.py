"""Stories of mail that may not have arrived: what proves that it went, where it goes when it returns."""

from __future__ import annotations

import hashlib
from email.message import Message

from service.office.address import read_address
from service.office.change import PutUnit, QueueDispatch
from service.office.dispatch import Dispatch, DispatchKind, DispatchState, NewDispatch
from service.office.docket import DocketState
from service.office.letter import Stage
from service.office.outcome import InDoubt, Never
from service.office.roster import Contact, Unit
from tests.stories.story import CAMPAIGN, DONG, DONG_AT, NAN, NAN_AT, XI, XI_AT, Story

XI_2_AT = "xicheng2@units.example"


def notice_to(story: Story, rcpt: str) -> Dispatch:
    (found,) = story.ledger.dispatches(CAMPAIGN, kinds=(DispatchKind.NOTICE,), rcpt=rcpt)
    return found


def in_doubt(story: Story, rcpt: str = NAN_AT) -> Dispatch:
    story.world.refusals[rcpt] = InDoubt("邮件内容发出后连接中断")
    story.release()
    story.work()
    found = notice_to(story, rcpt)
    assert found.state is DispatchState.IN_DOUBT
    return found


def bounce(story: Story, rcpt: str, said: str, status: str, *head: str) -> None:
    """A report of the other side's post office, with the head of our mail as it saw it."""
    raw = (
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example\r\nTo: office@jia.example\r\n"
        f"Subject: Undelivered Mail\r\nMessage-ID: <{rcpt}{status}@mx.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {rcpt}\r\nAction: failed\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; {said}\r\n\r\n"
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n" + "".join(f"{each}\r\n" for each in head) + "\r\n"
        "--b--\r\n"
    )
    story.world.deliver(raw.encode(), story.now)
    story.work()


def block(rcpt: str, said: str, status: str) -> str:
    """What a report says of one recipient."""
    return (
        f"Final-Recipient: rfc822; {rcpt}\r\nAction: failed\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; {said}\r\n\r\n"
    )


def bounce_of(story: Story, *blocks: str, returned: str = "") -> None:
    """One report that speaks of several recipients, with the head of one of our mails, or of none."""
    raw = (
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example\r\nTo: office@jia.example\r\n"
        f"Subject: Undelivered Mail\r\nMessage-ID: <{len(blocks)}{returned}@mx.example>\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        + "".join(blocks)
        + (f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n{returned}\r\n" if returned else "")
        + "--b--\r\n"
    )
    story.world.deliver(raw.encode(), story.now)
    story.work()


def own_number(mail: Message) -> str:
    return f"X-Huizhi-Dispatch: {mail['X-Huizhi-Dispatch']}"


def test_a_reply_that_cites_it_proves_that_it_went_out(story: Story) -> None:
    doubtful = in_doubt(story)
    assert story.docket(NAN, "summary").state is DocketState.NOT_SENT
    story.reply(NAN_AT, "收到，谢谢。")
    story.work()
    assert notice_to(story, NAN_AT).state is DispatchState.SENT
    assert story.docket(NAN, "summary").state is DocketState.AWAITED
    (said,) = [each for each in story.ledger.events(kind="sent") if each.dispatch == doubtful.id]
    assert "证明已经发出" in dict(said.about)["why"]


def test_a_machines_reply_proves_it_too_and_is_not_answered(story: Story) -> None:
    in_doubt(story)
    story.reply(NAN_AT, "我不在办公室。", subject=f"自动回复: {story.notice(NAN_AT)['Subject']}")
    story.work()
    assert notice_to(story, NAN_AT).state is DispatchState.SENT
    assert len(story.mails(NAN_AT)) == 1


def test_one_letter_that_cites_two_doubts_of_a_unit_settles_both_and_is_read(story: Story) -> None:
    """Both moves would touch the same dockets; the letter must not wait for ever for the second."""
    story.world.refusals |= dict.fromkeys((XI_AT, XI_2_AT), InDoubt("邮件内容发出后连接中断"))
    story.release()
    story.work()
    ids = " ".join(notice_to(story, each).message_id for each in (XI_AT, XI_2_AT))
    story.reply(XI_AT, "收到，谢谢。", headers=(("References", ids),))
    story.work()
    assert {notice_to(story, each).state for each in (XI_AT, XI_2_AT)} == {DispatchState.SENT}
    assert story.docket(XI, "summary").state is DocketState.AWAITED
    (letter,) = story.ledger.letters()
    assert letter.outcome


def test_a_letter_that_cites_nothing_proves_nothing(story: Story) -> None:
    in_doubt(story)
    story.reply(NAN_AT, "请问通知发了吗？", as_new=True, subject="询问")
    story.work()
    assert notice_to(story, NAN_AT).state is DispatchState.IN_DOUBT


def test_a_bounce_that_kept_only_our_number_finds_its_dispatch(released: Story) -> None:
    story = released
    mail = story.notice(NAN_AT)
    head = ("From: x@jia.example", f"To: {NAN_AT}", "Subject: other", own_number(mail))
    bounce(story, NAN_AT, "550 5.1.1 user unknown", "5.1.1", *head)
    assert notice_to(story, NAN_AT).state is DispatchState.DEAD
    assert story.docket(NAN, "summary").state is DocketState.UNDELIVERED
    assert NAN not in story.missing()  # 未送达 is not 未报


def test_one_report_of_all_a_units_addresses_moves_its_dockets_once(released: Story) -> None:
    """Each refusal alone leaves the unit another address; together they leave none."""
    story = released
    gone = "550 5.1.1 user unknown"
    bounce_of(story, block(XI_AT, gone, "5.1.1"), block(XI_2_AT, gone, "5.1.1"))
    assert {notice_to(story, each).state for each in (XI_AT, XI_2_AT)} == {DispatchState.DEAD}
    assert story.docket(XI, "summary").state is DocketState.UNDELIVERED
    assert XI not in story.missing()
    standing = story.ledger.standing(CAMPAIGN, XI)
    assert standing is not None and {each.lower() for each in standing.gone} == {XI_AT, XI_2_AT}
    (letter,) = story.letters()
    assert letter.outcome == "退信，已记为未送达"


def test_a_report_of_one_dead_and_one_full_mailbox_retires_one(released: Story) -> None:
    story = released
    bounce_of(
        story,
        block(XI_AT, "550 5.1.1 user unknown", "5.1.1"),
        block(XI_2_AT, "552 5.2.2 mailbox is full", "5.2.2"),
    )
    assert story.docket(XI, "summary").state is DocketState.UNDELIVERED
    standing = story.ledger.standing(CAMPAIGN, XI)
    assert standing is not None and [each.lower() for each in standing.gone] == [XI_AT]


def test_a_report_that_names_one_mail_twice_settles_it_once(released: Story) -> None:
    """A mailbox that passes mail on to two others: theirs are dead, it is not, and nobody got the notice."""
    story = released
    gone = "550 5.1.1 user unknown"
    head = f"From: x@jia.example\r\nTo: {NAN_AT}\r\nMessage-ID: {notice_to(story, NAN_AT).message_id}\r\n"
    people = (block("a@behind.example", gone, "5.1.1"), block("b@behind.example", gone, "5.1.1"))
    bounce_of(story, *people, returned=head)
    assert notice_to(story, NAN_AT).state is DispatchState.DEAD
    assert story.docket(NAN, "summary").state is DocketState.UNDELIVERED
    standing = story.ledger.standing(CAMPAIGN, NAN)
    assert standing is not None and standing.gone == ()
    assert [each.stage for each in story.letters()] == [Stage.IGNORED]


def test_a_number_beside_another_address_is_not_believed(released: Story) -> None:
    story = released
    head = ("From: x@jia.example", "To: a@b.example", "Subject: other", own_number(story.notice(NAN_AT)))
    bounce(story, "somebody@else.example", "550 5.1.1 user unknown", "5.1.1", *head)
    assert notice_to(story, NAN_AT).state is DispatchState.SENT
    assert NAN in story.missing()


def test_a_reminder_whose_mailbox_has_gone_goes_to_the_units_other_address(released: Story) -> None:
    story = released
    story.until("2024-09-20 09:00")
    story.world.refusals[XI_AT] = Never("550 5.1.1 user unknown", 550)
    story.until("2024-09-26 12:00")
    reminders = story.ledger.dispatches(CAMPAIGN, kinds=(DispatchKind.REMINDER,), unit=XI)
    assert [(each.rcpt, each.state) for each in reminders[:2]] == [
        (XI_AT, DispatchState.DEAD),
        (XI_2_AT, DispatchState.SENT),
    ]
    assert len([each for each in story.subjects(XI_2_AT) if "提醒" in each]) == len(reminders) - 1
    # It had the notice: it knows what is asked, and is missing like any other.
    assert story.docket(XI, "summary").state is DocketState.AWAITED


def test_one_dead_address_of_two_leaves_the_unit_reached(story: Story) -> None:
    story.world.refusals[XI_AT] = Never("550 5.1.1 user unknown", 550)
    story.world.refusals[DONG_AT] = Never("550 5.1.1 user unknown", 550)
    story.release()
    story.work()
    assert story.docket(XI, "summary").state is DocketState.AWAITED
    assert story.docket(DONG, "summary").state is DocketState.UNDELIVERED
    assert DONG not in story.missing()


def test_a_notice_goes_on_to_the_address_that_has_not_had_it(released: Story) -> None:
    story = released
    old, new = "old@added.example", "new@added.example"
    people = (Contact("甲", "", (read_address(old),)), Contact("乙", "", (read_address(new),)))
    unit = Unit("后加单位", "后加单位", contacts=people)
    notice = notice_to(story, NAN_AT)
    story.world.refusals[old] = Never("550 5.1.1 user unknown", 550)
    content = story.world.archive[notice.content_sha256].replace(NAN.encode(), "后加单位".encode())
    sha256 = hashlib.sha256(content).hexdigest()
    story.world.archive[sha256] = content
    first = NewDispatch(
        f"notice:{CAMPAIGN}:后加单位:{old}:1",
        *(DispatchKind.NOTICE, CAMPAIGN, "后加单位", old, notice.account, "<first@jia.example>"),
        *(sha256, story.now),
    )
    assert story.ledger.apply([PutUnit(unit, CAMPAIGN), QueueDispatch(first)])
    story.work()
    assert [len(story.mails(each)) for each in (old, new)] == [0, 1]
    (moved,) = story.ledger.events(kind="next-address")
    assert dict(moved.about) == {"from": old, "to": new}


def test_an_id_that_the_provider_gave_instead_is_learned_and_matched(released: Story) -> None:
    story = released
    ours = notice_to(story, NAN_AT).message_id
    story.world.sent_is_known = True
    story.world.delivered_as[ours] = "AM9PR01@outlook.example"
    assert story.ledger.dispatch_by_message_id("<AM9PR01@outlook.example>") is None
    for _ in range(2):  # a second reading learns nothing twice
        story.office.send.read_sent(story.now)
    found = story.ledger.dispatch_by_message_id("<AM9PR01@outlook.example>")
    assert found is not None and found.rcpt == NAN_AT
    # A bounce that cites only the provider's id finds its dispatch.
    head = ("From: x@jia.example", f"To: {NAN_AT}", "Message-ID: <AM9PR01@outlook.example>")
    bounce(story, NAN_AT, "550 5.1.1 user unknown", "5.1.1", *head)
    assert notice_to(story, NAN_AT).state is DispatchState.DEAD


def test_a_doubt_is_settled_by_the_copy_in_sent(story: Story) -> None:
    doubtful = in_doubt(story)
    story.world.sent_is_known = True
    story.world.delivered_as[doubtful.message_id] = "AM9PR02@outlook.example"
    story.office.send.read_sent(story.now)
    assert notice_to(story, NAN_AT).state is DispatchState.SENT
    assert story.docket(NAN, "summary").state is DocketState.AWAITED


def test_the_ledger_tells_how_soon_an_answer_came(released: Story) -> None:
    """The same words, in seconds and the next day; without a thread the code in the subject tells as much."""
    story = released
    subject = str(story.notice(NAN_AT)["Subject"])
    story.reply(NAN_AT, "您的邮件已收到，谢谢。", as_new=True, subject=f"Re: {subject}")
    story.until("2024-08-21 10:00")
    story.reply(XI_AT, "您的邮件已收到，谢谢！")
    story.work()
    by_sender = {each.sender: each for each in story.letters()}
    assert [by_sender[each].stage for each in (NAN_AT, XI_AT)] == [Stage.IGNORED, Stage.NOTED]
    hits = story.ledger.hits(by_sender[NAN_AT].id)
    assert any("人来不及写" in each.say for each in hits)
