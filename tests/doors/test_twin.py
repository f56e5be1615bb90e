"""campaign.yaml and 活动.xlsx: the same facts in both, each disagreement named, each slip answered."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable
from datetime import date, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.doors.staff_files.campaigns import read_campaign
from service.doors.staff_files.syncing import written_from
from service.doors.staff_files.twin import BOOK_FILE, PAGE_FILE
from service.doors.staff_files.twin.book_out import book_of
from service.doors.staff_files.twin.page_out import page_of
from service.office import campaign as nouns
from service.office.campaign import Campaign
from service.office.needs.staff_files import CampaignReading

ROOT = Path(__file__).parents[2]
SAMPLES = ("shanxi-2024-quality-weeks", "shanghai-2021-accreditation-day")
SMALL = ROOT / "tests/campaigns/small/templates/small"


def folder(path: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in path.iterdir() if each.is_file()}


def read(files: dict[str, bytes]) -> CampaignReading:
    return read_campaign("x", f"templates/x/{PAGE_FILE}", files, None)


def facts_of(reading: CampaignReading) -> Campaign:
    assert reading.campaign is not None, [each.sentence() for each in reading.problems]
    return dataclasses.replace(reading.campaign, sha256="", key="x")


def small() -> tuple[dict[str, bytes], Campaign]:
    files = folder(SMALL)
    return files, facts_of(read(files))


def edited(book: bytes, change: Callable[[Any], object]) -> bytes:
    """The workbook as a clerk saves it after a change."""
    opened = openpyxl.load_workbook(io.BytesIO(book))
    change(opened)
    out = io.BytesIO()
    opened.save(out)
    return out.getvalue()


def said(files: dict[str, bytes]) -> list[str]:
    return [each.sentence() for each in read(files).problems if each.is_error]


# --- the same facts either way --------------------------------------------------------------------


def words(least: int = 1) -> st.SearchStrategy[str]:
    signs = "甲乙丙局一、，；:=#'\"“”{}[]-*&!%@ 019aZ\n～〇"
    return (
        st.text(signs, min_size=least, max_size=8)
        .map(lambda text: text.strip())
        .filter(lambda text: len(text) >= least)
    )


LINES = words().map(lambda text: "".join(text.split("\n"))).map(str.strip).filter(bool)
LISTS = st.lists(LINES, max_size=3, unique=True).map(tuple)
DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))
TIMES = st.times(time(0, 0), time(23, 59)).map(lambda at: at.replace(second=0, microsecond=0))


@st.composite
def fields(draw: st.DrawFn) -> tuple[nouns.FormField, ...]:
    labels = draw(st.lists(LINES, min_size=1, max_size=3, unique=True))
    return tuple(
        nouns.FormField(
            key=f"f{number}",
            label=label,
            is_required=draw(st.booleans()),
            kind=draw(
                st.sampled_from([each for each in nouns.FieldKind if each is not nouns.FieldKind.CHOICE])
            ),
            synonyms=draw(LISTS),
            strictness=draw(st.sampled_from(nouns.Strictness)),
            is_title=number == 0,
            is_unit_name=number == 1,
        )
        for number, label in enumerate(labels)
    )


@st.composite
def items(draw: st.DrawFn, number: int, groups: tuple[str, ...]) -> nouns.Item:
    is_form = draw(st.booleans())
    due = nouns.Due(draw(DAYS), draw(st.none() | TIMES), draw(st.sampled_from([None, True, False])))
    one = (
        nouns.ItemScope(
            groups, draw(st.sampled_from([nouns.Obligation.REQUIRED, nouns.Obligation.VOLUNTARY]))
        ),
    )
    split = tuple(nouns.ItemScope((each,), draw(st.sampled_from(nouns.Obligation))) for each in groups)
    scopes = draw(st.sampled_from([one, split]))
    is_rolling = {each.obligation for each in scopes} == {nouns.Obligation.ROLLING}
    due_or_none = None if is_rolling else due
    may_chase = any(each.obligation is nouns.Obligation.REQUIRED for each in scopes) and not is_rolling
    steps = st.lists(
        st.builds(nouns.ReminderStep, LINES.filter(lambda w: w != "不催"), st.integers(-300, 300), TIMES),
        max_size=2,
        unique_by=lambda step: step.name,
    ).map(tuple)
    return nouns.Item(
        key=f"i{number}",
        name=draw(LINES),
        kind=nouns.ItemKind.FORM
        if is_form
        else draw(st.sampled_from([nouns.ItemKind.SUMMARY, nouns.ItemKind.FREE])),
        scopes=scopes,
        due=due_or_none,
        is_many=draw(st.booleans()),
        media=draw(
            st.sampled_from([(nouns.Medium.ELECTRONIC,), (nouns.Medium.PAPER, nouns.Medium.ELECTRONIC)])
        ),
        length=draw(
            st.none()
            | st.builds(
                nouns.Length, st.integers(1, 9999), st.integers(0, 100), st.sampled_from(nouns.Strictness)
            )
        ),
        sections=(sections := draw(LISTS)),
        sections_strictness=draw(st.sampled_from(nouns.Strictness)) if sections else nouns.Strictness.ADVICE,
        section_synonyms=tuple((each, "又叫") for each in sections[:1] if not {"=", "＝"} & set(each)),
        pictures_at_least=draw(st.integers(0, 9)),
        pictures_strictness=draw(st.sampled_from(nouns.Strictness)),
        may_be_nil=draw(st.booleans()),
        form_template=f"form{number}.docx" if is_form else "",
        fields=draw(fields()) if is_form else (),
        is_open_to_third_parties=draw(st.booleans()),
        reminders=draw(steps) if may_chase else (),
        grace_days=draw(st.integers(0, 60)),
        is_urgent=draw(st.booleans()),
        keywords=draw(LISTS),
        note=draw(words(0)),
    )


@st.composite
def campaigns(draw: st.DrawFn) -> Campaign:
    groups = draw(st.lists(LINES, min_size=1, max_size=3, unique=True).map(tuple))
    asked = tuple(draw(items(number, groups)) for number in range(draw(st.integers(1, 2))))
    organisers = st.builds(
        nouns.Organiser, LINES, st.sampled_from(nouns.Role), st.just(()), LINES | st.just("")
    )
    activity = st.builds(
        nouns.Activity,
        LINES,
        words(0),
        words(0),
        words(0),
        st.lists(organisers, max_size=2).map(tuple),
        st.booleans(),
    )
    forms = tuple(
        nouns.Attachment(each.form_template, draw(LINES), item=each.key, is_same_for_all=draw(st.booleans()))
        for each in asked
        if each.form_template
    )
    issuer, tail = draw(LINES), draw(LINES)
    return Campaign(
        key="x",
        issuer=issuer,
        title=issuer + tail,
        title_lines=draw(st.sampled_from([(), (issuer, tail)])),
        theme=draw(words(0)),
        theme_note=draw(words(0)),
        signed_on=None,
        doc_number=draw(st.sampled_from(["", "某函〔2024〕1号"])),
        groups=groups,
        unlisted_groups=draw(LISTS),
        third_party_groups=draw(LISTS),
        copies_to=draw(
            st.lists(st.builds(nouns.CopyTo, LINES, st.sampled_from([(), ("a@b.example",)])), max_size=2).map(
                tuple
            )
        ),
        activities=draw(st.lists(activity, max_size=2).map(tuple)),
        attachments=(nouns.Attachment("notice.docx", "", is_notice=True), *forms),
        contacts=draw(
            st.lists(st.builds(nouns.CampaignContact, LINES, words(0), words(0), words(0)), max_size=2).map(
                tuple
            )
        ),
        links=draw(
            st.lists(st.builds(nouns.CampaignLink, LINES, st.just("https://a.example/")), max_size=1).map(
                tuple
            )
        ),
        post=nouns.PostAddress(draw(LINES), draw(words(0)), draw(st.sampled_from(["", "030000"]))),
        items=asked,
        addressees_as_written=draw(words(0)),
        is_public=draw(st.booleans()),
        is_letter_format=draw(st.booleans()),
        clerk=draw(words(0)),
        sends_corrections=draw(st.sampled_from([None, True, False])),
        sends_reminders=draw(st.sampled_from([None, True, False])),
        sends_receipts=draw(st.booleans()),
        sample_note=draw(words(0)),
    )


@settings(max_examples=20, deadline=None)
@given(campaigns())
def test_any_campaign_comes_back_from_either_file(campaign: Campaign) -> None:
    word_files = {each.file: b"PK" for each in campaign.attachments}
    page, book = page_of(campaign), book_of(campaign)
    assert facts_of(read({**word_files, PAGE_FILE: page})) == campaign
    assert facts_of(read({**word_files, BOOK_FILE: book})) == campaign
    assert said({**word_files, PAGE_FILE: page, BOOK_FILE: book}) == []


@pytest.mark.parametrize("key", SAMPLES)
def test_a_sample_ships_with_a_twin_that_says_the_same(key: str) -> None:
    files = folder(ROOT / "templates" / key)
    assert [each.sentence() for each in read(files).problems] == []
    alone = {name: data for name, data in files.items() if name != PAGE_FILE}
    assert facts_of(read(alone)) == facts_of(read(files))
    assert book_of(facts_of(read(files))) == files[BOOK_FILE]


# --- where they differ ----------------------------------------------------------------------------


def test_every_disagreement_is_named_with_both_values_and_places() -> None:
    files, campaign = small()

    def change(book: Any) -> None:
        book["材料"]["D2"] = date(2024, 10, 8)
        book["活动"]["B3"] = "另一个标题"
        book["联系人"].delete_rows(2)

    found = said({**files, BOOK_FILE: edited(book_of(campaign), change)})
    page = files[PAGE_FILE].decode()
    line = page[: page.index("title:")].count("\n") + 1
    assert (
        f"templates/x/campaign.yaml 第 {line} 行：“标题”（title）不一致：这里是“{campaign.title}”，"
        "活动.xlsx 工作表“活动”B3 是“另一个标题”" in found
    )
    assert any(
        "“截止日期”（due.on）不一致" in each and "工作表“材料”D2 是“2024-10-08”" in each for each in found
    )
    assert any("联系人“" in each and "只写在这里" in each for each in found)
    assert "有 3 处不一致" in found[-1] and "--sync --keep yaml" in found[-1]


@settings(max_examples=6, deadline=None)
@given(st.data())
def test_one_changed_value_is_exactly_one_disagreement(data: st.DataObject) -> None:
    campaign = data.draw(campaigns())
    changed = dataclasses.replace(campaign, theme=campaign.theme + "改")
    files = {each.file: b"PK" for each in campaign.attachments}
    found = said({**files, PAGE_FILE: page_of(campaign), BOOK_FILE: book_of(changed)})
    assert len(found) == 2 and "“主题”（theme）不一致" in found[0]


def test_syncing_makes_them_agree_and_keeps_what_was_remarked() -> None:
    files, campaign = small()
    files[PAGE_FILE] = files[PAGE_FILE].replace(b"title:", "# 请勿改动标题\ntitle:".encode(), 1)
    book = edited(book_of(campaign), lambda book: book["材料"].__setitem__("D2", "2024年10月8日"))
    name, data, problems = written_from("x", BOOK_FILE, {**files, BOOK_FILE: book})
    assert (name, problems) == (PAGE_FILE, ()) and data is not None
    assert "# 请勿改动标题" in data.decode() and "2024-10-08" in data.decode()
    # Nothing but the one date has changed.
    before, after = files[PAGE_FILE].decode().splitlines(), data.decode().splitlines()
    assert len([line for line in after if line not in before]) == 1
    assert said({**files, PAGE_FILE: data, BOOK_FILE: book}) == []
    name, data, _ = written_from("x", PAGE_FILE, {**files, BOOK_FILE: book})
    assert name == BOOK_FILE and data is not None
    assert said({**files, BOOK_FILE: data}) == []
    assert written_from("x", PAGE_FILE, {**files, BOOK_FILE: data}) == (BOOK_FILE, None, ())


def test_syncing_refuses_to_keep_a_file_with_faults() -> None:
    files, campaign = small()
    book = edited(book_of(campaign), lambda book: book["材料"].__setitem__("D2", "下周"))
    name, data, problems = written_from("x", BOOK_FILE, {**files, BOOK_FILE: book})
    assert (name, data) == (PAGE_FILE, None)
    assert "工作表“材料”D2" in problems[0].sentence()


# --- what a clerk may type, and what is refused ------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (date(2024, 10, 8), date(2024, 10, 8)),
        ("2024/10/8", date(2024, 10, 8)),
        ("2024年10月8日", date(2024, 10, 8)),
        ("２０２４．１０．８", date(2024, 10, 8)),
        ("20241008", date(2024, 10, 8)),
        (45573, date(2024, 10, 8)),
    ],
)
def test_a_date_may_be_typed_in_any_reasonable_form(typed: object, meant: date) -> None:
    files, campaign = small()
    del files[PAGE_FILE]
    book = edited(book_of(campaign), lambda book: book["材料"].__setitem__("D2", typed))
    due = facts_of(read({**files, BOOK_FILE: book})).items[0].due
    assert due is not None and due.on == meant


def _wrong(sheet: str, cell: str, value: object) -> Callable[[Any], None]:
    return lambda book: book[sheet].__setitem__(cell, value)


@pytest.mark.parametrize(
    ("change", "say"),
    [
        (
            _wrong("材料", "D2", "9月28日"),
            "工作表“材料”D2：“截止日期”应当是日期，例如 2024-09-28，现在写的是“9月28日”",
        ),
        (_wrong("材料", "D2", "=TODAY()"), "工作表“材料”D2：这一格是公式"),
        (_wrong("材料", "C2", "登记"), "工作表“材料”C2：“类别”不认识“登记”，是不是“登记表”？"),
        (_wrong("材料", "D1", "截至日期"), "工作表“材料”D1：不认识的表头“截至日期”，是不是“截止日期”？"),
        (
            _wrong("材料", "F2", "看情况"),
            "工作表“材料”F2：“遇休息日顺延”只能填“是”或“否”，现在写的是“看情况”",
        ),
        (_wrong("材料", "AD2", "随手记"), "工作表“材料”AD2：这一列没有表头"),
        (_wrong("活动", "A3", "题目"), "工作表“活动”A3：不认识的项目“题目”"),
        (_wrong("活动", "B3", None), "工作表“活动”B3：没有填写必填的“标题”"),
        (lambda book: book["材料"].merge_cells("A2:A3"), "工作表“材料”A2:A3：是合并单元格"),
        (lambda book: book.remove(book["活动"]), "缺少工作表“活动”"),
        (
            lambda book: setattr(book["联系人"], "title", "联系"),
            "工作表“联系”：不认识的工作表，是不是“联系人”？",
        ),
        (
            lambda book: book["催办"].append(["没有的材料", "早", 3]),
            "工作表“催办”A4：没有名为“没有的材料”的材料",
        ),
    ],
)
def test_a_slip_is_answered_with_sheet_and_cell(change: Callable[[Any], None], say: str) -> None:
    files, campaign = small()
    del files[PAGE_FILE]
    found = said({**files, BOOK_FILE: edited(book_of(campaign), change)})
    assert any(f"templates/x/活动.xlsx {say}" in each or f"活动.xlsx：{say}" in each for each in found), found


def test_a_blank_row_is_skipped_and_told_and_own_notes_are_not_read() -> None:
    files, campaign = small()
    del files[PAGE_FILE]

    def change(book: Any) -> None:
        book["材料"].insert_rows(3)
        book.create_sheet("备注1")["A1"] = "明天再问"

    reading = read({**files, BOOK_FILE: edited(book_of(campaign), change)})
    assert facts_of(reading) == campaign
    told = [each.sentence() for each in reading.problems]
    assert told == (
        ["templates/x/活动.xlsx 工作表“材料”第 3 行：空行，已跳过；多余的请删去"]
        if len(campaign.items) > 1
        else []
    )


def test_a_file_that_is_no_workbook_is_one_sentence() -> None:
    files, _ = small()
    for data in (b"", b"\xd0\xcf\x11\xe0old", b"PK\x03\x04broken"):
        found = said({**files, BOOK_FILE: data})
        assert len(found) == 1 and "活动.xlsx：" in found[0] and "另存为 .xlsx" in found[0]


def test_the_workbook_offers_lists_remarks_and_frozen_headings() -> None:
    _, campaign = small()
    assert book_of(campaign) == book_of(campaign)
    book = openpyxl.load_workbook(io.BytesIO(book_of(campaign)))
    sheet = book["材料"]
    assert sheet.freeze_panes == "C2"
    assert all(cell.comment is not None for cell in sheet[1])
    offered = {each.formula1 for each in sheet.data_validations.dataValidation}
    assert '"登记表,总结,其他"' in offered and '"是,否"' in offered
    assert sheet["D2"].is_date


def test_folded_lines_leave_no_mark_in_a_text() -> None:
    files = folder(ROOT / "templates" / SAMPLES[0])
    about = facts_of(read(files)).activities[1].about
    assert "\a" not in about and "征集服务认证作品，支持获证组织" in about
