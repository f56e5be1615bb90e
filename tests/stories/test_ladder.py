"""催报函: after the last reminder, by a signer's word, to the missing alone, once, and never by mistake."""

from __future__ import annotations

import io
from email import message_from_bytes, policy

import pytest
from docx import Document

from service.desk.decide import (
    Channel,
    Via,
    copied,
    delivered,
    exempt,
    extend,
    note,
    pause,
    record,
    resume,
    settle_dispatch,
)
from service.desk.rungs import rung_lines
from service.office.approval import Act
from service.office.content import Manifest
from service.office.dispatch import DispatchKind, DispatchState
from service.office.docket import DocketState
from service.office.outcome import InDoubt, Never
from service.office.reach import reached
from service.office.record import from_bytes
from service.outgoing.amend import Reissue, Urge, Withdraw
from tests.stories.amending import files_in, refused, rows, show, sign, taken
from tests.stories.story import (
    BEI,
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
    summary_docx,
)

TITLE = "关于报送质量月活动材料的通知"
ABOVE, ABOVE_AT = "甲市人民政府办公室", "duban@zfb.example"
FAR = "省质量协会"
ORDER = Urge(CAMPAIGN, "逾期未报")
ROSTER = f"""单位,组别,上级,联系人,电话,邮箱
{DONG},区局,{ABOVE},孙一,0351-1000001,{DONG_AT}
{XI},区局,{FAR},周二,0351-1000002,{XI_AT}
{NAN},区局,甲市市场监督管理局,吴三,0351-1000003,{NAN_AT}
{BEI},机构,,郑四,0351-1000004,beicheng@lab.example
{ABOVE},上级机关,,钱五,0351-1000005,{ABOVE_AT}
"""


@pytest.fixture
def overdue(story: Story) -> Story:
    """The day after the last reminder: three units are missing, and two have a superior."""
    (story.folder / "config" / "units.csv").write_text(ROSTER, encoding="utf-8")
    story.release()
    story.work()
    story.until("2024-10-08 10:00")
    assert story.missing() == [DONG, XI, NAN]
    return story


def urgings(story: Story) -> dict[str, DispatchState]:
    return {each.rcpt: each.state for each in rows(story, DispatchKind.URGING)}


def words_of(docx: bytes) -> str:
    return "\n".join(each.text for each in Document(io.BytesIO(docx)).paragraphs)


def report(story: Story, rcpt: str) -> None:
    story.reply(rcpt, "总结见附件。", [("总结.docx", summary_docx(GOOD_SUMMARY))])


def test_each_unit_gets_its_own_letter_and_its_superior_a_copy_of_that_alone(overdue: Story) -> None:
    prepared = show(overdue, ORDER)
    assert prepared.say == "催报函：3 个单位、4 个邮箱，1 个没有邮箱的单位另备打印材料"
    assert f"{DONG}：活动总结；抄送{ABOVE}（{ABOVE_AT}）" in prepared.lines
    assert f"{XI}：活动总结；抄送{FAR}（没有邮箱，备打印件）" in prepared.lines
    assert f"{NAN}：活动总结；没有要抄送的上级（上级就是发文机关）" in prepared.lines
    assert urgings(overdue) == {}, "a proof sends nothing"
    sign(overdue, ORDER)
    overdue.work()
    assert set(urgings(overdue)) == {DONG_AT, XI_AT, NAN_AT, ABOVE_AT}
    assert set(urgings(overdue).values()) == {DispatchState.SENT}
    for name, rcpt, others in ((DONG, DONG_AT, (XI, NAN)), (XI, XI_AT, (DONG, NAN)), (NAN, NAN_AT, (XI,))):
        assert overdue.subjects(rcpt)[-1] == f"催报函：{TITLE}"
        (name_of, paper) = next(iter(files_in(overdue.mails(rcpt)[-1].mime).items()))
        assert name_of == "催报函（10月8日）.docx"
        text = overdue.last_text(rcpt) + words_of(paper)
        assert f"{name}：" in text and "活动总结" in text and "作品登记表" not in text
        assert not any(other in text for other in others)
    # The superior reads of this unit only, and is not given the unit's code.
    (copy,) = overdue.mails(ABOVE_AT)
    subject = str(message_from_bytes(copy.mime, policy=policy.default)["Subject"])
    assert subject == f"抄送：致{DONG}的催报函（{TITLE}）"
    assert not any(each in overdue.last_text(ABOVE_AT) for each in (XI, NAN))
    assert list(files_in(copy.mime).values()) == list(files_in(overdue.mails(DONG_AT)[-1].mime).values())
    assert words_of(next(iter(files_in(copy.mime).values()))).endswith(f"抄送：{ABOVE}。\n")


