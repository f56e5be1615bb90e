"""Commands of the roll-up: rollup, choose, pack."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from service.desk.commands import naming
from service.desk.commands.seat import By, CampaignName, ItemName, UnitName, clock_of, seat_of, settled
from service.desk.commands.speech import tell
from service.desk.decide.choosing import Word
from service.desk.decide.choosing import choose as decide_choice
from service.desk.packing import packed
from service.desk.tools import Refused
from service.office.rollup import RowKey, books_folder


def rollup(ctx: typer.Context, campaign: CampaignName) -> None:
    """立即汇总：汇总表.xlsx（逐栏汇总、分组合计）、汇编.docx、按单位分好的图片。

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


def pack(
    ctx: typer.Context,
    campaign: CampaignName,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="文件夹或.zip", help="写到哪里：新文件夹，或 .zip 文件")
    ],
    selected: Annotated[bool, typer.Option("--selected", help="只要推荐的；不写就是全部有效材料")] = False,
    to: Annotated[str, typer.Option("--to", metavar="机关", help="报给哪个机关，印在报送函上")] = "",
) -> None:
    """报送：把推荐的材料打成一包，附目录.xlsx、校验码 SHA256SUMS 和报送函.docx。

    推荐与否填在汇总表.xlsx，或用 choose 登记。只写文件，不发信。
    """
    seat = seat_of(ctx)
    with seat.open() as office:
        key, now = naming.released(office, campaign).key, clock_of(office)
        # What was typed into the workbook a moment ago counts.
        for trouble in office.rollup.take_back(key, now):
            raise trouble
        parcel = packed(office, key, is_selected=selected, to=to, now=now)
        if not parcel.rows:
            why = (
                "还没有推荐的材料：请在汇总表.xlsx 的“推荐”栏填写，或用 choose 登记"
                if selected
                else "还没有收到材料"
            )
            raise Refused(why)
        seat.tools.write_parcel(output, parcel.files())
    files = sum(len(each.files) for each in parcel.rows)
    tell(f"已打包 {len(parcel.rows)} 件、{files} 个文件：{output}（目录.xlsx、SHA256SUMS、报送函.docx）")
    doubtful = [each for each in parcel.rows if each.state not in {"有效", "零报告"}]
    for each in doubtful:
        tell(f"请留意：{each.unit_name}《{each.title or each.item_name}》{each.state}")
