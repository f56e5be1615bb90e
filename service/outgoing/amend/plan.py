"""A plan: whom a later release tells what, and what it changes; made anew for showing and for signing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from service.office.amendment import Exempting, Planning, Redating, Voiding
from service.office.approval import Act, ReleaseRow, digest_of
from service.office.asking import dispatch_of
from service.office.campaign import Campaign
from service.office.change import Timer
from service.office.circular import is_circular_draft
from service.office.content import Content, Enclosure, Manifest, Planned
from service.office.dispatch import Dispatch, DispatchState, NewDispatch
from service.office.docket import Docket
from service.office.finding import Problem
from service.office.needs.archive import Archive
from service.office.needs.drafting import Drafting, Proofreading
from service.office.needs.ledger import CampaignRow, Ledger, Standing
from service.office.needs.press import Press
from service.office.needs.staff_files import CampaignReading, StaffFiles
from service.office.needs.wording import Words
from service.office.policy import Policy
from service.office.record import from_bytes, to_bytes
from service.office.roster import Roster, Unit

_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "ofd": "application/ofd",
}
# Two of them would be one too many to read; more is a mistake of the command line.
FILES_MAX = 10


class CannotPlan(Exception):
    """What was asked for cannot be done; the sentence says why and what to do instead."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What planning works with."""

    ledger: Ledger
    archive: Archive
    words: Words
    staff_files: StaffFiles
    drafting: Drafting
    proofreading: Proofreading
    policy: Policy
    press: Press


@dataclass(frozen=True, slots=True)
class Case:
    """A campaign under way as its ledger has it, read once for one plan."""

    bench: Bench
    row: CampaignRow
    facts: Campaign
    releases: tuple[ReleaseRow, ...]
    standings: tuple[Standing, ...]
    dispatches: tuple[Dispatch, ...]
    now: datetime

    @property
    def rev(self) -> int:
        """The revision the next release would have."""
        return self.releases[-1].rev + 1

    @property
    def whole(self) -> ReleaseRow:
        """The newest release whose manifest says what every unit is sent."""
        return next(each for each in reversed(self.releases) if each.is_whole)

    @property
    def asked(self) -> tuple[Standing, ...]:
        """Every unit that was asked, third parties left out."""
        return tuple(each for each in self.standings if not each.unit.is_third_party)

    def standing(self, unit: str) -> Standing | None:
        """A unit's place."""
        return next((each for each in self.standings if each.unit.key == unit), None)

    def manifest(self, release: ReleaseRow) -> Manifest | None:
        """What a release was made of; None for one of a very old ledger."""
        if not release.manifest_sha256:
            return None
        return from_bytes(Manifest, self.bench.archive.get(release.manifest_sha256))

    def is_as_signed(self, reading: CampaignReading) -> bool:
        """Whether what documents and notices are made from is what was signed last, to the byte."""
        manifest = self.manifest(self.whole)
        if manifest is None or reading.campaign is None:
            return False
        signed = from_bytes(Campaign, self.bench.archive.get(manifest.campaign_sha256))
        now = self.bench.drafting.files_of(reading)
        return signed.sha256 == reading.campaign.sha256 and _made_from(manifest.files) == _made_from(now)

    def is_gone(self, unit: str, rcpt: str) -> bool:
        """Whether the mailbox is known not to exist."""
        standing = self.standing(unit)
        return standing is not None and rcpt.lower() in {each.lower() for each in standing.gone}


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything one later release would do."""

    act: Act
    reason: str
    manifest: Manifest
    facts: Campaign
    inputs_sha256: str
    targets: tuple[tuple[str, str, Planned | None, Planned | None], ...]  # unit, rcpt, if unsent, if had
    lines: tuple[str, ...]  # what a person should know before signing
    problems: tuple[Problem, ...] = ()
    units: tuple[Unit, ...] = ()
    codes: tuple[tuple[str, str], ...] = ()
    dockets: tuple[Docket, ...] = ()
    voids: tuple[Voiding, ...] = ()
    redates: tuple[Redating, ...] = ()
    exempts: tuple[Exempting, ...] = ()
    unchased: tuple[str, ...] | None = ()
    timers: tuple[Timer, ...] = ()
    items: tuple[tuple[str, str], ...] = ()
    changes_facts: bool = False
    ends: str = ""  # withdrawn, where the campaign ends with it
    named: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # unit → items its letters ask for
    notes: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()  # (unit, what is written down of it)

    def digest(self, rev: int) -> str:
        """What a signer signs: the deed, every recipient with the hash of what they would get, the terms."""
        manifest = self.manifest
        parts = [("act", self.act.value), ("rev", str(rev)), ("reason", self.reason)]
        parts += [("inputs", self.inputs_sha256), ("campaign", manifest.campaign_sha256)]
        parts += [("roster", manifest.roster_sha256), *manifest.about]
        parts += [(f"{each.kind}:{each.unit}:{each.rcpt}", each.content_sha256) for each in manifest.planned]
        parts += [(f"paper:{unit}", ",".join(e.sha256 for e in pack)) for unit, pack in manifest.print_packs]
        return digest_of(tuple(parts))

    def plannings(self, rev: int, policy: Policy, now: datetime) -> Iterator[Planning]:
        """The recipients as rows of the outbox."""

        def row(planned: Planned | None) -> NewDispatch | None:
            if planned is None:
                return None
            made = dispatch_of(planned, self.manifest.campaign, rev, policy, now)
            return replace(made, dockets=self.named.get(planned.unit, ()))

        for unit, rcpt, unsent, had in self.targets:
            yield Planning(unit, rcpt, row(unsent), row(had))


def _made_from(files: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Templates and the texts of a notice; how a receipt or a reminder is worded is another matter."""
    texts = (*(f"/{name}.txt.j2" for name in ("notice", "copy")),)
    return {
        each
        for each in files
        if each[0].startswith("templates/") and (not each[0].endswith(".txt.j2") or each[0].endswith(texts))
    }


