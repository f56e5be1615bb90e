"""台账行 — what the ledger says about one campaign, turned into the rows everybody reads."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from service.office.board import AddressRow, Board, BoardRow, DeskRow
from service.office.campaign import Campaign, Item, Obligation
from service.office.change import ItemRow
from service.office.content import Enclosure
from service.office.deadline import Deadline, carry_words, days_left, in_words
from service.office.dispatch import Dispatch, DispatchKind, DispatchState
from service.office.docket import Docket, DocketState
from service.office.filing import Filing, in_force
from service.office.finding import Finding, Severity
from service.office.ladder import Climbs, PaperCopy
from service.office.letter import Letter, Link, Stage
from service.office.needs.ledger import (
    CampaignRow,
    ConfirmedSender,
    Cursor,
    PauseRow,
    Standing,
    StumbleRow,
)
from service.office.roster import Unit

SENT_WORDS = {
    DispatchKind.NOTICE: "通知",
    DispatchKind.COPY: "抄送",
    DispatchKind.REMINDER: "催办",
    DispatchKind.RECEIPT: "回执",
    DispatchKind.CORRECTION: "补正",
    DispatchKind.REPORT: "汇总",
    DispatchKind.SUPPLEMENT: "补充通知",
    DispatchKind.AMENDMENT: "更正通知",
    DispatchKind.WITHDRAWAL: "撤回通知",
    DispatchKind.APPROVAL: "送签",
    DispatchKind.CANARY: "自检信",
    DispatchKind.URGING: "催报函",
}

_NOTICE = re.compile(
    r".{0,40}?关于(?:组织|做好|积极|认真)*(?:开展|举办|报送)?(.{4,}?)(?:有关工作|工作)?的(?:通知|函)"
)

# No holiday of the calendar carries a date further.
CARRIED_DAYS_MAX = 15
# A letter in one of these stages belongs to nobody yet; on a quiet day only REVIEW ever holds any.
_UNSETTLED = {Stage.RECEIVED, Stage.SORTED, Stage.MATCHED, Stage.REVIEW}


@dataclass(frozen=True, slots=True)
class Pack:
    """What a unit without mail is to be handed, and since when it is signed."""

    at: datetime
    enclosures: tuple[Enclosure, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A unit was told otherwise than by mail: when that was written down, and how in words."""

    at: datetime
    say: str


@dataclass(frozen=True, slots=True)
class Sources:
    """What the ledger and the archive say about one campaign; `letters` also has those of no campaign yet.

    `findings` and `links` are by letter id; letters without any may be left out. `sealed` are letters that
    were once refused as 密级, whatever became of them since.
    """

    row: CampaignRow
    campaign: Campaign
    items: tuple[ItemRow, ...]
    standings: tuple[Standing, ...]
    dockets: tuple[Docket, ...]
    filings: tuple[Filing, ...] = ()
    dispatches: tuple[Dispatch, ...] = ()
    letters: tuple[Letter, ...] = ()
    findings: Mapping[int, tuple[Finding, ...]] = field(default_factory=dict)
    links: Mapping[int, tuple[Link, ...]] = field(default_factory=dict)
    stumbles: tuple[StumbleRow, ...] = ()
    cursors: tuple[Cursor, ...] = ()
    open_campaigns: int = 1
    sealed: frozenset[int] = frozenset()
    settled: frozenset[int] = frozenset()  # letters a clerk has dealt with
    asked_beside: frozenset[int] = frozenset()  # returns whose words also ask something
    is_corrected: bool = False  # a release after the first may have changed dates for all
    extended: Mapping[tuple[str, str], str] = field(default_factory=dict)  # (unit, item) → day granted
    calls: Mapping[str, datetime] = field(default_factory=dict)  # unit → when a call fell due
    delivered: Mapping[str, Told] = field(default_factory=dict)  # unit → how it was told otherwise
    packs: Mapping[str, Pack] = field(default_factory=dict)  # unit → what to print
    pauses: tuple[PauseRow, ...] = ()
    confirmed: tuple[ConfirmedSender, ...] = ()  # addresses that clerks confirmed for units
    copies: Mapping[str, PaperCopy] = field(default_factory=dict)  # unit → its letter, to be handed on
    climbs: Climbs = field(default_factory=dict)  # how far chasing what is overdue has climbed

    @property
    def zone(self) -> ZoneInfo:
        """The campaign's own time zone; every date people see is in it."""
        return ZoneInfo(self.row.zone)

    def unit_name(self, key: str) -> str:
        """The name people know a unit by; a key that is on no roster stands for itself."""
        return next((each.unit.name for each in self.standings if each.unit.key == key), key)

    def item_name(self, key: str) -> str:
        """The item's name; a key nobody named stands for itself."""
        return next((each.name for each in self.items if each.key == key), key)


