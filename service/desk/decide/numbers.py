"""编号 — a number of the ledger's series, taken for a campaign or given up with a reason."""

from __future__ import annotations

from datetime import datetime

from service.desk.decide.word import Decided, missing_word, refuse
from service.journey import Office
from service.office.change import Change, Record
from service.office.doc_number import NumberState, ReserveNumber, SettleNumber


def reserve_number(office: Office, campaign: str, *, by: str, now: datetime) -> Decided:
    """The next number of the year the notice is signed in; on the documents from the next draft on."""
    policy, ledger = office.policy, office.doors.ledger
    if office.policy.person(by) is None:
        return refuse(f"“{by}”不在 config/office.yaml 的 staff 名单中，请用 --by 写明经办人")
    if not policy.number_series:
        return refuse(
            "台账没有启用编号：请在 config/office.yaml 写 numbering: {series: 机关代字}，如 晋市监函"
        )
    facts = office.doors.staff_files.campaign(campaign).campaign
    if facts is None:
        return refuse(f"“{campaign}”的 campaign.yaml 有错误，请先用 lint 检查")
    if facts.doc_number:
        return refuse(
            f"campaign.yaml 已写明发文字号 {facts.doc_number}；要由台账编号的，请先把 doc_number 空着"
        )
    held = ledger.doc_number(campaign)
    if held is not None:
        return refuse(f"“{campaign}”已经有号 {held.text}")
    year = (facts.signed_on or policy.local(now).date()).year
    taken = ReserveNumber(policy.number_series, year, campaign, by, now, policy.number_first)
    recorded = Record("number-reserved", now, by, campaign, about=(("year", str(year)),))
    if not ledger.apply([taken, recorded]):
        return refuse(f"“{campaign}”刚刚已经有号，或这一年的号已用完，请用 numbers 查看")
    held = ledger.doc_number(campaign)
    assert held is not None
    return Decided(True, f"已为“{campaign}”预留 {held.text}，起草、复核时印上，签发时启用")


def give_up_number(office: Office, campaign: str, *, by: str, reason: str, now: datetime) -> Decided:
    """A reserved number is void from now on; the gap is explained, and a proof that bears it is void too."""
    if refused := missing_word(office, by, reason):
        return refuse(refused)
    held = office.doors.ledger.doc_number(campaign)
    if held is None:
        return refuse(f"“{campaign}”没有预留的号，请用 numbers 查看")
    if held.state is not NumberState.RESERVED:
        return refuse(f"{held.text} 已经签发，不能作废；通知要撤回的，另发撤回通知")
    about = (("number", held.text), ("reason", reason))
    changes: list[Change] = [
        SettleNumber(held, NumberState.VOID, by, now, reason),
        Record("number-void", now, by, campaign, about=about),
    ]
    if not office.doors.ledger.apply(changes):
        return refuse("这个号刚刚有变动，请用 numbers 查看")
    return Decided(True, f"{held.text} 已作废，留作空号")
