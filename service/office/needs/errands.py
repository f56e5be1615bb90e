"""What the office needs of somebody who carries out what staff ask for by mail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from service.office.change import Change
from service.office.errand import Errand


class Told(Protocol):
    """What became of one line: done, or why not, in one sentence."""

    @property
    def is_done(self) -> bool: ...
    @property
    def say(self) -> str: ...


class Errands(Protocol):
    """Implemented by desk/errands.py and handed over by wiring, which knows both."""

    def carry_out(self, errand: Errand, by: str, now: datetime, also: Sequence[Change]) -> Told:
        """Do what one line asks for; `also` is written in the very transaction that does it."""
        ...
