"""What follows of a bounce: every mail it speaks of is settled once, and every unit's dockets move once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from service.office.change import Change, SettleDispatch
from service.office.delivery import elsewhere_changes, retired, undelivered_changes
from service.office.dispatch import Dispatch, DispatchState
from service.office.letter import BounceClass, Undelivered
from service.office.needs.ledger import Ledger
from service.office.pausing import refusal_changes
from service.office.policy import Policy

_MAY_FAIL = (DispatchState.SENT, DispatchState.IN_DOUBT)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One recipient of a report, with the mail of ours that it did not get."""

    dispatch: Dispatch
    undelivered: Undelivered
    # The address refused is the one we wrote to, and not one that the unit's mailbox passes mail on to.
    is_ours: bool

    @property
    def retires(self) -> bool:
        """Whether the address on the roster is gone; a dead mailbox behind it says nothing of it."""
        return self.undelivered.retire and self.is_ours


def failed_changes(
    ledger: Ledger, policy: Policy, refusals: Sequence[Refusal], now: datetime
) -> list[Change]:
    """Everything that follows of one report, whatever number of a unit's addresses it names.

    A report may name a mail twice (a group address that two people read) and several mails of one unit: it
    is taken as a whole, since a row that is moved twice is moved not at all.
    """
    told = _once_each(refusals)
    failing = [each for each in told if each.dispatch.state in _MAY_FAIL]
    changes: list[Change] = []
    for each in told:
        if each.retires:
            changes += retired(ledger, each.dispatch)
    for each in failing:
        why = f"被退回：{each.undelivered.text}"[:300]
        state = each.dispatch.state
        changes.append(SettleDispatch(each.dispatch.id, state, DispatchState.DEAD, now, why))
    for of_unit in _by_unit(failing):
        changes += _moved(ledger, policy, of_unit, now)
    for refused in _first_by_rule(failing):
        changes += refusal_changes(ledger, policy, refused.dispatch, refused.undelivered.text, now)
    return changes


def _moved(ledger: Ledger, policy: Policy, of_unit: Sequence[Refusal], now: datetime) -> list[Change]:
    """What was to be said goes to another address; where none is left, the unit counts as not reached."""
    dead = frozenset(each.dispatch.rcpt.lower() for each in of_unit if each.retires)
    elsewhere: list[Change] = []
    for each in of_unit:
        if each.retires:
            moved = elsewhere_changes(ledger, policy, each.dispatch, now, also_gone=dead)
            # Two dead addresses have one next address, which is written to once.
            elsewhere += [change for change in moved if change not in elsewhere]
    if elsewhere:
        return elsewhere
    ids = frozenset(each.dispatch.id for each in of_unit)
    for each in of_unit:
        if changes := undelivered_changes(ledger, each.dispatch, now, also_failed=ids):
            return changes
    return []


def _once_each(refusals: Sequence[Refusal]) -> list[Refusal]:
    """One refusal a mail: that of the address we wrote to, where the report names it, else the first."""
    found: dict[int, Refusal] = {}
    for each in refusals:
        known = found.get(each.dispatch.id)
        if known is None or (each.is_ours and not known.is_ours):
            found[each.dispatch.id] = each
    return list(found.values())


def _by_unit(refusals: Sequence[Refusal]) -> list[list[Refusal]]:
    found: dict[tuple[str, str], list[Refusal]] = {}
    for each in refusals:
        found.setdefault((each.dispatch.campaign, each.dispatch.unit), []).append(each)
    return list(found.values())


def _first_by_rule(refusals: Sequence[Refusal]) -> list[Refusal]:
    """One report is one refusal of a campaign's words, however many addresses it names."""
    found: dict[str, Refusal] = {}
    for each in refusals:
        if each.undelivered.bounce_class is BounceClass.POLICY:
            found.setdefault(each.dispatch.campaign, each)
    return list(found.values())
