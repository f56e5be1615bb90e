"""期限 — the day counts to its last moment, whatever the zone does to its clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.office.calendar import CalendarUnknown, WorkCalendar
from service.office.campaign import Due
from service.office.deadline import carry_words, days_left, fix_deadline, in_words, is_late

SHANGHAI = ZoneInfo("Asia/Shanghai")
# Zones that change at midnight, skip it, show it twice, or change by half an hour.
ZONES = [
    ZoneInfo(name)
    for name in (
        "Asia/Shanghai",
        "Asia/Urumqi",
        "UTC",
        "Europe/Berlin",
        "America/Santiago",
        "America/Havana",
        "Asia/Beirut",
        "Australia/Lord_Howe",
        "Atlantic/Azores",
    )
]
CALENDAR = WorkCalendar()
days = st.dates(date(2006, 1, 1), date(2025, 12, 30))
zones = st.sampled_from(ZONES)


def test_shanxi_summary_is_on_time_through_the_make_up_sunday() -> None:
    deadline = fix_deadline(Due(date(2024, 9, 28), carries_over=True), CALENDAR, SHANGHAI)
    assert (deadline.due_on, deadline.counted_on) == (date(2024, 9, 28), date(2024, 9, 29))
    assert deadline.is_carried_over
    assert deadline.until == datetime(2024, 9, 30, 0, 0, tzinfo=SHANGHAI)
    assert deadline.shown.isoformat() == "2024-09-29T23:59:59+08:00"
    assert not is_late(datetime(2024, 9, 29, 15, 59, 59, 999_000, tzinfo=UTC), deadline)
    assert is_late(datetime(2024, 9, 29, 16, 0, tzinfo=UTC), deadline)
    assert in_words(deadline, SHANGHAI) == "2024年9月29日（星期日）24:00前（含当日）"
    assert carry_words(deadline) == "原定9月28日（星期六），遇休息日顺延"


def test_without_carrying_over_the_saturday_itself_counts() -> None:
    deadline = fix_deadline(Due(date(2024, 9, 28)), CALENDAR, SHANGHAI)
    assert deadline.counted_on == date(2024, 9, 28)
    assert carry_words(deadline) == ""
    assert in_words(deadline, SHANGHAI) == "2024年9月28日（星期六）24:00前（含当日）"


def test_an_hour_ends_the_day_earlier() -> None:
    deadline = fix_deadline(Due(date(2021, 6, 25), at=time(17, 0)), CALENDAR, SHANGHAI)
    assert deadline.until == datetime(2021, 6, 25, 17, 0, tzinfo=SHANGHAI)
    assert in_words(deadline, SHANGHAI) == "2021年6月25日（星期五）17:00前"
    assert not is_late(datetime(2021, 6, 25, 16, 59, 59, tzinfo=SHANGHAI), deadline)
    assert is_late(datetime(2021, 6, 25, 17, 0, tzinfo=SHANGHAI), deadline)


def test_an_unknown_year_matters_only_where_carrying_over_is_asked() -> None:
    assert fix_deadline(Due(date(2031, 5, 4)), CALENDAR, SHANGHAI).counted_on == date(2031, 5, 4)
    with pytest.raises(CalendarUnknown):
        fix_deadline(Due(date(2031, 5, 4), carries_over=True), CALENDAR, SHANGHAI)


@pytest.mark.parametrize(
    ("now", "left"),
    [("2024-09-26T23:59:59+08:00", 3), ("2024-09-29T00:00:00+08:00", 0), ("2024-09-29T16:00:00+00:00", -1)],
)
def test_days_left_are_days_of_the_local_calendar(now: str, left: int) -> None:
    deadline = fix_deadline(Due(date(2024, 9, 28), carries_over=True), CALENDAR, SHANGHAI)
    assert days_left(datetime.fromisoformat(now), deadline, SHANGHAI) == left


@given(days, st.booleans(), zones)
@example(date(2024, 9, 7), False, ZoneInfo("America/Santiago"))  # the next midnight is skipped
@example(date(2024, 11, 2), False, ZoneInfo("America/Havana"))  # clocks go back at 01:00 to midnight
@example(date(2024, 3, 30), False, ZoneInfo("Asia/Beirut"))
def test_a_whole_day_ends_where_the_next_begins(day: date, carries_over: bool, zone: ZoneInfo) -> None:
    deadline = fix_deadline(Due(day, carries_over=carries_over), CALENDAR, zone)
    before = (deadline.until.astimezone(UTC) - timedelta(microseconds=1)).astimezone(zone)
    assert deadline.until.utcoffset() is not None
    assert deadline.until.astimezone(zone).date() == deadline.counted_on + timedelta(days=1)
    assert before.date() == deadline.counted_on
    assert is_late(deadline.until, deadline)
    assert not is_late(before, deadline)
    assert deadline.shown.date() == deadline.counted_on


@given(days, st.times().map(lambda at: at.replace(second=0, microsecond=0, fold=0)), zones)
def test_an_hour_is_never_read_against_the_unit(day: date, at: time, zone: ZoneInfo) -> None:
    deadline = fix_deadline(Due(day, at=at), CALENDAR, zone)
    assert deadline.until.tzinfo is UTC  # instants of one zone would be compared by the wall clock
    assert deadline.until >= datetime.combine(day, at, zone)
    assert deadline.until >= datetime.combine(day, at.replace(fold=1), zone)
    # Where the clock shows the hour at all, the deadline stands on it.
    there_and_back = datetime.combine(day, at, zone).astimezone(UTC).astimezone(zone)
    if there_and_back.time() == at:
        assert deadline.until.astimezone(zone).time() == at


@given(days, st.none() | st.times().map(lambda at: at.replace(second=0, microsecond=0)), st.booleans(), zones)
def test_the_day_that_counts_is_never_earlier_and_works_when_carried(
    day: date, at: time | None, carries_over: bool, zone: ZoneInfo
) -> None:
    deadline = fix_deadline(Due(day, at, carries_over), CALENDAR, zone)
    assert deadline.counted_on >= day
    if carries_over:
        assert CALENDAR.is_workday(deadline.counted_on)
    else:
        assert deadline.counted_on == day
    assert deadline.is_carried_over is (deadline.counted_on != day)


@given(days, zones, st.integers(-200_000, 200_000))
def test_lateness_does_not_depend_on_the_readers_zone(day: date, zone: ZoneInfo, seconds: int) -> None:
    deadline = fix_deadline(Due(day), CALENDAR, zone)
    instant = deadline.until.astimezone(UTC) + timedelta(seconds=seconds)
    verdicts = {is_late(instant.astimezone(each), deadline) for each in ZONES}
    assert verdicts == {seconds >= 0}
    assert (instant > deadline.shown) is (seconds >= 0)


@given(days, zones, st.integers(0, 40))
def test_days_left_counts_down_by_one(day: date, zone: ZoneInfo, ahead: int) -> None:
    deadline = fix_deadline(Due(day), CALENDAR, zone)
    noon = datetime.combine(day - timedelta(days=ahead), time(12), zone)
    assert days_left(noon, deadline, zone) == ahead
    assert days_left(noon.astimezone(UTC), deadline, zone) == ahead


@given(days, zones)
def test_words_name_the_day_and_its_weekday(day: date, zone: ZoneInfo) -> None:
    words = in_words(fix_deadline(Due(day), CALENDAR, zone), zone)
    assert words.startswith(f"{day.year}年{day.month}月{day.day}日（星期{'一二三四五六日'[day.weekday()]}）")
    assert words.endswith("24:00前（含当日）")
