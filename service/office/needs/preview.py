"""What the office needs to show a document as it will look: pages as PDF and as pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol


class Preview(Protocol):
    """Lays documents out without Word; optional, since sending needs none of it."""

    def pdf(self, documents: Mapping[str, bytes]) -> Mapping[str, bytes]:
        """Every document as PDF under the same name, in one go; raises DoorError with what to install.

        A document that cannot be laid out is missing from the answer.
        """
        ...

    def pages(self, pdf: bytes, dots_per_inch: int) -> Sequence[bytes]:
        """The pages of a PDF as PNG, at most as many as a person looks at; raises DoorError."""
        ...
