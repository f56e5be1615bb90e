"""Plates kept for the next recipient: by the template's bytes and the imprint's shape, and only so many."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import lru_cache
from threading import Lock
from typing import TypeVar

from service.doors.press.package import read_parts
from service.doors.press.plate import Plate, make_plate, shape_of
from service.doors.press.proofread import proofread
from service.doors.press.strict import unrendered
from service.office.finding import Problem
from service.office.needs.press import Imprint

# A campaign renders all its attachments for one unit after another: fewer plates would each be made anew.
KEPT_MAX = 200
KEPT_BYTES_MAX = 256 * 2**20  # of what stands ready, pictures for the most part; the newest is always kept

_Kept = TypeVar("_Kept")


class Plates:
    """A bounded memory, safe for threads: two that ask at once may both make a plate, and one is kept."""

    def __init__(self, kept_max: int = KEPT_MAX, bytes_max: int = KEPT_BYTES_MAX) -> None:
        self._kept: OrderedDict[Hashable, object] = OrderedDict()
        self._kept_max = kept_max
        self._bytes_max = bytes_max
        self._lock = Lock()

    def of(self, template: bytes, imprint: Imprint | None) -> Plate:
        """The plate of a template for imprints of this shape; raises NotRendered, BadPackage."""
        shape = shape_of(imprint)
        key = ("plate", _digest(template), shape)
        return self._remember(key, lambda: make_plate(unrendered(template), shape))

    def proofread(self, template: bytes, name: str) -> tuple[Problem, ...]:
        """What is wrong with a template before it is made into a plate; raises BadPackage."""
        key = ("proof", _digest(template), name)
        return self._remember(key, lambda: tuple(proofread(read_parts(template), name)))

    def _remember(self, key: Hashable, make: Callable[[], _Kept]) -> _Kept:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found  # type: ignore[return-value]  # the key says what kind of thing is kept under it
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > 1 and (
                len(self._kept) > self._kept_max or self._weight() > self._bytes_max
            ):
                self._kept.popitem(last=False)
        return made

    def _weight(self) -> int:
        return sum(len(each.still.block) for each in self._kept.values() if isinstance(each, Plate))


@lru_cache(maxsize=8)
def _digest(template: bytes) -> bytes:
    """Python remembers the hash of a bytes object: asking again for the same template costs nothing."""
    return hashlib.sha256(template).digest()
