"""Commands of the ladder after the last reminder: phone."""

from __future__ import annotations

import typer

from service.desk.commands import naming
from service.desk.commands.seat import CampaignName, clock_of, seat_of
from service.desk.commands.speech import tell


def phone(ctx: typer.Context, campaign: CampaignName) -> None:
    """催办电话表：写出该给谁打电话、催什么、上次何时联系，可打印。

    催办邮件已发完的、没有可用邮箱的，列在第一页；邮件还在催的，列在第二页。服务运行时随时更新。
    """
    with seat_of(ctx).open() as office:
        key = naming.released(office, campaign).key
        calls = office.report.calls(key, clock_of(office))
    tell(
        f"已写出：交换/{calls.path}",
        f"要打电话的 {calls.units} 个单位，邮件仍在催的 {calls.still_reminded} 个单位。",
    )
