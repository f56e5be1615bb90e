"""汇总 — all that came put together: 汇总表.xlsx and 汇编.docx kept fresh, what staff chose read back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from service.followup.rollup.compendium import compendium_of, facts_of
from service.followup.rollup.pictures import albums, pictures_of
from service.followup.rollup.reading import Reader
from service.followup.rollup.rows import Remembered, Stock, sheets_of, take_stock
from service.followup.rollup.taking import UNPLACED_EVENT, chosen, records, take, unplaced_of
from service.office.compendium import Compendium
from service.office.frozen import frozen_campaign
from service.office.needs.archive import Archive
from service.office.needs.binding import Binding
from service.office.needs.exchange import Exchange
from service.office.needs.forms import Forms
from service.office.needs.ledger import Ledger
from service.office.needs.press import Press, PressError
from service.office.needs.wording import Words
from service.office.needs.workbook import Workbook
from service.office.outcome import DoorError
from service.office.rollup import (
    BOOK,
    CHOSEN_EVENT,
    COMPENDIUM,
    Choice,
    Returned,
    Rollup,
    RowKey,
    Unplaced,
    books_folder,
)

__all__ = ["RollUp", "chosen", "unplaced"]

# While much is going on, a roll-up is written no more often than this (office time).
PAUSE = timedelta(minutes=1)
# A year after its end nobody sends anything for a campaign, and its books are not looked at again.
LATE_LETTERS_FOR = timedelta(days=366)
UNREADABLE_COPY = "汇总表（读不出，原样留存）.xlsx"

# Joining documents takes longer; what comes meanwhile is joined with the next.
BINDING_PAUSE = timedelta(minutes=10)

_NO_INSTANT = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Memory:
    """What was written since the start; losing it costs one more writing, nothing else."""

    marks: dict[str, str] = field(default_factory=dict)  # campaign → the chain's head and the letters it had
    written_at: dict[str, datetime] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)  # path → what it was made from
    left: dict[str, str] = field(default_factory=dict)  # path → sha256 of the bytes we left there
    seen: dict[str, dict[RowKey, Choice]] = field(default_factory=dict)  # what was taken and not written yet
    bound_marks: dict[str, str] = field(default_factory=dict)
    bound_at: dict[str, datetime] = field(default_factory=dict)
    read: Remembered = field(default_factory=Remembered)


@dataclass(frozen=True, slots=True)
class RollUp:
    """Keeps the roll-up of every campaign in step with the ledger. A piece of work is a campaign."""

    ledger: Ledger
    archive: Archive
    exchange: Exchange
    workbook: Workbook
    forms: Forms
    binding: Binding
    words: Words
    press: Press
    memory: Memory = field(default_factory=Memory)

    name = "rollup"

    def waiting(self, now: datetime) -> Sequence[str]:
        """Campaigns of which something may have changed, or whose workbook somebody has saved."""
        rested = [key for key in self._campaigns(now) if self._is_rested(key, now)]
        if not rested:
            return []
        mark = self._mark(now)
        return [key for key in rested if self._is_behind(key, mark, now) or self._is_saved(key)]

    def _is_behind(self, campaign: str, mark: str, now: datetime) -> bool:
        if self.memory.marks.get(campaign) != mark:
            return True
        return self.memory.bound_marks.get(campaign) != mark and self._may_bind(campaign, now)

    def _campaigns(self, now: datetime) -> Iterator[str]:
        for row in self.ledger.campaigns():
            if row.ended_at is None or now - row.ended_at <= LATE_LETTERS_FOR:
                yield row.key

    def _is_rested(self, campaign: str, now: datetime) -> bool:
        written = self.memory.written_at.get(campaign)
        return written is None or not written <= now < written + PAUSE

    def _mark(self, now: datetime) -> str:
        return f"{self.ledger.seal(now)} {self.ledger.count_letters()}"

    def _is_saved(self, campaign: str) -> bool:
        """Whether other bytes lie there than we left: somebody has typed into it."""
        path = _book(campaign)
        left = self.memory.left.get(path)
        if left is None:
            return False  # nothing was written since the start; then the mark has changed as well
        data = self.exchange.saved(path)
        return data is not None and _digest(data) != left

    def handle(self, campaign: str, now: datetime) -> bool:
        """Read back, then write everything about one campaign; raises the first DoorError at the end."""
        self._write(campaign, now, is_whole=False)
        return False

    def _write(self, campaign: str, now: datetime, *, is_whole: bool) -> None:
        self.memory.written_at[campaign] = now
        troubles = self.take_back(campaign, now)
        mark = self._mark(now)
        stock = take_stock(self.ledger, self.archive, campaign)
        if stock.entries or self.memory.left.get(_book(campaign)):
            troubles += self._write_book(stock, now)
        if is_whole or self._may_bind(campaign, now):
            bound = self._bind(stock, now) + self._sort_pictures(stock)
            troubles += bound
            if not bound:
                self.memory.bound_marks[campaign] = mark
        if troubles:
            raise troubles[0]
        self.memory.marks[campaign] = mark

    def whole(self, campaign: str, now: datetime) -> tuple[str, ...]:
        """At a person's word, everything at once; returns the names of what lies in the campaign's folder."""
        self._write(campaign, now, is_whole=True)
        folder = books_folder(campaign)
        return tuple(
            each for each in (BOOK, COMPENDIUM) if self.exchange.saved(f"{folder}/{each}") is not None
        )

    def rollup(self, stock: Stock, now: datetime) -> Rollup:
        """Everything the workbook shows of what is in force now."""
        key = stock.row.key
        return Rollup(
            campaign=key,
            title=stock.row.title,
            issuer=stock.campaign.issuer,
            at=now.astimezone(stock.zone),
            groups=stock.campaign.groups,
            sheets=sheets_of(stock, self.reader(), self.memory.read),
            unassigned_letters=stock.unassigned_letters,
            unplaced=unplaced(self.ledger, self.archive, key),
        )

    def reader(self) -> Reader:
        """For one writing; it keeps next to nothing."""
        return Reader(self.ledger, self.archive, self.forms)

    def _write_book(self, stock: Stock, now: datetime) -> list[DoorError]:
        path = _book(stock.row.key)
        rollup = self.rollup(stock, now)
        # What it shows besides the instant: the same content is not written again only for being later.
        content = _digest(repr(replace(rollup, at=_NO_INSTANT)).encode())
        is_ours = not self._is_saved(stock.row.key)
        if self.memory.kept.get(path) == content and is_ours:
            return []
        data = self.workbook.rollup(rollup)
        if not is_ours and self.take_back(stock.row.key, now):
            return []  # saved again meanwhile and not readable: nothing of it is written over
        try:
            self.exchange.put(path, data)
        except DoorError as error:
            return [error]
        self.memory.kept[path] = content
        self.memory.left[path] = _digest(data)
        self.memory.seen.clear()
        return []

    def _may_bind(self, campaign: str, now: datetime) -> bool:
        bound = self.memory.bound_at.get(campaign)
        return bound is None or not bound <= now < bound + BINDING_PAUSE

    def _bind(self, stock: Stock, now: datetime) -> list[DoorError]:
        """汇编.docx anew where any summary in force is another one than when it was last written."""
        key = stock.row.key
        self.memory.bound_at[key] = now
        path = f"{books_folder(key)}/{COMPENDIUM}"
        laid_out = compendium_of(stock, self.reader(), "")
        template = self.words.document(COMPENDIUM, key)
        content = _digest(repr((laid_out, template)).encode())
        if self.memory.kept.get(path) == content or not (laid_out.divisions or laid_out.left_out):
            return []
        local = now.astimezone(stock.zone)
        dated = replace(laid_out, as_of=f"{local.year}年{local.month}月{local.day}日")
        try:
            self.exchange.put(path, self._joined(dated, template, f"templates/{key}/{COMPENDIUM}"))
        except PressError as error:
            return [DoorError(error.problem.sentence(), again=False)]
        except DoorError as error:
            return [error]
        self.memory.kept[path] = content
        return []

    def _joined(self, compendium: Compendium, template: bytes | None, name: str) -> bytes:
        """As staff's own template has it, else joined by the binder."""
        if template is None:
            return self.binding.join(compendium, self.archive.get).document
        return self.press.render(template, name, facts_of(compendium, self.reader()))

    def _sort_pictures(self, stock: Stock) -> list[DoorError]:
        """图片/<单位>/, each folder anew where its unit's files are other ones than before."""
        troubles: list[DoorError] = []
        for album in albums(stock):
            content = _digest(repr(album).encode())
            if self.memory.kept.get(album.path) == content:
                continue
            files = pictures_of(album, self.archive, self.binding.pictures)
            try:
                if files or album.path in self.memory.kept:
                    self.exchange.put_folder(album.path, files)
            except DoorError as error:
                troubles.append(error)
                continue
            self.memory.kept[album.path] = content
        return troubles

    def take_back(self, campaign: str, now: datetime) -> list[DoorError]:
        """What staff typed, into the ledger; a file that cannot be read is laid aside whole."""
        troubles: list[DoorError] = []
        # Where the workbook was open, the new one was laid beside it, and may have been typed into as well.
        for path in (_book(campaign), _book(campaign).replace(".xlsx", "(新).xlsx")):
            data = self.exchange.saved(path)
            if data is None or _digest(data) == self.memory.left.get(path):
                continue
            try:
                self._take(campaign, path, self.workbook.returned(data, campaign), now)
            except DoorError as error:
                self.exchange.put(f"{books_folder(campaign)}/{UNREADABLE_COPY}", data)
                troubles.append(error)
            self.memory.left[path] = _digest(data)
            self.memory.kept.pop(_book(campaign), None)
        return troubles

    def _take(self, campaign: str, path: str, returned: Returned, now: datetime) -> None:
        stock = take_stock(self.ledger, self.archive, campaign)
        rows = {each.key for entries in stock.entries.values() for each in entries}
        seen = self.memory.seen.get(path, {})
        # Saved again before we could write: what we saw there last is what it was changed from.
        typed = [
            replace(each, was=seen.get(each.key, each.was)) if each.key else each for each in returned.rows
        ]
        taken = take(typed, rows, stock.choices)
        known = unplaced(self.ledger, self.archive, campaign)
        said = tuple(records(campaign, taken, known, now, returned.saved_by))
        if said:
            self.ledger.apply(said)
        self.memory.seen[path] = {**seen, **taken.choices}


def unplaced(ledger: Ledger, archive: Archive, campaign: str) -> tuple[Unplaced, ...]:
    """What was typed into a campaign's workbook and still waits for a person."""
    row = ledger.campaign(campaign)
    found = ledger.events(campaign=campaign, kind=UNPLACED_EVENT) if row is not None else ()
    if row is None or not found:
        return ()
    items = {each.key: each.name for each in frozen_campaign(row, archive).items}
    made = ledger.events(campaign=campaign, kind=CHOSEN_EVENT)
    return unplaced_of(found, made, items, ZoneInfo(row.zone))


def _book(campaign: str) -> str:
    return f"{books_folder(campaign)}/{BOOK}"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
