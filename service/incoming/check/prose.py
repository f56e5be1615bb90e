"""A returned summary: length, sections and pictures, for clerks' eyes unless the campaign says must."""

from __future__ import annotations

from collections.abc import Sequence

from service.incoming.check.fields import severity
from service.office.campaign import Item
from service.office.counting import count_words
from service.office.finding import Finding

# Words that offices put for one another in headings; whatever else a campaign accepts it says itself.
_ALIKE = (
    ("效果", "成效", "成果", "收获"),
    ("案例", "事例", "实例"),
    ("做法", "举措", "措施"),
    ("开展情况", "实施情况", "组织情况", "工作情况", "活动情况", "活动开展", "组织开展", "开展了"),
    ("问题", "不足", "困难"),
    ("建议", "打算", "下一步", "计划"),
    ("经验", "体会", "启示"),
)


def check_prose(
    item: Item, texts: Sequence[str], headings: tuple[str, ...], pictures: int
) -> tuple[Finding, ...]:
    """Findings on a summary's documents, one text each; `pictures` counts those inside and beside them."""
    return (*_length(item, texts), *_sections(item, texts, headings), *_pictures(item, pictures))


def _length(item: Item, texts: Sequence[str]) -> tuple[Finding, ...]:
    """One summary as .docx and again as sealed .pdf is no longer for that: any of them, or all, may fit."""
    asked = item.length
    counts = [count for text in texts if (count := count_words(text))]
    if asked is None or not counts:
        return ()
    if any(asked.at_least <= count <= asked.at_most for count in (*counts, sum(counts))):
        return ()
    count = max(counts)
    side = "不足" if count < asked.at_least else "超出"
    say = f"《{item.name}》约 {count} 字，要求 {asked.about} 字左右，{side}较多"
    return (Finding("length", item.key, "篇幅", say, severity(asked.strictness)),)


def _sections(item: Item, texts: Sequence[str], headings: tuple[str, ...]) -> tuple[Finding, ...]:
    heads = ["".join(each.split()) for each in headings]
    whole = "".join("".join(text.split()) for text in texts)
    findings = []
    for section in item.sections:
        if "图片" in section:
            continue  # counted as pictures, not looked for as words
        stated = ["".join(each.split()) for each in (section, *_other_names(item, section))]
        is_there = any(each in whole or any(each in head for head in heads) for each in stated)
        if not is_there and not any(word in head for word in _alike(section) for head in heads):
            say = f"《{item.name}》中没有看到“{section}”部分"
            findings.append(
                Finding("section-missing", item.key, section, say, severity(item.sections_strictness))
            )
    return tuple(findings)


def _other_names(item: Item, section: str) -> list[str]:
    return [other for name, other in item.section_synonyms if name == section]


def _alike(section: str) -> list[str]:
    return [word for words in _ALIKE if any(each in section for each in words) for word in words]


def _pictures(item: Item, pictures: int) -> tuple[Finding, ...]:
    if pictures >= item.pictures_at_least:
        return ()
    say = f"《{item.name}》应附图片不少于 {item.pictures_at_least} 张，收到 {pictures} 张"
    return (Finding("pictures-few", item.key, "图片", say, severity(item.pictures_strictness)),)
