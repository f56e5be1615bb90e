"""扫描登记 — scanned paper recorded by the marks on its pages; what was not read is said by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from service.desk.decide.dockets import Via, record
from service.desk.decide.word import Decided, missing_word, refuse
from service.journey import Office
from service.office.docket import MediumState
from service.office.frozen import open_campaign
from service.office.mark import Mark, Scan
from service.office.needs.marks import Marks

_FLAGS = {
    "unreadable": "文件打不开，请用 PDF、JPG、PNG 或 TIFF",
    "too-large": "图片过大，没有打开，请用 200–300 dpi 扫描",
    "too-many-pages": "页数太多，后面的没有看，请分成几个文件",
    "timed-out": "看得太久，后面的没有看，请分成几个文件",
}


@dataclass(frozen=True, slots=True)
class Given:
    """What the clerk wrote besides the scan; it must agree with every mark."""

    campaign: str = ""
    unit: str = ""
    item: str = ""

    @property
    def is_whole(self) -> bool:
        """Enough to record by hand."""
        return bool(self.campaign and self.unit and self.item)


@dataclass(frozen=True, slots=True)
class _Pile:
    """Pages of one unit and item, counted from 1."""

    place: Given
    pages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Sorted:
    """A stack sorted: piles, and sentences about pages that are in none."""

    piles: tuple[_Pile, ...]
    unread: tuple[str, ...]


def record_scan(
    office: Office,
    scan: Scan,
    file: tuple[str, bytes],
    *,
    marks: Marks,
    given: Given,
    on: date,
    by: str,
    reason: str,
    now: datetime,
) -> tuple[Decided, ...]:
    """Each unit's pages recorded as paper for its item; one answer a pile, and one for each page left over.

    The whole scan is kept in the archive first, whatever comes of it. Where a mark contradicts what was
    given, nothing is recorded.
    """
    if refused := missing_word(office, by, reason):
        return (refuse(refused),)
    name, data = file
    office.doors.archive.put(data)
    found = _sorted(office, scan, given)
    if isinstance(found, Decided):
        return (found,)
    told = [refuse(_FLAGS.get(flag, flag)) for flag in scan.flags]
    if not found.piles and not scan.marks:
        if not given.is_whole:
            say = "没有读出方码，没有登记：请写明是谁的（record 活动 单位 材料 --scan …）"
            return (*told, refuse(say))
        everything = tuple(page.number for page in scan.pages)
        found = _Sorted((_Pile(given, everything),), ())
    for pile in found.piles:
        whole = not pile.pages or len(pile.pages) == len(scan.pages)
        part = file if whole else marks.cut(data, name, pile.pages)
        told.append(_record(office, pile, part, on=on, by=by, reason=reason, now=now))
    return (*told, *(refuse(each) for each in found.unread))


def _record(
    office: Office, pile: _Pile, part: tuple[str, bytes], *, on: date, by: str, reason: str, now: datetime
) -> Decided:
    place = pile.place
    sha256 = office.doors.archive.put(part[1])
    known = office.doors.ledger.filings(place.campaign, place.unit, place.item)
    if any(doc.sha256 == sha256 for filing in known for doc in filing.docs):
        return Decided(
            True, f"{_pages(pile.pages)}{place.unit}“{place.item}”：这份扫描件已经登记过，没有重复登记"
        )
    done = record(
        office,
        place.campaign,
        place.unit,
        place.item,
        via=Via.PAPER,
        on=on,
        by=by,
        reason=reason,
        now=now,
        files=[part],
        is_scanned=True,
    )
    return Decided(done.is_done, f"{_pages(pile.pages)}{done.say}")


def _sorted(office: Office, scan: Scan, given: Given) -> _Sorted | Decided:
    """Pages by the marks on them.

    Unmarked pages go along with a cover slip before them. After a form they do not: the next form's mark may
    only have been illegible, and its unit must not be taken for missing.
    """
    piles: dict[Given, list[int]] = {}
    unread: list[str] = []
    covered: Given | None = None
    for page in scan.pages:
        if not page.marks:
            if covered is not None:
                piles[covered].append(page.number)
            elif scan.marks:
                unread.append(f"第{page.number}页没有读出方码，没有登记，请核对后用 record 逐份登记")
            continue
        covered = None
        for mark in page.marks:
            place = _place(office, mark, given)
            if isinstance(place, str):
                unread.append(f"第{page.number}页：{place}")
                continue
            if _differs(place, given):
                theirs = f"{place.unit}“{place.item}”（{place.campaign}）"
                return refuse(f"第{page.number}页的方码是{theirs}的，与填写的不一致，都没有登记，请核对")
            piles.setdefault(place, []).append(page.number)
            covered = place if not mark.item else None
    return _Sorted(tuple(_Pile(place, tuple(pages)) for place, pages in piles.items()), tuple(unread))


def _place(office: Office, mark: Mark, given: Given) -> Given | str:
    """Whose a mark is, or why it cannot be said."""
    whose = office.doors.ledger.whose_code(mark.code)
    if whose is None:
        return f"方码中的编号 {mark.code} 不在台账中，没有登记"
    campaign, unit = whose
    unit = unit or (given.unit if given.campaign == campaign else "")
    if not unit:
        return f"编号 {mark.code} 是公开版的，看不出单位，请写明单位后再登记"
    item = mark.item or given.item or _only_item(office, campaign, unit)
    facts = open_campaign(campaign, office.doors.ledger, office.doors.archive)
    if not item or facts is None or facts.item(item) is None:
        return f"{unit}要报的不止一项，看不出是哪一项，请写明材料后再登记（封面不带材料名）"
    return Given(campaign, unit, item)


def _only_item(office: Office, campaign: str, unit: str) -> str:
    """The item that a cover slip can only be for: the one whose paper is awaited, else the only one."""
    dockets = office.doors.ledger.dockets(campaign, unit)
    awaited = [each.item for each in dockets if each.paper is MediumState.AWAITED]
    asked = awaited or [each.item for each in dockets]
    return asked[0] if len(asked) == 1 else ""


def _differs(place: Given, given: Given) -> bool:
    pairs = ((place.campaign, given.campaign), (place.unit, given.unit), (place.item, given.item))
    return any(wanted and found != wanted for found, wanted in pairs)


def _pages(pages: Sequence[int]) -> str:
    return f"第{'、'.join(map(str, pages))}页，" if pages else ""
