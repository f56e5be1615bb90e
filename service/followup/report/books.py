"""台账的读写 — the workbooks that staff save over: read what they wrote first, then write anew."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from service.office.needs.exchange import Exchange
from service.office.needs.ledger import Event, Ledger
from service.office.needs.settling import Settling
from service.office.needs.workbook import Workbook
from service.office.order import REFUSED_EVENT, NotTakenOver, SavedBook
from service.office.outcome import DoorError

# Older ones stay as they lie; they were written while their day was new.
CONFLICTS_FOR = timedelta(days=31)
_TOO_LARGE = "文件过大，没有读取"


@dataclass(slots=True)
class Shelf:
    """What lies where, as this process last saw it; losing it costs one more reading, nothing else."""

    stamps: dict[str, str] = field(default_factory=dict)  # path → the stamp of what was written or read
    kept: dict[str, str] = field(default_factory=dict)  # path → the sha256 of what was written there
    beside: dict[str, str] = field(default_factory=dict)  # path that was open → what was laid beside it


@dataclass(frozen=True, slots=True)
class Books:
    """Every workbook carries in its rows what it said when it was written, so any copy of it can be read."""

    ledger: Ledger
    exchange: Exchange
    workbook: Workbook
    settling: Settling | None
    zone: tzinfo
    shelf: Shelf

    def has_news(self, path: str) -> bool:
        """Whether staff saved it or took it away; nothing is read while somebody has it open."""
        lying = self.exchange.look(path)
        return not lying.is_busy and lying.stamp != self.shelf.stamps.get(path, "")

    def is_freed(self, path: str) -> bool:
        """Whether it seems closed again, and something newer lies beside it."""
        return path in self.shelf.beside and not self.exchange.look(path).is_busy

    def take_over(self, path: str, now: datetime) -> None:
        """Carry out what staff wrote; what cannot be read is laid aside whole and told."""
        lying = self.exchange.look(path)
        if lying.is_busy or lying.stamp == self.shelf.stamps.get(path, ""):
            return
        # Whatever was saved there, the next writing puts the ledger's own words back.
        self.shelf.kept.pop(path, None)
        self.shelf.stamps.pop(path, None)
        if not lying.stamp:
            return
        if self.settling is not None:
            data = self.exchange.saved(path)
            book = self.workbook.edits(data) if data is not None else SavedBook(trouble=_TOO_LARGE)
            if book.trouble and lying.is_fresh:
                return  # it may still be being copied: the next look will tell
            if book.trouble:
                self._lay_aside(self.settling, path, book.trouble, now)
                return
            if book.lines:
                self.settling.settle(book, path, now)
        self.shelf.stamps[path] = lying.stamp

    def put(self, path: str, data: bytes, now: datetime) -> list[DoorError]:
        """Write it anew, or beside it while somebody has it open."""
        print_of = hashlib.sha256(data).hexdigest()
        if self.shelf.kept.get(path) == print_of and path not in self.shelf.beside:
            return []
        try:
            stamp = self.exchange.put_over(path, data, self.shelf.stamps.get(path, ""))
            if stamp is None:
                self._put_beside(path, data, print_of, now)
                return []
            self.shelf.stamps[path], self.shelf.kept[path] = stamp, print_of
            self._clear_siblings(path, now)
            self.shelf.beside.pop(path, None)
        except DoorError as error:
            return [error]
        return []

    def put_conflicts(self, now: datetime) -> list[DoorError]:
        """台账/冲突 <day>.xlsx for every day on which something typed could not be taken over."""
        days: dict[str, list[NotTakenOver]] = {}
        for event in self.ledger.events(kind=REFUSED_EVENT):
            if now - event.at < CONFLICTS_FOR:
                at = event.at.astimezone(self.zone)
                days.setdefault(f"{at:%Y-%m-%d}", []).append(_not_taken_over(event, f"{at:%Y-%m-%d %H:%M}"))
        troubles: list[DoorError] = []
        for day, rows in days.items():
            data = self.workbook.conflicts(day, rows)
            path = f"台账/冲突 {day}.xlsx"
            print_of = hashlib.sha256(data).hexdigest()
            if self.shelf.kept.get(path) == print_of:
                continue
            try:
                self.exchange.put(path, data)
            except DoorError as error:
                troubles.append(error)
            else:
                self.shelf.kept[path] = print_of
        return troubles

    def _lay_aside(self, settling: Settling, path: str, why: str, now: datetime) -> None:
        folder, _, name = path.rpartition("/")
        aside = f"{name.removesuffix('.xlsx')} 读不出 {now.astimezone(self.zone):%Y-%m-%d %H%M%S}.xlsx"
        where = f"{folder}/{aside}" if folder else aside
        settling.settle(SavedBook(trouble=f"{why}。原来的文件改名为 交换/{where}，没有丢"), path, now)
        self.exchange.set_aside(path, aside)

    def _put_beside(self, path: str, data: bytes, print_of: str, now: datetime) -> None:
        if self.shelf.beside.get(path) == print_of:
            return
        self._clear_siblings(path, now)
        beside = f"{path.removesuffix('.xlsx')} {now.astimezone(self.zone):%Y-%m-%d %H%M}.xlsx"
        self.exchange.put(beside, data)
        self.shelf.stamps[beside] = self.exchange.look(beside).stamp
        self.shelf.beside[path] = print_of

    def _clear_siblings(self, path: str, now: datetime) -> None:
        """Take away what lies beside; what staff wrote there meanwhile is taken over first."""
        for sibling in self.exchange.siblings(path):
            self.take_over(sibling, now)
            lying = self.exchange.look(sibling)
            if not lying.is_busy and lying.stamp == self.shelf.stamps.get(sibling, ""):
                self.exchange.take_away(sibling)
                self.shelf.stamps.pop(sibling, None)


def _not_taken_over(event: Event, at: str) -> NotTakenOver:
    about = dict(event.about)
    told: Iterator[str] = (about.get(name, "") for name in ("column", "was", "typed", "now", "by", "why"))
    return NotTakenOver(at, about.get("where", ""), event.campaign, event.unit, event.item, *told)
