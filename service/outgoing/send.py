"""核发 — drain the outbox, politely, each dispatch ready → sending → sent. [条例25]"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import assert_never

from service.office.change import (
    BeginSending,
    Change,
    FinishSending,
    PutDocket,
    PutTimers,
    Record,
    SettleDispatch,
    Timer,
)
from service.office.content import Content
from service.office.delivery import retired, undelivered_changes
from service.office.dispatch import Dispatch, DispatchKind, DispatchState
from service.office.docket import Docket, DocketState, Trigger
from service.office.holding import move, moved_event
from service.office.mail import OutgoingMail
from service.office.needs.archive import Archive
from service.office.needs.ledger import Ledger
from service.office.needs.post import Post
from service.office.outcome import (
    Accepted,
    AskAPerson,
    DoorError,
    InDoubt,
    Never,
    PostOutcome,
    TryAgain,
)
from service.office.policy import Policy
from service.office.record import from_bytes

# One row a claim: a receipt written meanwhile comes before the rest of a large notice, and no row is leased,
# and counted as tried, only to be put back because the account must rest after the one before it.
CLAIM_ROWS = 1
# A refused login is asked again no sooner: providers shut out clients that hammer.
ACCOUNT_PAUSE = timedelta(minutes=15)
# The archive cannot be read just now: the letter is put back for so long.
ARCHIVE_PAUSE = timedelta(minutes=1)
# A docket may be moved by another thread between reading and writing it, but hardly so often in a row.
FOLLOW_TRIES = 5
_ABOUT_DOCKETS = (DispatchKind.REMINDER,)


@dataclass(frozen=True, slots=True)
class Send:
    """Sends what is due. The only stage that may know the post office."""

    ledger: Ledger
    archive: Archive
    post: Post
    policy: Policy
    owner: str

    name = "send"

    def waiting(self, now: datetime) -> Sequence[str]:
        """One piece per round: "outbox" while something is due and an account may talk."""
        due = self.ledger.next_due()
        ready = [each for each in self.post.accounts() if self.post.pause_seconds(each) <= 0]
        return ["outbox"] if due is not None and due <= now and ready else []

    def handle(self, piece: str, now: datetime) -> bool:
        """Claim what comes first and send it; True when more may be due."""
        ready = [each for each in self.post.accounts() if self.post.pause_seconds(each) <= 0]
        if not ready:
            return False
        claimed = self.ledger.claim(self.owner, now, CLAIM_ROWS, ready)
        for dispatch in claimed:
            self._send_one(dispatch, now)
        return bool(claimed)

    def settle_doubts(self, now: datetime) -> None:
        """Look every in-doubt dispatch up in Sent; what cannot be known stays for a person [law 1]."""
        # Of an account that was taken out of the settings, or does not answer now, nothing can be known;
        # asking a silent server for each of many letters would hold up everything else.
        asked = set(self.post.accounts())
        for dispatch in self.ledger.dispatches(states=(DispatchState.IN_DOUBT,)):
            account, is_there = dispatch.account, None
            if account in asked:
                is_there = self.post.is_in_sent(account, dispatch.message_id)
                if is_there is None:
                    asked.discard(account)
            if is_there:
                why = "在“已发送”中找到了这封邮件"
                settle = SettleDispatch(dispatch.id, DispatchState.IN_DOUBT, DispatchState.SENT, now, why)
                self._conclude_with(settle, partial(self.sent_changes, dispatch, now))
            elif dispatch.kind is DispatchKind.RECEIPT and self.policy.resend_receipts_in_doubt:
                why = "按本单位设置，存疑回执重发一次"
                if dispatch.attempts < 2:
                    self.ledger.apply(
                        [SettleDispatch(dispatch.id, DispatchState.IN_DOUBT, DispatchState.RETRY, now, why)]
                    )

    def take_back(self) -> int:
        """What a killed process left leased is free again; what it left sending is in doubt: so many."""
        return len(self.ledger.recover(self.owner))

    def recover(self, now: datetime) -> None:
        """At start: the same, and the doubts looked up at once."""
        self.take_back()
        self.settle_doubts(now)

    def _send_one(self, dispatch: Dispatch, now: datetime) -> None:
        dockets = self._still_missing(dispatch)
        if dispatch.kind in _ABOUT_DOCKETS and len(dockets) < len(dispatch.dockets):
            self._outdated(dispatch, dockets, now)
            return
        if self.post.pause_seconds(dispatch.account) > 0:
            self._finish(dispatch, DispatchState.LEASED, DispatchState.READY, now, due_at=now)
            return
        mime = self._compose(dispatch, now)
        if mime is None:
            return
        begin = BeginSending(dispatch.id, self.owner, dispatch.attempt_token, self.archive.put(mime), dockets)
        if not self.ledger.apply([begin]):
            # A docket moved, or the lease is gone: let go, and look again from the beginning.
            self._finish(dispatch, DispatchState.LEASED, DispatchState.READY, now, due_at=now)
            return
        outcome = self.post.send(dispatch.account, mime, dispatch.rcpt)
        self._conclude(dispatch, outcome, now)

    def _compose(self, dispatch: Dispatch, now: datetime) -> bytes | None:
        """The letter's bytes; one that cannot be put together waits for a person and delays nobody else."""
        try:
            return self.post.build(self._mail(dispatch, now))
        except DoorError as error:
            if error.again:
                later = now + ARCHIVE_PAUSE
                self._finish(dispatch, DispatchState.LEASED, DispatchState.RETRY, now, due_at=later)
                raise
            why = error.why
        except (ValueError, LookupError) as error:
            why = f"邮件无法组成（{type(error).__name__}）"
        end = self._end(dispatch, DispatchState.HELD, now, was=DispatchState.LEASED, error=why)
        self.ledger.apply([end, self._event(dispatch, "alarm", now, why)])
        return None

    def _still_missing(self, dispatch: Dispatch) -> tuple[Docket, ...]:
        if dispatch.kind not in _ABOUT_DOCKETS:
            return ()
        found = (self.ledger.docket(dispatch.campaign, dispatch.unit, item) for item in dispatch.dockets)
        return tuple(each for each in found if each is not None and each.is_missing)

    def _outdated(self, dispatch: Dispatch, missing: tuple[Docket, ...], now: datetime) -> None:
        """Something the reminder names has come in: it is not sent; the rest is asked for anew."""
        why = "要催的材料已有变化，不再发送"
        end = self._end(dispatch, DispatchState.CANCELLED, now, was=DispatchState.LEASED, error=why)
        changes: list[Change] = [end, self._event(dispatch, "cancelled", now, why)]
        if missing:
            items = tuple(each.item for each in missing)
            step = f"补催@{dispatch.id}"
            changes.append(
                PutTimers((Timer(dispatch.campaign, dispatch.unit, step, missing[0].due_rev, now, items),))
            )
        self.ledger.apply(changes)

    def _mail(self, dispatch: Dispatch, now: datetime) -> OutgoingMail:
        content = from_bytes(Content, self.archive.get(dispatch.content_sha256))
        return OutgoingMail(
            sender=self.policy.sender,
            sender_name=self.policy.sender_name,
            rcpt=dispatch.rcpt,
            subject=content.subject,
            text=content.text,
            attachments=tuple(
                (each.name, self.archive.get(each.sha256), each.type) for each in content.enclosures
            ),
            message_id=dispatch.message_id,
            date=self.policy.local(now),
            in_reply_to=dispatch.in_reply_to,
            references=content.references,
            auto_submitted=content.auto_submitted,
            extra_headers=(("X-Huizhi-Dispatch", str(dispatch.id)),),
        )

    def _conclude(self, dispatch: Dispatch, outcome: PostOutcome, now: datetime) -> None:
        match outcome:
            case Accepted(reply, code):
                end = self._end(dispatch, DispatchState.SENT, now, code=code, error=reply)
                self._conclude_with(end, partial(self.sent_changes, dispatch, now))
            case TryAgain(after, why, code):
                self._retry(dispatch, now, after, why, code)
            case Never(why, code):
                self._refused(dispatch, now, why, code)
            case AskAPerson(why, code, is_account=True):
                self._account_refused(dispatch, now, why, code)
            case AskAPerson(why, code):
                self._refused_for_now(dispatch, now, why, code)
            case InDoubt(why):
                end = self._end(dispatch, DispatchState.IN_DOUBT, now, error=why)
                self.ledger.apply([end, self._event(dispatch, "in-doubt", now, why)])
                self._look_up(dispatch, now)
            case _:
                assert_never(outcome)

    def _look_up(self, dispatch: Dispatch, now: datetime) -> None:
        if self.post.is_in_sent(dispatch.account, dispatch.message_id):
            end = self._end(dispatch, DispatchState.SENT, now, was=DispatchState.IN_DOUBT)
            self._conclude_with(end, partial(self.sent_changes, dispatch, now))

    def _conclude_with(self, end: Change, follow: Callable[[], list[Change]]) -> None:
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
        self._finish(dispatch, DispatchState.SENDING, to, now, due_at=later, code=code, error=why)

    def _refusals(self, dispatch: Dispatch) -> int:
        """How often a server has put this letter off. Its attempts also count turns it did not take."""
        postponed = self.ledger.events(campaign=dispatch.campaign, unit=dispatch.unit, kind="postponed")
        return sum(each.dispatch == dispatch.id and "code" in dict(each.about) for each in postponed)

    def _refused(self, dispatch: Dispatch, now: datetime, why: str, code: int | None) -> None:
        end = self._end(dispatch, DispatchState.DEAD, now, code=code, error=why)
        also: list[Change] = [self._event(dispatch, "refused", now, why)]
        if code == 550:
            also += retired(self.ledger, dispatch)
        self._conclude_with(end, lambda: [*also, *undelivered_changes(self.ledger, dispatch, now)])

    def _account_refused(self, dispatch: Dispatch, now: datetime, why: str, code: int | None) -> None:
        """A dead password or a wrong sender: an alarm; the letter waits and goes out once that is mended."""
        later = now + ACCOUNT_PAUSE
        end = self._end(dispatch, DispatchState.RETRY, now, due_at=later, code=code, error=why)
        self.ledger.apply([end, self._event(dispatch, "alarm", now, why)])

    def _refused_for_now(self, dispatch: Dispatch, now: datetime, why: str, code: int | None) -> None:
        """The content is at fault, not this address: hold it for a person."""
        end = self._end(dispatch, DispatchState.HELD, now, code=code, error=why)
        self.ledger.apply([end, self._event(dispatch, "alarm", now, why)])

    def sent_changes(self, dispatch: Dispatch, now: datetime) -> list[Change]:
        """What follows from a letter having reached a server: the event, and its dockets awaited."""
        changes: list[Change] = [self._event(dispatch, "sent", now, "")]
        if dispatch.kind is not DispatchKind.NOTICE:
            return changes
        for docket in self.ledger.dockets(dispatch.campaign, dispatch.unit):
            if docket.state not in (DocketState.NOT_SENT, DocketState.UNDELIVERED):
                continue
            moved = move(docket, Trigger.SENT) or docket
            changes.append(PutDocket(moved))
            changes.append(moved_event(docket, moved, now, "系统"))
        return changes

    def _event(
        self, dispatch: Dispatch, kind: str, now: datetime, why: str, code: int | None = None
    ) -> Record:
        about: tuple[tuple[str, str], ...] = (("kind", dispatch.kind.value), ("to", dispatch.rcpt))
        about = (*about, ("why", why)) if why else about
        about = (*about, ("code", str(code))) if code is not None else about
        return Record(kind, now, "系统", dispatch.campaign, dispatch.unit, dispatch=dispatch.id, about=about)

    def _end(
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

    def _finish(
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
        end = self._end(dispatch, to, now, was=was, due_at=due_at, code=code, error=error)
        self.ledger.apply([end, self._event(dispatch, "postponed", now, error, code)] if error else [end])
