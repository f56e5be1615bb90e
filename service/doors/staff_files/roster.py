"""通讯录 — config/units.xlsx or .csv as units; dirt is mended or reported, nothing dropped in silence."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from service.doors.staff_files.headings import ContactColumns, Headings, find_headings
from service.doors.staff_files.sheets import Sheet
from service.office.address import Address, read_cell
from service.office.finding import Problem
from service.office.roster import Contact, Roster, Unit, unit_key

# What people type where there is nothing to type.
_NOTHING = re.compile(r"无|没有|暂无|暂缺|待定|待补|待报|不详|空|[-—_/\\.0]+|n/?a|none", re.IGNORECASE)
_FOOTER = re.compile(
    r"^(?:注|备注|说明|填表人|填报人|制表人?|审核人?|合计|总计|共计|填表说明|联系电话)\s*[:：]|^(?:合计|总计|共计)"
)
_SUBHEADING = re.compile(r"^[（(]?[一二三四五六七八九十]+[)）]?[、.．]")


def read_roster(file: str, sheets: Sequence[Sheet], problems: Sequence[Problem], digest: str) -> Roster:
    """Units of every sheet that has roster headings, in order of appearance."""
    reading = _Reading(file, list(problems))
    rosters = [(sheet, headings) for sheet in sheets if (headings := find_headings(sheet))]
    for sheet in sheets:
        if any(any(row) for row in sheet.rows) and sheet not in [each for each, _ in rosters]:
            where = f"工作表“{sheet.name}”" if sheet.name else ""
            reading.note(where, "没有找到表头（要有“单位”和“邮箱”等列），没有读取", is_error=not rosters)
    for sheet, headings in rosters:
        reading.read(sheet, headings)
    return reading.roster(digest)


@dataclass(slots=True)
class _Draft:
    """A unit while its rows are being gathered."""

    key: str
    place: str
    groups: list[str] = field(default_factory=list)
    parent: str = ""
    shorts: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)


class _Reading:
    """Gathers units and remarks over all sheets."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.file, self.problems = file, problems
        self.units: dict[str, _Draft] = {}

    def note(self, place: str, say: str, *, code: str = "roster", is_error: bool = False) -> None:
        """Remark on a place; an error only where a person must decide."""
        self.problems.append(Problem(self.file, place, say, code=code, is_error=is_error))

    def read(self, sheet: Sheet, headings: Headings) -> None:
        """Read one sheet below its headings."""
        for column, title in headings.strangers:
            self.note(sheet.place(headings.row, column), f"不认识的列“{title}”，没有读取", code="column")
        if not any(each.mails for each in headings.contacts):
            self.note(sheet.place(headings.row), "表头里没有“邮箱”列，请加上", code="column", is_error=True)
        current: _Draft | None = None
        for row in range(headings.first_row, len(sheet.rows)):
            current = self._row(sheet, headings, row, current)

    def roster(self, digest: str) -> Roster:
        """Everything gathered, with remarks that need the whole to be seen."""
        units = tuple(
            Unit(
                key=draft.key,
                name=draft.key,
                groups=tuple(dict.fromkeys(draft.groups)),
                parent=draft.parent,
                contacts=tuple(draft.contacts),
                note="；".join(dict.fromkeys(draft.notes)),
                short_names=tuple(dict.fromkeys(draft.shorts)),
                order=order,
            )
            for order, draft in enumerate(self.units.values(), start=1)
        )
        for unit in units:
            place = self.units[unit.key].place
            if not unit.addresses:
                self.note(place, f"“{unit.name}”没有邮箱，发不出通知，请补上", code="no-address")
            if not unit.groups:
                self.note(place, f"“{unit.name}”没有写组别，哪个活动都不会发给它", code="no-group")
        self._shared(units)
        return Roster(units, tuple(dict.fromkeys(self.problems)), digest)

    def _row(self, sheet: Sheet, headings: Headings, row: int, current: _Draft | None) -> _Draft | None:
        name = sheet.text(row, headings.unit)
        key = unit_key(name)
        has_contact = any(
            sheet.text(row, column)
            for each in headings.contacts
            for column in (each.name, *each.phones, *each.mails)
            if column is not None
        )
        if not any(cell.strip() for cell in sheet.rows[row]):
            return None
        if not key:
            return self._nameless(sheet, headings, row, current, has_contact)
        if self._is_no_unit(sheet, headings, row, name, has_contact):
            return None
        if current is not None and current.key == key and (row, headings.unit) in sheet.filled:
            draft = current
        else:
            draft = self._unit(sheet, headings, row, key, name)
        self._facts(sheet, headings, row, draft)
        return draft

    def _nameless(
        self, sheet: Sheet, headings: Headings, row: int, current: _Draft | None, has_contact: bool
    ) -> _Draft | None:
        if has_contact and current is not None:
            self._facts(sheet, headings, row, current)
            return current
        if has_contact:
            say = "有联系人却没有单位名称，没有读取；请补上单位名称"
            self.note(sheet.place(row), say, code="no-unit", is_error=True)
        else:
            text = next(cell.strip() for cell in sheet.rows[row] if cell.strip())
            self.note(sheet.place(row), f"这一行没有单位名称（“{text[:20]}”），没有读取", code="skipped")
        return current

    def _is_no_unit(self, sheet: Sheet, headings: Headings, row: int, name: str, has_contact: bool) -> bool:
        if has_contact and row not in sheet.wide:
            return False
        if row in sheet.wide or _FOOTER.match(name) or _SUBHEADING.match(name):
            say = f"“{name[:20]}”像是标题或说明，不当作单位"
            self.note(sheet.place(row), say, code="skipped")
            return True
        return False

    def _unit(self, sheet: Sheet, headings: Headings, row: int, key: str, name: str) -> _Draft:
        place = sheet.place(row, headings.unit)
        known = self.units.get(key)
        if known is not None:
            self.note(place, f"“{key}”与{known.place}是同一个单位，已合并", code="duplicate")
            return known
        if key != name:
            self.note(place, f"单位名称里有空格或全角字符，已读作“{key}”", code="mended")
        draft = self.units[key] = _Draft(key, place)
        return draft

    def _facts(self, sheet: Sheet, headings: Headings, row: int, draft: _Draft) -> None:
        for column in headings.groups:
            draft.groups.extend(_split(sheet.text(row, column)))
        for column in headings.shorts:
            draft.shorts.extend(unit_key(short) for short in _split(sheet.text(row, column)))
        for column in headings.notes:
            if (note := sheet.text(row, column)) and (row, column) not in sheet.filled:
                draft.notes.append(note)
        for column in headings.parents:
            parent = unit_key(sheet.text(row, column))
            if parent and draft.parent and parent != draft.parent:
                say = f"“{draft.key}”前面写的上级是“{draft.parent}”，这里是“{parent}”，以前面的为准"
                self.note(sheet.place(row, column), say, code="conflict")
            draft.parent = draft.parent or parent
        for each in headings.contacts:
            self._contact(sheet, row, each, draft)

    def _contact(self, sheet: Sheet, row: int, columns: ContactColumns, draft: _Draft) -> None:
        name = "" if columns.name is None else _person(sheet.text(row, columns.name))
        phones = [phone for each in columns.phones if (phone := self._phone(sheet, row, each))]
        addresses: list[Address] = []
        for column in columns.mails:
            addresses.extend(self._addresses(sheet, row, column))
        if not name and not phones and not addresses:
            return
        contact = Contact(name, "；".join(dict.fromkeys(phones)), tuple(dict.fromkeys(addresses)))
        same = next((each for each in draft.contacts if name and each.name == name), None)
        if same is None and not name and not phones and draft.contacts:
            same = draft.contacts[-1]  # a row with nothing but an address adds it to the person above
        if same is None:
            draft.contacts.append(contact)
            return
        phone = "；".join(dict.fromkeys(filter(None, (same.phone, contact.phone))))
        together = tuple({each.key: each for each in (*same.addresses, *addresses)}.values())
        draft.contacts[draft.contacts.index(same)] = Contact(same.name, phone, together)

    def _phone(self, sheet: Sheet, row: int, column: int) -> str:
        typed = sheet.text(row, column)
        phone = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", typed)).strip()
        if not phone or _NOTHING.fullmatch(phone):
            return ""
        place = sheet.place(row, column)
        if "@" in phone:
            say = f"电话栏里的“{typed}”像是邮箱，请移到邮箱栏"
            self.note(place, say, code="phone", is_error=True)
        elif len(re.sub(r"\D", "", phone)) < 5:
            self.note(place, f"“{typed}”不像电话号码，请核对", code="phone")
        elif phone != typed:
            self.note(place, f"电话里有全角字符或换行，已读作“{phone}”", code="mended")
        return phone

    def _addresses(self, sheet: Sheet, row: int, column: int) -> tuple[Address, ...]:
        typed = sheet.text(row, column)
        cell = read_cell(typed)
        place = sheet.place(row, column)
        for piece, why in cell.refused:
            if _NOTHING.fullmatch(piece):
                continue
            is_phone = re.fullmatch(r"[\d\s()转-]{7,}", piece)
            say = f"邮箱栏里的“{piece}”像是电话，请移到电话栏" if is_phone else f"{why}；请改正，或移到备注栏"
            self.note(place, say, code="address", is_error=True)
        if cell.found and cell.is_changed and (row, column) not in sheet.filled:
            read = "；".join(map(str, cell.found))
            self.note(place, f"邮箱已整理为“{read}”，请核对", code="mended")
        return cell.found

    def _shared(self, units: Sequence[Unit]) -> None:
        owners: dict[str, list[Unit]] = {}
        for unit in units:
            for address in unit.addresses:
                owners.setdefault(address.key, []).append(unit)
        told: set[tuple[str, ...]] = set()
        for key, shared in owners.items():
            names = tuple(unit.name for unit in shared)
            if len(names) > 1 and names not in told:
                told.add(names)
                listed = "、".join(names[:5])
                say = f"邮箱 {key} 同时属于 {len(names)} 个单位（{listed}），来信按编号或单位名称区分"
                self.note(self.units[shared[0].key].place, say, code="shared-address")


def _split(text: str) -> list[str]:
    return [piece.strip() for piece in re.split(r"[;；、,，/\n|]+", text) if piece.strip()]


def _person(text: str) -> str:
    # 王　芳 and 王芳 are one person.
    folded = unicodedata.normalize("NFKC", text)
    folded = re.sub(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])", "", folded)
    name = re.sub(r"\s+", " ", folded).strip()
    return "" if _NOTHING.fullmatch(name) else name
