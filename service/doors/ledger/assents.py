"""送签 — proofs that stay known, questions put to a signer by mail, and the letters that answer them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, select, update

from service.doors.ledger import tables as t
from service.doors.ledger.columns import AnyRow
from service.doors.ledger.upsert import add_new
from service.office.approval import DraftRow
from service.office.assent import (
    ApprovalRow,
    ApprovalState,
    EndApprovals,
    NoteAnswer,
    SettleAnswer,
    SettleApproval,
)

# Comparing goes back to the proof before; more are kept for the record, not for reading.
PROOFS_MAX = 20

_IS_PENDING = t.approval.c.state == ApprovalState.PENDING.value

# --- changes ------------------------------------------------------------------------------------------------


def put_proof(connection: Connection, draft: DraftRow) -> bool:
    """The newest proof; one of the same digest is the same proof, made again."""
    same = (t.proofing.c.campaign == draft.campaign, t.proofing.c.digest == draft.digest)
    connection.execute(delete(t.proofing).where(*same))
    connection.execute(
        t.proofing.insert().values(
            campaign=draft.campaign,
            digest=draft.digest,
            inputs_sha256=draft.inputs_sha256,
            manifest_sha256=draft.manifest_sha256,
            at=draft.at,
        )
    )
    return True


def put(connection: Connection, row: ApprovalRow) -> bool:
    """A question; False where the very same one is there already."""
    ended = {"state": ApprovalState.SUPERSEDED.value, "settled_at": row.at, "why": "又送签了一次"}
    connection.execute(
        update(t.approval)
        .where(
            t.approval.c.campaign == row.campaign, _IS_PENDING, t.approval.c.dispatch_key != row.dispatch_key
        )
        .values(ended)
    )
    return add_new(connection, t.approval, _row(row)) is not None


def settle(connection: Connection, change: SettleApproval) -> bool:
    """pending → something else, once."""
    settled = (
        update(t.approval)
        .where(t.approval.c.id == change.approval, _IS_PENDING)
        .values(state=change.to.value, settled_at=change.at, why=change.why, letter=change.letter)
    )
    return connection.execute(settled).rowcount == 1


def end(connection: Connection, change: EndApprovals) -> bool:
    """Whatever still waits for the campaign."""
    ended = {"state": ApprovalState.SUPERSEDED.value, "settled_at": change.at, "why": change.why}
    connection.execute(
        update(t.approval).where(t.approval.c.campaign == change.campaign, _IS_PENDING).values(ended)
    )
    return True


def note_answer(connection: Connection, change: NoteAnswer) -> bool:
    """A letter that answers."""
    row: dict[str, Any] = {
        "letter": change.letter,
        "approval": change.approval,
        "is_done": False,
        "done_at": None,
    }
    return add_new(connection, t.approval_letter, row) is not None


def settle_answer(connection: Connection, change: SettleAnswer) -> bool:
    """Acted upon, once."""
    waiting = (t.approval_letter.c.letter == change.letter, t.approval_letter.c.is_done.is_(False))
    done = update(t.approval_letter).where(*waiting).values(is_done=True, done_at=change.at)
    return connection.execute(done).rowcount == 1


# --- questions ----------------------------------------------------------------------------------------------


def proofs(connection: Connection, campaign: str) -> tuple[DraftRow, ...]:
    """Proofed drafts, the newest first."""
    rows = connection.execute(
        select(t.proofing)
        .where(t.proofing.c.campaign == campaign)
        .order_by(t.proofing.c.id.desc())
        .limit(PROOFS_MAX)
    )
    return tuple(
        DraftRow(row.campaign, row.digest, row.inputs_sha256, row.manifest_sha256, row.at) for row in rows
    )


def approvals(
    connection: Connection, campaign: str | None, states: Sequence[ApprovalState]
) -> tuple[ApprovalRow, ...]:
    """Questions in the order they were put."""
    found = select(t.approval).order_by(t.approval.c.id)
    if campaign is not None:
        found = found.where(t.approval.c.campaign == campaign)
    if states:
        found = found.where(t.approval.c.state.in_([each.value for each in states]))
    return tuple(_approval(row) for row in connection.execute(found))


def approval_of(
    connection: Connection, hashes: Sequence[str], dispatch_key: str, number: int
) -> ApprovalRow | None:
    """The question with one of these code hashes, or put by this dispatch, or with this number."""
    for which in (
        t.approval.c.code_hash.in_(list(hashes)) if hashes else None,
        t.approval.c.dispatch_key == dispatch_key if dispatch_key else None,
        t.approval.c.id == number if number else None,
    ):
        if which is not None:
            row = connection.execute(select(t.approval).where(which).limit(1)).first()
            if row is not None:
                return _approval(row)
    return None


def answers_waiting(connection: Connection) -> tuple[tuple[int, int], ...]:
    """(letter, question) not acted upon yet, in order of arrival."""
    rows = connection.execute(
        select(t.approval_letter.c.letter, t.approval_letter.c.approval)
        .where(t.approval_letter.c.is_done.is_(False))
        .order_by(t.approval_letter.c.letter)
    )
    return tuple((row.letter, row.approval) for row in rows)


def _row(row: ApprovalRow) -> dict[str, Any]:
    return {
        "campaign": row.campaign,
        "digest": row.digest,
        "inputs_sha256": row.inputs_sha256,
        "code_hash": row.code_hash,
        "signer": row.signer,
        "address": row.address,
        "dispatch_key": row.dispatch_key,
        "asked_by": row.asked_by,
        "at": row.at,
        "expires_at": row.expires_at,
        "state": row.state.value,
        "settled_at": row.settled_at,
        "letter": row.letter,
        "why": row.why,
    }


def _approval(row: AnyRow) -> ApprovalRow:
    return ApprovalRow(
        campaign=row.campaign,
        digest=row.digest,
        inputs_sha256=row.inputs_sha256,
        code_hash=row.code_hash,
        signer=row.signer,
        address=row.address,
        dispatch_key=row.dispatch_key,
        asked_by=row.asked_by,
        at=row.at,
        expires_at=row.expires_at,
        state=ApprovalState(row.state),
        settled_at=row.settled_at,
        letter=row.letter,
        why=row.why,
        id=row.id,
    )
