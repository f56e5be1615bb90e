"""更正回执 — the word that an earlier receipt was wrong, to the mailbox that got it; names no other unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from service.office.campaign import Campaign
from service.office.content import Content
from service.office.dispatch import Dispatch, DispatchKind, NewDispatch, corrected_key
from service.office.docket import Docket
from service.office.facts import campaign_facts, missing_facts
from service.office.frozen import items_for
from service.office.letter import Letter, LetterFacts
from service.office.message_id import make_message_id
from service.office.needs.archive import Archive
from service.office.needs.ledger import Standing
from service.office.needs.press import Value
from service.office.needs.wording import Words
from service.office.policy import Policy, moment_words
from service.office.record import from_bytes, to_bytes


@dataclass(frozen=True, slots=True)
class Untrue:
    """A receipt that said of a letter what no longer holds; `dockets` are the unit's as they will stand."""

    letter: Letter
    receipt: Dispatch
    campaign: Campaign
    standing: Standing
    items: tuple[str, ...]  # of which it said that the letter was filed under them
    dockets: tuple[Docket, ...]
    is_open: bool  # whether anything is still asked

    @property
    def is_theirs(self) -> bool:
        """Whether the mailbox told so is surely the unit's: only then is it spoken to by its name.

        Whoever wrote for another unit is not told what this one still owes.
        """
        return any(each.key == self.receipt.rcpt.lower() for each in self.standing.unit.addresses)


def corrected_receipt(
    untrue: Untrue, words: Words, archive: Archive, policy: Policy, now: datetime
) -> NewDispatch:
    """A dispatch for the outbox; the same one however often it is asked for."""
    key = corrected_key(untrue.letter.id, untrue.receipt.id)
    code = untrue.standing.code if untrue.is_theirs else ""
    wording = words.write("corrected-receipt", untrue.campaign.key, _facts(untrue, code, policy, now))
    letter = from_bytes(LetterFacts, archive.get(untrue.letter.facts_sha256))
    content = Content(
        subject=f"[{code}] {wording.subject}" if code else wording.subject,
        text=wording.text,
        code=code,
        auto_submitted="auto-replied",
        references=tuple(each for each in (letter.message_id, untrue.receipt.message_id) if each),
        html=wording.html,
    )
    return NewDispatch(
        dedupe_key=key,
        kind=DispatchKind.RECEIPT,
        campaign=untrue.campaign.key,
        unit=untrue.standing.unit.key,
        rcpt=untrue.receipt.rcpt,
        account=policy.account,
        message_id=make_message_id(policy.code_key, key, policy.sender_domain),
        content_sha256=archive.put(to_bytes(content)),
        due_at=now,
        dockets=untrue.items,
        in_reply_to=letter.message_id,
    )


def _facts(untrue: Untrue, code: str, policy: Policy, now: datetime) -> dict[str, Value]:
    campaign, unit = untrue.campaign, untrue.standing.unit
    items = items_for(campaign, unit.groups, is_third_party=unit.is_third_party)
    told = campaign_facts(campaign, policy.calendar, policy.zone, items)
    missing = _missing(untrue.dockets) if untrue.is_theirs and untrue.is_open else ()
    sent_at = untrue.receipt.sent_at or untrue.receipt.due_at
    return {
        "campaign": told,
        "unit": {"name": unit.name if untrue.is_theirs else ""},
        "code": code,
        "office": policy.office_name,
        "letter": {"received_words": moment_words(untrue.letter.received_at, policy.zone)},
        "receipt": {"sent_words": moment_words(sent_at, policy.zone)},
        "items": [{"name": item.name} for key in untrue.items if (item := campaign.item(key)) is not None],
        "missing": missing_facts(missing, campaign, now, policy.zone),
        "contacts": told["contacts"],
    }


def _missing(dockets: Sequence[Docket]) -> tuple[Docket, ...]:
    return tuple(each for each in dockets if each.is_missing)
