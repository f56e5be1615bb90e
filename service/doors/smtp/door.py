"""The door to the post: accounts with their pace, conversations in an event loop of their own."""

from __future__ import annotations

import asyncio
import random
import re
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from typing import TypeVar, assert_never

from service.doors.imap import MailboxesDoor
from service.doors.mime_out import build_mime
from service.doors.smtp.account import SmtpAccount
from service.doors.smtp.conversation import Conversation, Ending, Lost, Misfit, Reply
from service.doors.smtp.pace import Pace
from service.doors.smtp.verdicts import Phase, judge
from service.office.mail import OutgoingMail
from service.office.needs.post import SentPage
from service.office.outcome import Accepted, AskAPerson, InDoubt, Never, PostOutcome, TryAgain

# What no repetition mends rests as long as a refused login should.
MISFIT_REST_SECONDS = 12 * 60.0
CLOSE_SECONDS_MAX = 5.0
_BEFORE_LETTER = (Phase.CONNECT, Phase.LOGIN)

T = TypeVar("T")

_ADDRESS = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")


class PostDoor:
    """Answers to `office.needs.post.Post`. Any thread may send; an account holds one conversation at a time.

    `monotonic` is machine time: no rehearsal's clock hurries a provider [law 2].
    """

    def __init__(
        self,
        accounts: Sequence[SmtpAccount],
        mailboxes: MailboxesDoor | None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._mailboxes = mailboxes
        self._is_closing = False
        self._desks = {each.name: _Desk(each, monotonic, chance) for each in accounts}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="post", daemon=True)
        self._thread.start()

    def build(self, mail: OutgoingMail) -> bytes:
        """The letter's bytes as they will go out."""
        return build_mime(mail)

    def accounts(self) -> tuple[str, ...]:
        return tuple(self._desks)

    def pause_seconds(self, account: str) -> float:
        """How long (machine time) this account must still rest before its next letter."""
        return self._desks[account].pace.rest_seconds()

    def send(self, account: str, mime: bytes, rcpt: str) -> PostOutcome:
        """One conversation for one recipient; an account that must rest is not spoken to at all."""
        desk = self._desks[account]
        if not _ADDRESS.fullmatch(rcpt):
            return Never(f"“{rcpt}”不是可以投递的邮箱地址")
        with desk.lock:
            if self._is_closing:
                return TryAgain(timedelta(minutes=1), "服务正在停止")
            if rest := desk.pace.rest_seconds():
                return TryAgain(timedelta(seconds=rest), "发信账户按设定的节奏休息")
            desk.pace.take()
            deliver = desk.conversation.deliver(mime, rcpt)
            ending = self._run(deliver)
            return self._conclude(desk, ending)

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

    def close(self) -> None:
        """Say goodbye to the servers and end the loop; a conversation under way ends as a lost line."""
        if self._is_closing:
            return
        self._is_closing = True
        for desk in self._desks.values():
            is_free = desk.lock.acquire(timeout=CLOSE_SECONDS_MAX)
            if not is_free:
                self._loop.call_soon_threadsafe(desk.conversation.interrupt)
                desk.lock.acquire()
            try:
                self._run(desk.conversation.hang_up())
            finally:
                desk.lock.release()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CLOSE_SECONDS_MAX)
        self._loop.close()

    def _run(self, work: Coroutine[object, object, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _conclude(self, desk: _Desk, ending: Ending) -> PostOutcome:
        match ending:
            case Reply(code=code, text=text) if ending.is_yes:
                desk.pace.ease()
                desk.pace.count()
                return Accepted(text, code)
            case Reply(phase, code, text):
                judgement = judge(phase, code, text)
                if isinstance(judgement.outcome, TryAgain):
                    desk.pace.slow()
                if phase not in _BEFORE_LETTER:
                    desk.pace.count()
                if judgement.is_fresh:
                    self._run(desk.conversation.start_afresh())
                if judgement.rest_minutes:
                    desk.pace.open_breaker(judgement.rest_minutes * 60)
                return judgement.outcome
            case Misfit(why):
                desk.pace.open_breaker(MISFIT_REST_SECONDS)
                return AskAPerson(f"发信账户“{desk.account.name}”：{why}", is_account=True)
            case Lost(Phase.CONTENT, why):
                desk.pace.lose()
                desk.pace.count()
                return InDoubt(f"邮件内容发出后连接中断（{why}），不知道服务器是否已收下")
            case Lost(_, why):
                pause = desk.pace.lose()
                return TryAgain(
                    timedelta(seconds=max(60.0, pause)), f"连不上发信服务器（{why}），邮件没有发出"
                )
        assert_never(ending)


class _Desk:
    """One account with its pace and its connection."""

    def __init__(
        self, account: SmtpAccount, monotonic: Callable[[], float], chance: Callable[[], float]
    ) -> None:
        self.account = account
        self.lock = threading.Lock()
        self.conversation = Conversation(account)
        self.pace = Pace(
            pace_seconds=account.pace_seconds,
            per_hour=account.per_hour,
            per_day=account.per_day,
            monotonic=monotonic,
            chance=chance,
        )
