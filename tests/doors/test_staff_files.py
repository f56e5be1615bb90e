"""campaign.yaml, rules and working days: every key reaches its field, every fault its line."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.doors.staff_files import StaffFilesDoor
from service.doors.staff_files.page import read_page
from service.doors.staff_files.section import nearest, read_clock, read_day
from service.office import campaign as nouns
from service.office.calendar import WorkCalendar
from service.office.campaign import (
    AttachmentKind,
    Campaign,
    FieldKind,
    ItemKind,
    Medium,
    Obligation,
    Role,
    Strictness,
)
from service.office.deadline import fix_deadline

ROOT = Path(__file__).parents[2]
SHANGHAI, SHANXI = "shanghai-2021-accreditation-day", "shanxi-2024-quality-weeks"

NO_FILES: Mapping[str, bytes] = {}

LEAST = """\
issuer: 某局
title: 某局关于报送总结的通知
groups: [甲组]
attachments:
  - {file: notice.docx, notice: true}
items:
  - {key: summary, name: 总结, kind: summary, due: 2024-09-28, obligation: required}
"""

MOST = """\
issuer: 某局
title: 某局关于报送材料的通知
title_lines: [某局, 关于报送材料的通知]
theme: 一个主题
theme_note: 主题的说明
sample_note: 样例
minimum_days: 3
doc_number: 某函〔2024〕9号
signed_on: 2024年8月20日
public: 是
letter_format: yes
notice_same_for_all: false
clerk: 张三
addressees: 各市局，各机构
groups: [甲组, 乙组]
unlisted_groups: [各有关协会]
third_party_groups: [获证组织]
copies_to: [{name: 驻局组, addresses: [a＠b.example]}]
activities:
  - name: 开放日
    time: 9月任选一天
    theme: 开放
    about: 请人来看
    may_choose_time: true
    organisers: [{name: 甲局, role: 协办, units: [甲 局(本级)], group: 乙组}]
attachments:
  - {file: notice.docx, notice: true}
  - {file: form.docx, title: 登记表, item: works, same_for_all: true}
  - {file: sealed.pdf, title: 盖章件, kind: file}
contacts: [{name: 李四, phone: 1转2或3, address_as_printed: a＠b.example, office: 认证处}]
links: [{title: 网页, url: "https://www.example/x"}]
post: {to: 某局, street: 某路1号, postcode: "030000"}
automatic: {receipts: false, corrections: false, reminders: false}
items:
  - key: works
    name: 作品
    kind: form
    due: {on: 2024-08-28, at: "17:00", carries_over: true}
    scopes:
      - {groups: [甲组], obligation: required}
      - {groups: [乙组], obligation: voluntary}
    many: true
    media: [paper, electronic]
    length: {about: 500, tolerance: 10, check: must}
    sections: {names: [一, 二], check: must, synonyms: [一=壹]}
    pictures: {at_least: 3, check: must}
    nil_report: true
    form: form.docx
    fields:
      - {key: title, label: 名称, title: true}
      - {key: unit, label: 单位, unit_name: true, required: false, check: advice, synonyms: [单位名称]}
      - {key: kind, label: 类型, kind: choice, choices: [甲, 乙]}
    third_parties: true
    reminders: [{name: 早, days_before: 5, at: "10:00"}, {name: 晚, days_before: -2}]
    grace_days: 2
    cut_off_on: 2024-09-10
    urgent: true
    keywords: [作品]
    note: 一句话
