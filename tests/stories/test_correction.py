"""Correction: what is wrong is named field by field, what was right is kept, and the first date holds."""

from __future__ import annotations

from email import message_from_bytes, policy

from service.office.docket import DocketState
from tests.stories.story import DONG, DONG_AT, GOOD_SUMMARY, NAN, NAN_AT, Story, fill, summary_docx


def test_a_faulty_form_is_sent_back_with_the_field_named_and_then_counts(released: Story) -> None:
    bad = fill(released.form_of(DONG_AT), {"title": "质量故事", "phone": "没有"})
    released.reply(DONG_AT, "报送作品。", [("登记表.docx", bad)])
    released.work()
    assert released.docket(DONG, "works").state is DocketState.NEEDS_CORRECTION
    asked = released.last_text(DONG_AT)
    assert "联系电话" in asked and "作品名称：质量故事" in asked
    good = fill(released.form_of(DONG_AT), {"title": "质量故事", "phone": "0351-1000001"})
    correction = message_from_bytes(released.mails(DONG_AT)[-1].mime, policy=policy.default)
    released.reply(DONG_AT, "已改正。", [("登记表.docx", good)], to=correction)
    released.until("2024-08-20 10:00")
    docket = released.docket(DONG, "works")
    assert (docket.state, docket.entries, docket.version) == (DocketState.RETURNED, 1, 2)


def test_a_correction_can_be_typed_as_lines(released: Story) -> None:
    bad = fill(released.form_of(DONG_AT), {"title": "质量故事"})
    released.reply(DONG_AT, "报送作品。", [("登记表.docx", bad)])
    released.work()
    released.until("2024-08-20 11:00")
    released.reply(DONG_AT, "作品名称：质量故事\n报送单位：东城区市场监督管理局\n联系电话：0351-1000001")
    released.work()
    docket = released.docket(DONG, "works")
    assert (docket.state, docket.entries, docket.version) == (DocketState.RETURNED, 1, 2)


def test_a_worse_later_version_never_lowers_a_valid_return(released: Story) -> None:
    good = fill(released.form_of(DONG_AT), {"title": "质量故事", "phone": "0351-1000001"})
    released.reply(DONG_AT, "报送作品。", [("登记表.docx", good)])
    released.until("2024-08-20 11:00")
    bad = fill(released.form_of(DONG_AT), {"title": "质量故事"})
    released.reply(DONG_AT, "更正。", [("登记表.docx", bad)])
    released.until("2024-08-20 12:00")
    assert released.docket(DONG, "works").state is DocketState.RETURNED
    filings = released.ledger.filings("small", DONG, "works")
    assert [(each.version, each.is_valid) for each in filings] == [(1, True), (2, False)]


def test_advice_is_for_clerks_and_bothers_no_unit(released: Story) -> None:
    released.reply(NAN_AT, "总结见附件。", [("活动总结.docx", summary_docx("只有一句话。"))])
    released.work()
    assert released.docket(NAN, "summary").state is DocketState.RETURNED
    assert {each.code for each in released.ledger.findings(released.letters()[0].id)} == {"section-missing"}
    assert "开展情况" not in released.last_text(NAN_AT)


def test_two_works_are_two_entries_and_pictures_complete_a_summary(released: Story) -> None:
    first = fill(released.form_of(DONG_AT), {"title": "甲作品", "phone": "0351-1000001"})
    second = fill(released.form_of(DONG_AT), {"title": "乙作品", "phone": "0351-1000001"})
    released.reply(DONG_AT, "两件作品。", [("登记表一.docx", first), ("登记表二.docx", second)])
    released.until("2024-08-20 10:00")
    assert released.docket(DONG, "works").entries == 2
    released.reply(DONG_AT, "总结。", [("活动总结.docx", summary_docx(GOOD_SUMMARY))])
    released.until("2024-08-20 10:30")
    picture = b"\x89PNG\r\n\x1a\n" + b"\0" * 60_000
    released.reply(DONG_AT, "补充总结的图片。", [("现场.png", picture)])
    released.until("2024-08-20 11:00")
    filings = released.ledger.filings("small", DONG, "summary")
    assert [len(each.docs) for each in filings] == [1, 2]
    assert released.docket(DONG, "summary").version == 2
