"""发件人可信吗 — what the receiving server's own test of the sender says; most often it says nothing."""

from __future__ import annotations

import re
from collections.abc import Collection
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


# A forwarder's server speaks for itself; these endings are nobody's own.
_SHARED_ENDINGS = frozenset({"com.cn", "gov.cn", "org.cn", "net.cn", "edu.cn", "ac.cn"})
_REFUTED = ("fail", "softfail", "permerror", "policy")


def is_refuted(facts: LetterFacts, own_hosts: Collection[str]) -> bool:
    """Whether our own provider's test says that the sender is not who the From line claims.

    `own_hosts` are the domains of our mailboxes and the names of their servers: a result written by anybody
    else's server is anybody's word. A sender whose domain publishes nothing to test is not refuted.
    """
    stated = facts.header("authentication-results")
    if not stated or not _is_ours(stated, own_hosts):
        return False
    found = [(name.lower(), said.lower()) for name, said in _RESULT.findall(_COMMENT.sub("", stated))]
    if any(name == "dmarc" and said == "fail" for name, said in found):
        return True
    return not any(said == "pass" for _, said in found) and any(said in _REFUTED for _, said in found)


def is_verified(facts: LetterFacts, own_hosts: Collection[str]) -> bool:
    """Whether our own provider has tested the sender and found it right."""
    stated = facts.header("authentication-results")
    return bool(stated) and _is_ours(stated, own_hosts) and trust_in(facts) is Trust.PASSED


def _is_ours(stated: str, own_hosts: Collection[str]) -> bool:
    """Whether a result names one of our servers, or names none, as some gateways write it [RFC 8601 §2.2]."""
    head = _COMMENT.sub("", stated).partition(";")[0].split()
    if not head or "=" in head[0]:
        return True
    said = head[0].strip('"').lower().rstrip(".")
    return any(said == host or said.endswith(f".{host}") for host in _provider_domains(own_hosts))


def _provider_domains(own_hosts: Collection[str]) -> frozenset[str]:
    """imap.exmail.qq.com stands for exmail.qq.com and qq.com, whose gates carry names of their own."""
    found: set[str] = set()
    for host in own_hosts:
        labels = host.lower().rstrip(".").split(".")
        ends = (".".join(labels[at:]) for at in range(max(len(labels) - 1, 1)))
        found |= {end for end in ends if end not in _SHARED_ENDINGS}
    return frozenset(found)
