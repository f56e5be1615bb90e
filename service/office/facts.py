"""写信用的事实 — what templates and mail texts may say, as plain values; every date worded here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from service.office.calendar import WorkCalendar
from service.office.campaign import Activity, Campaign, Item, Medium, Obligation, Organiser
from service.office.deadline import Deadline, carry_words, day_in_words, fix_deadline, in_words
from service.office.docket import Docket, MediumState
from service.office.needs.press import Value
from service.office.roster import Unit
from service.office.title import break_title

_MEDIA = {Medium.ELECTRONIC: "电子版", Medium.PAPER: "纸质版"}
OBLIGATION_WORDS = {
    Obligation.REQUIRED: "须报送",
    Obligation.VOLUNTARY: "自愿报送",
    Obligation.ROLLING: "随时报送",
}


def date_words(day: date) -> str:
    """2024年8月20日."""
    return f"{day.year}年{day.month}月{day.day}日"


def deadline_of(item: Item, calendar: WorkCalendar, zone: ZoneInfo) -> Deadline | None:
    """The item's deadline as it counts, or None for rolling items."""
    return fix_deadline(item.due, calendar, zone) if item.due is not None else None


def due_words(item: Item, calendar: WorkCalendar, zone: ZoneInfo) -> str:
    """Until when, with weekday and hour; 随时 for items without a date."""
    deadline = deadline_of(item, calendar, zone)
    if deadline is None:
        return "随时报送"
    carried = carry_words(deadline)
    return in_words(deadline, zone) + (f"（{carried}）" if carried else "")


def until_words(until: datetime | None, zone: ZoneInfo) -> str:
    """A docket's own due instant in words (it may have been extended)."""
    if until is None:
        return "随时报送"
    local = until.astimezone(zone)
    is_whole_day = (local.hour, local.minute) == (0, 0)
    if is_whole_day:
        return f"{day_in_words((local - timedelta(days=1)).date())}24:00前（含当日）"
    return f"{day_in_words(local.date())}{local:%H:%M}前"


def campaign_facts(
    campaign: Campaign, calendar: WorkCalendar, zone: ZoneInfo, items: Iterable[Item] | None = None
) -> dict[str, Value]:
    """The `campaign` of every template; `items` limits what is asked to what one unit is asked."""
    asked = tuple(campaign.items if items is None else items)
    asked = tuple(item for item in asked if not item.is_withdrawn)
    return {
        "key": campaign.key,
        "issuer": campaign.issuer,
        "title": campaign.title,
        "title_lines": list(campaign.title_lines or break_title(campaign.issuer, campaign.title)),
        "theme": campaign.theme,
        "theme_note": campaign.theme_note,
        "doc_number": campaign.doc_number,
        "signed_on": date_words(campaign.signed_on) if campaign.signed_on else "",
        "year": str(campaign.signed_on.year) if campaign.signed_on else "",
        "addressees": campaign.addressees_as_written,
        "is_public": campaign.is_public,
        "items": [item_facts(item, calendar, zone) for item in asked],
        "activities": [activity_facts(each) for each in campaign.activities],
        "contacts": [
            {
                "name": each.name,
                "phone": each.phone,
                "address": each.address_as_printed,
                "office": each.office,
            }
            for each in campaign.contacts
        ],
        "attachments": [
            {"number": str(number), "title": each.title}
            for number, each in enumerate((a for a in campaign.attachments if not a.is_notice), 1)
        ],
        "links": [{"title": each.title, "url": each.url} for each in campaign.links],
        "copies_to_words": "、".join(each.name for each in campaign.copies_to),
        "post": {"to": campaign.post.to, "street": campaign.post.street, "postcode": campaign.post.postcode},
        "sample_note": campaign.sample_note,
    }


