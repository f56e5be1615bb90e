"""What the office needs of a watched folder: which campaigns have changed and now lie still."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Settled:
    """What a look at templates/ gave.

    `ready`: campaigns that changed since they were last handed out, whole and untouched for a moment.
    `present`: every campaign folder there is; None while the folder itself cannot be seen.
    """

    ready: tuple[str, ...]
    present: tuple[str, ...] | None


class HotFolder(Protocol):
    """Watches templates/ and what every campaign hangs on: roster, calendar, shared mail texts."""

    def next(self, seconds: float) -> Settled:
        """Wait until something has settled, a folder has come or gone, or the time is up."""
        ...

    def close(self) -> None:
        """End a `next` that waits; later ones return at once."""
        ...


class Judging(Protocol):
    """What is done with a campaign that staff dropped or changed (desk/judge.py, handed over by wiring)."""

    def judge(self, campaign: str, now: datetime) -> bool:
        """Look at it and write down what was found."""
        ...

    def give_up(self, campaign: str, now: datetime) -> None:
        """Say that this look came to no end."""
        ...

    def keep(self, present: Sequence[str], now: datetime) -> None:
        """Take away what was written of campaigns that are gone."""
        ...