def board_rows(sources: Sources, now: datetime) -> tuple[BoardRow, ...]:
    """One row per docket, in the ledger's order."""
    units = {each.unit.key: each.unit for each in sources.standings}
    names = {each.key: each.name for each in sources.items}
    filed: dict[tuple[str, str], list[Filing]] = defaultdict(list)
    for filing in sources.filings:
        filed[filing.unit, filing.item].append(filing)
    contacted = _last_contacts(sources)
    gone = {each.unit.key: {text.lower() for text in each.gone} for each in sources.standings}
    rows = []
    for docket in sources.dockets:
        unit = units.get(docket.unit, Unit(docket.unit, docket.unit))
        is_extended = is_extended_now(docket, sources)
        deadline = deadline_of(docket, sources.campaign.item(docket.item), sources.zone, is_extended)
        entries = _entries(filed[docket.unit, docket.item])
        current = [kept for each in entries if (kept := in_force(each))]
        rows.append(
            BoardRow(
                docket=docket,
                unit_name=unit.name,
                item_name=names.get(docket.item, docket.item),
                parent=unit.parent,
                groups=unit.groups,
                due_words=_due_words(docket, deadline, sources.zone, is_extended),
                is_overdue=docket.is_overdue(now),
                days_left=days_left(now, deadline, sources.zone) if deadline else None,
                files=tuple(doc.name for filing in current for doc in filing.docs),
                findings=_remarks(docket, entries, sources),
                contact=contact_of(unit),
                addresses=tuple(map(str, unit.addresses)),
                last_contact=contacted.get(docket.unit, ""),
                entry_titles=tuple(filing.title for filing in current if filing.title),
                climb=sources.climbs.get((docket.unit, docket.item)),
                has_mail=any(each.key not in gone.get(docket.unit, ()) for each in unit.addresses),
            )
        )
    return tuple(rows)


def is_extended_now(docket: Docket, sources: Sources) -> bool:
    """Whether it stands under a date granted to its unit, and not under one that all were given."""
    if not sources.is_corrected:
        return docket.due_rev > 0
    granted = sources.extended.get((docket.unit, docket.item))
    if granted is None or docket.due_until is None:
        return False
    # Granted days count whole; 顺延 may have carried them on, and a later correction past them.
    last = (docket.due_until - timedelta(seconds=1)).astimezone(sources.zone).date()
    return 0 <= (last - date.fromisoformat(granted)).days <= CARRIED_DAYS_MAX


def deadline_of(
    docket: Docket, item: Item | None, zone: ZoneInfo, is_extended: bool | None = None
) -> Deadline | None:
    """The deadline a docket stands under now; an extended one forgets the date of the notice."""
    if is_extended is None:
        is_extended = docket.due_rev > 0
    if docket.due_until is None:
        return None
    end = docket.due_until.astimezone(zone)
    is_whole_day = (end.hour, end.minute, end.second) == (0, 0, 0)
    shown = (docket.due_until - timedelta(seconds=1)).astimezone(zone)
    counted_on = shown.date() if is_whole_day else end.date()
    written = item.due.on if item and item.due and not is_extended else counted_on
    return Deadline(written, counted_on, docket.due_until, shown, is_whole_day)


def address_rows(
    standings: Sequence[Standing], confirmed: Sequence[ConfirmedSender] = ()
) -> tuple[AddressRow, ...]:
    """The address book of a campaign: one line per address, and one for whoever has none.

    Addresses that a clerk confirmed follow those of the unit's roster line.
    """
    rows = []
    learned: dict[str, list[ConfirmedSender]] = {}
    for each in confirmed:
        learned.setdefault(each.unit, []).append(each)
    for standing in standings:
        unit = standing.unit
        gone = {each.lower() for each in standing.gone}
        about = (unit.name, "、".join(unit.groups), unit.parent)
        for contact in unit.contacts:
            for address in contact.addresses:
                state = "邮箱不存在" if address.key in gone else "正常"
                rows.append(AddressRow(*about, contact.name, contact.phone, str(address), state))
            if not contact.addresses:
                rows.append(AddressRow(*about, contact.name, contact.phone, "", "没有邮箱"))
        if not unit.contacts:
            rows.append(AddressRow(*about, "", "", "", "没有联系人"))
        for sender in learned.get(unit.key, ()):
            rows.append(AddressRow(*about, "", "", sender.address, f"名册外，{sender.by}确认"))
    return tuple(rows)


