"""The command demo: a whole campaign on this machine, with real mail servers and nobody outside."""

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
