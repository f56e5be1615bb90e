"""取数 — the filings in force of one campaign, turned into the rows of 汇总表.xlsx."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from service.followup.rollup.origins import doubt_about
from service.followup.rollup.reading import Reader
from service.office.campaign import Campaign, FormField, Item, Obligation
from service.office.counting import count_words
from service.office.docket import Docket
from service.office.filing import PAPER, Filing, in_force, of_entry, standing
from service.office.frozen import frozen_campaign
from service.office.letter import Stage
from service.office.needs.archive import Archive
from service.office.needs.ledger import CampaignRow, Event, Ledger
from service.office.rollup import CHOSEN_EVENT, Choice, RollCell, RollRow, RollSheet, RowKey
from service.office.roster import Unit
from service.office.tally import OBLIGATION_WORDS
from service.office.tree_names import campaign_folder, filing_folder, named_docs

OUTSIDE = "通讯录以外"
# Rows of one office are remembered between writings; beyond this they are simply read again.
REMEMBERED_MAX = 20_000
# More letters than ever wait at once.
LETTERS_MAX = 200_000
_UNSETTLED = (Stage.RECEIVED, Stage.SORTED, Stage.MATCHED, Stage.REVIEW)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a unit's item: the version in force, every version that stands, and the docket."""

    unit: Unit
    docket: Docket
    current: Filing
    versions: tuple[Filing, ...]

    @property
    def key(self) -> RowKey:
        """Which row this is."""
        return RowKey(self.current.item, self.current.unit, self.current.entry)


@dataclass(frozen=True, slots=True)
class Stock:
    """Everything in force of one campaign, by item in the campaign's order, units in the roster's."""

    row: CampaignRow
    campaign: Campaign
    folder: str  # of the readable archive
    entries: Mapping[str, tuple[Entry, ...]]
    choices: Mapping[RowKey, Choice]
    unassigned_letters: int

    @property
    def zone(self) -> ZoneInfo:
        """The campaign's own."""
        return ZoneInfo(self.row.zone)

    def group(self, entry: Entry) -> str:
        """The group under which a unit stands: the first of its own that the notice names."""
        if entry.unit.is_third_party:
            return OUTSIDE
        named = (each for each in self.campaign.groups if each in entry.unit.groups)
        return next(named, "") or next(iter(entry.unit.groups), "") or OUTSIDE

    def link(self, entry: Entry) -> str:
        """Below the exchange folder: the entry's one file, or the folder of several."""
        item = self.campaign.item(entry.current.item)
        name = item.name if item else entry.current.item
        where = filing_folder(self.folder, name, entry.unit.name, entry.current)
        files = list(named_docs(entry.current))
        return f"{where}/{files[0]}" if len(files) == 1 else where


@dataclass(slots=True)
class Remembered:
    """What was read out of letters for a version; versions never change, so it stays true."""

    cells: dict[tuple[str, RowKey, int], tuple[RollCell, ...]] = field(default_factory=dict)
    words: dict[tuple[str, RowKey, int], int | None] = field(default_factory=dict)


def take_stock(ledger: Ledger, archive: Archive, campaign: str) -> Stock:
    """What is in force now; raises LookupError for an unknown campaign."""
    row = ledger.campaign(campaign)
    if row is None:
        raise LookupError(f"没有已签发的活动“{campaign}”")
    others = (each.title for each in ledger.campaigns() if each.key != campaign)
    return Stock(
        row=row,
        campaign=frozen_campaign(row, archive),
        folder=campaign_folder(campaign, row.title, others),
        entries=_in_force(ledger, campaign),
        choices=choices_of(ledger.events(campaign=campaign, kind=CHOSEN_EVENT)),
        unassigned_letters=_unassigned(ledger, campaign),
    )


def _in_force(ledger: Ledger, campaign: str) -> dict[str, tuple[Entry, ...]]:
    units = {each.unit.key: each.unit for each in ledger.standings(campaign)}
    filed: dict[tuple[str, str], list[Filing]] = defaultdict(list)
    for filing in ledger.filings(campaign):
        filed[filing.unit, filing.item].append(filing)
    found: dict[str, list[Entry]] = defaultdict(list)
    for docket in ledger.dockets(campaign):
        stands = standing(filed[docket.unit, docket.item], docket.returned_at)
        unit = units.get(docket.unit, Unit(docket.unit, docket.unit))
        for number in sorted({each.entry for each in stands}):
            versions = of_entry(stands, number)
            current = in_force(versions)
            if current is not None:
                found[docket.item].append(Entry(unit, docket, current, versions))
    return {item: tuple(entries) for item, entries in found.items()}


