"""待人工 holds the docket: while a letter that may answer it waits, nobody is called missing [law 5]."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from service.office.change import Change, PutDocket, Record
from service.office.docket import Docket, DocketState, Trigger, next_state
from service.office.letter import Stage
from service.office.needs.ledger import Ledger


def move(docket: Docket, trigger: Trigger) -> Docket | None:
    """The docket after a legal move, or None where the table knows no such move."""
    after = next_state(docket.state, trigger)
    if after is None:
        return None
    if after is DocketState.IN_REVIEW and docket.state is not DocketState.IN_REVIEW:
        return replace(docket, state=after, resting=docket.state)
    return replace(docket, state=after, resting=None)


def hold(
    ledger: Ledger, campaign: str, unit: str, items: Collection[str], letter: int, now: datetime
) -> list[Change]:
    """Changes that put a unit's open dockets (all, or those of `items`) into review with a letter."""
    changes: list[Change] = []
    for docket in ledger.dockets(campaign, unit):
        if items and docket.item not in items:
            continue
        moved = move(docket, Trigger.REVIEWED)
        if moved is None or moved.state is docket.state:
            continue
        changes.append(PutDocket(moved))
        changes.append(moved_event(docket, moved, now, "系统", letter))
    return changes


def let_go(ledger: Ledger, campaign: str, unit: str, letter: int, now: datetime, actor: str) -> list[Change]:
    """Changes that take a unit's dockets out of review, unless another letter still holds them."""
    waiting = ledger.letters(stage=Stage.REVIEW, campaign=campaign, unit=unit)
    if any(each.id != letter for each in waiting):
        return []
    changes: list[Change] = []
    for docket in ledger.dockets(campaign, unit):
        if docket.state is not DocketState.IN_REVIEW:
            continue
        back = replace(docket, state=docket.resting or DocketState.AWAITED, resting=None)
        changes.append(PutDocket(back))
        changes.append(moved_event(docket, back, now, actor, letter))
    return changes


def moved_event(
    before: Docket, after: Docket, now: datetime, actor: str, letter: int | None = None, reason: str = ""
) -> Record:
    """The event that goes with every move, in the same transaction."""
    about: tuple[tuple[str, str], ...] = (("from", before.state.value), ("to", after.state.value))
    if reason:
        about = (*about, ("reason", reason))
    return Record("docket-moved", now, actor, *before.key, letter=letter, about=about)
