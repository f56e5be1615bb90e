"""初审: 字数 as Word counts, sections under other names, pictures once each, findings a clerk would send."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.incoming.check import check_letter
from service.office import campaign as nouns
from service.office.campaign import Campaign, FieldKind, FormField, Item, ItemKind, Length, Strictness
from service.office.counting import count_words
from service.office.finding import Severity
from service.office.form import FormReading
from service.office.letter import LetterFacts, Part
from service.office.matter import Assignment, Brought, Checked, Matched, Read

FIELDS = (
    FormField("title", "作品名称", is_title=True),
    FormField("phone", "联系电话", kind=FieldKind.PHONE),
    FormField("kind", "作品形式", kind=FieldKind.CHOICE, choices=("视频", "图文")),
    FormField("on", "完成日期", is_required=False, kind=FieldKind.DATE),
    FormField("people", "参与人数", is_required=False, kind=FieldKind.NUMBER, strictness=Strictness.ADVICE),
)
WORKS = Item("works", "作品登记表", ItemKind.FORM, (), fields=FIELDS, form_template="form.docx")


def summary(**asked: object) -> Item:
    return Item("summary", "活动总结", ItemKind.SUMMARY, (), **asked)  # type: ignore[arg-type]  # a test's shorthand


def campaign(*items: Item) -> Campaign:
    return Campaign("c", "局", "通知", "", None, "", (), (), (), (), (), (), (), nouns.PostAddress(), items)


def checked(item: Item, assignment: Assignment, *reads: Read, parts: tuple[Part, ...] = ()) -> Checked:
    facts = LetterFacts("0" * 64, 1, parts=parts)
    matched = Matched("c", "u", True, (assignment,), reads=reads, brings_something=True)
    return check_letter(facts, matched, campaign(item))


def answered(**fields: str) -> list[tuple[str, str, Severity, str]]:
    """Findings on a form with these answers."""
    given = Assignment("works", Brought.FORM, (), fields=tuple(fields.items()))
    return [(each.code, each.place, each.severity, each.say) for each in checked(WORKS, given).findings]


GOOD = {"title": "故事", "phone": "0351-1000001", "kind": "视频"}


def test_a_finding_names_the_very_field_and_what_stands_there() -> None:
    assert answered(**GOOD) == []
    assert answered(**{**GOOD, "phone": "无"}) == [
        ("field-missing", "联系电话", Severity.MUST, "登记表中“联系电话”未填写")
    ]
    [wrong] = answered(**{**GOOD, "kind": "诗歌"})
    assert wrong[:3] == ("field-wrong", "作品形式", Severity.MUST)
    assert "视频、图文" in wrong[3] and "诗歌" in wrong[3]
    [day] = answered(**GOOD, on="2024年2月30日")
    assert day[:2] == ("field-wrong", "完成日期") and "2024年2月30日" in day[3]


def test_what_the_campaign_only_advises_is_advice() -> None:
    assert [each[2] for each in answered(**GOOD, people="很多")] == [Severity.ADVICE]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        (" \n\t\u3000", 0),
        ("我局开展了活动。", 8),  # every letter and mark
        ("共有 42 家企业", 6),
        ("2024年8月20日", 6),  # 2024 年 8 月 20 日
        ("达到50%以上", 5),  # 50% is one
        ("GB/T 19001-2016 标准", 4),
        ("e-mail: a@b.example", 2),
        ("“世界认可日”", 7),
        ("it’s fine", 2),
        ("……——", 4),
        ("𬭎字", 2),  # beyond the first plane
        ("A\u200bB", 1),  # what nobody sees parts nothing
        ("ＡＢ", 2),  # full width counts as Chinese
    ],
)
def test_words_are_counted_as_word_counts_them(text: str, count: int) -> None:
    assert count_words(text) == count


@given(st.text(max_size=60), st.text(max_size=60))
def test_counting_is_additive_over_lines_and_never_more_than_the_letters(first: str, second: str) -> None:
    assert count_words(f"{first}\n{second}") == count_words(first) + count_words(second)
    assert count_words(first) <= len(first)


def _prose(
    item: Item, *texts: str, headings: tuple[str, ...] = (), images: tuple[str, ...] = ()
) -> list[str]:
    reads = tuple(
        Read(
            str(number),
            f"{number}.docx",
            FormReading(text=text, headings=headings, pictures=len(images), images=images),
        )
        for number, text in enumerate(texts)
    )
    given = Assignment("summary", Brought.FILES, tuple(each.sha256 for each in reads))
    return [each.code for each in checked(item, given, *reads).findings]


def test_one_summary_as_word_and_as_sealed_pdf_is_not_too_long() -> None:
    item = summary(length=Length(100, 20))
    assert _prose(item, "字" * 100) == []
    assert _prose(item, "字" * 100, "字" * 101) == []
    assert _prose(item, "字" * 60, "字" * 50) == []  # in two files, together long enough
    assert _prose(item, "字" * 79) == ["length"]
    assert _prose(item, "字" * 121) == ["length"]


def test_a_section_is_found_by_heading_keyword_or_another_name() -> None:
    item = summary(
        sections=("开展情况", "活动效果", "典型案例"), section_synonyms=(("典型案例", "身边故事"),)
    )
    assert _prose(item, "正文", headings=("开 展 情 况", "取得的成效", "身边故事")) == []
    assert _prose(item, "下面说开展情况和活动效果，再举典型案例。") == []
    assert _prose(item, "正文", headings=("开展情况",)) == ["section-missing"] * 2


def test_a_picture_counts_once_wherever_it_is() -> None:
    item = summary(pictures_at_least=2)
    assert _prose(item, "文", images=("a", "b")) == []
    assert _prose(item, "文", "文", images=("a",)) == ["pictures-few"]  # the same picture in both
    part = Part("现场.jpg", "a", 90_000, "image/jpeg")
    read = Read("0", "0.docx", FormReading(text="文", pictures=1, images=("a",)))
    given = Assignment("summary", Brought.FILES, ("0", "a"))
    [few] = checked(item, given, read, parts=(part,)).findings
    assert few.code == "pictures-few" and "收到 1 张" in few.say and few.severity is Severity.ADVICE
    other = Part("会场.jpg", "b", 90_000, "image/jpeg")
    given = Assignment("summary", Brought.FILES, ("0", "a", "b"))
    assert checked(item, given, read, parts=(part, other)).findings == ()


def test_a_scan_is_received_and_nothing_is_asked_of_the_unit() -> None:
    page = Part("盖章.pdf", "p", 90_000, "application/pdf")
    read = Read("p", "盖章.pdf", FormReading(flags=("no-text",), pictures=1))
    found = checked(WORKS, Assignment("works", Brought.FILES, ("p",)), read, parts=(page,))
    assert [(each.code, each.severity) for each in found.findings] == [("fields-untyped", Severity.ADVICE)]
    assert found.items[0].is_valid and found.then == "file"
