"""What the office needs of words: the mail texts staff own, filled with facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from service.office.finding import Problem
from service.office.mail_text import Wording
from service.office.needs.press import Trial, Value


class Words(Protocol):
    """Renders `*.txt.j2` of the campaign's folder, else of templates/letters/."""

    def write(self, name: str, campaign: str, facts: Mapping[str, Value]) -> Wording:
        """One mail text by name (notice, reminder, receipt, correction, copy); raises PressError."""
        ...

    def cover(self) -> bytes:
        """The Word template of the slip on top of paper."""
        ...

    def document(self, name: str, campaign: str) -> bytes | None:
        """A Word template of the campaign's folder, else of letters/; None where there is none."""
        ...

    def urging(self, campaign: str, issuer: str, day: date) -> bytes:
        """The Word template of a 催报函: staff's own, else one made for this issuer and day."""
        ...

    def circular(self, campaign: str, issuer: str, day: date) -> bytes:
        """The Word template of a 通报草稿, likewise."""
        ...

    def lint(self, campaign: str, tried: Mapping[str, Sequence[Trial]]) -> tuple[Problem, ...]:
        """Everything wrong in the texts this campaign would use, by file and line.

        `tried` holds facts for each kind of letter, the first with every name there is; a text of a kind that
        is not in it is only read.
        """
        ...

    def fingerprint(self, campaign: str) -> str:
        """One sha256 over every text this campaign would use; an edit of any of them changes it."""
        ...

    def texts(self, campaign: str) -> tuple[tuple[str, str], ...]:
        """The same one by one: path below templates/ and sha256 of each text, sorted."""
        ...
