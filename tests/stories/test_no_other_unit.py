"""The law that every story is held to bites: a text that names another unit of the roster is found."""

from __future__ import annotations

from pathlib import Path

from tests.stories.conftest import strangers_named
from tests.stories.story import DONG_AT, GOOD_SUMMARY, XI, Story, office_folder, summary_docx


def test_a_receipt_that_names_another_unit_breaks_the_law(tmp_path: Path, ledger_url: str) -> None:
    story = Story(office_folder(tmp_path / "office"), ledger_url)
    try:
        story.release()
        story.work()
        assert strangers_named(story) == []
        text = story.folder / "templates" / "letters" / "receipt.txt.j2"
        text.write_text(text.read_text(encoding="utf-8") + f"\n{XI}还没有报送。\n", encoding="utf-8")
        story.reply(DONG_AT, "总结见附件。", [("活动总结.docx", summary_docx(GOOD_SUMMARY))])
        story.work()
        assert [name for _, name in strangers_named(story)] == [XI]
    finally:
        story.stop()
