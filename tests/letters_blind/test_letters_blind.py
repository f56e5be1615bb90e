"""The blind set's aims: nothing misfiled, nearly nobody needed, no machine answered, nothing lost."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.letters_blind.__main__ import miss
from tests.letters_blind.entries import all_entries
from tests.letters_blind.outcomes import Outcome, run

FILED_ALONE_AT_LEAST = 0.90
EITHER_AT_MOST = 0.10

# One module, one process: three hundred letters go through the stages once, for all the tests below.
pytestmark = [pytest.mark.xdist_group("letters-blind"), pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, ...]:
    """What became of every letter."""
    return run(all_entries(), tmp_path_factory.mktemp("letters-blind"))


def _told(outcomes: Sequence[Outcome]) -> str:
    return "\n".join(miss(each) for each in outcomes)


def test_the_set_is_large_honest_and_decided() -> None:
    entries = all_entries()
    assert len(entries) >= 300
    assert sum(each.is_return for each in entries) >= 0.6 * len(entries)
    either = [each for each in entries if "filed" in each.words and not each.is_return]
    assert len(either) < EITHER_AT_MOST * len(entries)
    assert {each.file for each in entries} >= {"shanxi_summaries", "shanxi_works", "shanghai", "machines"}


def test_no_letter_is_filed_wrongly(outcomes: tuple[Outcome, ...]) -> None:
    wrong = [each for each in outcomes if each.wrong]
    assert not wrong, _told(wrong)


def test_nine_returns_in_ten_need_nobody(outcomes: tuple[Outcome, ...]) -> None:
    returns = [each for each in outcomes if each.entry.is_return]
    missed = [each for each in returns if not each.is_filed_alone]
    assert len(missed) <= (1 - FILED_ALONE_AT_LEAST) * len(returns), _told(missed)


def test_a_letter_delivered_twice_is_filed_once(outcomes: tuple[Outcome, ...]) -> None:
    twice = [each for each in outcomes if each.entry.is_twice]
    assert twice
    for each in twice:
        assert each.versions == len(each.entry.wanted), miss(each)
        assert each.answers == 1, miss(each)


def test_no_machine_is_answered_and_none_has_returned_anything(outcomes: tuple[Outcome, ...]) -> None:
    machines = [each for each in outcomes if each.entry.is_from_machine]
    assert machines
    answered = [each for each in machines if each.answers or each.filings]
    assert not answered, _told(answered)


def test_every_letter_is_in_the_ledger_with_a_reason(outcomes: tuple[Outcome, ...]) -> None:
    unexplained = [each for each in outcomes if not each.rows or not each.why or each.end.startswith("stuck")]
    assert not unexplained, _told(unexplained)
