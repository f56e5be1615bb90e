"""发件人可信吗 — what the receiving server's own test of the sender says; most often it says nothing."""

from __future__ import annotations

import re
from enum import Enum

from service.office.letter import LetterFacts

_RESULT = re.compile(r"\b(spf|dkim|dmarc)\s*=\s*([a-z]+)", re.IGNORECASE)
_BAD = ("fail", "softfail", "none", "permerror", "policy")
_COMMENT = re.compile(r"\([^()]*\)")


class Trust(Enum):
    """A test passed, no test is known (normal within one provider), or every test that was made failed."""

    PASSED = "passed"
    UNKNOWN = "unknown"
    MISMATCH = "mismatch"


def trust_in(facts: LetterFacts) -> Trust:
    """What the topmost Authentication-Results says; only our own provider adds one above all others.

    A failed DMARC is a mismatch whatever else passed: it alone looks at the From that people see
    [RFC 7489 §3.1]. Without DMARC one passed test will do, and failures alone are a mismatch.
    """
    stated = facts.header("authentication-results")
    found = [(name.lower(), said.lower()) for name, said in _RESULT.findall(_COMMENT.sub("", stated))]
    if not found:
        return Trust.UNKNOWN
    dmarc = [said for name, said in found if name == "dmarc"]
    if "fail" in dmarc:
        return Trust.MISMATCH
    if any(said == "pass" for _, said in found):
        return Trust.PASSED
    return Trust.MISMATCH if all(said in _BAD for _, said in found) else Trust.UNKNOWN
