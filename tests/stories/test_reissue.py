"""补发: a unit added later, an address corrected later; nobody twice, and what was signed byte for byte."""

from __future__ import annotations

from service.office.dispatch import DispatchState
from service.office.docket import DocketState
from service.office.outcome import Never
from service.outgoing.amend import Reissue
from tests.stories.amending import add_unit, edit_campaign, edit_roster, files_in, refused, show, sign
from tests.stories.story import (
    CAMPAIGN,
    DONG,
    DONG_AT,
    GOOD_SUMMARY,
    NAN,
    NAN_AT,
    SIGNER,
    Story,
    summary_docx,
)

ZHONG = "中城区市场监督管理局"
ZHONG_AT = "zhongcheng@units.example"
NAN_NOW = "nancheng@units.example"


def test_a_unit_added_later_is_asked_like_every_other(released: Story) -> None:
    add_unit(released, f"{ZHONG},区局,王五,0351-1000005,{ZHONG_AT}")
    news = released.office.amend.news(CAMPAIGN)
    assert news.sentence() == f"通讯录中有 1 个单位尚未发过通知（{ZHONG}）"
    before = len(released.world.accepted)
    order = Reissue(CAMPAIGN, news.units)
    assert "1 个单位、1 个邮箱" in sign(released, order)
    assert released.docket(ZHONG, "summary").state is DocketState.NOT_SENT
    released.work()
    assert [each.rcpt for each in released.world.accepted[before:]] == [ZHONG_AT]
    assert released.docket(ZHONG, "summary").state is DocketState.AWAITED
    # It answers with its own code, is filed, thanked and not chased; the others are.
    released.reply(ZHONG_AT, "总结见附件。", [("总结.docx", summary_docx(GOOD_SUMMARY))])
    released.work()
    assert released.docket(ZHONG, "summary").state is DocketState.RETURNED
    assert released.subjects(ZHONG_AT)[-1].startswith("回执")
    released.until("2024-09-30 12:00")
    assert not any("提醒" in each for each in released.subjects(ZHONG_AT))
    assert any("提醒" in each for each in released.subjects(DONG_AT))
    assert released.office.amend.news(CAMPAIGN).units == ()


def test_who_is_added_late_is_chased_no_sooner_than_the_notice_is_old(released: Story) -> None:
    released.until("2024-09-23 09:00")  # the first reminder is due on the 24th at half past nine
    add_unit(released, f"{ZHONG},区局,王五,0351-1000005,{ZHONG_AT}")
    sign(released, Reissue(CAMPAIGN, (ZHONG,)))
    released.until("2024-09-26 12:00")
    assert [each for each in released.subjects(ZHONG_AT) if "提醒" in each] == []
    assert [each for each in released.subjects(DONG_AT) if "提醒" in each] != []
    released.until("2024-10-08 12:00")
    assert len([each for each in released.subjects(ZHONG_AT) if "提醒" in each]) == 1


def test_a_corrected_address_gets_what_was_signed_byte_for_byte(story: Story) -> None:
    story.world.refusals[NAN_AT] = Never("550 no such user", 550)
    story.release()
    story.work()
    assert story.docket(NAN, "summary").state is DocketState.UNDELIVERED
    edit_roster(story, NAN_AT, NAN_NOW)
    assert "1 个单位的邮箱已改" in story.office.amend.news(CAMPAIGN).sentence()
    # Templates may be edited meanwhile: what goes out is what was signed.
    edit_campaign(story, "质量月", "质量周")
    sign(story, Reissue(CAMPAIGN, (NAN,)))
    story.work()
    (mail,) = story.mails(NAN_NOW)
    subject = story.subjects(NAN_NOW)[0]
    assert subject == story.subjects(DONG_AT)[0]
    assert "质量月" in subject
    standing = story.ledger.standing(CAMPAIGN, NAN)
    assert standing is not None
    assert [each.text for each in standing.unit.addresses] == [NAN_NOW]
    assert standing.code.encode() in mail.mime
    theirs = {
        path.rpartition("/")[2]: data for path, data in story.world.exchange.items() if f"/{NAN}/" in path
    }
    for name, data in files_in(mail.mime).items():
        assert theirs[name.replace(" ", "　")] == data
    assert story.docket(NAN, "summary").state is DocketState.AWAITED
    # The refused one is off the desk; nothing else went to anybody.
    assert [each.state for each in story.ledger.dispatches(CAMPAIGN, unit=NAN)] == [
        DispatchState.CANCELLED,
        DispatchState.SENT,
    ]
    assert len(story.world.accepted) == 5
    story.until("2024-09-24 12:00")
    assert any("提醒" in each for each in story.subjects(NAN_NOW))


def test_what_has_not_gone_out_to_the_old_address_never_does(story: Story) -> None:
    story.world.is_post_down = True
    story.release()
    story.work()
    edit_roster(story, NAN_AT, NAN_NOW)
    sign(story, Reissue(CAMPAIGN, (NAN,)))
    story.world.is_post_down = False
    story.until("2024-08-20 12:00")
    assert story.mails(NAN_AT) == []
    assert len(story.mails(NAN_NOW)) == 1
    assert len(story.world.accepted) == 5


def test_nobody_gets_it_twice(released: Story) -> None:
    assert "都已经发过" in refused(released, Reissue(CAMPAIGN, (DONG,)))
    edit_roster(released, DONG_AT, f"{DONG_AT}；dong2@units.example")
    sign(released, Reissue(CAMPAIGN, (DONG,)))
    released.work()
    assert len(released.mails(DONG_AT)) == 1
    assert len(released.mails("dong2@units.example")) == 1
    assert "都已经发过" in refused(released, Reissue(CAMPAIGN, (DONG,)))


def test_a_signed_order_is_for_once_and_for_exactly_that(released: Story) -> None:
    add_unit(released, f"{ZHONG},区局,王五,0351-1000005,{ZHONG_AT}")
    order = Reissue(CAMPAIGN, (ZHONG,))
    amend = released.office.amend
    digest = show(released, order).digest
    assert "不是签发人" in amend.sign(order, "经办人乙", digest, released.now, really=True).say
    assert "校验码与现在要做的不符" in amend.sign(order, SIGNER, "0" * 64, released.now, really=True).say
    assert "确认后加 --really" in amend.sign(order, SIGNER, digest[:12], released.now, really=False).say
    edit_roster(released, ZHONG_AT, "zhong@units.example")
    assert "不符" in amend.sign(order, SIGNER, digest, released.now, really=True).say
    assert len(released.world.accepted) == 5


def test_who_is_not_on_the_roster_or_not_asked_is_refused_in_words(released: Story) -> None:
    assert "没有“无此单位”" in refused(released, Reissue(CAMPAIGN, ("无此单位",)))
    add_unit(released, "某协会,协会,赵六,0351-1000006,xiehui@units.example")
    assert "不属于本活动通知的组别" in refused(released, Reissue(CAMPAIGN, ("某协会",)))
    add_unit(released, f"{ZHONG},区局,王五,0351-1000005,{ZHONG_AT}")
    edit_campaign(released, "质量月", "质量周")
    assert "活动文件或信文有改动" in refused(released, Reissue(CAMPAIGN, (ZHONG,)))
