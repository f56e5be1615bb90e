"""通报草稿: names only who is missing for certain, is stamped, and never leaves the house."""

from __future__ import annotations

import ast
import io
from datetime import date
from pathlib import Path

import pdfplumber
import pytest
from docx import Document

import service
from service.desk.decide import Via, exempt, note, record
from service.followup.circular import Drafted
from service.office.content import Content
from service.office.dispatch import DispatchKind
from service.office.record import from_bytes
from service.office.tree_names import short_title
from service.outgoing.amend import Supplement
from tests.doors.word_files import convert
from tests.stories.amending import refused
from tests.stories.story import (
    BEI,
    CAMPAIGN,
    CLERK,
    DONG,
    DONG_AT,
    GOOD_SUMMARY,
    NAN,
    XI,
    Story,
    summary_docx,
)


def draft(story: Story) -> Drafted:
    board = story.office.report.board(CAMPAIGN, story.now)
    return story.office.circular.draft(board, short_title(board.title), story.now)


def words_of(story: Story, drafted: Drafted) -> str:
    assert not drafted.refusal, drafted.refusal
    document = Document(io.BytesIO(story.world.exchange[drafted.path]))
    return "\n".join(each.text for each in document.paragraphs)


@pytest.fixture
def overdue(released: Story) -> Story:
    """The day after the last reminder."""
    released.until("2024-10-08 10:00")
    return released


def test_it_lists_the_overdue_by_group_and_nobody_else(overdue: Story) -> None:
    overdue.reply(DONG_AT, "总结见附件。", [("总结.docx", summary_docx(GOOD_SUMMARY))])
    overdue.work()
    drafted = draft(overdue)
    assert drafted.path == f"通报草稿/{CAMPAIGN}/通报草稿 2024-10-08 1000.docx"
    assert drafted.units == 2
    text = words_of(overdue, drafted)
    named, _, apart = text.partition("起草参考")
    assert "一、区局（2个）" in named
    assert f"1.{XI}：活动总结，9月29日截止，逾期9天。" in named and f"2.{NAN}：活动总结" in named
    assert DONG not in text and BEI not in text, "who has reported, or owes nothing, is not spoken of"
    assert "应报3项，已报1项，逾期未报2项" in named
    assert "没有未归属的来信。" in apart


def test_what_is_not_missing_stands_below_under_its_own_name(overdue: Story) -> None:
    day = date(2024, 10, 20)
    promised = record(
        overdue.office, CAMPAIGN, DONG, "summary",
        via=Via.PROMISE, on=day, by=CLERK, reason="电话", now=overdue.now,
    )  # fmt: skip
    freed = exempt(overdue.office, CAMPAIGN, XI, "summary", by=CLERK, reason="机构改革", now=overdue.now)
    assert promised.is_done and freed.is_done
    named, _, apart = words_of(overdue, draft(overdue)).partition("起草参考")
    assert DONG not in named and XI not in named and NAN in named
    assert f"已承诺（1项）\n1.{DONG}：活动总结（承诺2024年10月20日报送，电话）" in apart
    assert f"免报（1项）\n1.{XI}：活动总结（机构改革）" in apart


def test_nobody_is_named_before_the_date(released: Story) -> None:
    assert "没有逾期未报的单位" in draft(released).refusal
    assert not any(each.startswith("通报草稿") for each in released.world.exchange)


def test_no_draft_while_a_letter_is_nobodys(overdue: Story) -> None:
    overdue.reply(
        "someone@elsewhere.example", "总结见附件。", [("总结.docx", summary_docx(GOOD_SUMMARY))],
        as_new=True, subject="总结",
    )  # fmt: skip
    overdue.work()
    assert "还有 1 封来信没有归属到单位" in draft(overdue).refusal
    assert not any(each.startswith("通报草稿") for each in overdue.world.exchange)
    (letter,) = overdue.letters()
    assert note(overdue.office, letter.id, by=CLERK, reason="广告", now=overdue.now).is_done
    assert draft(overdue).units == 3


def test_no_draft_while_a_mailbox_is_blind(overdue: Story) -> None:
    overdue.world.is_mail_down = True
    overdue.until("2024-10-08 13:00")
    assert "没有成功读取" in draft(overdue).refusal


def test_no_draft_while_a_letter_has_not_been_read(overdue: Story) -> None:
    overdue.reply(DONG_AT, "总结见附件。", [("总结.docx", summary_docx(GOOD_SUMMARY))])
    # Kept, and nobody has looked into it yet.
    for piece in overdue.office.receive.waiting(overdue.now):
        overdue.office.receive.handle(piece, overdue.now)
    assert "还有 1 封来信没有办到底" in draft(overdue).refusal


def test_a_draft_is_never_sent_by_any_way(overdue: Story) -> None:
    drafted = draft(overdue)
    data = overdue.world.exchange[drafted.path]
    before = overdue.ledger.dispatches()
    for name in ("通报草稿 2024-10-08 1000.docx", "关于情况的通报.docx"):
        say = refused(overdue, Supplement(CAMPAIGN, "请看通报。", ((name, data),)))
        assert "通报草稿，不得直接发出" in say
    overdue.until("2024-10-10 12:00")
    assert overdue.ledger.dispatches() == before
    carried = [
        each.sha256
        for row in overdue.ledger.dispatches()
        for each in from_bytes(Content, overdue.world.archive[row.content_sha256]).enclosures
    ]
    (event,) = overdue.ledger.events(kind="circular-drafted")
    assert dict(event.about)["sha256"] not in carried


def test_the_house_has_no_way_to_send_one() -> None:
    assert not [each for each in DispatchKind if "circular" in each.value]
    source = Path(service.__file__).parent / "followup" / "circular.py"
    names = {
        alias.name
        for each in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(each, ast.ImportFrom)
        for alias in each.names
    }
    assert not names & {
        "QueueDispatch",
        "NewDispatch",
        "AmendCampaign",
        "OpenCampaign",
        "DispatchKind",
        "Post",
    }
    assert "Record" in names, "the law looks at the imports as they are"


def test_every_page_says_that_it_is_a_draft_and_as_of_when(overdue: Story, tmp_path: Path) -> None:
    data = overdue.world.exchange[draft(overdue).path]
    with pdfplumber.open(io.BytesIO(convert(data, "docx", "pdf", tmp_path))) as pdf:
        pages = [page.extract_text().replace(" ", "") for page in pdf.pages]
    assert len(pages) >= 2
    for page in pages:
        assert "草稿不得直接发出数据截至2024年10月8日（星期二）10:00" in page.replace("\u3000", "")
