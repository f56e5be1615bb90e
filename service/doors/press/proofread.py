"""What is wrong in a template before it is rendered: braces and blocks, paragraph by paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from service.doors.forms.package import parse_xml
from service.doors.press.blocks import Blocks
from service.doors.press.package import Parts
from service.doors.press.paragraphs import RENDERED, Paragraph, paragraphs
from service.office.finding import Problem

__all__ = ["Paragraph", "paragraphs", "problem_at", "proofread", "tags_in", "wide_brace"]

_TEXTUAL = re.compile(r"(word|docProps)/.*\.xml")
_PROPERTIES_RENDERED = re.compile(r"docProps/(core|custom)\d*\.xml")
_WIDE_BRACE = re.compile(r"[｛{]\s?[｛{％]|[｛{][%％]|[｝}%％]\s?[｝}]")
_SPLIT_BRACE = re.compile(r"\{\s+[{%#](?=.*[}%#]\s*\})", re.DOTALL)
_TAG = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
_WHOLE_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_LITERAL = re.compile(r"\"[^\"]*\"|'[^']*'|“[^”]*”|‘[^’]*’")
_CLOSING = {'"': '"', "'": "'", "“": "”", "‘": "’"}
# Every sign that input methods put in place of one that Jinja reads; curly quotes docxtpl mends by itself.
_WIDE_SIGN = re.compile(r"[\uff01-\uff5e\u3000，。、；：？！（）【】《》—…·￥]")
# The tag that stands for its whole paragraph, row or cell: whatever else is there would be lost.
_SWALLOWS = re.compile(r"[{][{%#](p|tr|tc)\s")
# What `new` leaves for a person to write; nothing that still holds it may be mailed.
_PLACEHOLDER = re.compile(r"[（(【\[]\s*请在(?:这里|此处|此)(?:写明|填写|写|补充)[^）)】\]]{0,40}")
_PAIRS = {"}}": "{{", "%}": "{%", "#}": "{#"}
_TAGS_SHOWN_MAX = 60


def proofread(parts: Parts, file: str) -> list[Problem]:
    """Problems that would lose text or stop the rendering, each with its paragraph."""
    found: list[Problem] = []
    blocks: dict[str, Blocks] = {}
    for paragraph in paragraphs(parts):
        if paragraph.is_twin:
            continue
        for code, say in _in_paragraph(paragraph):
            found.append(problem_at(file, paragraph, code, say))
        running = blocks.setdefault(paragraph.part, Blocks())
        for tag in tags_in(paragraph.text):
            found += [problem_at(file, at, code, say) for code, say, at in running.meet(tag, paragraph)]
    for running in blocks.values():
        found += [problem_at(file, at, code, say) for code, say, at in running.left_open()]
    return found + _in_parts_never_rendered(parts, file)


def tags_in(text: str) -> list[str]:
    """Every whole tag of a text, in order."""
    return _WHOLE_TAG.findall(text)


def problem_at(file: str, at: Paragraph, code: str, say: str, *, is_error: bool = True) -> Problem:
    """A problem said of one paragraph, quoting it."""
    return Problem(
        file=file,
        place=at.place.words(),
        say=say,
        code=code,
        is_error=is_error,
        paragraph=at.place.paragraph,
        text=at.text,
    )


def _in_paragraph(paragraph: Paragraph) -> Iterator[tuple[str, str]]:
    text = paragraph.text
    if hint := _PLACEHOLDER.search(text):
        yield "placeholder", f"这里还是“{hint[0]}…”的提示，请换成通知自己的话"
        return
    if brace := wide_brace(text):
        yield "wide-brace", f"“{brace}”是全角括号，会原样印出来，请改成半角的 {{{{ }}}} 或 {{% %}}"
        return
    if split := _SPLIT_BRACE.search(_WHOLE_TAG.sub("", text)):
        yield "split-brace", f"“{split[0]}”中间多了空格，请把两个符号连在一起写"
        return
    if say := _unbalanced(text):
        yield "unclosed-tag", say
        return
    for tag in tags_in(text):
        # Words of a comment are the author's own.
        if not tag.startswith("{#") and (sign := _WIDE_SIGN.search(_LITERAL.sub("", tag))):
            yield "wide-sign", f"标记 {_shown(tag)} 里有全角符号“{sign[0]}”，请改成半角"
    yield from _swallowed(paragraph)


def _swallowed(paragraph: Paragraph) -> Iterator[tuple[str, str]]:
    text = paragraph.text
    if swallows := _SWALLOWS.search(text):
        whole = {"p": text, "tr": paragraph.row, "tc": paragraph.cell}[swallows[1]]
        rest = _WHOLE_TAG.sub("", whole, count=1).strip()
        if rest:
            what = {"p": "一段", "tr": "一行", "tc": "一格"}[swallows[1]]
            yield "text-lost", f"带 {swallows[1]} 的标记要独占{what}，否则“{rest[:20]}”会丢失，请另起{what}"


def wide_brace(text: str) -> str:
    """The first pair of braces that is full-width or half of it; a single ｛ beside a tag is only text."""
    inside = [_LITERAL.sub("", tag[2:-2]) for tag in tags_in(text) if not tag.startswith("{#")]
    for piece in (_WHOLE_TAG.sub("\0", text), *inside):
        for brace in _WIDE_BRACE.finditer(piece):
            if re.search("[｛｝％]", brace[0]):
                return brace[0]
    return ""


def _unbalanced(text: str) -> str:
    """The sentence for braces that do not pair within the paragraph, or nothing."""
    opened = ""
    at = 0
    while (found := _next_sign(text, at, in_tag=opened in ("{{", "{%"))) is not None:
        tag, at = found[0], found.end()
        if opened == "{#" and tag != "#}":
            continue
        if tag in _PAIRS.values():
            if opened:
                return f"“{opened}”还没有写完又出现“{tag}”，请补上与它成对的结尾"
            opened = tag
        elif opened and _PAIRS[tag] == opened:
            opened = ""
        elif opened or tag != "}}":
            return f"“{opened or tag}”没有成对，请检查这一段的括号"
        else:
            return "多了“}}”，前面没有“{{”，请补上或去掉"
    if opened:
        return f"“{opened}”没有写完，会吞掉后面的文字，请在这一段补上结尾"
    return ""


def _next_sign(text: str, at: int, *, in_tag: bool) -> re.Match[str] | None:
    """The next brace of a tag; inside a tag, braces within quotes are text."""
    while (found := _TAG.search(text, at)) is not None:
        quote = re.compile("[\"'“‘]").search(text, at, found.start()) if in_tag else None
        end = text.find(_CLOSING[quote[0]], quote.end()) if quote else -1
        if end < 0:
            return found
        at = end + 1
    return None


def _in_parts_never_rendered(parts: Parts, file: str) -> list[Problem]:
    """Tags in a diagram, a style, a link's address or the company's name would be mailed as they stand."""
    found: list[Problem] = []
    for name, data in parts.items():
        if name.endswith(".rels"):
            found += _in_links(data, name, file)
        elif _TEXTUAL.fullmatch(name) and not RENDERED.fullmatch(name):
            if _PROPERTIES_RENDERED.fullmatch(name) or not (b"{{" in data or b"{%" in data):
                continue
            text = "".join(str(each) for each in parse_xml(data).itertext())
            if tag := _WHOLE_TAG.search(text):
                is_property = name.startswith("docProps/")
                where = "文档属性的“单位”“主管”等项" if is_property else "图形、图表或样式"
                say = f"标记 {_shown(tag[0])} 写在{where}里，这里不会被填写，请移到正文"
                place = "文档属性" if is_property else "图形或图表"
                found.append(Problem(file=file, place=place, say=say, code="tag-not-rendered", text=tag[0]))
    return found


def _in_links(data: bytes, name: str, file: str) -> Iterator[Problem]:
    for relation in parse_xml(data):
        # Word writes the braces of an address as %7B and %7D.
        target = unquote(str(relation.get("Target") or ""))
        if re.search(r"\{\{|\{%", target):
            say = f"超链接的地址“{target[:60]}”里有标记，地址不会被填写，请在正文里写出网址，或写成固定的地址"
            yield Problem(file=file, place="超链接", say=say, code="tag-not-rendered", text=target)


def _shown(tag: str) -> str:
    return tag if len(tag) <= _TAGS_SHOWN_MAX else tag[:_TAGS_SHOWN_MAX] + "…"
