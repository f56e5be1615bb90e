"""The database counts dockets as the law of the docket does, one by one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.doors.ledger import LedgerDoor
from service.office.board import BoardRow
from service.office.campaign import Obligation
from service.office.docket import Docket, DocketState
from service.office.needs.ledger import DocketCount
from service.office.tally import count, tally_of
from tests.doors.ledger_samples import CAMPAIGN, DUE, ITEMS, NOW, opening

LATER = DUE + timedelta(days=2)


def row(docket: Docket) -> BoardRow:
    """As a board has it."""
    return BoardRow(docket, "", "", "", (), "", docket.is_overdue(LATER), None, (), (), "", (), "")


@st.composite
def dockets(draw: st.DrawFn) -> tuple[Docket, ...]:
    """Of six units and both items, each somewhere else."""
    found = []
    for number in range(1, 7):
        for item in ITEMS:
            state = draw(st.sampled_from(list(DocketState)))
            due = draw(st.sampled_from([DUE, DUE + timedelta(days=5), None]))
            came = draw(st.sampled_from([None, DUE - timedelta(hours=1), DUE, DUE + timedelta(days=2)]))
            found.append(
                Docket(
                    CAMPAIGN,
                    f"第{number}单位",
                    item.key,
                    item.obligation,
                    state,
                    due,
                    returned_at=came if state is DocketState.RETURNED else None,
                    grace_days=draw(st.sampled_from([0, 3])),
                    unit_order=number,
                )
            )
    return tuple(found)


@given(every=dockets())
@settings(max_examples=200, deadline=None)
def test_counts_of_counts_are_those_of_rows(every: tuple[Docket, ...]) -> None:
    counts = []
    for each in every:
        is_late = each.is_late
        counts.append(
            DocketCount(each.item, each.obligation, each.state, 1, int(each.is_overdue(LATER)), int(is_late))
        )
    assert tally_of(counts) == count(row(each) for each in every)


@pytest.mark.parametrize("days", [0, 3])
def test_the_database_counts_as_the_docket_does(ledger: LedgerDoor, days: int) -> None:
    states = list(DocketState)
    opened = opening(len(states) * 2)
    moved = tuple(
        replace(
            each,
            state=states[number % len(states)],
            grace_days=days,
            returned_at=DUE + timedelta(days=number % 5 - 2) if number % 3 == 0 else None,
        )
        for number, each in enumerate(opened.dockets)
    )
    assert ledger.apply([replace(opened, dockets=moved)])
    listed = ledger.dockets(CAMPAIGN)
    assert {each.state for each in listed} == set(states)
    for now in (NOW, DUE, LATER):
        counts = ledger.count_dockets(CAMPAIGN, now)
        for item in ITEMS:
            mine = [each for each in counts if each.item == item.key]
            rows = [
                replace(row(each), is_overdue=each.is_overdue(now))
                for each in listed
                if each.item == item.key
            ]
            assert tally_of(mine) == count(rows)
    assert [each.item for each in counts] == sorted(
        (each.item for each in counts), key=["works", "summary"].index
    )
    assert sum(each.number for each in counts) == len(listed)
    assert any(each.obligation is Obligation.VOLUNTARY for each in counts)
    assert ledger.count_dockets("nowhere", NOW) == ()
