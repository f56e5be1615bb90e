"""汇编: the summaries in force under their units, kept fresh; what cannot be joined is named."""

from __future__ import annotations

import io
from datetime import timedelta

from docx import Document

from service.office.letter import Stage
from tests.stories.story import (
    BEI_AT,
    CAMPAIGN,
    DONG,
    DONG_AT,
    GOOD_SUMMARY,
    NAN,
    NAN_AT,
    XI,
    XI_AT,
    Story,
    summary_docx,
)

DOCUMENT = f"台账/{CAMPAIGN}/汇编.docx"


def later(story: Story, minutes: int = 15) -> None:
    """Go on, so that the summaries are joined again."""
    story.clock.set(story.now + timedelta(minutes=minutes))
    story.work()


def texts(story: Story) -> list[tuple[str, str]]:
    """Style and words of every paragraph."""
    made = Document(io.BytesIO(story.world.exchange[DOCUMENT]))
    return [(str(each.style.name), each.text) for each in made.paragraphs if each.style and each.text]


def headings(story: Story) -> list[str]:
    return [text for style, text in texts(story) if style == "Heading 2"]


def test_summaries_stand_in_roster_order_however_they_came(released: Story) -> None:
    released.reply(NAN_AT, "总结见附件。", [("活动总结.docx", summary_docx(GOOD_SUMMARY))])
    released.reply(
        XI_AT, f"活动总结如下：\n{GOOD_SUMMARY}\n{'我局另外走访了三十户居民，发放材料五百份。' * 12}"
    )
    released.reply(DONG_AT, "总结见附件。", [("活动总结.txt", ("东城\n" + GOOD_SUMMARY).encode("gbk"))])
    released.work()
    assert [each.outcome for each in released.letters() if each.stage is not Stage.ACKNOWLEDGED] == []
    later(released)
    assert headings(released) == [DONG, XI, NAN]
    found = texts(released)
    assert ("Heading 1", "区局") in found and ("正文内容", "群众知晓率明显提高。") in found
    words = [text for _, text in found]
    assert words.count("二、活动效果") == 3 and any("三十户居民" in each for each in words)


def test_a_newer_version_takes_the_place_of_the_older(released: Story) -> None:
    released.reply(DONG_AT, "总结见附件。", [("活动总结.docx", summary_docx(GOOD_SUMMARY))])
    released.work()
    later(released)
    first = released.world.exchange[DOCUMENT]
    later(released, 60)
    assert released.world.exchange[DOCUMENT] is first, "nothing changed"
    newer = GOOD_SUMMARY.replace("四十家", "五十家")
    released.reply(DONG_AT, "更正，以此为准。", [("活动总结（修改）.docx", summary_docx(newer))])
    released.work()
    later(released)
    words = "".join(text for _, text in texts(released))
    assert "五十家" in words and "四十家" not in words


def test_a_sealed_copy_and_a_sheet_are_listed_not_joined(released: Story) -> None:
    files = [
        ("活动总结.docx", summary_docx(GOOD_SUMMARY)),
        ("活动总结.txt", GOOD_SUMMARY.encode()),
        ("活动总结统计.csv", b"a,b"),
    ]
    released.reply(DONG_AT, "总结见附件。", files)
    released.work()
    later(released)
    (table,) = Document(io.BytesIO(released.world.exchange[DOCUMENT])).tables
    listed = {row.cells[1].text: row.cells[3].text for row in table.rows[1:]}
    assert "Word" in listed["活动总结.txt"]
    assert [text for _, text in texts(released)].count("二、活动效果") == 1


def test_nothing_came_and_nothing_is_bound(released: Story) -> None:
    released.reply(BEI_AT, "收到，谢谢。")
    released.work()
    later(released)
    assert DOCUMENT not in released.world.exchange
