"""Loops and conditions of a template: whether each ends, in order, and on the level on which it began."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches

from service.doors.press.paragraphs import Paragraph

_BLOCK = re.compile(r"\{%(?:(p|tr|tc|r)\s|[-+]?)\s*(\w+)")
OPENS = {
    "for": "循环",
    "if": "判断",
    "macro": "宏",
    "call": "调用",
    "filter": "过滤",
    "with": "with",
    "raw": "raw",
    "set": "set",
}
_AS_A_WHOLE = {"": "几个字", "r": "几个字", "p": "整段", "tr": "整行", "tc": "整格"}

Fault = tuple[str, str, Paragraph]


@dataclass(frozen=True, slots=True)
class _Opened:
    """A block that has begun: its word, the letter of its tag (p, tr, tc, r or none), and where."""

    word: str
    level: str
    at: Paragraph
    is_guess: bool = False  # mistyped, so that its own tag is the one to be mended

    def tag(self, word: str = "") -> str:
        """`{%p endfor %}`, on the level on which the block began."""
        return f"{{%{self.level} {word or 'end' + self.word} %}}"

    @property
    def where(self) -> str:
        return f"{self.at.place.words()}的{OPENS[self.word]}"


@dataclass(slots=True)
class Blocks:
    """The blocks of one part, fed tag by tag in the order of the text."""

    opened: list[_Opened] = field(default_factory=list)
    crossed: list[str] = field(default_factory=list)  # closed too late; their own ends are still to come

    def meet(self, tag: str, at: Paragraph) -> Iterator[Fault]:
        """What is wrong with the next tag: code, sentence and the paragraph it is said of."""
        found = _BLOCK.match(tag)
        if found is None:
            return
        level, word = found[1] or "", found[2]
        if self.opened and self.opened[-1].word == "raw" and word != "endraw":
            return
        if level in ("tr", "tc") and not at.nest.row:
            say = f"{tag} 只能写在表格里，这一段不在表格中，请改成 {{%p … %}}"
            yield "row-tag-outside", say, at
        # A mistyped for is told of by itself; its endfor is not superfluous.
        is_guess = word != "for" and " in " in tag and bool(get_close_matches(word.lower(), ("for",)))
        word = "for" if is_guess else word
        if word in OPENS and not (word == "set" and "=" in tag):
            self.opened.append(_Opened(word, level, at, is_guess))
        elif word in ("else", "elif"):
            yield from self._between(word, level, at)
        elif word.startswith("end") and word[3:] in OPENS:
            yield from self._end(word, level, at)

    def left_open(self) -> Iterator[Fault]:
        """Blocks that never end."""
        for each in self.opened:
            if not each.is_guess:
                yield "unclosed-block", f"{each.where}没有 {each.tag()}", each.at

    def _between(self, word: str, level: str, at: Paragraph) -> Iterator[Fault]:
        top = self.opened[-1] if self.opened else None
        if top is None or top.word not in ("if", "for") or (word == "elif" and top.word != "if"):
            yield "unopened-block", f"多了一个 {word}，前面没有与它对应的 if", at
        else:
            yield from _levels(top, word, level, at)

    def _end(self, word: str, level: str, at: Paragraph) -> Iterator[Fault]:
        wanted = word[3:]
        if not any(each.word == wanted for each in self.opened):
            if wanted in self.crossed:
                self.crossed.remove(wanted)
            else:
                yield "unopened-block", f"多了一个 {word}，前面没有与它对应的 {wanted}", at
            return
        while (top := self.opened.pop()).word != wanted:
            self.crossed.append(top.word)
            say = f"{top.where}应以 end{top.word} 结束，这里写的是 {word}；请先写 {top.tag()}，再写 {word}"
            yield "crossed-blocks", say, at
        yield from _levels(top, word, level, at)


def _levels(top: _Opened, word: str, level: str, at: Paragraph) -> Iterator[Fault]:
    """Both tags of a pair take out the same thing (paragraph, row, cell), and lie in the same one."""
    if level != top.level:
        began = f"{{%{top.level} {top.word} … %}}"
        say = f"{top.where}以 {began} 开头（{_AS_A_WHOLE[top.level]}），这里也要写成 {top.tag(word)}"
        yield "mixed-block", say, at
        return
    here, there = at.nest, top.at.nest
    is_torn = {
        "tr": here.table != there.table,
        "tc": here.row != there.row,
    }.get(level, here.container != there.container)
    if not is_torn:
        return
    if level == "p" or (not here.row and not there.row):
        say = f"{top.where}和它的 {word} 不在同一处（一个在表格或文本框里，一个在外面），请放在同一格或同一层"
    elif level in ("tr", "tc"):
        say = f"{top.where}和它的 {word} 不在同一个表格的对应位置，请放在同一个表格里"
    else:
        say = (
            f"{top.where}跨出了自己的一格，会把表格弄坏；要按行重复，"
            f"请把 {{%tr {top.word} … %}} 和 {{%tr {word} %}} 各放在单独一行"
        )
    yield "broken-layout", say, at
