"""发信预计 — when the last of so many letters will be out at an account's pace and caps; pure arithmetic."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.office.policy import Pace

# The post door adds up to a quarter to each gap by chance; the forecast is for the slow side.
GAP_MARGIN = 1.25
# Shaking hands anew: DNS, TLS and login, generously.
CONNECTION_SECONDS = 5.0
HOUR, DAY = 3600.0, 86_400.0


@dataclass(frozen=True, slots=True)
class Forecast:
    """`outs[i]` is the instant at which letter i will have been handed over at the latest, failures aside."""

    starts_at: datetime
    seconds: tuple[float, ...]  # after starts_at, in the order of sending

    @property
    def last_at(self) -> datetime:
        """When the last letter is out; the start itself where there is none."""
        return self.out_at(len(self.seconds) - 1) if self.seconds else self.starts_at

    def out_at(self, index: int) -> datetime:
        """When the letter at this place is out."""
        return self.starts_at + timedelta(seconds=self.seconds[index])


def forecast(letters: int, starts_at: datetime, pace: Pace) -> Forecast:
    """The slow side of an undisturbed run.

    No hour and no day (any 3,600 or 86,400 seconds, so also over midnight) takes more letters than its cap.
    """
    windows = [
        (cap, span, deque[float]()) for cap, span in ((pace.per_hour, HOUR), (pace.per_day, DAY)) if cap > 0
    ]
    at, outs = 0.0, list[float]()
    for number in range(letters):
        if number:
            at += pace.seconds_per_letter * GAP_MARGIN
        if pace.per_connection > 0 and number % pace.per_connection == 0:
            at += CONNECTION_SECONDS
        for cap, span, taken in windows:
            if len(taken) >= cap:
                at = max(at, taken.popleft() + span)
        for _, _, taken in windows:
            taken.append(at)
        outs.append(at)
    return Forecast(starts_at, tuple(outs))


def pace_words(pace: Pace) -> str:
    """每封至少间隔 20 秒，每次连接最多 10 封，每小时最多 50 封，每天最多 150 封."""
    said = [f"每封至少间隔 {pace.seconds_per_letter:g} 秒"] if pace.seconds_per_letter else ["每封之间不停顿"]
    said += [f"每次连接最多 {pace.per_connection} 封"] if pace.per_connection else []
    said += [f"每小时最多 {pace.per_hour} 封"] if pace.per_hour else []
    said += [f"每天最多 {pace.per_day} 封"] if pace.per_day else []
    return "，".join(said)
