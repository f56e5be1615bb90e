"""待人工 holds the docket: while a letter that may answer it waits, nobody is called missing [law 5]."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from service.office.change import Change, PutDocket, Record
from service.office.docket import Docket, DocketState, Trigger, next_state
from service.office.letter import Letter, Stage
from service.office.matter import Suspect
from service.office.needs.ledger import Ledger

HELD_EVENT = "held"
# While a docket waits in review, these happen to the state it will go back to.
_BENEATH = (Trigger.SENT, Trigger.DELIVERED, Trigger.BOUNCED, Trigger.PROMISE, Trigger.LAPSED)
# What a letter holds is written down as events of this kind, one for each docket; they are never taken back.
# A letter in one of these stages has not been settled, so what it holds still waits.
# One that is matched holds nothing, but for a portion of a letter that a person has taken apart.
_HOLDING = (Stage.REVIEW, Stage.ASKED, Stage.MATCHED, Stage.CHECKED)


def move(docket: Docket, trigger: Trigger) -> Docket | None:
    """The docket after a legal move, or None where the table knows no such move."""
    if docket.state is DocketState.IN_REVIEW and trigger in _BENEATH:
        beneath = next_state(docket.resting or DocketState.AWAITED, trigger)
        return replace(docket, resting=beneath) if beneath else None
    after = next_state(docket.state, trigger)
    if after is None:
        return None
    match docket.state, trigger:
        case DocketState.PROMISED, Trigger.REVIEWED if docket.resting is DocketState.NEEDS_CORRECTION:
            # As without the promise: what is to be corrected is not 未报, and needs no shelter.
            return None
        case _, Trigger.REVIEWED if after is DocketState.IN_REVIEW:
            return replace(docket, state=after, resting=docket.state)
        case DocketState.IN_REVIEW, Trigger.SETTLED:
            return replace(docket, state=docket.resting or after, resting=None)
        case DocketState.NEEDS_CORRECTION, Trigger.PROMISE:
            return replace(docket, state=after, resting=DocketState.NEEDS_CORRECTION)
        case DocketState.PROMISED, Trigger.PROMISE | Trigger.LAPSED:
            is_kept = trigger is Trigger.PROMISE
            return replace(
                docket,
                state=after if is_kept else docket.resting or after,
                resting=docket.resting if is_kept else None,
            )
        case _:
            return replace(docket, state=after, resting=None)


def hold(ledger: Ledger, suspects: Iterable[Suspect], letter: int, now: datetime) -> list[Change]:
    """Changes that put every open docket a letter may answer into review with it.

    A docket that is in already is noted as held too: taken back by a person, it waits again.
    """
    changes: list[Change] = []
    seen: set[tuple[str, str, str]] = set()
    for suspect in suspects:
        for docket in ledger.dockets(suspect.campaign, suspect.unit):
            if docket.key in seen or (suspect.items and docket.item not in suspect.items):
                continue
            seen.add(docket.key)
            changes.append(Record(HELD_EVENT, now, "系统", *docket.key, letter=letter))
            moved = move(docket, Trigger.REVIEWED)
            if moved is not None and moved.state is not docket.state:
                changes.append(PutDocket(moved))
                changes.append(moved_event(docket, moved, now, "系统", letter))
    return changes


def let_go(
    ledger: Ledger, letter: int, now: datetime, actor: str, keep: Collection[tuple[str, str, str]] = ()
) -> list[Change]:
    """Changes that take what a letter held out of review, unless another letter still holds it.

    `keep` are dockets that the same transaction moves otherwise.
    """
    changes: list[Change] = []
    for docket in held_alone(ledger, letter):
        if docket.key in keep:
            continue
        back = move(docket, Trigger.SETTLED)
        if back is None:
            continue
        changes.append(PutDocket(back))
        changes.append(moved_event(docket, back, now, actor, letter))
    return changes


def held_alone(ledger: Ledger, letter: int) -> list[Docket]:
    """Dockets that stand in review because of this letter and of no other."""
    keys = ((each.campaign, each.unit, each.item) for each in ledger.events(letter=letter, kind=HELD_EVENT))
    dockets = (ledger.docket(*key) for key in dict.fromkeys(keys))
    return [
        each
        for each in dockets
        if each is not None
        and each.state is DocketState.IN_REVIEW
        and not is_held(ledger, each.key, without=letter)
    ]


def is_held(ledger: Ledger, key: tuple[str, str, str], without: int | None = None) -> bool:
    """Whether a letter that nobody has settled yet may answer this docket."""
    campaign, unit, item = key
    holders = {
        each.letter
        for each in ledger.events(campaign=campaign, unit=unit, kind=HELD_EVENT)
        if each.item == item and each.letter not in (None, without)
    }
    letters = (ledger.letter(each) for each in holders if each is not None)
    return any(each is not None and _is_unsettled(ledger, each) for each in letters)


def _is_unsettled(ledger: Ledger, letter: Letter) -> bool:
    # What is marked 密级 stays sealed for good; that a person has dealt with it is an event.
    if letter.stage is Stage.REFUSED:
        return not ledger.events(letter=letter.id, kind="noted")
    return letter.stage in _HOLDING


def moved_event(
    before: Docket, after: Docket, now: datetime, actor: str, letter: int | None = None, reason: str = ""
) -> Record:
    """The event that goes with every move, in the same transaction."""
    about: tuple[tuple[str, str], ...] = (("from", before.state.value), ("to", after.state.value))
    if reason:
        about = (*about, ("reason", reason))
    return Record("docket-moved", now, actor, *before.key, letter=letter, about=about)
