"""工作日 — 调休 is known, an unknown year is said aloud, and counting agrees with stepping."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.office.calendar import CalendarUnknown, OfficeHours, WorkCalendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
PLAIN = WorkCalendar()
known_days = st.dates(date(2006, 1, 1), date(2024, 12, 31))
overrides = st.dictionaries(st.dates(date(2021, 1, 1), date(2021, 12, 31)), st.booleans(), max_size=12)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2024, 9, 28), False),  # a Saturday
        (date(2024, 9, 29), True),  # 调休: the Sunday before the National Day is worked
        (date(2024, 10, 1), False),
        (date(2021, 6, 14), False),  # 端午节, a Monday
        (date(2021, 6, 25), True),
    ],
)
def test_announced_days(day: date, works: bool) -> None:
    assert PLAIN.is_workday(day) is works


def test_carrying_over_finds_the_make_up_workday() -> None:
    assert PLAIN.next_workday(date(2024, 9, 28)) == date(2024, 9, 29)


@pytest.mark.parametrize("day", [date(2003, 5, 5), date(2031, 5, 5), date(2031, 5, 4)])
def test_an_unknown_year_is_an_error_with_its_remedy(day: date) -> None:
    with pytest.raises(CalendarUnknown) as caught:
        PLAIN.is_workday(day)
    assert caught.value.day == day
    assert f"{day.year}年的放假安排" in str(caught.value)
    assert "config/workdays.yaml" in str(caught.value)


def test_an_override_covers_its_day_only() -> None:
    calendar = WorkCalendar({date(2031, 5, 4): True, date(2024, 9, 29): False})
    assert calendar.is_workday(date(2031, 5, 4))
    assert not calendar.is_workday(date(2024, 9, 29))
    with pytest.raises(CalendarUnknown):
        calendar.is_workday(date(2031, 5, 5))


def test_endless_holidays_stop_with_a_sentence() -> None:
    calendar = WorkCalendar({date(2024, 1, 1) + timedelta(days=i): False for i in range(200)})
    with pytest.raises(CalendarUnknown, match="连续 60 天"):
        calendar.next_workday(date(2024, 1, 1))


def test_a_mistyped_year_is_not_walked() -> None:
    with pytest.raises(CalendarUnknown, match="年份"):
        PLAIN.workdays_between(date(2024, 1, 1), date(9024, 1, 1))


@given(known_days, overrides)
def test_next_workday_is_the_first(day: date, stated: dict[date, bool]) -> None:
    calendar = WorkCalendar(stated)
    found = calendar.next_workday(day)
    assert calendar.is_workday(found)
    assert found >= day
    assert not any(calendar.is_workday(day + timedelta(days=i)) for i in range((found - day).days))
    assert calendar.next_workday(found) == found


@given(known_days, st.integers(-40, 40).filter(bool), overrides)
def test_counting_agrees_with_stepping(day: date, n: int, stated: dict[date, bool]) -> None:
    calendar = WorkCalendar(stated)
    reached = calendar.add_workdays(day, n)
    assert calendar.is_workday(reached)
    assert calendar.workdays_between(day, reached) == n


@given(known_days, st.integers(0, 20), st.integers(1, 20))
def test_steps_add_up(day: date, n: int, m: int) -> None:
    assert PLAIN.add_workdays(PLAIN.add_workdays(day, n), m) == PLAIN.add_workdays(
        PLAIN.next_workday(day) if n == 0 else day, n + m
    )


@given(known_days, st.integers(0, 60), st.integers(0, 60))
def test_counting_is_additive(day: date, first: int, second: int) -> None:
    middle, end = day + timedelta(days=first), day + timedelta(days=first + second)
    assert PLAIN.workdays_between(day, end) == PLAIN.workdays_between(day, middle) + PLAIN.workdays_between(
        middle, end
    )


HOURS = OfficeHours(time(8, 30), time(17, 30))


@pytest.mark.parametrize(
    ("utc", "is_open"),
    [("00:29:59", False), ("00:30:00", True), ("09:29:59", True), ("09:30:00", False)],
)
def test_office_hours_are_local_and_end_exclusive(utc: str, is_open: bool) -> None:
    instant = datetime.combine(date(2024, 8, 28), time.fromisoformat(utc), UTC)
    assert HOURS.is_office_time(instant, SHANGHAI) is is_open


def test_hours_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(ValueError, match="早于"):
        OfficeHours(time(17), time(9))


def test_next_open_waits_over_the_holiday() -> None:
    friday_night = datetime(2024, 9, 27, 22, 0, tzinfo=SHANGHAI)
    assert HOURS.next_open(friday_night, PLAIN, SHANGHAI) == datetime(2024, 9, 29, 8, 30, tzinfo=SHANGHAI)


@given(st.datetimes(datetime(2010, 1, 1), datetime(2024, 12, 1), timezones=st.just(UTC)))
def test_next_open_is_open_and_never_earlier(instant: datetime) -> None:
    opened = HOURS.next_open(instant, PLAIN, SHANGHAI)
    assert opened >= instant
    assert HOURS.is_office_time(opened, SHANGHAI)
    assert PLAIN.is_workday(opened.astimezone(SHANGHAI).date())
    assert HOURS.next_open(opened, PLAIN, SHANGHAI) == opened
