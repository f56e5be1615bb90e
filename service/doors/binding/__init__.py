"""The binder: many summaries joined into one Word document, written piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from service.doors.binding.book import BookInProgress
from service.doors.binding.pictures import inside
from service.office.compendium import Compendium
from service.office.needs.binding import Bound

__all__ = ["BindingDoor"]


class BindingDoor:
    """Implements `needs/binding.py`."""

    def join(self, compendium: Compendium, fetch: Callable[[str], bytes]) -> Bound:
        """汇编.docx; of the sources one at a time is in memory, of the text none."""
        with BookInProgress(compendium, fetch) as book:
            return book.bound()

    def pictures(self, data: bytes, name: str) -> Iterator[tuple[str, bytes]]:
        """The pictures inside a .docx, .pptx or .xlsx, named with their ending; no logos."""
        return inside(data, name)
