"""后续 — what a later release does to a campaign already under way, as values; one transaction does it all.

"Once sending has begun, a change voids only what has not gone out": whether a row has gone out is not known
when a signer reads the proof, so each recipient is planned for both cases and the ledger picks within its
transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.office.approval import ReleaseRow
from service.office.campaign import Obligation
from service.office.dispatch import DispatchKind, NewDispatch
from service.office.docket import Docket
from service.office.roster import Unit

if TYPE_CHECKING:
    from service.office.change import Timer  # which itself counts these values among all changes


@dataclass(frozen=True, slots=True)
class Planning:
    """One recipient of a later release: what goes where the earlier one never left, and where it did."""

    unit: str  # unit key, or a cc'd body's name
    rcpt: str
    if_unsent: NewDispatch | None
    if_had: NewDispatch | None


@dataclass(frozen=True, slots=True)
class Voiding:
    """Rows that have not gone out and shall not: of these kinds, and of these units (empty: of all)."""

    kinds: tuple[DispatchKind, ...]
    why: str
    units: tuple[str, ...] = ()
    rcpts: tuple[tuple[str, str], ...] = ()  # (unit, address), lower case; empty: every address
    also_dead: bool = False  # refused ones too, whose address was replaced


@dataclass(frozen=True, slots=True)
class Redating:
    """New terms for every docket of an item that stands at these old ones.

    `count` dockets were seen so; were it more or fewer by now, somebody granted an extension meanwhile and
    the change is refused as a whole. What was returned stays so: its lateness follows from the new instant.
    """

    item: str
    was_rev: int
    was_until: datetime | None
    was_obligation: Obligation
    count: int
    until: datetime | None
    obligation: Obligation
    grace_days: int
    units: tuple[str, ...] = ()  # empty: every docket that stands so


@dataclass(frozen=True, slots=True)
class Exempting:
    """An item no longer asked: its open dockets become exempt with the reason, what is in stays in."""

    item: str
    why: str
    units: tuple[str, ...] = ()  # empty: of every unit


@dataclass(frozen=True, slots=True)
class AmendCampaign:
    """A release after the first one, whole. Refused (False) where the campaign no longer runs, the revision
    exists, or a docket's terms are no longer those the plan was made from.
    """

    campaign: str
    release: ReleaseRow
    actor: str
    at: datetime
    title: str = ""  # empty: title and facts stay as they are
    facts_sha256: str = ""
    items: tuple[tuple[str, str], ...] = ()  # (key, name) of items whose name changed
    units: tuple[Unit, ...] = ()  # roster lines that are new or renewed
    codes: tuple[tuple[str, str], ...] = ()  # (code, unit) of units that are new
    dockets: tuple[Docket, ...] = ()  # of units that are new
    voids: tuple[Voiding, ...] = ()
    plans: tuple[Planning, ...] = ()
    redates: tuple[Redating, ...] = ()
    exempts: tuple[Exempting, ...] = ()
    unchased: tuple[str, ...] | None = ()  # units whose pending timers are cancelled; None: all
    timers: tuple[Timer, ...] = ()


@dataclass(frozen=True, slots=True)
class EndCampaign:
    """办结 or 撤回: no timer rings any more and no unsent reminder leaves; letters are filed all the same.

    Refused where it has ended already.
    """

    campaign: str
    how: str  # closed | withdrawn
    by: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class VoidUnsent:
    """Rows that have not gone out and shall not; with an event each."""

    campaign: str
    voiding: Voiding
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CancelTimers:
    """Pending timers of one unit, which others will replace."""

    campaign: str
    unit: str
