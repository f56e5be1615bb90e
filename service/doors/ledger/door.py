"""台账库 — the ledger's door: questions answered from what is committed, and one way to change anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from service.doors.ledger import (
    inbox,
    journal,
    keeping,
    outbox,
    trail,
)
from service.doors.ledger.changes import Leases, carry_out
from service.doors.ledger.connections import Connections, connect
from service.doors.ledger.digests import DigestQuestions
from service.doors.ledger.questions import Questions
from service.doors.ledger.schema import bring_up_to_date
from service.office.change import Change
from service.office.dispatch import Dispatch
from service.office.needs.ledger import (
    Cursor,
)
from service.office.outcome import DoorError

__all__ = ["LedgerDoor", "open_ledger"]

P = ParamSpec("P")
T = TypeVar("T")


class _Refused(Exception):
    """A guard no longer holds: the transaction is rolled back."""


class LedgerDoor(Questions, DigestQuestions):
    """Implements office/needs/ledger.py. Thread-safe; every method may raise DoorError."""

    def __init__(self, connections: Connections, leases: Leases | None = None) -> None:
        super().__init__(connections)
        self._leases = leases or Leases()

    def close(self) -> None:
        """Give every connection back."""
        self._connections.close()

    def __enter__(self) -> LedgerDoor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- changing -------------------------------------------------------------------------------------------

    def apply(self, changes: Sequence[Change]) -> bool:
        """All changes in one transaction, in their order; False, and nothing changed, when a guard fails."""
        if not changes:
            return True
        try:
            with self._connections.write() as connection:
                for change in changes:
                    if not carry_out(connection, change, self._leases):
                        raise _Refused
        except _Refused:
            return False
        if any(map(keeping.is_purge, changes)):
            self._connections.empty_log()
        return True

    def claim(
        self,
        owner: str,
        now: datetime,
        limit: int,
        accounts: Sequence[str] = (),
        resting: Sequence[tuple[str, str]] = (),
    ) -> tuple[Dispatch, ...]:
        """Lease the first rows due by `now` (office time), receipts first, resting domains left out."""
        return self._change(outbox.claim, owner, now, limit, accounts, resting, self._leases.dispatch)

    def reap(self) -> tuple[Dispatch, ...]:
        """End leases that ran out by machine time; returns the rows now in doubt."""
        return self._change(outbox.reap)

    def recover(self, owner: str) -> tuple[Dispatch, ...]:
        """End this owner's leases at once; returns the rows now in doubt."""
        return self._change(outbox.recover, owner)

    def hold_mailbox(self, account: str, folder: str, owner: str, *, is_swept: bool = False) -> Cursor | None:
        """Take or renew the mailbox's lease; None while another owner holds it."""
        return self._change(inbox.hold, account, folder, owner, is_swept, self._leases.mailbox)

    def seal(self, now: datetime) -> str:
        """Chain every unsealed event, then every line of the journal; returns the events' head hash."""
        head = self._change(trail.seal, now)
        try:
            self._change(journal.seal, now)
        except DoorError as busy:
            if not busy.again:
                raise
            # Writers were under way: the lines wait for the next time.
        return head

    # --- below ----------------------------------------------------------------------------------------------

    def _change(self, step: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        with self._connections.write() as connection:
            return step(connection, *args, **kwargs)


def open_ledger(url: str, state: Path, *, owner: str, leases: Leases | None = None) -> LedgerDoor:
    """Open the ledger that `url` names (empty: a SQLite file in `state`), its tables brought up to date.

    `owner` names this process to the database's own administrators. Raises DoorError.
    """
    connections = connect(url, state, owner)
    try:
        bring_up_to_date(connections)
    except BaseException:
        connections.close()
        raise
    return LedgerDoor(connections, leases)
