"""How often a mail server may be knocked at: logins per hour, pauses after refusals and failures."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from service.office.outcome import DoorError

# QQ asks for 10–15 minutes of quiet after a refused login, else it shuts the address out for longer.
REFUSED_PAUSE_SECONDS = 12 * 60.0
LOGIN_WINDOW_SECONDS = 3600.0

# The first loss of a line is usually a server tidying up, so one new try is made at once.
BACK_OFF_SECONDS = (0.0, 2.0, 5.0, 15.0, 30.0, 60.0, 120.0)


class LoginRestraint:
    """Shared by all lines of one account, in whatever threads they run. Times are machine time in seconds."""

    def __init__(self, account: str, logins_per_hour: int, monotonic: Callable[[], float]) -> None:
        self._account = account
        self._per_hour = logins_per_hour
        self._monotonic = monotonic
        self._logins: deque[float] = deque()
        self._refused_until = 0.0
        self._refused_why = ""
        self._lock = threading.Lock()

    def rest_seconds(self) -> float:
        """How long no login may be tried; 0 when one may be."""
        with self._lock:
            return self._rest_seconds()

    def check(self) -> None:
        """Raise DoorError when no login may be tried now."""
        with self._lock:
            if self._refused_until > self._monotonic():
                # The same sentence as at first: whoever notes troubles need not note this one again.
                raise DoorError(self._refused_why, again=True)
            if self._rest_seconds() > 0:
                raise DoorError(
                    f"邮箱账户“{self._account}”一小时内已登录 {self._per_hour} 次，稍后再试，以免被封停。",
                    again=True,
                )

    def count(self) -> None:
        """A login is about to be tried; connections that never got so far are not counted."""
        with self._lock:
            self._logins.append(self._monotonic())

    def refuse(self, why: str) -> None:
        """A login was refused: nobody of this account tries again for a while."""
        with self._lock:
            self._refused_why = why
            self._refused_until = self._monotonic() + REFUSED_PAUSE_SECONDS

    def _rest_seconds(self) -> float:
        now = self._monotonic()
        while self._logins and self._logins[0] <= now - LOGIN_WINDOW_SECONDS:
            self._logins.popleft()
        rest = self._refused_until - now
        if len(self._logins) >= self._per_hour:
            rest = max(rest, self._logins[0] + LOGIN_WINDOW_SECONDS - now)
        return max(0.0, rest)


class BackOff:
    """Growing pauses after failures in a row; belongs to one line."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._failures = 0
        self._until = 0.0
        self._why = ""

    def fail(self, why: str, pause_seconds: float = 0.0) -> None:
        """One more failure; `pause_seconds` asks for at least so long a pause."""
        self._why = why
        step = BACK_OFF_SECONDS[min(self._failures, len(BACK_OFF_SECONDS) - 1)]
        self._failures += 1
        self._until = self._monotonic() + max(step, pause_seconds)

    def succeed(self) -> None:
        self._failures = 0
        self._until = 0.0

    def rest_seconds(self) -> float:
        return max(0.0, self._until - self._monotonic())

    def check(self) -> None:
        """Raise DoorError while resting, with the reason of the rest."""
        if self.rest_seconds() > 0:
            raise DoorError(self._why, again=True)
