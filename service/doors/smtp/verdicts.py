"""A server's refusal looked up in the table: what to tell the office, and what the account does meanwhile."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never

from service.doors.smtp.code_table import CODE_TABLE, Action, Row
from service.doors.smtp.phase import ACCOUNT_PHASES, Phase
from service.office.outcome import AskAPerson, Never, TryAgain

HALF_A_DAY = timedelta(hours=12)
ACCOUNT_REST_MINUTES = 12.0


@dataclass(frozen=True, slots=True)
class Judgement:
    """What to tell the office, and who rests for how long."""

    outcome: TryAgain | Never | AskAPerson
    action: Action
    rest_minutes: float = 0.0  # the account
    domain_minutes: float = 0.0  # the recipient's domain

    @property
    def is_fresh(self) -> bool:
        """A new connection is wanted."""
        return self.action is Action.FRESH


def row_for(phase: Phase, code: int, text: str) -> Row:
    """The first row of the table that fits; the last fits everything."""
    return next(each for each in CODE_TABLE if _fits(each, phase, code, text))


def judge(phase: Phase, code: int, text: str, to_tomorrow: timedelta = HALF_A_DAY) -> Judgement:
    """What a refusal means. `Never` carries 550 only where the mailbox does not exist: send retires on it."""
    row = row_for(phase, code, text)
    why = f"{row.why}（服务器说：{code} {text}）"
    is_account = phase in ACCOUNT_PHASES
    after = timedelta(minutes=row.minutes)
    match row.action:
        case Action.LATER | Action.FRESH:
            return Judgement(TryAgain(after, why, code, is_account=row.action is Action.FRESH), row.action)
        case Action.LATER_DOMAIN:
            return Judgement(TryAgain(after, why, code), row.action, domain_minutes=row.rest)
        case Action.LATER_ACCOUNT:
            return Judgement(TryAgain(after, why, code, is_account=True), row.action, row.rest)
        case Action.TOMORROW:
            rest = to_tomorrow.total_seconds() / 60
            return Judgement(TryAgain(to_tomorrow, why, code, is_account=True), row.action, rest)
        case Action.FIX_ACCOUNT:
            return Judgement(AskAPerson(why, code, is_account=True), row.action, row.rest)
        case Action.STOP_CAMPAIGN:
            return Judgement(AskAPerson(why, code, is_campaign=True), row.action, row.rest)
        case Action.ASK:
            # Refused before the letter was spoken of: every letter would be, so that the account rests.
            rest = max(row.rest, ACCOUNT_REST_MINUTES) if is_account else row.rest
            return Judgement(AskAPerson(why, code, is_account=is_account), row.action, rest)
        case Action.GONE:
            return Judgement(Never(why, 550), row.action)
        case Action.NEVER | Action.TOO_LARGE:
            return Judgement(Never(why, None if code == 550 else code), row.action)
    assert_never(row.action)


def _fits(row: Row, phase: Phase, code: int, text: str) -> bool:
    return (
        (not row.codes or str(code).startswith(row.codes))
        and (not row.phases or phase in row.phases)
        and re.search(row.text, text, re.IGNORECASE) is not None
    )
