"""通报草稿 — what a draft of a circular is known by, so that nothing ever sends one."""

from __future__ import annotations

import hashlib

from service.office.needs.ledger import Ledger

# The event that says that a draft was written; `about` holds its sha256.
CIRCULAR_EVENT = "circular-drafted"
DRAFT_NAME = "通报草稿"


def is_circular_draft(ledger: Ledger, name: str, data: bytes) -> bool:
    """Whether a file is a draft as it was written, whatever it is called now, or is still called one."""
    if name.startswith(DRAFT_NAME):
        return True
    sha256 = hashlib.sha256(data).hexdigest()
    return any(("sha256", sha256) in each.about for each in ledger.events(kind=CIRCULAR_EVENT))
