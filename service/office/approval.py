"""签发 — a named person's yes, bound to the digest of exactly what was proofed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Act(Enum):
    """What a release does; the first is always a notice."""

    NOTICE = "notice"
    REISSUE = "reissue"
    SUPPLEMENT = "supplement"
    CORRECTION = "correction"
    WITHDRAWAL = "withdrawal"
    URGING = "urging"


ACT_WORDS = {
    Act.NOTICE: "通知",
    Act.REISSUE: "补发",
    Act.SUPPLEMENT: "补充通知",
    Act.CORRECTION: "更正",
    Act.WITHDRAWAL: "撤回",
    Act.URGING: "催报函",
}


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """A release: who signed what, when; `digest` is the draft's, `inputs_sha256` that of its sources."""

    campaign: str
    rev: int
    digest: str
    inputs_sha256: str
    signer: str
    at: datetime
    roster_sha256: str
    act: Act = Act.NOTICE
    reason: str = ""  # of every release but the first
    manifest_sha256: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether its manifest holds what every unit was sent."""
        return self.act in (Act.NOTICE, Act.CORRECTION)


@dataclass(frozen=True, slots=True)
class DraftRow:
    """The newest draft of a campaign as the ledger holds it."""

    campaign: str
    digest: str
    inputs_sha256: str
    manifest_sha256: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PutProof:
    """A draft was proofed: it stays known, so that a later one can be compared with it."""

    draft: DraftRow


def digest_of(parts: tuple[tuple[str, str], ...]) -> str:
    """One digest over named hashes, in the order given; any changed byte or recipient changes it."""
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def short_digest(digest: str) -> str:
    """What a person types: the first twelve characters."""
    return digest[:12]


def is_same_digest(typed: str, digest: str) -> bool:
    """Whether what a person typed (at least twelve characters) names this digest."""
    return len(typed) >= 12 and digest.startswith(typed.strip().lower())
