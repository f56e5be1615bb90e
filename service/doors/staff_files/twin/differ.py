"""Where campaign.yaml and 活动.xlsx say different things: field by field, with both values and places."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from service.doors.staff_files.page import Cell, Rows, Table, Word
from service.doors.staff_files.twin.layout import (
    BOOK_FILE,
    FACTS,
    FACTS_SHEET,
    PAGE_FILE,
    SHEETS,
    Column,
    Kind,
)
from service.doors.staff_files.twin.written import Branch, Node, written
from service.office.campaign import Campaign
from service.office.finding import Problem

Path = tuple[str, ...]
# A folder whose files tell of two campaigns needs no list of every line.
DIFFERENCES_MAX = 60
ORDER = "顺序"
_IDENTITIES = ("key", "file", "name", "title", "groups")
_NOTHING = "（没有写）"
_COLUMNS = {FACTS_SHEET: FACTS, **{each.key: each.columns for each in SHEETS}}
_SHEET_NAMES = {each.key: each.name for each in SHEETS}


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two files: what it says, and where."""

    campaign: Campaign
    table: Table
    place: Callable[[int], str]


def differences(page: Side, book: Side, folder: str, key: str) -> tuple[Problem, ...]:
    """Every disagreement as a problem of campaign.yaml, and the remedy once; nothing when they agree."""
    here, there = dict(_flat(written(page.campaign))), dict(_flat(written(book.campaign)))
    found = [
        _problem(path, here, there, page, book, folder)
        for path in dict.fromkeys((*here, *there))
        if here.get(path) != there.get(path) and not _is_inside_a_missing_row(path, here, there)
    ]
    if not found:
        return ()
    more = len(found) - DIFFERENCES_MAX
    if more > 0:
        found = found[:DIFFERENCES_MAX]
    rest = f"（还有 {more} 处没有列出）" if more > 0 else ""
    say = (
        f"{PAGE_FILE} 与 {BOOK_FILE} 有 {len(found)} 处不一致{rest}，改成一样之前不起草任何通知；"
        f"以其中一份为准，请运行 new {key} --sync --keep yaml（或 --keep xlsx）"
    )
    return (*found, Problem(folder, "", say, code="twins-differ"))


def _flat(node: Branch, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    for key, value in node.items():
        if isinstance(value, dict):
            yield from _flat(value, (*path, key))
        elif isinstance(value, list) and (not value or isinstance(value[0], dict)):
            yield from _flat_rows(value, (*path, key))
        else:
            yield (*path, key), value


def _flat_rows(rows: list[Node], path: Path) -> Iterator[tuple[Path, Node]]:
    names = identities([row for row in rows if isinstance(row, dict)])
    yield (*path, ORDER), "、".join(names)
    for name, row in zip(names, rows, strict=True):
        if isinstance(row, dict):
            yield (*path, name), True
            yield from _flat(row, (*path, name))


def identities(rows: list[Branch]) -> list[str]:
    """A name for each row: its key, file or name; a second of the same name is 甲#2."""
    seen: dict[str, int] = {}
    found: list[str] = []
    for row in rows:
        said = next((row[each] for each in _IDENTITIES if each in row), "")
        name = "、".join(map(str, said)) if isinstance(said, list) else str(said)
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return found


def _is_inside_a_missing_row(path: Path, here: Mapping[Path, Node], there: Mapping[Path, Node]) -> bool:
    """A row that one side lacks is said once, and so is the order where rows are missing."""
    for length in range(2, len(path)):
        over = path[:length]
        if (here.get(over) is True) != (there.get(over) is True):
            return True
    if path[-1] != ORDER:
        return False
    rows = {each for side in (here, there) for each in side if each[:-1] == path[:-1] and side[each] is True}
    return any((each in here) != (each in there) for each in rows) or path not in here or path not in there


def _problem(
    path: Path, here: Mapping[Path, Node], there: Mapping[Path, Node], page: Side, book: Side, folder: str
) -> Problem:
    line = _line(page.table, path)
    on_page = page.place(line)
    in_book = book.place(_line(book.table, path)).strip()
    what = _what(path)
    if here.get(path) is True and path not in there and _is_row(path):
        say = f"{what}只写在这里，{BOOK_FILE} {in_book}没有"
    elif there.get(path) is True and path not in here and _is_row(path):
        say = f"{what}只写在 {BOOK_FILE} {in_book}，这里没有"
    else:
        mine, other = _shown(here.get(path), path), _shown(there.get(path), path)
        say = f"{what}不一致：这里是“{mine}”，{BOOK_FILE} {in_book} 是“{other}”"
    return Problem(f"{folder}/{PAGE_FILE}", on_page, say, code="twins-differ", line=line)


def _is_row(path: Path) -> bool:
    return len(path) in (2, 4) and path[0] in _SHEET_NAMES


def _what(path: Path) -> str:
    """材料“summary”的“截止日期”."""
    words = ""
    sheet = FACTS_SHEET
    rest = path
    while rest and rest[0] in _SHEET_NAMES:
        sheet = rest[0]
        if len(rest) == 1:
            return words + f"“{_SHEET_NAMES[sheet]}”"
        if rest[1] == ORDER:
            return words + f"“{_SHEET_NAMES[sheet]}”的{ORDER}"
        words += f"{_SHEET_NAMES[sheet]}“{rest[1]}”的"
        rest = rest[2:]
    if not rest:
        return words.removesuffix("的")
    column = _column(sheet, rest)
    return f"{words}“{column.heading if column else '.'.join(rest)}”（{'.'.join(rest)}）"


def _column(sheet: str, rest: Path) -> Column | None:
    return next((each for each in _COLUMNS[sheet] if each.key == ".".join(rest)), None)


def _shown(value: Node | None, path: Path) -> str:
    if value is None:
        column = next(
            (each for columns in _COLUMNS.values() for each in columns if each.key == path[-1]), None
        )
        # What is not written may still hold: a flag has its other value.
        return "没有写，用默认的" if column and column.kind is Kind.FLAG else _NOTHING
    if isinstance(value, bool):
        return "是" if value else "否"
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)


def _line(cell: Cell, path: Path) -> int:
    """The line of the value, or of the nearest thing above it that is written."""
    line = cell.line
    for index, part in enumerate(path):
        if isinstance(cell, Table) and part in cell.entries:
            line, cell = cell.entries[part].line, cell.entries[part].cell
        elif isinstance(cell, Rows) and part != ORDER:
            row = _row(cell, part)
            if row is None:
                return line
            line, cell = row.line, row
        else:
            return line if index else cell.line
    return line


def _row(rows: Rows, name: str) -> Table | None:
    tables = [each for each in rows.rows if isinstance(each, Table)]
    names = identities([_identity(each) for each in tables])
    return next((table for table, each in zip(tables, names, strict=True) if each == name), None)


def _identity(table: Table) -> Branch:
    found: Branch = {}
    for key in _IDENTITIES:
        cell = table.entries[key].cell if key in table.entries else None
        if isinstance(cell, Word) and not cell.is_empty:
            found[key] = cell.text.strip()
        elif isinstance(cell, Rows):
            found[key] = [each.text.strip() for each in cell.rows if isinstance(each, Word)]
    return found
