"""An empty reply: a person pressed the button, and what was to go along did not."""

from __future__ import annotations

import re
from datetime import timedelta

from service.incoming.sort.haste import cited
from service.office.dispatch import Dispatch
from service.office.letter import Kind, LetterFacts, Verdict
from service.office.needs.ledger import Ledger
from service.office.trust import Trust, trust_in

# What answers sooner may be a machine that says nothing.
_PERSON_WAITS = timedelta(minutes=10)
_MACHINES = re.compile(r"bulk|junk|auto|list", re.IGNORECASE)


def empty_reply(
    facts: LetterFacts, verdict: Verdict, waited: timedelta | None, ledger: Ledger
) -> Dispatch | None:
    """Our mail that is answered by nothing at all, where only a person can have done so [law 4].

    It answers what went to this very address, quotes it, and came no sooner than a person reads; no header
    speaks of a machine. Whatever is doubtful is left to whoever looks at it.
    """
    if verdict.kind is not Kind.PERSON or facts.sender is None or trust_in(facts) is Trust.MISMATCH:
        return None
    is_empty = not (facts.reply_text.strip() or facts.parts or facts.links or facts.trouble)
    if not is_empty or not facts.text.strip() or waited is None or waited <= _PERSON_WAITS:
        return None
    if _has_signs_of_a_machine(facts):
        return None
    return next((each for each in cited(facts, ledger) if each.rcpt.lower() == facts.sender.key), None)


def _has_signs_of_a_machine(facts: LetterFacts) -> bool:
    return (
        facts.header("auto-submitted").strip().lower() not in ("", "no")
        or bool(facts.header("x-auto-response-suppress") or facts.header("list-id"))
        or facts.header("return-path").strip() == "<>"
        or _MACHINES.search(facts.header("precedence")) is not None
    )
