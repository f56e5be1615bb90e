"""Whose letter: third parties, a notice passed on, colleagues, and letters that must wait for a person."""

from __future__ import annotations

from datetime import date
from email import message_from_bytes, policy

from service.desk.decide import assign, note
from service.office.docket import DocketState
from service.office.letter import Kind, Stage
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
    fill,
    summary_docx,
)

SUMMARY = [("活动总结.docx", summary_docx(GOOD_SUMMARY))]


def test_a_third_party_is_filed_apart_and_thanked(released: Story) -> None:
    public = next(
        data for path, data in released.world.exchange.items() if "公开版" in path and "登记表" in path
    )
    name = "华北质量认证有限公司"
    form = fill(public, {"title": "企业作品", "unit": name, "phone": "0351-2000000"})
    released.reply(
        "service@huabei.example",
        "我公司报送作品。",
        [("作品登记表.docx", form)],
        as_new=True,
        subject="报送作品",
    )
    released.work()
    docket = released.docket(name, "works")
    assert (docket.state, docket.is_third_party) == (DocketState.RETURNED, True)
    assert released.subjects("service@huabei.example") == ["回执：关于报送质量月活动材料的通知"]
    assert name not in released.missing()


def test_a_notice_passed_on_is_never_filed_under_the_one_who_passed_it(released: Story) -> None:
    released.reply(
        "county@post.example",
        "我局总结见附件。\n\n东城区某某街道市场监督管理所",
        SUMMARY,
        to=released.notice(DONG_AT),
    )
    released.work()
    letter = released.letters()[0]
    assert letter.stage is Stage.REVIEW
    # The city's own docket waits with it: it is neither returned nor publicly missing.
    assert released.docket(DONG, "summary").state is DocketState.IN_REVIEW
    assert DONG not in released.missing()
    done = note(released.office, letter.id, by=CLERK, reason="街道所自行报送，不计入区局", now=released.now)
    assert done.is_done, done.say
    assert released.docket(DONG, "summary").state is DocketState.AWAITED
    assert released.mails("county@post.example") == []


def test_a_colleague_who_signs_with_the_units_name_is_filed(released: Story) -> None:
    released.reply(
        "sun1980@qq.com",
        f"总结见附件，请查收。\n\n{DONG}\n办公室 孙一",
        SUMMARY,
        to=released.notice(DONG_AT),
    )
    released.work()
    assert released.docket(DONG, "summary").state is DocketState.RETURNED
    assert len(released.mails("sun1980@qq.com")) == 1


def test_a_stranger_with_the_code_alone_waits(released: Story) -> None:
    released.reply("somebody@qq.com", "材料见附件。", SUMMARY, to=released.notice(DONG_AT))
    released.work()
    letter = released.letters()[0]
    assert (letter.stage, letter.unit) == (Stage.REVIEW, DONG)
    assert released.mails("somebody@qq.com") == []
    done = assign(
        released.office,
        letter.id,
        campaign=CAMPAIGN,
        unit=DONG,
        item="summary",
        by=CLERK,
        reason="电话核实，是该局孙一的私人邮箱",
        now=released.now,
    )
    assert done.is_done, done.say
    released.work()
    assert released.docket(DONG, "summary").state is DocketState.RETURNED
    assert len(released.mails("somebody@qq.com")) == 1


def test_code_of_one_from_the_address_of_another_waits(released: Story) -> None:
    released.reply(XI_AT, "总结见附件。", SUMMARY, to=released.notice(DONG_AT))
    released.work()
    assert released.letters()[0].stage is Stage.REVIEW
    assert released.docket(DONG, "summary").state is not DocketState.RETURNED
    assert released.docket(XI, "summary").state is not DocketState.RETURNED


def test_thanks_are_noted_and_a_question_goes_to_the_desk(released: Story) -> None:
    released.reply(DONG_AT, "收到，谢谢！")
    released.reply(XI_AT, "请问总结需要盖章吗？")
    released.work()
    assert [letter.stage for letter in released.letters()] == [Stage.NOTED, Stage.ASKED]
    assert len(released.mails(DONG_AT)) == 1 and len(released.mails(XI_AT)) == 1
    assert set(released.missing()) == {DONG, XI, NAN}


