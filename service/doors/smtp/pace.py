"""How fast an account may send, in machine time: a gap, caps an hour and a day, a breaker, domains."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from service.doors.smtp.account import Day, DomainLimit, SmtpAccount

HOUR = 3600.0
DAY = 24 * HOUR

# Every temporary refusal doubles the gap, every accepted letter takes half of that back.
SLOWNESS_MAX = 16.0
# A gap of exactly n seconds looks like a machine; up to a quarter is added by chance.
JITTER = 0.25

# Pauses after lines lost in a row: a restarted server is found again soon, one that is down is left alone.
LOST_PAUSES = (1.0, 5.0, 15.0, 60.0, 120.0, 300.0)
# What only a person can mend is asked for ever more rarely, for providers shut out who hammers.
REFUSED_REST_MAX = 2 * HOUR
# A new day is not begun on the very stroke: clocks differ, and everybody begins then.
AFTER_MIDNIGHT = 10 * 60.0
# Domains that rest at a time; more would only make the question for the next letter long.
DOMAINS_MAX = 200


class Pace:
    """One account's rest. `now` is the wall's clock in the office's zone, asked only for midnight."""

    def __init__(
        self,
        account: SmtpAccount,
        *,
        monotonic: Callable[[], float],
        now: Callable[[], datetime],
        chance: Callable[[], float],
    ) -> None:
        self._gap = account.pace_seconds
        self._windows = [
            _Window(cap, span, is_calendar)
            for cap, span, is_calendar in (
                (account.per_hour, HOUR, False),
                (account.per_day, DAY, account.day is Day.CALENDAR),
            )
            if cap
        ]
        self._limits = {each.domain: each for each in account.domain_limits}
        self._domains: dict[str, _Domain] = {}
        self._monotonic = monotonic
        self._now = now
        self._chance = chance
        self._slowness = 1.0
        self._next_at = 0.0
        self._closed_until = 0.0
        self._lost = 0
        self._refused = 0
        self._is_proven = False
        self._under_way = 0
        self._lock = threading.Lock()

    # how much may go out

    def rest_seconds(self) -> float:
        """How long no letter may be sent."""
        with self._lock:
            now = self._monotonic()
            waits = [0.0, self._next_at - now, self._closed_until - now]
            waits += [each.rest(now, self._seconds_of_today) for each in self._windows]
            return max(waits)

    def allowance(self, connections: int) -> int:
        """How many letters may begin now, of so many connections.

        One at a time while the account has yet to show that it works, so that a wrong password is one refused
        login and not four; and one at a time where letters are to keep a gap.
        """
        if self.rest_seconds():
            return 0
        with self._lock:
            free = (connections if self._is_proven else 1) - self._under_way
            rooms = [each.cap - len(each.times) for each in self._windows]
            return max(0, min([free, *rooms, *([1] if self._gap * self._slowness else [])]))

    def resting_domains(self) -> tuple[str, ...]:
        """Recipients' domains that must be left alone now; their letters hold up nobody else."""
        with self._lock:
            now = self._monotonic()
            resting = [name for name, each in self._domains.items() if self._domain_rest(name, each, now)]
            self._domains = {
                name: each for name, each in self._domains.items() if each.under_way or each.next_at > now
            }
            return tuple(resting[:DOMAINS_MAX])

    def domain_rest(self, rcpt: str) -> float:
        """How long this recipient's domain must rest."""
        with self._lock:
            name = domain_of(rcpt)
            known = self._domains.get(name)
            return self._domain_rest(name, known, self._monotonic()) if known else 0.0

    def _domain_rest(self, name: str, domain: _Domain, now: float) -> float:
        at_once = self._limit(name).at_once
        is_full = bool(at_once) and domain.under_way >= at_once
        return max(0.0, domain.next_at - now, 1.0 if is_full else 0.0)

    def _limit(self, domain: str) -> DomainLimit:
        return self._limits.get(domain) or self._limits.get("") or DomainLimit("")

    def to_tomorrow(self) -> timedelta:
        """Until the office's next day has begun."""
        return timedelta(seconds=DAY - self._seconds_of_today() + AFTER_MIDNIGHT)

    def _seconds_of_today(self) -> float:
        now = self._now()
        return (now - now.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()

    # what happened

    def take(self, rcpt: str) -> float:
        """A conversation begins. It counts at once, so that those under way together keep to the cap."""
        with self._lock:
            now = self._monotonic()
            self._under_way += 1
            self._next_at = now + self._gap * self._slowness * (1 + JITTER * self._chance())
            for each in self._windows:
                each.times.append(now)
            name = domain_of(rcpt)
            domain = self._domains.setdefault(name, _Domain())
            domain.under_way += 1
            domain.next_at = max(domain.next_at, now + self._limit(name).seconds)
            return now

    def done(self, rcpt: str, taken_at: float, *, is_counted: bool) -> None:
        """It ended. What a server was shown is what providers count, whatever they said to it."""
        with self._lock:
            self._under_way -= 1
            if domain := self._domains.get(domain_of(rcpt)):
                domain.under_way -= 1
            if not is_counted:
                for each in self._windows:
                    if taken_at in each.times:
                        each.times.remove(taken_at)

    def remember(self, ages: Iterable[float]) -> None:
        """Letters sent so many seconds ago by an earlier process: a restart is no new day."""
        with self._lock:
            now = self._monotonic()
            stamps = sorted(now - max(0.0, each) for each in ages)
            for window in self._windows:
                window.times = deque([*stamps, *window.times])

    def ease(self) -> None:
        """A letter was accepted."""
        with self._lock:
            self._lost = self._refused = 0
            self._is_proven = True
            self._slowness = max(1.0, self._slowness / 2)

    def slow(self) -> None:
        """The server asked for patience."""
        with self._lock:
            self._lost = 0
            self._slowness = min(SLOWNESS_MAX, self._slowness * 2)
            self._next_at = max(self._next_at, self._monotonic() + self._gap * self._slowness)

    def open_breaker(self, seconds: float) -> None:
        """No letter of this account for so long; then one alone, until it is accepted."""
        with self._lock:
            self._is_proven = False
            self._closed_until = max(self._closed_until, self._monotonic() + seconds)

    def refuse(self, seconds: float) -> None:
        """The account itself is at fault: the same, twice as long each time until something is accepted."""
        with self._lock:
            now = self._monotonic()
            is_new = now >= self._closed_until
            rest = seconds * 2**self._refused
            self._refused += is_new
            self._is_proven = False
            self._closed_until = max(self._closed_until, now + min(rest, max(seconds, REFUSED_REST_MAX)))

    def rest_domain(self, rcpt: str, seconds: float) -> None:
        """The recipient's server asked for patience."""
        with self._lock:
            domain = self._domains.setdefault(domain_of(rcpt), _Domain())
            domain.next_at = max(domain.next_at, self._monotonic() + seconds)

    def lose(self) -> float:
        """The line broke; returns how long the account rests. Several lines lost together are one loss."""
        with self._lock:
            now = self._monotonic()
            self._is_proven = False
            if now < self._closed_until:
                return self._closed_until - now
            pause = LOST_PAUSES[min(self._lost, len(LOST_PAUSES) - 1)]
            self._lost += 1
            self._closed_until = now + pause
            return pause


@dataclass(slots=True)
class _Window:
    """A cap over a span of time that moves on, or over the office's day."""

    cap: int
    span: float
    is_calendar: bool
    times: deque[float] = field(default_factory=deque)

    def rest(self, now: float, seconds_of_today: Callable[[], float]) -> float:
        if not self.times:
            return 0.0
        passed = seconds_of_today() if self.is_calendar else self.span
        while self.times and self.times[0] <= now - passed:
            self.times.popleft()
        if len(self.times) < self.cap:
            return 0.0
        if self.is_calendar:
            return self.span - passed + AFTER_MIDNIGHT
        # The oldest of the last `cap` letters must be out of the span first.
        return self.times[len(self.times) - self.cap] + self.span - now


@dataclass(slots=True)
class _Domain:
    next_at: float = 0.0
    under_way: int = 0


def domain_of(rcpt: str) -> str:
    """Lower case, without the local part."""
    return rcpt.rpartition("@")[2].lower()
