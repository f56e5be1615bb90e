"""办理备注 — a clerk's words beside a docket; the newest stand, the earlier ones stay in the record."""

from __future__ import annotations

from datetime import datetime

from service.desk.decide.word import Decided, refuse
from service.journey import Office
from service.office.change import Record
from service.office.order import REMARK_EVENT


def remark(
    office: Office, campaign: str, unit: str, item: str, *, text: str, by: str, now: datetime
) -> Decided:
    """Nothing moves by it; an empty text takes the remark away."""
    if office.policy.person(by) is None:
        return refuse(f"“{by}”不在 config/office.yaml 的 staff 名单中")
    if office.doors.ledger.docket(campaign, unit, item) is None:
        return refuse(f"台账中没有“{unit}”的“{item}”")
    # What a cell cannot hold would come back changed, and be taken for a change.
    text = "".join(sign for sign in text if sign.isprintable() or sign == "\n")
    office.doors.ledger.apply([Record(REMARK_EVENT, now, by, campaign, unit, item, about=(("text", text),))])
    return Decided(True, f"{unit}：已记备注")
