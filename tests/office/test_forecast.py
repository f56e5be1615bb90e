"""The forecast: never faster than the account may go, whatever the pace; more letters never end earlier."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from service.office.forecast import DAY, HOUR, forecast, pace_words
from service.office.policy import Pace

START = datetime.fromisoformat("2026-12-01T23:00:00+08:00")
# Seconds are floats: the last bits of a sum of days are no letter.
PACES = st.builds(
    Pace,
    seconds_per_letter=st.floats(0, 120),
    per_connection=st.integers(0, 60),
    per_hour=st.integers(0, 80),
    per_day=st.integers(0, 200),
)


@given(st.integers(0, 400), PACES)
def test_no_hour_and_no_day_takes_more_than_its_cap_also_over_midnight(letters: int, pace: Pace) -> None:
    outs = forecast(letters, START, pace).seconds
    assert len(outs) == letters and list(outs) == sorted(outs)
    for cap, span in ((pace.per_hour, HOUR), (pace.per_day, DAY)):
        if cap:
            assert all(
                later - earlier >= span - 1e-3 for earlier, later in zip(outs, outs[cap:], strict=False)
            )
    assert all(b - a >= pace.seconds_per_letter - 1e-3 for a, b in pairwise(outs))


@given(st.integers(1, 300), PACES)
def test_more_letters_never_end_earlier(letters: int, pace: Pace) -> None:
    fewer, more = forecast(letters, START, pace), forecast(letters + 1, START, pace)
    assert fewer.last_at <= more.last_at
    assert more.seconds[:letters] == fewer.seconds


def test_a_free_mailbox_takes_days_for_what_a_relay_does_in_an_hour() -> None:
    free = forecast(400, START, Pace(20, 10, 0, 150))
    assert timedelta(days=2) < free.last_at - START < timedelta(days=3)
    assert forecast(400, START, Pace(1, 50, 0, 2000)).last_at - START < timedelta(minutes=15)
    assert forecast(0, START, Pace()).last_at == START
    assert pace_words(Pace(20, 10, 0, 150)) == "每封至少间隔 20 秒，每次连接最多 10 封，每天最多 150 封"
