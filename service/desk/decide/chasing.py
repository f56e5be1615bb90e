"""办理催办 — strike a unit from chasing until a day, and take that back; an event each, never an edit."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from service.desk.decide.word import Decided, missing_word, refuse
from service.journey import Office
from service.office.change import Record, Timer
from service.office.chased import STRUCK_EVENT, UNSTRUCK_EVENT, cases
from service.office.chasing import Strike, is_owed
from service.office.frozen import open_campaign

# Longer than any step is struck ahead; who need never be chased is exempt.
STRUCK_DAYS_MAX = 180


def strike(
    office: Office,
    campaign: str,
    unit: str,
    item: str = "",
    *,
    until: date,
    by: str,
    reason: str,
    now: datetime,
) -> Decided:
    """The unit (item "": for all it owes) is not chased up to and including a day; its steps wait."""
    if refused := _refused(office, campaign, unit, item, by, reason):
        return refuse(refused)
    today = office.policy.local(now).date()
    if until < today:
        return refuse(f"截止日期 {until} 已经过了，请核对")
    if until > today + timedelta(days=STRUCK_DAYS_MAX):
        return refuse(f"最多划去 {STRUCK_DAYS_MAX} 天；这么久不用催的，请用 exempt 免报或 extend 延期")
    dockets = office.doors.ledger.dockets(campaign, unit, item or None)
    if not any(is_owed(each) for each in dockets):
        return refuse(f"{unit}没有还欠的材料，本来就不会催办")
    about = (("until", until.isoformat()), ("reason", reason))
    office.doors.ledger.apply([Record(STRUCK_EVENT, now, by, campaign, unit, item, about=about)])
    what = _what(office, campaign, item)
    return Decided(True, f"{unit}{what}到 {until}（含当日）不催办；以后仍未报的照常催办。取消用 unstrike")


def unstrike(
    office: Office, campaign: str, unit: str, item: str = "", *, by: str, reason: str, now: datetime
) -> Decided:
    """Chase it again; a step that has come meanwhile rings at the next office hour."""
    if refused := _refused(office, campaign, unit, item, by, reason):
        return refuse(refused)
    standing = [
        each for each in _strikes(office, campaign, unit) if office.policy.local(now).date() <= each.until
    ]
    if item and not any(each.item == item for each in standing):
        whole = any(not each.item for each in standing)
        hint = "整个单位已划去，请不写材料，再运行一次" if whole else "请用 remind --preview 核对"
        return refuse(f"{unit}{_what(office, campaign, item)}没有划去：{hint}")
    if not standing:
        return refuse(f"{unit}没有划去")
    about = (("reason", reason),)
    office.doors.ledger.apply([Record(UNSTRUCK_EVENT, now, by, campaign, unit, item, about=about)])
    return Decided(True, f"{unit}{_what(office, campaign, item)}恢复催办")


def _strikes(office: Office, campaign: str, unit: str) -> tuple[Strike, ...]:
    step = Timer(campaign, unit, "", 0, office.doors.clock.now(), ())
    return cases(office.doors.ledger, office.policy, campaign, (step,), unit)[unit].strikes


def _refused(office: Office, campaign: str, unit: str, item: str, by: str, reason: str) -> str:
    if refused := missing_word(office, by, reason):
        return refused
    row = office.doors.ledger.campaign(campaign)
    if row is None:
        return f"没有已签发的活动“{campaign}”"
    if not row.is_open:
        return f"“{campaign}”已经结束，不再催办"
    if not office.doors.ledger.dockets(campaign, unit, item or None):
        return f"台账中没有“{unit}”" + (f"的“{item}”" if item else "") + "，请核对单位全称和材料"
    return ""


def _what(office: Office, campaign: str, item: str) -> str:
    facts = open_campaign(campaign, office.doors.ledger, office.doors.archive)
    asked = facts.item(item) if facts is not None and item else None
    return f"《{asked.name if asked else item}》" if item else ""
