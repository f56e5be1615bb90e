"""config/workdays.yaml: days off and days worked that staff state themselves."""

from __future__ import annotations

import re
from datetime import date, timedelta

from service.doors.staff_files.page import Word, read_page
from service.doors.staff_files.section import Faults, Section, read_day
from service.office.finding import Problem

REST, WORK, WHOLE_YEARS = "休息", "上班", "整年"
RANGE_DAYS_MAX = 31
# New Year, 清明, 劳动节, 端午, 中秋 and the two long weeks: fewer days off on weekdays is an unfinished list.
WEEKDAYS_OFF_MIN = 8

_RANGE = re.compile(r"(.+?)(?:\s*(?:至|到|~|～|—+|\.\.)\s*)(.+)")


def read_workdays(file: str, data: bytes) -> tuple[dict[date, bool], tuple[Problem, ...]]:
    """date → is a working day. A year listed under 整年 is stated in full: its other days follow the week."""
    table, problems = read_page(data, file)
    if table is None:
        return {}, problems
    faults = Faults(file, list(problems))
    section = Section(table, (REST, WORK, WHOLE_YEARS), faults)
    stated: dict[date, bool] = {}
    for key, works in ((REST, False), (WORK, True)):
        for word in section.words(key):
            for day in _days(section, key, word):
                if stated.setdefault(day, works) is not works:
                    say = f"{day} 同时写在“休息”和“上班”里，请删去一处"
                    section.wrong(key, say, line=word.line, code="conflict")
    for word in section.words(WHOLE_YEARS):
        _fill(section, word, stated)
    return stated, tuple(faults.problems)


def _days(section: Section, key: str, word: Word) -> tuple[date, ...]:
    day = read_day(word.text)
    if day is not None:
        return (day,)
    found = _RANGE.fullmatch(word.text.strip())
    start, end = (read_day(found[1]), read_day(found[2])) if found else (None, None)
    if start is None or end is None:
        say = f"“{word.text}”不是日期，请写 2027-02-05 或 2027-02-05 至 2027-02-12"
        section.wrong(key, say, line=word.line, code="date")
        return ()
    if not 0 <= (end - start).days < RANGE_DAYS_MAX:
        say = f"“{word.text}”前后颠倒或超过 {RANGE_DAYS_MAX} 天，请检查"
        section.wrong(key, say, line=word.line, code="date")
        return ()
    return tuple(start + timedelta(days=i) for i in range((end - start).days + 1))


def _fill(section: Section, word: Word, stated: dict[date, bool]) -> None:
    said = word.text.strip().removesuffix("年")
    if not re.fullmatch(r"20\d\d", said):
        section.wrong(WHOLE_YEARS, f"“{word.text}”不是年份，请写 2027", line=word.line)
        return
    year = int(said)
    off = sum(1 for day, works in stated.items() if day.year == year and not works and day.weekday() < 5)
    if off < WEEKDAYS_OFF_MIN:
        say = f"“整年”列了 {year}，但“休息”里只有 {off} 个工作日放假，像是没写全；请写全再列入“整年”"
        section.wrong(WHOLE_YEARS, say, line=word.line, code="unfinished")
        return
    day = date(year, 1, 1)
    while day.year == year:
        stated.setdefault(day, day.weekday() < 5)
        day += timedelta(days=1)
