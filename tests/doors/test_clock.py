"""时钟 — the wall's, and one that stands still until it is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from service.doors.clock import ManualClock, SystemClock
from service.office.needs.clock import Clock


def test_the_wall_clock_is_aware_and_in_the_offices_zone() -> None:
    clock: Clock = SystemClock(ZoneInfo("Asia/Shanghai"))
    before, now, after = datetime.now(UTC), clock.now(), datetime.now(UTC)
    assert before <= now <= after
    assert now.utcoffset() == timedelta(hours=8)


def test_a_manual_clock_moves_only_when_told() -> None:
    start = datetime(2024, 8, 20, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    clock = ManualClock(start)
    assert clock.now() == clock.now() == start
    assert clock.advance(timedelta(days=3)) == start + timedelta(days=3) == clock.now()
    clock.set(start - timedelta(days=1))
    assert clock.now() == start - timedelta(days=1)


def test_an_hour_is_an_hour_also_when_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    clock = ManualClock(datetime(2024, 10, 27, 2, 30, tzinfo=berlin))
    clock.advance(timedelta(hours=1))
    assert clock.now().astimezone(UTC) == datetime(2024, 10, 27, 1, 30, tzinfo=UTC)
    assert clock.now().tzinfo is berlin


def test_an_instant_without_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="needs its offset"):
        ManualClock(datetime(2024, 8, 20))
