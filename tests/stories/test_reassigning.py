"""A letter filed under the wrong unit is taken back: nobody stays wrongly 已报, nobody wrongly 未报."""

from __future__ import annotations

import pytest

from service.desk.decide import Decided, assign, reassign, record, split, undo
from service.desk.decide.splitting import Share
from service.office.dispatch import DispatchKind, DispatchState
from service.office.docket import DocketState
from service.office.letter import Letter, Stage
from tests.stories.story import (
    CAMPAIGN,
    CLERK,
    DONG,
    DONG_AT,
    GOOD_SUMMARY,
    NAN,
    NAN_AT,
    XI,
    XI_AT,
    Story,
    at,
    fill,
    summary_docx,
)
from tests.stories.test_keeping import is_rebuilt

WHY = "电话核实，是南城区的"
SUMMARY = [("活动总结.docx", summary_docx(GOOD_SUMMARY))]
OTHER = [("活动总结.docx", summary_docx(GOOD_SUMMARY + "另有企业二十家。"))]
STRANGER = "somebody@private.example"


def send(story: Story, sender: str = DONG_AT, files: list[tuple[str, bytes]] = SUMMARY) -> Letter:
    """A summary, filed and answered."""
    story.reply(sender, "总结见附件。", files)
    story.work()
    return story.letters()[-1]


def move_to(story: Story, letter: Letter, unit: str, item: str | None = None) -> Decided:
    """A clerk's word that the letter is another unit's."""
    return reassign(
        story.office,
        letter.id,
        campaign=CAMPAIGN,
        unit=unit,
        item=item,
        by=CLERK,
        reason=WHY,
        now=story.now,
    )


def take_back(story: Story, letter: Letter) -> Decided:
    return undo(story.office, letter.id, by=CLERK, reason=WHY, now=story.now)


def state(story: Story, unit: str, item: str = "summary") -> DocketState:
    return story.docket(unit, item).state


def test_the_wrong_unit_is_awaited_again_and_the_right_one_has_it(released: Story) -> None:
    letter = send(released)
    assert state(released, DONG) is DocketState.RETURNED
    done = move_to(released, letter, NAN)
    assert done.is_done, done.say
    assert state(released, DONG) is DocketState.AWAITED, "at once, not only when it is filed anew"
    released.work()
    wrong, right = released.docket(DONG, "summary"), released.docket(NAN, "summary")
    assert (wrong.state, wrong.entries, wrong.version, wrong.returned_at) == (DocketState.AWAITED, 0, 0, None)
    assert (right.state, right.version, right.returned_at) == (DocketState.RETURNED, 1, letter.received_at)
    assert set(released.missing()) == {DONG, XI}
    (kept,) = released.ledger.filings(CAMPAIGN, DONG, "summary")
    assert kept.taken_back_at == at("2024-08-20 09:00") and len(kept.docs) == 1, "kept, and counts no more"
    released.until("2024-08-20 09:30")
    assert released.letters()[-1].unit == NAN and released.letters()[-1].stage is Stage.ACKNOWLEDGED
    taken = released.ledger.events(letter=letter.id, kind="taken-back")
    assert [(each.unit, each.item, each.actor) for each in taken] == [(DONG, "summary", CLERK)]
    assert is_rebuilt(released)


def test_who_was_told_otherwise_gets_a_corrected_receipt_that_names_no_other_unit(released: Story) -> None:
    letter = send(released)
    before = len(released.mails(DONG_AT))
    assert move_to(released, letter, NAN).is_done
    released.until("2024-08-20 09:30")
    corrected, receipt = released.bodies(DONG_AT)[before:]
    assert "前述回执" in corrected and "作废" in corrected
    assert DONG in corrected and "还没有收到" in corrected and "2024年9月29日（星期日）24:00" in corrected
    assert NAN not in corrected
    assert NAN in receipt and DONG not in receipt, "the right unit's receipt goes to whoever wrote"
    sent = [each for each in released.ledger.dispatches(CAMPAIGN) if "corrected:" in each.dedupe_key]
    assert [(each.unit, each.kind, each.state) for each in sent] == [
        (DONG, DispatchKind.RECEIPT, DispatchState.SENT)
    ]


