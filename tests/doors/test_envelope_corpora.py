"""Letters nobody in this project wrote: how much of them is read and judged right.

The floors are what was reached, rounded down a little, so that a step backwards shows. The material lies
beside the checkout (../shared/corpora) or where HUIZHI_CORPORA says; without it these tests are skipped.
"""

from __future__ import annotations

import base64
import json
import os
import time
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from service.office.letter import BounceClass, Kind, LetterFacts, Verdict
from tests.corpora.bounces import ALIVE
from tests.corpora.reading import BOUNCED, plain_letter
from tests.letter_reading import RULES, TESTS, judge_letter, read_letter

CORPORA = Path(os.environ.get("HUIZHI_CORPORA") or TESTS.parent.parent / "shared" / "corpora")
pytestmark = pytest.mark.skipif(
    not CORPORA.is_dir(), reason=f"no corpora at {CORPORA.name} beside the checkout"
)


def labels(folder: str, name: str = "labels.json") -> dict[str, Any]:
    return dict(json.loads((CORPORA / folder / name).read_text(encoding="utf-8")))


@cache
def judged(path: Path) -> tuple[LetterFacts, Verdict, float]:
    started = time.perf_counter()
    facts = read_letter(path.read_bytes())
    verdict = judge_letter(facts)
    return facts, verdict, time.perf_counter() - started


def test_bounces_are_recognised_with_their_recipients() -> None:
    wanted = labels("bounces")
    recognised = recipients = 0
    for name, rows in wanted.items():
        _, verdict, _ = judged(CORPORA / "bounces" / name)
        recognised += verdict.kind in BOUNCED
        found = {each.address.lower() for each in verdict.recipients}
        recipients += found == {row["recipient"].lower() for row in rows}
    assert recognised / len(wanted) >= 0.99  # 346 of 346
    assert recipients / len(wanted) >= 0.98  # 343 of 346


def test_refusals_are_classed_and_no_living_address_is_retired() -> None:
    right = counted = 0
    wrongly_retired = []
    for name, rows in labels("bounces").items():
        known = {row["recipient"].lower(): row for row in rows}
        for each in judged(CORPORA / "bounces" / name)[1].recipients:
            row = known.get(each.address.lower())
            if row is None or row["hard"] is None:
                continue
            counted += 1
            right += (each.bounce_class is BounceClass.HARD) == row["hard"]
            if each.retire and row["reason"] in ALIVE:
                wrongly_retired.append((name, each.text))
    assert right / counted >= 0.94  # 342 of 359; the rest is “user unknown” said by filters
    assert wrongly_retired == []


def test_what_is_no_bounce_is_not_called_one() -> None:
    for name, kind in labels("bounces", "others.json").items():
        verdict = judged(CORPORA / "bounces" / name)[1]
        if kind != "not-labelled":
            assert verdict.kind not in BOUNCED, name
        if kind == "auto-reply":
            assert verdict.kind is Kind.AUTO_REPLY, name


@pytest.mark.parametrize("folder", ["ordinary", "mime"])
def test_ordinary_letters_are_persons(folder: str) -> None:
    found = {name: judged(CORPORA / folder / name)[1].kind for name in labels(folder)}
    assert {name: kind for name, kind in found.items() if kind is not Kind.PERSON} == {}


def test_attachments_are_equal_byte_for_byte() -> None:
    missing = []
    for name, rows in labels("mime").items():
        facts, _, _ = judged(CORPORA / "mime" / name)
        hashes = {part.sha256 for part in facts.parts}
        missing += [(name, row) for row in rows if row["sha256"] and row["sha256"] not in hashes]
    assert missing == []


def test_replies_are_cut_exactly() -> None:
    wanted = labels("replies")
    exact = 0
    for name, text in wanted.items():
        body = (CORPORA / "replies" / "emails" / name).read_bytes().decode("utf-8")
        facts = read_letter(plain_letter(body))
        exact += facts.reply_text.splitlines() == text.strip().splitlines()
        assert judge_letter(facts).kind is Kind.PERSON, name
    assert exact / len(wanted) >= 0.95  # 26 of 26


def test_winmail_gives_up_every_member() -> None:
    for name, members in labels("tnef").items():
        data = base64.encodebytes((CORPORA / "tnef" / name).read_bytes()).decode()
        head = "From: li@unit.example\nSubject: x\nContent-Type: application/ms-tnef; name=winmail.dat\n"
        facts = read_letter(f"{head}Content-Transfer-Encoding: base64\n\n{data}".encode())
        inside = [part for part in facts.parts if part.inside == "winmail.dat"]
        for member in members:
            assert any(member["sha256"] == part.sha256 or member["name"] == part.name for part in inside), (
                member
            )


def test_chinese_automatic_letters() -> None:
    for name, wanted in labels("chinese-automatic").items():
        verdict = judged(CORPORA / "chinese-automatic" / name)[1]
        assert verdict.kind.value == wanted["kind"]
        assert [each.address for each in verdict.recipients] == [
            each["recipient"] for each in wanted["recipients"]
        ]
        assert not any(each.retire for each in verdict.recipients)


@pytest.mark.parametrize(
    ("subject", "header", "is_marked"),
    [
        ("Re: A2CD-3EFG", "", False),
        ("自动回复: A2CD-3EFG", "", True),
        ("Re: A2CD-3EFG", "X-QQ-HolidayReply: true\n", True),
    ],
    ids=["no mark", "subject mark", "header mark"],
)
def test_automatic_bodies_never_count_as_a_return(subject: str, header: str, is_marked: bool) -> None:
    lines = (CORPORA / "auto-replies" / "bodies.jsonl").read_text(encoding="utf-8").splitlines()
    filed = []
    for row in map(json.loads, lines):
        facts = read_letter(plain_letter(row["body"], subject, header))
        kind = judge_letter(facts).kind
        if row["kind"] == "human":
            assert is_marked or kind is Kind.PERSON, row["body"]
        elif is_marked:
            assert kind is Kind.AUTO_REPLY, row["body"]
        elif kind is Kind.PERSON and RULES.meaning(facts)[0].then.value == "person":
            filed.append(row["body"])
    assert filed == []


def test_no_letter_takes_long() -> None:
    slow = [
        (path.name, seconds)
        for folder in ("bounces", "mime", "ordinary", "chinese-automatic")
        for path in sorted((CORPORA / folder).rglob("*"))
        if path.suffix in (".eml", ".txt") and (seconds := judged(path)[2]) > 1
    ]
    assert slow == []
