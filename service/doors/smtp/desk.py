"""One account at work: its pace, its kept connections, and what an ending means for both."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import assert_never

from service.doors.smtp.account import CONNECTIONS_MAX, SmtpAccount
from service.doors.smtp.code_table import TOO_LARGE_SAY, Action
from service.doors.smtp.conversation import Conversation
from service.doors.smtp.pace import Pace
from service.doors.smtp.phase import BEFORE_LETTER, Ending, Lost, Misfit, Phase, Reply, TooLarge
from service.doors.smtp.verdicts import judge
from service.office.outcome import Accepted, AskAPerson, InDoubt, Never, PostOutcome, TryAgain
from service.office.policy import size_words

# What no repetition mends rests as long as a refused login should.
MISFIT_REST_SECONDS = 12 * 60.0
# A letter whose line was lost is tried again no sooner, however soon the account is.
LOST_LETTER_SECONDS = 60.0
SIZE_REFUSED = 552


class Desk:
    """Conversations and endings run in the door's event loop; the pace may be asked by any thread."""

    def __init__(
        self,
        account: SmtpAccount,
        *,
        monotonic: Callable[[], float],
        now: Callable[[], datetime],
        chance: Callable[[], float],
    ) -> None:
        self.account = account
        self.connections = max(1, min(account.connections, CONNECTIONS_MAX))
        self.pace = Pace(account, monotonic=monotonic, now=now, chance=chance)
        # Used as a stack: the connection used last is the least likely to have been closed meanwhile.
        self._idle = [Conversation(account, monotonic) for _ in range(self.connections)]
        self._busy: set[Conversation] = set()
        self._is_free = asyncio.Semaphore(self.connections)
        self._is_closing = False

    async def deliver(self, mime: bytes, rcpt: str, taken_at: float) -> PostOutcome:
        """One letter over a connection that is free, and what its ending means."""
        ending: Ending = Lost(Phase.CONNECT, "服务正在停止")
        try:
            async with self._is_free:
                if not self._is_closing:
                    ending = await self._converse(mime, rcpt)
        finally:
            self.pace.done(rcpt, taken_at, is_counted=_is_counted(ending))
        return self._conclude(ending, rcpt)

    async def _converse(self, mime: bytes, rcpt: str) -> Ending:
        conversation = self._idle.pop()
        self._busy.add(conversation)
        try:
            ending = await conversation.deliver(mime, rcpt)
            if _is_fresh(ending):
                await conversation.start_afresh()
            return ending
        finally:
            self._busy.discard(conversation)
            self._idle.append(conversation)
            self._idle.sort(key=lambda each: each.is_open)

    def interrupt(self) -> None:
        """Break off every letter under way; each still has its ending, those that waited begin no more."""
        self._is_closing = True
        for each in tuple(self._busy):
            each.interrupt()

    async def hang_up(self) -> None:
        """Say goodbye on every kept connection."""
        await asyncio.gather(*(each.hang_up() for each in self._idle))

    def _conclude(self, ending: Ending, rcpt: str) -> PostOutcome:
        match ending:
            case Reply(code=code, text=text) if ending.is_yes:
                self.pace.ease()
                return Accepted(text, code)
            case Reply(Phase.CONTENT, code, text) if not ending.is_no:
                return InDoubt(f"邮件发完后服务器的回答无法理解（{code} {text}），不知道是否已收下")
            case Reply(phase, code, text):
                return self._refused(phase, code, text, rcpt)
            case Misfit(why):
                self.pace.refuse(MISFIT_REST_SECONDS)
                return AskAPerson(f"发信账户“{self.account.name}”：{why}", is_account=True)
            case TooLarge(size, limit):
                return too_large(size, limit)
            case Lost(Phase.CONTENT, why, is_whole):
                self.pace.lose()
                how_far = "全部发出后" if is_whole else "没有发完就"
                return InDoubt(f"邮件内容{how_far}连接中断（{why}），不知道服务器是否已收下")
            case Lost(_, why) if self._is_closing:
                # Broken off by ourselves before its content: no fault of the line, and due again at once.
                return TryAgain(timedelta(0), f"{why}，邮件没有发出")
            case Lost(_, why):
                pause = self.pace.lose()
                after = timedelta(seconds=max(LOST_LETTER_SECONDS, pause))
                return TryAgain(after, f"连不上发信服务器（{why}），邮件没有发出", is_account=True)
        assert_never(ending)

    def _refused(self, phase: Phase, code: int, text: str, rcpt: str) -> PostOutcome:
        judgement = judge(phase, code, text, self.pace.to_tomorrow())
        if isinstance(judgement.outcome, TryAgain):
            self.pace.slow()
        if judgement.domain_minutes:
            self.pace.rest_domain(rcpt, judgement.domain_minutes * 60)
        if judgement.rest_minutes and judgement.action in (Action.FIX_ACCOUNT, Action.ASK):
            self.pace.refuse(judgement.rest_minutes * 60)
        elif judgement.rest_minutes:
            self.pace.open_breaker(judgement.rest_minutes * 60)
        return judgement.outcome


def too_large(size: int, limit: int) -> Never:
    """Known before a word of it was said."""
    return Never(f"{TOO_LARGE_SAY}：这封邮件 {size_words(size)}，上限 {size_words(limit)}", SIZE_REFUSED)


def _is_fresh(ending: Ending) -> bool:
    return (
        isinstance(ending, Reply) and ending.is_no and judge(ending.phase, ending.code, ending.text).is_fresh
    )


def _is_counted(ending: Ending) -> bool:
    """Whether the server was shown a letter: that is what providers count."""
    match ending:
        case Reply(phase) | Lost(phase):
            return phase not in BEFORE_LETTER
        case Misfit() | TooLarge():
            return False
    assert_never(ending)
