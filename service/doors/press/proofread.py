"""What is wrong in a template before it is rendered: braces and blocks, paragraph by paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from service.doors.forms.package import parse_xml
from service.doors.press.fill import Place
from service.doors.press.package import DOCUMENT, W_, Parts
from service.doors.press.strict import part_name_in_words
from service.office.finding import Problem

_RENDERED = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml")
_TEXTUAL = re.compile(r"(word|docProps)/.*\.xml")
_WIDE_BRACE = re.compile(r"[｛{]\s?[｛{％]|[｛{][%％]|[｝}%％]\s?[｝}]")
_SPLIT_BRACE = re.compile(r"\{\s+[{%#]|[}%#]\s+\}(?!\})")
_TAG = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
_WHOLE_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_LITERAL = re.compile(r"\"[^\"]*\"|'[^']*'|“[^”]*”|‘[^’]*’")
_WIDE_SIGN = re.compile(r"[｜（），．＝＋：；！＿［］　]")
# The tag that stands for its whole paragraph, row or cell: whatever else is there would be lost.
_SWALLOWS = re.compile(r"[{][{%#](p|tr|tc)\s")
_BLOCK = re.compile(r"\{%-?\s*(?:p|tr|tc|r)?\s*(\w+)")
_OPENS = {
    "for": "循环",
    "if": "判断",
    "macro": "宏",
    "call": "调用",
    "filter": "过滤",
    "with": "with",
    "raw": "raw",
}
# What `new` leaves for a person to write; nothing that still holds it may be mailed.
_PLACEHOLDER = "（请在这里写明"
_PAIRS = {"}}": "{{", "%}": "{%", "#}": "{#"}


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of a template: where it is, its own text, and the text of the row and cell around it."""

    place: Place
    text: str
    row: str
    cell: str


def paragraphs(parts: Parts) -> Iterator[Paragraph]:
    """Every paragraph of every part that is rendered, the body first, in the order Word shows them."""
    for name in sorted(filter(_RENDERED.fullmatch, parts), key=lambda each: (each != DOCUMENT, each)):
        words = part_name_in_words(name)
        for number, element in enumerate(parse_xml(parts[name]).iter(W_ + "p"), 1):
            yield Paragraph(
                Place(words, number),
                _own_text(element),
                _text_around(element, "tr"),
                _text_around(element, "tc"),
            )


def proofread(parts: Parts, file: str) -> list[Problem]:
    """Problems that would lose text or stop the rendering, each with its paragraph."""
    found: list[Problem] = []
    blocks: dict[str, list[tuple[str, Paragraph]]] = {}
    for paragraph in paragraphs(parts):
        for code, say in _in_paragraph(paragraph):
            found.append(_problem(file, paragraph, code, say))
        for code, say, at in _in_blocks(paragraph, blocks.setdefault(paragraph.place.part, [])):
            found.append(_problem(file, at, code, say))
    for opened in blocks.values():
        for kind, at in opened:
            say = f"{at.place.words()}的{_OPENS[kind]}没有 {{%p end{kind} %}}"
            found.append(_problem(file, at, "unclosed-block", say))
    return found + _in_parts_never_rendered(parts, file)


