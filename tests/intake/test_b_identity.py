"""B. Identity and matching: whose letter it is, and whether we have it already."""

from __future__ import annotations

from email import message_from_bytes, policy

import pytest

from service.office.letter import Stage
from tests.intake.counter import Counter
from tests.intake.wires import without_header
from tests.stories.prescription import TEXT, form, mail, new_mail, public_form, summary
from tests.stories.sample_office import (
    DATONG,
    DATONG_AT,
    SHUOZHOU,
    SHUOZHOU_AT,
    SampleOffice,
)

WORDS = "现将我局宣传周工作总结报上，请查收。"
ROUTE = b"Received: from mx2.example by mail.example; Tue, 20 Aug 2024 10:00:00 +0800\r\n"
OUTSIDER = "华北质量认证有限公司"


def reply(office: SampleOffice, words: str = WORDS, **more: object) -> bytes:
    """The plainest of returns."""
    return mail(office, DATONG_AT, words, files=[summary()], **more)  # type: ignore[arg-type]  # fields of Sheet


@pytest.mark.parametrize("header", [b"", b"Message-ID:\r\n"], ids=["none", "empty"])
def test_case_13_no_message_id_is_keyed_by_content(counter: Counter, header: bytes) -> None:
    raw = header + without_header(reply(counter.office), "Message-ID")
    letter = counter.take(raw, raw)
    assert counter.facts(letter).message_id == ""
    assert len(counter.letters) == 1
    counter.assert_filed(letter)


def test_case_14_two_letters_of_one_message_id_are_both_filed_and_flagged(counter: Counter) -> None:
    raw = reply(counter.office)
    other = mail(
        counter.office, DATONG_AT, "更正，以此件为准。", files=[summary(TEXT.replace("三千", "四千"))]
    )
    own = message_from_bytes(raw, policy=policy.default)["Message-ID"]
    other = b"Message-ID: " + str(own).encode() + b"\r\n" + without_header(other, "Message-ID")
    second = counter.take(raw, other)
    assert len(counter.letters) == 2
    assert [each.version for each in counter.filings(DATONG, "summary")] == [1, 2]
    assert len(counter.answers) == 2
    assert any("Message-ID" in say for say in counter.told(second)), counter.told(second)


def test_case_15_the_same_letter_by_another_route_is_one(counter: Counter) -> None:
    raw = reply(counter.office)
    letter = counter.take(raw, raw, (ROUTE + raw, "Junk"), ROUTE + ROUTE + raw)
    assert len(counter.letters) == 1
    assert len(counter.filings()) == 1
    counter.assert_filed(letter)


def test_case_16_an_id_learned_from_sent_is_matched(counter: Counter) -> None:
    office = counter.office
    notice = office.notice_of(DATONG)
    office.world.sent_is_known = True
    office.world.delivered_as[str(notice["Message-ID"])] = "tencent_A1@qq.com"
    office.office.send.read_sent(office.now)
    # Somebody of the unit whom no roster knows cites QQ's id; there is no code and no quotation anywhere.
    raw = mail(
        office,
        "sun1980@qq.com",
        "总结见附件。\n大同市市场监督管理局",
        quote="none",
        subject="总结",
        files=[summary(name="总结.docx")],
    )
    own = str(notice["Message-ID"]).encode()
    letter = counter.take(raw.replace(own, b"<tencent_A1@qq.com>"))
    assert counter.facts(letter).in_reply_to == ("tencent_A1@qq.com",)
    counter.assert_filed(letter)
    assert any(say.startswith("回复的是我们发出的邮件") for say in counter.why(letter))


def test_case_17_the_code_below_stacked_prefixes_is_enough_without_a_thread(counter: Counter) -> None:
    raw = reply(counter.office, "总结见附件。", quote="none", is_thread=False, mark="答复：RE：")
    letter = counter.take(raw)
    facts = counter.facts(letter)
    assert (facts.in_reply_to, facts.references) == ((), ())
    counter.assert_filed(letter)
    assert any("主题中有编号" in say for say in counter.why(letter))


def test_case_18_the_sender_alone_is_a_proposal_that_staff_confirm(counter: Counter) -> None:
    raw = new_mail(
        counter.office,
        DATONG_AT,
        "总结",
        "见附件。",
        files=[summary("一、开展情况\n活动三场。\n二、活动效果\n良好。", "总结.docx")],
    )
    letter = counter.take(raw)
    counter.assert_review(letter)
    assert letter.unit == DATONG, "the proposal names the unit"
    assert counter.state() == "in-review"


def test_case_19_one_units_code_from_another_units_address_goes_to_neither(counter: Counter) -> None:
    raw = mail(counter.office, SHUOZHOU_AT, "总结见附件。", DATONG, files=[summary(name="总结.docx")])
    letter = counter.take(raw)
    counter.assert_review(letter)
    assert not counter.missing(SHUOZHOU)
    assert SHUOZHOU in letter.outcome or DATONG in letter.outcome


def test_case_20_a_body_on_no_roster_hands_in_a_work_of_its_own(counter: Counter) -> None:
    office = counter.office
    raw = new_mail(
        office,
        "service@huabei.example",
        "报送服务认证作品",
        "我公司报送作品一件。",
        files=[public_form(office, OUTSIDER, "企业作品")],
    )
    owed = office.absent()
    letter = counter.take(raw)
    counter.assert_filed(letter, "works", OUTSIDER)
    docket = counter.docket("works", OUTSIDER)
    assert docket is not None and docket.is_third_party and docket.obligation.value == "voluntary"
    assert office.absent() == owed


def test_case_21_a_colleague_forwards_it_and_the_sender_is_on_record(counter: Counter) -> None:
    raw = mail(
        counter.office,
        "zhang@datong-scjg.example",
        "省局领导好，总结见附件。\n大同市市场监督管理局",
        mark="转发：",
        quote="forward",
        is_thread=False,
        files=[summary()],
    )
    letter = counter.take(raw)
    counter.assert_filed(letter)
    assert letter.sender == "zhang@datong-scjg.example"
    assert [each["To"] for each in counter.answers] == ["zhang@datong-scjg.example"]


def test_case_21_a_colleague_with_the_form_of_the_unit(counter: Counter) -> None:
    office = counter.office
    raw = mail(
        office,
        "zhang@datong-scjg.example",
        "作品见附件。",
        mark="转发：",
        quote="forward",
        is_thread=False,
        files=[form(office, DATONG, "放心服务")],
    )
    counter.assert_filed(counter.take(raw), "works")
    assert counter.letters[0].stage is Stage.ACKNOWLEDGED
