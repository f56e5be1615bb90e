"""A receipt can be checked later: sent by us, unaltered, and what it says of the archive still true."""

from __future__ import annotations

import pytest

from service.desk.decide import reassign
from service.desk.verify_receipt import verify_receipt
from tests.stories.story import (
    CAMPAIGN,
    CLERK,
    DONG_AT,
    GOOD_SUMMARY,
    NAN,
    OFFICE,
    Story,
    fill,
    summary_docx,
)

SUMMARY = [("活动总结.docx", summary_docx(GOOD_SUMMARY))]


@pytest.fixture
def answered(released: Story) -> Story:
    """A unit has sent its summary and has its receipt."""
    released.reply(DONG_AT, "总结见附件。", SUMMARY)
    released.work()
    return released


def said(story: Story, mail: bytes) -> list[tuple[str, str]]:
    return [(each.what, each.say) for each in verify_receipt(story.office, mail, story.now).damaged]


def receipt(story: Story) -> bytes:
    """The newest mail of the unit, as it came with a server's own headers on top."""
    return b"Received: from mx.units.example by box.units.example; today\r\n" + story.mails(DONG_AT)[-1].mime


def test_a_receipt_as_it_arrived_is_true(answered: Story) -> None:
    verified = verify_receipt(answered.office, receipt(answered), answered.now)
    assert verified.damaged == ()
    assert verified.checked == 3, "the mail, one fingerprint, one event"
    assert verified.head == answered.ledger.check_chain().head != ""


def test_a_correction_is_one_too(answered: Story) -> None:
    bad = fill(answered.form_of(DONG_AT), {"title": "质量故事", "phone": "没有"})
    answered.reply(DONG_AT, "报送作品。", [("登记表.docx", bad)])
    answered.until("2024-08-20 10:00")
    assert said(answered, receipt(answered)) == []


def test_an_altered_word_is_found(answered: Story) -> None:
    from email import message_from_bytes, policy

    mail = message_from_bytes(receipt(answered), policy=policy.SMTP)
    for part in mail.walk():
        if part.get_content_type() == "text/plain":
            part.set_content(part.get_content().replace("按时收到", "逾期收到"))
    ((what, say),) = said(answered, bytes(mail))
    assert what == "receipt" and "正文" in say
    del mail["Subject"]
    mail["Subject"] = "回执：别的通知"
    assert any("主题" in say for _, say in said(answered, bytes(mail)))


def test_a_foreign_mail_and_another_of_ours_are_no_receipts(answered: Story) -> None:
    foreign = receipt(answered).replace(f"@{OFFICE.partition('@')[2]}>".encode(), b"@elsewhere.example>")
    assert "不是本办公室发出的回执" in said(answered, foreign)[0][1]
    assert "不是本办公室发出的回执" in said(answered, b"no mail at all")[0][1]
    assert "不是回执" in said(answered, answered.mails(DONG_AT)[0].mime)[0][1]


def test_a_lost_document_is_found(answered: Story) -> None:
    (filing,) = answered.ledger.filings(CAMPAIGN)
    answered.world.archive.pop(filing.docs[0].sha256)
    ((what, say),) = said(answered, receipt(answered))
    assert what == "blob" and "遗失" in say


def test_a_receipt_that_was_corrected_since_is_said_so(answered: Story) -> None:
    first = receipt(answered)
    letter = answered.letters()[-1].id
    done = reassign(
        answered.office,
        letter,
        campaign=CAMPAIGN,
        unit=NAN,
        item=None,
        by=CLERK,
        reason="电话核实",
        now=answered.now,
    )
    assert done.is_done, done.say
    answered.until("2024-08-20 10:00")
    ((_, say),) = said(answered, first)
    assert "撤回" in say and "更正回执" in say
    corrected, newest = (each.mime for each in answered.mails(DONG_AT)[-2:])
    assert said(answered, corrected) == said(answered, newest) == []
