"""没有读入的填写 — what somebody typed into 汇总表.xlsx in vain, as rows of the desk."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from service.followup.rollup import unplaced
from service.journey import Office
from service.office.board import DeskRow
from service.office.rollup import BOOK, Unplaced


def unplaced_rows(office: Office, campaigns: Sequence[str]) -> Iterator[DeskRow]:
    """One row for each; it goes when somebody chooses anew."""
    for key in campaigns:
        for each in unplaced(office.doors.ledger, office.doors.archive, key):
            say = f"{BOOK}中填写的“{each.typed}”没有读入：{each.why}"
            yield DeskRow("填写未读入", each.unit_name, key, each.unit_name, each.at, say, _remedy(key, each))


def _remedy(campaign: str, each: Unplaced) -> str:
    item, unit = (each.key.item, each.key.unit) if each.key else ("材料", each.unit_name or "单位")
    entry = f" {each.key.entry}" if each.key and each.key.entry > 1 else ""
    words = " ".join(map(shlex.quote, (campaign, item, unit)))
    return f"huizhi choose {words}{entry} --recommend --remark 评语 --by 姓名"
