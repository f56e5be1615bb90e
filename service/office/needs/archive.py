"""What the office needs of an archive: bytes in, their sha256 back, never overwritten."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol


class Archive(Protocol):
    """A content-addressed store; what `put` returned will be there after a power cut."""

    def put(self, data: bytes) -> str:
        """Store and sync; returns the sha256 in hex. Storing the same bytes again does nothing."""
        ...

    def put_pieces(self, pieces: Iterable[bytes]) -> str:
        """The same for bytes that come one after another, never held together in memory."""
        ...

    def get(self, sha256: str) -> bytes:
        """The bytes; raises DoorError when absent or damaged."""
        ...

    def has(self, sha256: str) -> bool: ...
    def check(self, sha256: str) -> bool:
        """Whether the stored bytes still have this hash."""
        ...

    def all(self) -> Iterator[str]: ...
    def set_apart(self, sha256: str) -> None:
        """Move to the folder of 密级, private to the service; `get` and `check` find it there. Synced."""
        ...

    def drop(self, sha256: str) -> None:
        """Remove for good, wherever it lies; nothing happens when it is not there. Synced."""
        ...

    def all_apart(self) -> Iterator[str]: ...
