"""汇编: the summaries in force under their units, kept fresh; what cannot be joined is named."""

from __future__ import annotations

import io
from datetime import timedelta

from docx import Document
from PIL import Image

from service.doors.staff_files import StaffFilesDoor
from service.office.docket import DocketState
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
    fill,
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


def test_staff_may_give_a_template_of_their_own(released: Story) -> None:
    before = StaffFilesDoor(released.folder).campaign(CAMPAIGN).campaign
    template = Document()
    template.add_paragraph("{{ title }}材料汇编（{{ issuer }}）")
    template.add_paragraph("{%p for group in divisions %}")
    template.add_paragraph("{%p for each in group.chapters %}")
    template.add_paragraph("【{{ each.unit }}】")
    template.add_paragraph("{%p for section in each.sections %}")
    template.add_paragraph("{%p for line in section.paragraphs %}")
    template.add_paragraph("{{ line }}")
    for _ in range(4):
        template.add_paragraph("{%p endfor %}")
    template.save(str(released.folder / "templates" / CAMPAIGN / "汇编.docx"))
    after = StaffFilesDoor(released.folder).campaign(CAMPAIGN).campaign
    assert before and after and before.sha256 == after.sha256, "it is no part of what was signed"
    released.reply(DONG_AT, "总结见附件。", [("活动总结.docx", summary_docx(GOOD_SUMMARY))])
    released.work()
    later(released)
    words = [text for _, text in texts(released)]
    assert (
        words[:2] == ["质量月活动材料汇编（甲市市场监督管理局）", f"【{DONG}】"] or words[1] == f"【{DONG}】"
    )
    assert "群众知晓率明显提高。" in words


def test_pictures_are_sorted_by_unit(released: Story) -> None:
    photo = io.BytesIO()
    Image.new("RGB", (300, 200), "tan").save(photo, "JPEG")
    inside = io.BytesIO()
    Image.new("RGB", (300, 200), "navy").save(inside, "PNG")
    document = Document(io.BytesIO(summary_docx(GOOD_SUMMARY)))
    document.add_picture(io.BytesIO(inside.getvalue()))
    out = io.BytesIO()
    document.save(out)
    # Its form came back with our own mark on it, which is no picture of theirs.
    form = fill(released.form_of(DONG_AT), {"title": "质量故事", "phone": "0351-1000001"})
    released.reply(DONG_AT, "报送作品。", [("登记表.docx", form)])
    files = [("活动总结.docx", out.getvalue()), ("现场 con?.jpg", photo.getvalue())]
    released.reply(DONG_AT, "总结见附件。", files)
    released.work()
    assert released.docket(DONG, "summary").state is DocketState.RETURNED, released.letters()[0].outcome
    later(released)
    folder = f"台账/{CAMPAIGN}/图片/{DONG}/"
    found = {
        path.removeprefix(folder): data for path, data in released.world.exchange.items() if folder in path
    }
    assert found == {
        "活动总结-现场 con.jpg": photo.getvalue(),
        "活动总结-活动总结-图1.png": inside.getvalue(),
    }
