"""Stories of standing still: a daemon that was down, a ledger from a backup, a campaign taken for spam."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta

from service.desk.decide import pause, resume, settle_dispatch
from service.office.dispatch import DispatchKind, DispatchState
from service.office.outcome import AskAPerson
from tests.stories.story import (
    CAMPAIGN,
    CLERK,
    DONG_AT,
    GOOD_SUMMARY,
    NAN_AT,
    XI_AT,
    Story,
    at,
    summary_docx,
)

NOTICES = (DONG_AT, XI_AT, "xicheng2@units.example", NAN_AT, "beicheng@lab.example")


def desk(story: Story, kind: str) -> list[str]:
    """What staff read on the desk, with the command beside it."""
    rows = story.office.report.board(CAMPAIGN, story.now).desk
    return [f"{each.say}｜{each.remedy}" for each in rows if each.kind == kind]


def held_back(story: Story) -> None:
    """Signed on Tuesday at nine; the service comes back only on Wednesday at noon."""
    story.work()  # it worked until then
    story.release()
    story.stop()
    story.clock.set(at("2024-08-21 12:00"))
    story.restart()
    story.work()


def test_what_fell_due_while_nobody_worked_is_asked_about_and_not_fired(story: Story) -> None:
    held_back(story)
    assert story.world.accepted == []
    (say,) = desk(story, "暂停")
    assert "5 件没有发出" in say and "本应在2024年8月20日09:00起发出" in say and "没有在运行" in say
    assert f"huizhi resume {CAMPAIGN} --reason 理由 --by 姓名" in say
    refused = resume(story.office, CAMPAIGN, by="某人", reason="核对过", now=story.now)
    assert not refused.is_done and "staff" in refused.say
    assert resume(story.office, CAMPAIGN, by=CLERK, reason="核对过", now=story.now).is_done
    story.work()
    assert sorted(each.rcpt for each in story.world.accepted) == sorted(NOTICES)
    assert desk(story, "暂停") == []


def test_a_short_standstill_holds_nothing(story: Story) -> None:
    story.work()
    story.release()
    story.stop()
    story.clock.set(at("2024-08-20 20:00"))
    story.restart()
    story.work()
    assert len(story.world.accepted) == len(NOTICES)


def test_a_line_down_overnight_is_no_standstill(story: Story) -> None:
    story.world.is_post_down = True
    story.release()
    for hours in range(0, 30):
        story.clock.set(at("2024-08-20 09:00") + timedelta(hours=hours))
        story.work()
    story.world.is_post_down = False
    story.until("2024-08-21 22:00")
    assert len(story.world.accepted) == len(NOTICES)
    assert desk(story, "暂停") == []


def test_a_clock_that_jumps_fires_no_reminder_and_answers_go_on(released: Story) -> None:
    story = released
    story.clock.set(at("2024-09-27 10:00"))  # weeks in one step: every chasing timer is past
    story.reply(DONG_AT, "请问总结要盖章吗？")
    story.work()
    assert [each for each in story.subjects(NAN_AT) if "提醒" in each] == []
    assert story.ledger.dispatches(CAMPAIGN, kinds=(DispatchKind.REMINDER,)) == ()
    (say,) = desk(story, "暂停")
    assert "没有在运行" in say
    # Said go on: one reminder for each unit, not one for each step that was missed.
    assert resume(story.office, CAMPAIGN, by=CLERK, reason="时钟已校准", now=story.now).is_done
    story.work()
    assert len([each for each in story.subjects(NAN_AT) if "提醒" in each]) == 1


def test_a_ledger_from_a_backup_sends_nothing_twice(story: Story, ledger_url: str) -> None:
    if not ledger_url.startswith("sqlite"):
        # What a restored PostgreSQL forgets is the same rows; a file is put back without a server's tools.
        _forget_sending(story)
        return
    story.release()
    story.stop()
    path = ledger_url.removeprefix("sqlite:///")
    shutil.copy(path, f"{path}.backup")
    story.restart()
    story.work()
    assert len(story.world.accepted) == len(NOTICES)
    story.stop()
    shutil.copy(f"{path}.backup", path)
    for left in ("-wal", "-shm"):
        shutil.rmtree(f"{path}{left}", ignore_errors=True)
    story.restart()
    _after_backup(story)


def _forget_sending(story: Story) -> None:
    story.release()
    rows = story.ledger.dispatches(CAMPAIGN)
    story.work()
    # The trace of a life that this ledger does not know: one attempt more than it counts.
    story.world.begun = [replace(each, attempt=each.attempt + 1) for each in story.world.begun if each]
    assert len(rows) == len(NOTICES)
    story.restart()
    story.work()
    assert "台账比发信记录旧" in desk(story, "暂停")[0]


def _after_backup(story: Story) -> None:
    story.work()
    assert len(story.world.accepted) == len(NOTICES)
    (say,) = desk(story, "暂停")
    assert f"有 {len(NOTICES)} 封信记录为发过" in say and NAN_AT in say
    assert "huizhi resume 全部" in say
    assert len(desk(story, "存疑")) == len(NOTICES)
    assert resume(story.office, "", by=CLERK, reason="已核对", now=story.now).is_done
    story.work()
    assert len(story.world.accepted) == len(NOTICES)  # still for a person to say
    for row in story.ledger.dispatches(states=(DispatchState.IN_DOUBT,)):
        settle_dispatch(
            story.office, row.id, to=DispatchState.SENT, by=CLERK, reason="已发送里有", now=story.now
        )
    story.restart()
    story.work()
    assert len(story.world.accepted) == len(NOTICES)
    assert desk(story, "暂停") == desk(story, "存疑") == []


def test_content_called_spam_pauses_the_campaign_at_once(story: Story) -> None:
    spam = AskAPerson("554 DT:SPM 邮件内容被判为垃圾邮件", 554, is_campaign=True)
    story.world.refusals = dict.fromkeys(NOTICES, spam)
    story.release()
    story.work()
    states = [each.state for each in story.ledger.dispatches(CAMPAIGN)]
    assert states.count(DispatchState.HELD) == 1 and states.count(DispatchState.READY) == 4
    assert "邮件内容被判为垃圾邮件" in desk(story, "暂停")[0]


def test_too_many_refusals_by_rule_pause_it_and_fewer_do_not(story: Story) -> None:
    policy = AskAPerson("550 5.7.1 policy", 550)
    story.world.refusals = dict.fromkeys(NOTICES[:4], policy)
    story.release()
    story.work()
    assert "已有 4 封被按内容或规则拒收" in desk(story, "暂停")[0]
    held = story.ledger.dispatches(CAMPAIGN, (DispatchState.HELD,))
    assert len(held) == 4
    # What a person says counts from there: one more refusal is the first again.
    assert resume(story.office, CAMPAIGN, by=CLERK, reason="已联系对方", now=story.now).is_done
    settle_dispatch(story.office, held[0].id, to=DispatchState.READY, by=CLERK, reason="再试", now=story.now)
    story.work()
    assert desk(story, "暂停") == []


def test_a_person_pauses_and_answers_still_go(released: Story) -> None:
    story = released
    assert pause(story.office, CAMPAIGN, by=CLERK, reason="通知有误，正在更正", now=story.now).is_done
    assert not pause(story.office, CAMPAIGN, by=CLERK, reason="再停", now=story.now).is_done
    assert "通知有误，正在更正" in desk(story, "暂停")[0] and CLERK in desk(story, "暂停")[0]
    story.reply(DONG_AT, "总结见附件。", [("总结.docx", summary_docx(GOOD_SUMMARY))])
    story.until("2024-09-27 12:00")
    assert [each for each in story.subjects(DONG_AT) if "回执" in each] != []
    assert [each for each in story.subjects(NAN_AT) if "提醒" in each] == []
