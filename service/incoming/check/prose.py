"""A returned summary: length, sections and pictures, for clerks' eyes unless the campaign says must."""

from __future__ import annotations

import re

from service.incoming.check.fields import severity
from service.office.campaign import Item
from service.office.finding import Finding

_WORD = re.compile(r"[A-Za-z0-9]+|[\u3400-\u9fff\uff01-\uff5e\u3001-\u303f]")


def count_words(text: str) -> int:
    """Characters as offices count them: a Han character or mark is one, a Latin word or number too."""
    return len(_WORD.findall(text))


def check_prose(item: Item, text: str, headings: tuple[str, ...], pictures: int) -> tuple[Finding, ...]:
    """Findings on a summary's own text; `pictures` counts those inside and beside it."""
    return (*_length(item, text), *_sections(item, text, headings), *_pictures(item, pictures))


def _length(item: Item, text: str) -> tuple[Finding, ...]:
    if item.length is None or not text.strip():
        return ()
    count = count_words(text)
    if item.length.at_least <= count <= item.length.at_most:
        return ()
    side = "不足" if count < item.length.at_least else "超出"
    say = f"《{item.name}》约 {count} 字，要求 {item.length.about} 字左右，{side}较多"
    return (Finding("length", item.key, "篇幅", say, severity(item.length.strictness)),)


def _sections(item: Item, text: str, headings: tuple[str, ...]) -> tuple[Finding, ...]:
    findings = []
    for section in item.sections:
        if "图片" in section:
            continue  # counted as pictures, not looked for as words
        if not any(section in each for each in headings) and section not in text:
            say = f"《{item.name}》中没有看到“{section}”部分"
            findings.append(
                Finding("section-missing", item.key, section, say, severity(item.sections_strictness))
            )
    return tuple(findings)


def _pictures(item: Item, pictures: int) -> tuple[Finding, ...]:
    if pictures >= item.pictures_at_least:
        return ()
    say = f"《{item.name}》应附图片不少于 {item.pictures_at_least} 张，收到 {pictures} 张"
    return (Finding("pictures-few", item.key, "图片", say, severity(item.pictures_strictness)),)
