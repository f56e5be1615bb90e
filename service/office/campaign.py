"""活动 — one notice and what it asks back, as staff state it in campaign.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from enum import Enum

# Calendar days a unit is left at least, unless campaign.yaml says otherwise: a weekend may lie in between.
MINIMUM_DAYS = 5


class ItemKind(Enum):
    """What sort of material an item is."""

    FORM = "form"
    SUMMARY = "summary"
    FREE = "free"


class Obligation(Enum):
    """Whether a unit owes an item; only `required` can ever be missing."""

    REQUIRED = "required"
    VOLUNTARY = "voluntary"
    ROLLING = "rolling"


class Medium(Enum):
    """How an item is to arrive."""

    ELECTRONIC = "electronic"
    PAPER = "paper"


class Strictness(Enum):
    """Whether a check keeps a return from counting."""

    MUST = "must"
    ADVICE = "advice"


class FieldKind(Enum):
    """What may stand in a form's field."""

    TEXT = "text"
    CHOICE = "choice"
    DATE = "date"
    PHONE = "phone"
    NUMBER = "number"
    CHECKBOX = "checkbox"


class Prefill(Enum):
    """What we know of a unit and print into a field before it is sent; never a witness [law 3]."""

    NONE = "none"
    UNIT = "unit"  # the unit's name
    CONTACT = "contact"  # its first contact's name,
    PHONE = "phone"  # telephone,
    EMAIL = "email"  # and address


class Role(Enum):
    """An organiser's part in an activity."""

    HOST = "主办"
    UNDERTAKER = "承办"
    HELPER = "协办"


class AttachmentKind(Enum):
    """A template is rendered; a file is sent byte for byte as it is."""

    TEMPLATE = "template"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of a returned form."""

    key: str
    label: str
    is_required: bool = True
    kind: FieldKind = FieldKind.TEXT
    choices: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    strictness: Strictness = Strictness.MUST
    is_title: bool = False  # the field that names an entry of a “many” item (作品名称)
    is_unit_name: bool = False  # the field in which the sender types their own name
    prefill: Prefill = Prefill.NONE


@dataclass(frozen=True, slots=True)
class Length:
    """About so many characters; outside `at_least`–`at_most` a finding is made."""

    about: int
    tolerance: int  # percent
    strictness: Strictness = Strictness.ADVICE

    @property
    def at_least(self) -> int:
        """The fewest characters that raise no finding."""
        return self.about * (100 - self.tolerance) // 100

    @property
    def at_most(self) -> int:
        """The most characters that raise no finding."""
        return self.about * (100 + self.tolerance) // 100


@dataclass(frozen=True, slots=True)
class Due:
    """A due date as written: the day counts [前 includes the day]. `at` None means the whole day."""

    on: date
    at: time | None = None
    carries_over: bool | None = None  # 顺延 to the next working day; None: nobody has decided


@dataclass(frozen=True, slots=True)
class ReminderStep:
    """One chasing step: so many working days before (negative: after) the due date."""

    name: str
    days_before: int  # calendar days before due; negative after
    at: time = time(9, 30)


@dataclass(frozen=True, slots=True)
class ItemScope:
    """The obligation of an item for some groups; the first scope that names a unit's group holds."""

    groups: tuple[str, ...]
    obligation: Obligation


@dataclass(frozen=True, slots=True)
class Item:
    """报送材料 — one thing asked back."""

    key: str
    name: str
    kind: ItemKind
    scopes: tuple[ItemScope, ...]
    due: Due | None = None
    is_many: bool = False
    media: tuple[Medium, ...] = (Medium.ELECTRONIC,)
    length: Length | None = None
    sections: tuple[str, ...] = ()
    sections_strictness: Strictness = Strictness.ADVICE
    section_synonyms: tuple[tuple[str, str], ...] = ()  # (section, another heading it may have)
    pictures_at_least: int = 0
    pictures_strictness: Strictness = Strictness.ADVICE
    may_be_nil: bool = False  # 零报告
    form_template: str = ""  # file name in the campaign folder
    fields: tuple[FormField, ...] = ()
    is_open_to_third_parties: bool = False
    reminders: tuple[ReminderStep, ...] = ()
    grace_days: int = 0
    cut_off_on: date | None = None
    is_urgent: bool = False
    keywords: tuple[str, ...] = ()  # words in a file name or subject that name this item
    note: str = ""  # one sentence for units, such as what the summary covers
    is_withdrawn: bool = False  # no longer asked since a correction; what still comes is filed all the same

    @property
    def title_field(self) -> FormField | None:
        """The field that tells one entry of a many-item from another."""
        return next((each for each in self.fields if each.is_title), None)


