"""H. Bounces seen in the wild, and what only looks like one."""

from __future__ import annotations

import pytest

from service.office.dispatch import DispatchState
from service.office.letter import Kind, Stage
from tests.intake import bounces
from tests.intake.counter import Counter
from tests.intake.test_c_automatic import assert_undelivered, notice_state
from tests.intake.wires import CORPORA, plain_letter
from tests.letter_reading import LETTERS
from tests.stories.prescription import mail
from tests.stories.sample_office import DATONG, DATONG_AT, SHANXI

BOUNCED = (Kind.BOUNCE, Kind.DELAY)


def the_class(counter: Counter) -> str:
    """How final staff see the refusal to be."""
    (event,) = counter.office.ledger.events(kind="bounce")
    return dict(event.about)["class"]


def test_case_56_a_report_of_one_block_gives_its_recipient(counter: Counter) -> None:
    assert_undelivered(counter, bounces.coremail(counter.office.notice_of(DATONG), DATONG_AT))
    assert the_class(counter) == "hard"


def test_case_57_judged_as_spam_retires_no_address(counter: Counter) -> None:
    raw = bounces.coremail(
        counter.office.notice_of(DATONG),
        DATONG_AT,
        words="您的邮件被对方投诉过高，疑似垃圾邮件，退还给您。",
        diagnostic="rejected by system",
    )
    assert_undelivered(counter, raw, is_gone=False)
    assert the_class(counter) == "policy"
    about = dict(counter.office.ledger.events(kind="bounce")[0].about)
    assert "垃圾邮件" in about["why"], "staff see what it was judged as"


def test_case_58_an_address_written_twice_in_a_row_is_none(counter: Counter) -> None:
    raw = bounces.coremail(counter.office.notice_of(DATONG), DATONG_AT)
    assert f"Delivered-To: {DATONG_AT}{DATONG_AT}".encode() in raw
    letter = counter.take(raw)
    assert [each.recipient for each in counter.facts(letter).statuses] == [DATONG_AT]
    assert notice_state(counter) is DispatchState.DEAD


def test_case_59_coremails_id_without_brackets_ties_it_to_our_notice(counter: Counter) -> None:
    notice = counter.office.notice_of(DATONG)
    # The recipient stands under a name we never wrote to: only the id can tell which notice it was.
    raw = bounces.coremail(notice, "moved@elsewhere.example", returns_it=False)
    letter = counter.take(raw)
    counter.assert_machine(letter, Kind.BOUNCE)
    assert notice_state(counter) is DispatchState.DEAD


@pytest.mark.parametrize("names_it", [True, False], ids=["html", "returned-to"])
def test_case_60_a_report_without_a_status_part_gives_its_recipient(counter: Counter, names_it: bool) -> None:
    raw = bounces.of_21cn(counter.office.notice_of(DATONG), DATONG_AT, names_it=names_it)
    assert b"delivery-status" not in raw
    assert_undelivered(counter, raw, is_gone=names_it)


def test_case_61_the_part_header_wins_over_the_pages_own_word(counter: Counter) -> None:
    letter = counter.take(bounces.of_21cn(counter.office.notice_of(DATONG), DATONG_AT))
    text = counter.facts(letter).text
    assert "您的邮件无法投递" in text and "\ufffd" not in text
    counter.assert_machine(letter, Kind.BOUNCE)


# A plain auto-reply, a vacation notice, a Polish one, challenges, and replies in the manner of RFC 3834.
NO_BOUNCES = {
    "plain": ("Re: your mail", "This is an automatic reply. I got your message.", "Return-Path: <>\r\n"),
    "aol": (
        "Away from my mail",
        "I am out of the office until Monday and will reply when I return.",
        "X-Loop: away\r\n",
    ),
    "polish": ("Re: notice", "Dziękuję za wiadomość. Jestem na urlopie.", "Precedence: bulk\r\n"),
    "challenge-1": ("Please confirm your message", "Please click here to confirm that you sent it.", ""),
    "challenge-2": ("Confirm", "To deliver your message, reply to this mail.", "Return-Path: <>\r\n"),
    "challenge-3": ("[verify] your email", "I use a spam filter. Follow the link to be let in.", ""),
    "challenge-4": ("验证请求", "为防止垃圾邮件，请点击链接确认您是真实发件人。", ""),
    "rfc3834-1": ("Auto: notice", "I am away.", "Auto-Submitted: auto-replied\r\n"),
    "rfc3834-2": ("Automatic reply: notice", "I am away.", "Auto-Submitted: auto-generated\r\n"),
    "rfc3834-3": ("Out of office", "I am away.", "Precedence: auto_reply\r\n"),
    "rfc3834-4": ("Vacation reply", "I am away.", "X-Auto-Response-Suppress: All\r\n"),
    "rfc3834-5": ("Re: x", "I am on holiday.", "Return-Path: <>\r\nPrecedence: junk\r\n"),
    "rfc3834-6": ("Re: x", "Received.", "Auto-Submitted: auto-replied; owner=x\r\n"),
}


