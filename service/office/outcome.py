"""The world's failures, sorted at the door into three, and what a post office may answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class TryAgain:
    """It did not happen, and may go well later; nothing was handed over.

    `is_account`: the account as a whole was put off (a frequency, a day's cap); the letter is not at fault,
    so that such a no is never counted among the letter's own.
    """

    after: timedelta
    why: str
    code: int | None = None
    is_account: bool = False


@dataclass(frozen=True, slots=True)
class Never:
    """It did not happen and never will this way."""

    why: str
    code: int | None = None


@dataclass(frozen=True, slots=True)
class AskAPerson:
    """Something outside one piece of work is wrong (a dead credential, a refused sender).

    `is_account`: every letter of the account would meet the same; this one is not at fault.
    `is_campaign`: every letter like it would meet the same (content called spam): the campaign pauses.
    """

    why: str
    code: int | None = None
    is_account: bool = False
    is_campaign: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server took the letter; `reply` is its own last line."""

    reply: str
    code: int = 250


@dataclass(frozen=True, slots=True)
class InDoubt:
    """The conversation broke after the letter's bytes began: nobody knows [law 1]."""

    why: str


PostOutcome = Accepted | TryAgain | Never | AskAPerson | InDoubt


class DoorError(Exception):
    """A door could not do its work; `why` is a sentence for staff, `again` says whether later may help."""

    def __init__(self, why: str, *, again: bool) -> None:
        super().__init__(why)
        self.why = why
        self.again = again