def _in_paragraph(paragraph: Paragraph) -> Iterator[tuple[str, str]]:
    text = paragraph.text
    if _PLACEHOLDER in text:
        yield "placeholder", f"这里还是“{_PLACEHOLDER}…”的提示，请换成通知自己的话"
        return
    for brace in _WIDE_BRACE.finditer(text):
        if re.search("[｛｝％]", brace[0]):
            yield "wide-brace", f"“{brace[0]}”是全角括号，会原样印出来，请改成半角的 {{{{ }}}} 或 {{% %}}"
            return
    if split := _SPLIT_BRACE.search(text):
        yield "split-brace", f"“{split[0]}”中间多了空格，请把两个符号连在一起写"
        return
    if say := _unbalanced(text):
        yield "unclosed-tag", say
        return
    for tag in _WHOLE_TAG.findall(text):
        if sign := _WIDE_SIGN.search(_LITERAL.sub("", tag)):
            yield "wide-sign", f"标记 {tag} 里有全角符号“{sign[0]}”，请改成半角"
    if swallows := _SWALLOWS.search(text):
        whole = {"p": text, "tr": paragraph.row, "tc": paragraph.cell}[swallows[1]]
        rest = _WHOLE_TAG.sub("", whole, count=1).strip()
        if rest:
            what = {"p": "一段", "tr": "一行", "tc": "一格"}[swallows[1]]
            yield "text-lost", f"带 {swallows[1]} 的标记要独占{what}，否则“{rest[:20]}”会丢失，请另起{what}"


def _unbalanced(text: str) -> str:
    """The sentence for braces that do not pair within the paragraph, or nothing."""
    opened = ""
    for tag in _TAG.findall(text):
        if tag in _PAIRS.values():
            if opened:
                return f"“{opened}”还没有写完又出现“{tag}”，请补上与它成对的结尾"
            opened = tag
        elif opened and _PAIRS[tag] == opened:
            opened = ""
        elif opened or tag != "}}":
            return f"“{opened or tag}”没有成对，请检查这一段的括号"
        else:
            return "多了“}}”，前面没有“{{”"
    if opened:
        return f"“{opened}”没有写完，会吞掉后面的文字，请在这一段补上结尾"
    return ""


def _in_blocks(
    paragraph: Paragraph, opened: list[tuple[str, Paragraph]]
) -> Iterator[tuple[str, str, Paragraph]]:
    for tag in _WHOLE_TAG.findall(paragraph.text):
        word = found[1] if (found := _BLOCK.match(tag)) else ""
        if word in _OPENS:
            opened.append((word, paragraph))
        elif word.startswith("end") and word[3:] in _OPENS:
            if opened and opened[-1][0] == word[3:]:
                opened.pop()
            elif opened:
                kind, at = opened.pop()
                yield (
                    "crossed-blocks",
                    f"{at.place.words()}的{_OPENS[kind]}应以 end{kind} 结束，这里写的是 {word}",
                    paragraph,
                )
            else:
                yield "unopened-block", f"多了一个 {word}，前面没有与它对应的 {word[3:]}", paragraph


def _in_parts_never_rendered(parts: Parts, file: str) -> list[Problem]:
    """Tags in a diagram, a chart or a glossary would be mailed as they stand."""
    found = []
    for name, data in parts.items():
        if not _TEXTUAL.fullmatch(name) or _RENDERED.fullmatch(name) or name.startswith("docProps/"):
            continue
        if b"{{" in data or b"{%" in data:
            text = "".join(str(each) for each in parse_xml(data).itertext())
            if tag := _WHOLE_TAG.search(text):
                say = f"标记 {tag[0]} 写在图形、图表或样式里，这里不会被填写，请移到正文"
                found.append(Problem(file=file, place=name, say=say, code="tag-not-rendered", text=tag[0]))
    return found


def _problem(file: str, at: Paragraph, code: str, say: str) -> Problem:
    return Problem(
        file=file, place=at.place.words(), say=say, code=code, paragraph=at.place.paragraph, text=at.text
    )


def _own_text(paragraph: etree._Element) -> str:
    """Text of the paragraph without that of text boxes inside it, which hold paragraphs of their own."""
    return "".join(
        piece.text or ("\n" if piece.tag == W_ + "br" else "")
        for piece in paragraph.iter(W_ + "t", W_ + "br", W_ + "tab")
        if next(piece.iterancestors(W_ + "p")) is paragraph
    )


def _text_around(paragraph: etree._Element, tag: str) -> str:
    around = next(paragraph.iterancestors(W_ + tag), None)
    return "" if around is None else "".join(piece.text or "" for piece in around.iter(W_ + "t"))
