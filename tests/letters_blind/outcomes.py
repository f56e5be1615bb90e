"""All letters through real stages, in rounds where none disturbs another, and what became of each."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from service.doors.staff_files import StaffFilesDoor
from service.office.dispatch import DispatchKind
from service.office.letter import Kind, Letter, Stage
from tests.fakes import World
from tests.letters_blind.compose import SHANGHAI, Composer
from tests.letters_blind.entries import OUTSIDE, Entry
from tests.stories.sample_office import SHANXI, Released, SampleOffice, sample_folder
from tests.stories.story import ROOT

# Works are due on 28 August, both summaries by the end of September; reminders are out by the 26th.
WHEN = {"works": "2024-08-26 10:00", "notice": "2024-09-19 10:00", "reminder": "2024-09-26 12:00"}
_ANSWERS = (DispatchKind.RECEIPT, DispatchKind.CORRECTION)
_ENDS = {
    Stage.REVIEW: "review",
    Stage.ASKED: "ask",
    Stage.NOTED: "note",
    Stage.REFUSED: "refuse",
}
_MACHINES = {
    Kind.AUTO_REPLY: "auto",
    Kind.BOUNCE: "bounce",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one letter, beside its label."""

    entry: Entry
    end: str  # filed, review, ask, note, auto, bounce, ignore, refuse, faulty, by-link, incomplete, lost …
    filings: tuple[tuple[str, str], ...]  # (unit's full name, item), none twice
    wrong: tuple[tuple[str, str], ...]  # those that the label does not allow
    lacking: tuple[tuple[str, str], ...]  # those that the label wants and that are not there
    versions: int  # rows, to see a letter filed twice
    answers: int  # receipts and corrections written to its sender in this office
    rows: int  # in the ledger
    why: str

    @property
    def is_filed_alone(self) -> bool:
        """Everything that should be filed was, and nobody had to look."""
        return self.end == "filed" and not self.lacking and not self.wrong

    @property
    def is_as_labelled(self) -> bool:
        """The end is one that the label allows."""
        if self.wrong:
            return False
        if self.end == "filed":
            return "filed" in self.entry.words and (not self.lacking or "review" in self.entry.words)
        return self.end in self.entry.words or (self.end == "incomplete" and _may_be_completed(self.entry))


def _may_be_completed(entry: Entry) -> bool:
    """An empty reply may be asked to complete (intake case 45), where the label lets somebody be asked."""
    return entry.file == "doubtful" and "ask" in entry.words


def run(entries: Iterable[Entry], place: Path) -> tuple[Outcome, ...]:
    """Every letter's outcome, in the order of the set."""
    entries = tuple(entries)
    found: dict[str, Outcome] = {}
    for state, released in _offices(place).items():
        mine = [each for each in entries if _state(each) == state]
        composer = Composer(released.copy(place / f"{state}-names"))
        composer.office.stop()
        for number, jobs in enumerate(_rounds(mine, composer)):
            composer.office = office = released.copy(place / f"{state}-{number}", WHEN[state])
            try:
                found.update((each.entry.id, each) for each in _one_round(composer, jobs))
            finally:
                office.stop()
    return tuple(found[each.id] for each in entries)


def _state(entry: Entry) -> str:
    if entry.to == "reminder":
        return "reminder"
    return "works" if entry.file == "shanxi_works" else "notice"


def _offices(place: Path) -> dict[str, Released]:
    """One office that released both campaigns, at rest on three days."""
    folder = sample_folder(place / "office")
    shutil.rmtree(folder / "templates" / "shanxi-2024-spring")
    twin = folder / "templates" / SHANGHAI
    shutil.copytree(ROOT / "templates" / SHANGHAI, twin)
    # Its page alone says what it is; three years later, so that both campaigns share the mailbox.
    (twin / "活动.xlsx").unlink()
    page = (twin / "campaign.yaml").read_text(encoding="utf-8")
    assert "on: 2021-06-25" in page
    (twin / "campaign.yaml").write_text(page.replace("on: 2021-06-25", "on: 2024-09-25"), encoding="utf-8")
    office = SampleOffice(folder, f"sqlite:///{place / 'released.db'}")
    found = {}
    try:
        office.sign(SHANXI)
        office.sign(SHANGHAI)
        office.work()
        for state, when in WHEN.items():
            office.until(when)
            # The process ends here and goes on from the same file, so that the copy is a whole database.
            office.stop()
            database = place / f"{state}.db"
            shutil.copy(place / "released.db", database)
            resting = Released(folder, database, office.world, StaffFilesDoor(folder))
            found[state] = Released(folder, database, _world_of(resting, place / state), resting.staff_files)
            office.start()
    finally:
        office.stop()
    return found


