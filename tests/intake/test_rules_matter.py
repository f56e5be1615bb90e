"""Every rule matters: switched off, it turns a case red or a letter's verdict into another."""

from __future__ import annotations

import inspect
import re
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from service.clerk import Clerk
from service.doors.staff_files.rules import read_rules
from service.office.rule import Rule, Rulebook
from tests.intake.counter import Counter, open_counter
from tests.intake.inline_rules import INLINE
from tests.intake.switches import SWITCHES, Switch
from tests.intake.test_a_mailbox import Desk
from tests.letter_reading import RULE_FILES, RULES, TESTS
from tests.stories.sample_office import Released
from tests.stories.story import Story, office_folder

ROWS = [
    pytest.param(table, rule, id=f"{table}-{rule.name}")
    for table, rules in (("senders", RULES.senders), ("meanings", RULES.meanings))
    for rule in rules
]


def without_row(name: str, table: str) -> tuple[Rulebook, list[str]]:
    """The rules as the real reader sees them after somebody has cut one row out of its file."""
    files = []
    for path in RULE_FILES:
        text = path.read_text(encoding="utf-8")
        if f"table: {table}" in text:
            text, cut = re.subn(rf"(?ms)^  - name: {re.escape(name)}\n.*?(?=^  - name: |\Z)", "", text)
            assert cut == 1, name
        files.append((path.name, text.encode()))
    book, problems = read_rules(files)
    return book, [each.code for each in problems]


def under(counter: Counter, book: Rulebook) -> None:
    """The office goes on under these rules."""
    office = counter.office
    sort = replace(office.office.sort, rules=lambda: book)
    match = replace(office.office.match, rules=lambda: book)
    office.office = replace(office.office, sort=sort, match=match)
    office.clerk = Clerk(office.office, office.diary)


def seen(counter: Counter, raw: bytes) -> tuple[object, ...]:
    """What staff see of a letter: kind, stage, outcome, and the rules that `why` names."""
    letter = counter.take(raw)
    return letter.kind, letter.stage, letter.outcome, tuple(counter.rules(letter)), tuple(counter.why(letter))


@pytest.mark.parametrize(("table", "rule"), ROWS)
def test_a_row_cut_out_of_its_file_changes_a_verdict(
    released: Released, tmp_path: Path, table: str, rule: Rule
) -> None:
    book, problems = without_row(rule.name, table)
    if not rule.when:
        assert problems == ["no-default"], "the row that says what is true otherwise cannot be cut at all"
        return
    assert problems == []
    raw = (TESTS / rule.examples[0]).read_bytes()
    verdicts = []
    for number, rules in enumerate((RULES, book)):
        counter = open_counter(released, tmp_path / f"{number}")
        try:
            under(counter, rules)
            verdicts.append(seen(counter, raw))
        finally:
            counter.office.stop()
    with_it, without_it = verdicts
    assert rule.name in str(with_it[3]), with_it
    assert rule.name not in str(without_it[3]) and with_it != without_it


def named(switch: Switch) -> str:
    """The rule's name, as pytest shows it."""
    return switch.rule.replace(" ", "-")


def play(switch: Switch, released: Released, place: Path, url: str) -> None:
    """The switch's case, with an office of its own."""
    wanted = inspect.signature(switch.case).parameters
    with ExitStack() as stack:
        if "unsent" in wanted:
            story = Story(office_folder(place / "small"), url)
            stack.callback(story.stop)
            switch.case(story, **switch.args)
            return
        counter = open_counter(released, place / "office")
        stack.callback(counter.office.stop)
        switch.case(Desk(counter, stack) if "desk" in wanted else counter, **switch.args)


@pytest.mark.parametrize(
    "switch", [each for each in INLINE if not each.case.__name__.startswith("test_")], ids=named
)
def test_a_case_without_a_number_is_green_with_its_rule(
    switch: Switch, released: Released, tmp_path: Path, sqlite_ledger_url: str
) -> None:
    play(switch, released, tmp_path, sqlite_ledger_url)


@pytest.mark.parametrize("switch", [*SWITCHES, *INLINE], ids=named)
def test_a_rule_switched_off_turns_its_case_red(
    switch: Switch,
    released: Released,
    tmp_path: Path,
    sqlite_ledger_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, instead in switch.off.items():
        monkeypatch.setattr(name, instead)
    with pytest.raises((AssertionError, LookupError, ValueError)):
        play(switch, released, tmp_path, sqlite_ledger_url)
