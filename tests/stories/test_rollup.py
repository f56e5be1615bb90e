"""汇总: every field of every return in one workbook; what staff type there is read back and stays."""

from __future__ import annotations

import io
import posixpath
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import openpyxl
from openpyxl.cell.cell import Cell

from service.desk.decide import assign
from service.desk.decide.choosing import Word, choose
from service.office.docket import DocketState
from service.office.needs.exchange import HandedIn
from service.office.rollup import Choice, RowKey
from tests.stories.story import (
    BEI,
    BEI_AT,
    CAMPAIGN,
    CLERK,
    DONG,
    DONG_AT,
    GOOD_SUMMARY,
    NAN,
    NAN_AT,
    Story,
    fill,
    summary_docx,
)
from tests.stories.test_keeping import is_rebuilt

FOLDER = f"台账/{CAMPAIGN}"
BOOK = f"{FOLDER}/汇总表.xlsx"
WORKS, SUMMARY = "作品登记表", "活动总结"


def send_form(story: Story, rcpt: str, title: str, phone: str = "0351-1000001") -> None:
    """A unit returns its form, filled."""
    form = fill(story.form_of(rcpt), {"title": title, "phone": phone})
    story.reply(rcpt, "报送作品。", [("登记表.docx", form)])


def later(story: Story, minutes: int = 2) -> None:
    """Go on, so that the roll-up is due again."""
    story.clock.set(story.now + timedelta(minutes=minutes))
    story.work()


def book_of(story: Story) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(story.world.exchange[BOOK]))


def cells(story: Story, sheet: str) -> list[dict[str, Cell]]:
    """A sheet's rows as cells by heading."""
    lines = list(book_of(story)[sheet].iter_rows())
    top = next(number for number, line in enumerate(lines) if line[0].value == "序号")
    headings = [str(cell.value) for cell in lines[top]]
    return [dict(zip(headings, line, strict=True)) for line in lines[top + 1 :]]  # type: ignore[arg-type]  # no merged cells below the heading


def rows(story: Story, sheet: str) -> list[dict[str, Any]]:
    """The same as plain values."""
    return [{name: cell.value for name, cell in row.items()} for row in cells(story, sheet)]


def save(story: Story, sheet: str, unit: str, by: str = "", **typed: str) -> None:
    """A clerk types into the two columns of a unit's row and saves."""
    book = book_of(story)
    page = book[sheet]
    lines = list(page.iter_rows())
    top = next(number for number, line in enumerate(lines) if line[0].value == "序号")
    headings = [cell.value for cell in lines[top]]
    line = next(line for line in lines[top + 1 :] if line[headings.index("单位")].value == unit)
    for heading, value in typed.items():
        line[headings.index(heading)].value = value or None
    book.properties.lastModifiedBy = by
    out = io.BytesIO()
    book.save(out)
    story.world.exchange[BOOK] = out.getvalue()


def choices(story: Story) -> dict[RowKey, Choice]:
    """What the ledger says staff chose."""
    from service.followup.rollup.rows import choices_of

    return choices_of(story.ledger.events(campaign=CAMPAIGN, kind="chosen"))


def test_every_field_of_every_return_is_a_row(released: Story) -> None:
    send_form(released, DONG_AT, "质量故事")
    released.reply(BEI_AT, f"作品名称：诚信经营\n报送单位：{BEI}\n联系电话：0351-1000002")
    released.reply(NAN_AT, "总结见附件。", [("活动总结.docx", summary_docx(GOOD_SUMMARY))])
    released.work()
    later(released)
    dong, bei = rows(released, WORKS)
    assert (dong["单位"], dong["组别"], dong["件"], dong["版次"]) == (DONG, "区局", 1, 1)
    assert (dong["作品名称"], dong["联系电话"], dong["状况"]) == ("质量故事", "0351-1000001", "有效")
    assert (bei["单位"], bei["作品名称"], bei["按时与否"]) == (BEI, "诚信经营", "自愿")
    (summary,) = rows(released, SUMMARY)
    assert (summary["单位"], summary["文件"], summary["按时与否"]) == (NAN, "活动总结.docx", "按时")
    assert summary["字数"] == 40
    # What came through our own fields needs no remark; what was typed into a mail has one.
    by_form, by_lines = cells(released, WORKS)
    assert by_form["联系电话"].comment is None
    comment = by_lines["联系电话"].comment
    assert comment is not None and "来信正文" in comment.text
    assert by_lines["联系电话"].fill.fgColor.rgb == "00FFF2CC"


