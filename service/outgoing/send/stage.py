"""The claim loop: what is due and may go is leased, marked as begun, handed to the post, and written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from service.office.calendar import CalendarUnknown
from service.office.change import BeginSending, Change, PutTimers
from service.office.chased import Leave, leave
from service.office.chasing import asked_again
from service.office.dispatch import Dispatch, DispatchKind, DispatchState, is_neutral
from service.office.needs.archive import Archive
from service.office.needs.ledger import Ledger
from service.office.needs.post import Post
from service.office.needs.trace import Begun, Trace
from service.office.outcome import DoorError, InDoubt
from service.office.policy import Policy
from service.outgoing.send.doubts import Doubts
from service.outgoing.send.due_time import may_go_at
from service.outgoing.send.learning import Learning
from service.outgoing.send.letter import letter_of
from service.outgoing.send.outcomes import Outcomes
from service.outgoing.send.vigil import Vigil

# One row a claim: a receipt written meanwhile comes before the rest of a large notice, and no row is leased,
# and counted as tried, only to be put back because the account must rest after the one before it.
CLAIM_ROWS = 1
# The archive cannot be read just now: the letter is put back for so long.
ARCHIVE_PAUSE = timedelta(minutes=1)
# Machine time. Looked up so often while letters are under way, whether another may begin meanwhile.
GLANCE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Send:
    """Sends what is due. The only stage that may know the post office."""

    ledger: Ledger
    archive: Archive
    post: Post
    policy: Policy
    owner: str
    trace: Trace | None = None
    vigil: Vigil = field(init=False)
    # Begun and not yet ended, by the one thread that sends; each is `sending` in the ledger already [law 1].
    under_way: dict[int, Dispatch] = field(default_factory=dict, compare=False, repr=False)

    name = "send"

    def __post_init__(self) -> None:
        object.__setattr__(self, "vigil", Vigil(self.ledger, self.policy, self.trace))

    def look_around(self, now: datetime) -> None:
        """Before timers ring and letters go out: pause what is stale, hold a ledger that is behind."""
        self.vigil.look(now)

    @property
    def outcomes(self) -> Outcomes:
        """What follows of each way a conversation can end."""
        return Outcomes(self.ledger, self.policy, self.owner)

    @property
    def doubts(self) -> Doubts:
        """What is to be known of doubtful dispatches."""
        return Doubts(self.ledger, self.post, self.policy, self.outcomes)

    def waiting(self, now: datetime) -> Sequence[str]:
        """One piece per round: "outbox" while letters are under way, or something is due that may begin."""
        self.vigil.look(now)
        if self.under_way:
            return ["outbox"]
        due = self.ledger.next_due()
        return ["outbox"] if due is not None and due <= now and self._free() else []

    def handle(self, piece: str, now: datetime) -> bool:
        """Begin as many letters as may, and write down those that have ended; True when there may be more."""
        has_begun = self._begin(now)
        return self._gather(now, GLANCE_SECONDS) or has_begun or bool(self.under_way)

    def wind_up(self, now: datetime) -> None:
        """Begin nothing; write down how everything under way ends."""
        while self.under_way:
            self._gather(now, None)

    def _free(self) -> dict[str, int]:
        """How many letters each account may begin now; one that may begin none is left out."""
        free = {each: self.post.free(each) for each in self.post.accounts()}
        return {account: count for account, count in free.items() if count > 0}

    def _begin(self, now: datetime) -> bool:
        """Claim row after row for the connections that are free; True when there was one."""
        free, has_begun = self._free(), False
        while free:
            resting = [(each, domain) for each in free for domain in self.post.resting_domains(each)]
            claimed = self.ledger.claim(self.owner, now, CLAIM_ROWS, tuple(free), resting)
            if not claimed:
                break
            for dispatch in claimed:
                self._send_one(dispatch, now)
                free[dispatch.account] -= 1
                has_begun = True
            free = {account: count for account, count in free.items() if count > 0}
        return has_begun

    def _gather(self, now: datetime, seconds: float | None) -> bool:
        """Wait for the first ending, so long at most, and write down each that is there."""
        ended = self.post.ended(seconds)
        for number, outcome in ended:
            # Taken off first: an ending that cannot be written down is a doubt, and not for ever under way.
            dispatch = self.under_way.pop(number, None)
            if dispatch is None:
                continue
            self.outcomes.conclude(dispatch, outcome, now)
            if isinstance(outcome, InDoubt):
                self.doubts.look_up(dispatch, now)
        return bool(ended)

    def settle_doubts(self, now: datetime) -> None:
        """Look every in-doubt dispatch up; what cannot be known stays for a person [law 1]."""
        self.doubts.settle(now)

    def read_sent(self, now: datetime) -> None:
        """Learn from Sent under which ids our letters were delivered; a bounded piece of housekeeping."""
        Learning(self.ledger, self.post, self.outcomes).read_on(now)

    def sent_changes(self, dispatch: Dispatch, now: datetime) -> list[Change]:
        """What follows from a letter having reached a server."""
        return self.outcomes.sent_changes(dispatch, now)

    def take_back(self) -> int:
        """What a killed process left leased is free again; what it left sending is in doubt: so many."""
        return len(self.ledger.recover(self.owner))

    def recover(self, now: datetime) -> None:
        """At start: the same, and the doubts looked up at once."""
        self.take_back()
        self.settle_doubts(now)

    def _send_one(self, dispatch: Dispatch, now: datetime) -> None:
        may = self._may_leave(dispatch, now)
        if may is None:
            return
        if self.post.pause_seconds(dispatch.account) > 0:
            self.outcomes.finish(dispatch, DispatchState.LEASED, DispatchState.READY, now, due_at=now)
            return
        if self._has_gone_before(dispatch, now):
            return
        mime = self._compose(dispatch, now)
        if mime is None:
            return
        begin = BeginSending(
            dispatch.id, self.owner, dispatch.attempt_token, self.archive.put(mime), may.dockets
        )
        if not self.ledger.apply([begin]):
            # A docket moved, or the lease is gone: let go, and look again from the beginning.
            self.outcomes.finish(dispatch, DispatchState.LEASED, DispatchState.READY, now, due_at=now)
            return
        if self.trace is not None:
            # On disk beside the ledger before a byte is said: a ledger put back from a backup forgets.
            self.trace.note(begun_of(dispatch))
        self.under_way[self.post.begin(dispatch.account, mime, dispatch.rcpt)] = dispatch

    def _compose(self, dispatch: Dispatch, now: datetime) -> bytes | None:
        """The letter's bytes; one that cannot be put together waits for a person and delays nobody else."""
        try:
            return self.post.build(letter_of(self.archive, self.policy, dispatch, now))
        except DoorError as error:
            if error.again:
                later = now + ARCHIVE_PAUSE
                self.outcomes.finish(dispatch, DispatchState.LEASED, DispatchState.RETRY, now, due_at=later)
                raise
            why = error.why
        except (ValueError, LookupError) as error:
            why = f"邮件无法组成（{type(error).__name__}）"
        self._ask_a_person(dispatch, why, now)
        return None

    def _ask_a_person(self, dispatch: Dispatch, why: str, now: datetime) -> None:
        end = self.outcomes.end(dispatch, DispatchState.HELD, now, was=DispatchState.LEASED, error=why)
        self.ledger.apply([end, self.outcomes.event(dispatch, "alarm", now, why)])

    def _has_gone_before(self, dispatch: Dispatch, now: datetime) -> bool:
        """The trace knows this attempt from before the ledger was put back: nobody knows whether it went."""
        if self.trace is None or self.trace.attempt_of(dispatch.message_id) < dispatch.attempts:
            return False
        why = "发信记录里已有这一次，台账却不知道（可能恢复了备份）"
        end = self.outcomes.end(dispatch, DispatchState.IN_DOUBT, now, was=DispatchState.LEASED, error=why)
        self.ledger.apply([end, self.outcomes.event(dispatch, "in-doubt", now, why)])
        return True

    def _may_leave(self, dispatch: Dispatch, now: datetime) -> Leave | None:
        """A reminder is thought over once more, whatever was right when it was written; None: not now."""
        if dispatch.kind is DispatchKind.URGING:
            return self._may_urge(dispatch, now)
        if dispatch.kind is not DispatchKind.REMINDER and not is_neutral(dispatch):
            return Leave()
        try:
            may = leave(self.ledger, self.policy, dispatch, now)
        except CalendarUnknown as error:
            self._ask_a_person(dispatch, str(error), now)
            return None
        if may.not_before is not None:
            was, to = DispatchState.LEASED, DispatchState.READY
            self.outcomes.finish(dispatch, was, to, now, due_at=may.not_before)
            return None
        if len(may.dockets) < len(dispatch.dockets):
            self._outdated(dispatch, may, now)
            return None
        return may

    def _may_urge(self, dispatch: Dispatch, now: datetime) -> Leave | None:
        """What a signer has released is released as it is: for the rest of it a person asks anew."""
        if (again := may_go_at(self.ledger, self.policy, now)) > now:
            self.outcomes.finish(dispatch, DispatchState.LEASED, DispatchState.READY, now, due_at=again)
            return None
        found = (self.ledger.docket(dispatch.campaign, dispatch.unit, item) for item in dispatch.dockets)
        # A reminder may come before the date; this is a letter about what is overdue.
        overdue = tuple(each for each in found if each is not None and each.is_overdue(now))
        if len(overdue) < len(dispatch.dockets):
            self._outdated(dispatch, Leave(), now)
            return None
        return Leave(dockets=overdue)

    def _outdated(self, dispatch: Dispatch, may: Leave, now: datetime) -> None:
        """Something that the reminder names may not be named now: the rest of it is asked for anew."""
        why = "所列的材料已有变化，不再发送"
        end = self.outcomes.end(dispatch, DispatchState.CANCELLED, now, was=DispatchState.LEASED, error=why)
        changes: list[Change] = [end, self.outcomes.event(dispatch, "cancelled", now, why)]
        if may.owed:
            changes.append(PutTimers((asked_again(dispatch, may.owed, now),)))
        self.ledger.apply(changes)


def begun_of(dispatch: Dispatch) -> Begun:
    """What the trace keeps of an attempt."""
    return Begun(
        dispatch.message_id,
        dispatch.attempts,
        dispatch.kind.value,
        dispatch.campaign,
        dispatch.unit,
        dispatch.rcpt,
    )
