"""时钟 — office time: the wall's, or one that a rehearsal sets."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, tzinfo


class SystemClock:
    """The machine's clock, read in the office's zone. Implements office/needs/clock.py."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone

    def now(self) -> datetime:
        """An aware instant."""
        return datetime.now(self._zone)


class ManualClock:
    """Stands still until told otherwise, for rehearsals and tests. Thread-safe."""

    def __init__(self, start: datetime) -> None:
        self._lock = threading.Lock()
        self._now = _aware(start)

    def now(self) -> datetime:
        """An aware instant."""
        with self._lock:
            return self._now

    def set(self, now: datetime) -> None:
        """From here on it is this instant."""
        with self._lock:
            self._now = _aware(now)

    def advance(self, by: timedelta) -> datetime:
        """Move on; returns the new instant."""
        with self._lock:
            # In UTC: within one zone Python adds to the clock on the wall, which may skip or repeat an hour.
            self._now = (self._now.astimezone(UTC) + by).astimezone(self._now.tzinfo)
            return self._now


def _aware(instant: datetime) -> datetime:
    if instant.utcoffset() is None:
        raise ValueError(f"an instant needs its offset: {instant!r}")
    return instant
