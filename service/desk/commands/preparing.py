"""Commands that make an office ready: init, doctor, and health's help."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from service.desk import shapes
from service.desk.commands.seat import AsJson, seat_of
from service.desk.commands.speech import PROGRAM, answer, found_problem, margin, show, tell
from service.desk.doctor import examine
from service.desk.shapes import Check
from service.desk.tables import check_list


def init(
    ctx: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[文件夹]", help="在哪里建立（默认当前文件夹，或 --office 指定的）"),
    ] = None,
) -> None:
    """建立办公文件夹：设置样例、模板、识别规则、交换文件夹和编号密钥。

    已有的文件一个也不会改动，可以放心重复运行。
    """
    seat = seat_of(ctx)
    target = folder or seat.folder
    made = seat.tools.make_office(target)
    tell(*(f"  {each}" for each in made))
    tell(f"办公文件夹 {target} 已就绪" + (f"，新建了 {len(made)} 项。" if made else "，没有缺什么。"))
    if made:
        tell(f"下一步：改好 config/office.yaml 和 config/units.xlsx，放好密码，再运行 {PROGRAM} doctor")


def doctor(ctx: typer.Context, as_json: AsJson = False) -> None:
    """体检：程序、设置、通讯录、活动、规则、日历、磁盘、收发信，逐项检查。

    有问题时退出码为 1，每一项都说明怎么办。
    """
    seat = seat_of(ctx)
    checks: list[Check] = []
    console = margin()
    with console.status("正在检查……") if console.is_terminal else nullcontext():
        for each in examine(seat.tools.surroundings(seat.folder), seat.tools.staff_files(seat.folder)):
            checks.append(each)
            if as_json:
                answer([shapes.doctor(each)])
    if not as_json:
        show(check_list(checks))
    found_problem(not all(each.is_ok for each in checks))


def health(ctx: typer.Context, as_json: AsJson = False) -> None:
    """服务是否正常运行（看心跳，供容器使用）；不正常时退出码为 1。"""
    alive, say = seat_of(ctx).tools.feel_pulse(seat_of(ctx).folder)
    if as_json:
        answer([shapes.doctor(Check("heartbeat", alive, say))])
    else:
        tell(say)
    found_problem(not alive)
