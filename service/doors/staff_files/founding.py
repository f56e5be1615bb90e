"""A new campaign out of the few facts that somebody wrote down: what they left out is filled in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from service.doors.staff_files.campaigns import read_table
from service.doors.staff_files.page import Cell, Entry, Rows, Table, Word, read_page
from service.doors.staff_files.twin.book_out import book_of
from service.doors.staff_files.twin.layout import BOOK_FILE, PAGE_FILE
from service.doors.staff_files.twin.page_out import page_changed, page_of
from service.doors.staff_files.twin.written import written
from service.office.needs.staff_files import CampaignReading
from service.office.roster import Roster

NOTICE_FILE = "notice.docx"
# Labels that every form has, and the keys they go by.
_FIELD_KEYS = {
    "报送单位": "unit",
    "单位名称": "unit",
    "填报单位": "unit",
    "联系人": "contact",
    "联系电话": "phone",
    "电话": "phone",
    "手机": "mobile",
    "电子邮箱": "email",
    "邮箱": "email",
    "作品名称": "title",
    "案例名称": "title",
    "项目名称": "title",
    "姓名": "name",
    "职务": "post",
    "备注": "note",
}
_UNIT_LABELS = ("报送单位", "单位名称", "填报单位")


@dataclass(frozen=True, slots=True)
class Facts:
    """What somebody wrote: the page, its name as they know it, the files that lie beside it."""

    page: bytes
    file: str
    beside: Mapping[str, bytes]
    issuer: str  # who sends where the facts do not say
    is_letter: bool | None = None  # None: as the facts say
    is_asked: bool = False  # nobody's own page, so a fresh one is written


@dataclass(frozen=True, slots=True)
class Founded:
    """The campaign with its problems, and the two files that state it; no files where it is refused."""

    reading: CampaignReading
    files: Mapping[str, bytes]


def found_campaign(key: str, facts: Facts, roster: Roster | None) -> Founded:
    """Read, fill in, and state in campaign.yaml and 活动.xlsx; sentences name the lines of the facts."""
    table, problems = read_page(facts.page, facts.file)
    if table is None:
        return Founded(CampaignReading(None, problems), {})
    before = read_table(key, table, facts.file, problems, facts.beside, roster).campaign
    _complete(table, facts)
    # Word files that are not there yet are laid out afterwards.
    promised = {name: b"PK" for name in _word_files(table)}
    files = {**promised, **facts.beside}
    reading = read_table(key, table, facts.file, problems, files, roster)
    campaign = reading.campaign
    if campaign is None or any(each.is_error for each in reading.problems):
        return Founded(CampaignReading(None, reading.problems), {})

    def understands(page: bytes) -> bool:
        again, faults = read_page(page, PAGE_FILE)
        if again is None or faults:
            return False
        said = read_table(key, again, PAGE_FILE, (), files, roster)
        return said.campaign is not None and written(said.campaign) == written(campaign)

    page = page_of(campaign) if facts.is_asked else page_changed(facts.page, before, campaign, understands)
    return Founded(reading, {PAGE_FILE: page, BOOK_FILE: book_of(campaign)})


def wants_requirements(item: Table) -> bool:
    """Whether what is asked of an item takes more words than a line of the notice has room for."""
    if _text(item, "kind") != "form":
        return False
    return any(_is_there(item, key) for key in ("many", "length", "sections", "pictures"))


# --- filling in -----------------------------------------------------------------------------------


def _complete(table: Table, facts: Facts) -> None:
    _give(table, "issuer", facts.issuer)
    if facts.is_letter is not None:
        line = table.entries["letter_format"].line if "letter_format" in table.entries else table.line
        table.entries["letter_format"] = Entry(line, Word("true" if facts.is_letter else "false", line))
    groups = _words(table, "groups")
    if groups:
        _give(table, "addressees", addressees(groups))
    items = _tables(table, "items")
    taken = {_text(each, "key") for each in items}
    for item in items:
        _complete_item(item, taken)
    _complete_attachments(table, items, facts)


def addressees(groups: Sequence[str]) -> str:
    """各区局、各机构; a group that is already called 各… keeps its name."""
    return "、".join(each if each.startswith("各") else f"各{each}" for each in groups)


def _complete_item(item: Table, taken: set[str]) -> None:
    name, has_form = _text(item, "name"), _is_there(item, "fields") or _is_there(item, "form")
    kind = "form" if has_form else "summary" if re.search(r"总结|小结", name) else "free"
    _give(item, "kind", kind)
    if not _is_there(item, "key"):
        stem = {"form": "form", "summary": "summary"}.get(_text(item, "kind"), "material")
        key = next(each for each in _numbered(stem) if each not in taken)
        taken.add(key)
        _give(item, "key", key)
    if not _is_there(item, "scopes"):
        _give(item, "obligation", "required" if _is_there(item, "due") else "rolling")
    if _text(item, "kind") == "form":
        _give(item, "form", f"{_text(item, 'key')}.docx")
        _complete_fields(_tables(item, "fields"))


def _complete_fields(fields: Sequence[Table]) -> None:
    taken = {_text(each, "key") for each in fields}
    has_unit = any(_is_there(each, "unit_name") for each in fields)
    for number, field in enumerate(fields, 1):
        label = _text(field, "label")
        if not _is_there(field, "key"):
            key = _FIELD_KEYS.get(label, f"f{number}")
            key = next(each for each in _numbered(key) if each not in taken)
            taken.add(key)
            _give(field, "key", key)
        if label in _UNIT_LABELS and not has_unit:
            _give(field, "unit_name", "true")
            has_unit = True


def _complete_attachments(table: Table, items: Sequence[Table], facts: Facts) -> None:
    """The notice first; then for every form what is required of it, and the form itself."""
    rows = list(_tables(table, "attachments"))
    line = table.entries["attachments"].line if "attachments" in table.entries else table.line
    are_given = bool(rows)
    if not any(_is_there(each, "notice") for each in rows):
        rows.insert(0, _row(line, file=NOTICE_FILE, notice="true"))
    listed = {_text(each, "file") for each in rows}
    for item in items:
        name, form = _text(item, "name"), _text(item, "form")
        asks = f"{_text(item, 'key')}-requirements.docx"
        if not are_given and (wants_requirements(item) or asks in facts.beside):
            rows.append(_row(item.line, file=asks, title=f"{name}报送要求"))
        if form and form not in listed:
            title = name if name.endswith("表") else f"{name}登记表"
            rows.append(_row(item.line, file=form, title=title, item=_text(item, "key")))
    table.entries["attachments"] = Entry(line, Rows(tuple(rows), line))


def _word_files(table: Table) -> Iterable[str]:
    for each in _tables(table, "attachments"):
        if _text(each, "file").lower().endswith(".docx") and _text(each, "kind") != "file":
            yield _text(each, "file")


# --- tables ---------------------------------------------------------------------------------------


def _row(line: int, **words: str) -> Table:
    return Table({key: Entry(line, Word(text, line)) for key, text in words.items()}, line)


def _give(table: Table, key: str, text: str) -> None:
    if not _is_there(table, key) and text:
        line = table.entries[key].line if key in table.entries else table.line
        table.entries[key] = Entry(line, Word(text, line))


def _cell(table: Table, key: str) -> Cell | None:
    entry = table.entries.get(key)
    return entry.cell if entry else None


def _is_there(table: Table, key: str) -> bool:
    cell = _cell(table, key)
    return cell is not None and not (isinstance(cell, Word) and cell.is_empty)


def _text(table: Table, key: str) -> str:
    cell = _cell(table, key)
    return cell.text.strip() if isinstance(cell, Word) else ""


def _words(table: Table, key: str) -> list[str]:
    cell = _cell(table, key)
    cells = cell.rows if isinstance(cell, Rows) else (cell,)
    return [each.text.strip() for each in cells if isinstance(each, Word) and not each.is_empty]


def _tables(table: Table, key: str) -> list[Table]:
    cell = _cell(table, key)
    return [each for each in cell.rows if isinstance(each, Table)] if isinstance(cell, Rows) else []


def _numbered(stem: str) -> Iterable[str]:
    yield stem
    yield from (f"{stem}{number}" for number in range(2, 1000))
