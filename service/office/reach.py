"""牵连 — which bytes of the archive something still counts on, found through the bytes themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from service.office.content import Content, Manifest
from service.office.keeping import GONE
from service.office.letter import Letter, LetterFacts
from service.office.needs.archive import Archive
from service.office.needs.ledger import Ledger
from service.office.outcome import DoorError
from service.office.record import from_bytes

# More letters than one mailbox ever held.
LETTERS_MAX = 1_000_000
T = TypeVar("T")


def reached(ledger: Ledger, archive: Archive, without: frozenset[int] = frozenset()) -> set[str]:
    """Every sha256 that a row names, or that lies inside what a row names; but for these letters."""
    return {*ledger.blobs(tuple(without)), *inside(ledger, archive, without)}


def inside(ledger: Ledger, archive: Archive, without: frozenset[int] = frozenset()) -> Iterator[str]:
    """Blobs that no row names, only other blobs: parts of letters, enclosures of what was or will be sent."""
    for letter in ledger.letters(limit=LETTERS_MAX):
        if letter.keeping not in GONE and letter.id not in without:
            yield from parts_of(archive, letter)
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
        # What a later release laid out for print lies in no draft and in no mail.
        for release in ledger.releases(campaign.key):
            later = _read(archive, Manifest, release.manifest_sha256) if release.manifest_sha256 else None
            yield from (each.sha256 for _, pack in (later.print_packs if later else ()) for each in pack)
    for sha256 in sorted(contents):
        content = _read(archive, Content, sha256)
        yield sha256
        yield from (each.sha256 for each in content.enclosures) if content else ()


def parts_of(archive: Archive, letter: Letter) -> tuple[str, ...]:
    """The files that one letter carried; none where its facts are lost."""
    facts = _read(archive, LetterFacts, letter.facts_sha256)
    return tuple(part.sha256 for part in facts.parts) if facts else ()


def _read(archive: Archive, kind: type[T], sha256: str) -> T | None:
    """None where the blob itself is lost or damaged; `verify` tells it on its own account."""
    try:
        return from_bytes(kind, archive.get(sha256))
    except (DoorError, ValueError):
        return None