def test_the_copy_for_a_superior_without_mail_lies_ready_to_be_printed(overdue: Story) -> None:
    sign(overdue, ORDER)
    overdue.until("2024-10-08 10:30")
    packs = [each for each in overdue.world.exchange if each.startswith(f"打印/{CAMPAIGN}/")]
    assert packs == [f"打印/{CAMPAIGN}/{FAR}/抄送　{XI}　催报函（10月8日）.docx"]
    assert DONG not in words_of(overdue.world.exchange[packs[0]])


def test_the_letter_says_when_the_unit_was_reminded(overdue: Story) -> None:
    sign(overdue, ORDER)
    overdue.work()
    (paper,) = files_in(overdue.mails(DONG_AT)[-1].mime).values()
    assert "此前已于2024年9月24日、2024年9月30日提醒。" in words_of(paper)
    assert "1.活动总结，截止时间为2024年9月29日（星期日）24:00前（含当日）。" in words_of(paper)


def test_nobody_is_urged_twice_for_one_date(overdue: Story) -> None:
    sign(overdue, ORDER)
    assert "已经发过" in refused(overdue, ORDER)
    assert "已于2024年10月8日发过催报函" in refused(overdue, Urge(CAMPAIGN, "再催", units=(DONG,)))
    overdue.until("2024-10-09 12:00")
    assert "已经发过" in refused(overdue, ORDER)
    assert [n for (rcpt, subject), n in taken(overdue).items() if "催报函" in subject] == [1, 1, 1, 1]
    # A signed proof is used up: the same yes a second time does nothing.
    again = overdue.office.amend.sign(ORDER, SIGNER, "0" * 12, overdue.now, really=True)
    assert not again.is_done


def test_two_signers_at_once_send_one_letter(overdue: Story) -> None:
    prepared = show(overdue, ORDER)
    first = overdue.office.amend.sign(ORDER, SIGNER, prepared.digest, overdue.now, really=True)
    second = overdue.office.amend.sign(ORDER, SIGNER, prepared.digest, overdue.now, really=True)
    assert (first.is_done, second.is_done) == (True, False)
    overdue.work()
    assert max(n for (_, subject), n in taken(overdue).items() if "催报函" in subject) == 1


def test_more_time_begins_a_ladder_of_its_own(overdue: Story) -> None:
    sign(overdue, ORDER)
    overdue.work()
    until = overdue.now.date().replace(day=15)
    done = extend(
        overdue.office, CAMPAIGN, DONG, "summary", until=until, by=CLERK, reason="活动在后", now=overdue.now
    )
    assert done.is_done, done.say
    assert "还没有到期" in refused(overdue, Urge(CAMPAIGN, "再催", units=(DONG,)))
    overdue.until("2024-10-16 08:40")
    assert "还有催办邮件没有发出" in refused(overdue, Urge(CAMPAIGN, "再催", units=(DONG,)))
    overdue.until("2024-10-16 12:00")
    assert show(overdue, Urge(CAMPAIGN, "再催", units=(DONG,))).say.startswith("催报函：1 个单位、2 个邮箱")


def test_no_letter_before_the_last_reminder(story: Story) -> None:
    story.release()
    story.work()
    assert "没有可以发催报函的单位" in refused(story, ORDER)
    story.until("2024-09-30 08:40")
    assert "还有催办邮件没有发出" in refused(story, Urge(CAMPAIGN, "催", units=(NAN,)))
    report(story, DONG_AT)
    story.until("2024-10-08 10:00")
    assert "没有未报的材料" in refused(story, Urge(CAMPAIGN, "催", units=(DONG,)))
    assert "没有组别" in refused(story, Urge(CAMPAIGN, "催", groups=("学校",)))
    assert "--reason" in refused(story, Urge(CAMPAIGN, " "))