def test_a_stranger_to_the_wrong_unit_is_not_told_what_it_owes(released: Story) -> None:
    released.reply(STRANGER, "总结见附件。", SUMMARY, as_new=True, subject="活动总结")
    released.work()
    letter = released.letters()[-1]
    assert letter.stage is Stage.REVIEW
    said = assign(
        released.office,
        letter.id,
        campaign=CAMPAIGN,
        unit=DONG,
        item="summary",
        by=CLERK,
        reason=WHY,
        now=released.now,
    )
    assert said.is_done
    released.work()
    assert [each.unit for each in released.ledger.confirmed_senders()] == [DONG]
    assert move_to(released, letter, NAN, "summary").is_done
    released.until("2024-08-20 09:30")
    wrong, corrected, right = released.bodies(STRANGER)
    assert DONG in wrong and NAN in right
    assert "有误" in corrected and not any(unit in corrected for unit in (DONG, NAN, XI))
    assert "还没有收到" not in corrected
    assert [each.unit for each in released.ledger.confirmed_senders()] == [NAN], "it speaks for the right one"


def test_an_earlier_version_is_in_force_again(released: Story) -> None:
    first = send(released)
    released.clock.set(at("2024-08-22 10:00"))
    second = send(released, files=OTHER)
    assert released.docket(DONG, "summary").version == 2
    assert move_to(released, second, NAN).is_done
    released.work()
    docket = released.docket(DONG, "summary")
    assert (docket.state, docket.version, docket.returned_at) == (
        DocketState.RETURNED,
        1,
        first.received_at,
    )


def test_what_came_later_stays_and_counts_from_its_own_day(released: Story) -> None:
    first = send(released)
    released.clock.set(at("2024-08-22 10:00"))
    second = send(released, files=OTHER)
    assert move_to(released, first, NAN).is_done
    released.work()
    docket = released.docket(DONG, "summary")
    assert (docket.state, docket.returned_at) == (DocketState.RETURNED, second.received_at)


def test_undone_it_waits_and_nobody_it_may_be_of_is_missing(released: Story) -> None:
    letter = send(released)
    done = take_back(released, letter)
    assert done.is_done, done.say
    row = released.letters()[-1]
    assert (row.stage, row.unit) == (Stage.REVIEW, None)
    assert state(released, DONG) is DocketState.IN_REVIEW and DONG not in released.missing()
    released.work()
    said = assign(
        released.office,
        letter.id,
        campaign=CAMPAIGN,
        unit=NAN,
        item=None,
        by=CLERK,
        reason=WHY,
        now=released.now,
    )
    assert said.is_done, said.say
    released.work()
    assert state(released, NAN) is DocketState.RETURNED
    assert state(released, DONG) is DocketState.AWAITED
    assert is_rebuilt(released)


def test_there_and_back_again_is_filed_and_answered_again(released: Story) -> None:
    letter = send(released)
    for unit in (NAN, DONG):
        assert move_to(released, released.letters()[-1], unit).is_done
        released.until("2024-08-20 09:30" if unit == NAN else "2024-08-20 10:00")
    assert state(released, DONG) is DocketState.RETURNED and state(released, NAN) is DocketState.AWAITED
    filings = released.ledger.filings(CAMPAIGN, DONG, "summary")
    assert [each.version for each in filings] == [1, 2]
    assert [each.taken_back_at is None for each in filings] == [False, True]
    receipts = released.ledger.dispatches(CAMPAIGN, kinds=(DispatchKind.RECEIPT,))
    assert len(receipts) == 5, "three receipts, two corrected ones"
    assert all(each.state is DispatchState.SENT for each in receipts)
    assert len(released.ledger.events(letter=letter.id, kind="acknowledged")) == 3


def test_a_receipt_that_has_not_left_is_not_sent(released: Story) -> None:
    released.reply(DONG_AT, "总结见附件。", SUMMARY)
    for stage in released.office.automatic():
        if stage.name == "send":
            continue
        for _ in range(3):
            for piece in stage.waiting(released.now):
                stage.handle(piece, released.now)
    letter = released.letters()[-1]
    assert letter.stage is Stage.ACKNOWLEDGED
    before = len(released.mails(DONG_AT))
    assert "停发" in move_to(released, letter, NAN).say
    released.work()
    assert [DONG in each for each in released.bodies(DONG_AT)[before:]] == [False], "only the right receipt"


def test_another_item_of_the_same_unit(released: Story) -> None:
    letter = send(released)
    assert not move_to(released, letter, DONG).is_done
    assert not move_to(released, letter, DONG, "summary").is_done
    assert move_to(released, letter, DONG, "works").is_done
    released.work()
    assert state(released, DONG) is DocketState.AWAITED
    assert released.docket(DONG, "works").state is not DocketState.AWAITED


