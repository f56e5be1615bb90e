"""Fields typed as `标签：值` lines, as people do on a telephone or in plain paragraphs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache

from service.doors.forms.labels import settle, tidy_value
from service.office.campaign import FieldKind, FormField

TEXT_CHARACTERS_MAX = 200_000
_START = r"(?:(?<=\n)|^)[ \t\u3000>]*"
_NUMBERING = r"(?:[(（]?(?:\d{1,2}|[一二三四五六七八九十]{1,3})[)）]?[、.．)）][ \t]*|[-*•●◆·][ \t]*)?"
_GAP = r"[ \t\u3000]*"
_NOTE = rf"(?:{_GAP}[(（][^()（）\n]{{0,40}}[)）])?"
_COLON = rf"{_GAP}[*＊]?{_GAP}[:：](?:[】\]])?"
# Where the answer to the last label surely ends: a signature, a quoted letter, a telephone's own line.
_END = re.compile(
    r"^\s*(--+|——+|_{4,}|-{3,}.*|>.*|发件人[:：].*|[-\s]*原始邮件.*|在.{4,60}写道[:：]?|"
    r"填表说明.*|注[:：].*|[—–-] ?\d+ ?[—–-]|On .{4,80} wrote:|"
    r"发自我的.*|来自.{0,12}(手机|邮箱|客户端).*|Sent from .*)\s*$"
)
_ONE_LINE = {FieldKind.CHOICE, FieldKind.DATE, FieldKind.PHONE, FieldKind.NUMBER, FieldKind.CHECKBOX}


def typed_values(text: str, fields: Sequence[FormField], *, is_printed: bool = False) -> dict[str, str]:
    """Key and value of every label that has something typed after it; the first non-empty one counts.

    `is_printed`: the text comes off a page, where tables lose their lines: labels may follow values on a line
    and need no colon.
    """
    by_label = _labels(tuple(fields))
    if not by_label:
        return {}
    folded = _fold(text[:TEXT_CHARACTERS_MAX])
    by_key = {field.key: field for field in fields}
    marks = _marks(folded, by_label, is_printed, _notes(tuple(fields)))
    values: dict[str, str] = {}
    for number, (_, end, key) in enumerate(marks):
        is_last = number + 1 == len(marks)
        stop = len(folded) if is_last else marks[number + 1][0]
        value = settle(_cut(folded[end:stop], by_key[key], is_last), by_key[key])
        if value and not values.get(key):
            values[key] = value
    return values


@lru_cache(maxsize=64)
def _labels(fields: tuple[FormField, ...]) -> dict[str, str]:
    known: dict[str, str] = {}
    for field in fields:
        for label in (field.label, *field.synonyms):
            bare = re.sub(r"[(（\[【][^()（）\[\]【】]*[)）\]】]", "", _fold(label))
            plain = re.sub(r"[\s:*]", "", bare)
            if plain:
                known.setdefault(plain, field.key)
    return known


@lru_cache(maxsize=64)
def _notes(fields: tuple[FormField, ...]) -> str:
    """What may follow a label on its next printed line: its own words in brackets, and the star."""
    own = {each for field in fields for each in re.findall(r"[(（][^()（）]{1,40}[)）]", _fold(field.label))}
    words = "|".join(map(re.escape, sorted(own, key=len, reverse=True)))
    return (rf"(?:\s?(?:{words}))?" if words else "") + r"(?:\s?[*＊])?"


def _marks(
    text: str, by_label: Mapping[str, str], is_printed: bool, notes: str = ""
) -> list[tuple[int, int, str]]:
    """Start, end and key of every label in the text, in order."""
    gap = r"\s*" if is_printed else _GAP
    words = "|".join(
        gap.join(re.escape(ch) for ch in label) for label in sorted(by_label, key=len, reverse=True)
    )
    printed = re.compile(
        rf"(?:^|(?<=\s)){_NUMBERING}(?P<label>{words}){_NOTE}{notes}(?:{_GAP}[:：]|(?=\s)|$)"
    )
    name = rf"[【\[]?{_GAP}(?P<label>{words}){_GAP}{_NOTE}{_GAP}[】\]]?"
    at_start = rf"{_START}{_NUMBERING}[*＊]?{_GAP}"
    with_colon = re.compile(rf"(?:{at_start}|(?<=[;；,，。、\t \u3000])){name}{_COLON}")
    alone = re.compile(rf"{at_start}{name}(?:(?=\n|$)|[ \t\u3000]+(?=\S))")
    bracketed = re.compile(rf"{at_start}[【\[]{_GAP}(?P<label>{words}){_NOTE}{_GAP}[】\]]{_GAP}[:：]?")
    found: dict[int, tuple[int, int, str]] = {}
    for pattern in (with_colon, bracketed, *((printed,) if is_printed else ()), alone):
        for hit in pattern.finditer(text):
            label = re.sub(r"\s", "", hit["label"])
            place = hit.start("label")
            found.setdefault(place, (hit.start(), hit.end(), by_label[label]))
    ordered = sorted(found.values())
    return [each for number, each in enumerate(ordered) if number == 0 or each[0] >= ordered[number - 1][1]]


def _cut(raw: str, field: FormField, is_last: bool) -> str:
    """The value in what follows a label: up to a signature, and for the last one up to a blank line.

    Where nothing stands beside a label, only the very next line can be its value: our own mails list labels
    with nothing after them, and what follows the list is not an answer.
    """
    lines: list[str] = []
    for line in raw.split("\n"):
        if _END.match(line):
            break
        is_blank = not line.strip()
        if is_blank and lines and (is_last or field.kind in _ONE_LINE or not any(lines)):
            break
        lines.append(line.strip())
        if line.strip() and field.kind in _ONE_LINE:
            break
    return tidy_value("\n".join(lines)).rstrip("；;，,、 ")


def _fold(text: str) -> str:
    """Plain forms of letters, digits and colons; Chinese punctuation inside values stays as typed."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    folded = "".join(_fold_one(ch) for ch in text)
    # Long runs of blanks mean nothing and would keep the patterns busy for hours.
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"([ \t\u3000])[ \t\u3000]{2,}", r"\1\1", folded))


def _fold_one(ch: str) -> str:
    if ch in "，。；！？（）、“”‘’《》…—～" or unicodedata.category(ch) == "Cf":
        return "" if unicodedata.category(ch) == "Cf" else ch
    return unicodedata.normalize("NFKC", ch) if ch not in "\u3000" else ch
