"""Codes that nobody has: a slip of the finger, one from elsewhere, one the ledger lost; and photographs."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from service.doors.press.mark import draw
from service.office.code import make_code, neighbours
from service.office.docket import DocketState
from service.office.letter import Stage
from service.office.mark import Mark
from tests.stories.story import (
    CAMPAIGN,
    DONG,
    DONG_AT,
    GOOD_SUMMARY,
    KEY,
    NAN_AT,
    XI,
    Story,
    fill,
    office_folder,
    summary_docx,
)

SUMMARY = [("活动总结.docx", summary_docx(GOOD_SUMMARY))]
STRANGER = "lin@post.example"


@pytest.fixture
def released(tmp_path: Path, sqlite_ledger_url: str) -> Iterator[Story]:
    """The small office, its notices sent; what codes mean is the same on either database."""
    story = Story(office_folder(tmp_path / "office"), sqlite_ledger_url)
    story.release()
    story.work()
    yield story
    story.stop()


def code_of(story: Story, unit: str) -> str:
    """The unit's code in the ledger."""
    standing = story.ledger.standing(CAMPAIGN, unit)
    assert standing is not None
    return standing.code


def slip(code: str) -> str:
    """The code with its last letter mistyped."""
    return next(each for each in neighbours(code) if each[:-1] == code[:-1])


def said(story: Story) -> tuple[Stage, str, str]:
    """Where the last letter went, why, and every reason in `why`."""
    letter = story.letters()[-1]
    reasons = "\n".join(each.say for each in story.ledger.hits(letter.id))
    return letter.stage, letter.outcome, reasons


def test_a_mistyped_code_is_named_with_the_likely_unit_which_is_not_called_missing(released: Story) -> None:
    wrong = slip(code_of(released, DONG))
    released.reply(STRANGER, "总结见附件。", SUMMARY, as_new=True, subject=f"[{wrong}] 活动总结")
    released.until("2024-10-08 12:00")
    stage, outcome, reasons = said(released)
    assert stage is Stage.REVIEW
    assert f"主题中的编号 {wrong} 与“{DONG}”的编号只差一个字，像是抄错了" in outcome
    assert wrong in reasons
    # A hint for a person only: nothing is filed, and the unit waits with the letter.
    assert released.docket(DONG, "summary").state is DocketState.IN_REVIEW
    assert DONG not in released.missing()
    assert XI in released.missing()


def test_a_slip_is_no_witness_even_beside_a_name(released: Story) -> None:
    wrong = slip(code_of(released, DONG))
    text = f"编号：{wrong}\n总结见附件。\n\n{DONG}"
    released.reply(STRANGER, text, SUMMARY, as_new=True, subject="活动总结")
    released.work()
    stage, outcome, _ = said(released)
    assert stage is Stage.REVIEW
    assert f"正文中的编号 {wrong}" in outcome


def test_a_slip_that_means_somebody_else_stops_a_letter_that_seemed_sure(released: Story) -> None:
    wrong = slip(code_of(released, XI))
    released.reply(DONG_AT, f"编号：{wrong}，总结见附件。", SUMMARY)
    released.work()
    stage, outcome, _ = said(released)
    assert stage is Stage.REVIEW
    assert f"与“{XI}”的编号只差一个字" in outcome
    assert released.docket(XI, "summary").state is DocketState.IN_REVIEW


def test_the_unit_s_own_slip_does_not_stop_what_two_witnesses_say(released: Story) -> None:
    wrong = slip(code_of(released, DONG))
    released.reply(DONG_AT, f"编号：{wrong}，总结见附件。", SUMMARY)
    released.work()
    assert released.docket(DONG, "summary").state is DocketState.RETURNED
    assert "只差一个字" in said(released)[2]


def test_a_code_from_elsewhere_is_known_as_such(released: Story) -> None:
    foreign = make_code(b"another office's key", "c", "甲")
    released.reply(DONG_AT, "总结见附件。", SUMMARY, subject=f"回复：[{foreign}] 关于另一份通知")
    released.work()
    stage, outcome, _ = said(released)
    assert stage is Stage.REVIEW
    assert f"编号 {foreign} 不是本单位编的（校验字对、签名不符）" in outcome


def test_a_code_of_ours_that_the_ledger_lost_is_known_as_such(released: Story) -> None:
    lost = make_code(KEY, "去年的活动", DONG)
    released.reply(STRANGER, "总结见附件。", SUMMARY, as_new=True, subject=f"[{lost}] 活动总结")
    released.work()
    assert f"编号 {lost} 是本单位编的，台账中却没有" in said(released)[1]


def test_a_standard_s_number_is_not_taken_for_a_slip(released: Story) -> None:
    released.reply(DONG_AT, "按 GBTX-2345 标准开展，总结见附件。", SUMMARY)
    released.work()
    assert released.docket(DONG, "summary").state is DocketState.RETURNED
    assert "GBTX" not in said(released)[2]


def photograph(mark: Mark) -> bytes:
    """A form on a desk, by telephone."""
    picture = Image.effect_noise((1200, 1600), 40).convert("L").point(lambda value: 200 + value // 6)
    drawn = Image.open(io.BytesIO(draw(mark))).convert("L").resize((170, 170))
    picture.paste(drawn, (900, 120))
    out = io.BytesIO()
    picture.rotate(4, fillcolor=90).save(out, "JPEG", quality=80)
    return out.getvalue()


def test_a_photographed_form_carries_its_code(released: Story) -> None:
    data = photograph(Mark(code_of(released, DONG), "works"))
    released.reply(DONG_AT, "表见照片。", [("IMG_0001.jpg", data)], as_new=True, subject="登记表")
    released.work()
    assert f"文件“IMG_0001.jpg”内有编号 {code_of(released, DONG)}" in said(released)[2]


def test_somebody_else_s_photographed_form_contradicts(released: Story) -> None:
    data = photograph(Mark(code_of(released, XI), "works"))
    released.reply(DONG_AT, "总结见附件。", [*SUMMARY, ("IMG_0001.jpg", data)])
    released.work()
    stage, outcome, _ = said(released)
    assert stage is Stage.REVIEW
    assert XI in outcome


def test_a_form_with_nothing_but_what_we_printed_is_no_answer(released: Story) -> None:
    blank = released.form_of(NAN_AT)
    released.reply(NAN_AT, "收到。", [("登记表.docx", blank + b"")])
    released.work()
    assert released.docket("南城区市场监督管理局", "works").state is not DocketState.RETURNED
    filled = fill(blank, {"title": "一件作品", "phone": "0351-7654321"})
    released.reply(NAN_AT, "登记表见附件。", [("登记表.docx", filled)])
    released.work()
    assert released.docket("南城区市场监督管理局", "works").state is DocketState.RETURNED
