"""复原 — a docket as it would be had a letter never been filed under it; every step a move of its table."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from service.office.delivery import DELIVERED_EVENT
from service.office.dispatch import INFORMS, DispatchState
from service.office.docket import Docket, DocketState, MediumState, Trigger
from service.office.filing import PAPER, Filing, counting, standing
from service.office.holding import is_held, move
from service.office.needs.ledger import Event, Ledger

_S, _T = DocketState, Trigger
# What a docket stood in before anything came; and the trigger that leads back there from 未报.
_BEFORE = {
    _S.NOT_SENT: _T.UNTOLD,
    _S.UNDELIVERED: _T.BOUNCED,
    _S.AWAITED: None,
    _S.PROMISED: _T.PROMISE,
    _S.EXEMPT: _T.EXEMPT,
}


def restored(ledger: Ledger, docket: Docket, letter: int, *, has_link: bool) -> Docket:
    """The docket without this letter; `has_link`: another letter brought a link that was not fetched yet."""
    known = counting(ledger.filings(*docket.key))
    left = tuple(each for each in known if each.letter != letter)
    docket = replace(
        docket,
        entries=len({each.entry for each in left}),
        version=max((each.version for each in left), default=0),
    )
    if docket.returned_at is None and docket.state is not _S.BY_LINK:
        return docket  # a person took the return back already; what came is history
    before, since = _state_before(ledger, docket)
    opening = _T.SETTLED if docket.state is _S.IN_REVIEW else _T.REOPEN
    bare = replace(move(docket, opening) or docket, resting=None)
    standing_ones = standing(left, docket.returned_at)
    bare = _with_media(bare, docket, standing_ones)
    return _held(ledger, _moved(ledger, bare, standing_ones, before, since, has_link), letter)


def _with_media(bare: Docket, was: Docket, left: tuple[Filing, ...]) -> Docket:
    """Which media are in still, and since when."""
    files = [each for each in left if each.medium != PAPER]
    electronic = None if was.electronic is None else MediumState.AWAITED
    if electronic is not None and any(each.is_valid for each in files):
        electronic = MediumState.RETURNED
    electronic_at = min((each.received_at for each in files), default=None)
    # A ledger from before the paper had a day of its own knows only the first of both.
    papers = [each.received_at for each in left if each.medium == PAPER]
    paper_at = was.paper_at or (was.returned_at if was.paper is MediumState.RETURNED else None)
    papers += [paper_at] if paper_at else []
    times = [*papers, *([electronic_at] if electronic_at else [])]
    returned_at = min(times, default=None)
    return replace(bare, electronic=electronic, electronic_at=electronic_at, returned_at=returned_at)


def _moved(
    ledger: Ledger,
    bare: Docket,
    left: tuple[Filing, ...],
    before: DocketState,
    since: datetime | None,
    has_link: bool,
) -> Docket:
    files = [each for each in left if each.medium != PAPER]
    is_whole = MediumState.AWAITED not in (bare.electronic, bare.paper)
    if any(each.is_valid for each in left) or (bare.paper is MediumState.RETURNED and not files):
        if is_whole:
            return move(bare, _T.GOOD) or bare
        if any(each.is_valid for each in files) or not has_link:
            return bare
    elif files:
        return move(bare, _T.FAULTY) or bare
    if has_link:
        return move(bare, _T.LINK) or bare
    trigger = _BEFORE[_now_told(ledger, bare, before, since)]
    return bare if trigger is None else move(bare, trigger) or bare


def _state_before(ledger: Ledger, docket: Docket) -> tuple[DocketState, datetime | None]:
    """Where the docket stood before anything answered it, and until when."""
    state, until = docket.state, None
    if state is _S.IN_REVIEW:
        state = docket.resting or _S.AWAITED
    for event in reversed(_moves(ledger, docket)):
        if state in _BEFORE:
            break
        state, until = DocketState(dict(event.about)["from"]), event.at
    return (state if state in _BEFORE else _S.AWAITED), until


def _moves(ledger: Ledger, docket: Docket) -> list[Event]:
    moved = ledger.events(campaign=docket.campaign, unit=docket.unit, kind="docket-moved")
    return [each for each in moved if each.item == docket.item]


def _now_told(ledger: Ledger, docket: Docket, before: DocketState, since: datetime | None) -> DocketState:
    """A notice that got through, or came back, while the docket counted as returned left no mark on it."""
    if before not in (_S.NOT_SENT, _S.UNDELIVERED, _S.AWAITED):
        return before
    key, unit = docket.campaign, docket.unit
    if ledger.events(campaign=key, unit=unit, kind=DELIVERED_EVENT):
        return _S.AWAITED
    standing = ledger.standing(key, unit)
    known = [each.key for each in standing.unit.addresses] if standing else []
    gone = {each.lower() for each in standing.gone} if standing else set()
    if known and set(known) <= gone:
        return _S.UNDELIVERED
    sent = ledger.dispatches(key, (DispatchState.SENT,), INFORMS, unit)
    if before is not _S.AWAITED and any(
        before is _S.NOT_SENT or (since and each.sent_at and each.sent_at > since) for each in sent
    ):
        return _S.AWAITED
    return before


def _held(ledger: Ledger, docket: Docket, letter: int) -> Docket:
    """Another letter that may answer it waits for a person still: nobody is called missing meanwhile."""
    if is_held(ledger, docket.key, without=letter):
        return move(docket, _T.REVIEWED) or docket
    return docket
