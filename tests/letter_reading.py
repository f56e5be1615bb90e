"""What tests of letters share: reading a letter's bytes and the office's own rules."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from service.doors.envelope import EnvelopeDoor
from service.incoming.sort import judge
from service.office.letter import LetterFacts, Verdict
from service.office.rule import Condition, Rule, Rulebook, Then, Where

TESTS = Path(__file__).parent
LETTERS = TESTS / "letters"
RULE_FILES = sorted((TESTS.parent / "mailbox_rules").glob("*.yaml"))
OWN = frozenset({"zhiliang@bureau.example"})
OWN_HEADER = "x-huizhi-dispatch"


def read_letter(raw: bytes) -> LetterFacts:
    """The facts of a letter, with a bare hash in place of the archive."""
    return EnvelopeDoor().read(raw, lambda data: hashlib.sha256(data).hexdigest())


def judge_letter(facts: LetterFacts) -> Verdict:
    """The verdict under the rules this repository ships."""
    return judge(facts, RULES, OWN, OWN_HEADER)


def _conditions(rows: list[dict[str, Any]] | None) -> tuple[Condition, ...]:
    return tuple(
        Condition(
            Where(row["where"]),
            row.get("matches", ""),
            row.get("header", ""),
            row.get("at_most"),
            row.get("at_least"),
            row.get("is_absent", False),
        )
        for row in rows or ()
    )


def _table(path: Path) -> tuple[str, tuple[Rule, ...]]:
    data = YAML(typ="safe").load(path)
    rules = tuple(
        Rule(
            row["name"],
            row["version"],
            _conditions(row.get("when")),
            Then(row["then"]),
            row["reason"],
            tuple(row.get("examples", ())),
            _conditions(row.get("unless")),
            path.name,
        )
        for row in data["rules"]
    )
    return data["table"], rules


def _rulebook() -> Rulebook:
    tables: dict[str, tuple[Rule, ...]] = {"senders": (), "meanings": ()}
    for path in RULE_FILES:
        name, rules = _table(path)
        tables[name] += rules
    return Rulebook(tables["senders"], tables["meanings"])


RULES = _rulebook()
