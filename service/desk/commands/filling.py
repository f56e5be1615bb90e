"""The command that fills a Word template, once or for every line of a file; it needs no office."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn

from service.desk.commands.seat import seat_of
from service.desk.commands.speech import margin, remark, tell, why_not
from service.desk.tools import WRONG_USE, Refused, Tools
from service.office.needs.press import Value


def render(
    ctx: typer.Context,
    template: Annotated[Path, typer.Argument(metavar="模板.docx", help="Word 模板")],
    data: Annotated[
        Path | None, typer.Argument(metavar="[数据.json]", help="填入的内容：一个 JSON 对象")
    ] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="输出.docx", help="写到哪个文件")] = None,
    many: Annotated[
        Path | None, typer.Option("--many", metavar="数据.jsonl", help="成批：每行一个 JSON 对象，一行一份")
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option("-d", "--dir", metavar="文件夹", help="成批时写到哪个文件夹；文件名取自 _name"),
    ] = None,
) -> None:
    """把数据填进 Word 模板。

    一份：render 模板.docx 数据.json -o 输出.docx；成批：render 模板.docx --many 数据.jsonl -d 文件夹。
    """
    tools = seat_of(ctx).tools
    if many is not None and folder is not None and data is None and out is None:
        _render_many(tools, template, many, folder)
    elif data is not None and out is not None and many is None and folder is None:
        facts = _object(_text(tools, data), str(data))
        tools.write_file(out, tools.press.render(tools.read_file(template), template.name, facts))
        tell(f"已写到 {out}")
    else:
        raise Refused(
            "请写 render 模板.docx 数据.json -o 输出.docx，或 render 模板.docx --many 数据.jsonl -d 文件夹"
        )


def _render_many(tools: Tools, template: Path, many: Path, folder: Path) -> None:
    filled = failed = 0
    progress = Progress(
        SpinnerColumn(),
        TextColumn("已填写 {task.completed} 份"),
        console=margin(),
        transient=True,
        disable=not margin().is_terminal,
    )
    # The documents begin before the progress line does: processes are copied before a thread is started.
    printed = tools.print_many(tools.read_file(template), template.name, many)
    first = next(printed, None)
    with progress:
        task = progress.add_task("", total=None)
        for each in () if first is None else chain((first,), printed):
            say = each.say or _written(tools, folder / each.name, each.document)
            if say:
                failed += 1
                remark(f"第 {each.line} 行没有填成：{say}")
                continue
            filled += 1
            progress.advance(task)
    tell(f"已填好 {filled} 份，写在 {folder}" + (f"；{failed} 行没有填成" if failed else ""))
    if failed:
        raise typer.Exit(WRONG_USE)


def _written(tools: Tools, path: Path, document: bytes | None) -> str:
    """Write one document; a sentence where the disk refuses it."""
    try:
        tools.write_file(path, document or b"")
    except OSError as error:
        return f"无法写到 {path}：{why_not(error)}"
    return ""


def _text(tools: Tools, file: Path) -> str:
    try:
        return tools.read_file(file).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(f"{file} 不是 UTF-8 编码：请另存为 UTF-8") from None


def _object(text: str, where: str) -> Mapping[str, Value]:
    try:
        value: Any = json.loads(text)
    except json.JSONDecodeError as error:
        raise Refused(f"{where} 不是 JSON：第 {error.lineno} 行第 {error.colno} 列附近写法不对") from None
    except RecursionError:
        raise Refused(f"{where} 一层套一层过深") from None
    if not isinstance(value, dict):
        raise Refused(f"{where} 应当是一个 JSON 对象：{{…}}")
    return value
