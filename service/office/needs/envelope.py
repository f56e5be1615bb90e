"""What the office needs of mail: bytes to facts without ever failing, and text to bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from service.office.letter import LetterFacts


class Envelope(Protocol):
    """Reads any bytes as a letter."""

    def read(self, raw: bytes, keep: Callable[[bytes], str]) -> LetterFacts:
        """All facts of a letter; never raises for what the bytes hold.

        `keep` stores a part's bytes and returns their sha256 (the archive's `put`, or a bare hash).
        """
        ...
