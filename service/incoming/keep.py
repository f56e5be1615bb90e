"""保管 — 密级 set apart at once, strangers' letters let go after their time, and what is gone really gone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from service.office.change import Record
from service.office.keeping import APART, GONE, KEPT, LET_GO, KeepLetter
from service.office.letter import Letter, Stage
from service.office.needs.archive import Archive
from service.office.needs.ledger import Ledger
from service.office.policy import Policy
from service.office.reach import parts_of, reached

Deed = Callable[[str], None]
# So many are let go in one transaction; the rest the next round.
LETTERS_A_ROUND = 200
STRANGERS, SWEEP = "无关来信", "清理"


@dataclass(slots=True)
class Memory:
    """When this process last let strangers go, and last looked whether everything lies where its row says."""

    let_go_on: date | None = None
    swept_on: date | None = None


@dataclass(frozen=True, slots=True)
class Keep:
    """A piece of work is one refused letter, the strangers of the day, or the sweeping after them."""

    ledger: Ledger
    archive: Archive
    policy: Policy
    memory: Memory = field(default_factory=Memory)

    name = "keep"

    def waiting(self, now: datetime) -> Sequence[str]:
        """密级 that is not set apart yet, then strangers past their time, then once a day the sweeping."""
        refused = self.ledger.letters(stage=Stage.REFUSED)
        pieces = [str(each.id) for each in refused if each.keeping == KEPT]
        # What falls due falls due at midnight: asked once a day, not at every tick of a year.
        today = self.policy.local(now).date()
        if self.policy.keep_strangers_days and self.memory.let_go_on != today:
            if self.ledger.strangers(self._before(now), 1):
                pieces.append(STRANGERS)
            else:
                self.memory.let_go_on = today
        if self.memory.swept_on != today and self.ledger.put_aside():
            pieces.append(SWEEP)
        return pieces

    def handle(self, piece: str, now: datetime) -> bool:
        """Rows first, bytes after: a crash between the two leaves bytes for the next sweeping."""
        if piece == STRANGERS:
            return self._let_go(now)
        if piece == SWEEP:
            self.finish(self.ledger.put_aside())
            self.memory.swept_on = self.policy.local(now).date()
            return False
        letter = self.ledger.letter(int(piece))
        if letter is not None and letter.keeping == KEPT and letter.stage is Stage.REFUSED:
            self._set_apart(letter, now)
        return False

    def _before(self, now: datetime) -> datetime:
        """The office's midnight so many days ago: what came since waits for the next day, all at once."""
        today = datetime.combine(self.policy.local(now).date(), time(0), self.policy.zone)
        return today - timedelta(days=self.policy.keep_strangers_days)

    def _set_apart(self, letter: Letter, now: datetime) -> None:
        said = Record("set-apart", now, "系统", letter.campaign or "", letter.unit or "", letter=letter.id)
        if self.ledger.apply([KeepLetter(letter.id, KEPT, APART, now, self.blobs_of(letter)), said]):
            self.finish([letter.id])

    def _let_go(self, now: datetime) -> bool:
        ids = self.ledger.strangers(self._before(now), LETTERS_A_ROUND)
        for letter in (self.ledger.letter(each) for each in ids):
            if letter is None:
                continue
            about = (("sha256", letter.raw_sha256), ("days", str(self.policy.keep_strangers_days)))
            said = Record("let-go", now, "系统", letter=letter.id, about=about)
            self.ledger.apply([KeepLetter(letter.id, KEPT, LET_GO, now, self.blobs_of(letter)), said])
        self.finish(ids)
        if has_more := len(ids) == LETTERS_A_ROUND:
            return has_more
        self.memory.let_go_on = self.policy.local(now).date()
        return False

    def blobs_of(self, letter: Letter) -> tuple[str, ...]:
        """Everything a letter is about: as it came each time, its facts, its parts, what was made of it."""
        known = (*letter.kept_blobs, *self.ledger.blobs_of(letter.id), *parts_of(self.archive, letter))
        return tuple(dict.fromkeys(known))

    def finish(self, letters: Sequence[int]) -> None:
        """Put the bytes of these letters where their rows say; what anything else counts on stays."""
        found = [letter for each in letters if (letter := self.ledger.letter(each)) is not None]
        aside = [row for each in self.ledger.put_aside() if (row := self.ledger.letter(each)) is not None]
        gone = frozenset(each.id for each in aside if each.keeping in GONE)
        apart = frozenset(each.id for each in aside if each.keeping == APART)
        self._finish([each for each in found if each.keeping in GONE], gone, self.archive.drop)
        self._finish([each for each in found if each.keeping == APART], gone | apart, self.archive.set_apart)

    def _finish(self, letters: Sequence[Letter], without: frozenset[int], deed: Deed) -> None:
        todo = {sha256 for letter in letters for sha256 in self.blobs_of(letter)}
        todo = {sha256 for sha256 in todo if self.archive.has(sha256)}
        if not todo:
            return
        for sha256 in sorted(todo - reached(self.ledger, self.archive, without)):
            deed(sha256)
