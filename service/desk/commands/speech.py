"""How commands speak: Chinese help and refusals, one JSON object a line, no traceback for a wrong word."""

from __future__ import annotations

import errno
import os
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

import typer
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text
from typer.core import TyperArgument, TyperCommand, TyperGroup

from service.desk.shapes import Shape, line
from service.desk.tools import PROBLEM_FOUND, WRONG_USE, Refused
from service.office.calendar import CalendarUnknown
from service.office.needs.press import PressError
from service.office.outcome import DoorError

PROGRAM = "huizhi"
BEFORE_THE_COMMAND = ("--office", "--now")
# A table that goes into a file or a pipe is not folded to the width of a terminal nobody looks at.
WIDTH_OF_FILES = 160


def screen() -> Console:
    """Standard output, for people."""
    width = None if sys.stdout.isatty() else WIDTH_OF_FILES
    return Console(width=width, highlight=False, markup=False, emoji=False)


def margin() -> Console:
    """Standard error: progress and remarks that are no answer."""
    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def show(body: RenderableType, *, soft: bool = False) -> None:
    """A table or text for people; `soft`: lines are left as long as they are, to be copied."""
    screen().print(body, soft_wrap=soft)


def pairs() -> Table:
    """A table of what and its value, to be filled."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    return table


def titled(title: str, body: RenderableType) -> RenderableType:
    """A body under its title, which may be wider than the body."""
    return Group(Text(title, style="bold"), body)


def cell(text: str) -> Text:
    """Words of whoever wrote them: neither markup nor an order to the terminal."""
    return Text("".join(ch for ch in text if ch == "\n" or unicodedata.category(ch) not in {"Cc", "Cf"}))


def tell(*lines: str) -> None:
    """Plain lines on standard output."""
    for each in lines:
        typer.echo(each)


def answer(shapes: Iterable[Shape]) -> None:
    """JSON lines on standard output, each at once, so that a reader need not wait for the last."""
    for each in shapes:
        typer.echo(line(each))
        sys.stdout.flush()


def remark(*lines: str) -> None:
    """Lines on standard error."""
    for each in lines:
        typer.echo(each, err=True)


def found_problem(has_problem: bool) -> None:
    """Exit status 1 where the answer is that something is wrong."""
    if has_problem:
        raise typer.Exit(PROBLEM_FOUND)


class Command(TyperCommand):
    """A command whose help is in Chinese."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Usage, what it does, arguments and options."""
        formatter.write("\n".join(_help_lines(self, ctx)))


class Commands(TyperGroup):
    """All commands; whatever they raise becomes a line on standard error and an exit status."""

    def list_commands(self, ctx: Any) -> list[str]:
        """In the order they were written, which is the order of the work."""
        return list(self.commands)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Usage, options before the command, and every command with its first sentence."""
        formatter.write("\n".join(_help_lines(self, ctx)))

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run one command; ends the process with its status unless `standalone_mode` is off."""
        run = super().main
        status = _spoken(lambda: run(args, prog_name, complete_var, False, windows_expand_args, **extra))
        if standalone_mode:
            sys.exit(status)
        return status


def _spoken(run: Any) -> int:
    """The exit status of a run; what it raised is said in Chinese on standard error."""
    try:
        status = run()
        return status if isinstance(status, int) else 0
    except Refused as error:
        remark(*error.lines)
        return error.status
    except (DoorError, PressError, CalendarUnknown) as error:
        remark(str(error))
    except typer.TyperException as error:
        remark(*_misuse(error))
        return error.exit_code
    except typer.Abort:
        remark("已中止。")
    except BrokenPipeError:
        # Whoever read our output has seen enough; nothing more can be said there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        if error.errno == errno.EPIPE:
            return PROBLEM_FOUND
        remark(f"无法读写 {error.filename or '文件'}：{why_not(error)}")
    except LookupError as error:
        # A KeyError or IndexError is a slip of ours and must show where it happened.
        if type(error) is not LookupError:
            raise
        remark(str(error))
    return WRONG_USE


def why_not(error: OSError) -> str:
    """Why a file could not be read or written, and what to do."""
    match error:
        case FileNotFoundError():
            return "没有这个文件，请检查路径"
        case IsADirectoryError():
            return "这是文件夹，请指定文件"
        case PermissionError():
            return "没有权限，请检查权限，或是否正被别的程序占用"
        case OSError(errno=errno.ENOSPC):
            return "磁盘已满，请腾出空间"
    return f"{error.strerror or error}，请检查路径、权限和磁盘空间"


