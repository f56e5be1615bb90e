"""What a template is tried with: the facts a draft would give it, of a real campaign or of a sample one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from service.office.calendar import WorkCalendar
from service.office.campaign import (
    Activity,
    Attachment,
    Campaign,
    CampaignContact,
    CampaignLink,
    CopyTo,
    Due,
    FormField,
    Item,
    ItemKind,
    ItemScope,
    Length,
    Obligation,
    Organiser,
    PostAddress,
    Role,
)
from service.office.facts import activity_facts, campaign_facts, field_facts, item_facts, unit_facts
from service.office.needs.press import Trial, Value
from service.office.roster import Contact, Unit

SAMPLE_CODE = "2345-6789"
SAMPLE_ITEM = Item(
    key="works",
    name="作品登记表",
    kind=ItemKind.FORM,
    scopes=(ItemScope(("样例组",), Obligation.REQUIRED),),
    due=Due(date(2024, 8, 28), carries_over=True),
    length=Length(500, 20),
    sections=("开展情况", "活动效果"),
    fields=(
        FormField("unit", "报送单位", is_unit_name=True),
        FormField("title", "作品名称", is_title=True),
        FormField("phone", "联系电话"),
    ),
    note="样例",
)
SAMPLE_UNIT = Unit("样例单位", "样例单位", ("样例组",), "样例区", (Contact("样例联系人", "0000-0000000"),))
SAMPLE_CAMPAIGN = Campaign(
    key="sample",
    issuer="样例机关",
    title="关于样例的通知",
    theme="样例主题",
    theme_note="样例说明",
    signed_on=date(2024, 8, 20),
    doc_number="样例〔2024〕1号",
    groups=("样例组",),
    unlisted_groups=(),
    copies_to=(CopyTo("样例抄送单位"),),
    activities=(
        Activity("样例活动", "8月20日", "样例", "样例", (Organiser("样例单位", Role.HOST, group="样例组"),)),
    ),
    attachments=(Attachment("form.docx", "作品登记表", item="works"),),
    contacts=(CampaignContact("样例联系人", "0000-0000000", "sample@sample.example", "样例处"),),
    links=(CampaignLink("样例链接", "https://sample.example/"),),
    post=PostAddress("样例处", "样例路1号", "000000"),
    items=(SAMPLE_ITEM,),
    addressees_as_written="各样例单位",
    is_public=True,
)


def template_facts(
    campaign: Campaign, item: Item | None, unit: Unit, calendar: WorkCalendar, zone: ZoneInfo
) -> dict[str, Value]:
    """The names a Word template may use; `item` is there only for the form of an item."""
    mine = [each for each in campaign.activities if each.names(unit.key, unit.groups)]
    facts: dict[str, Value] = {
        "campaign": campaign_facts(campaign, calendar, zone),
        "unit": unit_facts(unit),
        "code": SAMPLE_CODE,
        "mine": {"activities": [activity_facts(each) for each in mine]},
    }
    if item is not None:
        known = {each.key: unit.name for each in item.fields if each.is_unit_name}
        facts["item"] = {**item_facts(item, calendar, zone), "fields": field_facts(item, known)}
    return facts


# Longer than any real name, with what XML, Word and Excel trip over; the tag within must come out as words.
_NASTY_NAME = (
    "样例省样例自治州样例经济技术开发区综合行政执法与市场监督管理委员会（筹）&<Co>'\"\x0b{{名}}有限公司"
)
NASTY_UNIT = Unit(_NASTY_NAME, _NASTY_NAME, ("样例组", "另一样例组"), "样例区&<上级>", ())
BARE_UNIT = Unit("样例单位", "样例单位", (), "", ())
# What a template of no campaign is tried with besides the ordinary sample: nothing that may be left out.
BARE_CAMPAIGN = Campaign(
    key="bare",
    issuer="样例机关",
    title="关于样例的通知",
    theme="",
    signed_on=None,
    doc_number="",
    groups=("样例组",),
    unlisted_groups=(),
    copies_to=(),
    activities=(),
    attachments=(),
    contacts=(),
    links=(),
    post=PostAddress(),
    items=(Item("rolling", "信息", ItemKind.FREE, (ItemScope(("样例组",), Obligation.ROLLING),)),),
)
_ITEMS_OF_EVERY_KIND = (
    SAMPLE_ITEM,
    Item(
        "summary",
        "总结",
        ItemKind.SUMMARY,
        (ItemScope(("样例组",), Obligation.VOLUNTARY),),
        due=Due(date(2024, 9, 28), carries_over=False),
        sections=("开展情况",),
        may_be_nil=True,
    ),
    Item(
        "photos",
        "照片&<说明>",
        ItemKind.FREE,
        (ItemScope(("样例组",), Obligation.ROLLING),),
        is_many=True,
        is_urgent=True,
    ),
)


def sample_trials(calendar: WorkCalendar, zone: ZoneInfo) -> tuple[Trial, ...]:
    """What a template of no campaign is tried with besides the sample."""
    busy = replace(
        SAMPLE_CAMPAIGN,
        items=_ITEMS_OF_EVERY_KIND,
        activities=tuple(replace(SAMPLE_CAMPAIGN.activities[0], name=f"活动{n}&<{n}>") for n in range(4)),
    )
    found = [
        Trial(
            "给名称很长、没有联系人、属于几个组的单位",
            template_facts(busy, SAMPLE_ITEM, NASTY_UNIT, calendar, zone),
        ),
    ]
    for each in _ITEMS_OF_EVERY_KIND[1:]:
        whom = f"材料是“{each.name[:2]}”这一类、没有表格项"
        found.append(Trial(whom, template_facts(busy, each, SAMPLE_UNIT, calendar, zone)))
    bare = template_facts(BARE_CAMPAIGN, BARE_CAMPAIGN.items[0], BARE_UNIT, calendar, zone)
    return (*found, Trial("活动只写了必填的内容", bare))


def campaign_trials(
    campaign: Campaign, item: Item | None, units: Sequence[Unit], calendar: WorkCalendar, zone: ZoneInfo
) -> tuple[Trial, ...]:
    """The units for whom a template of this campaign is likeliest to fail, and the copy that names nobody."""
    nasty = replace(NASTY_UNIT, groups=tuple(dict.fromkeys((*campaign.groups, *NASTY_UNIT.groups))))
    tried: list[tuple[str, Unit]] = [
        ("给名称很长、没有联系人、属于几个组的单位", nasty),
        ("给没有联系人的单位", replace(BARE_UNIT, groups=campaign.groups[:1])),
        ("印公开的一份", Unit("", "")),
    ]
    if units:
        longest = max(units, key=lambda each: len(each.name))
        most = max(units, key=lambda each: len(each.groups))
        tried += [(f"给“{each.name}”", each) for each in dict.fromkeys((longest, most, units[0]))]
    found = []
    for whom, unit in tried:
        facts = template_facts(campaign, item, unit, calendar, zone)
        found.append(Trial(whom, facts))
    everything: Value = [activity_facts(each) for each in campaign.activities]
    busy = {**template_facts(campaign, item, nasty, calendar, zone), "mine": {"activities": everything}}
    return (*found, Trial("给承担每一项活动的单位", busy))


def filled(facts: Mapping[str, Value], sample: Mapping[str, Value]) -> dict[str, Value]:
    """The facts with every empty list filled from the sample, so that names inside a loop can be judged.

    A campaign without links still has a template that loops over them, and next year it has some.
    """
    return {key: _filled(value, sample.get(key)) for key, value in facts.items()}


def _filled(value: Value, sample: Value) -> Value:
    if isinstance(value, Mapping):
        return filled(value, sample) if isinstance(sample, Mapping) else value
    if isinstance(value, str) or not isinstance(value, Sequence):
        return value
    if not isinstance(sample, Sequence) or isinstance(sample, str) or not sample:
        return value
    if not value:
        return sample
    return [_filled(each, sample[0]) for each in value]
