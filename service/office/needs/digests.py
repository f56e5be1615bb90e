"""What the digest needs of a ledger: codes given out, answers not acted upon, and whether a head stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from service.office.digest_code import CodeRow


class Digests(Protocol):
    """Part of `Ledger`."""

    def code_of(self, hashes: Sequence[str] = (), dispatch_key: str = "", number: int = 0) -> CodeRow | None:
        """The one-time code with one of these hashes, else of this dispatch, else with this number."""
        ...

    def errands_waiting(self) -> tuple[tuple[int, int], ...]:
        """(letter, code) not acted upon yet, in order of arrival."""
        ...

    def sealed_at(self, head: str) -> datetime | None:
        """When the event chain had this head; None where it never had."""
        ...