def _misuse(error: typer.TyperException) -> list[str]:
    """The library's English complaint as Chinese lines."""
    ctx = getattr(error, "ctx", None)
    lines = [_complaint(error)]
    if ctx is not None:
        lines.append(f"用法：{_usage(ctx.command, ctx)}")
        lines.append(f"详见：{ctx.command_path} --help")
    return lines


def _complaint(error: typer.TyperException) -> str:
    name, message = type(error).__name__, error.message
    param = getattr(error, "param", None)
    match name:
        case "NoSuchOption":
            if getattr(error, "option_name", "") in BEFORE_THE_COMMAND:
                return f"选项 {getattr(error, 'option_name', '')} 要写在命令之前"
            like = getattr(error, "possibilities", None)
            hint = f"，是不是 {'、'.join(sorted(like))}？" if like else ""
            return f"没有选项 {getattr(error, 'option_name', '')}{hint}"
        case "MissingParameter":
            return f"缺少 {_label(param)}：{getattr(param, 'help', '') or '必须写明'}"
        case "BadOptionUsage":
            return f"选项 {getattr(error, 'option_name', '')} 后面要写一个值"
        case "BadParameter":
            chinese = message if any("\u4e00" <= ch <= "\u9fff" for ch in message) else ""
            return f"{_label(param)} 写得不对：{chinese or getattr(param, 'help', '') or message}"
    if message.startswith("No such command"):
        wrong = message.split("'")[1] if "'" in message else ""
        likes = message.partition("Did you mean")[2].replace("'", "").strip(" ?.")
        return f"没有命令 {wrong}" + (f"，是不是 {likes}？" if likes else "")
    if message.startswith("Missing command"):
        return "请写明命令"
    if "unexpected extra argument" in message:
        extra = message.rpartition(" (")[2].rstrip(".").removesuffix(")")
        return f"多写了：{extra}；含空格的名称请加引号"
    return f"用法不对：{message}"


def _label(param: Any) -> str:
    if param is None:
        return "参数"
    if isinstance(param, TyperArgument):
        return str(param.metavar or param.name)
    return "/".join(param.opts)


def _usage(command: Any, ctx: Any) -> str:
    pieces = [ctx.command_path]
    if isinstance(command, TyperGroup):
        return " ".join([*pieces, "[选项] 命令 [参数]"])
    for param in command.params:
        if isinstance(param, TyperArgument):
            word = _label(param) + ("…" if param.nargs != 1 else "")
            pieces.append(word if param.required else f"[{word}]")
    pieces += [
        f"{param.opts[0]} {param.metavar or ''}".strip() for param in _options(command) if param.required
    ]
    if any(not param.required for param in _options(command)):
        pieces.append("[选项]")
    return " ".join(pieces)


def _options(command: Any) -> list[Any]:
    return [each for each in command.params if not isinstance(each, TyperArgument)]


def _help_lines(command: Any, ctx: Any) -> list[str]:
    lines = ["", f"用法：{_usage(command, ctx)}", "", *(command.help or "").strip().splitlines(), ""]
    arguments = [each for each in command.params if isinstance(each, TyperArgument)]
    lines += _section("参数：", [(_label(each), each.help or "") for each in arguments])
    if isinstance(command, TyperGroup):
        named = [(name, command.commands[name]) for name in command.list_commands(ctx)]
        lines += _section("命令：", [(name, _first_line(each)) for name, each in named if not each.hidden])
    options = [(_option_words(each), each.help or "") for each in _options(command)]
    options.append(("--help", "显示这段说明"))
    return [*lines, *_section("选项：", options)]


def _option_words(param: Any) -> str:
    value = "" if param.is_flag else f" {param.metavar or param.name.upper()}"
    return ", ".join(param.opts) + value


def _first_line(command: Any) -> str:
    return next(iter((command.help or "").strip().splitlines()), "")


def _section(title: str, rows: Sequence[tuple[str, str]]) -> list[str]:
    """Two columns, the first as wide as it needs; Chinese counts double, which rich knows."""
    if not rows:
        return []
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for left, right in rows:
        table.add_row(Text(f"  {left}"), Text(right))
    console = Console(width=110, color_system=None, markup=False, emoji=False, highlight=False)
    with console.capture() as capture:
        console.print(table)
    return [title, *(each.rstrip() for each in capture.get().rstrip().splitlines()), ""]
