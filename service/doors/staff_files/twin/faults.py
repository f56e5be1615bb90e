"""Faults of 活动.xlsx: said with sheet and cell, and in the words of its headings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from service.doors.staff_files.section import Faults
from service.doors.staff_files.twin.book_in import Spot
from service.doors.staff_files.twin.layout import FACTS, SHEETS
from service.office.finding import Problem

# Keys that sentences name wherever the fault lies: sheets for lists, headings of 活动 for the rest.
_EVERYWHERE = {each.key: each.name for each in SHEETS} | {
    each.key.partition(".")[0]: each.heading for each in FACTS if not each.key.startswith(("post", "auto"))
}
_EVERYWHERE |= {"post": "寄送单位", "automatic": "自动发补正"}
# Said of YAML, and how the same is said of a sheet; longer ones first.
_PHRASES = (
    ("文件写“notice: true”（通知正文）", "文件在“通知正文”一栏写“是”"),
    ("写“title: true”", "在“区分各件”填“是”"),
    ("写“unit_name: true”", "在“单位名称栏”填“是”"),
    ("“kind: form”的材料", "类别是“登记表”的材料"),
    ("应当是“kind: form”", "类别应当是“登记表”"),
    ("“kind: choice”的栏目", "类型是“选项”的栏目"),
    ("成品文件请写 kind: file", "成品文件请在“类别”填“成品”"),
    ("，例如 due: 2024-09-28", "，例如 2024-09-28"),
    ("只能写 true（是）或 false（否）", "只能填“是”或“否”"),
    ("必报（required）", "必报"),
    ("随时报（rolling）", "随时报"),
    ("请改为 required 或 voluntary", "请把“要求”改为必报或自愿"),
    ("必填的键", "必填的"),
    ("（应与上面的“groups”一致）", "（应与工作表“活动”的“组别”一致）"),
)


@dataclass(slots=True)
class BookFaults(Faults):
    """The reader of campaign.yaml reports here; its “lines” are numbers of `spots`."""

    spots: Mapping[int, Spot] = field(default_factory=dict)

    def add(self, line: int, say: str, *, key: str = "", code: str = "wrong") -> None:
        """Note an error at a cell."""
        spot = self.spots.get(line)
        headings = {**_EVERYWHERE, **(spot.headings if spot else {})}
        place = spot.place if spot else ""
        self.problems.append(Problem(self.file, place, _in_sheet_words(say, headings), code=code, line=line))


def _in_sheet_words(say: str, headings: Mapping[str, str]) -> str:
    for said, meant in _PHRASES:
        say = say.replace(said, meant)
    return re.sub(r"“([a-z_]+)”", lambda found: f"“{headings.get(found[1], found[1])}”", say)
