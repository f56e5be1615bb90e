"""A Campaign as the plainest campaign.yaml would state it: only what differs from the defaults."""

from __future__ import annotations

from datetime import date, time
from typing import cast

from service.doors.staff_files.items import MORNING, default_prefill, default_reminders
from service.office.campaign import (
    MINIMUM_DAYS,
    Activity,
    Attachment,
    AttachmentKind,
    Campaign,
    FieldKind,
    FormField,
    Item,
    Medium,
    Strictness,
)

# What a YAML page or a sheet can hold: texts, numbers, yes and no, lists and tables of them.
Node = str | int | bool | list["Node"] | dict[str, "Node"]
Branch = dict[str, Node]


def written(campaign: Campaign) -> Branch:
    """Keys in the order of the README; dates and hours as text; reading it gives the same Campaign."""
    post, is_same = campaign.post, campaign.notice_is_same_for_all
    return _stated(
        issuer=campaign.issuer,
        title=campaign.title,
        title_lines=list(campaign.title_lines),
        theme=campaign.theme,
        theme_note=campaign.theme_note,
        doc_number=campaign.doc_number,
        signed_on=_day(campaign.signed_on),
        public=_unless(campaign.is_public, False),
        letter_format=_unless(campaign.is_letter_format, False),
        addressees=campaign.addressees_as_written,
        groups=list(campaign.groups),
        unlisted_groups=list(campaign.unlisted_groups),
        third_party_groups=list(campaign.third_party_groups),
        notice_same_for_all=_unless(is_same, True),
        minimum_days=None if campaign.minimum_days == MINIMUM_DAYS else campaign.minimum_days,
        clerk=campaign.clerk,
        copies_to=[_stated(name=each.name, addresses=list(each.addresses)) for each in campaign.copies_to],
        activities=[_activity(each) for each in campaign.activities],
        attachments=[_attachment(each, is_same) for each in campaign.attachments],
        contacts=[
            _stated(
                name=each.name,
                phone=each.phone,
                address_as_printed=each.address_as_printed,
                office=each.office,
            )
            for each in campaign.contacts
        ],
        links=[_stated(title=each.title, url=each.url) for each in campaign.links],
        post=_stated(to=post.to, street=post.street, postcode=post.postcode),
        items=[_item(each, campaign.groups) for each in campaign.items],
        automatic=_stated(
            receipts=_unless(campaign.sends_receipts, True),
            corrections=campaign.sends_corrections,
            reminders=campaign.sends_reminders,
        ),
        sample_note=campaign.sample_note,
    )


def _stated(**values: object) -> Branch:
    """Without what is empty; `None` stands for a value that equals its default."""
    kept = {key: value for key, value in values.items() if value not in (None, "", [], {})}
    # Every caller gives texts, numbers, flags, and lists and tables of them.
    return cast(Branch, kept)


def _unless(value: bool, default: bool) -> bool | None:
    return None if value == default else value


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _hour(hour: time | None) -> str:
    return f"{hour:%H:%M}" if hour else ""


def _activity(activity: Activity) -> Branch:
    return _stated(
        name=activity.name,
        time=activity.time_as_written,
        theme=activity.theme,
        about=activity.about,
        may_choose_time=_unless(activity.may_choose_time, False),
        organisers=[
            _stated(name=each.name, role=each.role.value, units=list(each.units), group=each.group)
            for each in activity.organisers
        ],
    )


def _attachment(attachment: Attachment, notice_is_same: bool) -> Branch:
    is_word = attachment.file.lower().endswith(".docx")
    kind = AttachmentKind.TEMPLATE if is_word else AttachmentKind.FILE
    is_file = attachment.kind is AttachmentKind.FILE
    is_same = notice_is_same if attachment.is_notice else is_file or not attachment.item
    return _stated(
        file=attachment.file,
        title=attachment.title,
        kind=None if attachment.kind is kind else attachment.kind.value,
        notice=_unless(attachment.is_notice, False),
        item=attachment.item,
        same_for_all=_unless(attachment.is_same_for_all, is_same),
    )


def _item(item: Item, groups: tuple[str, ...]) -> Branch:
    is_one = len(item.scopes) == 1 and item.scopes[0].groups == groups
    branch = _stated(
        key=item.key,
        name=item.name,
        kind=item.kind.value,
        due=_stated(on=_day(item.due.on), at=_hour(item.due.at), carries_over=item.due.carries_over)
        if item.due
        else None,
        obligation=item.scopes[0].obligation.value if is_one else None,
        many=_unless(item.is_many, False),
        media=None if item.media == (Medium.ELECTRONIC,) else [each.value for each in item.media],
        length=_stated(
            about=item.length.about,
            tolerance=None if item.length.tolerance == 20 else item.length.tolerance,
            check=_check(item.length.strictness),
        )
        if item.length
        else None,
        sections=_stated(
            names=list(item.sections),
            check=_check(item.sections_strictness),
            synonyms=["=".join(each) for each in item.section_synonyms],
        )
        if item.sections
        else None,
        pictures=_pictures(item),
        nil_report=_unless(item.may_be_nil, False),
        form=item.form_template,
        fields=[_field(each) for each in item.fields],
        third_parties=_unless(item.is_open_to_third_parties, False),
        grace_days=item.grace_days or None,
        cut_off_on=_day(item.cut_off_on),
        urgent=_unless(item.is_urgent, False),
        keywords=list(item.keywords),
        note=item.note,
    )
    if not is_one:
        branch["scopes"] = [
            {"groups": list(each.groups), "obligation": each.obligation.value} for each in item.scopes
        ]
    if item.reminders != default_reminders(item.due, item.scopes):
        # An empty list is a decision too: nobody is chased.
        branch["reminders"] = [
            {
                "name": each.name,
                "days_before": each.days_before,
                **({} if each.at == MORNING else {"at": _hour(each.at)}),
            }
            for each in item.reminders
        ]
    return branch


def _pictures(item: Item) -> Branch | None:
    check = _check(item.pictures_strictness)
    if not item.pictures_at_least and check is None:
        return None
    return {"at_least": item.pictures_at_least, **({"check": check} if check else {})}


def _check(strictness: Strictness) -> str | None:
    return None if strictness is Strictness.ADVICE else strictness.value


def _field(field: FormField) -> Branch:
    default = default_prefill(field.kind, field.is_unit_name)
    return _stated(
        key=field.key,
        label=field.label,
        kind=None if field.kind is FieldKind.TEXT else field.kind.value,
        required=_unless(field.is_required, True),
        choices=list(field.choices),
        synonyms=list(field.synonyms),
        check=None if field.strictness is Strictness.MUST else field.strictness.value,
        title=_unless(field.is_title, False),
        unit_name=_unless(field.is_unit_name, False),
        prefill=None if field.prefill is default else field.prefill.value,
    )
