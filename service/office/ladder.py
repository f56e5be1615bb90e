"""台阶 — how far the chasing of one overdue item has climbed, and which rung comes next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from service.office.delivery import CALL_EVENT
from service.office.dispatch import Dispatch, DispatchKind, DispatchState
from service.office.docket import Docket
from service.office.needs.ledger import Event, Ledger

# The event that says that a person's release has put a 催报函 into the outbox, or on paper.
URGED_EVENT = "urged"
REMINDED_EVENT = "reminded"
# The event that says that a copy on paper has been handed to the superior.
COPIED_EVENT = "copy-delivered"
# `how` of such an event where no mail reaches the unit.
ON_PAPER = "paper"
# No step of a campaign lies further ahead than this.
_AHEAD = timedelta(days=3660)
_NEVER_WENT = (DispatchState.CANCELLED, DispatchState.DEAD)


class Rung(Enum):
    """Where one overdue item stands; the order is that of climbing."""

    REMINDING = "reminding"  # a reminder is still to come
    CALLING = "calling"  # every reminder has gone: a person calls, a 催报函 may follow
    URGED = "urged"  # the 催报函 has been released


@dataclass(frozen=True, slots=True)
class Climb:
    """How far one overdue item has climbed under the date that holds now."""

    past_at: datetime | None = None  # since when every reminder lies behind it; None: one is still to come
    urged_at: datetime | None = None

    @property
    def rung(self) -> Rung:
        """The rung it stands on."""
        if self.urged_at is not None:
            return Rung.URGED
        return Rung.REMINDING if self.past_at is None else Rung.CALLING


@dataclass(frozen=True, slots=True)
class PaperCopy:
    """A copy of a 催报函 that no mail carries to the superior."""

    at: datetime
    superior: str


Climbs = Mapping[tuple[str, str], Climb]  # (unit, item) → how far


def climbs_of(ledger: Ledger, campaign: str, dockets: Iterable[Docket], now: datetime) -> Climbs:
    """Every overdue docket with how far it has climbed; what is not overdue has no place on the ladder.

    A date that was moved on (an extension, a correction) begins a ladder of its own: what was climbed under
    the old one counts no more.
    """
    # A body on no roster was never asked: what it sent of itself may be taken back, and is not owed by it.
    owed = [each for each in dockets if each.is_overdue(now) and not each.is_third_party]
    if not owed:
        return {}
    to_come = {
        (timer.unit, item)
        for timer in ledger.timers_due(now + _AHEAD)
        if timer.campaign == campaign
        for item in timer.items
    }
    rang = _rang(ledger, campaign)
    mails = _mails(ledger.dispatches(campaign, kinds=(DispatchKind.URGING,)))
    papers = _papers(ledger.events(campaign=campaign, kind=URGED_EVENT))
    found: dict[tuple[str, str], Climb] = {}
    for docket in owed:
        key = (docket.unit, docket.item)
        assert docket.due_until is not None  # nothing is overdue without a date
        if key in to_come:
            found[key] = Climb()
            continue
        begun = docket.due_until
        past_at = max([begun, *(at for at in rang[key] if at <= now)])
        urged = [at for at in (*mails[key], *papers[key]) if at >= begun]
        found[key] = Climb(past_at, max(urged, default=None))
    return found


def paper_copies(ledger: Ledger, campaign: str) -> dict[str, PaperCopy]:
    """Copies that lie ready to be printed and have not been handed over, by the unit they are about."""
    copies: dict[str, PaperCopy] = {}
    for event in ledger.events(campaign=campaign, kind=URGED_EVENT):
        about = dict(event.about)
        copies.pop(event.unit, None)
        if about.get("copy_how") == ON_PAPER:
            copies[event.unit] = PaperCopy(event.at, about["copy"])
    for event in ledger.events(campaign=campaign, kind=COPIED_EVENT):
        if event.unit in copies and copies[event.unit].at <= event.at:
            del copies[event.unit]
    return copies


def items_in(event: Event) -> tuple[str, ...]:
    """The items that a step's event names."""
    return tuple(filter(None, dict(event.about).get("items", "").split("、")))


def _rang(ledger: Ledger, campaign: str) -> dict[tuple[str, str], list[datetime]]:
    rang: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for kind in (REMINDED_EVENT, CALL_EVENT):
        for event in ledger.events(campaign=campaign, kind=kind):
            for item in items_in(event):
                rang[event.unit, item].append(event.at)
    return rang


def _mails(dispatches: Iterable[Dispatch]) -> dict[tuple[str, str], list[datetime]]:
    mails: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for each in dispatches:
        if each.state not in _NEVER_WENT:
            for item in each.dockets:
                mails[each.unit, item].append(each.sent_at or each.due_at)
    return mails


def _papers(events: Iterable[Event]) -> dict[tuple[str, str], list[datetime]]:
    papers: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for event in events:
        if dict(event.about).get("how") == ON_PAPER:
            for item in items_in(event):
                papers[event.unit, item].append(event.at)
    return papers
