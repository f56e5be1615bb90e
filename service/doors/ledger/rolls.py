"""通讯录留底 — each campaign's units as last read, kept for as long as the ledger says that nothing changed.

Every letter is held against the whole roster, and a large one takes long to read. It changes only with a
release or with a third party, so that one short question tells whether what was read is still true, whoever
has written since.
"""

from __future__ import annotations

import threading
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from service.doors.ledger import roll
from service.doors.ledger import tables as t
from service.office.needs.ledger import Roll

# So many campaigns are kept; an office that runs more reads the one it has not met for longest again.
ROLLS_MAX = 32

_VERSION = select(
    select(func.max(t.release.c.rev)).where(t.release.c.campaign == bindparam("key")).scalar_subquery(),
    select(func.count()).where(t.standing.c.campaign == bindparam("key")).scalar_subquery(),
)


class Rolls:
    """Belongs to one ledger; thread-safe."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[tuple[Any, ...], Roll]] = {}
        self._lock = threading.Lock()

    def read(self, connection: Connection, campaign: str) -> Roll:
        """The units in roster order, third parties last; the same object while nothing changed."""
        # Asked first: what is written between the two questions is then only read once more than needed.
        version = tuple(connection.execute(_VERSION, {"key": campaign}).one())
        with self._lock:
            kept = self._kept.pop(campaign, None)
            if kept is not None and kept[0] == version:
                self._kept[campaign] = kept
                return kept[1]
        fresh = Roll(campaign, roll.units(connection, campaign))
        with self._lock:
            self._kept[campaign] = (version, fresh)
            while len(self._kept) > ROLLS_MAX:
                del self._kept[next(iter(self._kept))]
        return fresh
