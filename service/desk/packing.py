"""报送 — the chosen works put together for handing upward: files by unit, index, fingerprints, letter."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from service.followup.rollup.rows import Entry, Stock, state_of, take_stock
from service.journey import Office
from service.office.campaign import Item
from service.office.facts import campaign_facts, date_words
from service.office.needs.press import Value
from service.office.outcome import DoorError
from service.office.parcel import ParcelFile, ParcelRow, checksums
from service.office.rollup import COVER_LETTER, Choice
from service.office.tree_names import folder_name, named_docs, short_title

INDEX, SUMS, FOLDER = "目录.xlsx", "SHA256SUMS", "材料"


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is to be written; files are read from the archive one at a time, when their turn comes."""

    rows: tuple[ParcelRow, ...]
    made: tuple[tuple[str, bytes], ...]  # index and letter
    office: Office

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Path and bytes of everything, the fingerprints last; raises DoorError for a lost file."""
        sums = [(name, hashlib.sha256(data).hexdigest()) for name, data in self.made]
        yield from self.made
        for file in (each for row in self.rows for each in row.files):
            yield file.path, self.office.doors.archive.get(file.sha256)
            sums.append((file.path, file.sha256))
        yield SUMS, checksums(sums)


def packed(office: Office, campaign: str, *, is_selected: bool, to: str, now: datetime) -> Parcel:
    """The parcel of all works in force, or of those that staff recommended."""
    stock = take_stock(office.doors.ledger, office.doors.archive, campaign)
    rows = tuple(_rows(stock, is_selected))
    local = now.astimezone(stock.zone)
    title = f"{short_title(stock.row.title)}{'推荐材料' if is_selected else '材料'}"
    index = office.doors.workbook.index(title, rows, local)
    letter = _letter(office, stock, rows, is_selected=is_selected, to=to, now=local) if rows else b""
    return Parcel(rows, ((INDEX, index), (COVER_LETTER, letter)), office)


def _rows(stock: Stock, is_selected: bool) -> Iterator[ParcelRow]:
    for item in stock.campaign.items:
        for entry in stock.entries.get(item.key, ()):
            choice = stock.choices.get(entry.key, Choice())
            if choice.recommended is True or not is_selected:
                yield _row(stock, item, entry, choice)


def _row(stock: Stock, item: Item, entry: Entry, choice: Choice) -> ParcelRow:
    current = entry.current
    number = f" 第{current.entry}件" if item.is_many else ""
    named = folder_name(f"{item.name}{number} {current.title}".strip())
    place = f"{FOLDER}/{folder_name(entry.unit.name)}/{named}"
    sizes = {doc.sha256: doc.size for doc in current.docs}
    return ParcelRow(
        item_name=item.name,
        unit_name=entry.unit.name,
        group=stock.group(entry),
        entry=current.entry,
        title=current.title,
        state=state_of(item, current)[0],
        remark=choice.remark,
        files=tuple(
            ParcelFile(f"{place}/{name}", sha256, sizes.get(sha256, 0))
            for name, sha256 in named_docs(current).items()
        ),
    )


def _letter(
    office: Office, stock: Stock, rows: tuple[ParcelRow, ...], *, is_selected: bool, to: str, now: datetime
) -> bytes:
    template = office.doors.words.document(COVER_LETTER, stock.row.key)
    if template is None:
        raise DoorError(f"没有 {COVER_LETTER} 的模板", again=False)
    said = campaign_facts(stock.campaign, office.policy.calendar, stock.zone)
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.item_name] = counts.get(row.item_name, 0) + 1
    items: list[Value] = [{"name": name, "count": count} for name, count in counts.items()]
    works: list[Value] = [
        {"item": row.item_name, "unit": row.unit_name, "title": row.title, "remark": row.remark}
        for row in rows
    ]
    facts: dict[str, Value] = {
        "campaign": {**said, "short_title": short_title(stock.row.title)},
        "contacts": said["contacts"],
        "to": to.strip(),
        "is_selected": is_selected,
        "total": len(rows),
        "files": sum(len(row.files) for row in rows),
        "items": items,
        "works": works,
        "date": date_words(now.date()),
    }
    return office.doors.press.render(template, COVER_LETTER, facts)
