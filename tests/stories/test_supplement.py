"""补充通知, 撤回 and 办结: told once, asked nothing; what still comes is filed and answered."""

from __future__ import annotations

import io
from email import message_from_bytes, policy

from openpyxl import load_workbook

from service.desk.decide import close
from service.office.dispatch import DispatchKind, DispatchState
from service.office.docket import DocketState
from service.office.letter import Stage
from service.office.outcome import InDoubt
from service.outgoing.amend import Supplement, Withdraw
from tests.stories.amending import files_in, refused, rows, sign, taken
from tests.stories.story import (
    BEI_AT,
    CAMPAIGN,
    CLERK,
    DONG,
    DONG_AT,
    GOOD_SUMMARY,
    NAN,
    NAN_AT,
    XI_AT,
    Story,
    summary_docx,
)

TITLE = "关于报送质量月活动材料的通知"
PDF = b"%PDF-1.7 sealed\n%%EOF\n"


def test_a_supplement_informs_a_group_and_asks_nothing(released: Story) -> None:
    before = released.ledger.dockets(CAMPAIGN)
    order = Supplement(CAMPAIGN, "启动仪式改在市民中心二楼举行。", (("会场图.pdf", PDF),), groups=("区局",))
    assert "3 个单位、4 个邮箱" in sign(released, order)
    released.work()
    assert released.subjects(DONG_AT) == [TITLE, f"补充通知：{TITLE}"]
    assert "改在市民中心二楼" in released.last_text(DONG_AT)
    assert "不需要回复" in released.last_text(DONG_AT)
    assert files_in(released.mails(DONG_AT)[-1].mime) == {"会场图.pdf": PDF}
    assert released.subjects(BEI_AT) == [TITLE]
    assert released.ledger.dockets(CAMPAIGN) == before
    # An answer to it is known by its code like any other.
    told = released.mails(DONG_AT)[-1].mime
    released.reply(
        DONG_AT,
        "总结见附件。",
        [("总结.docx", summary_docx(GOOD_SUMMARY))],
        to=message_from_bytes(told, policy=policy.default),
    )
    released.work()
    assert released.docket(DONG, "summary").state is DocketState.RETURNED
    assert max(taken(released).values()) == 1


def test_a_second_supplement_is_another_one(released: Story) -> None:
    sign(released, Supplement(CAMPAIGN, "一、请带身份证。"))
    sign(released, Supplement(CAMPAIGN, "二、请带介绍信。"))
    released.work()
    assert len(released.mails(DONG_AT)) == 3
    assert "没有组别" in refused(released, Supplement(CAMPAIGN, "话", groups=("学校",)))
    assert "--text" in refused(released, Supplement(CAMPAIGN, "  "))


def test_a_withdrawn_notice_stops_whatever_has_not_left(story: Story) -> None:
    story.world.refusals[NAN_AT] = InDoubt("断线")
    story.release()
    story.clerk.office.send.handle("outbox", story.now)  # one of five has gone out
    (first,) = story.world.accepted
    sign(story, Withdraw(CAMPAIGN, "文件有误"))
    del story.world.refusals[NAN_AT]
    story.work()
    assert [each.rcpt for each in story.world.accepted] == [first.rcpt, first.rcpt]
    assert story.subjects(first.rcpt) == [TITLE, f"撤回通知：{TITLE}"]
    assert "撤回原因：文件有误" in story.last_text(first.rcpt)
    notices = rows(story, DispatchKind.NOTICE)
    assert sorted(each.state.value for each in notices) == ["cancelled"] * 4 + ["sent"]
    assert {each.state for each in story.ledger.dockets(CAMPAIGN)} == {DocketState.EXEMPT}
    assert {each.reason for each in story.ledger.dockets(CAMPAIGN)} == {"通知已撤回：文件有误"}
    story.until("2024-10-08 12:00")
    assert len(story.world.accepted) == 2
    row = story.ledger.campaign(CAMPAIGN)
    assert row is not None and row.is_withdrawn
    assert "撤回" in refused(story, Supplement(CAMPAIGN, "话"))


def test_what_comes_after_a_withdrawal_is_filed_and_told_so(released: Story) -> None:
    released.reply(XI_AT, "总结见附件。", [("总结.docx", summary_docx(GOOD_SUMMARY))])
    released.work()
    sign(released, Withdraw(CAMPAIGN, "文件有误"))
    released.work()
    released.reply(DONG_AT, "总结见附件。", [("总结.docx", summary_docx(GOOD_SUMMARY))])
    released.work()
    assert released.docket(DONG, "summary").state is DocketState.RETURNED
    assert "本通知已于2024年8月20日撤回，不必再报送" in released.last_text(DONG_AT)
    assert "还没有收到" not in released.last_text(DONG_AT)
    # A form with a mistake is thanked for all the same: nobody is asked to mend what nobody wants.
    released.reply(NAN_AT, "登记表", [("登记表.docx", released.form_of(NAN_AT))])
    released.work()
    assert not any("补正" in each for each in released.subjects(NAN_AT))


def test_a_closed_campaign_chases_nobody_and_files_what_is_late(released: Story) -> None:
    released.until("2024-09-25 12:00")
    chased = len([each for each in released.subjects(NAN_AT) if "提醒" in each])
    closed = close(released.office, CAMPAIGN, by=CLERK, reason="材料已够", now=released.now)
    assert closed.is_done, closed.say
    assert "仍有 3 项未报" in closed.say
    released.until("2024-10-08 12:00")
    assert len([each for each in released.subjects(NAN_AT) if "提醒" in each]) == chased
    released.reply(NAN_AT, "总结见附件。", [("总结.docx", summary_docx(GOOD_SUMMARY))])
    released.work()
    assert released.docket(NAN, "summary").state is DocketState.RETURNED
    assert released.docket(NAN, "summary").is_late
    assert "本项工作已于2024年9月25日办结" in released.last_text(NAN_AT)
    assert [each.stage for each in released.letters()] == [Stage.ACKNOWLEDGED]
    assert NAN not in released.missing()
    # Its workbook is kept up also afterwards.
    released.until("2024-10-08 12:10")
    book = load_workbook(io.BytesIO(released.world.exchange[f"台账/{CAMPAIGN}/台账.xlsx"]))
    rows_of_nan = [row for sheet in book for row in sheet.iter_rows(values_only=True) if NAN in row]
    assert any("迟报" in row for row in rows_of_nan), rows_of_nan
    assert not close(released.office, CAMPAIGN, by=CLERK, reason="再办", now=released.now).is_done


def test_a_letter_nobody_can_place_stays_on_the_desk_of_a_closed_campaign(released: Story) -> None:
    assert close(released.office, CAMPAIGN, by=CLERK, reason="材料已够", now=released.now).is_done
    released.reply(
        "someone@elsewhere.example",
        "总结见附件。",
        [("总结.docx", summary_docx(GOOD_SUMMARY))],
        to=released.notice(DONG_AT),
    )
    released.work()
    (letter,) = released.letters()
    assert letter.stage is Stage.REVIEW
    desk = released.office.report.board(CAMPAIGN, released.now).desk
    assert [row.kind for row in desk] == ["待人工"]


def test_a_campaign_is_not_closed_over_notices_still_to_go(story: Story) -> None:
    story.world.is_post_down = True
    story.release()
    story.work()
    closed = close(story.office, CAMPAIGN, by=CLERK, reason="材料已够", now=story.now)
    assert "还有 5 封通知没有发出" in closed.say
    waiting = story.ledger.dispatches(CAMPAIGN, states=(DispatchState.RETRY,))
    assert len(waiting) == 5
