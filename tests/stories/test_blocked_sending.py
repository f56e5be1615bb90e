"""Mail that waits for its account is told on the desk: once, with what to do, until it goes out again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from service.desk.blocked import KIND, blocked_rows
from service.office.outcome import AskAPerson, TryAgain
from tests.stories.story import DONG_AT, Story


def test_a_locked_account_is_told_once_and_goes_on_once_mended(story: Story) -> None:
    story.release()
    every = {each.rcpt for each in story.ledger.dispatches()}
    locked = AskAPerson("授权码不对或已失效", 535, is_account=True)
    story.world.refusals |= dict.fromkeys(every, locked)
    story.work()
    (row,) = blocked_rows(story.office, story.now)
    assert (row.kind, row.ref, row.remedy) == (KIND, "帐号 office", "huizhi doctor")
    assert row.say == f"授权码不对或已失效；有 {len(every)} 封邮件在等，改好以后自动接着发"

    story.world.refusals.clear()
    story.clock.set(story.now + timedelta(hours=1))
    story.work()
    assert blocked_rows(story.office, story.now) == []
    assert sorted(each.rcpt for each in story.world.accepted) == sorted(every), "everybody once"


def test_a_full_day_is_told_with_the_hour_at_which_it_goes_on(story: Story) -> None:
    story.release()
    story.world.refusals[DONG_AT] = TryAgain(timedelta(minutes=30), "服务器忙")
    story.work()
    sent = len(story.world.accepted)
    pace = replace(story.office.policy.pace, per_day=sent)
    capped = replace(story.office, policy=replace(story.office.policy, pace=pace))
    now = story.now + timedelta(hours=2)
    (row,) = blocked_rows(capped, now)
    assert row.say == (
        f"一天内已发 {sent} 封，到了每天 {sent} 封的上限；"
        "还有 1 封在等，最迟2024年8月21日（星期三）09:00自动接着发"
    )
    assert blocked_rows(story.office, now) == [], "below its cap nothing is said"
    assert blocked_rows(capped, story.now + timedelta(hours=24)) == [], "a new day"
