"""Machines: holiday replies, receipts, robots of every make; none is answered, none is a return."""

from __future__ import annotations

from tests.stories.prescription import (
    TEXT,
    Delivered,
    Filed,
    Table,
    Then,
    either,
    logo,
    machine,
    mail,
    new_mail,
    summary,
)
from tests.stories.sample_office import DATONG, DATONG_AT, OFFICE, TAIYUAN_LUO_AT, SampleOffice

MACHINES = Table()
SILENT = either("ignored", "note", missing=(DATONG,))  # it may pass for a person who says nothing
# Where the words could be a person's, a look is allowed, an answer or a filing never.
SEEN = either("ignored", "note", "review", "ask")


@MACHINES.case(machine())
def holiday_reply_of_qq(o: SampleOffice) -> bytes:
    return mail(
        o,
        DATONG_AT,
        "您好，我最近正在休假中，无法亲自回复您的邮件。我将在假期结束后，尽快给您回复。",
        mark="自动回复: ",
        quote="none",
        html_only=True,
        headers=[("X-QQ-HolidayReply", "true"), ("X-Mailer", "QQMail 2.x")],
    )


@MACHINES.case(machine())
def holiday_reply_of_outlook(o: SampleOffice) -> bytes:
    return mail(
        o,
        DATONG_AT,
        "我9月10日前外出，急事请联系张科长。",
        mark="自动答复: ",
        quote="none",
        headers=[("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "All")],
    )


@MACHINES.case(SILENT)
def holiday_reply_with_no_mark_but_the_words(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "您好，邮件已收到，我会尽快给您回复。", quote="none", html_only=True)


@MACHINES.case(SILENT)
def holiday_reply_of_163_in_one_sentence(o: SampleOffice) -> bytes:
    return mail(
        o, DATONG_AT, "您好！您的来信我已经收到，谢谢！", mark="自动回复:", quote="none", is_thread=False
    )


@MACHINES.case(SILENT)
def holiday_reply_marked_as_bulk(o: SampleOffice) -> bytes:
    words = "我正在休假，9月10日返岗，紧急事务请联系张科长 0352-5552012。"
    return mail(o, DATONG_AT, words, quote="none", headers=[("Precedence", "bulk")])


@MACHINES.case(SEEN)
def a_mailbox_that_is_seldom_read(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "本邮箱不常登录，有事请电话联系。", quote="none")


@MACHINES.case(machine())
def holiday_reply_with_our_notice_below(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "这是自动回复，您的邮件已收到。", mark="自动回复：", quote="qq")


@MACHINES.case(either("ignored", "note", "review"))
def holiday_reply_with_a_logo_attached(o: SampleOffice) -> bytes:
    words = "您好，邮件已收到，我会尽快给您回复。"
    return mail(o, DATONG_AT, words, mark="自动回复：", quote="none", files=[("logo.png", logo())])


@MACHINES.case(machine())
def holiday_reply_with_the_office_s_logo_inside(o: SampleOffice) -> bytes:
    words = "您好，邮件已收到，我会尽快给您回复。"
    return mail(o, DATONG_AT, words, mark="自动回复：", quote="none", logos=[("logo.png", logo())])


@MACHINES.case(machine())
def holiday_reply_in_traditional_signs(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "您的郵件已收到，將儘快回覆。", mark="自動回覆：", quote="none")


@MACHINES.case(machine())
def holiday_reply_in_english(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "I am on leave until 10 Sept.", mark="Automatic reply: ", quote="none")


@MACHINES.case(SEEN)
def a_long_automatic_answer_signed_by_the_office(o: SampleOffice) -> bytes:
    """Longer than many a summary, from the unit's own mailbox, within the thread, and signed."""
    words = (
        "尊敬的来信人：\n您好！感谢您关注大同市市场监督管理局。您的邮件已经收到，我们将在五个工作日内安排相关科室办理。\n"
        "一、工作时间\n周一至周五上午8:30至12:00，下午14:30至18:00，法定节假日除外。\n二、联系方式\n办公室电话0352-5550000，"
        "投诉举报请拨打12315热线，也可以登录全国12315平台。\n三、温馨提示\n请勿通过电子邮件传递涉密信息；附件请使用常用格式。"
        "来信内容涉及举报的，我们将依法为您保密。再次感谢您对市场监管工作的支持，祝您工作顺利、身体健康。\n大同市市场监督管理局办公室"
    )
    return mail(o, DATONG_AT, words, quote="none")


@MACHINES.case(SEEN)
def a_ticket_system(o: SampleOffice) -> bytes:
    words = "【工单系统】您的邮件已受理，工单号 20240820-0031，处理结果将另行通知。请勿直接回复本邮件。"
    return mail(o, DATONG_AT, words, quote="none")


@MACHINES.case(SEEN)
def a_challenge(o: SampleOffice) -> bytes:
    words = "为防止垃圾邮件，请点击以下链接确认您是真实发件人：https://verify.example/c/0831。确认后邮件将送达收件人。"
    return mail(o, "challenge@datong-scjg.example", words, quote="none")


@MACHINES.case(SEEN)
def a_quarantine_notice(o: SampleOffice) -> bytes:
    words = "您发往 rzjg@datong-scjg.example 的邮件因含附件被网关隔离，等待管理员审核放行。"
    return new_mail(o, "gateway@datong-scjg.example", f"邮件审核通知：[{o.code(DATONG)}]", words)


@MACHINES.case(machine())
def a_read_receipt_by_its_format(o: SampleOffice) -> bytes:
    subject = str(o.notice_of(DATONG)["Subject"])
    raw = new_mail(o, DATONG_AT, f"已读: {subject}", "您的邮件已于2024年8月20日被阅读。")
    return raw.replace(
        b'Content-Type: text/plain; charset="utf-8"',
        b'Content-Type: multipart/report; report-type=disposition-notification; boundary="b"',
    )


@MACHINES.case(machine())
def a_read_receipt_by_its_subject(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "这是邮件收条。已读不表示同意邮件内容。", mark="已读：", quote="none")


@MACHINES.case(SILENT)
def a_receipt_of_coremail(o: SampleOffice) -> bytes:
    words = "您于 2024-08-20 09:00 发送给 rzjg@datong-scjg.example 的邮件已被阅读。"
    return mail(o, DATONG_AT, words, mark="阅读回执：", quote="none")


@MACHINES.case(machine())
def our_own_copy(o: SampleOffice) -> bytes:
    return next(each.mime for each in o.world.accepted if each.rcpt == DATONG_AT)


@MACHINES.case(machine())
def our_own_mailbox_writes_to_itself(o: SampleOffice) -> bytes:
    return new_mail(o, OFFICE, f"[{o.code(DATONG)}] 存档", "大同市市场监督管理局总结存档", files=[summary()])


@MACHINES.case(either("ignored", "note", "review"))
def an_invitation(o: SampleOffice) -> bytes:
    files = [("invite.ics", b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n")]
    return mail(o, DATONG_AT, "宣传周启动仪式", mark="日程邀请：", quote="none", files=files)


@MACHINES.case(SEEN)
def a_bounce_somebody_forwards(o: SampleOffice) -> bytes:
    words = f"你们发来的邮件被退回了：\nThis is the mail system. 550 5.2.2 mailbox full <{TAIYUAN_LUO_AT}>"
    return mail(o, DATONG_AT, words, mark="转发：", quote="none")


@MACHINES.case(
    Then(
        (frozenset({"filed"}), frozenset({"ignored", "note"})),
        (Filed(DATONG, "summary"),),
        answers=1,
        spared=(DATONG,),
    )
)
def a_robot_answers_our_receipt(o: SampleOffice) -> list[Delivered]:
    return [
        mail(o, DATONG_AT, "总结见附件。", files=[summary(TEXT)]),
        mail(o, DATONG_AT, "已收到。", quote="none", html_only=True, subject="Re: 回执"),
    ]


@MACHINES.case(
    Then((frozenset({"ignored", "note", "review", "ask"}),) * 6, answers=0),
)
def six_answers_of_one_robot(o: SampleOffice) -> list[Delivered]:
    return [
        mail(o, DATONG_AT, f"您的咨询已登记，编号{number}，我们会尽快处理。", quote="none", html_only=True)
        for number in range(6)
    ]


@MACHINES.case(either("ignored", "note", "review"))
def a_newsletter(o: SampleOffice) -> bytes:
    return new_mail(
        o,
        "news@edm.example",
        "质量认证行业周报 第31期",
        "本期要闻：质量月启动。退订请点击 https://edm.example/u",
        headers=[("List-Unsubscribe", "<https://edm.example/u>"), ("Precedence", "bulk")],
    )
