"""Plain text, a paragraph a line, as the body of a notice or attachment; and what an item asks, in prose."""

from __future__ import annotations

import re
from collections.abc import Sequence

from service.doors.press.blank import Line
from service.office.campaign import Campaign, Item, Medium

# A body is some pages; this stops a wrong file.
LINES_MAX = 2_000
_NUMERAL = (
    r"(?:[一二三四五六七八九十百]+|(?:\{[{%].*?[%}]\})+|[一二三四五六七八九十]*\{%.*?%\}.*?\{% endif %\})"
)
_LEVEL1 = re.compile(rf"{_NUMERAL}、")
_LEVEL2 = re.compile(rf"（{_NUMERAL}）")
_SENTENCE = re.compile(r"^((?:\{[{%].*?[%}]\}|[^。{])*。)(.+)$")


def lines_of(text: str) -> tuple[Line, ...]:
    """一、 and （一） begin headings; what follows a heading's first full stop runs on in plain type.

    Empty lines and lines that begin with # are left out; tags stay as typed.
    """
    found: list[Line] = []
    for raw in text.splitlines()[:LINES_MAX]:
        line = raw.strip().strip("\u3000")
        if not line or line.startswith("#"):
            continue
        style = "Level1" if _LEVEL1.match(line) else "Level2" if _LEVEL2.match(line) else "Plain"
        runs_on = _SENTENCE.match(line) if style != "Plain" else None
        found.append(Line(runs_on[1], style, runs_on[2]) if runs_on else Line(line, style))
    return tuple(found)


def requirements_of(campaign: Campaign, item: Item) -> tuple[Line, ...]:
    """What an item asks for, how and until when; what may still change stands there as a tag."""
    chapters = [
        ("报送内容", _what(item)),
        ("报送形式", _how(item)),
        ("报送办法", _way(campaign, item)),
        ("报送时间", (_until(item),)),
    ]
    found: list[Line] = []
    numbered = [(name, lines) for name, lines in chapters if lines]
    for numeral, (name, lines) in zip("一二三四", numbered, strict=False):
        found.append(Line(f"{numeral}、{name}", "Level1"))
        found += [Line(each) for each in lines]
    return tuple(found)


def _mine(item: Item, text: str) -> str:
    """A sentence about one item, read from the campaign when the letter is written."""
    return f'{{% for item in campaign.items if item.key == "{item.key}" %}}{text}{{% endfor %}}'


def _what(item: Item) -> Sequence[str]:
    lines = []
    if item.note:
        lines.append(_mine(item, "{{ item.note|sentence }}"))
    if item.sections:
        lines.append(f"应当写明：{'、'.join(item.sections)}。")
    if item.fields:
        asked = "、".join(each.label for each in item.fields)
        lines.append(f"登记表须填写：{asked}。" + ("带*的为必填。" if _some_may_stay_empty(item) else ""))
    return lines


def _some_may_stay_empty(item: Item) -> bool:
    return not all(each.is_required for each in item.fields)


def _how(item: Item) -> Sequence[str]:
    parts = [_mine(item, "{{ item.media_words }}")]
    if item.length:
        parts.append(_mine(item, "{{ item.length_words }}"))
    if item.pictures_at_least:
        parts.append(f"配图片至少{item.pictures_at_least}张")
    return ["，".join(parts) + "。"]


def _way(campaign: Campaign, item: Item) -> Sequence[str]:
    lines = []
    form = next((each.title for each in campaign.attachments if each.item == item.key), "")
    if form and item.is_many:
        lines.append(f"每件填写一份《{form}》，连同材料回复通知邮件即可；可以报送多件，每件分别填表。")
    elif form:
        lines.append(f"填写《{form}》，回复通知邮件即可。")
    else:
        lines.append("材料作为附件回复通知邮件即可。")
    if Medium.PAPER in item.media:
        lines.append(
            "纸质版寄送：{{ campaign.post.street }}，{{ campaign.post.to }}收，"
            "邮编{{ campaign.post.postcode }}。"
        )
    if item.may_be_nil:
        lines.append("没有可报送的，请回复“零报告”。")
    return lines


def _until(item: Item) -> str:
    return _mine(item, "{% if item.due_date %}请于{{ item.due_date }}前报送。{% else %}随时报送。{% endif %}")
