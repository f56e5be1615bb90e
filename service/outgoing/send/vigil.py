"""The look around before anything goes out: did nobody work for long, does the ledger know too little?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.office.change import Change, SettleDispatch, Tick
from service.office.dispatch import EVERYTHING, DispatchState
from service.office.needs.ledger import Ledger
from service.office.needs.trace import Begun, Trace
from service.office.pausing import pause_changes, stale_changes
from service.office.policy import Policy

# Looked at most so often (office time); a gap much shorter than the stale hours needs no finer measure.
LOOK_EVERY = timedelta(seconds=30)
# So many of the conversations that the ledger has forgotten are named in the reason.
NAMED_MAX = 10
_WAITING = (DispatchState.READY, DispatchState.RETRY, DispatchState.HELD)


@dataclass(slots=True)
class Vigil:
    """One for each process. `look` comes before every claim and before timers ring.

    Two threads may look at once: each looks to its end before it goes on, and a second pause is refused.
    """

    ledger: Ledger
    policy: Policy
    trace: Trace | None
    looked_at: datetime | None = None

    def look(self, now: datetime) -> None:
        """Pause what is stale, hold everything when the ledger is behind; then note that somebody works."""
        if self.looked_at is not None and timedelta(0) <= now - self.looked_at < LOOK_EVERY:
            return
        if self.looked_at is None:
            self._compare(now)
        since = self.ledger.worked_at()
        if since is None or now - since >= self.policy.stale_after:
            for pause in _pairs(stale_changes(self.ledger, self.policy, since, now)):
                self.ledger.apply(pause)
        # Only now: after a crash in between, the same gap is seen again.
        self.ledger.apply([Tick(now)])
        self.looked_at = now

    def _compare(self, now: datetime) -> None:
        """A ledger put back from a backup knows less than the trace: what may have gone out is in doubt."""
        if self.trace is None:
            return
        begun = self.trace.unaccepted()
        # The newest conversation is missing from every older ledger; nothing else need be asked for.
        if not begun or not self._is_forgotten(begun[-1]):
            return
        forgotten = [each for each in begun if self._is_forgotten(each)]
        for each in forgotten:
            self._doubt(each, now)
        why = (
            f"台账比发信记录旧（可能恢复了备份）：有 {len(forgotten)} 封信记录为发过，台账不知道，其中有"
            f"{_named(forgotten)}。请核对“已发送”，处理存疑的发件，再继续"
        )
        self.ledger.apply(pause_changes(EVERYTHING, why, now))

    def _is_forgotten(self, begun: Begun) -> bool:
        row = self.ledger.dispatch_by_message_id(begun.message_id)
        return row is None or row.attempts < begun.attempt

    def _doubt(self, begun: Begun, now: datetime) -> None:
        row = self.ledger.dispatch_by_message_id(begun.message_id)
        if row is not None and row.state in _WAITING:
            why = "台账恢复以前可能已经发过"
            self.ledger.apply([SettleDispatch(row.id, row.state, DispatchState.IN_DOUBT, now, why)])


def _pairs(changes: Sequence[Change]) -> list[Sequence[Change]]:
    """A pause and its event belong together; one campaign's failing guard must not keep the others going."""
    return [changes[at : at + 2] for at in range(0, len(changes), 2)]


def _named(forgotten: Sequence[Begun]) -> str:
    named = "、".join(each.rcpt for each in forgotten[-NAMED_MAX:])
    return named + ("等" if len(forgotten) > NAMED_MAX else "")
