"""A YAML file as plain values that know their line; nothing in it is ever executed or expanded."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from service.office.finding import Problem

# A campaign is a few hundred lines; these stop a wrong or hostile file, not a long one.
PAGE_BYTES_MAX = 512 * 1024
DEPTH_MAX = 16
VALUES_MAX = 20_000

_CORE_TAG = re.compile(r"tag:yaml\.org,2002:(str|int|float|bool|null|timestamp|map|seq|merge|value)")
_WIDE = r"[\u2014-\u201d\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
_FOLD = re.compile(rf"(?<={_WIDE})\a (?={_WIDE})")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Word:
    """One value as typed; `is_empty` when nothing (or null) stands there."""

    text: str
    line: int
    is_empty: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """A list."""

    rows: tuple[Cell, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A key's line and its value."""

    line: int
    cell: Cell


@dataclass(frozen=True, slots=True)
class Table:
    """Keys and values, in the order written."""

    entries: dict[str, Entry]
    line: int


Cell = Word | Rows | Table


def read_page(data: bytes, file: str) -> tuple[Table | None, tuple[Problem, ...]]:
    """The top-level table of a file, or None; every fault is a Problem with its line.

    An empty file is an empty table.
    """
    if len(data) > PAGE_BYTES_MAX:
        say = f"文件有 {len(data) // 1024} KB，超过 {PAGE_BYTES_MAX // 1024} KB，不像是手写的配置，没有读取"
        return None, (Problem(file, "", say, code="too-large"),)
    text = _decode(data)
    if text is None:
        say = "文字编码不认识，请用记事本另存为 UTF-8"
        return None, (Problem(file, "", say, code="encoding"),)
    if odd := _UNPRINTABLE.search(text):
        line = text.count("\n", 0, odd.start()) + 1
        return None, (at_line(file, line, "有看不见的控制字符，请删除后重新输入这一行", code="yaml"),)
    try:
        # compose() only draws the tree: no constructor runs, so a tag such as !!python can do nothing.
        root = YAML(typ="rt", pure=True).compose(text)
    except MarkedYAMLError as error:
        return None, (_explain(error, text, file),)
    except (YAMLError, ValueError, RecursionError) as error:
        say = "括号或缩进套得太深" if isinstance(error, RecursionError) else "不是有效的 YAML 文件"
        return None, (Problem(file, "", f"{say}，请对照样例改写", code="yaml"),)
    if root is None:
        return Table({}, 1), ()
    builder = _Builder(file)
    cell = builder.build(root, 1)
    if not isinstance(cell, Table):
        if isinstance(cell, Word) and (slip := _wide_colon(text.split("\n"), 1)):
            return None, (at_line(file, 1, slip, code="yaml"),)
        say = "应当是一行一个“键: 值”；冒号要用半角“:”，后面空一格"
        return None, (*builder.problems, at_line(file, 1, say, code="yaml"))
    return cell, tuple(builder.problems)


def at_line(file: str, line: int, say: str, *, key: str = "", code: str = "wrong") -> Problem:
    """A problem at a line of a file."""
    return Problem(file, f"第 {line} 行", say, code=code, line=line, key=key)


def _unfolded(text: str) -> str:
    """Without the marks that ruamel leaves where folded lines were joined, and no blank between Hanzi."""
    return _FOLD.sub("", text).replace("\a", "") if "\a" in text else text


def _decode(data: bytes) -> str | None:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        # Older editors of Windows save as “ANSI”, which here is GBK.
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding).replace("\r\n", "\n")
        except UnicodeDecodeError:
            continue
    return None


