"""Commands of 发文字号: number takes or gives up a number of the ledger's series, numbers lists a year's."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from service.desk import shapes
from service.desk.commands.naming import planned
from service.desk.commands.seat import AsJson, By, CampaignName, clock_of, seat_of
from service.desk.commands.speech import PROGRAM, answer, cell, show, tell, titled
from service.desk.decide.numbers import give_up_number, reserve_number
from service.desk.tools import Refused
from service.journey import Office
from service.office.doc_number import NUMBER_WORDS, DocNumber, NumberState


def number(
    ctx: typer.Context,
    campaign: CampaignName,
    by: By,
    void: Annotated[
        str, typer.Option("--void", metavar="理由", help="预留的号不用了：作废，号码留空并记下理由")
    ] = "",
) -> None:
    """编号：从台账的发文字号里为一个活动预留下一个号；签发时启用，作废的不再用。

    要先在 config/office.yaml 写明 numbering: {series: 机关代字}；不写的，文号由办公室给出，
    写在 campaign.yaml 里。
    """
    with seat_of(ctx).open() as office:
        now = clock_of(office)
        if void:
            done = give_up_number(office, campaign, by=by, reason=void, now=now)
        else:
            key = planned(office.doors.staff_files.campaigns(), campaign)
            done = reserve_number(office, key, by=by, now=now)
    if not done.is_done:
        raise Refused(done.say)
    tell(done.say)


def numbers(
    ctx: typer.Context,
    year: Annotated[int, typer.Argument(metavar="年份", help="哪一年；不写则为全部")] = 0,
    as_json: AsJson = False,
) -> None:
    """发文字号一览：每个号给了哪个活动、是否签发；空号由谁、因为什么作废。"""
    with seat_of(ctx).open() as office:
        rows = office.doors.ledger.doc_numbers(year or None)
        if as_json:
            answer([_shape(each) for each in rows])
            return
        if not rows:
            tell(f"还没有由台账编的发文字号。用法：{PROGRAM} number 活动 --by 姓名")
            return
        table = Table(box=None, pad_edge=False)
        for heading in ("发文字号", "活动", "状态", "预留", "了结"):
            table.add_column(heading, overflow="fold")
        for each in rows:
            table.add_row(each.text, cell(each.campaign), *(cell(word) for word in _words(office, each)))
    show(titled("发文字号", table))


def _words(office: Office, each: DocNumber) -> tuple[str, str, str]:
    policy = office.policy
    taken = f"{policy.local(each.at):%Y-%m-%d} {each.by}"
    if each.state is NumberState.RESERVED or each.settled_at is None:
        return NUMBER_WORDS[each.state], taken, ""
    why = f"：{each.reason}" if each.reason else ""
    return NUMBER_WORDS[each.state], taken, f"{policy.local(each.settled_at):%Y-%m-%d} {each.settled_by}{why}"


def _shape(each: DocNumber) -> shapes.Shape:
    return {
        "number": each.text,
        "series": each.series,
        "year": each.year,
        "no": each.number,
        "campaign": each.campaign,
        "state": each.state.value,
        "by": each.by,
        "settled_by": each.settled_by or None,
        "reason": each.reason or None,
    }
