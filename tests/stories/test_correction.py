"""Correction: what is wrong is named field by field, what was right is kept, and the first date holds."""

from __future__ import annotations

import hashlib
from email import message_from_bytes, policy

from service.desk.decide import assign
from service.office.docket import DocketState
from service.office.filing import in_force
from service.office.finding import Severity
from service.office.frozen import open_campaign
from service.office.letter import Stage
from service.office.needs.exchange import HandedIn
from tests.stories.story import CLERK, DONG, DONG_AT, GOOD_SUMMARY, NAN, NAN_AT, Story, fill, summary_docx


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


def attached(story: Story, rcpt: str) -> list[tuple[str, bytes]]:
    """Files of the newest mail."""
    mail = message_from_bytes(story.mails(rcpt)[-1].mime, policy=policy.default)
    return [(str(each.get_filename()), each.get_content()) for each in mail.iter_attachments()]


def test_a_correction_says_what_a_receipt_says_and_brings_the_form_prefilled(released: Story) -> None:
    bad = fill(released.form_of(DONG_AT), {"title": "质量故事", "phone": "没有"})
    released.reply(DONG_AT, "报送作品。", [("登记表.docx", bad)])
    released.work()
    text = released.last_text(DONG_AT)
    assert "2024年8月20日（星期二）09:00" in text and hashlib.sha256(bad).hexdigest() in text
    assert "作品登记表请于2024年8月28日（星期三）24:00前（含当日）补正" in text
    assert "活动总结，请于2024年9月29日（星期日）24:00前（含当日）报送" in text, "what is missing besides"
    assert "0351-7000000" in text, "whom to call"
    ((name, form),) = attached(released, DONG_AT)
    assert name.split() == ["附件1", "作品登记表（补正）.docx"]
    campaign = open_campaign("small", released.ledger, released.office.doors.archive)
    item = campaign.item("works") if campaign else None
    assert item is not None
    fields = item.fields
    reading = released.office.doors.forms.read(form, name, fields)
    assert reading.codes and reading.value("title") == "质量故事"
    assert reading.value("phone") == "", "what was wrong is left open"
    # And it takes the way of any form: completed, it makes the return good.
    correction = message_from_bytes(released.mails(DONG_AT)[-1].mime, policy=policy.default)
    good = fill(form, {"phone": "0351-1000001"})
    released.reply(DONG_AT, "已改正。", [(name, good)], to=correction)
    released.until("2024-08-20 10:00")
    assert released.docket(DONG, "works").state is DocketState.RETURNED
    best = in_force(released.ledger.filings("small", DONG, "works"))
    assert best is not None and dict(best.fields)["title"] == "质量故事"


def test_the_prefilled_form_sent_back_untouched_is_no_return(released: Story) -> None:
    bad = fill(released.form_of(DONG_AT), {"title": "质量故事", "phone": "没有"})
    released.reply(DONG_AT, "报送作品。", [("登记表.docx", bad)])
    released.work()
    (name, form), *_ = attached(released, DONG_AT)
    released.reply(DONG_AT, "收到。", [(name, form)])
    released.until("2024-08-20 10:00")
    assert released.docket(DONG, "works").version == 1


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


def test_one_typed_line_is_a_correction_and_what_was_right_is_kept(released: Story) -> None:
    bad = fill(released.form_of(DONG_AT), {"title": "质量故事", "phone": "没有"})
    released.reply(DONG_AT, "报送作品。", [("登记表.docx", bad)])
    released.work()
    asked = released.last_text(DONG_AT)
    # What was right need not be typed again, what was wrong is not offered as an answer.
    assert "作品名称：质量故事" in asked and "联系电话：没有" not in asked
    released.until("2024-08-20 11:00")
    correction = message_from_bytes(released.mails(DONG_AT)[-1].mime, policy=policy.default)
    released.reply(DONG_AT, "联系电话：0351-1000001", to=correction)
    released.until("2024-08-20 12:00")
    docket = released.docket(DONG, "works")
    assert (docket.state, docket.entries, docket.version) == (DocketState.RETURNED, 1, 2)
    best = in_force(released.ledger.filings("small", DONG, "works"))
    assert best is not None and dict(best.fields)["title"] == "质量故事"
    assert dict(best.fields)["phone"] == "0351-1000001"
    # The form that carried the other answers is still one of its files.
    assert "登记表.docx" in {doc.name for doc in best.docs}


def test_a_worse_later_version_is_sent_back_with_the_word_that_the_good_one_counts(released: Story) -> None:
    good = fill(released.form_of(DONG_AT), {"title": "质量故事", "phone": "0351-1000001"})
    released.reply(DONG_AT, "报送作品。", [("登记表.docx", good)])
    released.until("2024-08-20 11:00")
    bad = fill(released.form_of(DONG_AT), {"title": "质量故事", "phone": "改天再报"})
    released.reply(DONG_AT, "更正。", [("登记表.docx", bad)])
    released.until("2024-08-20 12:00")
    best = in_force(released.ledger.filings("small", DONG, "works"))
    assert best is not None and best.version == 1
    asked = released.last_text(DONG_AT)
    assert "第 1 件“质量故事”，仍然有效" in asked
    # The lines to correct are filled in from the version that counts.
    assert "联系电话：0351-1000001" in asked


def test_a_faulty_return_in_time_corrected_after_the_day_is_not_late(story: Story) -> None:
    _ask_summary_with(story, "length: {about: 40, check: must}")
    story.until("2024-09-29 22:00")
    story.reply(NAN_AT, "总结见附件。", [("活动总结.docx", summary_docx("太短了。"))])
    story.work()
    assert story.docket(NAN, "summary").state is DocketState.NEEDS_CORRECTION
    story.until("2024-10-08 10:00")
    story.reply(NAN_AT, "补正后的总结。", [("活动总结.docx", summary_docx(GOOD_SUMMARY))])
    story.until("2024-10-08 11:00")
    docket = story.docket(NAN, "summary")
    assert docket.state is DocketState.RETURNED and not docket.is_late
    assert "按时收到" in story.last_text(NAN_AT)


