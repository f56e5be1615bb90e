"""How far a conversation came, and the ways in which it can end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Phase(Enum):
    """How far a conversation came."""

    CONNECT = "connect"
    LOGIN = "login"
    SENDER = "sender"
    RCPT = "rcpt"
    DATA = "data"  # DATA was said, no byte of the letter was asked for yet
    CONTENT = "content"  # the letter's bytes had begun


# What is refused here is the account, whoever the letter is for.
ACCOUNT_PHASES = (Phase.CONNECT, Phase.LOGIN, Phase.SENDER)
# So far the server has heard nothing of a letter.
BEFORE_LETTER = (Phase.CONNECT, Phase.LOGIN)


@dataclass(frozen=True, slots=True)
class Reply:
    """The server answered. A 2xx to the whole letter is the only yes [RFC 5321 §4.2.1]."""

    phase: Phase
    code: int
    text: str

    @property
    def is_yes(self) -> bool:
        return self.phase is Phase.CONTENT and 200 <= self.code < 300

    @property
    def is_no(self) -> bool:
        return 400 <= self.code < 600


@dataclass(frozen=True, slots=True)
class Lost:
    """The line broke in this phase. `is_whole`: all of the letter had been written, its last dot too."""

    phase: Phase
    why: str
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Misfit:
    """Server and settings do not fit together (certificate, STARTTLS, AUTH): only a person can mend that."""

    why: str


@dataclass(frozen=True, slots=True)
class TooLarge:
    """The server said beforehand that it takes no letter of this size; it was not told of it."""

    size: int
    limit: int


Ending = Reply | Lost | Misfit | TooLarge
