"""F. Content: what a letter really brings, when it came, and which version counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.office.content import Content
from service.office.dispatch import DispatchState
from service.office.letter import Flag, Stage
from service.office.record import from_bytes
from tests.intake.counter import FILED, Counter
from tests.intake.wires import nested_mails, nested_multiparts, without_header
from tests.stories.prescription import TEXT, form, logo, mail, picture, summary
from tests.stories.sample_office import DATONG, DATONG_AT, SHANXI, SHUOZHOU_AT
from tests.stories.story import at


def test_case_45_a_summary_that_stands_only_in_the_body(counter: Counter) -> None:
    letter = counter.take(mail(counter.office, DATONG_AT, f"省局认证处：\n{TEXT}"))
    assert counter.facts(letter).parts == ()
    counter.assert_filed(letter)
    assert "山西省" not in counter.facts(letter).reply_text, "our own notice below it was cut off"


def test_case_45_an_empty_reply_is_no_return_and_is_not_forgotten(counter: Counter) -> None:
    letter = counter.take(mail(counter.office, DATONG_AT, ""))
    assert letter.stage in (Stage.REVIEW, Stage.ASKED)
    assert list(counter.filings()) == [] and not counter.missing()
    assert "没有带来" in letter.outcome or "空" in letter.outcome


def requests(counter: Counter) -> list[Content]:
    """What is prepared for a clerk to let go, and has not left the house."""
    held = counter.office.ledger.dispatches(SHANXI, (DispatchState.HELD,))
    assert counter.answers == [] and {each.rcpt for each in held} <= {DATONG_AT}
    return [from_bytes(Content, counter.office.world.archive[each.content_sha256]) for each in held]


def test_case_45_an_empty_reply_of_a_person_is_asked_to_be_completed(counter: Counter) -> None:
    letter = counter.take(mail(counter.office, DATONG_AT, ""))
    (request,) = requests(counter)
    assert "没有正文，也没有附件" in request.text and request.code in request.subject
    assert "最初收到的时间照算" not in request.text, "nothing came, so nothing counts as received"
    counter.later()
    assert letter.stage is Stage.REVIEW and len(requests(counter)) == 1, "a clerk sees both, once"


@pytest.mark.parametrize(
    ("minutes", "more"),
    [
        (9, {}),
        (60, {"quote": "none"}),
        (60, {"headers": [("Precedence", "bulk")]}),
        (60, {"headers": [("X-Auto-Response-Suppress", "All")]}),
        (60, {"headers": [("Return-Path", "<>")]}),
        (60, {"is_thread": False}),
    ],
    ids=["at once", "quotes nothing", "bulk", "suppresses", "no return path", "no thread"],
)
def test_case_45_what_may_be_a_machine_is_asked_nothing(
    counter: Counter, minutes: int, more: dict[str, Any]
) -> None:
    office = counter.office
    # Another notice to this address would set the hour anew; the one there is went out before.
    raw = mail(office, DATONG_AT, "", **more)
    sent = [each.sent_at for each in office.ledger.dispatches(SHANXI, rcpt=DATONG_AT) if each.sent_at]
    office.world.deliver(raw, min(sent) + timedelta(minutes=minutes))
    office.work()
    (letter,) = counter.letters
    assert letter.stage in (Stage.REVIEW, Stage.IGNORED) and requests(counter) == []


@pytest.mark.parametrize("sender", ["someone@elsewhere.example", SHUOZHOU_AT])
def test_case_45_an_empty_reply_from_another_address_is_asked_nothing(counter: Counter, sender: str) -> None:
    letter = counter.take(mail(counter.office, sender, ""))
    assert letter.stage is Stage.REVIEW and requests(counter) == []


@pytest.mark.parametrize("words", ["", "收到，已转发企业。"])
def test_case_46_our_own_blank_form_is_no_return(counter: Counter, words: str) -> None:
    files = [("附件2 服务认证作品登记表.docx", counter.office.blank(DATONG))]
    letter = counter.take(mail(counter.office, DATONG_AT, words, files=files))
    assert letter.stage in (Stage.NOTED, Stage.REVIEW, Stage.ASKED)
    counter.assert_untouched()
    assert counter.state("works") != "returned"


def test_case_47_only_html_is_read(counter: Counter) -> None:
    raw = mail(counter.office, DATONG_AT, f"省局认证处：\n{TEXT}", html_only=True, quote="none")
    letter = counter.take(raw)
    facts = counter.facts(letter)
    assert not facts.has_plain_text and "云冈区" in facts.reply_text
    counter.assert_filed(letter)


def test_case_47_an_empty_plain_part_beside_html_is_read_past(counter: Counter) -> None:
    page = "<div>" + TEXT.strip().replace("\n", "<br>\n") + "</div>"
    raw = mail(counter.office, DATONG_AT, "X", quote="none").partition(b"Content-Type: text/plain")[0] + (
        b'Content-Type: multipart/alternative; boundary="alt"\r\n\r\n--alt\r\n'
        b"Content-Type: text/plain; charset=utf-8\r\n\r\n \r\n--alt\r\nContent-Type: text/html; charset=utf-8"
        b"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + page.encode() + b"\r\n--alt--\r\n"
    )
    counter.assert_filed(counter.take(raw))


def test_case_48_logos_are_no_pictures_of_the_summary(counter: Counter) -> None:
    raw = mail(
        counter.office,
        DATONG_AT,
        "总结见附件。",
        files=[summary()],
        quote="none",
        logos=[("image001.png", logo())],
    )
    letter = counter.take(raw)
    assert Flag.INLINE in counter.parts(letter)["image001.png"].flags
    counter.assert_filed(letter)
    assert [doc.name for doc in counter.filings()[0].docs] == ["宣传周活动总结.docx"]
    findings = counter.office.ledger.findings(letter.id)
    assert [each.code for each in findings if "图片" in each.say] == ["pictures-few"]


def test_case_48_a_signature_picture_that_is_attached_is_none_either(counter: Counter) -> None:
    files = [summary(), ("image001.png", logo())]
    letter = counter.take(mail(counter.office, DATONG_AT, "总结见附件。", files=files))
    counter.assert_filed(letter)
    assert [doc.name for doc in counter.filings()[0].docs] == ["宣传周活动总结.docx"]


def test_case_48_a_photograph_counts(counter: Counter) -> None:
    files = [summary(), picture("现场.jpg")]
    letter = counter.take(mail(counter.office, DATONG_AT, "总结见附件。", files=files))
    counter.assert_filed(letter)
    assert not any("图片" in each.say for each in counter.office.ledger.findings(letter.id))


def test_case_49_too_large_a_letter_is_kept_and_shown(counter: Counter) -> None:
    office = counter.office
    raw = mail(office, DATONG_AT, "总结见附件。", files=[summary()])
    raw = raw + b"\r\n" * ((office.office.policy.letter_bytes_max - len(raw)) // 2 + 2)
    assert len(raw) > 80_000_000
    letter = counter.take(raw)
    assert letter.stage is Stage.REVIEW and letter.outcome
    assert counter.raw(letter) == raw, "kept whole"
    assert "80 MB" in counter.facts(letter).trouble[0]
    counter.assert_untouched()


@pytest.mark.parametrize("make", [nested_multiparts, nested_mails], ids=["multiparts", "mails"])
def test_case_49_bottomless_nesting_stops_nothing(counter: Counter, make: object) -> None:
    raw = make(3000)  # type: ignore[operator]  # one of the two makers above
    good = mail(counter.office, DATONG_AT, "总结见附件。", files=[summary()])
    counter.office.arrive(raw)
    counter.office.arrive(good)
    counter.office.work()
    deep, letter = counter.letters
    assert counter.raw(deep) == raw
    assert any("嵌套" in each for each in counter.facts(deep).trouble)
    assert deep.stage is Stage.REVIEW
    counter.assert_filed(letter)


DUE_END = at("2024-09-30 00:00")  # the summary is due on the 29th, until 24:00


@pytest.mark.parametrize(
    ("arrives", "dated", "is_late"),
    [
        (DUE_END - timedelta(seconds=1), b"Mon, 01 Jan 2035 09:00:00 +0800", False),
        (DUE_END, b"Sun, 29 Sep 2024 09:00:00 +0800", True),
        (DUE_END - timedelta(seconds=1), b"", False),
        ((DUE_END + timedelta(seconds=1)).astimezone(UTC), b"", True),
    ],
    ids=["future date, in time", "backdated, late", "no date, in time", "no date, late"],
)
def test_case_50_the_servers_clock_decides(
    counter: Counter, arrives: datetime, dated: bytes, is_late: bool
) -> None:
    office = counter.office
    raw = without_header(mail(office, DATONG_AT, "总结见附件。", files=[summary()]), "Date")
    if dated:
        raw = b"Date: " + dated + b"\r\n" + raw
    office.clock.set(at("2024-09-30 10:00"))
    office.world.deliver(raw, arrives)
    office.work()
    (letter,) = counter.letters
    assert letter.stage in FILED and letter.received_at == arrives
    docket = counter.docket()
    assert docket is not None and docket.state.value == "returned"
    assert docket.returned_at == arrives and docket.is_late is is_late
    receipts = [
        counter.answer_text(number)
        for number, each in enumerate(counter.answers)
        if "回执" in each["Subject"]
    ]
    assert len(receipts) == 1 and ("逾期收到" in receipts[0]) is is_late


def test_case_51_a_correction_is_a_new_version_and_the_receipt_names_it(counter: Counter) -> None:
    office = counter.office
    first = mail(office, DATONG_AT, "总结见附件。", files=[summary()])
    words = "更正：上一封有误，以此为准。"
    second = mail(office, DATONG_AT, words, files=[summary(TEXT.replace("三千", "四千"))])
    letter = counter.take(first, second)
    counter.later()
    assert letter.stage in FILED
    assert [(each.entry, each.version) for each in counter.filings(DATONG, "summary")] == [(1, 1), (1, 2)]
    docket = counter.docket()
    assert docket is not None and (docket.state.value, docket.version) == ("returned", 2)
    assert len(counter.answers) == 2
    assert "第 2 版" in counter.answer_text(1)


def test_case_51_a_corrected_form_keeps_its_entry(counter: Counter) -> None:
    office = counter.office
    files = [form(office, DATONG, "放心服务")]
    again = [form(office, DATONG, "放心服务", phone="0352-5552012")]
    counter.take(
        mail(office, DATONG_AT, "作品报上。", files=files),
        mail(office, DATONG_AT, "电话有误，更正。", files=again),
    )
    assert [(each.entry, each.version) for each in counter.filings(DATONG, "works")] == [(1, 1), (1, 2)]
