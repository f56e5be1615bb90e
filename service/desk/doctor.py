"""体检 — everything an office needs, looked at one by one, each with its remedy where it is not in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import partial

from service.desk.shapes import Check
from service.desk.tools import Refused, Surroundings
from service.office.calendar import CalendarUnknown, WorkCalendar
from service.office.finding import Problem
from service.office.needs.staff_files import StaffFiles
from service.office.outcome import DoorError
from service.office.policy import StaffRole

# One line each: a check with more problems names the first few and says how many there are.
NAMED_MAX = 3
REHEARSED = "这是演示留下的办公文件夹，演示用的邮件服务器已经关闭，不能再收发信"


def examine(surroundings: Surroundings, staff_files: StaffFiles) -> Iterator[Check]:
    """Every check in order, each made only when it is asked for, so that they can be shown as they come."""
    yield _check("python", surroundings.python)
    yield _check("sqlite", surroundings.sqlite)
    yield _check("libmagic", surroundings.libmagic)
    yield _check("clock", surroundings.clock)
    settings = _check("settings", lambda: _settings(surroundings))
    yield settings
    yield _check("roster", lambda: _roster(staff_files))
    yield from _campaigns(staff_files)
    yield _check("rules", lambda: _rules(staff_files))
    yield _check("calendar", lambda: _calendar(staff_files))
    if not settings.is_ok:
        return
    yield _check("secrets", surroundings.secrets)
    yield _check("disk", surroundings.disk)
    yield _check("rights", surroundings.rights)
    yield _check("database", surroundings.database)
    yield from _accounts(surroundings)


def _check(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except Refused as error:
        return Check(name, False, _few(error.lines))
    except DoorError as error:
        return Check(name, False, error.why)
    except CalendarUnknown as error:
        return Check(name, False, str(error))
    except OSError as error:
        return Check(name, False, f"无法读取 {error.filename or ''}：{error.strerror or error}")


def _few(lines: Iterable[str]) -> str:
    every = list(lines)
    more = f"；等共 {len(every)} 处" if len(every) > NAMED_MAX else ""
    return "；".join(every[:NAMED_MAX]) + more


def _sorted(problems: Iterable[Problem], good: str) -> str:
    """Errors are refused; what was mended is said beside what is good."""
    problems = tuple(problems)
    errors = [each.sentence() for each in problems if each.is_error]
    if errors:
        raise Refused(*errors)
    mended = len(problems)
    return good + (f"，另有 {mended} 处提示（运行 lint 或 proof 可看）" if mended else "")


def _settings(surroundings: Surroundings) -> str:
    policy = surroundings.policy()
    signers = [each.name for each in policy.staff if each.role is StaffRole.SIGNER]
    if not signers:
        raise Refused("config/office.yaml 的 staff 里没有签发人（role: signer），通知无法签发")
    if not policy.account:
        raise Refused("config/office.yaml 里没有 accounts，不能收发信")
    return f"{policy.office_name}，签发人 {'、'.join(signers)}，发信邮箱 {policy.sender}"


def _roster(staff_files: StaffFiles) -> str:
    roster = staff_files.roster()
    without = sum(not unit.addresses for unit in roster.units)
    good = f"{len(roster.units)} 个单位" + (f"，其中 {without} 个没有邮箱" if without else "")
    return _sorted(roster.problems, good)


def _campaigns(staff_files: StaffFiles) -> Iterator[Check]:
    keys = staff_files.campaigns()
    if not keys:
        yield Check("campaigns", True, "templates/ 里还没有活动：用 new 建立一个")
    for key in keys:
        yield _check(f"campaign {key}", partial(_campaign, staff_files, key))


def _campaign(staff_files: StaffFiles, key: str) -> str:
    reading = staff_files.campaign(key)
    items = reading.campaign.items if reading.campaign else ()
    return _sorted(reading.problems, f"要报送 {len(items)} 项材料")


def _rules(staff_files: StaffFiles) -> str:
    book, problems = staff_files.rules()
    return _sorted(problems, f"{len(book.senders) + len(book.meanings)} 条识别规则")


def _calendar(staff_files: StaffFiles) -> str:
    """Every due date must lie in a year whose working days are known."""
    overrides, problems = staff_files.workday_overrides()
    _sorted(problems, "")
    calendar = WorkCalendar(overrides)
    days: list[date] = []
    for key in staff_files.campaigns():
        campaign = staff_files.campaign(key).campaign
        days += [item.due.on for item in (campaign.items if campaign else ()) if item.due]
    for day in days:
        calendar.next_workday(day)
    years = "、".join(str(year) for year in sorted({day.year for day in days}))
    return f"截止日期所在的年份（{years}）都有放假安排" if years else "还没有截止日期"


def _accounts(surroundings: Surroundings) -> Iterator[Check]:
    """A rehearsed office is told so, once; its servers ended with the rehearsal."""
    if surroundings.is_rehearsed():
        yield Check("smtp login", False, REHEARSED)
        yield Check("imap login", False, REHEARSED)
        return
    accounts = surroundings.accounts()
    for account in accounts:
        which = f" {account.name}" if len(accounts) > 1 else ""
        yield _check(f"smtp login{which}", account.try_sending)
        yield _check(f"imap login{which}", account.try_reading)
