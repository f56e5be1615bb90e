"""The blind set's aims: nothing misfiled, nearly nobody needed, no machine answered, nothing lost."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.letters_blind.__main__ import miss
from tests.letters_blind.entries import all_entries
from tests.letters_blind.outcomes import Outcome, run

FILED_ALONE_AT_LEAST = 0.90
EITHER_AT_MOST = 0.10


def test_the_set_is_large_honest_and_decided() -> None:
    entries = all_entries()
    assert len(entries) >= 300
    assert sum(each.is_return for each in entries) >= 0.6 * len(entries)
    either = [each for each in entries if "filed" in each.words and not each.is_return]
    assert len(either) < EITHER_AT_MOST * len(entries)
    assert {each.file for each in entries} >= {"shanxi_summaries", "shanxi_works", "shanghai", "machines"}


# One test, for the letters go through the stages once (some 40 s), whichever process gets it.
@pytest.mark.timeout(600)
def test_the_aims_hold_over_the_whole_set(tmp_path: Path) -> None:
    outcomes = run(all_entries(), tmp_path)
    returns = [each for each in outcomes if each.entry.is_return]
    in_need = [each for each in returns if not each.is_filed_alone]
    machines = [each for each in outcomes if each.entry.is_from_machine]
    twice = [each for each in outcomes if each.entry.is_twice]
    assert returns and machines and twice

    fallen_short = (
        _told("filed wrongly", [each for each in outcomes if each.wrong]),
        _told("a machine answered or filed", [each for each in machines if each.answers or each.filings]),
        _told("not in the ledger with a reason", [each for each in outcomes if not _is_explained(each)]),
        _told("delivered twice, not filed and answered once", [each for each in twice if not _is_once(each)]),
        _told(
            f"more than one return in ten needs a person: {len(in_need)} of {len(returns)}",
            in_need if len(in_need) > (1 - FILED_ALONE_AT_LEAST) * len(returns) else (),
        ),
    )
    assert not any(fallen_short), "\n".join(filter(None, fallen_short))


def _told(aim: str, outcomes: Sequence[Outcome]) -> str:
    return "\n".join((f"{aim}:", *map(miss, outcomes))) if outcomes else ""


def _is_explained(outcome: Outcome) -> bool:
    return outcome.rows > 0 and bool(outcome.why) and not outcome.end.startswith("stuck")


def _is_once(outcome: Outcome) -> bool:
    return outcome.versions == len(outcome.entry.wanted) and outcome.answers == 1
