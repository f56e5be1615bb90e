"""What follows of each way a conversation with a server can end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import assert_never

from service.office.change import Change, FinishSending, Record
from service.office.delivery import elsewhere_changes, reached_changes, retired, undelivered_changes
from service.office.dispatch import Dispatch, DispatchState
from service.office.needs.ledger import Ledger
from service.office.outcome import Accepted, AskAPerson, InDoubt, Never, PostOutcome, TryAgain
from service.office.pausing import refusal_changes, standing_alarm
from service.office.policy import Policy

# A refused login is asked again no sooner: providers shut out clients that hammer.
ACCOUNT_PAUSE = timedelta(minutes=15)
# A docket may be moved by another thread between reading and writing it, but hardly so often in a row.
FOLLOW_TRIES = 5


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Writes down how an attempt of this owner ended, with everything that follows from it."""

    ledger: Ledger
    policy: Policy
    owner: str

    def conclude(self, dispatch: Dispatch, outcome: PostOutcome, now: datetime) -> None:
        match outcome:
            case Accepted(reply, code):
                end = self.end(dispatch, DispatchState.SENT, now, code=code, error=reply)
                self.conclude_with(end, partial(self.sent_changes, dispatch, now))
            case TryAgain(after, why, is_account=True):
                # The account was put off, not this letter: nothing counts against it.
                self._retry(dispatch, now, after, why, None)
            case TryAgain(after, why, code):
                self._retry(dispatch, now, after, why, code)
            case Never(why, code):
                self._refused(dispatch, now, why, code)
            case AskAPerson(why, code, is_account=True):
                self._account_refused(dispatch, now, why, code)
            case AskAPerson(why, code, is_campaign=at_once):
                self._refused_for_now(dispatch, now, why, code, at_once=at_once)
            case InDoubt(why):
                end = self.end(dispatch, DispatchState.IN_DOUBT, now, error=why)
                self.ledger.apply([end, self.event(dispatch, "in-doubt", now, why)])
            case _:
                assert_never(outcome)

    def conclude_with(self, end: Change, follow: Callable[[], list[Change]]) -> None:
        """How an attempt ended, with what follows for its dockets; those moved meanwhile are read anew.

        The end alone is better than none: a letter that a server took must not stay in doubt.
        """
        for _ in range(FOLLOW_TRIES):
            if self.ledger.apply([end, *follow()]):
                return
        self.ledger.apply([end])

    def _retry(self, dispatch: Dispatch, now: datetime, after: timedelta, why: str, code: int | None) -> None:
        """Later again. Only a server that said no counts: a line that broke is not the letter's fault.

        A night without a line would else end every notice. The account itself rests ever longer meanwhile.
        """
        refusals = self._refusals(dispatch) if code is not None else 0
        if code is not None and refusals + 1 >= self.policy.attempts_max:
            self._refused(dispatch, now, f"多次尝试仍未发出：{why}", code)
            return
        # Double the wait with every refusal, so that a busy server is not hammered.
        wait = min(after * (2**refusals), timedelta(hours=6))
        later = now + wait
        to = DispatchState.RETRY
        self.finish(dispatch, DispatchState.SENDING, to, now, due_at=later, code=code, error=why)

    def _refusals(self, dispatch: Dispatch) -> int:
        """How often a server has put this letter off. Its attempts also count turns it did not take."""
        postponed = self.ledger.events(campaign=dispatch.campaign, unit=dispatch.unit, kind="postponed")
        return sum(each.dispatch == dispatch.id and "code" in dict(each.about) for each in postponed)

    def _refused(self, dispatch: Dispatch, now: datetime, why: str, code: int | None) -> None:
        end = self.end(dispatch, DispatchState.DEAD, now, code=code, error=why)
        also: list[Change] = [self.event(dispatch, "refused", now, why)]
        if code == 550:
            also += retired(self.ledger, dispatch)
            if elsewhere := elsewhere_changes(self.ledger, self.policy, dispatch, now):
                self.conclude_with(end, lambda: [*also, *elsewhere])
                return
        self.conclude_with(end, lambda: [*also, *undelivered_changes(self.ledger, dispatch, now)])

    def _account_refused(self, dispatch: Dispatch, now: datetime, why: str, code: int | None) -> None:
        """A dead password or a wrong sender: an alarm; the letter waits and goes out once that is mended.

        One alarm until then: the same fault met by the next letters is no news.
        """
        later = now + ACCOUNT_PAUSE
        end = self.end(dispatch, DispatchState.RETRY, now, due_at=later, code=code, error=why)
        alarm = self.event(dispatch, "alarm", now, why, code)
        alarm = replace(alarm, about=(*alarm.about, ("account", dispatch.account)))
        self.ledger.apply([end] if self._is_alarmed(dispatch.account, code) else [end, alarm])

    def _is_alarmed(self, account: str, code: int | None) -> bool:
        """The same was said of this account already, and nothing of it has gone out since."""
        last = standing_alarm(self.ledger, account)
        return last is not None and dict(last.about).get("code") == (None if code is None else str(code))

    def _refused_for_now(
        self, dispatch: Dispatch, now: datetime, why: str, code: int | None, *, at_once: bool
    ) -> None:
        """The content is at fault, not this address: hold it for a person; too many pause the campaign."""
        end = self.end(dispatch, DispatchState.HELD, now, code=code, error=why)
        also = refusal_changes(self.ledger, self.policy, dispatch, why, now, at_once=at_once)
        # Another thread may have paused it meanwhile; the letter is held all the same.
        if not self.ledger.apply([end, self.event(dispatch, "alarm", now, why), *also]):
            self.ledger.apply([end, self.event(dispatch, "alarm", now, why)])

    def sent_changes(self, dispatch: Dispatch, now: datetime) -> list[Change]:
        """What follows from a letter having reached a server: the event, and its dockets awaited."""
        return [self.event(dispatch, "sent", now, ""), *reached_changes(self.ledger, dispatch, now)]

    def event(
        self, dispatch: Dispatch, kind: str, now: datetime, why: str, code: int | None = None
    ) -> Record:
        about: tuple[tuple[str, str], ...] = (("kind", dispatch.kind.value), ("to", dispatch.rcpt))
        about = (*about, ("why", why)) if why else about
        about = (*about, ("code", str(code))) if code is not None else about
        return Record(kind, now, "系统", dispatch.campaign, dispatch.unit, dispatch=dispatch.id, about=about)

    def end(
        self,
        dispatch: Dispatch,
        to: DispatchState,
        now: datetime,
        *,
        was: DispatchState = DispatchState.SENDING,
        due_at: datetime | None = None,
        code: int | None = None,
        error: str = "",
    ) -> FinishSending:
        return FinishSending(
            dispatch.id, self.owner, dispatch.attempt_token, was, to, now, due_at, code, error[:500]
        )

    def finish(
        self,
        dispatch: Dispatch,
        was: DispatchState,
        to: DispatchState,
        now: datetime,
        *,
        due_at: datetime | None = None,
        code: int | None = None,
        error: str = "",
    ) -> None:
        end = self.end(dispatch, to, now, was=was, due_at=due_at, code=code, error=error)
        self.ledger.apply([end, self.event(dispatch, "postponed", now, error, code)] if error else [end])
