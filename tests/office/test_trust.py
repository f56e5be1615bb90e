"""发件人可信吗: only our own provider's word refutes a sender, and no word is no refusal."""

from __future__ import annotations

import pytest

from service.doors.envelope import EnvelopeDoor
from service.office.trust import is_refuted, is_verified

OWN = frozenset({"office.example", "imap.exmail.qq.com"})


@pytest.mark.parametrize(
    ("stated", "refuted", "verified"),
    [
        ("", False, False),
        ("mx.office.example; spf=fail smtp.mailfrom=a@b.example; dmarc=fail", True, False),
        ("mx.qq.com; spf=softfail; dkim=fail", True, False),
        # A failed DMARC speaks of the From people see, whatever else passed.
        ("mx.office.example; spf=pass; dmarc=fail", True, False),
        ("mx.office.example; spf=fail; dkim=pass", False, True),
        ("mx.office.example (v 3; x=y); spf=pass", False, True),
        # A domain that publishes nothing to test is not refuted.
        ("mx.office.example; spf=none; dkim=none", False, False),
        # A result of somebody else's server is anybody's word.
        ("mx.evil.example; spf=fail; dmarc=fail", False, False),
        ("notoffice.example; dmarc=fail", False, False),
        # Some gateways leave their name out [RFC 8601 §2.2].
        ("spf=fail; dkim=none", True, False),
    ],
)
def test_what_a_result_says(stated: str, refuted: bool, verified: bool) -> None:
    head = f"Authentication-Results: {stated}\r\n" if stated else ""
    facts = EnvelopeDoor().read(f"{head}From: a@b.example\r\n\r\n正文".encode(), lambda data: "")
    assert (is_refuted(facts, OWN), is_verified(facts, OWN)) == (refuted, verified)


def test_only_the_topmost_result_counts() -> None:
    raw = (
        "Authentication-Results: mx.office.example; dmarc=pass; spf=pass\r\n"
        "Authentication-Results: mx.office.example; dmarc=fail\r\nFrom: a@b.example\r\n\r\n正文"
    )
    facts = EnvelopeDoor().read(raw.encode(), lambda data: "")
    assert is_verified(facts, OWN)
    assert not is_refuted(facts, OWN)
