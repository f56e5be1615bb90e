"""Days as people write them into forms."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.office.day import WrittenDay, read_day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024.8.20", (2024, 8, 20)),
        ("2024-08-20", (2024, 8, 20)),
        ("２０２４／８／２０", (2024, 8, 20)),
        ("2024 年 8 月 20 日前", (2024, 8, 20)),
        ("2024年8月", (2024, 8, None)),
        ("2024.8", (2024, 8, None)),
        ("20240820", (2024, 8, 20)),
        ("二〇二四年八月二十日", (2024, 8, 20)),
        ("二○二四年十二月三十一日", (2024, 12, 31)),
        ("二零二四年十月十号", (2024, 10, 10)),
        ("二〇二四年八月", (2024, 8, None)),
        ("45524", (2024, 8, 20)),
        ("45524.0", (2024, 8, 20)),
    ],
)
def test_a_day_is_read(text: str, day: tuple[int, int, int | None]) -> None:
    assert read_day(text) == WrittenDay(*day)


@pytest.mark.parametrize("text", ["", "八月下旬", "待定", "12345678901", "99999", "0351-7654321", "2024"])
def test_what_is_no_day_is_none(text: str) -> None:
    assert read_day(text) is None


@given(st.text(max_size=40))
def test_reading_never_fails(text: str) -> None:
    read_day(text)


@given(st.dates(date(1980, 1, 1), date(2099, 12, 30)))
def test_every_day_of_a_sheet_is_read_back(day: date) -> None:
    assert read_day(str((day - date(1899, 12, 30)).days)) == WrittenDay(day.year, day.month, day.day)


def test_a_day_that_does_not_exist_is_known_as_such() -> None:
    found = read_day("2024-02-30")
    assert found is not None
    assert not found.exists
