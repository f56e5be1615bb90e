"""来信 — what a letter says, as plain facts, before anyone judges it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from service.office.address import Address


class Kind(Enum):
    """What sort of sender stands behind a letter (`explain --json`, key `kind`)."""

    PERSON = "person"
    AUTO_REPLY = "auto-reply"
    BOUNCE = "bounce"
    DELAY = "delay"
    READ_RECEIPT = "read-receipt"
    CALENDAR = "calendar"
    OWN = "own"
    UNREADABLE = "unreadable"


class Stage(Enum):
    """Where a letter stands; moved only by compare-and-set, one transaction a step."""

    RECEIVED = "received"
    SORTED = "sorted"
    MATCHED = "matched"
    CHECKED = "checked"
    FILED = "filed"
    ACKNOWLEDGED = "acknowledged"
    REVIEW = "review"  # 待人工: a person must say whose it is or what it means
    ASKED = "asked"  # a question, a request or a changed contact, for the named clerk
    NOTED = "noted"  # returns nothing and needs nothing (收到, 谢谢, a read receipt)
    REFUSED = "refused"  # marked 密级: sealed apart, staff told
    IGNORED = "ignored"  # a machine's letter, or our own


class Flag(Enum):
    """What is remarkable about a part (`explain --json`, key `flags`)."""

    ENCRYPTED = "encrypted"
    MACRO = "macro"
    EXECUTABLE = "executable"
    BOMB = "bomb"
    DUPLICATE = "duplicate"
    INLINE = "inline"
    BLANK_FORM = "blank-form"
    UNREADABLE = "unreadable"
    EMBEDDED = "embedded"  # another file is packed into the document
    EXTERNAL = "external"  # opening it would fetch a template or other content from elsewhere
    INFECTED = "infected"  # the virus scanner named it
    UNSCANNED = "unscanned"  # a scanner is configured and did not answer


# What a person must look at before it is opened or passed on.
DANGEROUS = frozenset(
    {
        Flag.MACRO, Flag.EXECUTABLE, Flag.BOMB, Flag.EMBEDDED, Flag.EXTERNAL, Flag.INFECTED, Flag.UNSCANNED,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """One file a letter carried; its bytes lie in the archive under `sha256`."""

    name: str  # safe to store: base name only, no control or reserved characters
    sha256: str
    size: int  # bytes
    type: str  # media type by content, not by name
    inside: str | None = None  # the name of the zip, winmail.dat or .eml it came out of
    flags: tuple[Flag, ...] = ()
    name_as_sent: str = ""  # the sender's own spelling, for the record


@dataclass(frozen=True, slots=True)
class Link:
    """An oversize attachment that came as a link; never downloaded by machine."""

    provider: str
    name: str
    size: str  # as written, such as 65.38M
    expires: datetime | None
    url: str


@dataclass(frozen=True, slots=True)
class Header:
    """One header that sorting may look at, decoded and unfolded, name in lower case."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """One per-recipient block of a delivery report, or what stands in its place in prose."""

    recipient: str
    action: str  # failed, delayed, delivered … or empty
    status: str  # enhanced status such as 5.1.1, or empty
    diagnostic: str
    original: str = ""  # the address as we wrote it, where the report knows that it was forwarded on
    words: str = ""  # what the report's prose says of this recipient


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """Everything the envelope door could read in one mail; nothing here is a judgement.

    `text` is the whole readable text, `reply_text` what the sender wrote above quotes and signature.
    `statuses` and `bounced_ids` are filled for machine reports, whatever their shape.
    `trouble` names what could not be read; a mail that is no mail has only that and its raw hash.
    """

    raw_sha256: str
    size: int
    sender: Address | None = None
    sender_name: str = ""
    subject: str = ""
    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    sent_at: datetime | None = None
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    text: str = ""
    reply_text: str = ""
    has_plain_text: bool = False
    content_type: str = "text/plain"
    parts: tuple[Part, ...] = ()
    links: tuple[Link, ...] = ()
    headers: tuple[Header, ...] = ()
    statuses: tuple[DeliveryStatus, ...] = ()
    returned_ids: tuple[str, ...] = ()  # Message-IDs of our own mail that a report names or carries
    returned_subject: str = ""  # subject of the mail that a report returns
    returned_dispatch: str = ""  # the number in our own header of that mail, as written
    trouble: tuple[str, ...] = ()
    identity: str = ""  # hash of normalised Message-ID, From, Date and the sorted hashes of decoded parts

    def header(self, name: str) -> str:
        """The first value of a header (lower-case name), or an empty string."""
        return next((each.value for each in self.headers if each.name == name), "")


class BounceClass(Enum):
    """How final a refusal is; only a mailbox that does not exist retires an address."""

    HARD = "hard"
    SOFT = "soft"
    POLICY = "policy"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Undelivered:
    """One recipient a bounce or delay speaks of."""

    address: str
    status: str
    bounce_class: BounceClass
    retire: bool
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What sorting made of a letter, the most telling signal first."""

    kind: Kind
    why: tuple[str, ...]
    recipients: tuple[Undelivered, ...] = ()
    rule: str = ""
    rule_version: int = 0


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter's row in the ledger."""

    id: int
    identity: str
    raw_sha256: str
    facts_sha256: str  # the stored facts, as JSON in the archive
    received_at: datetime  # INTERNALDATE, else the first trusted Received, else the instant it was handed in
    arrived_via: str  # account/folder, or 交换/收件/<unit>
    stage: Stage
    kind: Kind | None
    campaign: str | None  # keys, once matched
    unit: str | None
    sender: str
    subject: str
    outcome: str = ""  # one sentence for staff: what became of it, or why it waits
    keeping: str = ""  # of its bytes: see office/keeping.py
    kept_blobs: tuple[str, ...] = ()  # the sha256 of all the bytes its keeping is about
    split_from: int | None = None  # the letter of several units that this one was a portion of
