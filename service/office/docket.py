"""台账行 — one unit and one item, its nine states, and the only moves between them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from service.office.campaign import Obligation


class DocketState(Enum):
    """The nine states of `status --json`."""

    NOT_SENT = "not-sent"
    UNDELIVERED = "undelivered"
    AWAITED = "awaited"
    IN_REVIEW = "in-review"
    BY_LINK = "by-link"
    NEEDS_CORRECTION = "needs-correction"
    RETURNED = "returned"
    EXEMPT = "exempt"
    PROMISED = "promised"


STATE_WORDS = {
    DocketState.NOT_SENT: "未发出",
    DocketState.UNDELIVERED: "未送达",
    DocketState.AWAITED: "未报",
    DocketState.IN_REVIEW: "待人工",
    DocketState.BY_LINK: "链接待取",
    DocketState.NEEDS_CORRECTION: "待补正",
    DocketState.RETURNED: "已报",
    DocketState.EXEMPT: "免报",
    DocketState.PROMISED: "已承诺",
}


class Trigger(Enum):
    """What may move a docket."""

    SENT = "sent"  # a notice reached a server
    DELIVERED = "delivered"  # the unit was told otherwise: its print pack by OA, fax, post or hand
    BOUNCED = "bounced"  # every address of the unit refused it
    GOOD = "good"  # a valid return; every medium asked for is in
    FAULTY = "faulty"  # a return that must be corrected
    LINK = "link"  # only a link to an oversize file came
    REVIEWED = "reviewed"  # a letter that may be about it waits for a person
    SETTLED = "settled"  # that letter was dealt with, and did not answer it
    PART = "part"  # one of two media is in; what was under way about it is settled
    PROMISE = "promise"
    LAPSED = "lapsed"  # the promised day is over, and nothing came
    EXEMPT = "exempt"
    REOPEN = "reopen"  # a person takes an exemption, a promise or a return back
    UNTOLD = "untold"  # a return taken back was all that spoke for a unit that no notice had reached


class MediumState(Enum):
    """Whether one asked-for medium is in."""

    AWAITED = "awaited"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table of legal moves."""

    before: DocketState
    trigger: Trigger
    after: DocketState
    reason: str


_S, _T = DocketState, Trigger
_OPEN = (_S.NOT_SENT, _S.UNDELIVERED, _S.AWAITED, _S.IN_REVIEW, _S.BY_LINK, _S.NEEDS_CORRECTION, _S.PROMISED)


