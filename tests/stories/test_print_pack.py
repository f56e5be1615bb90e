"""A unit without mail: its pack is handed over, awaited, chased by telephone; its answer finds home."""

from __future__ import annotations

from datetime import date

from service.desk.decide import Channel, Decided, delivered, record
from service.office.docket import DocketState
from service.office.letter import Stage
from service.office.outcome import Never
from service.outgoing.amend import Correct
from tests.stories.amending import add_unit, edit_campaign, sign
from tests.stories.story import CAMPAIGN, CLERK, NAN, NAN_AT, Story, at, fill

SHAN = "山城区市场监督管理局"


def _told(story: Story, unit: str = SHAN, day: str = "2024-08-21", via: Channel = Channel.OA) -> Decided:
    return delivered(
        story.office,
        CAMPAIGN,
        unit,
        via=via,
        on=date.fromisoformat(day),
        by=CLERK,
        note="收文员钱七",
        now=story.now,
    )


def _released(story: Story) -> Story:
    add_unit(story, f"{SHAN},区局,钱七,0351-1000007,")
    story.release()
    story.work()
    return story


def test_from_pack_to_filed_answer(story: Story) -> None:
    _released(story)
    folder = f"打印/{CAMPAIGN}/{SHAN}/"
    pack = {path.removeprefix(folder) for path in story.world.exchange if path.startswith(folder)}
    assert {"封面.docx", "附件1　作品登记表.docx"} <= pack
    assert story.docket(SHAN, "summary").state is DocketState.NOT_SENT
    (row,) = [each for each in story.office.report.board(CAMPAIGN, story.now).desk if each.kind == "待送达"]
    assert "huizhi delivered small" in row.remedy
    story.until("2024-08-21 15:00")
    decided = _told(story)
    assert decided.is_done, decided.say
    assert "OA送达，2024-08-21（收文员钱七）" in decided.say
    assert story.docket(SHAN, "summary").state is DocketState.AWAITED
    assert "待送达" not in [each.kind for each in story.office.report.board(CAMPAIGN, story.now).desk]
    # It answers from an address nobody knows, with the form that carries the code, and its name.
    standing = story.ledger.standing(CAMPAIGN, SHAN)
    assert standing is not None
    form = story.world.exchange[f"{folder}附件1　作品登记表.docx"]
    story.reply(
        "qianqi@private.example",
        f"登记表见附件。\n{SHAN}\n钱七",
        [("登记表.docx", fill(form, {"title": "山城之光", "phone": "0351-1000007"}))],
        as_new=True,
        subject=f"{SHAN}报送作品登记表 {standing.code}",
    )
    story.work()
    assert [each.stage for each in story.letters()] == [Stage.ACKNOWLEDGED]
    assert story.docket(SHAN, "works").state is DocketState.RETURNED
    assert story.docket(SHAN, "summary").state is DocketState.AWAITED


def test_who_has_no_mail_is_chased_by_telephone(story: Story) -> None:
    _released(story)
    story.until("2024-08-21 15:00")
    assert _told(story).is_done
    before = len(story.world.accepted)
    story.until("2024-09-24 12:00")
    assert {each.rcpt for each in story.world.accepted[before:]} != set()
    desk = story.office.report.board(CAMPAIGN, story.now).desk
    (call,) = [each for each in desk if each.kind == "电话催办"]
    assert call.unit == SHAN
    assert "钱七 0351-1000007" in call.say
    done = record(
        story.office,
        CAMPAIGN,
        SHAN,
        "summary",
        via="promise",
        on=date(2024, 9, 27),
        by=CLERK,
        reason="电话约定",
        now=story.now,
    )
    assert done.is_done, done.say
    assert "电话催办" not in [each.kind for each in story.office.report.board(CAMPAIGN, story.now).desk]


def test_who_was_told_late_is_not_chased_at_once(story: Story) -> None:
    _released(story)
    story.until("2024-09-23 15:00")
    assert _told(story, day="2024-09-23").is_done
    story.until("2024-09-25 12:00")
    desk = story.office.report.board(CAMPAIGN, story.now).desk
    assert "电话催办" not in [each.kind for each in desk]
    story.until("2024-09-30 12:00")
    desk = story.office.report.board(CAMPAIGN, story.now).desk
    assert "电话催办" in [each.kind for each in desk]


def test_a_bounced_unit_that_was_told_by_oa_is_awaited_for_good(story: Story) -> None:
    story.world.refusals[NAN_AT] = Never("550 no such user", 550)
    story.release()
    story.work()
    assert story.docket(NAN, "summary").state is DocketState.UNDELIVERED
    assert "未送达" in [each.kind for each in story.office.report.board(CAMPAIGN, story.now).desk]
    story.until("2024-08-21 15:00")
    assert _told(story, NAN).is_done
    assert story.docket(NAN, "summary").state is DocketState.AWAITED
    assert "未送达" not in [each.kind for each in story.office.report.board(CAMPAIGN, story.now).desk]
    assert NAN in story.missing()


def test_what_cannot_be_recorded_is_said(story: Story) -> None:
    _released(story)
    story.clock.set(at("2024-08-21 15:00"))
    assert "还没有到" in _told(story, day="2024-08-22").say
    assert "早于签发" in _told(story, day="2024-08-19").say
    assert "没有“无此单位”" in _told(story, unit="无此单位").say
    moved = [each for each in story.ledger.events(campaign=CAMPAIGN, kind="delivered")]
    assert moved == []


def test_a_correction_reaches_it_on_paper_too(story: Story) -> None:
    _released(story)
    story.until("2024-08-21 15:00")
    assert _told(story).is_done
    edit_campaign(story, "on: 2024-09-28, carries_over: true", "on: 2024-10-18, carries_over: true")
    story.clock.set(at("2024-08-21 15:30"))
    said = sign(story, Correct(CAMPAIGN, "日期有误"))
    assert "1 个没有邮箱的单位另备打印材料" in said
    story.until("2024-08-21 16:00")
    slip = story.world.exchange[f"打印/{CAMPAIGN}/{SHAN}/更正通知.txt"].decode()
    assert "2024年10月18日" in slip
    assert [
        each.unit for each in story.office.report.board(CAMPAIGN, story.now).desk if each.kind == "待送达"
    ] == [SHAN]
    story.until("2024-08-22 15:00")
    assert _told(story, day="2024-08-22", via=Channel.FAX).is_done
    assert "待送达" not in [each.kind for each in story.office.report.board(CAMPAIGN, story.now).desk]
