"""What a person typed, turned into the keys the ledger knows: letters, units, items, campaigns, days."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from service.desk.tools import Refused
from service.journey import Office
from service.office.campaign import Campaign
from service.office.frozen import open_campaign
from service.office.roster import Unit, unit_key

LISTED_MAX = 8
# Either tells that a folder is a campaign's.
CAMPAIGN_FILES = ("campaign.yaml", "活动.xlsx")


def number(text: str, what: str) -> int:
    """12, 来信12, 来信 12 or # 12; `what` is 来信 or 发件."""
    plain = unicodedata.normalize("NFKC", text).strip()
    found = re.fullmatch(rf"(?:{what}|#)?\s*(\d{{1,12}})", plain)
    if found is None:
        raise Refused(f"“{text}”不是{what}的编号：请写数字，例如 12 或 {what}12")
    return int(found[1])


def place(office: Office, campaign: str, unit_text: str, item_text: str) -> tuple[str, str, str | None]:
    """(campaign, unit, item) that a letter is given to; the unit may be new where third parties may report.

    No item named: what the letter says itself.
    """
    found = released(office, campaign)
    may_be_new = any(each.is_open_to_third_parties for each in found.items)
    who = unit(office, found.key, unit_text, may_be_new=may_be_new)
    return found.key, who, item(found, item_text) if item_text else None


def is_number(text: str, what: str) -> bool:
    """Whether this names a letter or dispatch, and no unit."""
    return (
        re.fullmatch(rf"(?:{what}|#)?\s*\d{{1,12}}", unicodedata.normalize("NFKC", text).strip()) is not None
    )


def released(office: Office, text: str) -> Campaign:
    """A released campaign, by its key or an unambiguous part of key or title."""
    rows = office.doors.ledger.campaigns()
    key = _pick("活动", text, [(row.key, (row.key, row.title)) for row in rows]) if rows else None
    campaign = open_campaign(key, office.doors.ledger, office.doors.archive) if key else None
    if campaign is None:
        drafted = text in office.doors.staff_files.campaigns()
        why = "还没有签发：请先 proof，再 release" if drafted else "没有这个活动"
        known = "、".join(row.key for row in rows) or "（还没有已签发的活动）"
        raise Refused(f"“{text}”{why}。已签发的活动：{known}")
    return campaign


def planned(office_campaigns: Sequence[str], text: str) -> str:
    """The key of a campaign folder in templates/, also by an unambiguous part."""
    key = _pick("活动", text, [(each, (each,)) for each in office_campaigns])
    if key is None:
        known = "、".join(office_campaigns) or "（templates/ 里还没有活动）"
        raise Refused(f"没有活动“{text}”。现有的活动：{known}")
    return key


def unit(office: Office, campaign: str, text: str, *, may_be_new: bool = False) -> str:
    """The key of a unit of a campaign, by full or short name or an unambiguous part of its name.

    `may_be_new`: a body on no roster keeps the name it was given.
    """
    found = _pick("单位", unit_key(text), [(each.key, _names(each)) for each in _units(office, campaign)])
    if found is not None:
        return found
    if may_be_new:
        return unit_key(text)
    names = [each.name for each in _units(office, campaign)]
    raise Refused(f"“{campaign}”的名单中没有“{text}”{_like(text, names)}")


def may_mean_unit(office: Office, campaign: str, text: str) -> bool:
    """Whether some unit of the campaign may be meant, be it one or several."""
    typed = unit_key(text)
    return bool(typed) and any(typed in name for each in _units(office, campaign) for name in _names(each))


def may_mean_item(campaign: Campaign, text: str) -> bool:
    """Whether some item of the campaign may be meant, be it one or several."""
    return bool(text) and any(text in name for each in campaign.items for name in (each.key, each.name))


def item(campaign: Campaign, text: str) -> str:
    """The key of an item, by key, name or an unambiguous part of its name."""
    found = _pick("材料", text, [(each.key, (each.key, each.name)) for each in campaign.items])
    if found is None:
        known = "、".join(f"{each.key}（{each.name}）" for each in campaign.items)
        raise Refused(f"“{campaign.key}”没有材料“{text}”，可选：{known}")
    return found


def day(text: str) -> date:
    """2024-08-28, 2024/8/28 or 2024年8月28日."""
    plain = unicodedata.normalize("NFKC", text).strip()
    found = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", plain)
    try:
        if found:
            return date(*(int(part) for part in found.groups()))
    except ValueError:
        pass
    raise Refused(f"“{text}”不是日期：请写成 2024-08-28")


def instant(text: str, option: str = "--now") -> datetime:
    """What `--now` (or `--at`) says; without an offset it is meant in the office's own zone."""
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        raise Refused(
            f"{option} “{text}”不是时刻：请写成 2024-08-28T09:00 或 2024-08-28T09:00+08:00"
        ) from None


def _units(office: Office, campaign: str) -> Iterable[Unit]:
    return (each.unit for each in office.doors.ledger.standings(campaign))


def _names(each: Unit) -> tuple[str, ...]:
    return (each.key, unit_key(each.name), *(unit_key(short) for short in each.short_names))


def _pick(what: str, text: str, known: Sequence[tuple[str, tuple[str, ...]]]) -> str | None:
    """Exactly so, else the one that contains it; several are an error that names them."""
    for key, names in known:
        if text in names:
            return key
    found = list(dict.fromkeys(key for key, names in known if text and any(text in name for name in names)))
    if len(found) > 1:
        listed = "、".join(found[:LISTED_MAX]) + (" 等" if len(found) > LISTED_MAX else "")
        raise Refused(f"“{text}”不止一个{what}：{listed}。请写全称")
    return found[0] if found else None


def _like(text: str, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(text, names, n=3, cutoff=0.4)
    return f"，是不是：{'、'.join(near)}？" if near else "：请写单位全称"