def _unassigned(ledger: Ledger, campaign: str) -> int:
    """Letters of this campaign or of none that no unit could be given yet [law 6]."""
    waiting = (each for stage in _UNSETTLED for each in ledger.letters(stage=stage, limit=LETTERS_MAX))
    return sum(each.unit is None and each.campaign in (campaign, None) for each in waiting)


def choices_of(events: Iterable[Event]) -> dict[RowKey, Choice]:
    """What staff said last of each entry."""
    chosen: dict[RowKey, Choice] = {}
    for event in events:
        about = dict(event.about)
        word = {"yes": True, "no": False}.get(about.get("recommended", ""))
        key = RowKey(event.item, event.unit, int(about.get("entry", "1")))
        chosen[key] = Choice(word, about.get("remark", ""))
    return chosen


def sheets_of(stock: Stock, reader: Reader, memory: Remembered) -> tuple[RollSheet, ...]:
    """One sheet an item that anything came for, in the campaign's order."""
    found = []
    for item in stock.campaign.items:
        entries = stock.entries.get(item.key, ())
        if entries:
            rows = tuple(_row(stock, item, each, reader, memory) for each in entries)
            found.append(RollSheet(item.key, item.name, item.fields, item.is_many, rows))
    return tuple(found)


def _row(stock: Stock, item: Item, entry: Entry, reader: Reader, memory: Remembered) -> RollRow:
    current = entry.current
    state, is_doubtful = state_of(item, current)
    return RollRow(
        key=entry.key,
        unit_name=entry.unit.name,
        group=stock.group(entry),
        title=current.title,
        version=current.version,
        received_at=current.received_at.astimezone(stock.zone),
        timely=_timely(entry),
        state=state,
        is_doubtful=is_doubtful,
        cells=_cells(stock, item, entry, reader, memory),
        files=tuple(named_docs(current)),
        link=stock.link(entry),
        words=None if item.fields else _words(stock, entry, reader, memory),
        choice=stock.choices.get(entry.key, Choice()),
    )


def state_of(item: Item, filing: Filing) -> tuple[str, bool]:
    """What stands in the column 状况, and whether a person should look."""
    if filing.is_nil:
        return "零报告", False
    untyped = "，栏目未录入" if item.fields and not filing.fields else ""
    if filing.medium == PAPER:
        return f"纸质件{untyped}", bool(untyped)
    if not filing.is_valid:
        return f"待补正{untyped}", True
    if untyped:
        return f"扫描件或其他文件{untyped}", True
    return "有效", False


def _timely(entry: Entry) -> str:
    """By the first version of this very entry; only what was owed can be late."""
    docket = entry.docket
    if docket.obligation is not Obligation.REQUIRED:
        return OBLIGATION_WORDS[docket.obligation]
    if docket.due_until is None:
        return ""
    first = min(each.received_at for each in entry.versions)
    return "迟报" if first >= docket.due_until + timedelta(days=docket.grace_days) else "按时"


def _cells(
    stock: Stock, item: Item, entry: Entry, reader: Reader, memory: Remembered
) -> tuple[RollCell, ...]:
    known = (stock.row.key, entry.key, entry.current.version)
    if known not in memory.cells:
        if len(memory.cells) >= REMEMBERED_MAX:
            memory.cells.clear()
        values = dict(entry.current.fields)
        memory.cells[known] = tuple(_cell(each, entry, values, reader) for each in item.fields)
    return memory.cells[known]


def _cell(asked: FormField, entry: Entry, values: Mapping[str, str], reader: Reader) -> RollCell:
    value = values.get(asked.key, "")
    if value:
        doubt = doubt_about(entry.current, entry.versions, asked.key, value, reader.matched)
        wrong = reader.wrong(entry.current, asked.label)
        return RollCell(value, "；".join(filter(None, [wrong, doubt])))
    if not values:
        return RollCell("")  # the row's state says that nothing was typed
    return RollCell("", "没有填写" if asked.is_required and not asked.is_unit_name else "")


def _words(stock: Stock, entry: Entry, reader: Reader, memory: Remembered) -> int | None:
    known = (stock.row.key, entry.key, entry.current.version)
    if known not in memory.words:
        if len(memory.words) >= REMEMBERED_MAX:
            memory.words.clear()
        counts = [count_words(text) for text in reader.texts(entry.current)]
        # The same summary as .docx and as sealed .pdf is no longer for that.
        memory.words[known] = max(counts, default=0) or None
    return memory.words[known]
