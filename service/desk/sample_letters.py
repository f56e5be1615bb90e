"""What mail texts are tried with: the facts of each kind of letter, with everything and with little."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from service.desk.sample_digest import daily_samples
from service.desk.sample_facts import (
    BARE_UNIT,
    NASTY_UNIT,
    SAMPLE_CAMPAIGN,
    SAMPLE_CODE,
    SAMPLE_UNIT,
    filled,
    template_facts,
)
from service.office.calendar import WorkCalendar
from service.office.campaign import Campaign
from service.office.facts import OBLIGATION_WORDS, campaign_facts, item_facts
from service.office.needs.press import Trial, Value
from service.office.roster import Unit

_OFFICE = "样例机关"
# The one text that is a Word page: the slip on top of paper.
SLIP = "cover"
_SIZE = "20MB"
_ITEM: Mapping[str, Value] = {
    "name": "样例材料&<一>",
    "entry": "第 1 件“样例”",
    "on_time_words": "按时收到",
    "nil": False,
    "is_valid": True,
}
_FILE: Mapping[str, Value] = {"name": "样例.docx", "size_words": "12 KB", "sha256": "0" * 64}
_MISSING: Mapping[str, Value] = {
    "name": "样例材料",
    "due_words": "8月28日24:00前（含当日）",
    "days_left_words": "已逾期 2 天",
    "is_overdue": True,
}
_CORRECTION: Mapping[str, Value] = {
    "item": "样例材料",
    "place": "联系电话",
    "say": "登记表中“联系电话”未填写",
}
_FIELD: Mapping[str, Value] = {
    "key": "phone",
    "label": "联系电话",
    "kind": "phone",
    "choices": [],
    "choices_words": "",
    "is_required": True,
    "value": "",
}


_CHANGE: Mapping[str, Value] = {
    "name": "样例材料",
    "is_withdrawn": False,
    "now_due": "9月5日24:00前（含当日）",
    "was_due": "8月28日24:00前（含当日）",
    "obligation": "须报送",
}


def letter_trials(
    campaign: Campaign, units: Sequence[Unit], calendar: WorkCalendar, zone: ZoneInfo
) -> dict[str, tuple[Trial, ...]]:
    """For every kind of letter its facts, first with everything there may be, then with less."""
    nasty = replace(NASTY_UNIT, groups=campaign.groups)
    tried = [("", units[0] if units else SAMPLE_UNIT, True), ("给名称很长、没有联系人的单位", nasty, True)]
    tried.append(("给没有联系人、资料最少的单位", BARE_UNIT, False))
    found: dict[str, list[Trial]] = {}
    for whom, unit, is_full in tried:
        facts = _common(campaign, unit, calendar, zone, is_full=is_full)
        for name, more in _by_letter(campaign, facts, calendar, zone, is_full=is_full).items():
            found.setdefault(name, []).append(Trial(whom, {**facts, **more}))
    return {name: tuple(each) for name, each in found.items()}


def _common(
    campaign: Campaign, unit: Unit, calendar: WorkCalendar, zone: ZoneInfo, *, is_full: bool
) -> dict[str, Value]:
    facts = template_facts(campaign, None, unit, calendar, zone)
    if is_full:
        sample = template_facts(SAMPLE_CAMPAIGN, None, SAMPLE_UNIT, calendar, zone)
        facts = filled(facts, sample)
    whole = facts["campaign"]
    contacts = whole["contacts"] if is_full and isinstance(whole, Mapping) else []
    return {**facts, "office": _OFFICE, "contacts": contacts}


def _by_letter(
    campaign: Campaign, facts: Mapping[str, Value], calendar: WorkCalendar, zone: ZoneInfo, *, is_full: bool
) -> dict[str, dict[str, Value]]:
    """What each kind of letter is told besides the campaign, the unit, the code and the office."""

    def some(*rows: Mapping[str, Value]) -> list[Value]:
        return list(rows) if is_full else []

    asked = campaign.items if is_full else campaign.items[:1]
    words = list(OBLIGATION_WORDS)
    rows: list[Value] = [
        item_facts(each, calendar, zone, words[n % len(words)]) for n, each in enumerate(asked)
    ]
    whole = {**campaign_facts(campaign, calendar, zone, asked), "items": rows}
    sample = facts["campaign"]
    answer: dict[str, Value] = {
        "letter": {"received_words": "8月27日9:00"},
        "items": some(_ITEM),
        "links": some({"name": "样例材料"}),
        "files": some(_FILE),
        "missing": some(_MISSING),
        "corrections": [_CORRECTION],
        "correct_by": some(_MISSING),
        "forms": ["附件1　样例登记表（补正）.docx"] if is_full else [],
        "ok": some({"name": "样例材料二"}),
        "fields_lines": some(_FIELD),
        "standing": some({"name": _ITEM["name"], "entry": "第 1 件“作品”"}),
        "is_complete": not is_full,
        "ended_words": "这个活动已于8月30日办结，来信照收。" if is_full else "",
        "fingerprint": "0" * 16,
    }
    full = filled(whole, sample) if is_full and isinstance(sample, Mapping) else whole
    return {
        "notice": {"campaign": full, "size_words": _SIZE, "enclosures": ["通知.docx", "附件1　样例.docx"]},
        "copy": {"body": "样例抄送单位", "contacts": []},
        "receipt": answer,
        "correction": answer,
        "corrected-receipt": _untrue(facts, is_full=is_full),
        "reminder": {"code": SAMPLE_CODE, "step_name": "到期提醒", "missing": [_MISSING]},
        "voluntary": {"code": SAMPLE_CODE, "offered": [{**_MISSING, "is_overdue": False}]},
        SLIP: {"campaign": full, "code": SAMPLE_CODE},
        **_after_release(is_full=is_full),
        **_to_the_signer(is_full=is_full),
        **daily_samples(is_full=is_full),
    }


def _untrue(facts: Mapping[str, Value], *, is_full: bool) -> dict[str, Value]:
    """What is said where a receipt was wrong; to a mailbox not surely the unit's, without its name."""
    unit = facts["unit"] if is_full else {"name": ""}
    return {
        "unit": unit,
        "code": SAMPLE_CODE if is_full else "",
        "letter": {"received_words": "8月27日9:00"},
        "receipt": {"sent_words": "8月27日9:01"},
        "items": [_ITEM],
        "missing": [_MISSING] if is_full else [],
    }


