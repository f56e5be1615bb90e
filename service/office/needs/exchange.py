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


class Exchange(Protocol):
    """The exchange folder; every path is relative to it and cannot leave it."""

    def put(self, path: str, data: bytes) -> None:
        """Write one file at once (temporary name, then rename), also while Excel holds it open."""
        ...

    def put_folder(self, path: str, files: Mapping[str, bytes]) -> str:
        """Replace a folder the service owns, such as a proof; returns its full path for people."""
        ...

    def look(self, path: str) -> bytes | None:
        """A file of the folder as it lies there now, whoever saved it last; None where there is none."""
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
