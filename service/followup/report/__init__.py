"""汇总 — who has and who has not: the board, 台账.xlsx, 待人工.xlsx and the readable archive."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo

from service.followup.report import today, tree
from service.followup.report.books import Books, Shelf
from service.followup.report.reading import board_of, gather, letters_of, open_campaigns
from service.followup.report.rows import choices_of, count_unassigned, joint_desk, summed
from service.followup.report.sources import Sources
from service.followup.report.todo import LINT, conflict_rows, template_rows
from service.office.board import Board, Choices
from service.office.dispatch import DispatchState
from service.office.letter import Stage
from service.office.needs.archive import Archive
from service.office.needs.exchange import Exchange
from service.office.needs.ledger import Ledger, StumbleRow
from service.office.needs.settling import Settling
from service.office.needs.workbook import Workbook
from service.office.order import BOOK as CONFLICTS
from service.office.outcome import DoorError
from service.office.tally import still_chased, to_be_called, unassigned_words
from service.office.tree_names import folder_name

__all__ = ["Calls", "Report"]

# While much is going on, a campaign's workbook is written no more often than this (office time).
PAUSE = timedelta(minutes=1)
# A year after its end nobody sends anything for a campaign, and its books are not looked at again.
LATE_LETTERS_FOR = timedelta(days=366)
BOOK = "台账.xlsx"
DESK_BOOK = "待人工.xlsx"
CALLS_BOOK = "催办电话表.xlsx"

_GONE = "gone"  # in the memory of what was written, where a hash stands else
_TROUBLED = (DispatchState.IN_DOUBT, DispatchState.DEAD, DispatchState.HELD)


@dataclass(frozen=True, slots=True)
class Mark:
    """Differs whenever a board may: the chain's head, letters that wait, sendings and work in trouble."""

    head: str
    letters: tuple[int, ...]
    troubled: tuple[tuple[int, DispatchState], ...]
    stumbles: tuple[tuple[str, str, int, datetime], ...]


@dataclass(slots=True)
class Memory:
    """What was written since the start; losing it costs one more writing, nothing else."""

    marks: dict[str, Mark] = field(default_factory=dict)
    written_at: dict[str, datetime] = field(default_factory=dict)
    turns_at: dict[str, datetime] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)  # ended campaign → letters it had when written
    kept: dict[str, str] = field(default_factory=dict)  # path → what was written there
    faulty: tuple[StumbleRow, ...] = ()  # campaigns with errors, as 待人工.xlsx had them before any release
    shelf: Shelf = field(default_factory=Shelf)


@dataclass(frozen=True, slots=True)
class Calls:
    """The phone sheet that was written: how many units to call, and how many are still reminded."""

    path: str
    units: int
    still_reminded: int


