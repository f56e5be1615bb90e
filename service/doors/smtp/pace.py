"""How fast an account may send: a gap between letters, caps per hour and day, and a breaker. Machine time."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

HOUR = 3600.0
DAY = 24 * HOUR

# Every temporary refusal doubles the gap, every accepted letter takes half of that back.
SLOWNESS_MAX = 16.0
# A gap of exactly n seconds looks like a machine; up to a quarter is added by chance.
JITTER = 0.25

# Pauses after lines lost in a row: a restarted server is found again soon, one that is down is left alone.
LOST_PAUSES = (1.0, 5.0, 15.0, 60.0, 120.0, 300.0)


class Pace:
    """One account's rest. Counts begin anew with the process."""

    def __init__(
        self,
        *,
        pace_seconds: float,
        per_hour: int,
        per_day: int,
        monotonic: Callable[[], float],
        chance: Callable[[], float],
    ) -> None:
        self._gap = pace_seconds
        self._windows = [
            (cap, span, deque[float]()) for cap, span in ((per_hour, HOUR), (per_day, DAY)) if cap
        ]
        self._monotonic = monotonic
        self._chance = chance
        self._slowness = 1.0
        self._next_at = 0.0
        self._closed_until = 0.0
        self._lost = 0
        self._lock = threading.Lock()

    def rest_seconds(self) -> float:
        """How long no letter may be sent."""
        with self._lock:
            now = self._monotonic()
            waits = [0.0, self._next_at - now, self._closed_until - now]
            for cap, span, times in self._windows:
                while times and times[0] <= now - span:
                    times.popleft()
                if len(times) >= cap:
                    waits.append(times[0] + span - now)
            return max(waits)

    def take(self) -> None:
        """A conversation begins."""
        with self._lock:
            self._next_at = self._monotonic() + self._gap * self._slowness * (1 + JITTER * self._chance())

    def count(self) -> None:
        """A letter was shown to the server: that is what providers count, whatever they said to it."""
        with self._lock:
            for _, _, times in self._windows:
                times.append(self._monotonic())

    def ease(self) -> None:
        """A letter was accepted."""
        with self._lock:
            self._lost = 0
            self._slowness = max(1.0, self._slowness / 2)

    def slow(self) -> None:
        """The server asked for patience."""
        with self._lock:
            self._lost = 0
            self._slowness = min(SLOWNESS_MAX, self._slowness * 2)
            self._next_at = max(self._next_at, self._monotonic() + self._gap * self._slowness)

    def open_breaker(self, seconds: float) -> None:
        """No letter of this account for so long."""
        with self._lock:
            self._closed_until = max(self._closed_until, self._monotonic() + seconds)

    def lose(self) -> float:
        """The line broke; returns how long the account rests now."""
        with self._lock:
            pause = LOST_PAUSES[min(self._lost, len(LOST_PAUSES) - 1)]
            self._lost += 1
            self._closed_until = max(self._closed_until, self._monotonic() + pause)
            return pause
