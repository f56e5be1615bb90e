"""差别 — what changed between two drafts of a campaign, in sentences that a signer can read."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from service.office.campaign import Campaign, Due, Item
from service.office.content import Chase
from service.office.difference_words import KEYS, LABELS, NOUNS, VALUES
from service.office.roster import Roster, Unit

# A page, a mail and a refusal stay readable; the rest is counted.
SAID_MAX = 60
VALUE_CHARACTERS_MAX = 80


@dataclass(frozen=True, slots=True)
class Standpoint:
    """A campaign at one moment. `schedule` None: not known, and not compared."""

    campaign: Campaign
    roster: Roster
    files: tuple[tuple[str, str], ...]  # name → sha256
    rules: tuple[tuple[str, str], ...]  # name → in words
    schedule: tuple[Chase, ...] | None = None
    starts_at: datetime | None = None


def differences(before: Standpoint, after: Standpoint, zone: ZoneInfo) -> tuple[str, ...]:
    """Every difference, the weightiest first; empty when nothing differs."""
    said = [
        *_facts(before.campaign, after.campaign),
        *_units(before, after),
        *_files(before.files, after.files),
        *_rules(before.rules, after.rules),
    ]
    if before.schedule is not None and after.schedule is not None:
        said += _hours(before.starts_at, after.starts_at, zone)
        said += _schedule(before.schedule, after.schedule, after.campaign, zone)
    if not said and before.roster.sha256 != after.roster.sha256:
        said.append("通讯录文件有改动，但本活动各单位的名称、组别、联系人、邮箱都没有变")
    if not said and before.campaign.sha256 != after.campaign.sha256:
        said.append("活动文件夹里有改动（格式、注释或没有用到的文件），活动的内容没有变")
    return tuple(dict.fromkeys(said))


def bounded(said: Sequence[str], most: int = SAID_MAX) -> tuple[str, ...]:
    """So many of them, and how many more there are."""
    if len(said) <= most:
        return tuple(said)
    return (*said[:most], f"……还有 {len(said) - most} 处，见校样中的“与上一份校样相比”")


# --- campaign.yaml ------------------------------------------------------------------------------------------


def _facts(before: Campaign, after: Campaign) -> Iterator[str]:
    yield from _walk(before, after, ())


def _walk(before: Any, after: Any, path: tuple[str, ...]) -> Iterator[str]:
    """Two values of one dataclass, field by field."""
    labels = LABELS.get(type(before).__name__, {})
    for each in dataclasses.fields(before):
        label = labels.get(each.name, each.name)
        old, new = getattr(before, each.name), getattr(after, each.name)
        if label is None or old == new:
            continue
        yield from _compare(old, new, (*path, label))


def _compare(old: Any, new: Any, path: tuple[str, ...]) -> Iterator[str]:
    kind = _row_kind(old) or _row_kind(new)
    if kind is not None and kind.__name__ in KEYS:
        yield from _rows(old, new, kind, path)
    elif _is_record(old) and _is_record(new) and type(old) is type(new) and not isinstance(old, Due):
        yield from _walk(old, new, path)
    else:
        yield f"{' '.join(path)} {_shown(old)} → {_shown(new)}"


def _rows(old: Any, new: Any, kind: type, path: tuple[str, ...]) -> Iterator[str]:
    """Two lists of named things: what went, what came, what changed in those that stayed."""
    noun, above = NOUNS.get(kind.__name__, path[-1]), path[:-1]
    was, now = _by_name(old, kind), _by_name(new, kind)
    for name in was:
        if name not in now:
            yield " ".join((*above, f"删去{noun}“{_named(was[name], name)}”"))
    for name in now:
        if name not in was:
            yield " ".join((*above, f"新增{noun}“{_named(now[name], name)}”"))
        elif was[name] != now[name]:
            yield from _walk(was[name], now[name], (*above, f"{noun}“{_named(was[name], name)}”"))
    if list(was) != list(now) and sorted(was) == sorted(now):
        yield " ".join((*above, f"{noun}的先后顺序有改动"))


def _by_name(rows: Sequence[Any], kind: type) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for row in rows:
        key = _value(getattr(row, KEYS[kind.__name__]))
        while key in found:
            key += "′"
        found[key] = row
    return found


def _named(row: Any, name: str) -> str:
    return row.name if isinstance(row, Item) else name


def _row_kind(value: Any) -> type | None:
    if isinstance(value, tuple) and value and all(_is_record(each) for each in value):
        return type(value[0])
    return None


def _is_record(value: Any) -> bool:
    return dataclasses.is_dataclass(value) and not isinstance(value, type)


def _shown(value: Any) -> str:
    text = _value(value)
    return text if len(text) <= VALUE_CHARACTERS_MAX else text[: VALUE_CHARACTERS_MAX - 1] + "…"


# A table by type of value, in the order they must be asked.
def _value(value: Any) -> str:
    match value:
        case None | "" | ():
            return "（空）"
        case bool():
            return "是" if value else "否"
        case Due():
            carried = {True: "（顺延）", False: "（不顺延）", None: ""}[value.carries_over]
            return _day(value.on) + (f" {value.at:%H:%M}" if value.at else "") + carried
        case Enum():
            return VALUES.get(str(value.value), str(value.value))
        case date():
            return _day(value)
        case time():
            return f"{value:%H:%M}"
        case tuple():
            return "、".join(_value(each) for each in value)
        case _ if _is_record(value):
            parts = (_value(getattr(value, each.name)) for each in dataclasses.fields(value))
            return " ".join(part for part in parts if part != "（空）")
        case _:
            return str(value)


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日（星期{'一二三四五六日'[day.weekday()]}）"


# --- the roster ---------------------------------------------------------------------------------------------


def _units(before: Standpoint, after: Standpoint) -> Iterator[str]:
    """Unit by unit, of those that are addressed on either side."""
    was = {each.key: each for each in before.roster.in_groups(before.campaign.groups)}
    now = {each.key: each for each in after.roster.in_groups(after.campaign.groups)}
    for key, unit in was.items():
        if key not in now:
            yield f"通讯录：不再发给 {unit.name}"
    for key, unit in now.items():
        if key not in was:
            yield f"通讯录：增加 {unit.name}（{_addresses(unit) or '没有邮箱'}）"
        elif said := list(_unit(was[key], unit)):
            yield f"通讯录：{unit.name} {'；'.join(said)}"


def _unit(old: Unit, new: Unit) -> Iterator[str]:
    pairs = (
        ("邮箱", _addresses(old), _addresses(new)),
        ("组别", "、".join(old.groups), "、".join(new.groups)),
        ("联系人", _people(old), _people(new)),
        ("名称", old.name, new.name),
        ("上级", old.parent, new.parent),
        ("简称", "、".join(old.short_names), "、".join(new.short_names)),
    )
    return (f"{label} {was or '（空）'} → {now or '（空）'}" for label, was, now in pairs if was != now)


def _addresses(unit: Unit) -> str:
    return "、".join(each.text for each in unit.addresses)


def _people(unit: Unit) -> str:
    return "、".join(f"{each.name} {each.phone}".strip() for each in unit.contacts)


# --- files, rules, days -------------------------------------------------------------------------------------


def _files(before: Sequence[tuple[str, str]], after: Sequence[tuple[str, str]]) -> Iterator[str]:
    was, now = dict(before), dict(after)
    for name in sorted({*was, *now}):
        old, new = was.get(name, ""), now.get(name, "")
        if old != new:
            yield f"{_file_word(name)} {name} {'新增' if not old else '删去' if not new else '有改动'}"


def _file_word(name: str) -> str:
    if name.startswith("mailbox_rules"):
        return "识别规则"
    return "信文" if name.endswith(".txt.j2") else "文件"


def _rules(before: Sequence[tuple[str, str]], after: Sequence[tuple[str, str]]) -> Iterator[str]:
    was, now = dict(before), dict(after)
    for name in {**was, **now}:
        old, new = was.get(name, ""), now.get(name, "")
        if old != new:
            yield f"{name} {old or '（空）'} → {new or '（空）'}"


def _hours(before: datetime | None, after: datetime | None, zone: ZoneInfo) -> Iterator[str]:
    if before != after:
        old, new = (_moment(each, zone) if each else "签发后即发" for each in (before, after))
        yield f"发出时刻 {old} → {new}"


def _schedule(
    before: Iterable[Chase], after: Iterable[Chase], campaign: Campaign, zone: ZoneInfo
) -> Iterator[str]:
    """Reminder by reminder; which units it concerns is told by number, and by name where they are few."""
    was, now = _planned(before), _planned(after)
    for key in sorted({*was, *now}, key=lambda each: (each[1], each[0])):
        old, new = was.get(key, frozenset()), now.get(key, frozenset())
        if old == new:
            continue
        step, at, items = key
        names = "、".join(item.name if (item := campaign.item(each)) else each for each in items)
        what = f"催办“{step.partition('@')[0]}”（{names}）{_moment(at, zone)}"
        if not old or not new:
            yield f"{what}：{'新增' if not old else '取消'}，涉及 {len(new or old)} 个单位"
        else:
            yield f"{what}：{len(old)} 个单位 → {len(new)} 个单位（{_few(old ^ new)}）"


_Key = tuple[str, datetime, tuple[str, ...]]


def _planned(chases: Iterable[Chase]) -> Mapping[_Key, frozenset[str]]:
    return {(each.step, each.at, each.items): frozenset(each.units) for each in chases}


def _few(units: frozenset[str]) -> str:
    names = sorted(units)
    return "、".join(names[:3]) + (f" 等 {len(names)} 个" if len(names) > 3 else "")


def _moment(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{_day(local.date())}{local:%H:%M}"
