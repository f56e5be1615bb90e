"""C. Automatic mail: machines are recognised, never answered, never a return."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from service.doors.smtp.phase import Phase
from service.doors.smtp.verdicts import judge
from service.office.dispatch import DispatchKind, DispatchState
from service.office.letter import Kind, Stage
from tests.intake import bounces
from tests.intake.counter import FILED, Counter
from tests.stories.prescription import TEXT, mail, new_mail, summary
from tests.stories.sample_office import DATONG, DATONG_AT, OFFICE, SHANXI
from tests.stories.story import XI, XI_AT, Story, office_folder

HOLIDAY = "您好，我最近正在休假中，无法亲自回复您的邮件。我将在假期结束后，尽快给您回复。"


def notice_state(counter: Counter) -> DispatchState:
    """What the outbox says of the unit's own notice."""
    (dispatch,) = counter.office.ledger.dispatches(SHANXI, kinds=(DispatchKind.NOTICE,), rcpt=DATONG_AT)
    return dispatch.state


def assert_undelivered(counter: Counter, raw: bytes, *, is_gone: bool = True) -> None:
    """The original notice is marked, the address extracted, the unit stands apart from 未报."""
    letter = counter.take(raw)
    counter.assert_machine(letter, Kind.BOUNCE)
    assert DATONG_AT in counter.why(letter)[0]
    assert notice_state(counter) is DispatchState.DEAD
    assert counter.state() == "undelivered" and not counter.missing()
    standing = counter.office.ledger.standing(SHANXI, DATONG)
    assert standing is not None and (DATONG_AT in standing.gone) is is_gone


def test_case_22_a_holiday_reply_of_qq_without_any_header(counter: Counter) -> None:
    raw = mail(counter.office, DATONG_AT, "感谢您的来信。", mark="自动回复: ", quote="none", html_only=True)
    letter = counter.take(raw)
    assert counter.office.code(DATONG) in letter.subject
    counter.assert_machine(letter, Kind.AUTO_REPLY)
    assert counter.missing()


@pytest.mark.parametrize(
    "headers",
    [
        [("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "All")],
        [("X-Auto-Response-Suppress", "All"), ("Return-Path", "<>")],
    ],
    ids=["auto-submitted", "suppress-only"],
)
def test_case_23_out_of_office_of_outlook(counter: Counter, headers: list[tuple[str, str]]) -> None:
    words = "我9月10日前外出，不在办公室，回来后会尽快回复。"
    letter = counter.take(mail(counter.office, DATONG_AT, words, quote="none", headers=headers))
    counter.assert_machine(letter, Kind.AUTO_REPLY)
    assert counter.missing()


def test_case_24_failed_is_a_bounce(counter: Counter) -> None:
    assert_undelivered(counter, bounces.rfc3464(counter.office.notice_of(DATONG), DATONG_AT))


def test_case_24_delayed_is_not_failed(counter: Counter) -> None:
    notice = counter.office.notice_of(DATONG)
    raw = bounces.rfc3464(notice, DATONG_AT, action="delayed", status="4.4.1", diagnostic="timed out")
    letter = counter.take(raw)
    counter.assert_machine(letter, Kind.DELAY)
    assert notice_state(counter) is DispatchState.SENT
    assert counter.state() == "awaited"
    assert any(each.kind == "delay" for each in counter.office.ledger.events(letter=letter.id))


def test_case_25_a_bounce_of_qq_names_its_address_in_prose_only(counter: Counter) -> None:
    assert_undelivered(counter, bounces.qq(counter.office.notice_of(DATONG), DATONG_AT))


def test_case_26_a_bounce_of_coremail_in_plain_gbk(counter: Counter) -> None:
    assert_undelivered(counter, bounces.coremail_text(counter.office.notice_of(DATONG), DATONG_AT))


@pytest.fixture
def unsent(tmp_path: Path, sqlite_ledger_url: str) -> Iterator[Story]:
    """The small office, its notices not yet sent."""
    story = Story(office_folder(tmp_path / "office"), sqlite_ledger_url)
    yield story
    story.stop()


def test_case_27_one_recipient_refused_fails_alone(unsent: Story) -> None:
    unsent.world.refusals[XI_AT] = judge(Phase.RCPT, 550, "5.1.1 user unknown").outcome
    unsent.release()
    unsent.work()
    dead = unsent.ledger.dispatches(states=(DispatchState.DEAD,))
    assert [each.rcpt for each in dead] == [XI_AT]
    assert len(unsent.world.accepted) == 4, "everybody else has it"
    assert unsent.docket(XI, "summary").state.value == "awaited", "its other address was reached"


def test_case_28_a_read_receipt_is_a_note_only(counter: Counter) -> None:
    subject = str(counter.office.notice_of(DATONG)["Subject"])
    raw = new_mail(counter.office, DATONG_AT, f"已读: {subject}", "您的邮件已于2024年8月20日被阅读。")
    raw = raw.replace(
        b'Content-Type: text/plain; charset="utf-8"',
        b'Content-Type: multipart/report; report-type=disposition-notification; boundary="b"',
    )
    letter = counter.take(raw)
    counter.assert_machine(letter, Kind.READ_RECEIPT)
    assert counter.state() == "awaited" and counter.missing()


@pytest.mark.parametrize("method", ["REQUEST", "REPLY"])
def test_case_29_a_calendar_part_is_no_return(counter: Counter, method: str) -> None:
    raw = mail(counter.office, DATONG_AT, "总结会", mark="日程：", quote="none")
    calendar = f"BEGIN:VCALENDAR\r\nMETHOD:{method}\r\nEND:VCALENDAR\r\n"
    head, _, _ = raw.partition(b"Content-Type: text/plain")
    raw = head + f"Content-Type: text/calendar; method={method}; charset=utf-8\r\n\r\n{calendar}".encode()
    counter.assert_machine(counter.take(raw), Kind.CALENDAR)
    assert counter.missing()


@pytest.mark.parametrize("how", ["its own header", "its own address"])
def test_case_30_our_own_copy_is_ignored(counter: Counter, how: str) -> None:
    office = counter.office
    if how == "its own header":
        raw = next(each.mime for each in office.world.accepted if each.rcpt == DATONG_AT)
        raw = raw.replace(b"<rzc@mail.example>", b"<bcc@elsewhere.example>")
    else:
        subject = f"[{office.code(DATONG)}] 存档"
        raw = new_mail(office, OFFICE, subject, "大同市市场监督管理局总结存档", files=[summary()])
    counter.assert_machine(counter.take(raw), Kind.OWN)
    assert counter.missing()


def test_case_31_two_robots_are_stopped_by_the_brake(counter: Counter) -> None:
    """A robot that hands the whole return in again whenever it is answered: even a person's words brake."""
    office = counter.office
    for number in range(6):
        text = TEXT.replace("三千", f"{number + 1}千")
        words = f"第{number + 1}次报送，总结见附件。"
        counter.take(mail(office, DATONG_AT, words, files=[summary(text)]))
        counter.later(timedelta(minutes=30))
    assert len(counter.answers) == office.office.policy.receipts_per_address_per_day == 3
    assert [each.stage in FILED for each in counter.letters] == [True] * 6
    assert "上限" in counter.letters[-1].outcome
    assert counter.letters[-1].stage is Stage.ACKNOWLEDGED
