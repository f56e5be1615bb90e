"""Staff without a terminal answer the digest: done once, told in one mail, and never at a stranger's word."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from email import message_from_bytes
from email import policy as mail_policy
from email.message import Message
from pathlib import Path

import pytest

from service.desk.decide import settle_dispatch
from service.doors.clock import ManualClock
from service.doors.staff_files import StaffFilesDoor
from service.office.digest_code import WRONG_CODES_MAX
from service.office.dispatch import DispatchState
from service.office.docket import DocketState
from service.office.errand import DONE_EVENT
from service.office.letter import Stage
from service.office.policy import Policy
from tests.fakes import Calls, Crash, PlainWorkbook, World
from tests.stories.story import (
    CAMPAIGN,
    CLERK,
    DONG,
    DONG_AT,
    GOOD_SUMMARY,
    NAN,
    XI,
    Story,
    office_folder,
    summary_docx,
)

CLERK_AT = "clerk@jia.example"
EXTEND = "延期 西城 summary 10月12日 会议冲突"


def stranger_writes(story: Story) -> int:
    """A letter that waits for a person; its number."""
    text = "总结见附件。"
    files = [("总结.docx", summary_docx(GOOD_SUMMARY))]
    story.reply("someone@elsewhere.example", text, files, as_new=True, subject="报送总结")
    story.work()
    (letter,) = [each for each in story.letters() if each.stage is Stage.REVIEW]
    return letter.id


@pytest.fixture
def told(released: Story) -> Story:
    """A Monday morning: a letter waits, and the clerk has the digest."""
    story = released
    story.until("2024-09-23 08:00")
    stranger_writes(story)
    story.until("2024-09-23 08:18")
    assert story.office.digest.look(story.now)
    story.work()
    story.until("2024-09-23 09:00")
    return story


def mails(story: Story, rcpt: str = CLERK_AT) -> list[Message]:
    return [message_from_bytes(each.mime, policy=mail_policy.default) for each in story.mails(rcpt)]


def code_in(mail: Message) -> str:
    part = next(each for each in mail.walk() if each.get_content_type() == "text/plain")
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    found = re.search(r"口令 (\d{4}-\d{4})", payload.decode())
    assert found is not None
    return found[1]


def answer(
    story: Story, text: str, *, sender: str = CLERK_AT, headers: tuple[tuple[str, str], ...] = ()
) -> None:
    story.reply(sender, text, to=mails(story)[-1], headers=headers)
    story.work()


def outcome(story: Story) -> tuple[Stage, str]:
    letter = story.letters()[-1]
    return letter.stage, letter.outcome


def nothing_done(story: Story) -> None:
    assert story.ledger.events(kind=DONE_EVENT) == ()
    assert story.ledger.events(kind="extended") == ()
    assert story.docket(XI, "summary").due_rev == 0


def test_what_is_asked_is_done_as_the_commands_would_and_told_in_one_mail(told: Story) -> None:
    story, code = told, code_in(mails(told)[-1])
    before = len(story.mails(CLERK_AT))
    answer(
        story,
        f"{code}\n归 1 东城 summary\n登记 南城 summary 承诺 9月27日\n{EXTEND}\n谢谢",
    )
    assert story.docket(DONG, "summary").state is DocketState.RETURNED
    assert story.docket(NAN, "summary").state is DocketState.PROMISED
    assert story.docket(XI, "summary").due_rev == 1
    assert [each.actor for each in story.ledger.events(kind="extended")] == [CLERK]
    assert len(story.mails(CLERK_AT)) == before + 1
    said = story.last_text(CLERK_AT)
    assert mails(story)[-1]["Subject"] == "【办理结果】办成 3 件"
    assert f"来信 1 已登记到“{DONG}”" in said and f"{XI}《活动总结》已延期到2024年10月12日" in said
    assert outcome(story) == (Stage.NOTED, f"{CLERK} 回复每日情况：办成 3 件")
    # It is nobody's return and no open question.
    assert story.letters()[-1].campaign is None
    assert story.office.report.board(CAMPAIGN, story.now).unassigned_letters == 0
    # Nobody who reads the ledger learns a code.
    plain = code.replace("-", "")
    assert not any(code in repr(each) or plain in repr(each) for each in story.ledger.events())


def test_what_is_not_understood_or_cannot_be_done_is_said_and_the_rest_is_done(told: Story) -> None:
    story, code = told, code_in(mails(told)[-1])
    answer(story, f"{code}\n归 1 东城 summery\n延期 西城 summary 10月12日\n办结 1 广告\n请尽快办一下")
    said = story.last_text(CLERK_AT)
    assert "没有材料“summery”" in said and "没有写明理由" in said and "1. 请尽快办一下" in said
    assert "来信 1 已办结" in said
    letter = story.ledger.letter(1)
    assert letter is not None and letter.stage is Stage.NOTED
    assert story.docket(XI, "summary").due_rev == 0
    # The mail that told so carries a code of its own for the next answer.
    answer(story, f"延期 西城 summary 10月12日 会议冲突\n{code_in(mails(story)[-1])}")
    assert story.docket(XI, "summary").due_rev == 1


def test_a_code_is_used_once_however_often_the_mail_comes(told: Story) -> None:
    story, code = told, code_in(mails(told)[-1])
    line = f"{code}\n{EXTEND}"
    first = mails(story)[-1]
    answer(story, line)
    story.reply(CLERK_AT, f"{line} 又一次", to=first)
    story.work()
    assert len(story.ledger.events(kind="extended")) == 1
    assert "口令已经用过" in story.last_text(CLERK_AT)


def test_somebody_else_with_the_code_does_nothing_and_is_not_answered(told: Story) -> None:
    story, code = told, code_in(mails(told)[-1])
    answer(story, f"{code}\n{EXTEND}", sender="wang@jia.example")
    nothing_done(story)
    assert outcome(story)[0] in (Stage.REVIEW, Stage.ASKED)
    assert story.mails("wang@jia.example") == []
    # The clerk's own answer counts still.
    answer(story, f"{code}\n{EXTEND}")
    assert story.docket(XI, "summary").due_rev == 1


def test_another_reader_cannot_use_the_code_of_a_colleague(told: Story) -> None:
    story, code = told, code_in(mails(told)[-1])

    def all_read(rules: Policy) -> Policy:
        return replace(rules, staff=tuple(replace(each, wants_digest=True) for each in rules.staff))

    story.change_policy = all_read
    story.restart()
    answer(story, f"{code}\n{EXTEND}", sender="signer@jia.example")
    nothing_done(story)
    stage, say = outcome(story)
    assert stage is Stage.ASKED and "不是其本人的邮箱" in say
    assert story.mails("signer@jia.example") == []


def test_a_number_in_a_units_letter_is_no_code(told: Story) -> None:
    """Eight digits are a telephone number sooner than a code; no return goes astray for them."""
    story, code = told, code_in(mails(told)[-1])
    text = f"总结见附件，电话 {code.replace('-', '')}。"
    story.reply(DONG_AT, text, [("总结.docx", summary_docx(GOOD_SUMMARY))])
    story.work()
    assert story.docket(DONG, "summary").state is DocketState.RETURNED


def test_a_forged_sender_does_nothing(told: Story) -> None:
    story, code = told, code_in(mails(told)[-1])
    before = len(story.mails(CLERK_AT))
    failed = ("Authentication-Results", "mx.jia.example; spf=fail smtp.mailfrom=x@evil.example; dkim=none")
    answer(story, f"{code}\n{EXTEND}", headers=(failed,))
    nothing_done(story)
    stage, say = outcome(story)
    assert stage is Stage.ASKED and "没有通过发件人验证" in say
    assert len(story.mails(CLERK_AT)) == before


def test_a_wrong_code_does_nothing_and_five_void_it(told: Story) -> None:
    story, code = told, code_in(mails(told)[-1])
    first = mails(story)[-1]
    for number in range(WRONG_CODES_MAX):
        story.reply(CLERK_AT, f"1234-000{number}\n{EXTEND}", to=first)
        story.work()
        assert "没有写对口令" in story.last_text(CLERK_AT)
    story.reply(CLERK_AT, f"{code}\n{EXTEND}", to=first)
    story.work()
    nothing_done(story)
    assert "因多次写错已经作废" in story.last_text(CLERK_AT)


def test_a_code_expires(told: Story) -> None:
    story, code = told, code_in(mails(told)[-1])
    story.until("2024-09-24 18:00")
    answer(story, f"{code}\n{EXTEND}")
    nothing_done(story)
    assert "过期" in story.last_text(CLERK_AT)


def test_machines_and_thanks_are_not_answered(told: Story) -> None:
    story, code = told, code_in(mails(told)[-1])
    before = len(story.mails(CLERK_AT))
    answer(
        story,
        f"{code}\n{EXTEND}",
        headers=(("Auto-Submitted", "auto-replied"),),
    )
    assert story.letters()[-1].stage is Stage.IGNORED
    answer(story, "收到，谢谢！")
    assert outcome(story)[0] is Stage.NOTED
    answer(story, "大同那边说还要等几天，你看着办")
    assert outcome(story)[0] is Stage.ASKED
    nothing_done(story)
    assert len(story.mails(CLERK_AT)) == before


def test_dying_at_any_call_does_each_line_once_and_tells_once(
    tmp_path: Path, empty_ledger_file: Path
) -> None:
    folder, files = office_folder(tmp_path / "office"), StaffFilesDoor(tmp_path / "office")
    morning = tmp_path / "morning.db"
    shutil.copy(empty_ledger_file, morning)
    story = Story(folder, f"sqlite:///{morning}", workbook=PlainWorkbook(), staff_files=files)
    story.release()
    story.until("2024-09-23 08:18")
    assert story.office.digest.look(story.now)
    story.work()
    text = (
        f"{code_in(mails(story)[-1])}\n登记 南城 summary 承诺 9月27日\n{EXTEND}\n登记 东城 summary OA 9月20日"
    )
    raw = story.compose(CLERK_AT, text, to=mails(story)[-1])
    story.stop()
    made = _live_and_die(story, tmp_path / "0.db", raw, Calls())
    assert made > 12
    for number in range(1, made + 1):
        _live_and_die(story, tmp_path / f"{number}.db", raw, Calls(number, number % 2 == 0))


def _live_and_die(morning: Story, ledger: Path, raw: bytes, calls: Calls) -> int:
    """The clerk's answer comes, the process dies at a call, and is started again; calls made until then."""
    shutil.copy(morning.ledger_url.removeprefix("sqlite:///"), ledger)
    boxes = {name: list(box) for name, box in morning.world.boxes.items()}
    world = World(dict(morning.world.archive), list(morning.world.accepted), boxes)
    before = len(world.accepted)
    story = Story(
        morning.folder,
        f"sqlite:///{ledger}",
        world,
        ManualClock(morning.now),
        calls,
        workbook=PlainWorkbook(),
        staff_files=morning.staff_files,
    )
    world.deliver(raw, story.now)
    try:
        story.work()
    except Crash:
        story.restart()
        story.work()
    made = calls.made
    for row in story.ledger.dispatches(states=(DispatchState.IN_DOUBT,)):
        gone = any(each.message_id == row.message_id for each in world.accepted)
        to = DispatchState.SENT if gone else DispatchState.READY
        settle_dispatch(story.office, row.id, to=to, by=CLERK, reason="查看已发送", now=story.now)
    story.work()
    where = f"call {calls.die_at}, before={calls.before}"
    assert len(story.ledger.events(kind="extended")) == 1, where
    assert len(story.ledger.events(kind="promised")) == 1, where
    assert len(story.ledger.filings(CAMPAIGN, DONG)) == 1, where
    assert story.docket(XI, "summary").due_rev == 1, where
    assert [each.rcpt for each in world.accepted[before:]] == [CLERK_AT], where
    assert "办成 3 件" in str(mails(story)[-1]["Subject"]), where
    assert story.ledger.errands_waiting() == () and story.ledger.stumbles() == (), where
    story.stop()
    return made
