"""What the office needs of 交换/, the one folder both staff and service write."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A file someone laid into 交换/收件/<单位名>/; `ticket` names it until it is taken."""

    ticket: str
    unit: str
    name: str
    data: bytes
    laid_at: datetime


@dataclass(frozen=True, slots=True)
class Lying:
    """What lies at a path that staff may save over.

    `stamp` changes whenever it is saved and is empty where nothing lies. `is_busy`: somebody has it open.
    `is_fresh`: it was saved a moment ago, so that what cannot be read may only not be whole yet.
    """

    stamp: str
    is_busy: bool = False
    is_fresh: bool = False


class Exchange(Protocol):
    """The exchange folder; every path is relative to it and cannot leave it."""

    def put(self, path: str, data: bytes) -> None:
        """Write one file at once (temporary name, then rename), also while Excel holds it open."""
        ...

    def look(self, path: str) -> Lying:
        """What lies at a path now; cheap enough for every tick."""
        ...

    def saved(self, path: str) -> bytes | None:
        """The bytes that lie there; None where nothing does, or more than anybody could have saved."""
        ...

    def put_over(self, path: str, data: bytes, seen: str) -> str | None:
        """Write one file over exactly what had the stamp `seen`; returns the new stamp.

        None while somebody has it open. Raises DoorError, to be tried again, when it was saved since.
        """
        ...

    def siblings(self, path: str) -> Sequence[str]:
        """Files that were laid beside one that was open, named 名 2024-09-30 1005.xlsx."""
        ...

    def set_aside(self, path: str, name: str) -> None:
        """Give what lies at a path another name in the same folder, whatever it is."""
        ...

    def put_folder(self, path: str, files: Mapping[str, bytes]) -> str:
        """Replace a folder the service owns, such as a proof; returns its full path for people."""
        ...

    def take_away(self, path: str) -> None:
        """Remove one file that the service wrote; nothing happens when it is not there."""
        ...

    def keep_only(self, folder: str, names: Collection[str], mark: str) -> None:
        """Take away the service's own files of a folder that are not named; `mark` is how they begin."""
        ...

    def handed_in(self) -> Sequence[HandedIn]:
        """Files in 收件/ that have lain still; half-copied and temporary ones are left alone."""
        ...

    def taken(self, ticket: str) -> None:
        """Move a handed-in file to 收件/已收/, once it is kept."""
        ...

    def refuse(self, ticket: str, why: str) -> None:
        """Move it to 收件/未收/ with the reason in a text beside it."""
        ...
