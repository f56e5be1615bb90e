"""Every letter of tests/letters against the verdict beside it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service.office.letter import LetterFacts, Verdict
from tests.letter_reading import LETTERS, RULES, judge_letter, read_letter

VERDICTS = sorted(LETTERS.glob("*.toml"))


def _attachments(wanted: Any, facts: LetterFacts, verdict: Verdict) -> None:
    assert [part.name_as_sent for part in facts.parts] == [each["name"] for each in wanted]
    for part, each in zip(facts.parts, wanted, strict=True):
        assert part.inside == each.get("inside")
        if "type" in each:
            assert part.type == each["type"]
        if "flags" in each:
            assert [flag.value for flag in part.flags] == each["flags"]


def _links(wanted: Any, facts: LetterFacts, verdict: Verdict) -> None:
    assert len(facts.links) == len(wanted)
    for link, each in zip(facts.links, wanted, strict=True):
        found = {
            "provider": link.provider,
            "name": link.name,
            "size": link.size,
            "url": link.url,
            "expires": link.expires.isoformat() if link.expires else None,
        }
        assert {key: found[key] for key in each} == each


def _recipients(wanted: Any, facts: LetterFacts, verdict: Verdict) -> None:
    found = [
        {"address": each.address, "class": each.bounce_class.value, "retire": each.retire}
        for each in verdict.recipients
    ]
    assert found == wanted


def _holds(text: Callable[[LetterFacts], str]) -> Callable[[Any, LetterFacts, Verdict], None]:
    def check(wanted: Any, facts: LetterFacts, verdict: Verdict) -> None:
        assert [each for each in wanted if each not in text(facts)] == []

    return check


def _lacks(text: Callable[[LetterFacts], str]) -> Callable[[Any, LetterFacts, Verdict], None]:
    def check(wanted: Any, facts: LetterFacts, verdict: Verdict) -> None:
        assert [each for each in wanted if each in text(facts)] == []

    return check


def _is(value: Callable[[LetterFacts, Verdict], Any]) -> Callable[[Any, LetterFacts, Verdict], None]:
    def check(wanted: Any, facts: LetterFacts, verdict: Verdict) -> None:
        assert value(facts, verdict) == wanted

    return check


CHECKS: dict[str, Callable[[Any, LetterFacts, Verdict], None]] = {
    "kind": _is(lambda facts, verdict: verdict.kind.value),
    "meaning": _is(lambda facts, verdict: RULES.meaning(facts)[0].then.value),
    "sender": _is(lambda facts, verdict: str(facts.sender)),
    "sender_name": _is(lambda facts, verdict: facts.sender_name),
    "subject": _is(lambda facts, verdict: facts.subject),
    "message_id": _is(lambda facts, verdict: facts.message_id),
    "in_reply_to": _is(lambda facts, verdict: list(facts.in_reply_to)),
    "references": _is(lambda facts, verdict: list(facts.references)),
    "returned_ids": _is(lambda facts, verdict: list(facts.returned_ids)),
    "returned_subject": _is(lambda facts, verdict: facts.returned_subject),
    "sent_at": _is(lambda facts, verdict: facts.sent_at.isoformat() if facts.sent_at else None),
    "to": _is(lambda facts, verdict: [str(each) for each in facts.to]),
    "has_plain_text": _is(lambda facts, verdict: facts.has_plain_text),
    "stored": _is(lambda facts, verdict: [part.name for part in facts.parts]),
    "attachments": _attachments,
    "links": _links,
    "recipients": _recipients,
    "reply_contains": _holds(lambda facts: facts.reply_text),
    "reply_lacks": _lacks(lambda facts: facts.reply_text),
    "text_contains": _holds(lambda facts: facts.text),
    "text_lacks": _lacks(lambda facts: facts.text),
    "trouble": _holds(lambda facts: " ".join(facts.trouble)),
}


@pytest.mark.parametrize("verdict_file", VERDICTS, ids=lambda path: path.stem)
def test_letter(verdict_file: Path) -> None:
    wanted = tomllib.loads(verdict_file.read_text(encoding="utf-8"))
    facts = read_letter(verdict_file.with_suffix(".eml").read_bytes())
    verdict = judge_letter(facts)
    assert wanted.pop("about")
    assert verdict.why, "a verdict without a reason cannot be replayed"
    for key, value in wanted.items():
        CHECKS[key](value, facts, verdict)


def test_every_letter_has_a_verdict_and_there_are_enough() -> None:
    assert {path.stem for path in LETTERS.glob("*.eml")} == {path.stem for path in VERDICTS}
    assert len(VERDICTS) >= 40


@pytest.mark.parametrize("line_end", [b"\n", b"\r"], ids=["LF", "CR"])
@pytest.mark.parametrize("verdict_file", VERDICTS, ids=lambda path: path.stem)
def test_line_ends_change_nothing(verdict_file: Path, line_end: bytes) -> None:
    raw = verdict_file.with_suffix(".eml").read_bytes()
    if b"\0\x01" in raw:
        pytest.skip("bytes that are no letter have no line ends")
    raw = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    there, here = read_letter(raw), read_letter(raw.replace(b"\r\n", line_end))
    assert judge_letter(there).kind is judge_letter(here).kind
    assert there.reply_text == here.reply_text
    assert [part.name for part in there.parts] == [part.name for part in here.parts]
    assert there.statuses == here.statuses
