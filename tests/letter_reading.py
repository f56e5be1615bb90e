"""What tests of letters share: reading a letter's bytes, and the rules this repository ships."""

from __future__ import annotations

import hashlib
from pathlib import Path

from service.doors.envelope import EnvelopeDoor
from service.doors.staff_files.rules import read_rules
from service.incoming.sort import judge
from service.office.letter import LetterFacts, Verdict

TESTS = Path(__file__).parent
LETTERS = TESTS / "letters"
RULE_FILES = sorted((TESTS.parent / "mailbox_rules").glob("*.yaml"))
RULES, RULE_PROBLEMS = read_rules([(path.name, path.read_bytes()) for path in RULE_FILES])
OWN = frozenset({"zhiliang@bureau.example"})
OWN_HEADER = "x-huizhi-dispatch"


def read_letter(raw: bytes) -> LetterFacts:
    """The facts of a letter, with a bare hash in place of the archive."""
    return EnvelopeDoor().read(raw, lambda data: hashlib.sha256(data).hexdigest())


def judge_letter(facts: LetterFacts) -> Verdict:
    """The verdict under the rules this repository ships."""
    return judge(facts, RULES, OWN, OWN_HEADER)
