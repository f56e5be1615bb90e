"""Staff's own HTML beside a mail's text: nothing fetched from anywhere, and no fact that the text has not."""

from __future__ import annotations

import re
from html import unescape

# What would be loaded, run or reported back when the mail is opened; web mail blocks or shows it as a hole.
_FETCHED = re.compile(
    r"<\s*(script|link|img|iframe|object|embed|form|input|button|style|base|video|audio|svg|meta\s[^>]*refresh)\b"
    r"|\b(src|srcset|background|poster|action|on[a-z]{3,20})\s*=|(url)\s*\(|(@import)|(javascript)\s*:",
    re.IGNORECASE,
)
# What a reader acts upon: dates, hours, telephone numbers, codes, addresses. A lone figure numbers.
_FACT = re.compile(r"\d+年\d+月\d+日|[0-9A-Za-z][0-9A-Za-z@._:+\-]*[0-9A-Za-z]")
_TAG = re.compile(r"<[^<>]*>")
# A cell or a line ends a word; what is bold within a line does not.
_BREAK = re.compile(
    r"<\s*/?\s*(?:td|th|tr|p|div|br|li|h[1-6]|table|ul|ol|blockquote|hr)\b[^<>]*>", re.IGNORECASE
)
_HEAD = re.compile(r"<head\b.*?</head\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)


def fault_of(html: str, text: str) -> str:
    """Why this HTML may not go out beside this text, as a sentence for staff; empty when it may."""
    if fetched := _FETCHED.search(html):
        what = next(part for part in fetched.groups() if part)
        return f"HTML 正文里不能有 {what}：收信人打开时会向外联系或被拦下，请去掉；样式写在 style 属性里"
    shown = _facts(words_of(html))
    said = _facts(text)
    if lacking := sorted(said - shown):
        return f"文字正文里有“{lacking[0]}”，HTML 正文里没有：两份要说一样的事，请补上"
    if added := sorted(shown - said):
        return f"HTML 正文里有“{added[0]}”，文字正文里没有：以文字正文为准，请去掉或两边都写"
    return ""


def words_of(html: str) -> str:
    """What a reader sees of it."""
    return unescape(_TAG.sub("", _BREAK.sub("\n", _HEAD.sub("", html))))


def _facts(text: str) -> set[str]:
    return {each.group(0) for each in _FACT.finditer(text)}