def test_further_parts_are_added_and_a_corrected_file_takes_the_place_of_the_old(released: Story) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + b"\0" * 60_000
    summary = ("活动总结.docx", summary_docx(GOOD_SUMMARY))
    released.reply(NAN_AT, "总结。", [summary, ("现场.png", picture)])
    released.until("2024-08-20 10:00")
    released.reply(NAN_AT, "补充总结的典型案例一份。", [("总结典型案例.docx", summary_docx("案例一。" * 30))])
    released.until("2024-08-20 11:00")
    released.reply(
        NAN_AT, "上次的总结有误，请以此为准。", [("活动总结.docx", summary_docx(GOOD_SUMMARY + "\n改"))]
    )
    released.until("2024-08-20 12:00")
    filings = released.ledger.filings("small", NAN, "summary")
    names = [sorted(doc.name for doc in each.docs) for each in filings]
    assert names == [
        ["活动总结.docx", "现场.png"],
        ["总结典型案例.docx", "活动总结.docx", "现场.png"],
        ["活动总结.docx", "现场.png"],
    ]
    assert all(each.is_valid for each in filings)
    assert filings[2].docs[0].sha256 != filings[0].docs[0].sha256


def test_a_scan_counts_as_received_and_its_fields_are_typed_by_staff(released: Story) -> None:
    page = b"\xff\xd8\xff\xe0" + b"\0" * 90_000
    released.reply(DONG_AT, "盖章的作品登记表见照片。", [("作品登记表.jpg", page)])
    released.work()
    docket = released.docket(DONG, "works")
    assert docket.state is DocketState.RETURNED
    found = released.ledger.findings(released.letters()[0].id)
    assert [(each.code, each.severity) for each in found] == [("fields-untyped", Severity.ADVICE)]
    assert "录入" not in released.last_text(DONG_AT) and "未填写" not in released.last_text(DONG_AT)
    lines = "作品名称：质量故事\n报送单位：东城区市场监督管理局\n联系电话：0351-1000001\n".encode()
    released.until("2024-08-20 11:00")
    released.world.handed = [HandedIn("t1", DONG, "作品登记表.txt", lines, released.now)]
    released.until("2024-08-20 12:00")
    docket = released.docket(DONG, "works")
    assert (docket.state, docket.entries, docket.version) == (DocketState.RETURNED, 1, 2)
    best = in_force(released.ledger.filings("small", DONG, "works"))
    assert best is not None and dict(best.fields)["title"] == "质量故事"
    assert {doc.name for doc in best.docs} == {"作品登记表.jpg", "作品登记表.txt"}


def test_a_work_that_comes_after_its_form_belongs_to_it(released: Story) -> None:
    good = fill(released.form_of(DONG_AT), {"title": "质量故事", "phone": "0351-1000001"})
    released.reply(DONG_AT, "报送作品登记表。", [("登记表.docx", good)])
    released.until("2024-08-20 11:00")
    released.reply(DONG_AT, "作品文件见附件。", [("作品《质量故事》.docx", summary_docx("故事。" * 60))])
    released.until("2024-08-20 12:00")
    docket = released.docket(DONG, "works")
    assert (docket.state, docket.entries, docket.version) == (DocketState.RETURNED, 1, 2)
    assert not any("补正" in each for each in released.subjects(DONG_AT))


def test_advice_stays_out_of_the_correction_that_a_must_sends(story: Story) -> None:
    _ask_summary_with(story, "length: {about: 40, check: must}")
    story.reply(NAN_AT, "总结见附件。", [("活动总结.docx", summary_docx("太短了。"))])
    story.work()
    found = story.ledger.findings(story.letters()[0].id)
    assert {each.severity for each in found} == {Severity.MUST, Severity.ADVICE}
    asked = story.last_text(NAN_AT)
    assert "字" in asked and "开展情况" not in asked and "活动效果" not in asked


def test_a_letter_that_waited_for_a_person_is_no_newer_than_one_filed_before_it(released: Story) -> None:
    summary = ("活动总结.docx", summary_docx(GOOD_SUMMARY))
    released.until("2024-09-29 10:00")
    released.reply("someone@elsewhere.example", "总结见附件。", [summary], as_new=True, subject="活动总结")
    released.work()
    waiting = released.letters()[0]
    assert waiting.stage is Stage.REVIEW
    released.until("2024-09-30 10:00")
    newer = ("活动总结.docx", summary_docx(GOOD_SUMMARY + "\n改"))
    released.reply(NAN_AT, "总结见附件。", [newer])
    released.work()
    assert released.docket(NAN, "summary").is_late
    done = assign(
        released.office,
        waiting.id,
        campaign="small",
        unit=NAN,
        item="summary",
        by=CLERK,
        reason="电话核实",
        now=released.now,
    )
    assert done.is_done, done.say
    released.work()
    assert not released.docket(NAN, "summary").is_late
    best = in_force(released.ledger.filings("small", NAN, "summary"))
    assert best is not None and best.version == 1 and best.letter != waiting.id


def _ask_summary_with(story: Story, line: str) -> None:
    path = story.folder / "templates" / "small" / "campaign.yaml"
    text = path.read_text(encoding="utf-8")
    asked = "    name: 活动总结\n"
    assert asked in text
    path.write_text(text.replace(asked, f"{asked}    {line}\n"), encoding="utf-8")
    story.release()
    story.work()
