"""信文 — a mail's words, rendered from the texts staff own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wording:
    """Subject (without the code) and body of one mail; `html` only where staff wrote their own."""

    subject: str
    text: str
    html: str = ""
