"""答复的内容 — what an answer says: what came and when, what is wrong, what is missing, whom to call."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from service.office.campaign import Campaign, Item
from service.office.docket import Docket, DocketState, MediumState
from service.office.facts import campaign_facts, date_words, field_facts, missing_facts
from service.office.filing import Filing, in_force, of_entry, standing
from service.office.finding import Finding
from service.office.frozen import items_for
from service.office.letter import Letter
from service.office.needs.ledger import CampaignRow, Ledger, Standing
from service.office.needs.press import Value
from service.office.policy import Policy, moment_words, size_words
from service.office.roster import Unit


@dataclass(frozen=True, slots=True)
class Answer:
    """What one receipt or correction is about: letters of one sender, and what was filed of them."""

    letters: tuple[Letter, ...]
    campaign: Campaign
    standing: Standing
    code: str
    filings: tuple[Filing, ...]
    findings: tuple[Finding, ...]  # what must be corrected
    row: CampaignRow | None
    dockets: tuple[Docket, ...]
    now: datetime

    def bests(self, ledger: Ledger) -> list[tuple[Filing, Filing]]:
        """Every filing with the version that counts for its entry."""
        return [(each, _in_force(each, self.dockets, ledger)) for each in self.filings]


def answer_facts(
    answer: Answer, bests: list[tuple[Filing, Filing]], policy: Policy, forms: Iterable[str] = ()
) -> dict[str, Value]:
    """The facts of `receipt.txt.j2` and `correction.txt.j2`; `forms` are names of forms that go along."""
    campaign, unit, dockets, findings = (
        answer.campaign,
        answer.standing.unit,
        answer.dockets,
        answer.findings,
    )
    items = items_for(campaign, unit.groups, is_third_party=unit.is_third_party)
    wrong = {finding.item for finding in findings}
    ended = ended_words(answer.row, policy.zone)
    told = campaign_facts(campaign, policy.calendar, policy.zone, items)
    return {
        "campaign": told,
        "unit": _unit_facts(unit),
        "code": answer.code,
        "office": policy.office_name,
        "letter": {
            "received_words": "；".join(moment_words(e.received_at, policy.zone) for e in answer.letters)
        },
        "items": [_item_line(each, campaign, dockets, best) for each, best in bests],
        "standing": [
            {"name": _item_name(campaign, best.item), "entry": entry_words(best, campaign.item(best.item))}
            for each, best in bests
            if best.is_valid and not each.is_valid
        ],
        "links": [
            {"name": campaign_item.name}
            for docket in dockets
            if docket.state is DocketState.BY_LINK and (campaign_item := campaign.item(docket.item))
        ],
        "files": [
            {"name": doc.name, "size_words": size_words(doc.size), "sha256": doc.sha256}
            for doc in dict.fromkeys(doc for filing in answer.filings for doc in filing.docs)
        ],
        "missing": missing_facts(
            (each for each in dockets if each.is_missing and not ended), campaign, answer.now, policy.zone
        ),
        "corrections": [
            {"item": _item_name(campaign, each.item), "place": each.place, "say": each.say}
            for each in findings
        ],
        "correct_by": missing_facts(
            (each for each in dockets if each.item in wrong and each.due_until is not None),
            campaign,
            answer.now,
            policy.zone,
        ),
        "ok": [
            {"name": _item_name(campaign, each.item)} for each in answer.filings if each.item not in wrong
        ],
        "forms": list(forms),
        "fields_lines": _lines_to_correct(campaign, bests, findings),
        "is_complete": not findings and not ended and not any(each.is_missing for each in dockets),
        "ended_words": ended,
        "contacts": told["contacts"],
        "fingerprint": _fingerprint(answer.filings),
    }


def _in_force(filing: Filing, dockets: tuple[Docket, ...], ledger: Ledger) -> Filing:
    """The version that counts for this filing's entry."""
    docket = next((each for each in dockets if each.item == filing.item), None)
    known = ledger.filings(filing.campaign, filing.unit, filing.item)
    standing_ones = standing(of_entry(known, filing.entry), docket.returned_at if docket else None)
    return in_force(standing_ones) or filing