def _rows() -> tuple[Move, ...]:
    rows = [
        Move(_S.NOT_SENT, _T.SENT, _S.AWAITED, "the notice has left the house"),
        Move(_S.UNDELIVERED, _T.SENT, _S.AWAITED, "another address took it"),
        Move(_S.NOT_SENT, _T.DELIVERED, _S.AWAITED, "its print pack was handed over"),
        Move(_S.UNDELIVERED, _T.DELIVERED, _S.AWAITED, "no mail reached it, and it was told otherwise"),
        Move(_S.NOT_SENT, _T.BOUNCED, _S.UNDELIVERED, "no address took the notice"),
        Move(_S.AWAITED, _T.BOUNCED, _S.UNDELIVERED, "the notice came back from every address"),
        Move(
            _S.IN_REVIEW, _T.SETTLED, _S.AWAITED, "the doubtful letter did not answer it"
        ),  # or what it rests on
        Move(_S.EXEMPT, _T.REOPEN, _S.AWAITED, "a person took the exemption back"),
        Move(_S.PROMISED, _T.REOPEN, _S.AWAITED, "the promise was taken back"),
        Move(_S.PROMISED, _T.LAPSED, _S.AWAITED, "the promised day is over"),  # or what it rests on
        Move(_S.RETURNED, _T.REOPEN, _S.AWAITED, "the return was assigned elsewhere"),
        Move(_S.NEEDS_CORRECTION, _T.REOPEN, _S.AWAITED, "the faulty return was assigned elsewhere"),
        Move(_S.BY_LINK, _T.REOPEN, _S.AWAITED, "the link turned out to be something else"),
        Move(_S.IN_REVIEW, _T.PART, _S.AWAITED, "one medium is in, the other is waited for"),
        Move(_S.NEEDS_CORRECTION, _T.PART, _S.AWAITED, "the corrected file is in, the paper is waited for"),
        Move(_S.BY_LINK, _T.PART, _S.AWAITED, "the linked file is in, the paper is waited for"),
        Move(
            _S.AWAITED,
            _T.UNTOLD,
            _S.NOT_SENT,
            "the return taken back was another's; no notice has left",
        ),
        Move(_S.EXEMPT, _T.GOOD, _S.RETURNED, "it came all the same"),
        Move(_S.RETURNED, _T.GOOD, _S.RETURNED, "a newer version of what is already in"),
        Move(_S.RETURNED, _T.FAULTY, _S.RETURNED, "a correction under way never lowers a valid return"),
        Move(_S.RETURNED, _T.LINK, _S.RETURNED, "a later link never lowers a valid return"),
        Move(_S.RETURNED, _T.REVIEWED, _S.RETURNED, "a doubtful letter never lowers a valid return"),
    ]
    for state in _OPEN:
        rows.append(Move(state, _T.GOOD, _S.RETURNED, "a valid return came"))
        rows.append(Move(state, _T.FAULTY, _S.NEEDS_CORRECTION, "a return came and must be corrected"))
        rows.append(Move(state, _T.EXEMPT, _S.EXEMPT, "a person exempted the unit"))
        if state is not _S.NEEDS_CORRECTION:
            rows.append(Move(state, _T.LINK, _S.BY_LINK, "only a link to the file came"))
        if state in (_S.NOT_SENT, _S.UNDELIVERED, _S.AWAITED, _S.PROMISED):
            rows.append(
                Move(state, _T.REVIEWED, _S.IN_REVIEW, "a letter that may answer it waits for a person")
            )
        if state in (_S.NOT_SENT, _S.UNDELIVERED, _S.AWAITED, _S.NEEDS_CORRECTION, _S.PROMISED):
            rows.append(Move(state, _T.PROMISE, _S.PROMISED, "the unit promised a date"))
    return tuple(rows)


MOVES: tuple[Move, ...] = _rows()
_TABLE = {(move.before, move.trigger): move for move in MOVES}


def next_state(before: DocketState, trigger: Trigger) -> DocketState | None:
    """Where a trigger leads, or None where the table knows no such move (the docket then stays as it is)."""
    move = _TABLE.get((before, trigger))
    return move.after if move else None


@dataclass(frozen=True, slots=True)
class Docket:
    """A docket's row. `row_version` guards every change by compare-and-set.

    `resting` is the state a docket goes back to when the review that holds it is settled; under a promise,
    what is still to be corrected once its day is over.
    """

    campaign: str
    unit: str
    item: str
    obligation: Obligation
    state: DocketState
    due_until: datetime | None = None  # exclusive end of the due day (or the due hour)
    due_rev: int = 0
    returned_at: datetime | None = None  # of the first real return
    electronic: MediumState | None = None
    paper: MediumState | None = None
    entries: int = 0
    version: int = 0  # of the newest filing
    promised_on: date | None = None
    reason: str | None = None
    resting: DocketState | None = None
    unit_order: int = 0
    is_third_party: bool = False
    grace_days: int = 0  # a return so many days after the due instant is not called late
    electronic_at: datetime | None = None  # of the first electronic return
    paper_at: datetime | None = None  # of the paper
    row_version: int = 0

    @property
    def key(self) -> tuple[str, str, str]:
        """Campaign, unit and item together."""
        return (self.campaign, self.unit, self.item)

    @property
    def is_late(self) -> bool:
        """The first real return came after the due instant; only a required item can be late."""
        return (
            self.obligation is Obligation.REQUIRED
            and self.late_from is not None
            and self.returned_at is not None
            and self.returned_at >= self.late_from
        )

    @property
    def late_from(self) -> datetime | None:
        """From this instant on a return is late and a missing one overdue: the due instant and its grace."""
        return self.due_until + timedelta(days=self.grace_days) if self.due_until is not None else None

    @property
    def is_missing(self) -> bool:
        """未报: required and awaited, and nothing else [law 6]."""
        return self.obligation is Obligation.REQUIRED and self.state is DocketState.AWAITED

    def is_overdue(self, now: datetime) -> bool:
        """Missing after the due instant and its days of grace."""
        return self.is_missing and self.late_from is not None and now >= self.late_from