def test_who_reports_between_the_yes_and_the_sending_gets_nothing(overdue: Story) -> None:
    overdue.world.is_post_down = True
    sign(overdue, ORDER)
    overdue.work()
    report(overdue, DONG_AT)
    exempt(overdue.office, CAMPAIGN, XI, "summary", by=CLERK, reason="机构改革", now=overdue.now)
    overdue.world.is_post_down = False
    overdue.until("2024-10-08 12:00")
    states = urgings(overdue)
    assert states[NAN_AT] is DispatchState.SENT
    assert states[DONG_AT] is states[ABOVE_AT] is states[XI_AT] is DispatchState.CANCELLED
    assert overdue.mails(ABOVE_AT) == []
    assert not any("催报函" in each for each in overdue.subjects(DONG_AT) + overdue.subjects(XI_AT))


def test_a_promise_or_more_time_keeps_the_letter_back(overdue: Story) -> None:
    overdue.world.is_post_down = True
    sign(overdue, ORDER)
    overdue.work()
    day = overdue.now.date().replace(day=20)
    record(
        overdue.office, CAMPAIGN, DONG, "summary",
        via=Via.PROMISE, on=day, by=CLERK, reason="电话", now=overdue.now,
    )  # fmt: skip
    extend(overdue.office, CAMPAIGN, NAN, "summary", until=day, by=CLERK, reason="同意", now=overdue.now)
    overdue.world.is_post_down = False
    overdue.until("2024-10-08 12:00")
    states = urgings(overdue)
    assert states[XI_AT] is DispatchState.SENT
    assert states[DONG_AT] is states[ABOVE_AT] is states[NAN_AT] is DispatchState.CANCELLED


def test_while_a_letter_is_nobodys_nobody_is_urged(overdue: Story) -> None:
    prepared = show(overdue, ORDER)
    overdue.reply(
        "someone@elsewhere.example", "总结见附件。", [("总结.docx", summary_docx(GOOD_SUMMARY))],
        as_new=True, subject="总结",
    )  # fmt: skip
    overdue.work()
    assert "还有 1 封来信没有归属到单位" in refused(overdue, ORDER)
    signed = overdue.office.amend.sign(ORDER, SIGNER, prepared.digest, overdue.now, really=True)
    assert not signed.is_done and "没有归属到单位" in signed.say


def test_a_letter_that_comes_after_the_yes_holds_the_sending(overdue: Story) -> None:
    overdue.world.is_post_down = True
    sign(overdue, ORDER)
    overdue.work()
    overdue.reply(
        "someone@elsewhere.example", "总结见附件。", [("总结.docx", summary_docx(GOOD_SUMMARY))],
        as_new=True, subject="总结",
    )  # fmt: skip
    overdue.world.is_post_down = False
    overdue.until("2024-10-08 14:00")
    assert DispatchState.SENT not in urgings(overdue).values()
    (letter,) = (each for each in overdue.letters() if each.unit is None)
    note(overdue.office, letter.id, by=CLERK, reason="广告", now=overdue.now)
    overdue.until("2024-10-08 15:00")
    assert set(urgings(overdue).values()) == {DispatchState.SENT}


def test_a_blind_mailbox_refuses_and_holds(overdue: Story) -> None:
    overdue.world.is_post_down = True
    sign(overdue, ORDER)
    overdue.work()
    overdue.world.is_mail_down = True
    overdue.until("2024-10-08 13:00")
    overdue.world.is_post_down = False
    overdue.until("2024-10-08 16:00")
    assert DispatchState.SENT not in urgings(overdue).values()
    assert "没有成功读取" in refused(overdue, ORDER)
    overdue.world.is_mail_down = False
    overdue.until("2024-10-08 17:00")
    assert set(urgings(overdue).values()) == {DispatchState.SENT}


