"""What the office needs of somebody who carries out what staff wrote into a workbook."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from service.office.order import SavedBook


class Settling(Protocol):
    """Implemented by desk/readback.py and handed to 汇总 by wiring, which knows both."""

    def settle(self, book: SavedBook, path: str, now: datetime) -> None:
        """Carry out what was typed; what cannot be is written down as an event and stands on the desk."""
        ...
