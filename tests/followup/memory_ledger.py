"""What chasing asks of a ledger, in memory: thousands of timelines in the time that one takes on a disk.

It stands for the real one only in the property test of chasing, whose driver also runs on the real one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from service.office.amendment import CancelTimers, VoidUnsent
from service.office.approval import ReleaseRow
from service.office.change import (
    BeginSending,
    Change,
    FinishSending,
    OpenCampaign,
    PutDocket,
    PutTimers,
    QueueDispatch,
    Record,
    SettleTimer,
    Tick,
    Timer,
)
from service.office.dispatch import LANES, UNSENT, Dispatch, DispatchKind, DispatchState, NewDispatch
from service.office.docket import Docket
from service.office.letter import Letter, Stage
from service.office.needs.ledger import CampaignRow, Cursor, Event, PauseRow, Standing, StumbleRow
from service.office.roster import Unit

_WAITING = (DispatchState.READY, DispatchState.RETRY)


@dataclass
class MemoryLedger:
    """The part of needs/ledger.Ledger that remind, send and a look ahead use; its guards hold as well."""

    rows: dict[str, CampaignRow] = field(default_factory=dict)
    units: dict[str, list[Unit]] = field(default_factory=dict)
    table: dict[tuple[str, str, str], Docket] = field(default_factory=dict)
    steps: list[tuple[Timer, str]] = field(default_factory=list)
    outbox: list[Dispatch] = field(default_factory=list)
    trail: dict[str, list[Event]] = field(default_factory=dict)
    boxes: tuple[Cursor, ...] = ()
    inbox: tuple[Letter, ...] = ()
    count: int = 0

    def apply(self, changes: Sequence[Change]) -> bool:
        """All or nothing."""
        kept = (dict(self.table), list(self.steps), list(self.outbox))
        for change in changes:
            if not self._carry_out(change):
                self.table, self.steps, self.outbox = kept
                return False
        return True

    def _carry_out(self, change: Change) -> bool:
        done: dict[type, Callable[[Any], bool]] = {
            OpenCampaign: self._open,
            PutDocket: self._put,
            PutTimers: lambda each: all([self._add(timer) for timer in each.timers]),
            SettleTimer: self._settle,
            CancelTimers: self._cancel,
            QueueDispatch: lambda each: self._queue(each.dispatch),
            VoidUnsent: self._void,
            BeginSending: self._begin,
            FinishSending: self._finish,
            Record: self._record,
            Tick: lambda each: True,
        }
        return done[type(change)](change)

    def _open(self, change: OpenCampaign) -> bool:
        at = change.release.at
        self.rows[change.campaign] = CampaignRow(
            change.campaign, change.title, "open", change.facts_sha256, change.zone, at
        )
        self.units[change.campaign] = list(change.units)
        self.table |= {each.key: each for each in change.dockets}
        return all([self._add(each) for each in change.timers] + [self._queue(e) for e in change.dispatches])

    def _put(self, change: PutDocket) -> bool:
        stored = self.table[change.docket.key]
        self.table[stored.key] = replace(change.docket, row_version=stored.row_version + 1)
        return stored.row_version == change.docket.row_version

    def _add(self, timer: Timer) -> bool:
        key = (timer.campaign, timer.unit, timer.step, timer.due_rev)
        if all((each.campaign, each.unit, each.step, each.due_rev) != key for each, _ in self.steps):
            self.count += 1
            self.steps.append((replace(timer, id=self.count), "pending"))
        return True

    def _settle(self, change: SettleTimer) -> bool:
        for at, (timer, state) in enumerate(self.steps):
            if timer.id == change.timer:
                self.steps[at] = (timer, change.to)
                return state == "pending"
        return False

    def _cancel(self, change: CancelTimers) -> bool:
        self.steps = [
            (timer, "cancelled" if timer.unit == change.unit and state == "pending" else state)
            for timer, state in self.steps
        ]
        return True

    def _queue(self, new: NewDispatch) -> bool:
        if all(each.dedupe_key != new.dedupe_key for each in self.outbox):
            facts = {name: getattr(new, name) for name in NewDispatch.__slots__ if name != "is_held"}
            self.outbox.append(Dispatch(id=len(self.outbox) + 1, state=DispatchState.READY, **facts))
        return True

    def _void(self, change: VoidUnsent) -> bool:
        for each in self.outbox:
            is_meant = each.kind in change.voiding.kinds and each.unit in change.voiding.units
            if is_meant and each.campaign == change.campaign and each.state in UNSENT:
                self._keep(replace(each, state=DispatchState.CANCELLED))
        return True

    def _begin(self, change: BeginSending) -> bool:
        each = self.outbox[change.dispatch - 1]
        self._keep(replace(each, state=DispatchState.SENDING))
        same = [self.table[one.key].row_version == one.row_version for one in change.unless_changed]
        return each.state is DispatchState.LEASED and all(same)

    def _finish(self, change: FinishSending) -> bool:
        each = self.outbox[change.dispatch - 1]
        sent_at = change.at if change.to is DispatchState.SENT else each.sent_at
        self._keep(replace(each, state=change.to, due_at=change.due_at or each.due_at, sent_at=sent_at))
        return each.state is change.was

    def _keep(self, dispatch: Dispatch) -> None:
        self.outbox[dispatch.id - 1] = dispatch

    def _record(self, change: Record) -> bool:
        self.count += 1
        facts = {name: getattr(change, name) for name in Record.__slots__}
        self.trail.setdefault(change.kind, []).append(Event(id=self.count, **facts))
        return True

    def claim(self, owner: str, now: datetime, limit: int, *_: object) -> tuple[Dispatch, ...]:
        due = [each for each in self.outbox if each.state in _WAITING and each.due_at <= now]
        due.sort(key=lambda each: (LANES[each.kind], each.due_at, each.id))
        taken = [
            replace(each, state=DispatchState.LEASED, attempts=each.attempts + 1, owner=owner)
            for each in due[:limit]
        ]
        for each in taken:
            self._keep(each)
        return tuple(taken)

    def next_due(self) -> datetime | None:
        return min((each.due_at for each in self.outbox if each.state in _WAITING), default=None)

    def dispatches(
        self,
        campaign: str | None = None,
        states: Sequence[DispatchState] = (),
        kinds: Sequence[DispatchKind] = (),
        unit: str | None = None,
        rcpt: str | None = None,
    ) -> tuple[Dispatch, ...]:
        return tuple(
            each
            for each in self.outbox
            if campaign in (None, each.campaign)
            and unit in (None, each.unit)
            and (not states or each.state in states)
            and (not kinds or each.kind in kinds)
            and rcpt in (None, each.rcpt)
        )

    def count_sent(self, rcpt: str, kinds: Sequence[DispatchKind], since: datetime) -> int:
        rows = self.dispatches(kinds=kinds)
        return sum(each.state is not DispatchState.CANCELLED and each.due_at >= since for each in rows)

    def campaign(self, key: str) -> CampaignRow | None:
        return self.rows.get(key)

    def campaigns(self) -> tuple[CampaignRow, ...]:
        return tuple(self.rows.values())

    def standing(self, campaign: str, unit: str) -> Standing | None:
        return next((each for each in self.standings(campaign) if each.unit.key == unit), None)

    def standings(self, campaign: str) -> tuple[Standing, ...]:
        return tuple(Standing(campaign, each, "HZ00-0000") for each in self.units[campaign])

    def dockets(self, campaign: str, unit: str | None = None, item: str | None = None) -> tuple[Docket, ...]:
        return tuple(
            each
            for each in self.table.values()
            if each.campaign == campaign and unit in (None, each.unit) and item in (None, each.item)
        )

    def docket(self, campaign: str, unit: str, item: str) -> Docket | None:
        return self.table.get((campaign, unit, item))

    def timers_due(self, now: datetime) -> tuple[Timer, ...]:
        return tuple(each for each, state in self.steps if state == "pending" and each.at <= now)

    def timers(self, campaign: str) -> tuple[tuple[Timer, str], ...]:
        return tuple(each for each in self.steps if each[0].campaign == campaign)

    def events(
        self,
        campaign: str | None = None,
        unit: str | None = None,
        letter: int | None = None,
        kind: str | None = None,
    ) -> tuple[Event, ...]:
        return tuple(
            each
            for each in self.trail.get(kind or "", ())
            if campaign in (None, each.campaign) and unit in (None, each.unit)
        )

    def letters(self, stage: Stage | None = None, **_: object) -> tuple[Letter, ...]:
        return tuple(each for each in self.inbox if each.stage is stage)

    def cursors(self) -> tuple[Cursor, ...]:
        return self.boxes

    def stumbles(self, stage: str | None = None) -> tuple[StumbleRow, ...]:
        return ()

    def pauses(self) -> tuple[PauseRow, ...]:
        return ()

    def worked_at(self) -> datetime | None:
        return None

    def release(self, campaign: str) -> ReleaseRow | None:
        return None
