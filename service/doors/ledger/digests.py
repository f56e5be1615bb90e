"""每日情况 — one-time codes given out in digests, the letters that answer, and heads the chain once had."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar, assert_never

from sqlalchemy import Connection, select, update

from service.doors.ledger import tables as t
from service.doors.ledger.upsert import add_new
from service.office.digest_code import (
    Answering,
    CodeRow,
    CodeState,
    NoteErrand,
    PutCode,
    SettleCode,
    SettleErrand,
)

P = ParamSpec("P")
T = TypeVar("T")


class DigestQuestions(ABC):
    """What the ledger's door may be asked about digests (office/needs/digests.py)."""

    @abstractmethod
    def _ask(self, question: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The door's own way to a connection."""

    def code_of(self, hashes: Sequence[str] = (), dispatch_key: str = "", number: int = 0) -> CodeRow | None:
        """The one-time code with one of these hashes, else of this dispatch, else with this number."""
        return self._ask(code_of, hashes, dispatch_key, number)

    def errands_waiting(self) -> tuple[tuple[int, int], ...]:
        """(letter, code) not acted upon yet."""
        return self._ask(errands_waiting)

    def sealed_at(self, head: str) -> datetime | None:
        """When the event chain had this head."""
        return self._ask(sealed_at, head)


def carry_out(connection: Connection, change: Answering) -> bool:
    """One change; False where its guard no longer holds."""
    match change:
        case PutCode():
            return add_new(connection, t.digest_code, _row(change.row)) is not None
        case SettleCode():
            is_open = (t.digest_code.c.id == change.code, t.digest_code.c.state == CodeState.OPEN.value)
            settled = (
                update(t.digest_code).where(*is_open).values(state=change.to.value, letter=change.letter)
            )
            return connection.execute(settled).rowcount == 1
        case NoteErrand():
            noted: dict[str, Any] = {
                "letter": change.letter,
                "digest_code": change.code,
                "is_done": False,
                "done_at": None,
            }
            return add_new(connection, t.errand, noted) is not None
        case SettleErrand():
            waiting = (t.errand.c.letter == change.letter, t.errand.c.is_done.is_(False))
            done = update(t.errand).where(*waiting).values(is_done=True, done_at=change.at)
            return connection.execute(done).rowcount == 1
        case _:
            assert_never(change)


def code_of(connection: Connection, hashes: Sequence[str], dispatch_key: str, number: int) -> CodeRow | None:
    """The code with one of these hashes, or of this dispatch, or with this number."""
    for which in (
        t.digest_code.c.code_hash.in_(list(hashes)) if hashes else None,
        t.digest_code.c.dispatch_key == dispatch_key if dispatch_key else None,
        t.digest_code.c.id == number if number else None,
    ):
        row = (
            connection.execute(select(t.digest_code).where(which).limit(1)).first()
            if which is not None
            else None
        )
        if row is not None:
            return CodeRow(
                code_hash=row.code_hash,
                person=row.person,
                address=row.address,
                dispatch_key=row.dispatch_key,
                at=row.at,
                expires_at=row.expires_at,
                state=CodeState(row.state),
                letter=row.letter,
                id=row.id,
            )
    return None


def errands_waiting(connection: Connection) -> tuple[tuple[int, int], ...]:
    """(letter, code) not acted upon yet, in order of arrival."""
    rows = connection.execute(
        select(t.errand.c.letter, t.errand.c.digest_code)
        .where(t.errand.c.is_done.is_(False))
        .order_by(t.errand.c.letter)
    )
    return tuple((row.letter, row.digest_code) for row in rows)


def sealed_at(connection: Connection, head: str) -> datetime | None:
    """When a seal with this hash was set."""
    return connection.scalars(select(t.seal.c.at).where(t.seal.c.hash == head).limit(1)).first()


def _row(row: CodeRow) -> dict[str, Any]:
    return {
        "code_hash": row.code_hash,
        "person": row.person,
        "address": row.address,
        "dispatch_key": row.dispatch_key,
        "at": row.at,
        "expires_at": row.expires_at,
        "state": row.state.value,
        "letter": row.letter,
    }
