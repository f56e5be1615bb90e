"""What a template is tried with: the facts a draft would give it, of a real campaign or of a sample one."""

from __future__ import annotations

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
from service.office.needs.press import Value
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
