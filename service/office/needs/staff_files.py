"""What the office needs of the files staff own: campaigns, the roster, rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from service.office.campaign import Campaign
from service.office.finding import Problem
from service.office.roster import Roster
from service.office.rule import Rulebook


@dataclass(frozen=True, slots=True)
class CampaignReading:
    """A campaign as read; `campaign` is None only when it cannot be understood at all."""

    campaign: Campaign | None
    problems: tuple[Problem, ...]
    files: tuple[tuple[str, bytes], ...] = ()  # name and bytes of every file the campaign names


class StaffFiles(Protocol):
    """Reads what staff keep in config/, templates/ and mailbox_rules/."""

    def campaigns(self) -> Sequence[str]:
        """Keys of every campaign folder, sorted; templates/letters is none."""
        ...

    def campaign(self, key: str) -> CampaignReading:
        """One campaign folder, read and checked."""
        ...

    def roster(self) -> Roster:
        """config/units.xlsx, or units.csv."""
        ...

    def rules(self) -> tuple[Rulebook, tuple[Problem, ...]]:
        """mailbox_rules/*.yaml in file-name order."""
        ...

    def workday_overrides(self) -> tuple[dict[date, bool], tuple[Problem, ...]]:
        """config/workdays.yaml: date → is a working day."""
        ...
