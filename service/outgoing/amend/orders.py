"""What may follow a release, as a person asks for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reissue:
    """补发: to units added to the roster since, or to addresses corrected since; unit keys."""

    campaign: str
    units: tuple[str, ...]
    reason: str = "补发通知"


@dataclass(frozen=True, slots=True)
class Supplement:
    """补充通知: informs and asks nothing back. Empty groups and units: everybody who has the notice."""

    campaign: str
    message: str
    files: tuple[tuple[str, bytes], ...] = ()
    groups: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    reason: str = "补充通知"


@dataclass(frozen=True, slots=True)
class Correct:
    """更正: the campaign's folder was edited; what differs from the newest release takes effect."""

    campaign: str
    reason: str
    files: tuple[tuple[str, bytes], ...] = ()
    only_affected: bool = False


@dataclass(frozen=True, slots=True)
class Withdraw:
    """撤回: the whole notice is taken back."""

    campaign: str
    reason: str
    files: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Urge:
    """催报函: to units that every reminder has asked in vain, copied to their superiors.

    Empty units and groups: everybody who stands on that rung.
    """

    campaign: str
    reason: str
    units: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    doc_number: str = ""


Order = Reissue | Supplement | Correct | Withdraw | Urge
