"""Commands that rehearse: demo and practice, with real mail servers on this machine and nobody outside."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from service.desk import shapes
from service.desk.commands.seat import AsJson, seat_of
from service.desk.commands.speech import answer, found_problem, remark, tell
from service.desk.tools import Refused

DEFAULT_CAMPAIGN = "shanxi-2024-quality-weeks"
OUT = Path("demo-office")


def demo(
    ctx: typer.Context,
    campaign: Annotated[
        str, typer.Option("--campaign", metavar="活动", help=f"演哪个活动（默认 {DEFAULT_CAMPAIGN}）")
    ] = DEFAULT_CAMPAIGN,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="文件夹", help="办公文件夹放在哪里（默认 demo-office/活动）"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """演示：在本机演一遍完整的活动，不会向外发任何邮件。

    结果与事先写好的不符时，退出码为 1。
    """
    run_demo = seat_of(ctx).tools.demo
    if run_demo is None:
        raise Refused("这个安装里没有演示，请在源码包里运行 ./run demo")
    narrate = remark if as_json else tell
    outcome = run_demo(campaign, out or OUT / campaign, as_json, narrate)
    if as_json:
        answer([shapes.demo(outcome)])
    found_problem(not outcome.is_as_prescribed)


def practice(ctx: typer.Context) -> None:
    """练习：给一个练习用的办公文件夹开一个本机信箱，邮件不会发到外面。

    在空文件夹里运行会先建好样例。每个单位收到的邮件放在 练习信箱/，把填好的表放进 寄出/ 就是答复。
    另开一个窗口照常运行 new、lint、proof、release 和 run；按 Ctrl+C 结束。
    """
    seat = seat_of(ctx)
    serve = seat.tools.practice
    if serve is None:
        raise Refused("这个安装里没有练习信箱，请在源码包里运行 ./run practice")
    is_new = not (seat.folder / "config").exists()
    if is_new:
        seat.tools.make_office(seat.folder)
    serve(seat.folder, is_new, tell)
