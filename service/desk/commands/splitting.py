"""The command by which a person takes a letter of several units apart."""

from __future__ import annotations

from typing import Annotated

import typer

from service.desk import decide
from service.desk.commands import naming
from service.desk.commands.seat import By, LetterNumber, Reason, clock_of, seat_of, settled
from service.desk.commands.speech import tell
from service.desk.decide.splitting import Share
from service.desk.tools import Refused
from service.journey import Office
from service.office.campaign import Campaign


def split(
    ctx: typer.Context,
    letter: LetterNumber,
    campaign: Annotated[str, typer.Option("--campaign", metavar="活动", help="是哪个活动的来信")],
    give: Annotated[
        list[str],
        typer.Option(
            "--give",
            metavar="单位=序号",
            help="哪几个附件归哪个单位，如 大同=1,2；看不出是哪项材料的写 大同/材料=3；每个单位写一次",
        ),
    ],
    by: By,
    reason: Reason,
) -> None:
    """一封信里有几个单位的材料：按附件拆开，各归各的单位，之后照常初审、归档、答复。"""
    with seat_of(ctx).open() as office:
        found = naming.released(office, campaign)
        decided = decide.split(
            office,
            naming.number(letter, "来信"),
            campaign=found.key,
            shares=[_share(office, found, each) for each in give],
            by=by,
            reason=reason,
            now=clock_of(office),
        )
    tell(settled(decided))


def _share(office: Office, campaign: Campaign, text: str) -> Share:
    whose, equals, files = text.replace("＝", "=").partition("=")
    unit, _, item = whose.partition("/")
    if not equals or not unit.strip():
        raise Refused(f"--give “{text}”看不懂：请写 单位=附件序号，如 大同=1,2（序号见 show）")
    may_be_new = any(each.is_open_to_third_parties for each in campaign.items)
    named = tuple(each.strip() for each in files.replace("，", ",").replace("、", ",").split(","))
    return Share(
        naming.unit(office, campaign.key, unit.strip(), may_be_new=may_be_new),
        tuple(each for each in named if each),
        naming.item(campaign, item.strip()) if item.strip() else None,
    )
