"""Every remedy on the desk is a command that the program takes, word for word."""

from __future__ import annotations

import shlex
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
import typer.main

from service.desk.commands import build_app
from service.desk.tools import Tools
from service.followup.report.reading import board_of
from service.office.dispatch import DispatchKind, DispatchState
from service.office.ladder import Climb, PaperCopy
from service.office.needs.ledger import StumbleRow
from tests.followup.sample_board import NOW, UNITS, sources


def remedies() -> dict[str, str]:
    """One command of every kind of desk row."""
    told = sources()
    held = replace(told.dispatches[0], state=DispatchState.HELD)
    full = replace(
        told,
        dispatches=(*told.dispatches, held),
        stumbles=(StumbleRow("check", "8", 3, "KeyError", NOW),),
    )
    key = (UNITS[2], "summary")
    waiting = replace(told.dispatches[0], kind=DispatchKind.URGING, state=DispatchState.READY)
    climbed = replace(
        full,
        dispatches=(*full.dispatches, waiting),
        climbs={key: Climb(NOW)},
        copies={UNITS[2]: PaperCopy(NOW, "山西省人民政府")},
    )
    urged = replace(told, climbs={key: Climb(NOW, NOW - timedelta(days=1))})
    bare = replace(told, dispatches=())
    rows = [row for each in (climbed, urged, bare) for row in board_of(each, NOW).desk]
    return {f"{row.kind} {row.ref}": row.remedy for row in rows}


@pytest.mark.parametrize("remedy", remedies().values(), ids=list(remedies()))
def test_the_program_takes_the_command(remedy: str) -> None:
    program, name, *words = shlex.split(remedy)
    # Parsing needs none of the world, so no tools are handed over.
    group: Any = typer.main.get_command(build_app(cast(Tools, None)))
    context = group.make_context(program, ["journey"], resilient_parsing=True)
    command = group.get_command(context, name)
    assert program == "huizhi"
    assert command is not None, f"there is no command {name}"
    command.make_context(name, words, parent=context)  # raises for a word it does not know


@pytest.mark.parametrize("words", ["", "--no-such x"])
def test_a_wrong_command_would_be_noticed(words: str) -> None:
    group: Any = typer.main.get_command(build_app(cast(Tools, None)))
    command = group.get_command(group.make_context("huizhi", ["journey"], resilient_parsing=True), "settle")
    with pytest.raises(Exception, match=r"(?i)missing|no such|缺|没有"):
        command.make_context("settle", shlex.split(words))


def test_every_kind_has_its_remedy() -> None:
    kinds = {each.split()[0] for each in remedies()}
    assert kinds == {"密级", "存疑", "待人工", "询问", "链接待取", "未送达", "待发草稿", "搁置"} | {
        "催报",
        "催报待发",
        "待抄送",
        "通报",
    }
