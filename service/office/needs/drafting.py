"""What a later release needs of 起草 and 复核: the same hands that made the first one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from service.office.campaign import Campaign
from service.office.content import Content, Manifest
from service.office.finding import Problem
from service.office.needs.staff_files import CampaignReading
from service.office.roster import Roster, Unit


class Drafting(Protocol):
    """Fills the campaign's templates."""

    def for_units(
        self, campaign: Campaign, reading: CampaignReading, roster: Roster, units: tuple[Unit, ...]
    ) -> Manifest:
        """What these units would be sent now; raises PressError."""
        ...

    def reading_of(self, campaign: str) -> CampaignReading:
        """The campaign's folder as it stands, with the number that is held for it."""
        ...

    def files_of(self, reading: CampaignReading) -> tuple[tuple[str, str], ...]:
        """Name and sha256 of everything that lies in templates/ and goes into a draft."""
        ...


class Proofreading(Protocol):
    """Lists what is wrong."""

    def problems(
        self, campaign: Campaign, manifest: Manifest, contents: Mapping[str, Content], now: datetime
    ) -> tuple[Problem, ...]:
        """Everything wrong in a draft, before a person signs it."""
        ...
