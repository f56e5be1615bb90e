"""Lines that look like headings, so that a summary's sections can be found."""

from __future__ import annotations

import re

from service.doors.forms.labels import is_placeholder

_NUMBERED = re.compile(
    r"^\s*(?:第[一二三四五六七八九十\d]{1,3}(?:部分|章|节)|[一二三四五六七八九十]{1,3}\s*[、.．]|"
    r"[(（][一二三四五六七八九十\d]{1,3}[)）]|\d{1,2}\s*[、.．](?!\d)|[①-⑳])\s*[、:：]?\s*"
)
_ENDS = re.compile(r"[。；;！!？?，,]")
_NUMBERED_MAX = 30
_BARE_MAX = 16


def headings_of(text: str, *, is_styled: bool = False) -> list[str]:
    """The heading a paragraph is or begins with, without its number; nothing for plain text."""
    line = text.strip().split("\n")[0].strip()
    if is_placeholder(line) or not re.search(r"\w", line):
        return []
    if found := _NUMBERED.match(line):
        head = re.split(r"[。：:；;]", line[found.end() :], maxsplit=1)[0].strip()
        return [head] if 0 < len(head) <= _NUMBERED_MAX else []
    bare = line.strip("【】[]*# 　").rstrip("：:").strip()
    if is_styled and 0 < len(bare) <= _NUMBERED_MAX:
        return [bare]
    if 0 < len(bare) <= _BARE_MAX and not _ENDS.search(bare) and "：" not in bare and ":" not in bare:
        return [bare]
    # 开展情况：我局…… — a label that opens its paragraph.
    head = re.match(r"^[【\[]?([^：:。，,；;\s]{2,12})[】\]]?[：:](?=.{8,})", line)
    return [head[1].strip("【】[]")] if head else []