@dataclass(frozen=True, slots=True)
class Organiser:
    """A body, a roster group or a phrase (相关区市场监管局) with its part in an activity."""

    name: str
    role: Role
    units: tuple[str, ...] = ()  # unit keys it means, where it names addressed units
    group: str = ""  # a roster group it means


@dataclass(frozen=True, slots=True)
class Activity:
    """One activity of a campaign, its time in the notice's own words."""

    name: str
    time_as_written: str = ""
    theme: str = ""
    about: str = ""
    organisers: tuple[Organiser, ...] = ()
    may_choose_time: bool = False

    def names(self, unit_key: str, groups: tuple[str, ...]) -> bool:
        """Whether the activity names this unit, itself or by group."""
        return any(
            unit_key in each.units or (each.group and each.group in groups) for each in self.organisers
        )


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something enclosed with the notice, in the order of the 附件说明."""

    file: str  # file name in the campaign folder
    title: str
    kind: AttachmentKind = AttachmentKind.TEMPLATE
    is_notice: bool = False  # the notice itself, not listed in 附件说明
    item: str = ""  # the item this is the blank form of
    is_same_for_all: bool = True


@dataclass(frozen=True, slots=True)
class CampaignContact:
    """Whom units call; telephone and mail as printed, the address also as one can be written to."""

    name: str
    phone: str = ""
    address_as_printed: str = ""
    office: str = ""


@dataclass(frozen=True, slots=True)
class CopyTo:
    """A body that gets the notice once: no form, no code, no reminder."""

    name: str
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PostAddress:
    """Where paper goes."""

    to: str = ""
    street: str = ""
    postcode: str = ""


@dataclass(frozen=True, slots=True)
class CampaignLink:
    """A web page the notice points to."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Campaign:
    """The whole of campaign.yaml, checked; `sha256` is that of every file in its folder together."""

    key: str
    issuer: str
    title: str
    theme: str
    signed_on: date | None
    doc_number: str
    groups: tuple[str, ...]
    unlisted_groups: tuple[str, ...]
    copies_to: tuple[CopyTo, ...]
    activities: tuple[Activity, ...]
    attachments: tuple[Attachment, ...]
    contacts: tuple[CampaignContact, ...]
    links: tuple[CampaignLink, ...]
    post: PostAddress
    items: tuple[Item, ...]
    addressees_as_written: str = ""
    is_public: bool = False  # 此件公开发布
    theme_note: str = ""
    is_letter_format: bool = False
    notice_is_same_for_all: bool = True
    clerk: str = ""  # staff name who answers questions
    # Whether these go out by machine; False: drafts for a clerk. None, nobody has said: settled at 起草,
    # drafts in an office's first campaign, by machine afterwards.
    sends_corrections: bool | None = None
    sends_reminders: bool | None = None
    sends_receipts: bool = True
    third_party_groups: tuple[str, ...] = ()
    sample_note: str = ""
    title_lines: tuple[str, ...] = ()  # how the title is broken; empty: by sense, by machine
    sha256: str = ""
    minimum_days: int = MINIMUM_DAYS  # from the day the last unit is reached to any due date

    def item(self, key: str) -> Item | None:
        """The item with this key, or None."""
        return next((item for item in self.items if item.key == key), None)

    def obligation(self, item: Item, groups: tuple[str, ...]) -> Obligation | None:
        """What a unit in these groups owes of the item, or None when it is not asked."""
        for scope in item.scopes:
            if set(scope.groups) & set(groups):
                return scope.obligation
        return None
