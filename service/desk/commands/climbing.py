"""Commands of the ladder after the last reminder: phone, urge, circular."""

from __future__ import annotations

from typing import Annotated

import typer

from service.desk.commands import naming
from service.desk.commands.amending import Digest, Really, Signer, carry_out, listed, quoted
from service.desk.commands.seat import AsJson, CampaignName, Reason, clock_of, seat_of
from service.desk.commands.speech import tell
from service.desk.tools import Refused
from service.office.tree_names import short_title
from service.outgoing.amend import Urge


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


def urge(
    ctx: typer.Context,
    campaign: CampaignName,
    reason: Reason,
    units: Annotated[
        list[str] | None, typer.Option("--unit", metavar="单位", help="只催这个单位，可写几次")
    ] = None,
    groups: Annotated[
        list[str] | None, typer.Option("--group", metavar="组别", help="只催这个组别，可写几次")
    ] = None,
    number: Annotated[
        str, typer.Option("--number", metavar="发文字号", help="印在函上的发文字号，可不写")
    ] = "",
    by: Signer = "",
    digest: Digest = "",
    really: Really = False,
    as_json: AsJson = False,
) -> None:
    """催报函：催办邮件都已发完、仍未报的单位，每个单位一份函，抄送它的上级；要签发人签发。

    同一期限只发一次。发出前再核对一次，其间报来的不发；只在工作时间发。
    """
    with seat_of(ctx).open() as office:
        key = naming.released(office, campaign).key
        chosen = tuple(naming.unit(office, key, each) for text in units or () for each in listed(text))
        among = tuple(each for text in groups or () for each in listed(text))
        given = [f"--reason {quoted(reason)}"]
        given += [f"--unit {quoted(each)}" for each in chosen]
        given += [f"--group {quoted(each)}" for each in among]
        given += [f"--number {quoted(number)}"] if number else []
        order = Urge(key, reason, chosen, among, number)
        carry_out(office, order, " ".join(given), by, digest, really, as_json)


def circular(ctx: typer.Context, campaign: CampaignName) -> None:
    """通报草稿：按组别列出逾期未报的单位，写成 Word 草稿，由人定稿；系统从不发出通报。

    还有来信没有归属到单位，或信箱没有读到的，不出草稿。
    """
    with seat_of(ctx).open() as office:
        key, now = naming.released(office, campaign).key, clock_of(office)
        board = office.report.board(key, now)
        drafted = office.circular.draft(board, short_title(board.title), now)
    if drafted.refusal:
        raise Refused(drafted.refusal)
    tell(
        f"已写出：交换/{drafted.path}",
        f"列出 {drafted.units} 个逾期未报的单位；草稿不得直接发出，请核对、定稿后按发文程序办理。",
    )
