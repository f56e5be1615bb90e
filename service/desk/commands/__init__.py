"""The commands of the desk, in the order of the work; built around the tools that wiring hands over."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from service import __version__
from service.desk.commands import (
    amending,
    chasing,
    climbing,
    filling,
    founding,
    handing,
    issuing,
    keeping,
    numbering,
    preparing,
    previewing,
    reading,
    reassigning,
    rehearsing,
    rolling,
    settling,
    showing,
    splitting,
    standing,
    watching,
)
from service.desk.commands.naming import instant
from service.desk.commands.seat import Seat
from service.desk.commands.speech import PROGRAM, Command, Commands, tell
from service.desk.tools import Tools

__all__ = ["build_app"]

# In the order in which an office meets them; `--help` lists them so.
_COMMANDS = (
    ("init", preparing.init),
    ("doctor", preparing.doctor),
    ("health", preparing.health),
    ("new", founding.new),
    ("lint", issuing.lint),
    ("preview", previewing.preview),
    ("draft", issuing.draft),
    ("proof", issuing.proof),
    ("number", numbering.number),
    ("numbers", numbering.numbers),
    ("release", issuing.release),
    ("publish", handing.publish),
    ("reissue", amending.reissue),
    ("supplement", amending.supplement),
    ("correct", amending.correct),
    ("withdraw", amending.withdraw),
    ("run", watching.run),
    ("status", standing.status),
    ("desk", watching.desk),
    ("show", showing.show),
    ("assign", settling.assign),
    ("split", splitting.split),
    ("reassign", reassigning.reassign),
    ("undo", reassigning.undo),
    ("senders", settling.senders),
    ("forget", settling.forget),
    ("note", settling.note),
    ("delivered", handing.delivered),
    ("record", settling.record),
    ("extend", settling.extend),
    ("exempt", settling.exempt),
    ("reopen", settling.reopen),
    ("remind", chasing.remind),
    ("strike", chasing.strike),
    ("unstrike", chasing.unstrike),
    ("chased", chasing.chased),
    ("neutral", chasing.neutral),
    ("phone", climbing.phone),
    ("urge", climbing.urge),
    ("circular", climbing.circular),
    ("settle", settling.settle),
    ("pause", settling.pause),
    ("resume", settling.resume),
    ("try-again", settling.try_again),
    ("close", handing.close),
    ("why", watching.why),
    ("report", watching.report),
    ("rollup", rolling.rollup),
    ("choose", rolling.choose),
    ("pack", rolling.pack),
    ("explain", reading.explain),
    ("read-form", reading.read_form),
    ("render", filling.render),
    ("verify", watching.verify),
    ("rebuild", keeping.rebuild),
    ("purge", keeping.purge),
    ("journey", watching.journey),
    ("demo", rehearsing.demo),
    ("practice", rehearsing.practice),
)


def build_app(tools: Tools) -> typer.Typer:
    """Every command, sitting at these tools."""
    app = typer.Typer(
        name=PROGRAM,
        cls=Commands,
        add_completion=False,
        pretty_exceptions_enable=False,
        no_args_is_help=False,
    )

    @app.callback(invoke_without_command=True)
    def sit_down(
        ctx: typer.Context,
        office: Annotated[
            Path,
            typer.Option(
                "--office",
                metavar="文件夹",
                envvar="HUIZHI_OFFICE",
                help="办公文件夹，写在命令之前；默认为当前文件夹（或环境变量 HUIZHI_OFFICE）",
            ),
        ] = Path("."),
        now: Annotated[
            str,
            typer.Option(
                "--now", metavar="时刻", help="把现在当作这个时刻，写在命令之前，如 2024-08-28T09:00"
            ),
        ] = "",
        version: Annotated[bool, typer.Option("--version", help="显示版本")] = False,
    ) -> None:
        """回执：发通知、收材料、回执答复、催办、汇总，谁没报一目了然。

        每条命令后加 --help 看用法；标有 --json 的命令可供脚本使用。
        """
        if version:
            tell(f"{PROGRAM} {__version__}")
            raise typer.Exit
        if ctx.invoked_subcommand is None:
            tell(ctx.get_help())
            raise typer.Exit
        ctx.obj = Seat(tools, office, instant(now) if now else None)

    for name, command in _COMMANDS:
        app.command(name, cls=Command)(command)
    return app
