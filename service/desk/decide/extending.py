"""延期到组 — a later date for every unit of a group, in one transaction."""

from __future__ import annotations

from datetime import date, datetime

from service.desk.decide.dockets import extension
from service.desk.decide.word import Decided, missing_word, refuse
from service.journey import Office
from service.office.change import Change
from service.office.docket import DocketState
from service.office.frozen import open_campaign


def extend_group(
    office: Office,
    campaign: str,
    group: str,
    item: str,
    *,
    until: date,
    by: str,
    reason: str,
    now: datetime,
    granted_by: str = "",
) -> Decided:
    """Every unit of the group that owes the item and has no later date already."""
    if refused := missing_word(office, by, reason):
        return refuse(refused)
    ledger = office.doors.ledger
    facts = open_campaign(campaign, ledger, office.doors.archive)
    asked = facts.item(item) if facts is not None else None
    if facts is None or asked is None:
        return refuse(f"没有已签发的活动“{campaign}”，或其中没有材料“{item}”")
    if group not in facts.groups:
        return refuse(f"“{campaign}”没有组别“{group}”，可选：{'、'.join(facts.groups)}")
    members = {each.unit.key for each in ledger.standings(campaign) if group in each.unit.groups}
    changes: list[Change] = []
    kept: list[str] = []
    count = 0
    for docket in ledger.dockets(campaign, item=item):
        if docket.unit not in members or docket.state is DocketState.EXEMPT:
            continue
        one = extension(office, docket, asked, until, by, reason, now, granted_by or by)
        if isinstance(one, Decided):
            kept.append(docket.unit)
            continue
        changes += one
        count += 1
    if not changes:
        return refuse(f"“{group}”没有需要延期的单位：新的日期不晚于原来的截止时间，或没有这项材料")
    if not ledger.apply(changes):
        return refuse("台账刚刚有变动，请重新查看后再试")
    say = f"“{group}”{count} 个单位的《{asked.name}》已延期到 {until}"
    return Decided(True, say + (f"；原定不早于这天、没有变动的：{'、'.join(kept[:5])}" if kept else ""))
