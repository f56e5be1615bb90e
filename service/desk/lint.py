"""查错 — everything wrong in a template or a campaign folder, by paragraph or line, before it is drafted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
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
from service.desk.sample_letters import SLIP, letter_trials
from service.journey import Office
from service.office.calendar import CalendarUnknown, WorkCalendar
from service.office.campaign import AttachmentKind, Campaign, Item
from service.office.finding import Problem
from service.office.needs.press import Press
from service.office.needs.staff_files import CampaignReading, StaffFiles
from service.office.needs.wording import Words
from service.office.roster import Unit

ZONE = ZoneInfo("Asia/Shanghai")
COVER = "templates/letters/cover.docx"
URGING = "urging.docx"


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
            # What is missing, and a finished file that is not what its name says, the reading has named.
            if data is not None and attachment.kind is AttachmentKind.TEMPLATE:
                yield from self._template(data, attachment.file, reading.campaign)

    def _letters(self, reading: CampaignReading) -> tuple[Problem, ...]:
        campaign = reading.campaign
        if campaign is None or self.words is None:
            return ()
        try:
            tried = letter_trials(campaign, self._units(campaign), self._calendar(), ZONE)
        except CalendarUnknown as error:
            return (Problem("campaign.yaml", "", str(error), code="calendar-unknown"),)
        slip = tried.pop(SLIP)
        cover = self.press.lint(self.words.cover(), COVER, slip[0].facts, slip)
        day = campaign.signed_on or date(2024, 10, 10)
        papers = tried["urging"]
        paper = self.words.urging(campaign.key, campaign.issuer, day)
        urging = self.press.lint(paper, URGING, papers[0].facts, papers)
        return (*self.words.lint(campaign.key, tried), *cover, *urging)

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


def try_drafting(office: Office, campaign: str, now: datetime) -> tuple[Problem, ...]:
    """Every letter drafted in a scratch office: what only a draft shows, such as a slip in a mail text."""
    return office.draft.whole(campaign, now).problems
