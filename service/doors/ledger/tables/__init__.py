"""表 — every table of the ledger, all in one MetaData."""

from __future__ import annotations

from service.doors.ledger.tables.assents import approval, approval_letter, doc_number, proofing
from service.doors.ledger.tables.campaigns import (
    campaign,
    code,
    contact,
    draft,
    item,
    release,
    standing,
    standing_address,
    unit,
)
from service.doors.ledger.tables.digests import digest_code, errand
from service.doors.ledger.tables.ground import metadata
from service.doors.ledger.tables.inbox import finding, letter, mailbox, matter, rule_hit, sighting
from service.doors.ledger.tables.journal import journal, journal_seal
from service.doors.ledger.tables.outbox import (
    IS_PENDING,
    IS_UNDER_WAY,
    IS_WAITING,
    delivered_id,
    dispatch,
    timer,
)
from service.doors.ledger.tables.pauses import pause, pulse, sent_cursor
from service.doors.ledger.tables.register import docket, extension, filing, filing_doc
from service.doors.ledger.tables.trail import event, event_seal, seal, stumble

__all__ = [
    "IS_PENDING",
    "IS_UNDER_WAY",
    "IS_WAITING",
    "approval",
    "approval_letter",
    "campaign",
    "code",
    "contact",
    "delivered_id",
    "digest_code",
    "dispatch",
    "doc_number",
    "docket",
    "draft",
    "errand",
    "event",
    "event_seal",
    "extension",
    "filing",
    "filing_doc",
    "finding",
    "item",
    "journal",
    "journal_seal",
    "letter",
    "mailbox",
    "matter",
    "metadata",
    "pause",
    "proofing",
    "pulse",
    "release",
    "rule_hit",
    "seal",
    "sent_cursor",
    "sighting",
    "standing",
    "standing_address",
    "stumble",
    "timer",
    "unit",
]
