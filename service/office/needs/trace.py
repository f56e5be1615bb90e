"""What `send` needs of a trace beside the ledger: which conversations ever began."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Begun:
    """One conversation that began. `attempt` counts the claims of this row."""

    message_id: str
    attempt: int
    kind: str
    campaign: str
    unit: str
    rcpt: str


class Trace(Protocol):
    """Outlives a ledger that is put back from a backup. Thread-safe; may raise DoorError."""

    def note(self, begun: Begun) -> None:
        """On disk when this returns; only then may the conversation begin."""
        ...

    def attempt_of(self, message_id: str) -> int:
        """The highest attempt noted for a Message-ID, 0 for none."""
        ...

    def unaccepted(self) -> Sequence[Begun]:
        """Noted since a person last accepted a ledger that knew less; the newest thousands, oldest first."""
        ...

    def accept(self) -> None:
        """A person knows that the ledger is behind, and goes on from here."""
        ...
