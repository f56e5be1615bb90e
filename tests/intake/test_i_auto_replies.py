"""I. Auto-replies seen in the wild: with marks, with few, with none, and those that pose as persons."""

from __future__ import annotations

import base64
import json

import pytest

from service.office.letter import Kind, Stage
from tests.intake.counter import Counter
from tests.intake.wires import CORPORA
from tests.stories.prescription import mail, new_mail
from tests.stories.sample_office import DATONG, DATONG_AT

# What automatic texts of real senders say, in our own words.
BODIES = (
    "您的邮件我已收到",
    "已收到。",
    "我不在",
    "OK. your email has been received.",
    "您好，来信已收到，我会尽快回复您，谢谢！",
    "这是来自QQ邮箱的假期自动回复邮件。\n您好，我最近正在休假中，无法亲自回复您的邮件。",
    "您好，您的邮件已经收到，我们会在三个工作日内与您联系。",
    "我因公出差，9月2日返回，紧急事宜请致电办公室。",
    "此邮件由系统自动发送，请勿回复。",
    "Thank you for your email. I will get back to you as soon as possible.",
    "邮件收到",
    "您好！您的来信我已收到，谢谢。",
)
MARKS: dict[str, dict[str, object]] = {
    "QQ header": {"headers": [("X-QQ-HolidayReply", "true"), ("X-Mailer", "QQMail 2.x")]},
    "subject": {"mark": "自动回复: "},
    "none": {},
}
# Where the words could be a person's, a look is allowed; a filing or an answer never.
NEVER_A_RETURN = (Stage.IGNORED, Stage.NOTED, Stage.REVIEW, Stage.ASKED)


def automatic(counter: Counter, words: str, **more: object) -> bytes:
    """An automatic answer to our notice: HTML alone, nothing quoted."""
    return mail(counter.office, DATONG_AT, words, quote="none", html_only=True, **more)  # type: ignore[arg-type]  # fields of Sheet


def test_case_67_the_header_of_qq_alone(counter: Counter) -> None:
    headers = [("X-QQ-HolidayReply", "true"), ("X-Mailer", "QQMail 2.x")]
    letter = counter.take(automatic(counter, "你好", headers=headers))
    counter.assert_machine(letter, Kind.AUTO_REPLY)
    assert counter.missing()


@pytest.mark.parametrize("where", ["Sender", "Return-Path"])
def test_case_68_the_address_of_qq_s_robot(counter: Counter, where: str) -> None:
    headers = [(where, "<datong+auto_=rzc=mail.example@qq.com>")]
    letter = counter.take(automatic(counter, "你好", headers=headers))
    counter.assert_machine(letter, Kind.AUTO_REPLY)
    # The person is who stands in From; the robot's spelling never becomes anybody's address.
    assert letter.sender == DATONG_AT


def test_case_69_our_subject_in_gbk_words_cut_in_two(counter: Counter) -> None:
    notice = str(counter.office.notice_of(DATONG)["Subject"])
    whole = f"自动回复: {notice}".encode("gbk")
    # The cut goes through the middle of a character.
    odd = next(at for at in range(15, 60) if whole[at] >= 0x80 and _is_trail(whole, at))
    words = " ".join(f"=?gbk?B?{base64.b64encode(piece).decode()}?=" for piece in (whole[:odd], whole[odd:]))
    raw = automatic(counter, "感谢您的来信", subject="SUBJECT")
    letter = counter.take(raw.replace(b"Subject: SUBJECT", f"Subject: {words}".encode()))
    counter.assert_machine(letter, Kind.AUTO_REPLY)
    assert letter.subject == f"自动回复: {notice}"
    # It reached the box: that much it is good for.
    (event,) = counter.office.ledger.events(letter=letter.id, kind="auto-reply")
    assert event.unit == DATONG


def _is_trail(data: bytes, at: int) -> bool:
    return data[:at].decode("gbk", "replace").endswith("\ufffd")


