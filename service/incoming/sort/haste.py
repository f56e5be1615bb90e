"""How long after our mail an answer came: a machine takes seconds, a person minutes or days."""

from __future__ import annotations

from datetime import datetime, timedelta

from service.office.code import find_codes
from service.office.dispatch import Dispatch, DispatchState
from service.office.letter import LetterFacts
from service.office.needs.ledger import Ledger

# Two servers' clocks differ by seconds; what seems to have come before its question came at once.
_SKEW_MAX = timedelta(minutes=1)
_IDS_MAX = 20


def waited_for(facts: LetterFacts, received_at: datetime, ledger: Ledger) -> timedelta | None:
    """Since the newest mail of ours that this letter answers; None where that is not known.

    It answers what it cites, and (threads are often lost) what went to its sender under the code that its
    subject echoes.
    """
    answered = [*cited(facts, ledger), *_echoed(facts, ledger)]
    waits = [received_at - each.sent_at for each in answered if each.sent_at is not None]
    return min((max(each, timedelta(0)) for each in waits if each >= -_SKEW_MAX), default=None)


def cited(facts: LetterFacts, ledger: Ledger) -> list[Dispatch]:
    """Our mails whose ids a letter names."""
    ids = dict.fromkeys((*facts.in_reply_to, *facts.references)[:_IDS_MAX])
    return [found for each in ids if (found := ledger.dispatch_by_message_id(each)) is not None]


def _echoed(facts: LetterFacts, ledger: Ledger) -> list[Dispatch]:
    if facts.sender is None:
        return []
    whose = {ledger.whose_code(code) for code in find_codes(facts.subject)} - {None}
    if not whose:
        return []
    sent = ledger.dispatches(states=(DispatchState.SENT,), rcpt=facts.sender.text)
    return [each for each in sent if (each.campaign, each.unit) in whose]
