"""What stands behind a letter, and what a refusal means; on facts alone, without a mail."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

import pytest

from service.incoming.sort.automatic import automatic_reasons
from service.incoming.sort.bounces import classify
from service.office.address import Address
from service.office.letter import BounceClass, DeliveryStatus, Flag, Header, Kind, LetterFacts, Part
from tests.letter_reading import RULES, judge_letter

FACTS = LetterFacts(
    raw_sha256="0" * 64,
    size=100,
    sender=Address("li@unit.example"),
    subject="回复：A2CD-3EFG",
    text="总结见附件",
    reply_text="总结见附件",
    has_plain_text=True,
    headers=(Header("from", "li@unit.example"),),
)
FORM = Part("登记表.docx", "1" * 64, 10, "application/msword")


def saying(text: str, *headers: tuple[str, str], **more: object) -> LetterFacts:
    facts = replace(
        FACTS, text=text, reply_text=text, headers=(*FACTS.headers, *(Header(*each) for each in headers))
    )
    return replace(facts, **more)  # type: ignore[arg-type]  # a test's shorthand for any field


@pytest.mark.parametrize(
    ("status", "words", "bounce_class", "retire"),
    [
        ("5.1.1", "550 5.1.1 User unknown", BounceClass.HARD, True),
        ("", "550 邮箱地址不存在", BounceClass.HARD, True),
        ("", "550 RP:TRC User not found: li@unit.example", BounceClass.HARD, True),
        ("5.1.2", "Host or domain name not found", BounceClass.HARD, False),
        ("5.1.6", "551 not our customer", BounceClass.HARD, True),
        ("5.0.0", "rejected by system", BounceClass.POLICY, False),
        ("5.0.0", "垃圾邮件投诉率过高，现将您发送的邮件退还", BounceClass.POLICY, False),
        ("5.7.1", "554 5.7.1 blocked using zen.spamhaus.org", BounceClass.POLICY, False),
        ("5.1.1", "553 https://www.spamhaus.org/query/bl?ip=192.0.2.1", BounceClass.POLICY, False),
        ("5.1.8", "Domain of sender address x@y.example does not exist", BounceClass.POLICY, False),
        ("", "550 Ip frequency limited", BounceClass.SOFT, False),
        ("", "550 Mailbox unavailable or access denied", BounceClass.SOFT, False),
        ("5.2.2", "552 mailbox full", BounceClass.SOFT, False),
        ("", "对方邮箱已满", BounceClass.SOFT, False),
        ("5.3.4", "Message too large", BounceClass.SOFT, False),
        ("4.4.1", "Connection timed out", BounceClass.SOFT, False),
        ("4.1.1", "450 4.1.1 user unknown", BounceClass.SOFT, False),
        ("", "550 user unknown (in reply to end of DATA command)", BounceClass.UNKNOWN, False),
        ("5.7.1", "550 5.7.1 unknown user", BounceClass.UNKNOWN, False),
        ("", "出错了", BounceClass.UNKNOWN, False),
        ("5.1.1", "", BounceClass.HARD, True),
    ],
)
def test_only_a_missing_mailbox_retires(
    status: str, words: str, bounce_class: BounceClass, retire: bool
) -> None:
    found = classify(DeliveryStatus("li@unit.example", "failed", status, words))
    assert found[:2] == (bounce_class, retire)
    assert found[2]


@pytest.mark.parametrize(
    "words",
    [
        "550 mailbox not found",
        "550 is not a known user on this system",
        "550 No local user by that name",
        "551 unable to find recipient in directory",
        "The destination addresses were unknown",
        "5.1.10 RESOLVER.ADR.RecipientNotFound; not found",
        "550 MX resolution failed: domain has no mail exchangers",
        "5.4.4 unrouteable: NXDOMAIN",
        "收件人邮箱账户不存在",
        "该邮箱已被注销",
        "收信人地址错误或已注销",
        "550 User unknown (in reply to RCPT TO command)",
    ],
)
def test_what_is_gone_is_called_so_in_many_words(words: str) -> None:
    assert classify(DeliveryStatus("li@unit.example", "failed", "", words))[0] is BounceClass.HARD


@pytest.mark.parametrize(
    "words",
    [
        "554 DT:SPM",
        "550 Mail content denied",
        "550 Mail is rejected by recipients",
        "550 Domain may not exist or DNS check failed",
        "550 cannot verify sender: user unknown",
        "553 sender domain does not exist",
        "504 Helo command rejected: need fully-qualified hostname",
        "550 executable attachments are not allowed",
        "邮件内容包含违规信息",
        "发件人IP被列入黑名单",
        "对方拒绝接收来自您的邮件",
        "您的邮件发送过于频繁",
        "超过每日发送限额",
        "收件人邮箱容量超限",
        "邮件大小超过限制",
        "对方服务器繁忙",
        "message expired after 5 days in queue",
        "554 too many hops",
        "452 insufficient system storage",
        "550 account is temporarily disabled",
        "550 unknown user",
        "550 <li@unit.example>: No such user here",
    ],
)
def test_what_may_come_back_to_life_retires_nobody(words: str) -> None:
    bounce_class, retires, say = classify(DeliveryStatus("li@unit.example", "failed", "", words))
    assert bounce_class is not BounceClass.HARD
    assert not retires
    assert say


def test_a_mailbox_called_spam_does_not_sound_like_spam() -> None:
    status = DeliveryStatus(
        "spam-desk@unit.example", "failed", "5.1.1", "<spam-desk@unit.example>: User unknown"
    )
    assert classify(status)[:2] == (BounceClass.HARD, True)


def test_delayed_is_not_failed_and_retires_nobody() -> None:
    waiting = DeliveryStatus("li@unit.example", "delayed", "4.4.1", "user unknown")
    verdict = judge_letter(replace(FACTS, statuses=(waiting,)))
    assert verdict.kind is Kind.DELAY
    assert not verdict.recipients[0].retire
    mixed = (waiting, DeliveryStatus("b@unit.example", "failed", "5.1.1", "User unknown"))
    assert judge_letter(replace(FACTS, statuses=mixed)).kind is Kind.BOUNCE


def test_our_own_mail_is_known_before_anything_else() -> None:
    assert (
        judge_letter(saying("x", ("x-huizhi-dispatch", "9"), ("auto-submitted", "auto-generated"))).kind
        is Kind.OWN
    )
    assert judge_letter(replace(FACTS, sender=Address("Zhiliang@bureau.example"))).kind is Kind.OWN


def test_a_report_about_our_mail_is_no_copy_of_it() -> None:
    status = DeliveryStatus("li@unit.example", "failed", "5.1.1", "User unknown")
    facts = saying("x", ("x-huizhi-dispatch", "9"), statuses=(status,))
    assert judge_letter(facts).kind is Kind.BOUNCE


@pytest.mark.parametrize(
    "text",
    [
        "收到，谢谢！",
        "好的",
        "收到，我们会尽快报送。",
        "邮件已收到，本周内上报登记表。",
        "我正在出差，总结由同事小李报送。",
        "Automatic reply is completely unnecessary.",
        "这个自动回复真烦人",
        "谢谢，尽快回复您填报情况",
    ],
)
def test_a_short_human_remark_is_no_automatic_reply(text: str) -> None:
    assert judge_letter(saying(text)).kind is Kind.PERSON


@pytest.mark.parametrize(
    "text",
    [
        "您好，您的邮件我已收到，我会尽快回复的。",
        "这是来自QQ邮箱的假期自动回复邮件。\n您好，我最近正在休假中。",
        "Thank you for your email. I will reply as soon as possible.",
        "感谢您的来信，我目前在外出差，无法亲自回复。",
    ],
)
def test_weak_signals_together_make_an_automatic_reply(text: str) -> None:
    verdict = judge_letter(saying(text))
    assert verdict.kind is Kind.AUTO_REPLY
    assert len(verdict.why) >= 1
    with_form = judge_letter(saying(text, parts=(FORM,)))
    assert with_form.kind is Kind.PERSON, "a weak signal never drops an attachment"
    logo = replace(FORM, flags=(Flag.INLINE,))
    assert judge_letter(saying(text, parts=(logo,))).kind is Kind.AUTO_REPLY


def test_every_signal_is_told_the_rule_first() -> None:
    facts = saying("x", ("x-autoreply", "yes"), ("auto-submitted", "auto-replied"), subject="自动回复: x")
    verdict = judge_letter(facts)
    assert verdict.kind is Kind.AUTO_REPLY
    assert verdict.rule == "auto-submitted"
    assert len(verdict.why) == 3 and "Auto-Submitted" in verdict.why[0]


def test_trouble_alone_is_unreadable_but_a_readable_head_is_a_letter() -> None:
    broken = LetterFacts("0" * 64, 5, trouble=("这不是一封邮件",))
    assert judge_letter(broken).kind is Kind.UNREADABLE
    assert judge_letter(replace(FACTS, trouble=("邮件嵌套超过 24 层",))).kind is Kind.PERSON


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("收到", "note"),
        ("已收悉，谢谢老师", "note"),
        ("能否延期到下周五？", "ask"),
        ("报名截止时间是几号?", "ask"),
        ("我单位联系人已更换为王芳", "ask"),
        ("本单位无相关情况需要上报", "nil"),
        ("零报告", "nil"),
        ("机密★5年", "refuse"),
        ("密级：秘密", "refuse"),
        ("我局高度重视保守商业秘密", "person"),
        ("作品名称：颂\n作者：李\n电话：1", "person"),
        ("材料见 https://x.example/?a=1", "person"),
    ],
)
def test_what_words_mean(text: str, meaning: str) -> None:
    assert RULES.meaning(saying(text))[0].then.value == meaning
    if meaning in ("note", "ask", "nil"):
        assert RULES.meaning(saying(text, parts=(FORM,)))[0].then.value == "person"


@pytest.mark.parametrize("piece", ["您好", "收到了", "好的 ", "谢谢您", "我局", "：", "延", "2", "\n"])
def test_no_rule_can_be_made_to_take_long(piece: str) -> None:
    hostile = saying(piece * 5000 + "x", subject=piece * 1000 + "x")
    started = time.perf_counter()
    RULES.meaning(hostile)
    RULES.sender(hostile)
    RULES.meaning(saying(piece * 25 + "x"))
    assert time.perf_counter() - started < 1


def test_haste_is_one_signal_among_others_and_none_alone() -> None:
    """An answer within seconds is a machine's where its words could be one's, and a person's elsewhere."""
    seconds, minutes, days = timedelta(seconds=8), timedelta(minutes=4), timedelta(days=1)
    words = saying("您的邮件已收到，谢谢。")
    assert automatic_reasons(words, seconds)[0] == "我方邮件发出 8 秒就来信，人来不及写"
    assert automatic_reasons(words, minutes) == automatic_reasons(words, days) == ()
    for text in ("好的", "请问截止到几号？", "我单位的材料明天报送，邮件已收到。"):
        assert automatic_reasons(saying(text), seconds) == (), text
    assert automatic_reasons(replace(words, parts=(FORM,)), seconds) == ()


@pytest.mark.parametrize(
    ("text", "then"),
    [
        ("好的[强]", "note"),
        ("谢谢老师，辛苦了！祝中秋快乐～", "note"),
        ("[图片]\n看到了，已转认证科办理。", "note"),
        ("好的👍", "note"),
        ("已转市局报送总结", "person"),
        ("咨询：作品限几件", "ask"),
        ("我局总结能否延期到10月8日", "ask"),
        ("我公司总结如下：\n设立咨询台，回答问题三十个，推动活动延期事项解决，收集意见建议。", "person"),
        ("一、开展情况\n设立咨询台，解答群众如何办理认证。\n二、活动效果\n调整了联系人，效果好。", "person"),
    ],
)
def test_a_report_is_no_question_and_thanks_are_thanks(text: str, then: str) -> None:
    """A summary taken for a question leaves its unit named as missing."""
    assert RULES.meaning(saying(text))[0].then.value == then