@dataclass(frozen=True, slots=True)
class Report:
    """Keeps workbooks and readable archive in step with the ledger. A piece of work is an open campaign."""

    ledger: Ledger
    archive: Archive
    exchange: Exchange
    workbook: Workbook
    memory: Memory = field(default_factory=Memory)
    zone: tzinfo = UTC  # the office's own, for what belongs to no campaign
    staff: tuple[str, ...] = ()  # who may sign what is written into a workbook
    settling: Settling | None = None  # who carries that out; without, workbooks are only written

    name = "report"

    def waiting(self, now: datetime) -> Sequence[str]:
        """Campaigns about which something may have changed since they were last written.

        What staff saved is taken over at once, however short ago the workbook was written.
        """
        running = open_campaigns(self.ledger)
        saved = self._whose(self.books.has_news, running, now)
        late = [
            key
            for key in dict.fromkeys((*self._late(now), *saved))
            if key not in running and (key in saved or self._is_rested(key, now))
        ]
        if not running:
            # Before the first release only templates can need a person.
            unknown = self._standing() != self.memory.faulty or self.books.has_news(DESK_BOOK)
            return [*late, DESK_BOOK] if unknown else late
        rested = [key for key in running if key in saved or self._is_rested(key, now)]
        if not rested:
            return late
        mark, freed = self._mark(now), self._whose(self.books.is_freed, running, now)
        due = saved | freed
        return [*(key for key in rested if key in due or self._is_behind(key, mark, now)), *late]

    @property
    def books(self) -> Books:
        """The workbooks, and what staff write into them."""
        return Books(self.ledger, self.exchange, self.workbook, self.settling, self.zone, self.memory.shelf)

    def _standing(self) -> tuple[StumbleRow, ...]:
        return (*self.ledger.stumbles(LINT), *self.ledger.stumbles(CONFLICTS))

    def _whose(self, holds: Callable[[str], bool], running: Sequence[str], now: datetime) -> set[str]:
        """Campaigns of whose workbooks this holds; the shared ones are the first campaign's to look after."""
        rows = self.ledger.campaigns()
        recent = [row.key for row in rows if row.ended_at is None or now - row.ended_at <= LATE_LETTERS_FOR]
        found = {key for key in recent if key in self.memory.written_at and holds(_book_of(key))}
        if running and any(holds(path) for path in (f"台账/{BOOK}", DESK_BOOK)):
            found.add(running[0])
        return found

    def _late(self, now: datetime) -> Iterator[str]:
        """Ended campaigns that letters have come for since they were last written."""
        for row in self.ledger.campaigns():
            if row.ended_at is None or now - row.ended_at > LATE_LETTERS_FOR:
                continue
            if self.memory.ended.get(row.key) != self.ledger.count_letters(campaign=row.key):
                yield row.key

    def handle(self, campaign: str, now: datetime) -> bool:
        """Write everything about one campaign; raises the first DoorError, but only after all the rest."""
        if campaign == DESK_BOOK:
            return self._write_desk_alone(now)
        troubles = self._take_over((_book_of(campaign), f"台账/{BOOK}", DESK_BOOK), now)
        mark, letters = self._mark(now), self.ledger.count_letters(campaign=campaign)
        sources = gather(self.ledger, self.archive, campaign, now, self.staff)
        board = board_of(sources, now, mark.head)
        troubles += self._write_books(board, now) + self._write_tree(sources)
        self.memory.written_at[campaign] = now
        if troubles:
            raise troubles[0]
        self.memory.marks[campaign] = mark
        self.memory.ended[campaign] = letters
        self.memory.turns_at[campaign] = _turns_at(board)
        return False

    def _write_desk_alone(self, now: datetime) -> bool:
        unread = self._take_over((DESK_BOOK,), now)
        standing = self._standing()
        rows = (*template_rows(standing, self.zone), *conflict_rows(standing, self.zone))
        data = self.workbook.desk(rows, Choices(staff=self.staff))
        troubles = unread + self.books.put(DESK_BOOK, data, now) + self.books.put_conflicts(now)
        if troubles:
            raise troubles[0]
        self.memory.faulty = standing
        return False

    def _take_over(self, paths: Sequence[str], now: datetime) -> list[DoorError]:
        """Each by itself: one that cannot be read keeps no other from being read and written."""
        troubles: list[DoorError] = []
        for path in paths:
            try:
                self.books.take_over(path, now)
            except DoorError as error:
                troubles.append(error)
        return troubles

    def board(self, campaign: str, now: datetime) -> Board:
        """Everything about one campaign at this instant, read only; raises LookupError for an unknown one."""
        return board_of(gather(self.ledger, self.archive, campaign, now, self.staff), now)

    def _is_rested(self, campaign: str, now: datetime) -> bool:
        written = self.memory.written_at.get(campaign)
        return written is None or not written <= now < written + PAUSE

    def _is_behind(self, campaign: str, mark: Mark, now: datetime) -> bool:
        if self.memory.marks.get(campaign) != mark:
            return True
        return now >= self.memory.turns_at[campaign]

    def _mark(self, now: datetime) -> Mark:
        count = self.ledger.count_letters
        return Mark(
            head=self.ledger.seal(now),
            letters=(count(), count(Stage.REVIEW), count(Stage.ASKED)),
            troubled=tuple((each.id, each.state) for each in self.ledger.dispatches(states=_TROUBLED)),
            stumbles=tuple((e.stage, e.piece, e.tries, e.at) for e in self.ledger.stumbles()),
        )

    def _write_books(self, board: Board, now: datetime) -> list[DoorError]:
        """The campaign's own workbook, the one on top (the only campaign's, or the sum), and 待人工.xlsx."""
        running, books = open_campaigns(self.ledger), self.books
        troubles = books.put(_book_of(board.campaign), self.workbook.ledger(board, depth=2), now)
        alone = today.today_text([board], board.unassigned_letters)
        troubles += self._put(f"台账/{folder_of(board.campaign)}/{today.FILE}", alone)
        troubles += self._keep_calls(board)
        boards = [board if key == board.campaign else self.board(key, now) for key in running]
        loose = count_unassigned(letters_of(self.ledger, *running))
        if running == (board.campaign,):
            troubles += books.put(f"台账/{BOOK}", self.workbook.ledger(board, depth=1), now)
            troubles += self._put(f"台账/{today.FILE}", alone)
        elif boards:
            total = summed(boards, loose, board.head)
            troubles += books.put(f"台账/{BOOK}", self.workbook.ledger(total, depth=1), now)
            troubles += self._put(f"台账/{today.FILE}", today.today_text(boards, loose))
        said = unassigned_words(loose)
        desk = self.workbook.desk(joint_desk(boards), choices_of(boards, self.staff), said)
        return troubles + books.put(DESK_BOOK, desk, now) + books.put_conflicts(now)

    def calls(self, campaign: str, now: datetime) -> Calls:
        """Write 催办电话表.xlsx now; raises DoorError, and LookupError for an unknown campaign."""
        board = self.board(campaign, now)
        path = calls_path(campaign)
        self.exchange.put(path, self.workbook.calls(board))
        return Calls(path, len(to_be_called(board)), len(still_chased(board)))

    def _keep_calls(self, board: Board) -> list[DoorError]:
        """Kept fresh from the day somebody is to be called; a list that is settled must not lie about."""
        path = calls_path(board.campaign)
        if to_be_called(board):
            return self._put(path, self.workbook.calls(board))
        return self._take_away(path)

    def _take_away(self, path: str) -> list[DoorError]:
        if self.memory.kept.get(path) == _GONE:
            return []
        try:
            self.exchange.take_away(path)
        except DoorError as error:
            return [error]
        self.memory.kept[path] = _GONE
        return []

    def _write_tree(self, sources: Sources) -> list[DoorError]:
        """What is not in the tree yet; a file that cannot be read or written keeps no other from it."""
        name = sources.folder
        troubles: list[DoorError] = []
        filed = tree.filing_folders(sources, name)
        for folder in (*tree.pack_folders(sources), *filed, tree.waiting_letters(sources)):
            troubles += self._put_folder(folder)
        for leaf in (*tree.mails(sources, name), *tree.other_mails(sources)):
            if self.memory.kept.get(leaf.path) == leaf.sha256:
                continue
            try:
                self.exchange.put(leaf.path, self.archive.get(leaf.sha256))
            except DoorError as error:
                troubles.append(error)
            else:
                self.memory.kept[leaf.path] = leaf.sha256
        for path in tree.gone_mails(sources):
            troubles += self._take_away(path)
        return troubles

    def _put(self, path: str, data: bytes) -> list[DoorError]:
        """A file that nobody writes into; the same bytes are not written again."""
        print_of = _digest(data)
        if self.memory.kept.get(path) == print_of:
            return []
        try:
            self.exchange.put(path, data)
        except DoorError as error:
            return [error]
        self.memory.kept[path] = print_of
        return []

    def _put_folder(self, folder: tree.Folder) -> list[DoorError]:
        print_of = _digest(repr((sorted(folder.files.items()), folder.note)).encode())
        if self.memory.kept.get(folder.path) == print_of:
            return []
        try:
            files = {name: self.archive.get(sha256) for name, sha256 in folder.files.items()}
            if folder.note:
                files["说明.txt"] = folder.note.encode("utf-8-sig")
            self.exchange.put_folder(folder.path, files)
        except DoorError as error:
            return [error]
        self.memory.kept[folder.path] = print_of
        return []


def folder_of(campaign: str) -> str:
    """The folder of a campaign's workbook: its key, as commands name it."""
    return folder_name(campaign)


def _book_of(campaign: str) -> str:
    return f"台账/{folder_of(campaign)}/{BOOK}"


def calls_path(campaign: str) -> str:
    """Where 催办电话表.xlsx of a campaign lies, within 交换/."""
    return f"台账/{folder_of(campaign)}/{CALLS_BOOK}"


def _turns_at(board: Board) -> datetime:
    """When the board will say something else though nothing happens: the next due instant, or midnight."""
    tomorrow = datetime.combine(board.at.date() + timedelta(days=1), time(0), board.at.tzinfo)
    dues = (row.docket.due_until for row in board.rows)
    return min([tomorrow, *(due for due in dues if due and due > board.at)])


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
