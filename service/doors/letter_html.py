"""A letter's plain text as restrained HTML: the same characters in the same order, only easier on the eye."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

# Inline only: web mail throws style sheets away, and nothing may be fetched from anywhere.
_FONT = "font-family:'Microsoft YaHei','PingFang SC',SimSun,sans-serif;font-size:15px;line-height:1.7"
_CELL = "border:1px solid #c8c8c8;padding:4px 8px;vertical-align:top;text-align:left"
_HEADING = re.compile(r"[一二三四五六七八九十]{1,3}、\S.{0,60}|【.{1,60}】.{0,80}")
_NUMBERED = re.compile(r"(\d{1,3})\. (\S.*)")
_INDENTED = re.compile(r" {3,}(\S.*)")
_LABELLED = re.compile(r"([^：:\s]{1,12})：(.+)")
_RULE = re.compile(r"[—─\-_=]{4,}")


def html_of(text: str) -> str:
    """The whole body. A numbered entry with indented lines becomes a table row; a line stays a line.

    The text is the authority: whoever takes the tags out again has it word for word, blanks aside.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n").split("\n")
    inner = "\r\n".join(_blocks(lines))
    return (
        '<!DOCTYPE html>\r\n<html lang="zh-CN"><head><meta charset="utf-8"></head>\r\n'
        f'<body style="margin:0;padding:12px 16px;color:#222;{_FONT}">\r\n{inner}\r\n</body></html>\r\n'
    )


def _blocks(lines: list[str]) -> Iterator[str]:
    at = 0
    while at < len(lines):
        entries, after = _entries(lines, at)
        if entries:
            yield _table(entries)
            at = after
            continue
        yield _line(lines[at])
        at += 1


def _line(line: str) -> str:
    if not line.strip():
        return "<div><br></div>"
    if _RULE.fullmatch(line.strip()):
        return f'<div style="color:#999">{escape(line.strip())}</div>'
    if _HEADING.fullmatch(line):
        return f'<div style="font-weight:bold">{escape(line)}</div>'
    return f"<div>{escape(line)}</div>"


def _entries(lines: list[str], at: int) -> tuple[list[tuple[str, str, list[str]]], int]:
    """Numbered entries from here on, each with its indented lines; none unless one has such lines."""
    found: list[tuple[str, str, list[str]]] = []
    while at < len(lines):
        after = at
        # One empty line between entries, or above an indented line, is but air.
        while found and after < len(lines) and not lines[after].strip():
            after += 1
        line = lines[after] if after < len(lines) else ""
        if numbered := _NUMBERED.fullmatch(line):
            if found and int(numbered[1]) != int(found[-1][0]) + 1:
                break
            found.append((numbered[1], numbered[2], []))
        elif found and (indented := _INDENTED.fullmatch(line)):
            found[-1][2].append(indented[1])
        else:
            break
        at = after + 1
    if not any(more for _, _, more in found):
        return [], at
    return found, at


def _table(entries: list[tuple[str, str, list[str]]]) -> str:
    rows = []
    for number, name, more in entries:
        said = "".join(f"<div>{_said(each)}</div>" for each in more) or "<br>"
        rows.append(
            f'<tr><td style="{_CELL};white-space:nowrap">{number}.</td>'
            f'<td style="{_CELL};font-weight:bold">{escape(name)}</td><td style="{_CELL}">{said}</td></tr>'
        )
    inner = "\r\n".join(rows)
    return f'<table style="border-collapse:collapse;margin:8px 0;{_FONT}">\r\n{inner}\r\n</table>'


def _said(line: str) -> str:
    """时间：… with what is asked of it in bold."""
    labelled = _LABELLED.fullmatch(line)
    if labelled is None:
        return escape(line)
    label, said = escape(labelled[1]), escape(labelled[2])
    is_when = labelled[1] in ("时间", "截止时间", "截止")
    return f"{label}：<b>{said}</b>" if is_when else f"{label}：{said}"
