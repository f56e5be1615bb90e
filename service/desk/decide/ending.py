"""办结 — a campaign ends by a person's word; what still comes is filed, nobody is chased any more."""

from __future__ import annotations

from datetime import datetime

from service.desk.decide.word import Decided, missing_word, refuse
from service.journey import Office
from service.office.amendment import EndCampaign
from service.office.change import Record
from service.office.dispatch import SIGNED, UNSENT, DispatchState


def close(office: Office, campaign: str, *, by: str, reason: str, now: datetime) -> Decided:
    """No timer rings any more; refused while a signed mail of the campaign has not gone out."""
    if refused := missing_word(office, by, reason):
        return refuse(refused)
    ledger = office.doors.ledger
    row = ledger.campaign(campaign)
    if row is None:
        return refuse(f"没有已签发的活动“{campaign}”")
    if not row.is_open:
        how = "撤回" if row.is_withdrawn else "办结"
        return refuse(f"“{campaign}”已由{row.ended_by}{how}（{row.ended_why}）")
    waiting = ledger.dispatches(campaign, states=(*UNSENT, DispatchState.SENDING), kinds=SIGNED)
    if waiting:
        return refuse(f"还有 {len(waiting)} 封通知没有发出，不能办结：请等发完，或用 settle 改为不发")
    missing = sum(each.is_missing for each in ledger.dockets(campaign))
    about = (("reason", reason), ("missing", str(missing)))
    ended = EndCampaign(campaign, "closed", by, reason, now)
    if not ledger.apply([ended, Record("closed", now, by, campaign, about=about)]):
        return refuse("台账刚刚有变动，请重新查看后再试")
    left = f"，仍有 {missing} 项未报，照旧列在台账上" if missing else ""
    return Decided(True, f"“{campaign}”已办结{left}；不再催办，晚到的材料照常登记")