@pytest.mark.parametrize("name", NO_BOUNCES)
def test_case_62_automatic_letters_are_no_bounces(counter: Counter, name: str) -> None:
    subject, words, headers = NO_BOUNCES[name]
    letter = counter.take(plain_letter(DATONG_AT, subject, words, headers))
    assert letter.kind not in BOUNCED
    assert letter.stage in (Stage.IGNORED, Stage.NOTED, Stage.REVIEW, Stage.ASKED)
    counter.assert_untouched()
    assert notice_state(counter) is DispatchState.SENT


def test_case_62_a_vacation_notice_of_a_public_set_is_no_bounce(counter: Counter) -> None:
    letter = counter.take((LETTERS / "sisimai_rfc3834-01.eml").read_bytes())
    counter.assert_machine(letter, Kind.AUTO_REPLY)


def test_case_63_a_bounce_that_a_person_passes_on_is_not_lost_and_no_return(counter: Counter) -> None:
    words = f"你们发来的邮件被退回了：\nThis is the mail system. 550 5.2.2 mailbox full <{DATONG_AT}>"
    letter = counter.take(mail(counter.office, DATONG_AT, words, mark="转发：", quote="none"))
    assert letter.stage in (Stage.IGNORED, Stage.REVIEW, Stage.ASKED)
    counter.assert_untouched()
    standing = counter.office.ledger.standing(SHANXI, DATONG)
    assert standing is not None and standing.gone == ()


# What makes naive rules or the bounce library stumble in ordinary mail.
ORDINARY = {
    "list": (
        "[cert-list] 会议纪要",
        "大家好，纪要见下。",
        "List-Id: <cert.lists.example>\r\nPrecedence: list\r\n",
    ),
    "failure": ("Re: delivery failed?", "你说的 delivery failed 是怎么回事", ""),
    "postmaster": ("邮箱扩容通知", "您的邮箱容量已满 80%，请清理。", "X-Failed: no\r\n"),
    "quoted": ("Re: x", "> 550 5.1.1 User unknown\n我这边收得到。", ""),
    "odd-to": ("总结", "总结随后。", "To: unlisted-recipients:; (no To-header on input)\r\n"),
    "odd-charset": ("Re: x", "plain", "X-Original-To: \xe9\r\n"),
}


@pytest.mark.parametrize("name", ORDINARY)
def test_case_64_ordinary_mail_is_no_bounce(counter: Counter, name: str) -> None:
    subject, words, headers = ORDINARY[name]
    letter = counter.take(plain_letter("lishuang@sohu.example", subject, words, headers))
    assert letter.kind is Kind.PERSON, counter.why(letter)
    counter.assert_untouched()


@pytest.mark.skipif(not CORPORA.is_dir(), reason="no public mail sets beside the checkout")
def test_case_64_the_ordinary_mails_of_public_sets_are_no_bounces(counter: Counter) -> None:
    paths = [path for path in sorted((CORPORA / "ordinary").iterdir()) if path.suffix in (".eml", ".txt")]
    for path in paths:
        counter.office.arrive(path.read_bytes())
    counter.office.work()
    assert len(counter.letters) == len(paths)
    assert [each.subject for each in counter.letters if each.kind in BOUNCED] == []
    counter.assert_untouched()


@pytest.mark.parametrize(
    ("reason", "wanted", "is_gone"),
    [
        ("550 Ip frequency limited", "soft", False),
        ("552 5.2.2 mailbox full", "soft", False),
        ("收件人邮件地址不存在", "hard", True),
    ],
    ids=["frequency", "full", "chinese-only"],
)
def test_case_65_temporary_soft_and_hard(counter: Counter, reason: str, wanted: str, is_gone: bool) -> None:
    raw = bounces.qq(counter.office.notice_of(DATONG), DATONG_AT, reason)
    assert_undelivered(counter, raw, is_gone=is_gone)
    assert the_class(counter) == wanted


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])
def test_case_66_line_ends_change_nothing(counter: Counter, end: bytes) -> None:
    raw = bounces.rfc3464(counter.office.notice_of(DATONG), DATONG_AT)
    assert_undelivered(counter, raw.replace(b"\r\n", end))


def test_case_66_a_status_part_without_its_blank_line(counter: Counter) -> None:
    assert_undelivered(counter, bounces.rfc3464(counter.office.notice_of(DATONG), DATONG_AT, blank=""))


def test_case_66_an_abuse_report_is_no_undelivered_notice(counter: Counter) -> None:
    letter = counter.take(bounces.abuse_report(counter.office.notice_of(DATONG)))
    counter.assert_machine(letter, Kind.AUTO_REPLY)
    assert notice_state(counter) is DispatchState.SENT and counter.state() == "awaited"