def test_a_yes_in_the_evening_goes_out_in_office_hours(overdue: Story) -> None:
    overdue.until("2024-10-11 19:00")  # a Friday; Saturday the 12th is a make-up workday
    sign(overdue, ORDER)
    overdue.work()
    assert DispatchState.SENT not in urgings(overdue).values()
    overdue.until("2024-10-14 12:00")
    sent = [each.sent_at for each in rows(overdue, DispatchKind.URGING)]
    assert len(sent) == 4 and all(at and overdue.office.policy.is_open(at) for at in sent)


def test_a_pause_and_a_withdrawal_hold_it_too(overdue: Story) -> None:
    assert pause(overdue.office, CAMPAIGN, by=CLERK, reason="先停", now=overdue.now).is_done
    sign(overdue, ORDER)
    overdue.until("2024-10-08 11:00")
    assert DispatchState.SENT not in urgings(overdue).values()
    assert resume(overdue.office, CAMPAIGN, by=CLERK, reason="继续", now=overdue.now).is_done
    overdue.world.is_post_down = True
    overdue.work()
    sign(overdue, Withdraw(CAMPAIGN, "文件有误"))
    overdue.world.is_post_down = False
    overdue.until("2024-10-08 16:00")
    assert set(urgings(overdue).values()) == {DispatchState.CANCELLED}
    assert not any("催报函" in subject for _, subject in taken(overdue))


def test_a_broken_line_is_a_doubt_and_never_sent_again(overdue: Story) -> None:
    overdue.world.refusals[ABOVE_AT] = InDoubt("断线")
    overdue.world.refusals[NAN_AT] = Never("没有这个邮箱", 550)
    sign(overdue, ORDER)
    overdue.until("2024-10-08 12:00")
    assert urgings(overdue)[ABOVE_AT] is DispatchState.IN_DOUBT
    assert urgings(overdue)[NAN_AT] is DispatchState.DEAD
    # A letter refused is no notice refused: the unit stays missing, and a person is asked.
    assert overdue.docket(NAN, "summary").state is DocketState.AWAITED
    desk = {row.kind for row in overdue.office.report.board(CAMPAIGN, overdue.now).desk}
    assert {"存疑", "未送达"} <= desk
    assert len(overdue.mails(ABOVE_AT)) == 1


def test_an_answer_to_the_letter_finds_home(overdue: Story) -> None:
    sign(overdue, ORDER)
    overdue.work()
    told = message_from_bytes(overdue.mails(NAN_AT)[-1].mime, policy=policy.default)
    overdue.reply(NAN_AT, "总结见附件。", [("总结.docx", summary_docx(GOOD_SUMMARY))], to=told)
    overdue.work()
    assert overdue.docket(NAN, "summary").state is DocketState.RETURNED


def test_a_machine_and_a_superior_that_answer_the_copy_move_nothing(overdue: Story) -> None:
    sign(overdue, ORDER)
    overdue.work()
    copy = message_from_bytes(overdue.mails(ABOVE_AT)[-1].mime, policy=policy.default)
    overdue.reply(ABOVE_AT, "收到，已督促。", to=copy)
    overdue.work()
    assert overdue.docket(DONG, "summary").state in (DocketState.AWAITED, DocketState.IN_REVIEW)
    assert len(overdue.mails(ABOVE_AT)) == 1


def test_a_second_look_at_the_roster_leaves_the_letter_alone(overdue: Story) -> None:
    sign(overdue, ORDER)
    overdue.work()
    assert "都已经发过" in refused(overdue, Reissue(CAMPAIGN, (DONG,)))
    row = next(each for each in rows(overdue, DispatchKind.URGING) if each.rcpt == DONG_AT)
    again = settle_dispatch(
        overdue.office, row.id, to=DispatchState.READY, by=CLERK, reason="重发", now=overdue.now
    )
    assert not again.is_done


def kinds(story: Story) -> dict[str, str]:
    """Rows of the ladder on the desk, with what they say."""
    rows = story.office.report.board(CAMPAIGN, story.now).desk
    return {row.kind: row.say for row in rows if row.kind in ("催报", "催报待发", "待抄送", "通报")}


