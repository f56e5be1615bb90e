"""信文 — a mail's words, rendered from the texts staff own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wording:
    """Subject (without the code) and body of one mail."""

    subject: str
    text: str
