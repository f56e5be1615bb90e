"""What opening a container yields, and the one budget all containers of a letter share."""

from __future__ import annotations

from dataclasses import dataclass, field

from service.doors.envelope.limits import (
    ARCHIVE_BYTES_MAX,
    ARCHIVE_MEMBERS_MAX,
    ARCHIVE_RATIO_FLOOR_BYTES,
    ARCHIVE_RATIO_MAX,
    WINMAIL_VALUES_MAX,
)
from service.office.letter import Flag


@dataclass(slots=True)
class Budget:
    """How many unpacked bytes, members and values of winmail.dat a letter may still bring."""

    bytes_left: int = ARCHIVE_BYTES_MAX
    members_left: int = ARCHIVE_MEMBERS_MAX
    values_left: int = WINMAIL_VALUES_MAX


@dataclass(slots=True)
class Unpacked:
    """Files found, flags for the archive itself, and sentences about what was left."""

    members: list[tuple[str, bytes]] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)
    text: str = ""  # the message a winmail.dat or .msg carries beside its files
    locked: list[str] = field(default_factory=list)  # names of members that a password closes


class IsBomb(Exception):
    """The archive promises or yields more than the letter's budget."""


def promise(budget: Budget, members: int, unpacked: int, packed: int) -> None:
    """Raises IsBomb when a directory promises more than the letter may still bring."""
    if members > budget.members_left or unpacked > budget.bytes_left:
        raise IsBomb
    if unpacked > ARCHIVE_RATIO_FLOOR_BYTES and unpacked > ARCHIVE_RATIO_MAX * max(packed, 1):
        raise IsBomb


def take(budget: Budget, found: Unpacked, name: str, data: bytes) -> None:
    """One member found; raises IsBomb when the letter has brought too much."""
    budget.members_left -= 1
    budget.bytes_left -= len(data)
    if budget.bytes_left < 0 or budget.members_left < 0:
        raise IsBomb
    found.members.append((name, data))


def mark(found: Unpacked, flag: Flag) -> None:
    """The container flagged, once."""
    if flag not in found.flags:
        found.flags.append(flag)