def _unit_facts(unit: Unit) -> dict[str, Value]:
    # A receipt goes to whoever wrote; whom the roster names is not told to them.
    return {"name": unit.name, "parent": unit.parent, "groups": list(unit.groups), "contact_names": ""}


def _fingerprint(filings: tuple[Filing, ...]) -> str:
    every = "".join(doc.sha256 for filing in filings for doc in filing.docs)
    return hashlib.sha256(every.encode()).hexdigest()[:16]


def _lines_to_correct(
    campaign: Campaign, filings: Iterable[tuple[Filing, Filing]], findings: tuple[Finding, ...]
) -> list[Value]:
    """The form's lines with what was right filled in, so that a correction can be typed as a reply."""
    wrong = {each.item for each in findings}
    for filing, best in filings:
        item = campaign.item(filing.item)
        if item is not None and item.key in wrong and item.fields and not filing.is_valid:
            return field_facts(item, right_answers(item, filing, best, findings))
    return []


def wrong_fields(item: Item, findings: tuple[Finding, ...]) -> set[str]:
    """Keys of the fields that findings name."""
    places = {each.place for each in findings if each.item == item.key}
    return {each.key for each in item.fields if each.label in places}


def right_answers(item: Item, filing: Filing, best: Filing, findings: tuple[Finding, ...]) -> dict[str, str]:
    """What need not be typed again: right answers of this version over those of the best one before it."""
    wrong = wrong_fields(item, findings)
    given = {key: value for key, value in filing.fields if key not in wrong}
    return {**(dict(best.fields) if best.is_valid else {}), **given}


def ended_words(row: CampaignRow | None, zone: ZoneInfo) -> str:
    """What a late answer is told of a campaign that runs no more; empty while it runs."""
    if row is None or row.is_open or row.ended_at is None:
        return ""
    day = date_words(row.ended_at.astimezone(zone).date())
    if row.is_withdrawn:
        return f"本通知已于{day}撤回，不必再报送；来件已照常登记留存。"
    return f"本项工作已于{day}办结；来件已照常登记留存。"


def newest(filings: Iterable[Filing]) -> tuple[Filing, ...]:
    """Letters gathered into one receipt may bring several versions of an entry: the last one says it all."""
    found: dict[tuple[str, int], Filing] = {}
    for each in filings:
        before = found.get((each.item, each.entry))
        if before is None or each.version >= before.version:
            found[each.item, each.entry] = each
    return tuple(found.values())


def _item_line(
    filing: Filing, campaign: Campaign, dockets: tuple[Docket, ...], best: Filing
) -> dict[str, Value]:
    item = campaign.item(filing.item)
    docket = next((each for each in dockets if each.item == filing.item), None)
    words = entry_words(filing, item)
    if best != filing:
        words += f"{'，' if words else ''}以第 {best.version} 版为准"
    return {
        "name": item.name if item else filing.item,
        "entry": words,
        "on_time_words": _on_time(filing, docket),
        "nil": filing.is_nil,
        "is_valid": filing.is_valid,
    }


def entry_words(filing: Filing, item: Item | None) -> str:
    """第 2 件“作品名”（第 3 版), or nothing for the first version of a single item."""
    words = ""
    if item is not None and item.is_many:
        words = f"第 {filing.entry} 件" + (f"“{filing.title}”" if filing.title else "")
    if filing.version > 1:
        words += f"（第 {filing.version} 版）" if words else f"第 {filing.version} 版"
    return words


def _on_time(filing: Filing, docket: Docket | None) -> str:
    if docket is None or docket.due_until is None or docket.obligation.value != "required":
        return ""
    asked = replace(docket, returned_at=docket.returned_at or filing.received_at)
    words = "逾期收到" if asked.is_late else "按时收到"
    if docket.paper is MediumState.AWAITED:
        words += "，纸质版未到"
    return words


def _item_name(campaign: Campaign, key: str | None) -> str:
    item = campaign.item(key or "")
    return item.name if item else ""
