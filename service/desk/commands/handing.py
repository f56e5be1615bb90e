"""Commands beside the mail: publish, delivered, close."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from service.desk import decide
from service.desk.commands import naming
from service.desk.commands.seat import By, CampaignName, Reason, UnitName, clock_of, seat_of, settled
from service.desk.commands.speech import tell
from service.desk.decide import Channel
from service.desk.publishing import published
from service.desk.tools import Refused


def publish(
    ctx: typer.Context,
    campaign: CampaignName,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="文件夹", help="写到哪个文件夹，没有就新建")
    ],
    draft: Annotated[bool, typer.Option("--draft", help="写出还没有签发的草稿，文件名标明“草稿”")] = False,
) -> None:
    """公开版：写出可以上网站、可以转发的通知和表格，只带活动的公用编号。

    填好寄回的，凭公用编号认得是哪份通知；是哪个单位，看发件邮箱或署名。
    """
    seat = seat_of(ctx)
    with seat.open() as office:
        if draft:
            key = naming.planned(office.doors.staff_files.campaigns(), campaign)
        else:
            key = naming.released(office, campaign).key
        files = published(office, key, is_draft=draft)
    if isinstance(files, str):
        raise Refused(files)
    for name, data in files.items():
        seat.tools.write_file(output / name, data)
    tell(f"已写出 {len(files)} 个文件到 {output}：{'、'.join(files)}")


def delivered(
    ctx: typer.Context,
    campaign: CampaignName,
    unit: UnitName,
    via: Annotated[
        Channel,
        typer.Option("--via", metavar="方式", help="oa、fax 传真、post 邮寄、hand 当面"),
    ],
    on: Annotated[str, typer.Option("--on", metavar="日期", help="哪天送达，如 2024-08-21")],
    by: By,
    note: Annotated[str, typer.Option("--note", metavar="说明", help="谁收的、文号等，可不写")] = "",
    copy: Annotated[
        bool, typer.Option("--copy", help="登记的是催报函的抄送件：已送到这个单位的上级")
    ] = False,
) -> None:
    """送达：邮件发不到的单位，通知已用 OA、传真、邮寄或当面送达；它的材料从此等待报送。"""
    with seat_of(ctx).open() as office:
        key = naming.released(office, campaign).key
        who, now = naming.unit(office, key, unit), clock_of(office)
        hand_over = decide.copied if copy else decide.delivered
        decided = hand_over(office, key, who, via=via, on=naming.day(on), by=by, note=note, now=now)
    tell(settled(decided))


def close(ctx: typer.Context, campaign: CampaignName, by: By, reason: Reason) -> None:
    """办结：不再催办；晚到的材料照常登记、答复。"""
    with seat_of(ctx).open() as office:
        key = naming.released(office, campaign).key
        decided = decide.close(office, key, by=by, reason=reason, now=clock_of(office))
    tell(settled(decided))
