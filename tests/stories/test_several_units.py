"""Several units in one letter: each gets its own, where every file is surely one of theirs."""

from __future__ import annotations

from service.desk.decide import assign, split
from service.desk.decide.splitting import Share
from service.office.docket import DocketState
from service.office.letter import Letter, Stage
from tests.stories.story import CAMPAIGN, CLERK, DONG, DONG_AT, GOOD_SUMMARY, NAN, NAN_AT, XI, Story, fill
from tests.stories.story import summary_docx as docx
from tests.stories.test_keeping import is_rebuilt

# As the deputy of both writes it, naming whom he writes for.
BOTH = f"两局的登记表一并报送，请查收。\n\n{DONG}\n{NAN}"
WHY = "打开附件看过"


def forms(story: Story, **wrong: str) -> list[tuple[str, bytes]]:
    """Both units' own forms, filled."""
    good = {"title": "质量故事", "phone": "0351-1000001"}
    other = {"title": "诚信经营", "phone": "0351-1000002", **wrong}
    return [
        ("登记表一.docx", fill(story.form_of(DONG_AT), good)),
        ("登记表二.docx", fill(story.form_of(NAN_AT), other)),
    ]


def whole_and_portions(story: Story) -> tuple[Letter, tuple[Letter, ...]]:
    """The letter that came, and those it was taken apart into."""
    (whole,) = [each for each in story.letters() if each.split_from is None]
    return whole, tuple(each for each in story.letters() if each.split_from == whole.id)


def test_two_forms_of_two_named_units_are_filed_for_each(released: Story) -> None:
    released.reply(DONG_AT, BOTH, forms(released))
    released.work()
    whole, portions = whole_and_portions(released)
    assert whole.stage is Stage.NOTED and DONG in whole.outcome and NAN in whole.outcome
    assert {(each.unit, each.stage) for each in portions} == {
        (DONG, Stage.ACKNOWLEDGED),
        (NAN, Stage.ACKNOWLEDGED),
    }
    for unit, title in ((DONG, "质量故事"), (NAN, "诚信经营")):
        assert released.docket(unit, "works").state is DocketState.RETURNED
        (filing,) = released.ledger.filings(CAMPAIGN, unit, "works")
        assert (filing.title, len(filing.docs)) == (title, 1)
    assert released.docket(XI, "works").state is DocketState.AWAITED
    assert is_rebuilt(released)


def test_each_receipt_names_one_unit_alone(released: Story) -> None:
    released.reply(DONG_AT, BOTH, forms(released))
    released.work()
    bodies = sorted(released.bodies(DONG_AT)[1:], key=lambda text: NAN in text)
    assert len(bodies) == 2, "a receipt for each unit, and at once"
    assert [(DONG in each, NAN in each) for each in bodies] == [(True, False), (False, True)]


def test_what_is_wrong_with_one_is_no_matter_of_the_other(released: Story) -> None:
    released.reply(DONG_AT, BOTH, forms(released, phone=""))
    released.work()
    assert released.docket(DONG, "works").state is DocketState.RETURNED
    assert released.docket(NAN, "works").state is DocketState.NEEDS_CORRECTION


def test_a_unit_that_nobody_names_waits_with_the_other(released: Story) -> None:
    released.reply(DONG_AT, f"登记表请查收。\n\n{DONG}", forms(released))
    released.work()
    (letter,) = released.letters()
    assert letter.stage is Stage.REVIEW
    assert released.ledger.filings(CAMPAIGN) == ()
    assert {released.docket(each, "works").state for each in (DONG, NAN)} == {DocketState.IN_REVIEW}


def test_a_unit_that_is_named_and_brings_nothing_keeps_it_whole(released: Story) -> None:
    released.reply(DONG_AT, f"三局的登记表一并报送。\n\n{DONG}\n{NAN}\n{XI}", forms(released))
    released.work()
    (letter,) = released.letters()
    assert letter.stage is Stage.REVIEW, "one of the three may have been forgotten"
    assert XI not in released.missing("works")


def test_a_file_that_says_nothing_keeps_it_whole(released: Story) -> None:
    more = [*forms(released), ("说明.docx", docx("有关情况说明。"))]
    released.reply(DONG_AT, BOTH, more)
    released.work()
    assert [each.stage for each in released.letters()] == [Stage.REVIEW]


def given(story: Story, *shares: Share) -> tuple[bool, str]:
    """What a clerk is told who takes the one letter in review apart."""
    (letter,) = [each for each in story.letters() if each.stage is Stage.REVIEW]
    done = split(
        story.office, letter.id, campaign=CAMPAIGN, shares=shares, by=CLERK, reason=WHY, now=story.now
    )
    return done.is_done, done.say


def test_a_clerk_takes_it_apart(released: Story) -> None:
    files = [("总结一.docx", docx(GOOD_SUMMARY)), ("总结二.docx", docx(GOOD_SUMMARY + "再补充一句。"))]
    released.reply(DONG_AT, f"三局总结。{NAN}、{XI}的也在内。\n\n{DONG}\n{NAN}\n{XI}", files)
    released.work()
    assert released.docket(XI, "summary").state is DocketState.IN_REVIEW
    is_done, say = given(released, Share(DONG, ("1",)), Share(NAN, ("总结二",), "summary"))
    assert is_done, say
    # Between the clerk's word and the filing nobody stands on a list of 未报.
    assert {released.docket(each, "summary").state for each in (DONG, NAN)} == {DocketState.IN_REVIEW}
    assert released.docket(XI, "summary").state is DocketState.AWAITED, "it brings nothing after all"
    released.work()
    assert {released.docket(each, "summary").state for each in (DONG, NAN)} == {DocketState.RETURNED}
    assert {released.docket(each, "works").state for each in (DONG, NAN)} == {DocketState.AWAITED}
    whole, portions = whole_and_portions(released)
    assert (whole.stage, len(portions)) == (Stage.NOTED, 2)
    again = assign(
        released.office,
        whole.id,
        campaign=CAMPAIGN,
        unit=XI,
        item="summary",
        by=CLERK,
        reason=WHY,
        now=released.now,
    )
    assert not again.is_done and "已经拆开" in again.say
    assert is_rebuilt(released)


def test_what_a_clerk_may_not_say(released: Story) -> None:
    released.reply(DONG_AT, f"登记表请查收。\n\n{DONG}", forms(released))
    released.work()
    for shares, said in (
        ((Share(DONG, ("1",)),), "assign"),
        ((Share(DONG, ("1",)), Share(DONG, ("2",))), "写了两次"),
        ((Share(DONG, ("1",)), Share(NAN, ("1",))), "同时分给了"),
        ((Share(DONG, ("1",)), Share(NAN, ("3",))), "没有第 3 个"),
        ((Share(DONG, ("1",)), Share(NAN, ("登记表",))), "没有附件“登记表”"),
        ((Share(DONG, ("1",)), Share(NAN, ())), "没有写明"),
        ((Share(DONG, ("1",)), Share("某某局", ("2",))), ""),
    ):
        is_done, say = given(released, *shares)
        assert said in say
        assert is_done is (said == ""), say
