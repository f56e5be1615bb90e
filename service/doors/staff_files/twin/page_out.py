"""A Campaign as campaign.yaml; into one that stands, only what differs is written and its remarks stay."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator, Mapping

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from service.doors.staff_files.section import read_day
from service.doors.staff_files.twin.differ import identities
from service.doors.staff_files.twin.written import Branch, Node, written
from service.office.campaign import Campaign

_HEAD = """\
# 这份活动的全部事实；同一文件夹的 活动.xlsx 写的是同样的事，改哪一份都可以，但要一致。
# 每个键的写法见 templates/README.md；写错的地方，lint 会指出行号和改法。
"""
_PARTS = {
    "addressees": "发给谁",
    "activities": "办什么活动",
    "attachments": "随信发什么（.docx 是模板，由程序填写；其他文件原样发送）",
    "contacts": "怎么联系、怎么交",
    "items": "要报什么",
    "automatic": "由程序直接发信，还是先存草稿",
}
# Where the first key of a part is not written, the part begins with the next.
_BEGINS = {"groups": "addressees", "links": "contacts", "post": "contacts"}
_WIDTH = 110
_PLAIN = re.compile(r"[A-Za-z_/\u4e00-\u9fff“《（][^\n\t:#\[\]{},&*!|>'\"%@`]*")
_SPEAKING = {"true", "false", "yes", "no", "on", "off", "null", "none", "y", "n", "~", "是", "否"}
# Tables that read as one value when nothing else is said in them.
_SHORT = {"due": "on", "length": "about", "sections": "names", "pictures": "at_least"}


def page_of(campaign: Campaign, head: str = _HEAD) -> bytes:
    """The whole of a fresh campaign.yaml, parts under their headings, long texts folded."""
    lines = [head]
    seen: set[str] = set()
    for key, node in written(campaign).items():
        part = _BEGINS.get(key, key)
        if part in _PARTS and part not in seen:
            seen.add(part)
            lines.append(f"\n# ---- {_PARTS[part]} ----\n")
        lines.append("".join(f"{each}\n" for each in _entry(key, node, 0)))
    return "".join(lines).encode()


def page_changed(
    standing: bytes, said: Campaign | None, campaign: Campaign, understands: Callable[[bytes], bool]
) -> bytes:
    """`standing`, which says `said`, made to say `campaign`; remarks, order and quotes stay where they can.

    `understands` tells whether a page says exactly this campaign; where no mended page does, a fresh one.
    """
    try:
        page = _mended(standing, written(said) if said else {}, written(campaign))
    except (YAMLError, ValueError, AttributeError, TypeError, KeyError):
        return page_of(campaign)
    return page if understands(page) else page_of(campaign)


# --- a fresh page ---------------------------------------------------------------------------------


def _entry(key: str, node: Node, depth: int) -> Iterator[str]:
    pad = "  " * depth
    node = _short(key, node)
    flow = _flow(node)
    if flow is not None and len(pad + key) + len(flow) + 2 <= _WIDTH:
        yield f"{pad}{key}: {flow}"
    elif isinstance(node, dict):
        yield f"{pad}{key}:"
        for below, value in node.items():
            yield from _entry(below, value, depth + 1)
    elif isinstance(node, list):
        yield f"{pad}{key}:"
        for each in node:
            yield from _row(each, depth + 1)
    else:
        yield f"{pad}{key}: {flow}"


def _row(node: Node, depth: int) -> Iterator[str]:
    pad = "  " * depth
    flow = _flow(node, is_row=True)
    if flow is not None and len(pad) + len(flow) + 2 <= _WIDTH:
        yield f"{pad}- {flow}"
    elif isinstance(node, dict):
        lines = [line for key, value in node.items() for line in _entry(key, value, depth + 1)]
        yield f"{pad}- {lines[0].lstrip()}"
        yield from lines[1:]
    else:
        yield f"{pad}- {flow or _scalar(str(node))}"


def _short(key: str, node: Node) -> Node:
    if isinstance(node, dict) and list(node) == [_SHORT.get(key)]:
        return node[_SHORT[key]]
    return node


def _flow(node: Node, *, is_row: bool = False) -> str | None:
    """The node on one line; tables of tables, and rows of many keys, are better read on several."""
    if isinstance(node, list):
        if any(isinstance(each, dict) for each in node):
            return None
        return "[" + ", ".join(_scalar(each) for each in node) + "]"
    if isinstance(node, dict):
        if not is_row and len(node) > 3:
            return None
        parts = []
        for key, value in node.items():
            inside = _flow(_short(key, value))
            if inside is None or isinstance(value, dict):
                return None
            parts.append(f"{key}: {_scalar(value) if not isinstance(value, list) else inside}")
        return "{" + ", ".join(parts) + "}"
    return _scalar(node)


def _scalar(node: Node) -> str:
    if isinstance(node, bool):
        return "true" if node else "false"
    if isinstance(node, int):
        return str(node)
    text = str(node)
    if read_day(text) and re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return text
    is_plain = _PLAIN.fullmatch(text) and text == text.strip() and text.lower() not in _SPEAKING
    # JSON is YAML too, whatever signs staff type.
    return text if is_plain else json.dumps(text, ensure_ascii=False)


# --- a standing page mended -----------------------------------------------------------------------


def _mended(standing: bytes, said: Branch, wanted: Branch) -> bytes:
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    page = yaml.load(_text(standing))
    if not isinstance(page, CommentedMap):
        raise ValueError("not a table")
    _fit(page, said, wanted)
    out = io.BytesIO()
    yaml.dump(page, out)
    return out.getvalue()


def _text(standing: bytes) -> str:
    try:
        return standing.decode("utf-8-sig")
    except UnicodeDecodeError:
        return standing.decode("gb18030")


def _fit(page: CommentedMap, said: Branch, wanted: Branch) -> None:
    """Change what differs, add what is new, take out what is gone; a default that is spelt out may stay."""
    for key in list(page):
        if key in said and key not in wanted:
            del page[key]
    for key, node in wanted.items():
        before = said.get(key)
        if key not in page or page[key] is None:
            page[key] = _fresh(_short(key, node))
        elif isinstance(page[key], CommentedMap) and isinstance(node, dict):
            _fit(page[key], before if isinstance(before, dict) else {}, node)
        elif isinstance(page[key], CommentedSeq) and isinstance(node, list) and _are_rows(page[key], node):
            _fit_rows(page[key], before if isinstance(before, list) else [], node)
        elif before != node and not _same(page[key], node, key):
            page[key] = _fresh(_short(key, node))


def _are_rows(standing: CommentedSeq, node: list[Node]) -> bool:
    return (
        bool(node)
        and all(isinstance(each, CommentedMap) for each in standing)
        and all(isinstance(each, dict) for each in node)
    )


def _fit_rows(standing: CommentedSeq, said: list[Node], node: list[Node]) -> None:
    """Rows of the same name are mended where they stand; then all are put into the wanted order."""
    wanted = [each for each in node if isinstance(each, dict)]
    before = [each for each in said if isinstance(each, dict)]
    old = dict(zip(identities(before), before, strict=True))
    known = dict(zip(identities([dict(each) for each in standing]), standing, strict=True))
    by_place = (
        list(standing) if len(standing) == len(wanted) and not set(known) & set(identities(wanted)) else []
    )
    rows = []
    for index, (name, row) in enumerate(zip(identities(wanted), wanted, strict=True)):
        mine = known.get(name) or (by_place[index] if by_place else None)
        if mine is None:
            fresh = _fresh(row)
            if isinstance(fresh, CommentedMap) and any(each.fa.flow_style() for each in standing):
                fresh.fa.set_flow_style()
            rows.append(fresh)
        else:
            _fit(mine, old.get(name, {}), row)
            rows.append(mine)
    if [id(each) for each in rows] != [id(each) for each in standing]:
        standing[:] = rows


def _same(standing: object, node: Node, key: str) -> bool:
    """Whether the page already says this, in whatever form."""
    if isinstance(standing, Mapping):
        short = _SHORT.get(key)
        table = node if isinstance(node, dict) else {short: node} if short else None
        return isinstance(table, dict) and _plain(standing) == _plain(table)
    if isinstance(node, dict) and key in _SHORT:
        return list(node) == [_SHORT[key]] and _plain(standing) == _plain(node[_SHORT[key]])
    if isinstance(node, list) and not isinstance(standing, CommentedSeq):
        return len(node) == 1 and _plain(standing) == _plain(node[0])
    return _plain(standing) == _plain(node)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if isinstance(value, bool) else str(value).strip()


def _fresh(node: Node) -> object:
    if isinstance(node, dict):
        return CommentedMap({key: _fresh(_short(key, value)) for key, value in node.items()})
    if isinstance(node, list):
        rows = CommentedSeq([_fresh(each) for each in node])
        if not any(isinstance(each, dict) for each in node):
            rows.fa.set_flow_style()
        return rows
    if isinstance(node, str) and read_day(node) and re.fullmatch(r"\d{4}-\d\d-\d\d", node):
        return read_day(node)
    return node
