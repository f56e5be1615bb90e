"""A quiet campaign: everyone answers in time, is thanked at once, and nobody is chased."""

from __future__ import annotations

from service.office.docket import DocketState
from service.office.letter import Stage
from tests.stories.story import (
    BEI_AT,
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


def test_every_unit_gets_its_own_notice_once(released: Story) -> None:
    for rcpt in (DONG_AT, XI_AT, "xicheng2@units.example", NAN_AT, BEI_AT):
        assert len(released.mails(rcpt)) == 1
    assert len({str(released.notice(rcpt)["Subject"]) for rcpt in (DONG_AT, XI_AT, NAN_AT, BEI_AT)}) == 4
    names = [str(part.get_filename()) for part in released.notice(DONG_AT).walk() if part.get_filename()]
    assert len(names) == 2 and names[0].endswith(".docx") and "作品登记表" in names[1]


def test_all_answer_and_nobody_is_missing(released: Story) -> None:
    released.until("2024-09-10 10:00")
    for rcpt in (DONG_AT, XI_AT, NAN_AT):
        released.reply(rcpt, "总结见附件。", [("活动总结.docx", summary_docx(GOOD_SUMMARY))])
    released.work()
    assert released.missing() == []
    assert {released.docket(unit, "summary").state for unit in (DONG, XI, NAN)} == {DocketState.RETURNED}
    assert all(letter.stage is Stage.ACKNOWLEDGED for letter in released.letters())
    receipt = released.last_text(DONG_AT)
    assert "活动总结" in receipt and "SHA-256" in receipt and "已经收齐" in receipt
    released.until("2024-10-08 12:00")
    assert [subject for subject in released.subjects(DONG_AT) if "催" in subject] == []


def test_a_form_filled_in_word_becomes_an_entry(released: Story) -> None:
    form = fill(released.form_of(DONG_AT), {"title": "质量故事", "phone": "0351-1000001"})
    released.reply(DONG_AT, "作品登记表已填好，请查收。", [("作品登记表.docx", form)])
    released.work()
    docket = released.docket(DONG, "works")
    assert (docket.state, docket.entries) == (DocketState.RETURNED, 1)
    filing = released.ledger.filings("small", DONG, "works")[0]
    assert (filing.title, dict(filing.fields)["phone"]) == ("质量故事", "0351-1000001")
