"""What the office needs of a binder: many documents joined into one, pictures taken out of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from service.office.compendium import Compendium, LeftOut


@dataclass(frozen=True, slots=True)
class Bound:
    """The joined document, and what could not be joined, in order."""

    document: bytes
    left_out: tuple[LeftOut, ...]


class Binding(Protocol):
    """Joins summaries into 汇编.docx. Documents are fetched one at a time and never kept together."""

    def join(self, compendium: Compendium, fetch: Callable[[str], bytes]) -> Bound:
        """The whole as a .docx; `fetch` gives a document's bytes by sha256 and may raise DoorError."""
        ...

    def pictures(self, data: bytes, name: str) -> Iterator[tuple[str, bytes]]:
        """The pictures inside a .docx or .pptx, named with their ending; logos and signatures are none."""
        ...
