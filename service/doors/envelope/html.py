"""HTML to text: inscriptis where it can, a plain stripper where the markup is hostile or too deep."""

from __future__ import annotations

import html
import re

from service.doors.envelope.limits import HTML_CHARS_MAX

_INVISIBLE = re.compile(r"<(script|style|head|title)\b[^>]{0,500}>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6]|/blockquote|hr)\b[^>]{0,200}>", re.IGNORECASE)
_CELL = re.compile(r"</t[dh]\s*>", re.IGNORECASE)
_TAG = re.compile(r"<[a-zA-Z/!?][^<>]{0,5000}>")
_OPENINGS = re.compile(r"<(?:div|span|table|blockquote|font|ul|ol|b|i|p)\b", re.IGNORECASE)
# libxml2 stops at 256 levels and drops what is deeper; ordinary mail stays below 60.
_OPENINGS_MAX = 4_000


def to_text(markup: str) -> str:
    """The readable text; line structure and table rows kept, hidden text dropped where inscriptis runs."""
    markup = markup[:HTML_CHARS_MAX].replace("\0", "")
    if not markup.strip():
        return ""
    plain = ""
    if len(_OPENINGS.findall(markup)) <= _OPENINGS_MAX:
        plain = _by_inscriptis(markup)
    if not plain.strip():
        plain = strip_tags(markup)
    return re.sub(r"\n{4,}", "\n\n\n", tidy(plain))


def strip_tags(markup: str) -> str:
    """Text without tags, by regular expressions of bounded reach."""
    text = _COMMENT.sub("", _INVISIBLE.sub("", markup))
    text = " ".join(text.split("\n")) if "<" in text else text
    text = _TAG.sub("", _CELL.sub("\t", _BREAK.sub("\n", text)))
    return html.unescape(text)


def tidy(text: str) -> str:
    """Line ends made one kind; blanks at line ends and long runs of empty lines taken away."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ")
    lines = [line.rstrip() for line in text.split("\n")]
    return re.sub(r"\n{12,}", "\n\n\n", "\n".join(lines)).strip("\n")


def _by_inscriptis(markup: str) -> str:
    from inscriptis import get_text

    try:
        return str(get_text(_INVISIBLE.sub("", re.sub(r"^\s*<\?xml[^>]{0,200}\?>", "", markup))))
    except (
        Exception
    ):  # lxml and inscriptis raise their own types, RecursionError included; the stripper follows
        return ""
