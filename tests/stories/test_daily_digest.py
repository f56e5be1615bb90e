"""每日情况: one mail a working day, never on a holiday, never twice; and how far one may trust it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email import policy as mail_policy

import pytest

from service.desk.decide import close
from service.desk.verify import verify
from service.office.digest import DIGEST_EVENT
from service.office.dispatch import DispatchKind
from service.office.letter import Stage
from service.office.policy import Policy
from tests.stories.story import (
    CAMPAIGN,
    DONG_AT,
    GOOD_SUMMARY,
    NAN,
    SIGNER,
    XI,
    XI_AT,
    Story,
    at,
    summary_docx,
)

CLERK_AT, SIGNER_AT = "clerk@jia.example", "signer@jia.example"


def look(story: Story) -> bool:
    """What the daemon does every minute."""
    has_written = story.office.digest.look(story.now)
    story.work()
    return has_written


def digests(story: Story, rcpt: str = CLERK_AT) -> list[str]:
    """Subject and words of every digest a mailbox has."""
    found = []
    for each in story.mails(rcpt):
        mail = message_from_bytes(each.mime, policy=mail_policy.default)
        if "【每日情况】" in str(mail["Subject"]):
            body = mail.get_body(("plain",))
            assert body is not None
            found.append(f"{mail['Subject']}\n{body.get_content()}")
    return found


def test_it_comes_on_a_sunday_that_is_worked_and_not_on_the_holiday_after_it(released: Story) -> None:
    story = released
    story.until("2024-09-28 08:20")  # a Saturday
    assert not look(story)
    story.until("2024-09-29 08:00")  # a Sunday, worked for the National Day
    assert not look(story)
    story.until("2024-09-29 08:15")
    assert look(story)
    assert len(digests(story)) == 1 and digests(story, SIGNER_AT) == []
    story.until("2024-10-01 08:20")
    assert not look(story)
    story.until("2024-10-08 08:20")
    assert look(story)
    assert len(digests(story)) == 2


def test_twice_started_it_is_sent_once_and_a_late_start_still_sends_it(released: Story) -> None:
    story = released
    story.until("2024-09-02 10:40")
    assert look(story)
    story.restart()
    assert not look(story)
    story.clock.set(story.now + timedelta(minutes=1))
    assert not look(story)
    assert len(digests(story)) == 1
    assert len(story.ledger.dispatches(kinds=(DispatchKind.REPORT,))) == 1
    story.until("2024-09-03 17:31")  # closed: tomorrow's will do
    assert not look(story)


def test_it_names_who_is_new_missing_and_chased_today_by_group(released: Story) -> None:
    story = released
    story.until("2024-09-23 08:18")
    assert look(story)
    (first,) = digests(story)
    assert "区局" in first and f"未报（均剩 6 天）：东城区市场监督管理局、{XI}、{NAN}。" in first
    story.until("2024-09-23 10:00")
    story.reply(DONG_AT, "见附件", [("总结.docx", summary_docx(GOOD_SUMMARY))])
    story.until("2024-09-24 08:18")
    assert look(story)
    second = digests(story)[-1]
    assert second.startswith("【每日情况】9月24日：未报 2 家，待人工 0 封")
    assert "新收：东城区市场监督管理局（活动总结）。" in second
    assert "应报 3 家，报齐 1 家，未报 2 家" in second
    assert "今天催办" in second
    chased = re.search(r"今天催办：(.*)。", second)
    assert chased is not None and chased[1] == f"{XI}、{NAN}"
    story.until("2024-09-25 08:18")
    assert look(story)
    assert "新收" not in digests(story)[-1].replace("“新收”指", "") and "今天催办" not in digests(story)[-1]


def test_it_says_what_waits_and_that_the_list_may_change(released: Story) -> None:
    story = released
    story.until("2024-09-23 08:00")
    story.reply(
        "nobody@elsewhere.example",
        "总结见附件",
        [("总结.docx", summary_docx("总结"))],
        as_new=True,
        subject="总结",
    )
    story.work()
    (letter,) = [each for each in story.letters() if each.stage is Stage.REVIEW]
    story.until("2024-09-23 08:18")
    assert look(story)
    (said,) = digests(story)
    assert "还有 1 封来信没有归属到单位，名单可能因此变动" in said
    assert f"来信 {letter.id}，9月23日08:00，nobody@elsewhere.example《总结》" in said
    assert said.index("还有 1 封") < said.index("    未报")


def test_a_blind_mailbox_is_said_before_any_name(released: Story) -> None:
    story = released
    story.until("2024-09-22 20:00")
    story.clock.set(at("2024-09-23 08:18"))
    assert story.office.digest.look(story.now)
    story.work()
    (said,) = digests(story)
    assert "信箱没有按时读到" in said and said.index("信箱没有按时读到") < said.index("    未报")


def test_it_carries_the_sealed_head_which_still_stands_in_the_chain_later(released: Story) -> None:
    story = released
    story.until("2024-09-02 08:18")
    before = story.ledger.seal(story.now)
    assert look(story)
    (said,) = digests(story)
    found = re.search(r"记录链：([0-9a-f]{64})", said)
    assert found is not None and found[1] == before == story.ledger.events(kind=DIGEST_EVENT)[0].about[1][1]
    story.reply(XI_AT, "见附件", [("总结.docx", summary_docx(GOOD_SUMMARY))])
    story.until("2024-09-03 12:00")
    later = story.ledger.seal(story.now)
    assert later != before
    assert story.ledger.sealed_at(before) is not None and story.ledger.sealed_at(later) is not None
    assert story.ledger.sealed_at("0" * 64) is None
    assert verify(story.office, story.now, before).damaged == ()
    (odd,) = verify(story.office, story.now, "0" * 64).damaged
    assert "记录链从来没有过这个值" in odd.say


def test_whoever_wants_it_has_it_and_nobody_else(released: Story) -> None:
    story = released

    def only_the_signer(rules: Policy) -> Policy:
        return replace(
            rules, staff=tuple(replace(each, wants_digest=each.name == SIGNER) for each in rules.staff)
        )

    story.change_policy = only_the_signer
    story.restart()
    story.until("2024-09-02 08:18")
    assert look(story)
    assert digests(story) == [] and len(digests(story, SIGNER_AT)) == 1


@pytest.mark.parametrize("ended", [True, False])
def test_nothing_is_said_where_nothing_runs(released: Story, ended: bool) -> None:
    story = released
    if ended:
        assert close(story.office, CAMPAIGN, by="经办人乙", reason="办完", now=story.now).is_done
    story.until("2024-09-02 08:18")
    assert look(story) is not ended
