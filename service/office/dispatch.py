"""发件 — one row of the outbox: one recipient, one Message-ID, nine states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class DispatchKind(Enum):
    """Why something is sent; the order of `LANES` is the order in which the outbox drains."""

    APPROVAL = "approval"  # to a signer: a proof to be answered, or what became of the answer
    NOTICE = "notice"
    COPY = "copy"
    REMINDER = "reminder"
    RECEIPT = "receipt"
    CORRECTION = "correction"  # 补正: what a unit must mend in its return
    REPORT = "report"
    SUPPLEMENT = "supplement"  # 补充通知: informs, asks nothing back
    AMENDMENT = "amendment"  # 更正通知: supersedes what was sent, with the corrected documents
    WITHDRAWAL = "withdrawal"  # 撤回通知
    CANARY = "canary"  # 自检信: to ourselves, proves that answers could come in
    URGING = "urging"  # 催报函, to a unit that every reminder has reached in vain, and to its superior


# Receipts first: a unit that answered should know at once.
LANES = {
    DispatchKind.RECEIPT: 0,
    DispatchKind.CORRECTION: 0,
    DispatchKind.APPROVAL: 0,
    DispatchKind.REPORT: 1,
    DispatchKind.CANARY: 1,
    # A mistake is put right before anything else is asked or told.
    DispatchKind.AMENDMENT: 1,
    DispatchKind.WITHDRAWAL: 1,
    DispatchKind.REMINDER: 2,
    DispatchKind.URGING: 2,
    DispatchKind.NOTICE: 3,
    DispatchKind.COPY: 3,
    DispatchKind.SUPPLEMENT: 3,
}

# What tells a unit what is asked: an amendment carries the corrected notice and forms whole.
INFORMS = (DispatchKind.NOTICE, DispatchKind.AMENDMENT)
# Everything a campaign sends by a signer's word, other than answers to letters.
SIGNED = (
    DispatchKind.NOTICE,
    DispatchKind.COPY,
    DispatchKind.SUPPLEMENT,
    DispatchKind.AMENDMENT,
    DispatchKind.WITHDRAWAL,
)


# What asks a unit for what it still owes; such a row leaves only while everything it names is missing.
CHASES = (DispatchKind.REMINDER, DispatchKind.URGING)

# What a paused campaign holds back; answers to letters, and whatever puts a mistake right, go on.
PAUSABLE = (DispatchKind.NOTICE, DispatchKind.COPY, DispatchKind.SUPPLEMENT, *CHASES)
# The key of a pause that holds the whole office, answers included.
EVERYTHING = ""


class DispatchState(Enum):
    """All dispatch states [law 1]."""

    READY = "ready"
    LEASED = "leased"
    SENDING = "sending"
    SENT = "sent"
    RETRY = "retry"
    DEAD = "dead"
    IN_DOUBT = "in-doubt"
    HELD = "held"
    CANCELLED = "cancelled"


# Nothing was said to a server yet, or it said no before taking anything: such a row may still be voided.
UNSENT = (DispatchState.READY, DispatchState.RETRY, DispatchState.HELD, DispatchState.LEASED)


@dataclass(frozen=True, slots=True)
class NewDispatch:
    """A row to be written into the outbox, unless its dedupe key is there already."""

    dedupe_key: str
    kind: DispatchKind
    campaign: str
    unit: str  # unit key, or a cc body's name
    rcpt: str
    account: str
    message_id: str  # with angle brackets, fixed here and never changed
    content_sha256: str  # a stored `Draft` (see mail.py): subject, text, attachments by hash
    due_at: datetime
    dockets: tuple[str, ...] = ()  # item keys a reminder names, or a receipt is about
    in_reply_to: str = ""
    is_held: bool = False  # a draft for a clerk


@dataclass(frozen=True, slots=True)
class Dispatch:
    """A dispatch's row in the ledger."""

    id: int
    dedupe_key: str
    kind: DispatchKind
    campaign: str
    unit: str
    rcpt: str
    account: str
    message_id: str
    content_sha256: str
    state: DispatchState
    due_at: datetime
    attempts: int = 0
    attempt_token: str = ""
    owner: str = ""
    mime_sha256: str = ""
    sent_at: datetime | None = None
    last_code: int | None = None
    last_error: str = ""
    dockets: tuple[str, ...] = ()
    in_reply_to: str = ""
    superseded_by: int = 0  # the release that took its place; never sent (again) from then on


def notice_key(campaign: str, unit: str, rcpt: str, rev: int) -> str:
    """One notice per unit, recipient and release revision."""
    return f"notice:{campaign}:{unit}:{rcpt.lower()}:{rev}"


def signed_key(kind: DispatchKind, campaign: str, unit: str, rcpt: str, rev: int) -> str:
    """One mail of this kind per unit, recipient and release; notices and copies share theirs."""
    if kind in (DispatchKind.NOTICE, DispatchKind.COPY):
        return notice_key(campaign, unit, rcpt, rev)
    return f"{kind.value}:{campaign}:{unit}:{rcpt.lower()}:{rev}"


def receipt_key(letter: int, before: int = 0) -> str:
    """One receipt per letter; one more each time it was given to another unit after that (`before`)."""
    return f"receipt:{letter}:{before}" if before else f"receipt:{letter}"


def corrected_key(letter: int, receipt: int) -> str:
    """One word per letter and per receipt of ours (its dispatch) that was wrong."""
    return f"corrected:{letter}:{receipt}"


def reminder_key(campaign: str, unit: str, step: str, due_rev: int, rcpt: str) -> str:
    """One reminder per unit, step, due date and recipient."""
    return f"remind:{campaign}:{unit}:{step}:{due_rev}:{rcpt.lower()}"


def neutral_key(campaign: str, unit: str, rcpt: str) -> str:
    """One notice about what is voluntary, per unit and campaign."""
    return f"neutral:{campaign}:{unit}:{rcpt.lower()}"


def is_neutral(dispatch: Dispatch) -> bool:
    """Tells of what is voluntary; it names items as a reminder does, and asks for none."""
    return dispatch.dedupe_key.startswith("neutral:")


def step_of(reminder: Dispatch) -> str:
    """The chasing step that a reminder was written for, as the timer names it."""
    return reminder.dedupe_key.removeprefix(f"remind:{reminder.campaign}:{reminder.unit}:").rsplit(":", 2)[0]


def revision_of(signed: Dispatch) -> int:
    """Which release of its campaign a signed mail belongs to."""
    rev = signed.dedupe_key.rpartition(":")[2]
    return int(rev) if rev.isdigit() else 1


def approval_key(campaign: str, digest: str, nonce: str) -> str:
    """One question per proof and asking."""
    return f"approval:{campaign}:{digest[:16]}:{nonce}"


def answered_key(letter: int, rcpt: str) -> str:
    """One word on what became of a signer's answer, per letter and reader."""
    return f"answered:{letter}:{rcpt.lower()}"
