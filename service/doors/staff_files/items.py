"""The items of a campaign.yaml: what is asked back, of whom, until when, and how it is checked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import time

from service.doors.staff_files.section import Section, unknown
from service.office.campaign import (
    Due,
    FieldKind,
    FormField,
    Item,
    ItemKind,
    ItemScope,
    Length,
    Medium,
    Obligation,
    Prefill,
    ReminderStep,
    Strictness,
)

ITEM_KEYS = (
    "key",
    "name",
    "kind",
    "due",
    "obligation",
    "scopes",
    "many",
    "media",
    "length",
    "sections",
    "pictures",
    "nil_report",
    "form",
    "fields",
    "third_parties",
    "reminders",
    "grace_days",
    "cut_off_on",
    "urgent",
    "keywords",
    "note",
)
_PREFILLED_KINDS = (FieldKind.TEXT, FieldKind.PHONE)
FIELD_KEYS = (
    "key",
    "label",
    "kind",
    "required",
    "choices",
    "synonyms",
    "check",
    "title",
    "unit_name",
    "prefill",
)

# Where a campaign says nothing: once shortly before, once right after.
DEFAULT_REMINDERS = (ReminderStep("到期前提醒", 3), ReminderStep("逾期催办", -1))
MORNING = time(9, 30)

_ITEM_KEY = re.compile(r"[a-z][a-z0-9-]{0,31}")
_FIELD_KEY = re.compile(r"[a-z][a-z0-9_]{0,31}")


def read_items(campaign: Section, groups: Sequence[str]) -> tuple[Item, ...]:
    """Every item, faults noted; keys are unique."""
    if not campaign.has("items"):
        campaign.wrong("items", "缺少“items”：请写明要各单位报什么材料", code="missing")
    items: list[Item] = []
    for section in campaign.sections("items", ITEM_KEYS):
        item = _item(section, groups)
        if item.key in {each.key for each in items}:
            section.wrong("key", f"报送材料“{item.key}”前面已经写过，key 不能重复", code="duplicate")
            continue
        items.append(item)
    return tuple(items)


def _item(section: Section, groups: Sequence[str]) -> Item:
    key = section.text("key", is_required=True)
    if key and not _ITEM_KEY.fullmatch(key):
        section.wrong("key", f"“key”只能用小写英文字母、数字和“-”，现在写的是“{key}”")
    scopes = _scopes(section, groups)
    due = _due(section)
    sections, sections_strictness, section_synonyms = _sections(section)
    pictures, pictures_strictness = _pictures(section)
    item = Item(
        key=key,
        name=section.text("name", is_required=True),
        kind=section.choice("kind", ItemKind, default=ItemKind.FREE, is_required=True),
        scopes=scopes,
        due=due,
        is_many=section.flag("many"),
        media=_media(section),
        length=_length(section),
        sections=sections,
        sections_strictness=sections_strictness,
        section_synonyms=section_synonyms,
        pictures_at_least=pictures,
        pictures_strictness=pictures_strictness,
        may_be_nil=section.flag("nil_report"),
        form_template=section.text("form"),
        fields=_fields(section),
        is_open_to_third_parties=section.flag("third_parties"),
        reminders=_reminders(section, due, scopes),
        grace_days=section.whole("grace_days", at_least=0, at_most=60),
        cut_off_on=section.day("cut_off_on"),
        is_urgent=section.flag("urgent"),
        keywords=section.texts("keywords"),
        note=section.text("note"),
    )
    _check(section, item)
    return item


def _scopes(section: Section, groups: Sequence[str]) -> tuple[ItemScope, ...]:
    if section.has("scopes") and section.has("obligation"):
        section.wrong("obligation", "“obligation”和“scopes”只写一个：各组要求不同时才用“scopes”")
    if not section.has("scopes"):
        obligation = section.choice("obligation", Obligation, default=Obligation.REQUIRED, is_required=True)
        return (ItemScope(tuple(groups), obligation),)
    scopes = []
    for scope in section.sections("scopes", ("groups", "obligation")):
        named = scope.texts("groups", is_required=True)
        for word in scope.words("groups"):
            if word.text.strip() not in groups:
                scope.wrong(
                    "groups",
                    unknown("组别", word.text, groups) + "（应与上面的“groups”一致）",
                    line=word.line,
                )
        obligation = scope.choice("obligation", Obligation, default=Obligation.REQUIRED, is_required=True)
        scopes.append(ItemScope(named, obligation))
    return tuple(scopes)


def _due(section: Section) -> Due | None:
    if not section.is_table("due"):
        on = section.day("due")
        return Due(on) if on else None
    below = section.section("due", ("on", "at", "carries_over"))
    if below is None:
        return None
    on = below.day("on", is_required=True)
    at = below.clock("at")
    # Not written is not “no”: proof asks for a decision when the day turns out to be a day off.
    carries_over = below.flag("carries_over") if below.has("carries_over") else None
    return Due(on, at, carries_over) if on else None


def _media(section: Section) -> tuple[Medium, ...]:
    words = section.words("media")
    media = tuple(
        dict.fromkeys(section.choice_of("media", each, Medium, Medium.ELECTRONIC) for each in words)
    )
    return media or (Medium.ELECTRONIC,)


def _length(section: Section) -> Length | None:
    if not section.has("length"):
        return None
    if not section.is_table("length"):
        about = section.whole("length", at_least=1, at_most=1_000_000)
        return Length(about, 20) if about else None
    below = section.section("length", ("about", "tolerance", "check"))
    if below is None:
        return None
    if not below.has("about"):
        below.wrong("about", "缺少必填的键“about”（大约多少字）", code="missing")
        return None
    return Length(
        about=below.whole("about", at_least=1, at_most=1_000_000, default=1),
        tolerance=below.whole("tolerance", at_least=0, at_most=100, default=20),
        strictness=below.choice("check", Strictness, default=Strictness.ADVICE),
    )


def _sections(section: Section) -> tuple[tuple[str, ...], Strictness, tuple[tuple[str, str], ...]]:
    if not section.is_table("sections"):
        return section.texts("sections"), Strictness.ADVICE, ()
    below = section.section("sections", ("names", "check", "synonyms"))
    if below is None:
        return (), Strictness.ADVICE, ()
    check = below.choice("check", Strictness, default=Strictness.ADVICE)
    names = below.texts("names", is_required=True)
    return names, check, _synonyms(below, names)


def _synonyms(below: Section, names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """`部分=别的叫法`, each of a section that is asked for."""
    found = []
    for text in below.texts("synonyms"):
        name, mark, other = (each.strip() for each in text.replace("＝", "=").partition("="))
        if not mark or not other or name not in names:
            asked = "、".join(names)
            below.wrong(
                "synonyms", f"“{text}”应写成“部分=别的叫法”，等号前是“names”里的一个：{asked}", code="wrong"
            )
            continue
        found.append((name, other))
    return tuple(found)


def _pictures(section: Section) -> tuple[int, Strictness]:
    if not section.is_table("pictures"):
        return section.whole("pictures", at_least=0, at_most=100), Strictness.ADVICE
    below = section.section("pictures", ("at_least", "check"))
    if below is None:
        return 0, Strictness.ADVICE
    check = below.choice("check", Strictness, default=Strictness.ADVICE)
    return below.whole("at_least", at_least=0, at_most=100), check


def _fields(section: Section) -> tuple[FormField, ...]:
    fields: list[FormField] = []
    for each in section.sections("fields", FIELD_KEYS):
        field = _field(each)
        if field.key in {known.key for known in fields}:
            each.wrong("key", f"栏目“{field.key}”前面已经写过，key 不能重复", code="duplicate")
        elif field.label in {known.label for known in fields}:
            each.wrong("label", f"栏目名称“{field.label}”前面已经写过", code="duplicate")
        else:
            fields.append(field)
    for attribute, key, say in (("is_title", "title", "作品名称"), ("is_unit_name", "unit_name", "报送单位")):
        if sum(getattr(field, attribute) for field in fields) > 1:
            section.wrong("fields", f"只能有一个栏目写“{key}: true”（{say}）")
    return tuple(fields)


def _field(section: Section) -> FormField:
    key = section.text("key", is_required=True)
    if key and not _FIELD_KEY.fullmatch(key):
        section.wrong("key", f"“key”只能用小写英文字母、数字和“_”，现在写的是“{key}”")
    kind = section.choice("kind", FieldKind, default=FieldKind.TEXT)
    choices = section.texts("choices")
    if kind is FieldKind.CHOICE and len(choices) < 2:
        section.wrong("choices", "“kind: choice”的栏目要在“choices”里列出至少两个选项", code="missing")
    if kind is not FieldKind.CHOICE and choices:
        section.wrong("choices", "只有“kind: choice”的栏目才写“choices”")
    is_unit_name = section.flag("unit_name")
    prefill = section.choice("prefill", Prefill, default=default_prefill(kind, is_unit_name))
    if prefill is not Prefill.NONE and kind not in _PREFILLED_KINDS:
        section.wrong("prefill", "只有文字和电话栏目才能写“prefill”（由程序预先填好）")
    return FormField(
        key=key,
        label=section.text("label", is_required=True),
        is_required=section.flag("required", default=True),
        kind=kind,
        choices=choices,
        synonyms=section.texts("synonyms"),
        strictness=section.choice("check", Strictness, default=Strictness.MUST),
        is_title=section.flag("title"),
        is_unit_name=is_unit_name,
        prefill=prefill,
    )


def default_reminders(due: Due | None, scopes: Sequence[ItemScope]) -> tuple[ReminderStep, ...]:
    """What holds where a campaign says nothing: only what can be missing is chased."""
    return DEFAULT_REMINDERS if _may_be_missing(due, scopes) else ()


def _may_be_missing(due: Due | None, scopes: Sequence[ItemScope]) -> bool:
    return due is not None and any(each.obligation is Obligation.REQUIRED for each in scopes)


def _reminders(section: Section, due: Due | None, scopes: Sequence[ItemScope]) -> tuple[ReminderStep, ...]:
    may_be_missing = _may_be_missing(due, scopes)
    if "reminders" not in section.table.entries:
        return default_reminders(due, scopes)
    steps: list[ReminderStep] = []
    for each in section.sections("reminders", ("name", "days_before", "at")):
        if not each.has("days_before"):
            each.wrong("days_before", "缺少必填的键“days_before”（到期前几天；到期后写负数）", code="missing")
            continue
        step = ReminderStep(
            name=each.text("name", is_required=True),
            days_before=each.whole("days_before", at_least=-365, at_most=365),
            at=each.clock("at", default=MORNING) or MORNING,
        )
        if step.name in {known.name for known in steps}:
            each.wrong("name", f"催办步骤“{step.name}”前面已经写过，名称不能重复", code="duplicate")
            continue
        steps.append(step)
    if steps and not may_be_missing:
        section.wrong("reminders", "只催办写明期限、且有单位必报（required）的材料，请删去“reminders”")
    return tuple(steps)


def _check(section: Section, item: Item) -> None:
    obligations = {scope.obligation for scope in item.scopes}
    if item.due is None and Obligation.REQUIRED in obligations and not section.has("due"):
        section.wrong("due", "必报（required）的材料要写期限，例如 due: 2024-09-28", code="missing")
    if item.due is not None and obligations == {Obligation.ROLLING}:
        section.wrong("due", "随时报（rolling）的材料不写期限；若有期限，请改为 required 或 voluntary")
    if item.due and item.cut_off_on and item.cut_off_on < item.due.on:
        section.wrong("cut_off_on", f"停止接收的日期早于期限 {item.due.on}", code="date")
    if item.kind is ItemKind.FORM and not item.form_template:
        section.wrong("form", "“kind: form”的材料要在“form”写明登记表的文件名", code="missing")
    if item.kind is ItemKind.FORM and not item.fields:
        section.wrong("fields", "“kind: form”的材料要在“fields”列出登记表的栏目", code="missing")
    if item.kind is not ItemKind.FORM and (item.fields or item.form_template):
        section.wrong("kind", "写了“form”或“fields”的材料应当是“kind: form”")
    if item.kind is ItemKind.FORM and item.is_many and item.fields and item.title_field is None:
        section.wrong("fields", "可报多件的登记表要有一个栏目写“title: true”，用来区分各件", code="missing")


def default_prefill(kind: FieldKind, is_unit_name: bool) -> Prefill:
    """What a field is filled with where staff say nothing: the column for the unit's own name has it."""
    return Prefill.UNIT if is_unit_name and kind in _PREFILLED_KINDS else Prefill.NONE
