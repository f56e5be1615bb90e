"""查错 — everything wrong in a template or a campaign folder, by paragraph or line, before it is drafted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from service.desk.sample_facts import SAMPLE_CAMPAIGN, SAMPLE_ITEM, SAMPLE_UNIT, template_facts
from service.journey import Office
from service.office.calendar import CalendarUnknown, WorkCalendar
from service.office.campaign import AttachmentKind, Campaign, Item
from service.office.finding import Problem
from service.office.needs.press import Press
from service.office.needs.staff_files import CampaignReading, StaffFiles
from service.office.roster import Unit

ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Linter:
    """Looks at what lies in one office folder."""

    press: Press
    staff_files: StaffFiles

    def template(self, data: bytes, name: str, campaign: str = "") -> tuple[Problem, ...]:
        """One Word template, tried with its campaign's facts; without one, with sample facts."""
        reading = self.staff_files.campaign(campaign) if campaign else None
        if reading is None or reading.campaign is None:
            facts = template_facts(SAMPLE_CAMPAIGN, SAMPLE_ITEM, SAMPLE_UNIT, WorkCalendar(), ZONE)
            return self.press.lint(data, name, facts)
        return self._template(data, name, reading.campaign)

    def campaign(self, key: str) -> tuple[Problem, ...]:
        """campaign.yaml, the roster it addresses, and every template it names."""
        reading = self.staff_files.campaign(key)
        return tuple(dict.fromkeys((*reading.problems, *self._roster(), *self._templates(reading))))

    def _roster(self) -> tuple[Problem, ...]:
        # A template may be looked at where no roster stands yet.
        return tuple(each for each in self.staff_files.roster().problems if each.code != "no-file")

    def _templates(self, reading: CampaignReading) -> Iterator[Problem]:
        if reading.campaign is None:
            return
        files = dict(reading.files)
        for attachment in reading.campaign.attachments:
            if attachment.kind is AttachmentKind.TEMPLATE and attachment.file in files:
                yield from self._template(files[attachment.file], attachment.file, reading.campaign)

    def _template(self, data: bytes, name: str, campaign: Campaign) -> tuple[Problem, ...]:
        overrides, _ = self.staff_files.workday_overrides()
        item = self._item_of(name, campaign)
        try:
            facts = template_facts(campaign, item, self._unit(campaign), WorkCalendar(overrides), ZONE)
        except CalendarUnknown as error:
            return (Problem("campaign.yaml", "", str(error), code="calendar-unknown"),)
        return self.press.lint(data, name, facts)

    def _item_of(self, name: str, campaign: Campaign) -> Item | None:
        attached = next((each for each in campaign.attachments if each.file == name), None)
        return campaign.item(attached.item) if attached and attached.item else None

    def _unit(self, campaign: Campaign) -> Unit:
        addressed = self.staff_files.roster().in_groups(campaign.groups)
        return addressed[0] if addressed else SAMPLE_UNIT


def try_drafting(office: Office, campaign: str, now: datetime) -> tuple[Problem, ...]:
    """Every letter drafted in a scratch office: what only a draft shows, such as a slip in a mail text."""
    return office.draft.whole(campaign, now).problems
