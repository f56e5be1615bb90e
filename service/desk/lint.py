"""查错 — everything wrong in a template or a campaign folder, by paragraph or line, before it is drafted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from service.desk.sample_facts import (
    SAMPLE_CAMPAIGN,
    SAMPLE_ITEM,
    SAMPLE_UNIT,
    campaign_trials,
    filled,
    sample_trials,
    template_facts,
)
from service.desk.sample_letters import letter_trials
from service.journey import Office
from service.office.calendar import CalendarUnknown, WorkCalendar
from service.office.campaign import AttachmentKind, Campaign, Item
from service.office.finding import Problem
from service.office.needs.press import Press
from service.office.needs.staff_files import CampaignReading, StaffFiles
from service.office.needs.wording import Words
from service.office.roster import Unit

ZONE = ZoneInfo("Asia/Shanghai")
# How files begin that are sent as they are; what begins otherwise is damaged or wears a false name.
_BEGINNINGS = {
    "pdf": b"%PDF-",
    "ofd": b"PK\x03\x04",
    "docx": b"PK\x03\x04",
    "xlsx": b"PK\x03\x04",
    "pptx": b"PK\x03\x04",
    "zip": b"PK\x03\x04",
    "doc": b"\xd0\xcf\x11\xe0",
    "xls": b"\xd0\xcf\x11\xe0",
    "jpg": b"\xff\xd8\xff",
    "jpeg": b"\xff\xd8\xff",
    "png": b"\x89PNG",
}
# A PDF may have a few bytes of other programs before its own mark.
_PDF_MARK_WITHIN = 1024


@dataclass(frozen=True, slots=True)
class Linter:
    """Looks at what lies in one office folder; `words` may be missing where only a template is looked at."""

    press: Press
    staff_files: StaffFiles
    words: Words | None = None

    def template(self, data: bytes, name: str, campaign: str = "") -> tuple[Problem, ...]:
        """One Word template, tried with its campaign's facts; without one, with sample facts."""
        reading = self.staff_files.campaign(campaign) if campaign else None
        if reading is None or reading.campaign is None:
            calendar = WorkCalendar()
            facts = template_facts(SAMPLE_CAMPAIGN, SAMPLE_ITEM, SAMPLE_UNIT, calendar, ZONE)
            return self.press.lint(data, name, facts, sample_trials(calendar, ZONE))
        return self._template(data, name, reading.campaign)

    def campaign(self, key: str) -> tuple[Problem, ...]:
        """campaign.yaml, the roster it addresses, the mail texts, and every file it names."""
        reading = self.staff_files.campaign(key)
        return tuple(
            dict.fromkeys(
                (*reading.problems, *self._roster(), *self._enclosures(reading), *self._letters(reading))
            )
        )

    def _roster(self) -> tuple[Problem, ...]:
        # A template may be looked at where no roster stands yet.
        return tuple(each for each in self.staff_files.roster().problems if each.code != "no-file")

    def _enclosures(self, reading: CampaignReading) -> Iterator[Problem]:
        if reading.campaign is None:
            return
        files = dict(reading.files)
        for attachment in reading.campaign.attachments:
            data = files.get(attachment.file)
            if data is None:
                continue  # the reading of campaign.yaml has named it
            if attachment.kind is AttachmentKind.TEMPLATE:
                yield from self._template(data, attachment.file, reading.campaign)
            else:
                yield from _finished(attachment.file, data)

    def _letters(self, reading: CampaignReading) -> tuple[Problem, ...]:
        campaign = reading.campaign
        if campaign is None or self.words is None:
            return ()
        try:
            tried = letter_trials(campaign, self._units(campaign), self._calendar(), ZONE)
        except CalendarUnknown as error:
            return (Problem("campaign.yaml", "", str(error), code="calendar-unknown"),)
        return self.words.lint(campaign.key, tried)

    def _template(self, data: bytes, name: str, campaign: Campaign) -> tuple[Problem, ...]:
        calendar, units = self._calendar(), self._units(campaign)
        item = self._item_of(name, campaign)
        try:
            facts = template_facts(campaign, item, units[0] if units else SAMPLE_UNIT, calendar, ZONE)
            sample_item = SAMPLE_ITEM if item else None
            sample = template_facts(SAMPLE_CAMPAIGN, sample_item, SAMPLE_UNIT, calendar, ZONE)
            trials = campaign_trials(campaign, item, units, calendar, ZONE)
        except CalendarUnknown as error:
            return (Problem("campaign.yaml", "", str(error), code="calendar-unknown"),)
        fields = item.fields if item else ()
        return self.press.lint(data, name, filled(facts, sample), trials, fields)

    def _item_of(self, name: str, campaign: Campaign) -> Item | None:
        attached = next((each for each in campaign.attachments if each.file == name), None)
        return campaign.item(attached.item) if attached and attached.item else None

    def _units(self, campaign: Campaign) -> tuple[Unit, ...]:
        return self.staff_files.roster().in_groups(campaign.groups)

    def _calendar(self) -> WorkCalendar:
        overrides, _ = self.staff_files.workday_overrides()
        return WorkCalendar(overrides)


def _finished(name: str, data: bytes) -> Iterator[Problem]:
    """A file that is sent byte for byte: whether it is what its name says, as far as its beginning tells."""
    suffix = name.rpartition(".")[2].lower()
    beginning = _BEGINNINGS.get(suffix)
    if not data:
        yield Problem(name, "", "文件是空的（0 字节），请重新放入", code="empty-file")
    elif beginning is None:
        return
    elif beginning not in (data[:_PDF_MARK_WITHIN] if suffix == "pdf" else data[: len(beginning)]):
        say = f"内容不是 .{suffix} 文件，可能已损坏或改过后缀，请打开看一看，重新放入"
        yield Problem(name, "", say, code="not-as-named")


def try_drafting(office: Office, campaign: str, now: datetime) -> tuple[Problem, ...]:
    """Every letter drafted in a scratch office: what only a draft shows, such as a slip in a mail text."""
    return office.draft.whole(campaign, now).problems
