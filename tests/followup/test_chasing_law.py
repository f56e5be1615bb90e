"""The law of chasing, over random timelines: who must not be reminded is not, and nobody is forgotten."""

from __future__ import annotations

from collections import Counter
from typing import Any, cast

import pytest

from service.doors.ledger import LedgerDoor
from service.office import chasing
from service.office.chasing import Hold
from tests.followup.memory_ledger import MemoryLedger
from tests.followup.timelines import Timeline

UNITS = 20
WORLDS = 104  # of twenty units each: more than two thousand timelines
SHARE = 26


@pytest.mark.parametrize("share", range(WORLDS // SHARE))
def test_two_thousand_timelines(share: int) -> None:
    rung, looks, happened = 0, 0, Counter[str]()
    for seed in range(share * SHARE, (share + 1) * SHARE):
        timeline = Timeline(seed, cast(Any, MemoryLedger()), UNITS)
        try:
            timeline.run()
        except AssertionError as error:
            raise AssertionError(f"timeline {seed} at {timeline.now}: {error}") from error
        rung += sum(timeline.rung.values())
        happened += timeline.events
        looks += timeline.looks
    # Otherwise nothing was shown: reminders went out, and everything that may happen did.
    assert rung > SHARE * UNITS
    assert looks > 5, "a clerk looked ahead, and it came so"
    assert len(happened) == 11 and min(happened.values()) > 30


def test_the_same_on_a_real_ledger(ledger: LedgerDoor) -> None:
    timeline = Timeline(7, ledger, 5)
    timeline.run()
    assert sum(timeline.rung.values()) > 5


@pytest.mark.parametrize("hold", [Hold.IN_REVIEW, Hold.PROMISED, Hold.STRUCK, Hold.YOUNG, Hold.UNTOLD])
def test_the_timelines_would_notice_a_hold_that_is_gone(hold: Hold, monkeypatch: pytest.MonkeyPatch) -> None:
    real = chasing.hold_of

    def blind_to_it(*case: Any) -> Hold | None:
        found = real(*case)
        return None if found is hold else found

    monkeypatch.setattr(chasing, "hold_of", blind_to_it)
    monkeypatch.setattr("service.office.chased.hold_of", blind_to_it)
    with pytest.raises((AssertionError, KeyError)):
        for seed in range(20):
            Timeline(seed, cast(Any, MemoryLedger()), UNITS).run()
