"""The promise of the diary: what happened, one line each."""

from __future__ import annotations

from typing import Protocol


class Diary(Protocol):
    """Where the clerk writes what happened, one line each."""

    def note(self, event: str, **facts: object) -> None: ...
    def trouble(self, event: str, error: BaseException, **facts: object) -> None: ...
