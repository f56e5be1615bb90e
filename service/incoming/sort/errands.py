"""Whether a letter answers a digest: it is then acted upon, and is nobody's return."""

from __future__ import annotations

from service.office.assent import codes_in
from service.office.digest import readers
from service.office.digest_code import CodeRow, hash_digest_code
from service.office.dispatch import DispatchKind
from service.office.errand import read_answer_to_digest
from service.office.letter import Kind, LetterFacts, Verdict
from service.office.needs.ledger import Ledger
from service.office.policy import Policy

# Looking for a code in a letter full of numbers is bounded; ours stands where somebody typed it.
CODES_MAX = 60
IDS_MAX = 6


def digest_answered(facts: LetterFacts, verdict: Verdict, ledger: Ledger, policy: Policy) -> CodeRow | None:
    """The code of the digest that a reader's own letter answers, or None. Whether it counts is judged later.

    Only readers can answer. In anybody else's letter eight digits are a telephone number sooner than a code,
    and no unit's return must go astray for that.
    """
    if not _is_reader(facts, policy):
        return None
    if verdict.kind is Kind.OWN:
        if not _wrote_it_themselves(facts, ledger):
            return None
    elif verdict.kind is not Kind.PERSON:
        return None
    codes = codes_in(f"{facts.subject}\n{facts.text}")[:CODES_MAX]
    hashes = [hash_digest_code(policy.code_key, code) for code in codes]
    row = ledger.code_of(hashes=hashes) if hashes else None
    if row is not None:
        return row
    for message_id in (*facts.in_reply_to, *facts.references)[-IDS_MAX:]:
        dispatch = ledger.dispatch_by_message_id(message_id)
        if dispatch is not None and dispatch.kind is DispatchKind.REPORT:
            return ledger.code_of(dispatch_key=dispatch.dedupe_key)
    return None


def _is_reader(facts: LetterFacts, policy: Policy) -> bool:
    return facts.sender is not None and any(
        each.address.lower() == facts.sender.key for each in readers(policy)
    )


def _wrote_it_themselves(facts: LetterFacts, ledger: Ledger) -> bool:
    """The reader uses the office's own mailbox: a person's letter from there, not a copy of ours."""
    if facts.header("x-huizhi-dispatch"):
        return False
    if facts.header("auto-submitted").strip().lower() not in ("", "no"):
        return False
    if facts.message_id and ledger.dispatch_by_message_id(facts.message_id) is not None:
        return False
    read = read_answer_to_digest(facts.reply_text, lambda code: True)
    return read.has_code and bool(read.errands)
