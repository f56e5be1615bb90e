"""What the office needs of words: the mail texts staff own, filled with facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from service.office.mail_text import Wording
from service.office.needs.press import Value


class Words(Protocol):
    """Renders `*.txt.j2` of the campaign's folder, else of templates/letters/."""

    def write(self, name: str, campaign: str, facts: Mapping[str, Value]) -> Wording:
        """One mail text by name (notice, reminder, receipt, correction, copy); raises PressError."""
        ...

    def cover(self) -> bytes:
        """The Word template of the slip on top of paper."""
        ...

    def fingerprint(self, campaign: str) -> str:
        """One sha256 over every text this campaign would use; an edit of any of them changes it."""
        ...
