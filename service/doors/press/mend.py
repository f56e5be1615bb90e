"""Unknown names in a template in which other things are wrong too: what cannot be read is taken out first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from jinja2.exceptions import TemplateSyntaxError
from lxml import etree

from service.doors.forms.package import parse_xml
from service.doors.press.fill import NotRendered, Place, paragraph_of
from service.doors.press.names import Missing, missing_names
from service.doors.press.package import W_, Parts
from service.doors.press.paragraphs import Paragraph, elements
from service.doors.press.proofread import wide_brace
from service.doors.press.say import explain_missing, problem
from service.doors.press.strict import patched
from service.office.finding import Problem
from service.office.needs.press import Value

# So many paragraphs of one part are taken out in turn; a template with more slips is looked at again anyway.
MENDS_MAX = 20
_END_WANTED = re.compile(r"innermost block that needs to be closed is '(\w+)'")
_NAME = re.compile(r"[A-Za-z_]\w*")
# What the look at the text has already said of blocks, with both places; Jinja knows only one.
_BLOCK_CODES = ("unclosed-block", "unopened-block", "crossed-blocks")
# What keeps a paragraph's tags from being read at all.
_UNREADABLE = ("wide-brace", "split-brace", "unclosed-tag", "wide-sign", "row-tag-outside")


def unknown_names(
    parts: Parts, texts: list[Paragraph], file: str, facts: Mapping[str, Value], found: list[Problem]
) -> Iterator[Problem]:
    """Slips of syntax and unknown names of every part, as far as it can be read beside `found`."""
    faulty = {(each.place, each.paragraph) for each in found if each.code in _UNREADABLE}
    torn = {each.place.rpartition("第")[0] for each in found if each.code in _BLOCK_CODES}
    for part in dict.fromkeys(each.part for each in texts):
        of_part = {each.place.paragraph: each for each in texts if each.part == part}
        numbers = {
            number for number, each in of_part.items() if (each.place.words(), number) in faulty and number
        }
        words = next(iter(of_part.values())).place.part
        yield from _in_part(parts[part], of_part, file, facts, numbers, is_torn=words in torn)
    yield from _in_properties(parts, file, facts)


def lint_text(source: str, file: str, facts: Mapping[str, Value] | None) -> list[Problem]:
    """The same for a mail text, by line; without facts only how it is written."""
    lines = source.split("\n")
    found = [
        _of_line(
            file, number, line, "wide-brace", f"“{brace}”是全角括号，会原样印出来，请改成半角的 {{{{ }}}}"
        )
        for number, line in enumerate(lines, 1)
        if (brace := wide_brace(line))
    ]
    kept, ends, believed = list(lines), "", list[str]()
    for _ in range(MENDS_MAX):
        try:
            missing = missing_names("\n".join(kept) + ends, facts or {}, believed)
        except TemplateSyntaxError as error:
            wanted = _END_WANTED.search(error.message or "")
            if wanted:
                ends += "{% " + f"end{wanted[1]}" + " %}"
            number = min(error.lineno, len(lines))
            said = problem(file, NotRendered(Place(), error))
            say = f"{said.say.replace('%p ', '% ')}"
            if said.code not in _BLOCK_CODES or not found:
                found.append(_of_line(file, number, lines[number - 1], said.code, say))
            if not wanted and not kept[number - 1]:
                break
            if not wanted:
                believed += _NAME.findall(kept[number - 1])
                kept[number - 1] = ""
            continue
        if facts is not None:
            for each in missing:
                say = explain_missing(each.name, each.known, each.owner, facts)
                found.append(_of_line(file, each.line, lines[each.line - 1], "unknown-variable", say))
        break
    return found


def _of_line(file: str, number: int, line: str, code: str, say: str) -> Problem:
    return Problem(file, f"第 {number} 行", say, code=code, line=number, text=line.strip())


def _in_part(
    data: bytes,
    texts: dict[int | None, Paragraph],
    file: str,
    facts: Mapping[str, Value],
    taken_out: set[int],
    *,
    is_torn: bool,
) -> Iterator[Problem]:
    ends = ""
    was_whole = not taken_out and not is_torn
    for _ in range(MENDS_MAX):
        believed = _names_in(texts, taken_out)
        source = patched(_without(data, taken_out)) + ends
        try:
            missing = missing_names(source, facts, believed)
        except TemplateSyntaxError as error:
            number = paragraph_of(error.lineno)
            at = texts.get(number)
            said = problem(file, NotRendered(at.place if at else Place(), error), at.text if at else "")
            if (was_whole or said.code not in _BLOCK_CODES) and not (at and at.is_twin):
                yield said
            was_whole = False
            if wanted := _END_WANTED.search(error.message or ""):
                ends += "{% " + f"end{wanted[1]}" + " %}"
            elif number is None or number in taken_out:
                return
            else:
                taken_out = taken_out | {number}
            continue
        for each in missing:
            yield from _said(each, texts, file, facts)
        return


def _said(
    missing: Missing, texts: dict[int | None, Paragraph], file: str, facts: Mapping[str, Value]
) -> Iterator[Problem]:
    at = texts.get(paragraph_of(missing.line))
    if at is not None and at.is_twin:
        return
    yield Problem(
        file=file,
        place=at.place.words() if at else "全文",
        say=explain_missing(missing.name, missing.known, missing.owner, facts),
        code="unknown-variable",
        paragraph=at.place.paragraph if at else None,
        text=at.text if at else "",
    )


def _without(data: bytes, numbers: set[int]) -> str:
    """The part's XML with the words of these paragraphs taken out, so that the rest can be read."""
    root = parse_xml(data)
    for number, element in elements(root):
        if number in numbers:
            for piece in element.iter(W_ + "t", W_ + "delText", W_ + "instrText"):
                if next(piece.iterancestors(W_ + "p")) is element:
                    piece.text = ""
    return etree.tostring(root, encoding="unicode")


def _names_in(texts: dict[int | None, Paragraph], numbers: set[int]) -> tuple[str, ...]:
    """Names in what was taken out: it may have been a loop that made them."""
    return tuple(
        name for number in numbers for name in _NAME.findall(texts[number].text if number in texts else "")
    )


def _in_properties(parts: Parts, file: str, facts: Mapping[str, Value]) -> Iterator[Problem]:
    """Title, subject and the like are filled in too; each value is a source of its own."""
    for name, data in parts.items():
        if not re.fullmatch(r"docProps/(core|custom)\d*\.xml", name) or b"{" not in data:
            continue
        for element in parse_xml(data).iter():
            text = element.text or ""
            if "{{" not in text and "{%" not in text:
                continue
            place = Place("文档属性")
            try:
                missing = missing_names(text, facts)
            except TemplateSyntaxError as error:
                yield problem(file, NotRendered(place, error), text)
                continue
            for each in missing:
                say = explain_missing(each.name, each.known, each.owner, facts)
                yield Problem(file, place.words(), say, code="unknown-variable", text=text)
