"""The door to the post: accounts with their pace and connections, in an event loop of their own."""

from __future__ import annotations

import asyncio
import random
import re
import threading
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TypeVar

from service.doors.imap import MailboxesDoor
from service.doors.mime_out import build_mime
from service.doors.smtp.account import SmtpAccount
from service.doors.smtp.desk import Desk, too_large
from service.office.mail import OutgoingMail
from service.office.needs.post import SentPage
from service.office.outcome import InDoubt, Never, PostOutcome, TryAgain

CLOSE_SECONDS_MAX = 5.0

T = TypeVar("T")

_ADDRESS = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")


class PostDoor:
    """Answers to `office.needs.post.Post`. Any thread may call it.

    `monotonic` and `now` are machine time: no rehearsal's clock hurries a provider [law 2]. `now` is in the
    office's zone and tells only when a day ends.
    """

    def __init__(
        self,
        accounts: Sequence[SmtpAccount],
        mailboxes: MailboxesDoor | None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._mailboxes = mailboxes
        self._is_stopping = False
        self._is_closing = False
        self._turn = threading.Lock()
        self._under_way: set[Future[PostOutcome]] = set()
        self._begun: dict[int, Future[PostOutcome]] = {}  # not yet told of by `ended`
        self._numbers = count(1)
        self._desks = {
            each.name: Desk(each, monotonic=monotonic, now=now, chance=chance) for each in accounts
        }
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="post", daemon=True)
        self._thread.start()

    def build(self, mail: OutgoingMail) -> bytes:
        """The letter's bytes as they will go out."""
        return build_mime(mail)

    def accounts(self) -> tuple[str, ...]:
        return tuple(self._desks)

    def remember(self, account: str, ages: Iterable[timedelta]) -> None:
        """Letters an earlier process sent so long ago: they count against the hour and the day."""
        self._desks[account].pace.remember([each.total_seconds() for each in ages])

    def pause_seconds(self, account: str) -> float:
        """How long (machine time) this account must still rest before its next letter."""
        return self._desks[account].pace.rest_seconds()

    def free(self, account: str) -> int:
        """How many letters may begin now: connections that are free, as far as the pace allows."""
        desk = self._desks[account]
        return 0 if self._is_stopping else desk.pace.allowance(desk.connections)

    def resting_domains(self, account: str) -> tuple[str, ...]:
        """Recipients' domains that this account must leave alone now."""
        return self._desks[account].pace.resting_domains()

    def begin(self, account: str, mime: bytes, rcpt: str) -> int:
        """Start a conversation for one recipient; `ended` tells of it under this number.

        An account or a domain that must rest is not spoken to at all.
        """
        number = next(self._numbers)
        self._begun[number] = self._start(account, mime, rcpt)
        return number

    def ended(self, seconds: float | None) -> tuple[tuple[int, PostOutcome], ...]:
        """Conversations that have ended, each told once; waits for the first, so long at most (None: on)."""
        done, _ = wait(self._begun.values(), seconds, FIRST_COMPLETED)
        numbers = [number for number, future in self._begun.items() if future in done]
        return tuple((number, _outcome(self._begun.pop(number))) for number in numbers)

    def send(self, account: str, mime: bytes, rcpt: str) -> PostOutcome:
        """One letter alone, waiting for its outcome."""
        return self._start(account, mime, rcpt).result()

    def _start(self, account: str, mime: bytes, rcpt: str) -> Future[PostOutcome]:
        desk = self._desks[account]
        with self._turn:
            refusal = self._refusal(desk, mime, rcpt)
            if refusal is not None:
                return _done(refusal)
            taken_at = desk.pace.take(rcpt)
            future = asyncio.run_coroutine_threadsafe(desk.deliver(mime, rcpt, taken_at), self._loop)
            self._under_way.add(future)
        future.add_done_callback(self._under_way.discard)
        return future

    def is_in_sent(self, account: str, message_id: str) -> bool | None:
        """Whether our Message-ID lies in the account's Sent folder; None when that cannot be known."""
        if self._mailboxes is None:
            return None
        desk = self._desks[account]
        return self._mailboxes.find_in_sent(desk.account.sent_in or account, message_id).is_there

    def read_sent(self, account: str, uidvalidity: int, last_uid: int) -> SentPage | None:
        """Some copies after the cursor in the account's Sent folder; None when it cannot be read."""
        if self._mailboxes is None:
            return None
        sent_in = self._desks[account].account.sent_in or account
        return self._mailboxes.read_sent(sent_in, uidvalidity, last_uid)

    def stop_beginning(self) -> None:
        """No further letter is begun; those under way go on."""
        self._is_stopping = True

    def close(self) -> None:
        """Say goodbye to the servers and end the loop; conversations that hang end as lost lines."""
        with self._turn:
            if self._is_closing:
                return
            self._is_stopping = self._is_closing = True
            under_way = tuple(self._under_way)
        if under_way and not self._wait_for(under_way, CLOSE_SECONDS_MAX):
            for desk in self._desks.values():
                self._loop.call_soon_threadsafe(desk.interrupt)
            self._wait_for(under_way, CLOSE_SECONDS_MAX)
        self._run(self._hang_up())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CLOSE_SECONDS_MAX)
        self._loop.close()

    def _refusal(self, desk: Desk, mime: bytes, rcpt: str) -> PostOutcome | None:
        """Why nothing is begun: a letter that cannot go this way, or an account that must rest."""
        if not _ADDRESS.fullmatch(rcpt):
            return Never(f"“{rcpt}”不是可以投递的邮箱地址")
        if 0 < desk.account.size_bytes_max < len(mime):
            return too_large(len(mime), desk.account.size_bytes_max)
        if self._is_stopping:
            # Due at once for whoever starts next; nothing is free here any more, so it is not tried again.
            return TryAgain(timedelta(0), "服务正在停止", is_account=True)
        if rest := desk.pace.rest_seconds():
            return TryAgain(timedelta(seconds=rest), "发信账户按设定的节奏休息", is_account=True)
        if rest := desk.pace.domain_rest(rcpt):
            return TryAgain(timedelta(seconds=rest), "对方服务器按设定的节奏休息", is_account=True)
        return None

    @staticmethod
    def _wait_for(futures: Iterable[Future[PostOutcome]], seconds: float) -> bool:
        _, not_done = wait(futures, seconds)
        return not not_done

    async def _hang_up(self) -> None:
        await asyncio.gather(*(desk.hang_up() for desk in self._desks.values()))

    def _run(self, work: Coroutine[object, object, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


def _outcome(future: Future[PostOutcome]) -> PostOutcome:
    """How a conversation ended; where it fell over a slip of our own, nobody knows what the server has."""
    error = future.exception()
    return future.result() if error is None else InDoubt(f"发信时出错（{type(error).__name__}：{error}）")


def _done(outcome: PostOutcome) -> Future[PostOutcome]:
    future: Future[PostOutcome] = Future()
    future.set_result(outcome)
    return future
