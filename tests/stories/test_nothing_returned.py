"""Letters that return nothing: 零报告 fulfils what allows it; 收到 and questions hold nothing up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.office.docket import DocketState
from service.office.letter import Stage
from tests.stories.story import CAMPAIGN, NAN, NAN_AT, Story, office_folder

WITH_NIL = "    keywords: [总结]\n    nil_report: true\n"


@pytest.fixture
def nil(tmp_path: Path, sqlite_ledger_url: str) -> Iterator[Story]:
    """The small campaign, its summary one that may be nil."""
    folder = office_folder(tmp_path / "office")
    page = folder / "templates" / CAMPAIGN / "campaign.yaml"
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("    keywords: [总结]\n", WITH_NIL), encoding="utf-8")
    story = Story(folder, sqlite_ledger_url)
    story.release()
    story.work()
    story.until("2024-08-20 15:00")
    yield story
    story.stop()


@pytest.fixture
def waiting(tmp_path: Path, sqlite_ledger_url: str) -> Iterator[Story]:
    """The small campaign, an afternoon after its notices."""
    story = Story(office_folder(tmp_path / "office"), sqlite_ledger_url)
    story.release()
    story.work()
    story.until("2024-08-20 15:00")
    yield story
    story.stop()


@pytest.mark.parametrize(
    "words", ["我局零报告。", "无", "没有可报的。", "您好：我局无相关情况上报。", "活动总结零报告。"]
)
def test_nothing_to_report_is_a_return_where_it_may_be(nil: Story, words: str) -> None:
    nil.reply(NAN_AT, words)
    nil.until("2024-08-20 16:00")
    assert nil.docket(NAN, "summary").state is DocketState.RETURNED
    (filing,) = nil.ledger.filings(CAMPAIGN, NAN, "summary")
    assert filing.is_nil
    assert "零报告" in nil.last_text(NAN_AT)
    assert NAN not in nil.missing()


def test_nothing_of_another_item_is_not_nothing_of_this(nil: Story) -> None:
    nil.reply(NAN_AT, "作品登记表零报告。")
    nil.until("2024-08-20 16:00")
    (letter,) = nil.letters()
    assert letter.stage is Stage.REVIEW
    assert nil.ledger.filings(CAMPAIGN, NAN) == ()
    assert len(nil.mails(NAN_AT)) == 1  # the notice: nothing is answered


def test_nothing_to_report_is_a_persons_matter_where_it_may_not_be(waiting: Story) -> None:
    waiting.reply(NAN_AT, "我局零报告。")
    waiting.until("2024-08-20 16:00")
    assert [each.stage for each in waiting.letters()] == [Stage.REVIEW]
    assert waiting.docket(NAN, "summary").state is DocketState.IN_REVIEW
    assert len(waiting.mails(NAN_AT)) == 1


@pytest.mark.parametrize("words", ["收到，谢谢！", "好的，已知悉，按要求落实。"])
def test_thanks_are_noted_and_hold_nothing(waiting: Story, words: str) -> None:
    """No receipt, no review, no pause in reminding: the unit still owes what it owes."""
    waiting.reply(NAN_AT, words)
    waiting.until("2024-08-20 18:00")
    assert [each.stage for each in waiting.letters()] == [Stage.NOTED]
    assert waiting.docket(NAN, "summary").state is DocketState.AWAITED
    assert len(waiting.mails(NAN_AT)) == 1
    waiting.until("2024-09-26 12:00")
    assert any("提醒" in each for each in waiting.subjects(NAN_AT))


@pytest.mark.parametrize(
    "words",
    [
        "请问总结是写一份还是每个周各写一份？",
        "我局人手紧张，总结能否延期到10月8日？",
        "我局联系人已变更为王敏，电话0351-7011111。",
        "附件打不开，请重发一次。",
    ],
    ids=["question", "extension", "contact", "cannot read"],
)
def test_questions_and_requests_go_to_the_clerk_unanswered(waiting: Story, words: str) -> None:
    waiting.reply(NAN_AT, words)
    waiting.until("2024-08-20 18:00")
    assert [each.stage for each in waiting.letters()] == [Stage.ASKED]
    assert len(waiting.mails(NAN_AT)) == 1
    assert waiting.ledger.filings(CAMPAIGN, NAN) == ()


def test_an_automatic_reply_that_complains_is_no_person_to_be_sent_to_again(waiting: Story) -> None:
    """Posing as a person: whether it is one or not, nothing is resent and nothing counted by machine."""
    head = (("X-Mailer", "QQMail 2.x"),)
    waiting.reply(NAN_AT, "您好！您的邮件内容显示为乱码，请您重新发送一遍，谢谢。", headers=head)
    waiting.reply(NAN_AT, "来信收到，三天内会回复您。\n刘晓梅")
    waiting.until("2024-08-20 18:00")
    assert [each.stage for each in waiting.letters()] == [Stage.ASKED, Stage.IGNORED]
    assert len(waiting.letters()) == 2
    assert len(waiting.mails(NAN_AT)) == 1
    assert waiting.ledger.filings(CAMPAIGN, NAN) == ()