def count_unassigned(letters: Sequence[Letter]) -> int:
    """Letters that no unit could be given yet; while there are any, every list says how many [law 6]."""
    return sum(letter.unit is None and letter.stage in _UNSETTLED for letter in letters)


def last_read(cursors: Sequence[Cursor]) -> datetime | None:
    """Since when at the latest every watched box has been read; None when none ever was."""
    return min((each.read_at for each in cursors if each.read_at), default=None)


def summed(boards: Sequence[Board], unassigned: int, head: str) -> Board:
    """Several campaigns as one board: each item carries its campaign's title, shared desk rows stand once.

    `unassigned` is counted anew, for a letter of no campaign stands on every board.
    """
    first = boards[0]
    rows: list[BoardRow] = []
    for board in boards:
        name = short_title(board.title)
        rows += [replace(row, item_name=f"{name}·{row.item_name}") for row in board.rows]
    return Board(
        campaign="",
        title=f"全部活动（{len(boards)}项）",
        issuer=first.issuer,
        at=first.at,
        rows=tuple(rows),
        desk=joint_desk(boards),
        addresses=tuple(dict.fromkeys(row for board in boards for row in board.addresses)),
        unassigned_letters=unassigned,
        mailbox_read_at=first.mailbox_read_at,
        item_names=tuple(
            (key, f"{short_title(each.title)}·{name}") for each in boards for key, name in each.item_names
        ),
        head=head,
    )


def short_title(title: str) -> str:
    """某局关于开展甲活动的通知 is called 甲活动, as people say it; any other title stays whole."""
    found = _NOTICE.fullmatch(title.strip())
    return found[1] if found else title


def joint_desk(boards: Sequence[Board]) -> tuple[DeskRow, ...]:
    """What needs a person over several boards; what belongs to no campaign stands once."""
    rows = {(row.campaign, row.kind, row.ref): row for board in reversed(boards) for row in board.desk}
    order = dict.fromkeys((row.campaign, row.kind, row.ref) for board in boards for row in board.desk)
    return tuple(rows[key] for key in order)


def _due_words(docket: Docket, deadline: Deadline | None, zone: ZoneInfo, is_extended: bool) -> str:
    if deadline is None:
        return "随时报" if docket.obligation is Obligation.ROLLING else "不限期"
    changed = "已延期" if is_extended else "已更正" if docket.due_rev else ""
    remarks = [carry_words(deadline), changed]
    return "，".join([in_words(deadline, zone), *filter(None, remarks)])


def _entries(filings: list[Filing]) -> list[tuple[Filing, ...]]:
    numbers = sorted({filing.entry for filing in filings})
    return [tuple(each for each in filings if each.entry == number) for number in numbers]


def _remarks(docket: Docket, entries: list[tuple[Filing, ...]], sources: Sources) -> tuple[str, ...]:
    """What stands against the newest version of every entry, what must be mended first."""
    newest = [max(each, key=lambda filing: filing.version).letter for each in entries]
    found = [finding for letter in newest if letter for finding in _about(docket.item, letter, sources)]
    if not entries and docket.state is DocketState.NEEDS_CORRECTION:
        answers = (
            _about(docket.item, each.id, sources)
            for each in reversed(sources.letters)
            if each.unit == docket.unit
        )
        found = next(filter(None, answers), [])
    must = [each.say for each in found if each.severity is Severity.MUST]
    advice = [f"建议：{each.say}" for each in found if each.severity is Severity.ADVICE]
    return tuple(dict.fromkeys(must + advice))


def _about(item: str, letter: int, sources: Sources) -> list[Finding]:
    return [each for each in sources.findings.get(letter, ()) if each.item in (item, None)]


def contact_of(unit: Unit) -> str:
    """Name and telephone of whom to call."""
    reachable = next((each for each in unit.contacts if each.phone), None)
    contact = reachable or next(iter(unit.contacts), None)
    return f"{contact.name} {contact.phone}".strip() if contact else ""


def _last_contacts(sources: Sources) -> dict[str, str]:
    """What each unit was last sent, and on which day."""
    sent = [each for each in sources.dispatches if each.state is DispatchState.SENT and each.sent_at]
    words: dict[str, str] = {}
    for each in sorted(sent, key=lambda dispatch: (dispatch.sent_at or dispatch.due_at, dispatch.id)):
        on = (each.sent_at or each.due_at).astimezone(sources.zone).date()
        words[each.unit] = f"{_short(on)} {SENT_WORDS[each.kind]}"
    return words


def _short(day: date) -> str:
    return f"{day.month}月{day.day}日"