class _Builder:
    """Turns nodes into cells, refusing what a hand-written file never needs."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.count = 0

    def build(self, node: object, depth: int) -> Cell:
        assert isinstance(node, ScalarNode | SequenceNode | MappingNode)
        line = node.start_mark.line + 1
        self.count += 1
        if not self._is_plain(node, line) or depth > DEPTH_MAX or self.count > VALUES_MAX:
            if depth > DEPTH_MAX or self.count == VALUES_MAX + 1:
                self._refuse(line, "内容套得太深或太多，没有读取")
            return Word("", line, is_empty=True)
        if isinstance(node, ScalarNode):
            is_empty = str(node.tag).endswith(":null") or (node.style is None and not node.value)
            return Word("" if is_empty else _unfolded(node.value), line, is_empty)
        if isinstance(node, SequenceNode):
            return Rows(tuple(self.build(each, depth + 1) for each in node.value), line)
        return Table(dict(self._entries(node, depth)), line)

    def _entries(self, node: MappingNode, depth: int) -> Iterator[tuple[str, Entry]]:
        seen: dict[str, int] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, ScalarNode) or str(key_node.tag).endswith(":merge"):
                self._refuse(line, "键必须是一个词，不能是列表或“<<”")
                continue
            key = key_node.value.strip()
            if key in seen:
                self._refuse(
                    line, f"键“{key}”在第 {seen[key]} 行已经写过，请删去一处", key=key, code="duplicate"
                )
                continue
            seen[key] = line
            yield key, Entry(line, self.build(value_node, depth + 1))

    def _is_plain(self, node: ScalarNode | SequenceNode | MappingNode, line: int) -> bool:
        if node.anchor:
            self._refuse(line, "不支持“&”“*”引用；值若以这些符号开头，请加引号")
            return False
        if not _CORE_TAG.fullmatch(str(node.tag)):
            self._refuse(line, "不支持“!”标记；值若以“!”开头，请加引号")
            return False
        return True

    def _refuse(self, line: int, say: str, *, key: str = "", code: str = "yaml") -> None:
        self.problems.append(at_line(self.file, line, say, key=key, code=code))


# What the scanner complains of → what to do about it; the first that occurs in its words.
_REMEDIES = (
    ("character '\\t'", "行首用了制表符（Tab），请改为空格"),
    ("that cannot start any token", "值以特殊符号（@ ` % 等）开头，请给它加上引号"),
    ("found undefined alias", "值以“*”开头，请给它加上引号"),
    ("another document", "一个文件只能写一份内容，请删去中间的“---”"),
    ("expected ',' or ']'", "方括号“[ ]”没有成对，或几项之间缺少半角逗号"),
    ("expected ',' or '}'", "花括号“{ }”没有成对，或几项之间缺少半角逗号"),
    ("unexpected end of stream", "引号没有成对"),
    ("found unknown escape", "双引号里的反斜杠请写成两个，或改用单引号"),
    ("could not find expected ':'", "这里缺少冒号；冒号要用半角“:”，后面空一格"),
    ("mapping values are not allowed", "缩进不对，或值里有“: ”而没有加引号"),
    ("expected <block end>", "缩进与上一行对不齐，请用空格对齐"),
    ("did not find expected", "缩进与上一行对不齐，请用空格对齐"),
    ("expected the node content", "方括号或花括号没有成对"),
)


def _explain(error: MarkedYAMLError, text: str, file: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark is not None else 1
    lines = text.split("\n")
    complaint = f"{error.context or ''} {error.problem or ''}"
    # The commonest slip of all, and the scanner notices it only a line later.
    for number in (line, line - 1):
        if slip := _wide_colon(lines, number):
            return at_line(file, number, slip, code="yaml")
    say = next((remedy for words, remedy in _REMEDIES if words in complaint), "格式不对，请对照样例改写")
    return at_line(file, min(line, len(lines)), say, code="yaml")


def _wide_colon(lines: list[str], number: int) -> str:
    written = lines[number - 1] if 0 < number <= len(lines) else ""
    is_slip = re.match(r"\s*(?:- )?[\w\u4e00-\u9fff]+：", written)
    return "键后面的冒号是全角“：”，请改为半角“:”并空一格" if is_slip else ""
