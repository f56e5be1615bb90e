"""Commands of the roll-up: rollup, choose."""

from __future__ import annotations

from typing import Annotated

import typer

from service.desk.commands import naming
from service.desk.commands.seat import By, CampaignName, ItemName, UnitName, clock_of, seat_of, settled
from service.desk.commands.speech import tell
from service.desk.decide.choosing import Word
from service.desk.decide.choosing import choose as decide_choice
from service.desk.tools import Refused
from service.office.rollup import RowKey, books_folder


def rollup(ctx: typer.Context, campaign: CampaignName) -> None:
    """立即汇总：汇总表.xlsx（全部登记表逐栏汇总、分组合计）。

    先读入在汇总表里填写的“推荐”“评语”，再重新写出。
    """
    with seat_of(ctx).open() as office:
        key = naming.released(office, campaign).key
        written = office.rollup.whole(key, clock_of(office))
    if not written:
        tell("还没有收到可以汇总的材料。")
    else:
        tell(f"已汇总：{'、'.join(f'交换/{books_folder(key)}/{each}' for each in written)}")


def choose(
    ctx: typer.Context,
    campaign: CampaignName,
    item: ItemName,
    unit: UnitName,
    by: By,
    entry: Annotated[int, typer.Argument(metavar="件", help="第几件，只有一件的不写")] = 1,
    recommend: Annotated[bool, typer.Option("--recommend", help="推荐")] = False,
    no: Annotated[bool, typer.Option("--not", help="不推荐")] = False,
    clear: Annotated[bool, typer.Option("--clear", help="取消原来的推荐或不推荐")] = False,
    remark: Annotated[
        str | None, typer.Option("--remark", metavar="评语", help='评语；写成空的（""）就是去掉')
    ] = None,
) -> None:
    """推荐：这一件是否推荐报送上级，附评语；同填在汇总表.xlsx 里一样。"""
    if sum((recommend, no, clear)) > 1:
        raise Refused("--recommend、--not、--clear 只能写一个")
    with seat_of(ctx).open() as office:
        found = naming.released(office, campaign)
        key = RowKey(naming.item(found, item), naming.unit(office, found.key, unit), entry)
        word = Word(True if recommend else False if no else None, clear, remark)
        decided = decide_choice(office, found.key, key, word, by=by, now=clock_of(office))
    tell(settled(decided))