def _world_of(resting: Released, place: Path) -> World:
    """The world as it stands now; the office it belongs to goes on."""
    office = resting.copy(place)
    office.stop()
    return office.world


def _rounds(entries: list[Entry], composer: Composer) -> Iterator[list[list[Entry]]]:
    """Jobs (a letter and those that follow it) packed so that no unit or address comes twice in a round."""
    jobs: dict[str, list[Entry]] = {each.id: [each] for each in entries if not each.after}
    for each in entries:
        if each.after:
            jobs[each.after].append(each)
    packed: list[tuple[set[str], list[list[Entry]]]] = []
    for job in jobs.values():
        touched = set().union(*(composer.touched(each) for each in job))
        for names, members in packed:
            if not names & touched:
                names |= touched
                members.append(job)
                break
        else:
            packed.append((touched, [job]))
    for _, members in packed:
        yield members


def _one_round(composer: Composer, jobs: list[list[Entry]]) -> list[Outcome]:
    office = composer.office
    written: list[tuple[Entry, bytes]] = []
    for turn in range(max(map(len, jobs))):
        for job in jobs:
            if turn < len(job):
                raw = composer.bytes_of(job[turn])
                written.append((job[turn], raw))
                for _ in range(2 if job[turn].is_twice else 1):
                    office.arrive(raw, job[turn].folder)
        office.work()
        office.clock.set(office.now + timedelta(hours=1))
    letters = office.ledger.letters(limit=5000)
    return [_outcome(composer, entry, raw, letters) for entry, raw in written]


def _outcome(composer: Composer, entry: Entry, raw: bytes, letters: tuple[Letter, ...]) -> Outcome:
    office = composer.office
    digest = hashlib.sha256(raw).hexdigest()
    whole = {each.split_from for each in letters}
    rows = [each for each in letters if each.raw_sha256 == digest and each.id not in whole]
    sender = composer.sender(entry)
    answers = [each for each in office.ledger.dispatches(kinds=_ANSWERS, rcpt=sender)]
    wanted = {(composer.full_name(unit), item) for unit, item in entry.wanted}
    filed: list[tuple[str, str]] = []
    valid = 0
    for row in rows:
        for campaign in (SHANXI, SHANGHAI):
            for each in office.ledger.filings(campaign, letter=row.id):
                standing = office.ledger.standing(campaign, each.unit)
                is_outside = standing is None or standing.unit.is_third_party
                filed.append((OUTSIDE if is_outside else each.unit, each.item))
                valid += each.is_valid
    return Outcome(
        entry=entry,
        end="faulty" if "faulty" in entry.words and filed and not valid else _end(rows, bool(filed)),
        filings=tuple(sorted(set(filed))),
        wrong=tuple(sorted(set(filed) - wanted)),
        lacking=tuple(sorted(wanted - set(filed))),
        versions=len(filed),
        answers=len(answers),
        rows=len(rows),
        why=_why(office, rows[0]) if rows else "",
    )


def _end(rows: list[Letter], is_filed: bool) -> str:
    if not rows:
        return "lost"
    row = rows[0]
    if row.stage in _ENDS:
        return _ENDS[row.stage]
    if row.stage is Stage.IGNORED:
        return _MACHINES.get(row.kind, "ignore") if row.kind else "ignore"
    if row.stage in (Stage.FILED, Stage.ACKNOWLEDGED):
        return "filed" if is_filed else "by-link" if "链接" in row.outcome else "incomplete"
    return f"stuck at {row.stage.value}"


def _why(office: SampleOffice, row: Letter) -> str:
    hits = [each.say for each in office.ledger.hits(row.id) if each.is_hit]
    return row.outcome or "；".join(hits)