def has_or_will_have(dispatch: Dispatch) -> bool:
    """Whether this row reached its recipient, may have, or is still to go."""
    return dispatch.state not in (DispatchState.CANCELLED, DispatchState.DEAD)


def pairs(dispatches: Iterable[Dispatch]) -> tuple[tuple[str, str], ...]:
    """Each unit and address once, in the order they were first written to."""
    seen: dict[tuple[str, str], tuple[str, str]] = {}
    for each in dispatches:
        seen.setdefault((each.unit, each.rcpt.lower()), (each.unit, each.rcpt))
    return tuple(seen.values())


def enclosed(bench: Bench, files: tuple[tuple[str, bytes], ...]) -> tuple[Enclosure, ...]:
    """Finished files, byte for byte."""
    if len(files) > FILES_MAX:
        raise CannotPlan(f"附件最多 {FILES_MAX} 个")
    found = []
    for name, data in files:
        if not data:
            raise CannotPlan(f"文件“{name}”是空的")
        if is_circular_draft(bench.ledger, name, data):
            raise CannotPlan(f"文件“{name}”是通报草稿，不得直接发出：请定稿、另存以后再发")
        suffix = name.rpartition(".")[2].lower()
        media_type = _TYPES.get(suffix, "application/octet-stream")
        found.append(Enclosure(name, bench.archive.put(data), media_type, len(data), "attachment"))
    return tuple(found)


def kept_roster(archive: Archive, units: tuple[Unit, ...]) -> tuple[Roster, str]:
    """These roster lines as a roster of their own, and where it lies in the archive."""
    lines = hashlib.sha256("\n".join(to_bytes(each).decode() for each in units).encode()).hexdigest()
    roster = Roster(units, (), lines)
    return roster, archive.put(to_bytes(roster))


def contents_of(archive: Archive, manifest: Manifest) -> dict[str, Content]:
    """Every letter of a manifest."""
    wanted = {each.content_sha256 for each in manifest.planned}
    return {sha256: from_bytes(Content, archive.get(sha256)) for sha256 in sorted(wanted)}
