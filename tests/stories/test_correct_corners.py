"""更正, its corners: what a correction may not do, whom it need not tell, what comes beside it."""

from __future__ import annotations

from datetime import date

import pytest

from service.desk.decide import extend
from service.office.dispatch import DispatchKind, DispatchState
from service.office.docket import DocketState
from service.outgoing.amend import Correct, Reissue, Supplement
from tests.stories.amending import (
    add_unit,
    edit_campaign,
    edit_roster,
    refused,
    rows,
    show,
    sign,
)
from tests.stories.story import (
    CAMPAIGN,
    CLERK,
    DONG,
    DONG_AT,
    GOOD_SUMMARY,
    NAN,
    NAN_AT,
    SIGNER,
    XI,
    XI_AT,
    Story,
    at,
    summary_docx,
)

TITLE = "关于报送质量月活动材料的通知"
LATER = ("on: 2024-09-28, carries_over: true", "on: 2024-10-18, carries_over: true")
SOONER = ("on: 2024-09-28, carries_over: true", "on: 2024-09-13, carries_over: true")
ORDER = Correct(CAMPAIGN, "原通知日期有误")


def _correct(story: Story, edit: tuple[str, str] = LATER) -> None:
    edit_campaign(story, *edit)
    sign(story, ORDER)


@pytest.fixture
def ledger_url(sqlite_ledger_url: str) -> str:
    """On one database: `test_correct` lives through the heart of it on both."""
    return sqlite_ledger_url


def test_a_receipt_after_it_speaks_of_the_new_date(released: Story) -> None:
    _correct(released)
    released.work()
    released.reply(
        XI_AT,
        "登记表。",
        [("作品登记表.docx", released.form_of(XI_AT))],
        to=released.notice(XI_AT),
    )
    released.reply(DONG_AT, "总结见附件。", [("总结.docx", summary_docx(GOOD_SUMMARY))])
    released.until("2024-08-20 12:00")
    assert released.subjects(DONG_AT)[-1].startswith("回执")
    assert "按时收到" in released.last_text(DONG_AT)


def test_a_date_moved_forward_makes_late_what_came_after_it(released: Story) -> None:
    released.until("2024-09-20 09:00")
    released.reply(DONG_AT, "总结见附件。", [("总结.docx", summary_docx(GOOD_SUMMARY))])
    released.work()
    assert not released.docket(DONG, "summary").is_late
    edit_campaign(released, *SOONER)
    # A proof that sets a date in the past is an error, not a trap for units.
    prepared = show(released, ORDER)
    assert [each.code for each in prepared.problems if each.is_error] == ["due-past"]
    refusal = released.office.amend.sign(ORDER, SIGNER, prepared.digest, released.now, really=True)
    assert "还没有改完" in refusal.say


def test_what_was_returned_stays_and_only_its_lateness_follows(released: Story) -> None:
    released.until("2024-09-30 08:00")
    released.reply(DONG_AT, "总结见附件。", [("总结.docx", summary_docx(GOOD_SUMMARY))])
    released.work()
    assert released.docket(DONG, "summary").is_late
    _correct(released)
    docket = released.docket(DONG, "summary")
    assert docket.state is DocketState.RETURNED
    assert not docket.is_late
    assert released.missing() == [XI, NAN]
    assert not released.docket(NAN, "summary").is_overdue(released.now)


def test_a_corrected_address_later_gets_what_holds_now(released: Story) -> None:
    _correct(released)
    released.work()
    edit_roster(released, NAN_AT, "nancheng@units.example")
    sign(released, Reissue(CAMPAIGN, (NAN,)))
    released.work()
    assert "10月18日" in released.last_text("nancheng@units.example")


def test_who_is_not_touched_need_not_be_told(released: Story) -> None:
    edit_campaign(
        released,
        "- {groups: [机构], obligation: voluntary}",
        "- {groups: [机构], obligation: rolling}",
    )
    sign(released, Correct(CAMPAIGN, "机构随时可报", only_affected=True))
    released.work()
    assert [each.rcpt for each in released.world.accepted[5:]] == ["beicheng@lab.example"]
    assert "随时报送" in released.last_text("beicheng@lab.example")


