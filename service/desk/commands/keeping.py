"""Commands of keeping: rebuild the ledger from its journal, purge matter marked 密级."""

from __future__ import annotations

from typing import Annotated

import typer

from service.desk.commands import naming
from service.desk.commands.seat import LetterNumber, Reason, clock_of, seat_of, settled
from service.desk.commands.speech import found_problem, tell
from service.desk.decide.purging import purge as purge_letter
from service.desk.tools import Refused
from service.office.rebuilding import Difference, Rebuilt

# A table in disorder is told by its first rows.
SAID_MAX = 50
_HOW = {
    "missing": "流水里有，台账里没有",
    "extra": "台账里有，流水里没有",
    "changed": "两边不同",
}


def rebuild(
    ctx: typer.Context,
    to: Annotated[
        str,
        typer.Option("--to", metavar="数据库", help="写入这个空的数据库，如 sqlite:////路径/重建.db，留着用"),
    ] = "",
    check: Annotated[bool, typer.Option("--check", help="只核对：重建到临时文件，比完即删")] = False,
) -> None:
    """由流水、记录和档案重新建出台账，与现在的台账逐行比较；有差别时退出码为 1。"""
    if bool(to) == check:
        raise Refused("请写 --check（只核对），或 --to 数据库（重建并留下），两者选一")
    seat = seat_of(ctx)
    rebuilt = seat.tools.rebuild(seat.folder, to)
    tell(*_words(rebuilt))
    found_problem(not rebuilt.is_equal)


def _words(rebuilt: Rebuilt) -> list[str]:
    rows = sum(count for _, count in rebuilt.rows)
    said = [
        f"由 {rebuilt.lines} 行流水、{rebuilt.events} 条记录重建了 {len(rebuilt.rows)} 张表，共 {rows} 行"
    ]
    said += rebuilt.damaged
    said += [_difference(each) for each in rebuilt.differences[:SAID_MAX]]
    more = len(rebuilt.differences) - SAID_MAX
    if more > 0:
        said.append(f"……还有 {more} 处")
    said += [f"档案中缺少 {each}：请从备份恢复" for each in rebuilt.lost[:SAID_MAX]]
    if rebuilt.is_equal:
        return [*said, "与现在的台账逐行比较：没有差别"]
    count = len(rebuilt.differences) + len(rebuilt.damaged) + len(rebuilt.lost)
    return [*said, f"发现 {count} 处不一致：台账可能被程序以外的手改动过，请与备份核对"]


def _difference(each: Difference) -> str:
    columns = f"（{'、'.join(each.columns)}）" if each.columns else ""
    return f"表 {each.table} 的 {each.key}：{_HOW[each.how]}{columns}"


def purge(
    ctx: typer.Context,
    letter: LetterNumber,
    by: Annotated[list[str], typer.Option("--by", metavar="姓名", help="写两次，两个不同的人")],
    reason: Reason,
) -> None:
    """销毁一封密级来信：要两个人的姓名，原件、附件和文字都不再留，只留登记。"""
    with seat_of(ctx).open() as office:
        decided = purge_letter(
            office, naming.number(letter, "来信"), by=by, reason=reason, now=clock_of(office)
        )
    tell(settled(decided))