"""


def office(tmp_path: Path, text: str = LEAST, files: Mapping[str, bytes] = NO_FILES) -> StaffFilesDoor:
    folder = tmp_path / "templates" / "test"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "campaign.yaml").write_text(text, encoding="utf-8")
    for name, data in {"notice.docx": b"PK..", **files}.items():
        (folder / name).write_bytes(data)
    return StaffFilesDoor(tmp_path)


def read(tmp_path: Path, text: str = LEAST, files: Mapping[str, bytes] = NO_FILES) -> Campaign:
    reading = office(tmp_path, text, files).campaign("test")
    assert [problem.sentence() for problem in reading.problems if problem.is_error] == []
    assert reading.campaign is not None
    return reading.campaign


def faults(tmp_path: Path, text: str) -> list[str]:
    return [p.sentence() for p in office(tmp_path, text).campaign("test").problems if p.is_error]


# --- the two samples ---


@pytest.mark.parametrize("key", [SHANGHAI, SHANXI])
def test_the_samples_have_no_fault_at_all(key: str) -> None:
    reading = StaffFilesDoor(ROOT).campaign(key)
    assert [problem.sentence() for problem in reading.problems] == []
    assert reading.campaign is not None
    assert {name for name, _ in reading.files} == {each.file for each in reading.campaign.attachments}


def sample(key: str) -> Campaign:
    campaign = StaffFilesDoor(ROOT).campaign(key).campaign
    assert campaign is not None
    return campaign


def test_the_shanghai_notice_in_facts() -> None:
    campaign = sample(SHANGHAI)
    assert (campaign.doc_number, campaign.signed_on, campaign.copies_to) == ("", None, ())
    assert campaign.theme == "我为群众办实事——认证认可检验检测在行动"
    assert campaign.unlisted_groups == ("各有关协会",)
    assert len(campaign.activities) == 9
    assert len(campaign.contacts) == 2
    assert "＠" in campaign.contacts[0].address_as_printed
    assert "转2615或2607分机" in campaign.contacts[1].phone
    summary, news = campaign.items
    assert summary.due is not None
    assert summary.due.on == date(2021, 6, 25)
    assert set(summary.media) == {Medium.PAPER, Medium.ELECTRONIC}
    assert summary.length is not None
    assert (summary.length.about, summary.length.at_least, summary.length.at_most) == (500, 400, 600)
    assert summary.length.strictness is Strictness.ADVICE
    assert (news.is_many, news.scopes[0].obligation, news.due) == (True, Obligation.ROLLING, None)
    assert campaign.post.to


@pytest.mark.parametrize(
    ("unit", "activities"),
    [
        ("上海市静安区市场监督管理局", [0, 1, 2, 6, 8]),
        ("上海市长宁区市场监督管理局", [1, 2, 6, 8]),
        ("上海市黄浦区市场监督管理局", [1, 3, 6, 8]),
        ("上海市奉贤区市场监督管理局", [1, 5, 6, 8]),
        ("上海市崇明区市场监督管理局", [1, 6, 8]),
        ("中国（上海）自由贸易试验区临港新片区市场监督管理局", []),
        ("上海市计量测试技术研究院", [6]),
        ("上海市质量监督检验技术研究院", [6]),
    ],
)
def test_each_unit_is_named_by_its_own_activities(unit: str, activities: list[int]) -> None:
    known = StaffFilesDoor(ROOT).roster().unit(unit)
    assert known is not None
    named = [i for i, each in enumerate(sample(SHANGHAI).activities) if each.names(known.key, known.groups)]
    assert named == activities


def test_the_shanxi_notice_in_facts() -> None:
    campaign = sample(SHANXI)
    assert (campaign.doc_number, campaign.signed_on) == ("晋市监函〔2024〕209号", date(2024, 8, 20))
    assert campaign.is_public
    assert campaign.copies_to[0].name == "驻局纪检监察组"
    assert [each.may_choose_time for each in campaign.activities] == [False, True, True, False, True]
    assert campaign.links[0].url == "http://www.cnca.gov.cn"
    works, summary, events = campaign.items
    assert (works.is_many, works.is_open_to_third_parties, works.form_template) == (
        True,
        True,
        "works-form.docx",
    )
    assert works.due is not None
    assert works.due.on == date(2024, 8, 28)
    assert works.title_field is not None
    assert works.title_field.label == "作品名称"
    assert {campaign.obligation(works, (group,)) for group in campaign.groups} == {Obligation.VOLUNTARY}
    assert campaign.obligation(summary, ("各市市场监管局",)) is Obligation.REQUIRED
    assert campaign.obligation(summary, ("示范区市场监管局",)) is Obligation.REQUIRED
    assert campaign.obligation(summary, ("认证机构",)) is Obligation.VOLUNTARY
    assert summary.sections == ("开展情况", "活动效果", "典型案例")
    assert summary.pictures_at_least == 1
    assert summary.due is not None
    zone = ZoneInfo("Asia/Shanghai")
    assert fix_deadline(summary.due, WorkCalendar(), zone).counted_on == date(2024, 9, 29)
    assert (events.is_many, events.is_urgent) == (True, True)
    assert campaign.obligation(events, ("检验检测机构",)) is Obligation.ROLLING


def test_the_form_that_goes_out_has_every_field() -> None:
    import docx

    path = ROOT / "templates" / SHANXI / "works-form.docx"
    cells = {
        cell.text for table in docx.Document(str(path)).tables for row in table.rows for cell in row.cells
    }
    printed = {text.strip().rstrip("*") for text in cells}
    fields = sample(SHANXI).items[0].fields
    assert {field.label for field in fields} <= printed


# --- every key ---


def test_the_least_campaign_has_its_defaults(tmp_path: Path) -> None:
    campaign = read(tmp_path)
    item = campaign.items[0]
    assert (campaign.sends_receipts, campaign.sends_corrections, campaign.sends_reminders) == (
        True,
        None,
        None,
    )
    assert campaign.notice_is_same_for_all
    assert item.due is not None
    assert (item.due.on, item.due.at, item.due.carries_over) == (date(2024, 9, 28), None, None)
    assert item.scopes[0].groups == ("甲组",)
    assert [step.days_before for step in item.reminders] == [3, -1]
    assert item.media == (Medium.ELECTRONIC,)
    assert len(campaign.sha256) == 64


# Given by the folder, by everybody alike, or by a correction after the release.
NOT_STATED = {("Campaign", "key"), ("Campaign", "issuer"), ("Item", "is_withdrawn")}


def test_every_key_reaches_its_field(tmp_path: Path) -> None:
    most = read(tmp_path, MOST, {"form.docx": b"PK..", "sealed.pdf": b"%PDF"})
    (tmp_path / "least").mkdir()
    least = read(tmp_path / "least")
    for whole, plain in ((most, least), (most.items[0], least.items[0])):
        for field in dataclasses.fields(whole):
            if (type(whole).__name__, field.name) not in NOT_STATED:
                assert getattr(whole, field.name) != getattr(plain, field.name), field.name
    assert most.items[0].fields[1] == nouns.FormField(
        "unit",
        "单位",
        False,
        FieldKind.TEXT,
        (),
        ("单位名称",),
        Strictness.ADVICE,
        False,
        True,
        nouns.Prefill.UNIT,
    )
    assert most.items[0].fields[2].choices == ("甲", "乙")
    assert most.items[0].due == nouns.Due(date(2024, 8, 28), time(17), True)
    assert most.items[0].reminders == (
        nouns.ReminderStep("早", 5, time(10)),
        nouns.ReminderStep("晚", -2, time(9, 30)),
    )
    assert most.items[0].kind is ItemKind.FORM
    assert most.activities[0].organisers[0] == nouns.Organiser("甲局", Role.HELPER, ("甲局（本级）",), "乙组")
    assert [each.kind for each in most.attachments] == [
        AttachmentKind.TEMPLATE,
        AttachmentKind.TEMPLATE,
        AttachmentKind.FILE,
    ]
    assert [each.is_same_for_all for each in most.attachments] == [False, True, True]
    assert most.copies_to[0].addresses == ("a@b.example",)
    assert (most.sends_corrections, most.sends_reminders) == (False, False)
    assert most.post == nouns.PostAddress("某局", "某路1号", "030000")


def test_a_form_differs_from_unit_to_unit_unless_said_otherwise(tmp_path: Path) -> None:
    text = MOST.replace(", same_for_all: true", "")
    campaign = read(tmp_path, text, {"form.docx": b"PK..", "sealed.pdf": b"%PDF"})
    assert [each.is_same_for_all for each in campaign.attachments] == [False, False, True]


@pytest.mark.parametrize(
    ("old", "new", "say"),
    [
        (
            "due: 2024-09-28",
            "due: {on: 2024-09-28, at: '25:00'}",
            "“at”应当是 00:00 到 23:59 的时刻",
        ),
        ("due: 2024-09-28", "due: [2024-09-28]", "第 7 行：“due”只能写一个值"),
        ("kind: summary", "kind: form", "要在“form”写明登记表的文件名"),
        ("groups: [甲组]", "groups: {甲组: 1}", "第 3 行：“groups”应当是几个词的列表"),
        ("groups: [甲组]", "groups:", "第 3 行：没有填写必填的键“groups”"),
        ("issuer: 某局", "isuer: 某局", "第 1 行：不认识的键“isuer”，是不是“issuer”？"),
        (
            "obligation: required",
            "obligation: rolling, reminders: [{name: x, days_before: 1}]",
            "只催办写明期限",
        ),
        ("obligation: required", "obligation: required, fields: [{key: a, label: 甲}]", "应当是“kind: form”"),
        ("obligation: required", "obligation: required, grace_days: 两天", "“grace_days”应当是 0 到 60"),
        (
            "items:",
            "copies_to: [{name: 甲, addresses: [x]}]\nitems:",
            "第 6 行：“x”不是有效的邮箱地址",
        ),
        ("items:", "post: {to: 甲, postcode: 123}\nitems:", "邮政编码是 6 位数字"),
        ("items:", "links: [{title: 甲, url: www.x.cn}]\nitems:", "网址要以 http:// 或 https:// 开头"),
        (
            "items:",
            "automatic: 全部\nitems:",
            "“automatic”下面应当是缩进的“键: 值”",
        ),
        ("items:", "activities: [开放日]\nitems:", "“activities”的每一项应当是“键: 值”"),
        ("items:", "theme: [甲, 乙]\nitems:", "“theme”只能写一个值"),
        (
            "{file: notice.docx, notice: true}",
            "{file: ../test/notice.docx, notice: true}",
            "文件夹里没有",
        ),
        ("{file: notice.docx, notice: true}", "notice.docx", "第 5 行：“attachments”的每一项应当是“键: 值”"),
    ],
)
def test_a_fault_is_told_at_its_line(tmp_path: Path, old: str, new: str, say: str) -> None:
    assert old in LEAST
    said = faults(tmp_path, LEAST.replace(old, new))
    assert any(say in sentence for sentence in said), said


def test_a_template_must_be_a_word_file(tmp_path: Path) -> None:
    door = office(tmp_path, files={"notice.docx": b"\xd0\xcf\x11\xe0 old Word"})
    assert any("不是 .docx 文件" in p.sentence() for p in door.campaign("test").problems)


def test_a_file_nobody_names_is_remarked(tmp_path: Path) -> None:
    door = office(tmp_path, files={"extra.docx": b"PK..", "~$notice.docx": b"lock", ".hidden": b""})
    problems = door.campaign("test").problems
    assert [(p.is_error, "extra.docx" in p.sentence()) for p in problems] == [(False, True)]


def test_the_digest_covers_every_file(tmp_path: Path) -> None:
    first = read(tmp_path).sha256
    assert read(tmp_path).sha256 == first
    assert read(tmp_path, files={"notice.docx": b"PK.!"}).sha256 != first
    assert read(tmp_path, files={"notice.txt.j2": b"words"}).sha256 != first
    assert read(tmp_path, files={"~$notice.docx": b"lock"}).sha256 == read(tmp_path).sha256


@pytest.mark.parametrize("key", ["nothing", "../templates/test", "a/b", "", ".", "x" * 80])
def test_no_such_campaign(tmp_path: Path, key: str) -> None:
    reading = office(tmp_path).campaign(key)
    assert reading.campaign is None
    assert reading.problems[0].is_error


def test_campaigns_are_listed_without_the_letters(tmp_path: Path) -> None:
    door = office(tmp_path)
    for name in ("letters", ".git", "_old", "中文活动"):
        (tmp_path / "templates" / name).mkdir()
    (tmp_path / "templates" / "README.md").write_text("x")
    assert list(door.campaigns()) == ["test", "中文活动"]
    assert "没有这个文件" in door.campaign("中文活动").problems[0].sentence()
    assert list(StaffFilesDoor(tmp_path / "nowhere").campaigns()) == []


def test_a_campaign_without_a_roster_can_be_linted(tmp_path: Path) -> None:
    assert faults(tmp_path, LEAST) == []


# --- pages ---


@given(st.binary(max_size=300))
def test_any_bytes_are_a_page_or_a_sentence(data: bytes) -> None:
    table, problems = read_page(data, "x.yaml")
    assert table is not None or problems
    assert all(problem.say and problem.file == "x.yaml" for problem in problems)


@given(st.text(alphabet="ab:：-[]{}&*!'\"\n\t #|>,?甲", max_size=80))
def test_any_yaml_like_text_is_a_page_or_a_sentence(text: str) -> None:
    table, problems = read_page(text.encode(), "x.yaml")
    assert table is not None or problems
    lines = text.count("\n") + 1
    assert all(problem.line is None or 1 <= problem.line <= lines for problem in problems)


def test_ten_thousand_laughs_stay_silent() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]\n" for i in range(20)
    )
    _, problems = read_page(bomb.encode(), "x.yaml")
    assert problems
    assert all("引用" in problem.say for problem in problems)


def test_values_stay_as_typed() -> None:
    table, problems = read_page(b"a: 0351\nb: 1e3\nc: 2024-09-28\nd: on\ne: 'null'\nf: ~\n", "x.yaml")
    assert table is not None
    assert problems == ()
    assert [getattr(entry.cell, "text", None) for entry in table.entries.values()] == [
        "0351",
        "1e3",
        "2024-09-28",
        "on",
        "null",
        "",
    ]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-09-28", date(2024, 9, 28)),
        ("2024/9/28", date(2024, 9, 28)),
        ("2024.9.28", date(2024, 9, 28)),
        ("２０２４年９月２８日", date(2024, 9, 28)),
        ("2024-09-31", None),
        ("9月28日", None),
        ("20240928", None),
    ],
)
def test_days(text: str, day: date | None) -> None:
    assert read_day(text) == day


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("17:00", time(17)),
        ("9：30", time(9, 30)),
        ("17时", time(17)),
        ("17时5分", time(17, 5)),
        ("24:00", None),
    ],
)
def test_hours(text: str, clock: time | None) -> None:
    assert read_clock(text) == clock


def test_nearest_word() -> None:
    assert nearest("remainders", ["name", "reminders"]) == "reminders"
    assert nearest("carries-over", ["carries_over"]) == "carries_over"
    assert nearest("xyz", ["name"]) == ""


# --- rules and working days ---


def test_the_sample_rules_have_no_fault() -> None:
    book, problems = StaffFilesDoor(ROOT).rules()
    assert [problem.sentence() for problem in problems] == []
    assert len(book.senders) > 5
    assert book.senders[-1].when == ()
    assert book.meanings[-1].when == ()
    assert all(rule.reason and rule.version >= 1 for rule in (*book.senders, *book.meanings))


def test_rules_of_several_files_follow_their_names(tmp_path: Path) -> None:
    folder = tmp_path / "mailbox_rules"
    folder.mkdir()
    when = "when: [{where: header, header: X-A, is_absent: true}]"
    row = f"  - {{name: a, then: person, reason: 甲, {when}}}\n"
    (folder / "20.yaml").write_text("table: senders\nrules:\n  - {name: b, then: person, reason: 乙}\n")
    (folder / "10.yaml").write_text("table: senders\nrules:\n" + row)
    (folder / "30.yaml").write_text("table: meanings\nrules:\n  - {name: c, then: person, reason: 丙}\n")
    book, problems = StaffFilesDoor(tmp_path).rules()
    assert problems == ()
    assert [rule.name for rule in book.senders] == ["a", "b"]
    assert (book.senders[0].when[0].header, book.senders[0].when[0].is_absent) == ("x-a", True)
    assert book.senders[0].file == "mailbox_rules/10.yaml"


def test_no_rules_at_all_is_said(tmp_path: Path) -> None:
    _, problems = StaffFilesDoor(tmp_path).rules()
    assert len(problems) == 2
    assert all("一行规则也没有" in problem.sentence() for problem in problems)


@pytest.mark.parametrize(
    "pattern", [r"(?:回复|答复)+", r"[+*]+(?:a|b)?", r"\(a\+\)\+", r"^(?:Re|Fw)\s*[:：]\s*"]
)
def test_harmless_patterns_pass(tmp_path: Path, pattern: str) -> None:
    folder = tmp_path / "mailbox_rules"
    folder.mkdir()
    default = "  - {name: z, then: person, reason: 甲}\n"
    first = f"  - {{name: a, then: note, reason: 甲, when: [{{where: text, matches: '{pattern}'}}]}}\n"
    (folder / "a.yaml").write_text("table: meanings\nrules:\n" + first + default, encoding="utf-8")
    (folder / "b.yaml").write_text("table: senders\nrules:\n" + default, encoding="utf-8")
    assert StaffFilesDoor(tmp_path).rules()[1] == ()


def workdays(tmp_path: Path, text: str) -> tuple[dict[date, bool], list[str]]:
    (tmp_path / "config").mkdir(exist_ok=True)
    (tmp_path / "config/workdays.yaml").write_text(text, encoding="utf-8")
    stated, problems = StaffFilesDoor(tmp_path).workday_overrides()
    return stated, [problem.sentence() for problem in problems]


def test_no_file_no_overrides(tmp_path: Path) -> None:
    assert StaffFilesDoor(tmp_path).workday_overrides() == ({}, ())


def test_days_and_spans(tmp_path: Path) -> None:
    stated, said = workdays(tmp_path, "休息: [2026-04-03, 2026-09-25 至 2026-09-27]\n上班: 2026-09-20\n")
    assert said == []
    assert [day.isoformat() for day, works in stated.items() if not works] == [
        "2026-04-03",
        "2026-09-25",
        "2026-09-26",
        "2026-09-27",
    ]
    assert stated[date(2026, 9, 20)]


def test_a_year_stated_in_full_makes_the_calendar_know_it(tmp_path: Path) -> None:
    text = (
        "休息: [2031-01-01, 2031-01-22 至 2031-01-29, 2031-04-04, 2031-05-01 至 2031-05-03, "
        "2031-06-24, 2031-10-01 至 2031-10-07]\n上班: [2031-01-19]\n整年: [2031]\n"
    )
    stated, said = workdays(tmp_path, text)
    assert said == []
    assert len(stated) == 365
    calendar = WorkCalendar(stated)
    assert calendar.next_workday(date(2031, 10, 1)) == date(2031, 10, 8)
    assert calendar.is_workday(date(2031, 1, 19))
    assert not calendar.is_workday(date(2031, 5, 10))


def test_the_sample_calendar_states_nothing() -> None:
    assert StaffFilesDoor(ROOT).workday_overrides() == ({}, ())


def test_every_key_is_explained_to_staff() -> None:
    from service.doors.staff_files.campaigns import CAMPAIGN_KEYS
    from service.doors.staff_files.items import FIELD_KEYS, ITEM_KEYS

    text = (ROOT / "templates/README.md").read_text(encoding="utf-8")
    assert [key for key in (*CAMPAIGN_KEYS, *ITEM_KEYS, *FIELD_KEYS) if f"`{key}`" not in text] == []
