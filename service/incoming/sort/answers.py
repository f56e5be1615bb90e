"""Whether a letter answers a question put to a signer: it is then acted upon, and is nobody's return."""

from __future__ import annotations

from service.office.assent import (
    Answer,
    ApprovalRow,
    ApprovalState,
    codes_in,
    hash_approval_code,
    read_answer,
)
from service.office.dispatch import DispatchKind
from service.office.letter import Kind, LetterFacts, Verdict
from service.office.needs.ledger import Ledger
from service.office.policy import Policy

# Looking for a code in a letter full of numbers is bounded; ours stands near the top of what we wrote.
CODES_MAX = 60
IDS_MAX = 6


def question_answered(
    facts: LetterFacts, verdict: Verdict, ledger: Ledger, policy: Policy
) -> ApprovalRow | None:
    """The question a person's letter speaks of, or None. Whether the answer counts is not decided here.

    The code gives it away anywhere, also quoted or forwarded by somebody else; without a code only a signer's
    letter can answer: by replying to our mail, or by saying yes or no while a question waits.
    """
    if verdict.kind is Kind.OWN:
        if not _wrote_it_themselves(facts, ledger, policy):
            return None
    elif verdict.kind is not Kind.PERSON:
        return None
    hashes = [
        hash_approval_code(policy.code_key, code)
        for code in codes_in(f"{facts.subject}\n{facts.text}")[:CODES_MAX]
    ]
    row = ledger.approval_of(hashes=hashes) if hashes else None
    if row is not None or not _is_signer(facts, policy):
        return row
    return _by_thread(facts, ledger) or _by_words(facts, ledger, policy)


def _is_signer(facts: LetterFacts, policy: Policy) -> bool:
    return facts.sender is not None and any(
        each.address.lower() == facts.sender.key for each in policy.signers()
    )


def _wrote_it_themselves(facts: LetterFacts, ledger: Ledger, policy: Policy) -> bool:
    """The signer uses the office's own mailbox: a person's letter from there, not a copy of ours."""
    if not _is_signer(facts, policy) or facts.header("x-huizhi-dispatch"):
        return False
    if facts.header("auto-submitted").strip().lower() not in ("", "no"):
        return False
    if facts.message_id and ledger.dispatch_by_message_id(facts.message_id) is not None:
        return False
    return read_answer(facts.reply_text, lambda code: True).answer is not Answer.NONE


def _by_thread(facts: LetterFacts, ledger: Ledger) -> ApprovalRow | None:
    for message_id in (*facts.in_reply_to, *facts.references)[-IDS_MAX:]:
        dispatch = ledger.dispatch_by_message_id(message_id)
        if dispatch is not None and dispatch.kind is DispatchKind.APPROVAL:
            row = ledger.approval_of(dispatch_key=dispatch.dedupe_key)
            # A reply to our word on an earlier answer speaks of the newest question.
            return row or next(iter(reversed(ledger.approvals(dispatch.campaign))), None)
    return None


def _by_words(facts: LetterFacts, ledger: Ledger, policy: Policy) -> ApprovalRow | None:
    assert facts.sender is not None
    pending = [
        each
        for each in ledger.approvals(states=(ApprovalState.PENDING,))
        if each.address.lower() == facts.sender.key
    ]
    if not pending or facts.parts:
        return None
    word = read_answer(facts.reply_text, lambda code: True, (policy.office_name,))
    return pending[-1] if word.answer is not Answer.NONE else None