def test_an_automatic_reply_is_no_return_and_gets_no_answer(released: Story) -> None:
    subject = f"自动回复: {released.notice(NAN_AT)['Subject']}"
    released.reply(NAN_AT, "您好，邮件已收到，我会尽快处理。", subject=subject)
    released.work()
    letter = released.letters()[0]
    assert (letter.kind, letter.stage) == (Kind.AUTO_REPLY, Stage.IGNORED)
    assert len(released.mails(NAN_AT)) == 1
    assert NAN in released.missing()


def test_five_letters_get_two_receipts_at_most(released: Story) -> None:
    for number in range(5):
        text = f"第{number + 1}次报送"
        files = [("活动总结.docx", summary_docx(f"{GOOD_SUMMARY}\n{number}"))]
        released.reply(DONG_AT, text, files)
        released.work()
    released.until("2024-08-20 10:00")
    assert len(released.mails(DONG_AT)) == 3
    assert released.docket(DONG, "summary").version == 5
    assert {letter.stage for letter in released.letters()} == {Stage.ACKNOWLEDGED}


def test_the_same_letter_twice_is_one_letter(released: Story) -> None:
    raw = released.reply(DONG_AT, "总结见附件。", SUMMARY)
    released.work()
    released.world.deliver(b"Received: from b.example\r\n" + raw, released.now, "Junk")
    released.world.uidvalidity["INBOX"] = 8
    released.work()
    assert len(released.letters()) == 1
    assert len(released.mails(DONG_AT)) == 2
    assert date(2024, 8, 20) == released.now.date()


def test_a_classified_mark_in_a_document_is_sealed_apart(released: Story) -> None:
    files = [("总结.docx", summary_docx("机密★5年\n专项情况总结"))]
    released.reply(DONG_AT, "总结见附件。", files)
    released.work()
    assert released.letters()[0].stage is Stage.REFUSED
    assert released.ledger.filings(CAMPAIGN, DONG) == ()
    assert len(released.mails(DONG_AT)) == 1
    assert not any("总结.docx" in path for path in released.world.exchange)
    assert DONG not in released.missing()
    done = note(released.office, 1, by=CLERK, reason="已按保密规定处理", now=released.now)
    assert done.is_done, done.say
    assert released.letters()[0].stage is Stage.REFUSED
    assert DONG in released.missing()


def test_a_third_party_corrects_its_form_by_replying(released: Story) -> None:
    public = next(
        data for path, data in released.world.exchange.items() if "公开版" in path and "登记表" in path
    )
    name, sender = "华北质量认证有限公司", "service@huabei.example"
    bad = fill(public, {"title": "企业作品", "unit": name, "phone": "无"})
    released.reply(sender, "我公司报送作品。", [("作品登记表.docx", bad)], as_new=True, subject="报送作品")
    released.work()
    assert released.docket(name, "works").state is DocketState.NEEDS_CORRECTION
    correction = message_from_bytes(released.mails(sender)[0].mime, policy=policy.default)
    assert str(correction["Subject"]).startswith("[")
    released.until("2024-08-20 11:00")
    good = fill(public, {"title": "企业作品", "unit": name, "phone": "0351-2000000"})
    released.reply(sender, "已改正。", [("作品登记表.docx", good)], to=correction)
    released.work()
    docket = released.docket(name, "works")
    assert (docket.state, docket.entries, docket.version) == (DocketState.RETURNED, 1, 2)


def test_what_waits_too_long_is_alarmed_once(released: Story) -> None:
    released.reply("somebody@qq.com", "材料见附件。", SUMMARY, to=released.notice(DONG_AT))
    released.work()
    assert released.office.remind.overdue_reviews(released.now) == ()
    released.until("2024-08-22 09:00")
    assert released.office.remind.overdue_reviews(released.now) == (1,)
    assert released.office.remind.overdue_reviews(released.now) == ()
