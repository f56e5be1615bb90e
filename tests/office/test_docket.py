"""The docket's law: only the table's moves, and no false 未报 whatever happens in whatever order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.office.campaign import Obligation
from service.office.docket import MOVES, STATE_WORDS, Docket, DocketState, Trigger, next_state
from service.office.holding import move

DUE = datetime(2024, 9, 29, 16, tzinfo=UTC)


def _docket(
    state: DocketState = DocketState.NOT_SENT, obligation: Obligation = Obligation.REQUIRED
) -> Docket:
    return Docket("c", "u", "i", obligation, state, due_until=DUE)


def _walk(triggers: list[Trigger]) -> Docket:
    docket = _docket()
    for trigger in triggers:
        docket = move(docket, trigger) or docket
    return docket


def test_every_row_has_a_reason_and_no_two_rows_disagree() -> None:
    assert all(row.reason for row in MOVES)
    assert len({(row.before, row.trigger) for row in MOVES}) == len(MOVES)
    assert set(STATE_WORDS) == set(DocketState)


@given(st.lists(st.sampled_from(Trigger), max_size=30))
def test_a_valid_return_is_lowered_only_by_a_person(triggers: list[Trigger]) -> None:
    docket = _docket(DocketState.RETURNED)
    for trigger in triggers:
        if trigger is Trigger.REOPEN:
            break
        docket = move(docket, trigger) or docket
        assert docket.state is DocketState.RETURNED


@given(st.lists(st.sampled_from(Trigger), max_size=30))
def test_who_has_sent_anything_is_never_missing_until_a_person_says_so(triggers: list[Trigger]) -> None:
    sent_something = False
    docket = _docket()
    for trigger in triggers:
        # A person says so; or one of two media came good, and the other is what is missing.
        if trigger in (Trigger.REOPEN, Trigger.PART):
            return
        docket = move(docket, trigger) or docket
        if trigger in (Trigger.GOOD, Trigger.FAULTY, Trigger.LINK) and docket.state is not DocketState.EXEMPT:
            sent_something = True
        if sent_something:
            assert not docket.is_missing


@given(
    st.lists(st.sampled_from(Trigger), max_size=30),
    st.sampled_from([Obligation.VOLUNTARY, Obligation.ROLLING]),
)
def test_voluntary_and_rolling_are_never_missing_or_late(
    triggers: list[Trigger], obligation: Obligation
) -> None:
    docket = _docket(obligation=obligation)
    for trigger in triggers:
        docket = move(docket, trigger) or docket
        assert not docket.is_missing
        assert not docket.is_overdue(DUE + timedelta(days=100))


@pytest.mark.parametrize("trigger", [Trigger.BOUNCED, Trigger.SENT, Trigger.PROMISE, Trigger.REVIEWED])
def test_exempt_stays_exempt(trigger: Trigger) -> None:
    assert next_state(DocketState.EXEMPT, trigger) is None


@given(st.lists(st.sampled_from(Trigger), max_size=20))
def test_review_always_leads_back_to_where_it_came_from(triggers: list[Trigger]) -> None:
    docket = _walk(triggers)
    held = move(docket, Trigger.REVIEWED)
    if held is not None and held.state is DocketState.IN_REVIEW and docket.state is not DocketState.IN_REVIEW:
        assert held.resting is docket.state


@given(st.lists(st.sampled_from(Trigger), max_size=30))
def test_every_change_of_state_is_a_row_of_the_table_or_what_lay_beneath(triggers: list[Trigger]) -> None:
    docket = _docket()
    for trigger in triggers:
        after = move(docket, trigger)
        if after is None:
            continue
        beneath = docket.resting if trigger in (Trigger.SETTLED, Trigger.LAPSED) else None
        kept = docket.state is DocketState.IN_REVIEW is after.state
        assert kept or after.state in (next_state(docket.state, trigger), beneath)
        docket = after


def test_a_promise_over_a_faulty_return_ends_where_it_began() -> None:
    promised = move(_docket(DocketState.NEEDS_CORRECTION), Trigger.PROMISE)
    assert promised is not None and promised.state is DocketState.PROMISED
    assert move(promised, Trigger.REVIEWED) is None
    lapsed = move(promised, Trigger.LAPSED)
    assert lapsed is not None and lapsed.state is DocketState.NEEDS_CORRECTION


def test_a_promise_that_lapses_in_review_is_missing_only_after_the_review() -> None:
    docket = _docket(DocketState.PROMISED)
    for trigger in (Trigger.REVIEWED, Trigger.LAPSED):
        docket = move(docket, trigger) or docket
    assert docket.state is DocketState.IN_REVIEW
    settled = move(docket, Trigger.SETTLED)
    assert settled is not None and settled.state is DocketState.AWAITED