@pytest.mark.parametrize(
    ("was", "now", "why"),
    [
        ("key: summary", "key: report", "更正不能增加材料"),
        ("groups: [区局, 机构]\nclerk", "groups: [区局, 机构, 协会]\nclerk", "更正不能改 groups"),
        (
            "items:\n",
            "post: {to: 质量处, street: 甲市某路1号}\nitems:\n",
            "更正不能改报送形式",
        ),
        ("theme: 质量月", "theme: 质量月", "没有要更正的"),
    ],
)
def test_what_a_correction_may_not_do(released: Story, was: str, now: str, why: str) -> None:
    edit_campaign(released, was, now)
    if "post" in now:
        edit_campaign(released, "kind: summary", "kind: summary\n    media: [paper]")
    if "协会" in now:
        add_unit(released, "某协会,协会,赵六,0351-1000006,xiehui@units.example")
    assert why in refused(released, ORDER)


def test_two_corrections_after_each_other(released: Story) -> None:
    _correct(released)
    # The first correction has not left yet when the second is signed: only the second does.
    edit_campaign(released, LATER[1], "on: 2024-10-25, carries_over: true")
    sign(released, ORDER)
    released.work()
    assert released.subjects(DONG_AT) == [TITLE, f"更正通知：{TITLE}"]
    assert "10月25日" in released.last_text(DONG_AT)
    assert released.docket(DONG, "summary").due_rev == 2
    assert [each.rev for each in released.ledger.releases(CAMPAIGN)] == [1, 2, 3]


def test_an_extension_too_overtakes_a_reminder_under_way(released: Story) -> None:
    released.until("2024-09-24 09:00")
    released.world.is_post_down = True
    released.clock.set(at("2024-09-24 09:31"))
    released.work()
    assert {each.state for each in rows(released, DispatchKind.REMINDER)} == {DispatchState.RETRY}
    granted = extend(
        released.office,
        CAMPAIGN,
        DONG,
        "summary",
        until=date(2024, 10, 31),
        by=CLERK,
        reason="来电申请",
        now=released.now,
    )
    assert granted.is_done, granted.say
    released.world.is_post_down = False
    released.until("2024-09-30 12:00")
    # The others are chased as before, Dong by its own date.
    assert [each for each in released.subjects(DONG_AT) if "提醒" in each] == []
    assert len([each for each in released.subjects(NAN_AT) if "提醒" in each]) == 2
    pending = [
        released.office.policy.local(each.at).date()
        for each, state in released.ledger.timers(CAMPAIGN)
        if each.unit == DONG and state == "pending"
    ]
    assert pending == [date(2024, 10, 26), date(2024, 11, 1)]


def test_what_waits_for_its_planned_hour_is_corrected_and_still_waits(story: Story) -> None:
    hour = at("2024-08-21 09:00")
    drafted = story.office.draft.whole(CAMPAIGN, story.now, at=hour)
    proofed = story.office.proof.check(CAMPAIGN, story.now, drafted.problems)
    signed = story.office.release.sign(
        CAMPAIGN, SIGNER, proofed.digest, drafted.inputs_sha256, story.now, really=True
    )
    assert signed.is_done, signed.say
    _correct(story)
    sign(story, Supplement(CAMPAIGN, "启动仪式改在二楼。"))
    story.until("2024-08-20 18:00")
    assert story.world.accepted == []
    story.until("2024-08-21 12:00")
    assert story.subjects(DONG_AT) == [TITLE, f"补充通知：{TITLE}"]
    assert "10月18日" in _first_text(story)


def _first_text(story: Story) -> str:
    content = next(
        each.content_sha256
        for each in rows(story, DispatchKind.NOTICE)
        if each.rcpt == DONG_AT and each.state is DispatchState.SENT
    )
    return story.world.archive[content].decode()
