"""Where a command sits: its tools, the office folder it was given, and the instant it is to take for now."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from service.desk.decide import Decided
from service.desk.tools import Refused, Tools
from service.journey import Office


@dataclass(frozen=True, slots=True)
class Seat:
    """What every command is given."""

    tools: Tools
    folder: Path
    now: datetime | None

    def open(self) -> AbstractContextManager[Office]:
        """The office with its doors open; raises Refused or DoorError."""
        return self.tools.open_office(self.folder, self.now)


def seat_of(ctx: typer.Context) -> Seat:
    """The seat that the callback prepared."""
    seat = ctx.obj
    assert isinstance(seat, Seat)
    return seat


def clock_of(office: Office) -> datetime:
    """Office time, once per command."""
    return office.doors.clock.now()


def settled(decided: Decided) -> str:
    """What a decision said; a refusal is wrong use."""
    if not decided.is_done:
        raise Refused(decided.say)
    return decided.say


# Arguments and options that many commands share.
AsJson = Annotated[bool, typer.Option("--json", help="每行输出一个 JSON 对象，供脚本使用")]
By = Annotated[str, typer.Option("--by", metavar="姓名", help="经办人，须在 config/office.yaml 的 staff 中")]
Reason = Annotated[str, typer.Option("--reason", metavar="理由", help="为什么这样办，台账留痕")]
CampaignName = Annotated[str, typer.Argument(metavar="活动", help="活动名（templates/ 里的文件夹名）")]
LetterNumber = Annotated[str, typer.Argument(metavar="来信", help="来信编号，如 12 或 来信12")]
UnitName = Annotated[str, typer.Argument(metavar="单位", help="单位全称，或不会混淆的一部分")]
ItemName = Annotated[str, typer.Argument(metavar="材料", help="材料的 key 或名称")]
