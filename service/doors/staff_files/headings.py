"""Which column of a roster holds what, whatever its heading is called."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum

from service.doors.staff_files.sheets import Sheet

# A title, an explanation and a date may stand above the headings; with more it is another kind of sheet.
HEADING_ROWS_MAX = 20


class Column(Enum):
    """What a column of the roster is for; the value is the heading we print ourselves."""

    UNIT = "单位"
    GROUP = "组别"
    PARENT = "上级"
    CONTACT = "联系人"
    PHONE = "电话"
    MAIL = "邮箱"
    SHORT = "简称"
    NOTE = "备注"
    NUMBER = "序号"


_NAMES = {
    Column.UNIT: "单位 单位名称 单位全称 报送单位 填报单位 参加单位 主送单位 机构 机构名称 名称 全称 "
    "unit name",
    Column.GROUP: "组别 分组 组 群组 类别 单位类别 单位类型 类型 group groups",
    Column.PARENT: "上级 上级单位 所属 所属单位 所属地区 所属市 所属区 主管单位 主管部门 地区 地市 "
    "区县 辖区 区域 parent",
    Column.CONTACT: "联系人 联系人姓名 姓名 联络员 联络人 经办人 负责人 责任人 分管领导 contact",
    Column.PHONE: "电话 联系电话 电话号码 办公电话 座机 固定电话 手机 手机号 手机号码 联系方式 "
    "phone tel mobile",
    Column.MAIL: "邮箱 电子邮箱 邮箱地址 电子邮箱地址 电子邮件 电子邮件地址 电子信箱 邮件 邮件地址 备用邮箱 "
    "工作邮箱 email e-mail mail",
    Column.SHORT: "简称 单位简称 别名 曾用名 又称",
    Column.NOTE: "备注 说明 备考 note remark",
    Column.NUMBER: "序号 编号 no no. 号",
}
_BY_NAME = {name: column for column, names in _NAMES.items() for name in names.split()}


@dataclass(frozen=True, slots=True)
class ContactColumns:
    """The columns of one contact person; a roster may have several side by side."""

    name: int | None
    phones: tuple[int, ...]
    mails: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Headings:
    """Where everything stands, and the first row below the headings."""

    first_row: int
    unit: int
    groups: tuple[int, ...]
    parents: tuple[int, ...]
    shorts: tuple[int, ...]
    notes: tuple[int, ...]
    contacts: tuple[ContactColumns, ...]
    strangers: tuple[tuple[int, str], ...]  # columns whose heading we do not know
    row: int


def find_headings(sheet: Sheet) -> Headings | None:
    """The first row that names a unit column and one more; None when the sheet is no roster."""
    for row in range(min(HEADING_ROWS_MAX, len(sheet.rows))):
        names = _known(sheet, row)
        if Column.UNIT in names.values() and len(set(names.values())) >= 2:
            return _headings(sheet, row, names)
    return None


def _known(sheet: Sheet, row: int) -> dict[int, Column]:
    found = {index: _column(sheet.text(row, index)) for index in range(len(sheet.rows[row]))}
    return {index: column for index, column in found.items() if column is not None}


def _column(heading: str) -> Column | None:
    folded = unicodedata.normalize("NFKC", heading).lower()
    folded = re.sub(r"[(\[【].*?[)\]】]|[\s*:：]", "", folded)
    folded = re.sub(r"[0-9一二三四]$", "", folded)
    return _BY_NAME.get(folded)


def _headings(sheet: Sheet, row: int, names: dict[int, Column]) -> Headings:
    first_row = row + 1
    titles = {index: sheet.text(row, index) for index in range(len(sheet.rows[row]))}
    # 联系人 over 姓名, 电话, 邮箱: the lower of two rows of headings says more.
    if first_row < len(sheet.rows):
        lower = _known(sheet, first_row)
        own = {index for index in lower if (first_row, index) not in sheet.filled}
        if len(own) >= 2 and not any("@" in text or "＠" in text for text in sheet.rows[first_row]):
            names = names | lower
            titles |= {index: sheet.text(first_row, index) for index in lower}
            first_row += 1
    columns = {kind: tuple(i for i in sorted(names) if names[i] is kind) for kind in Column}
    strangers = tuple((i, text) for i, text in titles.items() if text and i not in names)
    return Headings(
        first_row=first_row,
        unit=columns[Column.UNIT][0],
        groups=columns[Column.GROUP],
        parents=columns[Column.PARENT],
        shorts=columns[Column.SHORT],
        notes=columns[Column.NOTE],
        contacts=_contacts(names, len(columns[Column.CONTACT])),
        strangers=strangers + tuple((i, titles.get(i, "")) for i in columns[Column.UNIT][1:]),
        row=row,
    )


def _contacts(names: dict[int, Column], people: int) -> tuple[ContactColumns, ...]:
    groups: list[tuple[list[int], list[int], list[int]]] = []
    for index in sorted(names):
        column = names[index]
        if column not in (Column.CONTACT, Column.PHONE, Column.MAIL):
            continue
        # With one person a row, telephone and mailbox are theirs, whichever side of the name they stand.
        if not groups or (people > 1 and column is Column.CONTACT and groups[-1][0]):
            groups.append(([], [], []))
        place = {Column.CONTACT: 0, Column.PHONE: 1, Column.MAIL: 2}[column]
        groups[-1][place].append(index)
    return tuple(
        ContactColumns(who[0] if who else None, tuple(phones), tuple(mails)) for who, phones, mails in groups
    )