def test_the_desk_says_which_rung_is_next_and_show_which_were_climbed(overdue: Story) -> None:
    assert set(kinds(overdue)) == {"催报"}
    assert f"3 个单位（{DONG}、{XI}、{NAN}）催办都已发完" in kinds(overdue)["催报"]
    overdue.world.is_post_down = True
    sign(overdue, ORDER)
    overdue.work()
    assert set(kinds(overdue)) == {"催报待发", "待抄送"}
    overdue.world.is_post_down = False
    overdue.until("2024-10-08 12:00")
    assert set(kinds(overdue)) == {"待抄送"}
    assert f"致{XI}的催报函要抄送{FAR}" in kinds(overdue)["待抄送"]
    handed = copied(
        overdue.office,
        CAMPAIGN,
        XI,
        via=Channel.OA,
        on=overdue.now.date(),
        by=CLERK,
        note="",
        now=overdue.now,
    )
    assert handed.is_done and f"OA送达{FAR}" in handed.say
    assert kinds(overdue) == {}
    again = copied(
        overdue.office,
        CAMPAIGN,
        XI,
        via=Channel.OA,
        on=overdue.now.date(),
        by=CLERK,
        note="",
        now=overdue.now,
    )
    assert not again.is_done
    overdue.until("2024-10-09 08:40")
    assert set(kinds(overdue)) == {"通报"}
    names = {"summary": "活动总结"}
    assert list(rung_lines(overdue.office, CAMPAIGN, XI, names)) == [
        "2024年9月24日（星期二）09:30 催办邮件（第一次催报）：活动总结",
        "2024年9月30日（星期一）09:30 催办邮件（第二次催报）：活动总结",
        f"2024年10月8日（星期二）10:00 催报函（邮件，抄送{FAR}，{SIGNER}签发）：活动总结",
        f"2024年10月8日（星期二）12:00 催报函抄送件OA送达{FAR}，2024-10-08（{CLERK}）",
    ]
    report(overdue, XI_AT)
    report(overdue, DONG_AT)
    overdue.work()
    assert f"1 个单位（{NAN}）" in kinds(overdue)["通报"]


def test_a_unit_without_mail_is_urged_on_paper_and_once(story: Story) -> None:
    roster = ROSTER.replace(f",{NAN_AT}", ",")
    (story.folder / "config" / "units.csv").write_text(roster, encoding="utf-8")
    story.release()
    story.work()
    day = story.now.date()
    told = delivered(story.office, CAMPAIGN, NAN, via=Channel.FAX, on=day, by=CLERK, note="", now=story.now)
    assert told.is_done, told.say
    story.until("2024-10-08 10:00")
    sign(story, Urge(CAMPAIGN, "逾期未报", units=(NAN,)))
    story.until("2024-10-08 10:30")
    lying = {
        each.rpartition("/")[2] for each in story.world.exchange if each.startswith(f"打印/{CAMPAIGN}/{NAN}/")
    }
    assert {"催报函（10月8日）.docx", "封面.docx"} <= lying, "the notice's pack stays beside it"
    assert urgings(story) == {}
    assert "同一期限只发一次" in refused(story, Urge(CAMPAIGN, "再催", units=(NAN,)))
    desk = {row.kind: row for row in story.office.report.board(CAMPAIGN, story.now).desk}
    assert desk["待送达"].unit == NAN
    assert "（打印，" in list(rung_lines(story.office, CAMPAIGN, NAN, {}))[-1]


def test_the_printed_letter_is_kept_as_long_as_it_counts(overdue: Story) -> None:
    sign(overdue, ORDER)
    counted = reached(overdue.ledger, overdue.office.doors.archive)
    (release,) = (each for each in overdue.ledger.releases(CAMPAIGN) if each.act is Act.URGING)
    manifest = from_bytes(Manifest, overdue.world.archive[release.manifest_sha256])
    packed = {each.sha256 for _, pack in manifest.print_packs for each in pack}
    assert packed and packed <= counted
