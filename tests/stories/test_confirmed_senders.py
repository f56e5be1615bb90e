"""A sender whom a clerk once confirmed is known from then on; what is no proof is never learned."""

from __future__ import annotations

import pytest

from service.desk.decide import assign, forget
from service.office.docket import DocketState
from service.office.letter import Letter, Stage
from tests.stories.story import (
    CAMPAIGN,
    CLERK,
    DONG,
    DONG_AT,
    GOOD_SUMMARY,
    OFFICE,
    XI,
    XI_AT,
    Story,
    summary_docx,
)

PRIVATE = "somebody@qq.com"
OUTSIDER = "城郊食品有限公司"
DISBELIEVED = [("Authentication-Results", f"mx.{OFFICE.rpartition('@')[2]}; spf=fail; dmarc=fail")]


def sends(story: Story, sender: str, to_unit_at: str, words: str) -> Letter:
    """A reply to a unit's notice that names nobody, worked through."""
    files = [("活动总结.docx", summary_docx(f"{GOOD_SUMMARY}\n{words}"))]
    story.reply(sender, words, files, to=story.notice(to_unit_at))
    story.work()
    return story.letters()[-1]


def confirm(story: Story, letter: Letter, unit: str, item: str = "summary", *, learn: bool = True) -> str:
    """The clerk assigns it; what is said."""
    done = assign(
        story.office,
        letter.id,
        campaign=CAMPAIGN,
        unit=unit,
        item=item,
        by=CLERK,
        reason="电话核实",
        now=story.now,
        learn=learn,
    )
    assert done.is_done, done.say
    story.work()
    return done.say


def test_a_confirmed_sender_is_known_the_next_time_and_may_be_forgotten(released: Story) -> None:
    first = sends(released, PRIVATE, DONG_AT, "材料见附件。")
    assert first.stage is Stage.REVIEW
    assert f"已记住 {PRIVATE}" in confirm(released, first, DONG)
    second = sends(released, PRIVATE, DONG_AT, "更正稿见附件。")
    assert second.stage in (Stage.FILED, Stage.ACKNOWLEDGED)
    assert released.docket(DONG, "summary").version == 2
    hits = {each.rule for each in released.ledger.hits(second.id) if each.is_hit}
    assert {"thread-id", "sender-confirmed", "two-witnesses"} <= hits
    done = forget(released.office, PRIVATE, unit=DONG, by=CLERK, reason="人已调走", now=released.now)
    assert done.is_done, done.say
    assert sends(released, PRIVATE, DONG_AT, "再次更正。").stage is Stage.REVIEW
    again = forget(released.office, PRIVATE, unit=DONG, by=CLERK, reason="人已调走", now=released.now)
    assert (again.is_done, "没有为" in again.say) == (False, True)


def test_a_mailbox_confirmed_for_two_units_speaks_for_neither(released: Story) -> None:
    confirm(released, sends(released, PRIVATE, DONG_AT, "东城材料。"), DONG)
    assert "今后不再凭这个邮箱认单位" in confirm(released, sends(released, PRIVATE, XI_AT, "西城材料。"), XI)
    assert sends(released, PRIVATE, DONG_AT, "东城再报。").stage is Stage.REVIEW
    assert sends(released, PRIVATE, XI_AT, "西城再报。").stage is Stage.REVIEW


def test_a_roster_address_of_another_unit_is_never_learned(released: Story) -> None:
    said = confirm(released, sends(released, XI_AT, DONG_AT, "代报总结。"), DONG)
    assert f"是“{XI}”在通讯录中的邮箱" in said
    assert released.ledger.confirmed_senders() == ()


def test_a_disbelieved_sender_is_held_and_never_learned(released: Story) -> None:
    files = [("活动总结.docx", summary_docx(GOOD_SUMMARY))]
    released.reply(XI_AT, f"总结见附件。\n\n{XI}", files, headers=DISBELIEVED)
    released.work()
    letter = released.letters()[-1]
    assert letter.stage is Stage.REVIEW and "核验发件人没有通过" in letter.outcome
    assert released.docket(XI, "summary").state is DocketState.IN_REVIEW
    released.reply(PRIVATE, "东城材料。", files, to=released.notice(DONG_AT), headers=DISBELIEVED)
    released.work()
    said = confirm(released, released.letters()[-1], DONG)
    assert "没有记住这个邮箱" in said
    assert released.ledger.confirmed_senders() == ()


def test_two_readings_stand_side_by_side(released: Story) -> None:
    letter = sends(released, XI_AT, DONG_AT, "总结见附件。")
    assert letter.stage is Stage.REVIEW
    assert f"归“{DONG}”，因为回复的是我们发出的邮件" in letter.outcome
    assert f"归“{XI}”，因为发件地址 {XI_AT} 在通讯录中" in letter.outcome
    hits = released.ledger.hits(letter.id)
    by_rule = {each.rule: each for each in hits if each.stage == "match"}
    assert by_rule["sender-on-roster"].is_hit and XI in by_rule["sender-on-roster"].say
    assert not by_rule["form-code"].is_hit
    assert not by_rule["sender-verified"].is_hit and "未经验证" in by_rule["sender-verified"].say


@pytest.mark.parametrize("is_believed", [True, False])
def test_an_outsider_s_address_is_kept_unless_its_test_failed(released: Story, is_believed: bool) -> None:
    files = [("活动总结.docx", summary_docx(GOOD_SUMMARY))]
    headers = [] if is_believed else DISBELIEVED
    released.reply(PRIVATE, "材料见附件。", files, to=released.notice(DONG_AT), headers=headers)
    released.work()
    (letter,) = released.letters()
    confirm(released, letter, OUTSIDER, "works", learn=False)
    assert [each.unit for each in released.ledger.filings(CAMPAIGN)] == [OUTSIDER]
    known = released.ledger.whose_address(PRIVATE)
    assert known == (((CAMPAIGN, OUTSIDER),) if is_believed else ())
