"""Every row of mailbox_rules/ proves itself on its own examples."""

from __future__ import annotations

import pytest

from service.office.rule import Rule, Then
from tests.letter_reading import RULE_FILES, RULE_PROBLEMS, RULES, TESTS, judge_letter, read_letter

EXAMPLES = [
    pytest.param(table, rule, example, id=f"{rule.name}-{example.rpartition('/')[2]}")
    for table, rules in (("senders", RULES.senders), ("meanings", RULES.meanings))
    for rule in rules
    for example in rule.examples
]


@pytest.mark.parametrize(("table", "rule", "example"), EXAMPLES)
def test_example_is_caught_by_its_rule(table: str, rule: Rule, example: str) -> None:
    facts = read_letter((TESTS / example).read_bytes())
    found, tried = RULES.sender(facts) if table == "senders" else RULES.meaning(facts)
    assert found.name == rule.name, [hit.rule for hit in tried if hit.is_hit]
    if table == "senders":
        assert judge_letter(facts).kind.value == rule.then.value
    else:
        assert judge_letter(facts).kind.value == "person", "only a person's words have a meaning"


@pytest.mark.parametrize("rules", [RULES.senders, RULES.meanings], ids=["senders", "meanings"])
def test_every_row_has_an_example_and_the_default_stands_last(rules: tuple[Rule, ...]) -> None:
    assert [rule.name for rule in rules if not rule.examples] == []
    assert [rule.name for rule in rules if not rule.when] == ["person"]
    assert rules[-1].then is Then.PERSON
    assert len({rule.name for rule in rules}) == len(rules)


def test_rules_read_without_a_complaint() -> None:
    assert [problem.sentence() for problem in RULE_PROBLEMS] == []
    assert [path.name for path in RULE_FILES] == ["10_machines.yaml", "20_meanings.yaml"]
