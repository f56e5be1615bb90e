"""What the office needs of a clock."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Office time: due dates, timers, retries, receipts; a rehearsal may speed it up [law 2]."""

    def now(self) -> datetime:
        """An aware instant."""
        ...
