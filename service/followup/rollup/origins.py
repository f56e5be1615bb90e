"""出处 — where an answer in the roll-up came from, in words, when it is not our own field that gave it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from service.office.filing import Filing
from service.office.form import FoundBy
from service.office.matter import Brought, Matched

# What is read with certainty needs no remark.
_CERTAIN = (FoundBy.TAG, FoundBy.BOOKMARK)
_PLACES = {
    FoundBy.LABEL: "按栏目名旁边的格子读出",
    FoundBy.PARAGRAPH: "按“栏目：”后面的文字读出",
    FoundBy.TABLE: "按表格的标题行读出",
}
TYPED = "来信正文中写的，不是填在表里"
UNKNOWN = "在来件中没有找到出处，请核对原件"

Matters = Callable[[int], Matched | None]


def doubt_about(filing: Filing, versions: Sequence[Filing], key: str, value: str, matters: Matters) -> str:
    """Nothing for what our own field says; else where the value was found. `versions`: all of the entry."""
    others = [
        f"《{name}》写的是“{other}”"
        for name, other in _said(filing, key, matters)
        if _plain(other) != _plain(value)
    ]
    disagreeing = f"来件前后不一致：{'，'.join(dict.fromkeys(others))}" if others else ""
    return "；".join(filter(None, [_origin(filing, versions, key, value, matters), disagreeing]))


def _origin(filing: Filing, versions: Sequence[Filing], key: str, value: str, matters: Matters) -> str:
    """The surest place of the newest letter that says so; answers may stay from an earlier version."""
    older = sorted((each for each in versions if each.letter), key=lambda each: -each.version)
    letters = [each.letter for each in (filing, *older) if each.letter]
    found: list[str] = []
    for letter in dict.fromkeys(letters):
        matched = matters(letter)
        if matched is None:
            continue
        for name, found_by in _places(matched, key, value):
            if found_by in _CERTAIN:
                return ""
            found.append(f"取自《{name}》，{_PLACES[found_by]}")
        found += [TYPED] * _is_typed(matched, filing.item, key, value)
        if found:
            return found[0]
    return UNKNOWN


def _places(matched: Matched, key: str, value: str) -> Iterator[tuple[str, FoundBy]]:
    for read in matched.reads:
        for field in read.reading.fields:
            if field.key == key and _plain(field.value) == _plain(value):
                yield read.name, field.found_by


def _is_typed(matched: Matched, item: str, key: str, value: str) -> bool:
    return any(
        each.item == item
        and each.brought is Brought.LINES
        and _plain(dict(each.fields).get(key, "")) == _plain(value)
        for each in matched.assignments
    )


def _said(filing: Filing, key: str, matters: Matters) -> Iterator[tuple[str, str]]:
    """What every file of this very version says of a field."""
    matched = matters(filing.letter) if filing.letter else None
    files = {doc.sha256 for doc in filing.docs}
    for read in matched.reads if matched else ():
        if read.sha256 in files:
            yield from (
                (read.name, each.value) for each in read.reading.fields if each.key == key and each.value
            )


def _plain(text: str) -> str:
    return "".join(text.split())
