"""验证 — every stored byte still has its hash, and the chain of events is whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from service.desk.shapes import Damage
from service.journey import Office
from service.office.content import Content, Manifest
from service.office.letter import LetterFacts
from service.office.needs.archive import Archive
from service.office.needs.ledger import Ledger
from service.office.outcome import DoorError
from service.office.record import from_bytes

# More letters than one mailbox ever held.
LETTERS_MAX = 1_000_000
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Verified:
    """How many blobs and events were looked at, and what is wrong with them."""

    checked: int
    damaged: tuple[Damage, ...]
    head: str


def verify(office: Office, now: datetime) -> Verified:
    """Check every blob that the ledger counts on, every other stored one, and the event chain."""
    ledger, archive = office.doors.ledger, office.doors.archive
    named = dict.fromkeys((*ledger.blobs(), *_inside(ledger, archive), *archive.all()))
    damaged = [Damage("blob", sha256, _say(archive, sha256)) for sha256 in named if not archive.check(sha256)]
    ledger.seal(now)
    chain = ledger.check_chain()
    damaged += [
        Damage("event", str(each), "这条记录与前后的校验值不符，可能被改动过：请与备份核对")
        for each in chain.damaged
    ]
    head = chain.head if chain.checked else ""
    return Verified(len(named) + chain.checked, tuple(damaged), head)


def _say(archive: Archive, sha256: str) -> str:
    if archive.has(sha256):
        return "存档中的内容与它的 SHA-256 不符，文件已损坏：请从备份恢复"
    return "存档中没有这个文件：请从备份恢复"


def _inside(ledger: Ledger, archive: Archive) -> Iterator[str]:
    """Blobs that no row names, only other blobs: parts of letters, enclosures of what was or will be sent."""
    for letter in ledger.letters(limit=LETTERS_MAX):
        facts = _read(archive, LetterFacts, letter.facts_sha256)
        yield from (part.sha256 for part in facts.parts) if facts else ()
    contents = {each.content_sha256 for each in ledger.dispatches()}
    for campaign in ledger.campaigns():
        draft = ledger.draft(campaign.key)
        manifest = _read(archive, Manifest, draft.manifest_sha256) if draft else None
        if manifest is not None:
            yield manifest.campaign_sha256
            yield manifest.roster_sha256
            contents |= {each.content_sha256 for each in manifest.planned}
            yield from (each.sha256 for each in manifest.public)
            yield from (each.sha256 for _, pack in manifest.print_packs for each in pack)
    for sha256 in sorted(contents):
        content = _read(archive, Content, sha256)
        yield sha256
        yield from (each.sha256 for each in content.enclosures) if content else ()


def _read(archive: Archive, kind: type[T], sha256: str) -> T | None:
    """None where the blob itself is lost or damaged; it stands in the list on its own account."""
    try:
        return from_bytes(kind, archive.get(sha256))
    except (DoorError, ValueError):
        return None