def test_links_lead_to_what_is_filed(released: Story) -> None:
    send_form(released, DONG_AT, "质量 100% #1")
    released.work()
    later(released)
    (row,) = cells(released, WORKS)
    link = row["文件"].hyperlink
    assert link is not None
    path = posixpath.normpath(posixpath.join(FOLDER, unquote(str(link.target))))
    assert path in released.world.exchange, [each for each in released.world.exchange if "归档" in each]


def test_only_what_is_in_force_is_shown(released: Story) -> None:
    send_form(released, DONG_AT, "质量故事", phone="没有")
    released.work()
    later(released)
    (row,) = rows(released, WORKS)
    assert (row["状况"], row["版次"], row["联系电话"]) == ("待补正", 1, "没有")
    remark = cells(released, WORKS)[0]["联系电话"].comment
    assert remark is not None and "联系电话" in remark.text, "why it is sent back stands at the very cell"
    send_form(released, DONG_AT, "质量故事")
    released.work()
    later(released, 20)
    (row,) = rows(released, WORKS)
    assert (row["状况"], row["版次"], row["联系电话"]) == ("有效", 2, "0351-1000001")


def test_what_came_otherwise_is_shown_for_what_it_is(released: Story) -> None:
    scan = b"\xff\xd8\xff\xe0" + b"\0" * 20_000
    released.world.handed.append(HandedIn("1", DONG, "登记表.jpg", scan, released.now))
    released.work()
    letter = released.letters()[0]
    if released.docket(DONG, "works").state is not DocketState.RETURNED:
        assign(
            released.office,
            letter.id,
            campaign=CAMPAIGN,
            unit=DONG,
            item="works",
            by=CLERK,
            reason="看过",
            now=released.now,
        )
        released.work()
    later(released)
    (row,) = rows(released, WORKS)
    assert row["状况"] == "扫描件或其他文件，栏目未录入" and row["作品名称"] is None


def test_what_staff_type_is_taken_and_stays(released: Story) -> None:
    send_form(released, DONG_AT, "质量故事")
    released.work()
    later(released)
    save(released, WORKS, DONG, by="李四", 推荐="推荐", 评语="=事例生动")
    later(released)
    key = RowKey("works", DONG, 1)
    assert choices(released) == {key: Choice(True, "=事例生动")}
    (event,) = released.ledger.events(kind="chosen")
    assert event.actor == "李四"
    # Others report later, a new version comes, the process dies: it stands there still, and is no formula.
    send_form(released, BEI_AT, "诚信经营")
    send_form(released, DONG_AT, "质量故事", phone="0351-1000009")
    released.work()
    released.restart()
    later(released, 20)
    dong, bei = rows(released, WORKS)
    assert (dong["推荐"], dong["评语"], dong["版次"]) == ("推荐", "=事例生动", 2)
    assert (bei["推荐"], bei["评语"]) == (None, None)
    assert cells(released, WORKS)[0]["评语"].data_type == "s"
    assert len(released.ledger.events(kind="chosen")) == 1
    assert is_rebuilt(released)


def test_what_is_wiped_is_taken_back(released: Story) -> None:
    send_form(released, DONG_AT, "质量故事")
    released.work()
    later(released)
    save(released, WORKS, DONG, 推荐="√", 评语="好")
    later(released)
    save(released, WORKS, DONG, 推荐="", 评语="好")
    later(released)
    assert choices(released) == {RowKey("works", DONG, 1): Choice(None, "好")}