def test_case_70_the_body_alone_says_so(counter: Counter) -> None:
    page = "<div>这是自动回复</div>"
    raw = (
        f"From: {DATONG_AT}\r\nTo: rzc@mail.example\r\nSubject: Re: {counter.office.code(DATONG)}\r\n"
        "Message-ID: <a163@163.com>\r\nDate: Tue, 20 Aug 2024 10:03:00 +0800\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/html; charset=gb2312\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    ).encode() + page.encode("gb2312")
    letter = counter.take(raw)
    assert letter.stage in (Stage.IGNORED, Stage.REVIEW)
    counter.assert_untouched()


@pytest.mark.parametrize("mark", MARKS)
def test_case_71_bodies_that_do_not_say_so_are_never_a_return(counter: Counter, mark: str) -> None:
    assert_no_returns(counter, BODIES, mark)


@pytest.mark.skipif(not CORPORA.is_dir(), reason="no public mail sets beside the checkout")
@pytest.mark.parametrize("mark", MARKS)
def test_case_71_the_bodies_of_public_sets(counter: Counter, mark: str) -> None:
    lines = (CORPORA / "auto-replies" / "bodies.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert_no_returns(counter, [row["body"] for row in rows if row["kind"] == "auto"], mark)


def assert_no_returns(counter: Counter, bodies: tuple[str, ...] | list[str], mark: str) -> None:
    """None filed, none answered, every one in the ledger."""
    bodies = list(dict.fromkeys(bodies))
    for words in bodies:
        counter.office.arrive(automatic(counter, words, **MARKS[mark]))
    counter.office.work()
    assert len(counter.letters) == len(bodies), "none is dropped unseen"
    assert [each.outcome for each in counter.letters if each.stage not in NEVER_A_RETURN] == []
    if mark != "none":
        assert {each.kind for each in counter.letters} == {Kind.AUTO_REPLY}
    counter.assert_untouched()


@pytest.mark.parametrize(
    "words",
    [
        "您好，您发来的邮件在我这里是乱码，请重新发一次，谢谢。",
        "您好！邮件收到，三天内会回复您。\n李明 138xxxx0000",
    ],
    ids=["garbled", "signed"],
)
def test_case_72_a_robot_posing_as_a_person_moves_nothing(counter: Counter, words: str) -> None:
    letter = counter.take(automatic(counter, words))
    assert letter.stage in (Stage.REVIEW, Stage.ASKED, Stage.IGNORED, Stage.NOTED)
    counter.assert_untouched()  # above all the notice is not sent again by machine
    counter.later()
    assert counter.answers == []


REMARKS = (
    "收到，谢谢！",
    "好的，我们会按时报送。",
    "好，知道了",
    "这个自动回复真烦人，是不是设置错了",
    "谢谢，尽快回复您填报情况。",
    "邮件已收到，本周内上报登记表。",
)


@pytest.mark.parametrize("words", REMARKS)
def test_case_73_a_short_human_remark_is_no_machine(counter: Counter, words: str) -> None:
    letter = counter.take(mail(counter.office, DATONG_AT, words))
    assert letter.kind is Kind.PERSON, counter.why(letter)
    assert letter.stage in (Stage.NOTED, Stage.ASKED, Stage.REVIEW)
    counter.assert_untouched()


@pytest.mark.parametrize("quote", ["qq", "foxmail", "netease", "dingtalk", "outlook", "forward"])
def test_case_73_a_reply_with_its_quotation_is_no_machine(counter: Counter, quote: str) -> None:
    letter = counter.take(mail(counter.office, DATONG_AT, "请问盖章件要寄吗？", quote=quote))
    assert (letter.kind, letter.stage) == (Kind.PERSON, Stage.ASKED)


@pytest.mark.skipif(not CORPORA.is_dir(), reason="no public mail sets beside the checkout")
def test_case_73_the_replies_of_public_sets_are_no_machines(counter: Counter) -> None:
    names = json.loads((CORPORA / "replies" / "labels.json").read_text(encoding="utf-8"))
    for name in names:
        body = (CORPORA / "replies" / "emails" / name).read_text(encoding="utf-8")
        counter.office.arrive(new_mail(counter.office, "li@unit.example", f"Re: {name}", body))
    counter.office.work()
    assert {each.subject: each.kind for each in counter.letters if each.kind is not Kind.PERSON} == {}
    assert len(counter.letters) == len(names)