def item_facts(
    item: Item, calendar: WorkCalendar, zone: ZoneInfo, obligation: Obligation | None = None
) -> dict[str, Value]:
    """One item as templates see it."""
    return {
        "key": item.key,
        "name": item.name,
        "due_words": due_words(item, calendar, zone),
        "due_date": date_words(item.due.on) if item.due else "",
        "media_words": "和".join(_MEDIA[each] for each in item.media),
        "length_words": f"{item.length.about}字左右" if item.length else "",
        "sections": list(item.sections),
        "sections_words": "、".join(item.sections),
        "note": item.note,
        "obligation_words": OBLIGATION_WORDS[obligation] if obligation else "",
        "is_many": item.is_many,
        "is_voluntary": bool(item.scopes)
        and all(each.obligation is Obligation.VOLUNTARY for each in item.scopes),
        "is_urgent": item.is_urgent,
        "may_be_nil": item.may_be_nil,
        "has_form": bool(item.fields),
        "fields": field_facts(item),
    }


def field_facts(item: Item, values: Mapping[str, str] | None = None) -> list[Value]:
    """The fields of an item's form, with values where there are any."""
    return [
        {
            "key": each.key,
            "label": each.label,
            "kind": each.kind.value,
            "choices": list(each.choices),
            "choices_words": "、".join(each.choices),
            "is_required": each.is_required,
            "value": (values or {}).get(each.key, ""),
        }
        for each in item.fields
    ]


def activity_facts(activity: Activity) -> dict[str, Value]:
    """One activity, its organisers in words."""
    return {
        "name": activity.name,
        "time": activity.time_as_written,
        "theme": activity.theme,
        "about": activity.about,
        "organisers_words": organisers_words(activity.organisers),
        "may_choose_time": activity.may_choose_time,
    }


def organisers_words(organisers: tuple[Organiser, ...]) -> str:
    """甲、乙主办，丙承办."""
    by_role: dict[str, list[str]] = {}
    for each in organisers:
        by_role.setdefault(each.role.value, []).append(each.name)
    return "，".join("、".join(names) + role for role, names in by_role.items())


def unit_facts(unit: Unit) -> dict[str, Value]:
    """The `unit` of every template."""
    return {
        "name": unit.name,
        "parent": unit.parent,
        "groups": list(unit.groups),
        "contact_names": "、".join(each.name for each in unit.contacts),
    }


def missing_facts(
    dockets: Iterable[Docket], campaign: Campaign, now: datetime, zone: ZoneInfo
) -> list[Value]:
    """What a unit still owes: name, until when, how long that is, and which medium."""
    rows: list[Value] = []
    for docket in dockets:
        item = campaign.item(docket.item)
        rows.append(
            {
                "name": (item.name if item else docket.item) + _medium_words(docket),
                "due_words": until_words(docket.due_until, zone),
                "days_left_words": days_left_words(docket.due_until, now, zone, docket.late_from),
                "is_overdue": docket.late_from is not None and now >= docket.late_from,
            }
        )
    return rows


def days_left_words(
    until: datetime | None, now: datetime, zone: ZoneInfo, late_from: datetime | None = None
) -> str:
    """还有 3 天 · 今天截止 · 已逾期 2 天; empty without a date. Before `late_from` nothing is called late."""
    if until is None:
        return ""
    last = (until.astimezone(zone) - timedelta(microseconds=1)).date()
    days = (last - now.astimezone(zone).date()).days
    if late_from is not None and until <= now < late_from:
        grace_end = late_from.astimezone(zone) - timedelta(microseconds=1)
        return f"已到截止时间，最迟宽限至{date_words(grace_end.date())}"
    if now >= until:
        return f"已逾期 {max(-days, 1)} 天"
    return "今天截止" if days == 0 else f"还有 {days} 天"


def _medium_words(docket: Docket) -> str:
    if docket.electronic is MediumState.RETURNED and docket.paper is MediumState.AWAITED:
        return "（纸质版）"
    if docket.paper is MediumState.RETURNED and docket.electronic is MediumState.AWAITED:
        return "（电子版）"
    return ""
