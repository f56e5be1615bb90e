"""The values in the JSON lines; their keys are checked in tests/house/test_interfaces.py."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

from service.desk import shapes
from service.office.address import read_address
from service.office.campaign import Obligation
from service.office.docket import DocketState, MediumState
from service.office.finding import Finding, Problem
from service.office.form import CodeFrom, FieldValue, FormReading, FoundBy
from service.office.letter import (
    BounceClass,
    Flag,
    Kind,
    LetterFacts,
    Link,
    Part,
    Stage,
    Undelivered,
    Verdict,
)
from service.office.matter import Assignment, Brought, Matched
from service.office.needs.ledger import HitRow
from tests.followup.sample_board import DUE, NOW, UNITS, ZONE, docket, letter

FACTS = LetterFacts(
    raw_sha256="ab",
    size=12,
    sender=read_address("a@b.example"),
    subject="材料",
    message_id="<1@b.example>",
    sent_at=datetime(2024, 8, 27, 9, 0, tzinfo=ZONE),
    text="全文",
    reply_text="回复",
    parts=(Part("登记表.docx", "cd", 1, "application/x", "包.zip", (Flag.DUPLICATE, Flag.INLINE)),),
    links=(Link("qq", "", "65.38M", None, "https://x.example"),),
)


def test_the_due_instant_is_the_last_second_on_time_in_local_time() -> None:
    shape = shapes.status(docket(0), NOW, ZONE)
    assert shape["due"] == "2024-09-29T23:59:59+08:00"
    assert (shape["missing"], shape["overdue"], shape["late"]) == (True, True, False)
    assert (shape["unit"], shape["obligation"], shape["state"]) == (UNITS[0], "required", "awaited")
    assert (shape["electronic"], shape["paper"], shape["returned_at"]) == ("awaited", None, None)


def test_a_late_return_is_late_and_neither_missing_nor_overdue() -> None:
    late = replace(
        docket(0, state=DocketState.RETURNED),
        returned_at=DUE.astimezone(UTC),
        electronic=MediumState.RETURNED,
        entries=1,
        version=2,
    )
    shape = shapes.status(late, NOW, ZONE)
    assert (shape["late"], shape["overdue"], shape["missing"]) == (True, False, False)
    assert shape["returned_at"] == "2024-09-30T00:00:00+08:00"
    assert (shape["entries"], shape["version"]) == (1, 2)


def test_what_needs_correction_is_not_missing() -> None:
    shape = shapes.status(docket(0, state=DocketState.NEEDS_CORRECTION), NOW, ZONE)
    assert (shape["missing"], shape["overdue"]) == (False, False)


def test_a_rolling_item_has_no_due() -> None:
    rolling = replace(docket(0), obligation=Obligation.ROLLING, due_until=None)
    assert shapes.status(rolling, NOW, ZONE)["due"] is None


def test_a_promise_shows_its_day_and_reason() -> None:
    promised = replace(docket(0, state=DocketState.PROMISED), promised_on=date(2024, 10, 8), reason="电话")
    shape = shapes.status(promised, NOW, ZONE)
    assert (shape["promised_on"], shape["reason"]) == ("2024-10-08", "电话")


def test_explain_without_a_campaign_leaves_the_judgement_null() -> None:
    shape = shapes.explain("x.eml", FACTS, Verdict(Kind.PERSON, ("默认",)))
    assert [shape[key] for key in ("match", "findings", "then", "acknowledge")] == [None] * 4
    assert (shape["kind"], shape["why"], shape["from"]) == ("person", ["默认"], "a@b.example")
    assert shape["sent_at"] == "2024-08-27T09:00:00+08:00"
    assert shape["attachments"] == [
        {
            "name": "登记表.docx",
            "sha256": "cd",
            "size": 1,
            "type": "application/x",
            "inside": "包.zip",
            "flags": ["duplicate", "inline"],
        }
    ]
    assert shape["links"] == [
        {"provider": "qq", "name": None, "size": "65.38M", "expires": None, "url": "https://x.example"}
    ]


def test_explain_of_what_is_no_mail_is_null_where_nothing_is_known() -> None:
    shape = shapes.explain("x.bin", LetterFacts("ab", 3), Verdict(Kind.UNREADABLE, ("不是邮件",)))
    assert [shape[key] for key in ("from", "subject", "message_id", "sent_at")] == [None] * 4
    assert (shape["kind"], shape["attachments"], shape["recipients"]) == ("unreadable", [], [])


def test_explain_with_a_campaign_names_match_and_findings() -> None:
    answers = (Assignment("works", Brought.FORM), Assignment("works", Brought.FORM))
    matched = Matched("c", "甲局", True, answers, ("code in subject",), ("name",))
    finding = Finding("field-missing", "works", "联系电话", "登记表中“联系电话”未填写")
    bounce = Undelivered("x@y.example", "5.1.1", BounceClass.HARD, True, "user unknown")
    shape = shapes.explain(
        "x.eml",
        FACTS,
        Verdict(Kind.PERSON, (), (bounce,)),
        matched=matched,
        findings=[finding],
        then="file",
        acknowledge=True,
    )
    assert shape["match"] == {
        "campaign": "c",
        "unit": "甲局",
        "items": ["works"],
        "certain": True,
        "hits": ["code in subject"],
        "misses": ["name"],
    }
    assert shape["findings"] == [
        {"code": "field-missing", "item": "works", "place": "联系电话", "say": "登记表中“联系电话”未填写"}
    ]
    assert shape["recipients"] == [
        {"address": "x@y.example", "status": "5.1.1", "class": "hard", "retire": True, "text": "user unknown"}
    ]
    assert (shape["then"], shape["acknowledge"]) == ("file", True)


def test_a_form_whose_carriers_disagree_has_no_code() -> None:
    field = FieldValue("unit", "单位", "甲局", FoundBy.TAG)
    reading = FormReading(("AAAA-AAAA",), (CodeFrom.BOOKMARK,), (field,), flags=("macro",))
    shape = shapes.read_form("a.docx", reading)
    assert (shape["code"], shape["code_from"]) == ("AAAA-AAAA", ["bookmark"])
    assert shape["fields"] == {"unit": {"value": "甲局", "from": "tag"}}
    assert shape["flags"] == ["macro"]
    torn = replace(reading, codes=("AAAA-AAAA", "BBBB-BBBB"))
    assert shapes.read_form("a.docx", torn)["code"] is None


def test_a_lint_line_says_where_and_what_to_write() -> None:
    problem = Problem(
        "notice.docx",
        "第 7 段",
        "没有名为 unti 的变量，是不是 unit？",
        "unknown-variable",
        paragraph=7,
        text="各{{ unti }}",
    )
    shape = shapes.lint(problem)
    assert shape["say"] == "第 7 段：没有名为 unti 的变量，是不是 unit？"
    assert (shape["severity"], shape["paragraph"]) == ("error", 7)
    assert shapes.lint(replace(problem, is_error=False))["severity"] == "warning"


def test_why_tells_hits_and_misses() -> None:
    hits = [HitRow("match", "code-in-subject", 3, True, "主题里有编号")]
    shape = shapes.why(replace(letter(7, Stage.FILED), outcome="已归档"), hits)
    assert (shape["letter"], shape["outcome"]) == ("7", "已归档")
    assert shape["steps"] == [
        {"stage": "match", "rule": "code-in-subject", "version": 3, "hit": True, "say": "主题里有编号"}
    ]


def test_a_line_is_one_line_of_readable_json() -> None:
    text = shapes.line(shapes.error("甲\n乙.eml", "打不开"))
    assert "\n" not in text and "打不开" in text
    assert json.loads(text) == {"file": "甲\n乙.eml", "error": "打不开"}
