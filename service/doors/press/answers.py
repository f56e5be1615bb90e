"""Whether a form and its campaign's fields agree: each field has its label, each label its room."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lxml import etree

from service.doors.forms.labels import find_label, known_labels, label_key
from service.doors.forms.package import parse_xml
from service.doors.forms.questions import questions
from service.doors.press.package import DOCUMENT, W_, Parts, write_parts
from service.doors.press.paragraphs import Paragraph, elements
from service.doors.press.proofread import problem_at
from service.office.campaign import FormField
from service.office.finding import Problem

_TAG = "nc.f."


def disagreements(
    parts: Parts, texts: list[Paragraph], file: str, fields: Sequence[FormField]
) -> Iterator[Problem]:
    """Fields without a label, labels without room, and questions of the form that no field asks for."""
    document = parse_xml(parts[DOCUMENT])
    numbers = {element: number for number, element in elements(document)}
    by_number = {each.place.paragraph: each for each in texts if each.part == DOCUMENT}
    known = known_labels(fields)
    answered, cramped = _labels(document, known)
    for field in fields:
        if field.key in answered:
            continue
        cell = cramped.get(field.key)
        if cell is None:
            say = (
                f"表中没有“{field.label}”一栏，单位无处填写；请加上这个标签，右边留一格，"
                f"或从 campaign.yaml 的 fields 里去掉它"
            )
            yield Problem(
                file, "表格", say, code="field-without-label", is_error=field.is_required, key=field.key
            )
            continue
        at = next((by_number.get(numbers[each]) for each in cell.iter(W_ + "p") if each in numbers), None)
        say = f"“{field.label}”右边没有可以填写的一格，请在它右边留一个空格（单元格）"
        if at is not None:
            yield problem_at(file, at, "value-cell-missing", say)
    yield from _never_asked(parts, by_number, known, file)


def _labels(document: etree._Element, known: dict[str, str]) -> tuple[set[str], dict[str, etree._Element]]:
    """Keys of fields that have room for an answer; and of those whose label has none beside it, its cell."""
    answered = {
        str(tag.get(W_ + "val")).removeprefix(_TAG)
        for tag in document.iterfind(f".//{W_}sdtPr/{W_}tag")
        if str(tag.get(W_ + "val")).startswith(_TAG)
    }
    cramped: dict[str, etree._Element] = {}
    for row in document.iter(W_ + "tr"):
        cells = [cell for cell in row.iter(W_ + "tc") if next(cell.iterancestors(W_ + "tr")) is row]
        keys = [find_label(_text(cell), known) for cell in cells]
        for at, key in enumerate(keys):
            if key is None:
                continue
            if at + 1 < len(keys) and keys[at + 1] is None:
                answered.add(key)
            else:
                cramped.setdefault(key, cells[at])
    for paragraph in document.iter(W_ + "p"):
        if next(paragraph.iterancestors(W_ + "tc"), None) is None and re.search("[：:]", _text(paragraph)):
            key = find_label(re.split("[：:]", _text(paragraph), maxsplit=1)[0], known)
            if key is not None:
                answered.add(key)
    return answered, cramped


def _never_asked(
    parts: Parts, by_number: dict[int | None, Paragraph], known: dict[str, str], file: str
) -> Iterator[Problem]:
    for question in questions(write_parts(parts)):
        if find_label(question.label, known) is not None or question.key in known.values():
            continue
        bare = label_key(question.label)
        at = next(
            (each for each in by_number.values() if each.nest.row and bare and bare == label_key(each.text)),
            None,
        )
        if at is None:
            continue  # a line outside the table that ends in a colon is more often a heading than a question
        say = (
            f"表中的“{question.label}”没有写进 campaign.yaml 的 fields，单位填了也不会读取、不会检查；"
            f"要收的请在 fields 里补上 label: {question.label}"
        )
        yield problem_at(file, at, "label-without-field", say, is_error=False)


def _text(element: etree._Element) -> str:
    return "".join(piece.text or "" for piece in element.iter(W_ + "t")).strip()
