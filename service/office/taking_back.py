"""撤回登记 — a letter filed under the wrong unit or item is nobody's again; nothing of it is lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.office.letter import Stage

# Of a letter, once for each item it was filed under and is taken back from.
TAKEN_BACK_EVENT = "taken-back"


@dataclass(frozen=True, slots=True)
class TakeBack:
    """The letter belongs to no unit, and its `filings` count no more; refused unless it is as it `was`."""

    letter: int
    was: Stage
    campaign: str
    unit: str
    filings: int  # how many of them counted when this was decided
    at: datetime
