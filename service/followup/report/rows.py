"""台账行 — what the ledger says about one campaign, turned into the rows everybody reads."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from service.followup.report.sources import SENT_WORDS, Sources
from service.followup.report.tree import document_of
from service.office.board import Board, BoardRow, Choices, DeskRow
from service.office.campaign import Item, Obligation
from service.office.deadline import Deadline, carry_words, days_left, in_words
from service.office.dispatch import DispatchState
from service.office.docket import Docket, DocketState, MediumState
from service.office.filing import Filing, counting, in_force
from service.office.finding import Finding, Severity
from service.office.letter import Letter, Stage
from service.office.needs.ledger import (
    Cursor,
)
from service.office.roster import Unit
from service.office.tree_names import short_title

# No holiday of the calendar carries a date further.
CARRIED_DAYS_MAX = 15
# A letter in one of these stages belongs to nobody yet; on a quiet day only REVIEW ever holds any.
_UNSETTLED = {Stage.RECEIVED, Stage.SORTED, Stage.MATCHED, Stage.REVIEW}


def board_rows(sources: Sources, now: datetime) -> tuple[BoardRow, ...]:
    """One row per docket, in the ledger's order."""
    units = {each.unit.key: each.unit for each in sources.standings}
    names = {each.key: each.name for each in sources.items}
    filed: dict[tuple[str, str], list[Filing]] = defaultdict(list)
    for filing in counting(sources.filings):
        filed[filing.unit, filing.item].append(filing)
    contacted = _last_contacts(sources)
    gone = {each.unit.key: {text.lower() for text in each.gone} for each in sources.standings}
    rows = []
    for docket in sources.dockets:
        unit = units.get(docket.unit, Unit(docket.unit, docket.unit))
        key = (docket.unit, docket.item)
        is_extended = is_extended_now(docket, sources)
        deadline = deadline_of(docket, sources.campaign.item(docket.item), sources.zone, is_extended)
        entries = _entries(filed[key])
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
                document=document_of(sources, current),
                paper_on=sources.papers.get(key) if docket.paper is MediumState.RETURNED else None,
                extended_on=_granted(docket, sources) if is_extended else None,
                remark=sources.remarks.get(key, ""),
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


def _granted(docket: Docket, sources: Sources) -> date | None:
    granted = sources.extended.get((docket.unit, docket.item))
    return date.fromisoformat(granted) if granted else None


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
        chased=tuple(row for board in boards for row in board.chased),
        staff=first.staff,
    )


def joint_desk(boards: Sequence[Board]) -> tuple[DeskRow, ...]:
    """What needs a person over several boards; what belongs to no campaign stands once."""
    rows = {(row.campaign, row.kind, row.ref): row for board in reversed(boards) for row in board.desk}
    order = dict.fromkeys((row.campaign, row.kind, row.ref) for board in boards for row in board.desk)
    return tuple(rows[key] for key in order)


def item_labels(
    campaigns: Sequence[tuple[str, str, Sequence[tuple[str, str]]]],
) -> dict[str, tuple[str, str]]:
    """What the drop-down 归到材料 offers → campaign and item; with several campaigns each is named.

    Campaigns are given by key, title, and the keys and names of their items.
    """
    many = len(campaigns) > 1
    labels = [
        (f"{short_title(title)}·{name}" if many else name, (key, item))
        for key, title, items in campaigns
        for item, name in items
    ]
    said = Counter(label for label, _ in labels)
    # Two campaigns of one title are told apart by their keys, as everywhere.
    return {label if said[label] == 1 else f"{label}（{where[0]}）": where for label, where in labels}


def choices_of(boards: Sequence[Board], staff: tuple[str, ...]) -> Choices:
    """What the drop-downs of 待人工.xlsx offer."""
    units = dict.fromkeys(row.unit_name for board in boards for row in board.rows)
    items = item_labels([(board.campaign, board.title, board.item_names) for board in boards])
    return Choices(tuple(units), tuple(items), staff)


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