def test_a_conflict_is_told_and_nothing_is_lost(released: Story) -> None:
    send_form(released, DONG_AT, "质量故事")
    released.work()
    later(released)
    key = RowKey("works", DONG, 1)
    open_in_excel = released.world.exchange[BOOK]
    done = choose(
        released.office, CAMPAIGN, key, Word(recommended=False, remark="篇幅过长"), by=CLERK, now=released.now
    )
    assert done.is_done, done.say
    later(released)
    assert rows(released, WORKS)[0]["评语"] == "篇幅过长"
    released.world.exchange[BOOK] = open_in_excel
    save(released, WORKS, DONG, 推荐="推荐", 评语="立意新")
    later(released)
    assert choices(released) == {key: Choice(False, "篇幅过长")}
    assert rows(released, WORKS)[0]["评语"] == "篇幅过长"
    lost = [[cell.value for cell in line] for line in book_of(released)["没有读入的填写"].iter_rows()]
    assert any("立意新" in str(line[2]) and "篇幅过长" in str(line[3]) for line in lost)
    later(released)
    assert len(released.ledger.events(kind="choice-unplaced")) == 1, "said once, however often it is read"
    # Settled by whoever decides anew.
    choose(
        released.office, CAMPAIGN, key, Word(recommended=True, remark="立意新"), by=CLERK, now=released.now
    )
    later(released)
    assert "没有读入的填写" not in book_of(released).sheetnames


def test_saving_twice_while_it_is_open_is_no_conflict(released: Story) -> None:
    send_form(released, DONG_AT, "质量故事")
    released.work()
    later(released)
    open_in_excel = released.world.exchange[BOOK]
    # Somebody has it open: what is written lands beside it, and Excel goes on saving what it had read.
    save(released, WORKS, DONG, 评语="初稿")
    released.world.locked = {BOOK}
    later(released)
    assert choices(released) == {RowKey("works", DONG, 1): Choice(None, "初稿")}
    released.world.exchange[BOOK] = open_in_excel
    save(released, WORKS, DONG, 评语="定稿")
    later(released)
    assert choices(released) == {RowKey("works", DONG, 1): Choice(None, "定稿")}
    assert released.ledger.events(kind="choice-unplaced") == ()
    released.world.locked = set()
    later(released)
    assert rows(released, WORKS)[0]["评语"] == "定稿"


def test_a_word_nobody_understands_is_said(released: Story) -> None:
    send_form(released, DONG_AT, "质量故事")
    released.work()
    later(released)
    save(released, WORKS, DONG, 推荐="再议", 评语="可改")
    later(released)
    assert choices(released) == {RowKey("works", DONG, 1): Choice(None, "可改")}
    (event,) = released.ledger.events(kind="choice-unplaced")
    assert "再议" in dict(event.about)["why"]


def test_a_file_that_cannot_be_read_is_laid_aside_whole(released: Story) -> None:
    send_form(released, DONG_AT, "质量故事")
    released.work()
    later(released)
    released.world.exchange[BOOK] = b"\xd0\xcf\x11\xe0 with a password"
    later(released)
    later(released)
    kept = [data for path, data in released.world.exchange.items() if "读不出" in path]
    assert kept == [b"\xd0\xcf\x11\xe0 with a password"]
    assert rows(released, WORKS)[0]["单位"] == DONG


def test_nothing_is_written_while_nothing_changes(released: Story) -> None:
    later(released)
    assert not [path for path in released.world.exchange if "汇总表" in path]
    send_form(released, DONG_AT, "质量故事")
    released.work()
    later(released)
    before = released.world.exchange[BOOK]
    released.clock.set(released.now + timedelta(days=1))
    released.work()
    assert released.world.exchange[BOOK] is before
