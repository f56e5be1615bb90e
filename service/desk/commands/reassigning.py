"""The commands by which a filed letter is taken back, or given to the unit or item it really was for."""

from __future__ import annotations

from typing import Annotated

import typer

from service.desk import decide
from service.desk.commands import naming
from service.desk.commands.seat import By, LetterNumber, Reason, clock_of, seat_of, settled
from service.desk.commands.speech import tell


def reassign(
    ctx: typer.Context,
    letter: LetterNumber,
    campaign: Annotated[str, typer.Option("--campaign", metavar="活动", help="实际是哪个活动的来信")],
    unit: Annotated[str, typer.Option("--unit", metavar="单位", help="实际是哪个单位的来信")],
    by: By,
    reason: Reason,
    item: Annotated[str, typer.Option("--item", metavar="材料", help="报送的是哪一项；不变的可不写")] = "",
    learn: Annotated[
        bool, typer.Option("--learn/--no-learn", help="是否记住：以后这个邮箱就代表这个单位")
    ] = True,
) -> None:
    """来信登错了单位或材料：撤回原登记，改登到应归的单位；发过回执的，另发更正回执。"""
    with seat_of(ctx).open() as office:
        key, who, what = naming.place(office, campaign, unit, item)
        decided = decide.reassign(
            office,
            naming.number(letter, "来信"),
            campaign=key,
            unit=who,
            item=what,
            by=by,
            reason=reason,
            now=clock_of(office),
            learn=learn,
        )
    tell(settled(decided))


def undo(ctx: typer.Context, letter: LetterNumber, by: By, reason: Reason) -> None:
    """撤回一封来信的登记，转入待人工；原归档版本保留但不再计入，发过回执的另发更正回执。"""
    with seat_of(ctx).open() as office:
        number = naming.number(letter, "来信")
        decided = decide.undo(office, number, by=by, reason=reason, now=clock_of(office))
    tell(settled(decided))
