"""The keys that scripts rely on, spelled here by hand from the written interface."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from enum import Enum

import pytest

from service.desk import shapes
from service.office.address import read_address
from service.office.campaign import Obligation
from service.office.docket import Docket, DocketState, MediumState
from service.office.finding import Finding, Problem
from service.office.form import CodeFrom, FieldValue, FormReading, FoundBy
from service.office.letter import (
    BounceClass,
    Flag,
    Kind,
    Letter,
    LetterFacts,
    Link,
    Part,
    Stage,
    Undelivered,
    Verdict,
)
from service.office.matter import Assignment, Brought, Matched
from service.office.needs.ledger import HitRow

ZONE = timezone(timedelta(hours=8))
AT = datetime(2024, 9, 30, tzinfo=ZONE)

LETTER = Letter(1, "i", "r", "f", AT, "a/INBOX", Stage.FILED, Kind.PERSON, "c", "u", "a@b.example", "s")
EXPLAINED = shapes.explain(
    "x.eml",
    LetterFacts(
        "ab",
        1,
        read_address("a@b.example"),
        parts=(Part("a.docx", "cd", 1, "application/x"),),
        links=(Link("qq", "v.mp4", "1M", AT, "https://x.example"),),
    ),
    Verdict(Kind.BOUNCE, ("5.1.1",), (Undelivered("x@y.example", "5.1.1", BounceClass.HARD, True, "no"),)),
    matched=Matched("c", "u", True, (Assignment("works", Brought.FORM),)),
    findings=[Finding("length", "works", "", "太长")],
    then="file",
    acknowledge=True,
)
FORM = shapes.read_form(
    "a.docx", FormReading(("C",), (CodeFrom.BOOKMARK,), (FieldValue("unit", "单位", "甲", FoundBy.TAG),))
)

SHAPES = {
    "explain": (
        EXPLAINED,
        "file sha256 size kind why from subject message_id sent_at text reply_text attachments links"
        " recipients match findings then acknowledge",
    ),
    "explain, a file that cannot be opened": (shapes.error("x.eml", "打不开"), "file error"),
    "read-form": (FORM, "file code code_from fields flags"),
    "lint": (
        shapes.lint(Problem("notice.docx", "第 7 段", "没有这个变量")),
        "file severity code paragraph text say",
    ),
    "status": (
        shapes.status(Docket("c", "u", "i", Obligation.REQUIRED, DocketState.AWAITED, AT), AT, ZONE),
        "campaign unit item obligation state due returned_at late overdue missing electronic paper entries"
        " version promised_on reason",
    ),
    "why": (shapes.why(LETTER, [HitRow("match", "r", 1, True, "s")]), "letter steps outcome"),
    "verify": (shapes.verify(3, [shapes.Damage("blob", "ab", "坏了")], "head"), "checked damaged head"),
    "journey": (shapes.journey("match", "登记", "which"), "stage word say"),
    "doctor": (shapes.doctor(shapes.Check("imap login", False, "改密码")), "check ok say"),
    "demo": (
        shapes.demo(
            shapes.DemoOutcome("c", 40, 40, 37, 20, 0, 1, 2, 30, 1, 0, 0, 12.34, True, "demo-office/c")
        ),
        "campaign units sent letters returned in_review missing reminders receipts undelivered doubled lost"
        " seconds as_prescribed office",
    ),
}


def inside(shape: object, *path: str) -> shapes.Shape:
    """The object at a path, the first one where there is a list."""
    for key in path:
        assert isinstance(shape, dict)
        shape = shape[key]
        shape = shape[0] if isinstance(shape, list) else shape
    assert isinstance(shape, dict)
    return shape


INNER = {
    "attachments": (inside(EXPLAINED, "attachments"), "name sha256 size type inside flags"),
    "links": (inside(EXPLAINED, "links"), "provider name size expires url"),
    "recipients": (inside(EXPLAINED, "recipients"), "address status class retire text"),
    "match": (inside(EXPLAINED, "match"), "campaign unit items certain hits misses"),
    "findings": (inside(EXPLAINED, "findings"), "code item place say"),
    "fields": (inside(FORM, "fields", "unit"), "value from"),
    "steps": (inside(SHAPES["why"][0], "steps"), "stage rule version hit say"),
    "damaged": (inside(SHAPES["verify"][0], "damaged"), "what id say"),
}


@pytest.mark.parametrize("name", [*SHAPES, *INNER])
def test_the_keys_are_exactly_those_promised(name: str) -> None:
    shape, keys = {**SHAPES, **INNER}[name]
    assert list(shape) == keys.split()


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_is_one_line_of_json(name: str) -> None:
    shape, _ = SHAPES[name]
    text = shapes.line(shape)
    assert "\n" not in text
    assert json.loads(text) == shape


# The words that stand in values, as written in the interface.
WORDS = {
    Kind: "person auto-reply bounce delay read-receipt calendar own unreadable",
    Flag: "encrypted macro executable bomb duplicate inline blank-form unreadable "
    # Beyond the eight of the interfaces: dangers without a macro or a program [decision 23].
    "embedded external infected unscanned",
    BounceClass: "hard soft policy unknown",
    Obligation: "required voluntary rolling",
    DocketState: "not-sent undelivered awaited in-review by-link needs-correction returned exempt promised",
    MediumState: "awaited returned",
    FoundBy: "tag bookmark label paragraph table",
}


@pytest.mark.parametrize("kind", WORDS, ids=lambda kind: kind.__name__)
def test_the_words_in_values_are_those_promised(kind: type[Enum]) -> None:
    assert [each.value for each in kind] == WORDS[kind].split()