def test_a_portion_of_a_split_letter_goes_elsewhere_alone(released: Story) -> None:
    files = [("总结一.docx", summary_docx(GOOD_SUMMARY)), ("总结二.docx", OTHER[0][1])]
    released.reply(DONG_AT, f"总结。{NAN}的也在内。\n\n{DONG}\n{NAN}", files)
    released.work()
    (whole,) = [each for each in released.letters() if each.stage is Stage.REVIEW]
    shares = (Share(DONG, ("1",), "summary"), Share(XI, ("2",), "summary"))
    assert split(
        released.office, whole.id, campaign=CAMPAIGN, shares=shares, by=CLERK, reason=WHY, now=released.now
    ).is_done
    released.work()
    portion = next(each for each in released.letters() if each.unit == XI)
    assert not move_to(released, whole, NAN).is_done
    assert move_to(released, portion, NAN).is_done
    released.work()
    assert [state(released, each) for each in (DONG, XI, NAN)] == [
        DocketState.RETURNED,
        DocketState.AWAITED,
        DocketState.RETURNED,
    ]
    (filing,) = released.ledger.filings(CAMPAIGN, NAN, "summary")
    assert [doc.name for doc in filing.docs] == ["总结二.docx"]


def test_paper_that_came_first_keeps_its_day(released: Story) -> None:
    released.until("2024-08-23 10:00")
    letter = send(released)
    released.clock.set(at("2024-08-24 10:00"))
    said = record(
        released.office,
        CAMPAIGN,
        DONG,
        "summary",
        via="oa",
        on=at("2024-08-22 09:00").date(),
        by=CLERK,
        reason="OA 补登",
        now=released.now,
    )
    assert said.is_done, said.say
    assert move_to(released, letter, NAN).is_done
    released.work()
    docket = released.docket(DONG, "summary")
    assert docket.state is DocketState.RETURNED, "it came by OA as well"
    assert docket.returned_at == docket.electronic_at == at("2024-08-22 09:00").replace(hour=8, minute=30)


def test_the_wrong_unit_is_chased_again(released: Story) -> None:
    letter = send(released)
    assert move_to(released, letter, NAN).is_done
    released.until("2024-09-27 12:00")
    assert any("报送提醒" in each for each in released.subjects(DONG_AT))
    assert not any("报送提醒" in each for each in released.subjects(NAN_AT))


def test_a_promise_stands_again(released: Story) -> None:
    said = record(
        released.office,
        CAMPAIGN,
        DONG,
        "summary",
        via="promise",
        on=at("2024-09-20 09:00").date(),
        by=CLERK,
        reason="来电",
        now=released.now,
    )
    assert said.is_done
    letter = send(released)
    assert state(released, DONG) is DocketState.RETURNED
    assert move_to(released, letter, NAN).is_done
    docket = released.docket(DONG, "summary")
    assert (docket.state, str(docket.promised_on)) == (DocketState.PROMISED, "2024-09-20")


def test_another_letter_that_waits_keeps_it_off_the_list(released: Story) -> None:
    letter = send(released)
    released.clock.set(at("2024-08-21 10:00"))
    released.reply(STRANGER, f"{DONG}的总结见附件。", OTHER, as_new=True, subject=f"{DONG}活动总结")
    released.work()
    assert released.letters()[-1].stage is Stage.REVIEW
    assert state(released, DONG) is DocketState.RETURNED
    assert move_to(released, letter, NAN).is_done
    assert state(released, DONG) is DocketState.IN_REVIEW


@pytest.mark.parametrize("sender", [DONG_AT, XI_AT])
def test_what_may_not_be_taken_back(released: Story, sender: str) -> None:
    released.reply(sender, "请问几时截止？")
    released.work()
    letter = released.letters()[-1]
    assert "没有登记" in take_back(released, letter).say
    filed = send(released, sender)
    nobody = undo(released.office, filed.id, by="外人", reason=WHY, now=released.now)
    assert not nobody.is_done and "staff" in nobody.say
    assert not undo(released.office, filed.id, by=CLERK, reason=" ", now=released.now).is_done
    assert "可选" in move_to(released, filed, NAN, "nothing").say
    assert released.letters()[-1].unit is not None, "a refusal changes nothing"


def test_a_form_goes_with_its_answers(released: Story) -> None:
    form = fill(released.form_of(DONG_AT), {"title": "质量故事", "phone": "0351-1000001"})
    letter = send(released, files=[("登记表.docx", form)])
    assert state(released, DONG, "works") is DocketState.RETURNED
    assert move_to(released, letter, XI).is_done
    released.work()
    assert state(released, DONG, "works") is DocketState.AWAITED
    (filing,) = released.ledger.filings(CAMPAIGN, XI, "works")
    assert dict(filing.fields)["title"] == "质量故事"