def _after_release(*, is_full: bool) -> dict[str, dict[str, Value]]:
    """What is said once a campaign runs: supplement, correction of the notice, withdrawal, public copies."""
    told: dict[str, Value] = {
        "code": SAMPLE_CODE if is_full else "",
        "enclosures": ["更正后的通知.docx"] if is_full else [],
        "message": "样例补充内容。" if is_full else "",
        "reason": "样例原因",
        "changes": [_CHANGE, {**_CHANGE, "is_withdrawn": True}] if is_full else [],
        "withdrawn_on": "2024年8月30日",
    }
    public: dict[str, Value] = {
        "code": SAMPLE_CODE,
        "address": "yangli@office.example",
        "names": ["通知.docx"],
        "is_draft": is_full,
    }
    return {
        "supplement": told,
        "correction-notice": told,
        "withdrawal": told,
        "public": public,
        **_urging(is_full=is_full),
    }


def _urging(*, is_full: bool) -> dict[str, dict[str, Value]]:
    """What a unit is told that every reminder has asked in vain, and its superior."""
    told: dict[str, Value] = {
        "code": SAMPLE_CODE,
        "enclosures": ["催报函.docx"],
        "missing": [_MISSING],
        "message": "",
        "reason": "",
        "urging": {
            "doc_number": "样例〔2024〕2号" if is_full else "",
            "title": "样例机关关于催报样例材料的函",
            "title_lines": ["样例机关", "关于催报样例材料的函"],
            "signed_on": "2024年9月5日",
            "reminded_words": "2024年8月25日、2024年8月29日" if is_full else "",
            "superior": "样例上级" if is_full else "",
        },
    }
    return {"urging": told, "urging-copy": told}


def _to_the_signer(*, is_full: bool) -> dict[str, dict[str, Value]]:
    """What a proof sent to its signer says, and what became of the answer."""
    asked: dict[str, Value] = {
        "signer": "样例签发人",
        "digest": "0123456789ab",
        "code": SAMPLE_CODE,
        "until_words": "8月28日17:30",
        "units": "40",
        "letters": "44",
        "without_address": ["样例单位"] if is_full else [],
        "start_words": "签发后即发",
        "timing_words": "最后一封最迟8月20日10:00发出。",
        "is_first": not is_full,
        "changes": ["材料“样例”：截止 8月28日 → 8月30日"] if is_full else [],
        "notes": ["样例提示"] if is_full else [],
    }
    outcome: dict[str, Value] = {
        "signer": "样例签发人",
        "digest": "0123456789ab",
        "is_released": is_full,
        "is_returned": False,
        "is_void": not is_full,
        "say": "通讯录已有改动",
        "at_words": "8月20日9:30",
    }
    return {"approval": asked, "approval_outcome": outcome}
