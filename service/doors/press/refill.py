"""A form that was sent, with answers typed into it again; what must be corrected is left open and marked."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from lxml import etree

from service.doors.forms.labels import has_boxes, invitation, label_key
from service.doors.forms.package import parse_xml
from service.doors.press.control import tag_of, text_of
from service.doors.press.fields import put_fields
from service.doors.press.package import DOCUMENT, W_, read_parts, serialise, write_parts
from service.office.campaign import FormField

_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_RED = "C00000"
_PALE = "FFF2CC"  # what a printer shows as the lightest grey
_YES = ("是", "true", "1", "√")
_BOX = re.compile(r"[☐□○〇▢◯]")
# What the schema puts before w:shd in a cell's properties.
_BEFORE_SHADE = ("cnfStyle", "tcW", "gridSpan", "hMerge", "vMerge", "tcBorders")


def refilled(
    form: bytes, fields: Sequence[FormField], answers: Mapping[str, str], wrong: Collection[str]
) -> bytes:
    """The form in its own look, the answers in its controls; raises BadPackage where it cannot be opened."""
    parts = dict(read_parts(form))
    document = parse_xml(parts[DOCUMENT])
    put_fields(document, fields, {})  # a finished file that staff lay in has no controls yet
    by_tag = {tag_of(each): each for each in fields}
    for control in document.iter(W_ + "sdt"):
        properties, content = control.find(W_ + "sdtPr"), control.find(W_ + "sdtContent")
        tag = properties.find(W_ + "tag") if properties is not None else None
        field = by_tag.get(str(tag.get(W_ + "val"))) if tag is not None else None
        if field is None or properties is None or content is None:
            continue
        if field.key in wrong:
            _leave_open(control, properties, content, field)
        elif answer := answers.get(field.key, ""):
            _answer(properties, content, answer)
    parts[DOCUMENT] = serialise(document)
    return write_parts(parts)


def _answer(properties: etree._Element, content: etree._Element, answer: str) -> None:
    box = properties.find(_W14 + "checkbox")
    if box is not None:
        _tick(box, content, is_ticked=answer.strip().lower() in _YES)
    elif has_boxes(text_of(content)):
        _tick_choices(content, answer)
    else:
        _put_runs(content, answer.split("\n"), _look(content))
        for shown in properties.findall(W_ + "showingPlcHdr"):
            properties.remove(shown)


def _tick(box: etree._Element, content: etree._Element, *, is_ticked: bool) -> None:
    for checked in box.findall(_W14 + "checked"):
        checked.set(_W14 + "val", "1" if is_ticked else "0")
    for letters in content.iter(W_ + "t"):
        letters.text = "☑" if is_ticked else "☐"


def _tick_choices(content: etree._Element, answer: str) -> None:
    """☐视频　☐图文: the boxes before what was chosen; what the boxes are of may stand in several runs."""
    chosen = {label_key(each) for each in re.split(r"[、，,；;\n]", answer) if each.strip()}
    letters = list(content.iter(W_ + "t"))
    whole = "".join(each.text or "" for each in letters)
    ticked = list(whole)
    for found in _BOX.finditer(whole):
        words = re.split(r"[☐□○〇▢◯☑]", whole[found.end() :], maxsplit=1)[0]
        if label_key(words) in chosen:
            ticked[found.start()] = "☑"
    at = 0
    for each in letters:
        length = len(each.text or "")
        each.text = "".join(ticked[at : at + length])
        at += length


def _leave_open(
    control: etree._Element, properties: etree._Element, content: etree._Element, field: FormField
) -> None:
    """An invitation that the first key stroke replaces, as in the blank form; red, on a pale ground."""
    box = properties.find(_W14 + "checkbox")
    if box is not None:
        _tick(box, content, is_ticked=False)
    elif not has_boxes(text_of(content)):
        look = _look(content)
        _put_runs(content, [invitation(field)], _coloured(look))
        if properties.find(W_ + "showingPlcHdr") is None:
            after = properties.find(W_ + "id")
            at = len(properties) if after is None else properties.index(after) + 1
            properties.insert(at, etree.Element(W_ + "showingPlcHdr"))
    cell = next(control.iterancestors(W_ + "tc"), None)
    if cell is not None:
        _shade(cell)


def _look(content: etree._Element) -> etree._Element:
    """How the answer is to look: as the control's own text does, but not in an invitation's grey."""
    first = next(content.iter(W_ + "rPr"), None)
    look = etree.Element(W_ + "rPr") if first is None else parse_xml(etree.tostring(first))
    for colour in look.findall(W_ + "color"):
        look.remove(colour)
    return look


def _coloured(look: etree._Element) -> etree._Element:
    colour = etree.Element(W_ + "color")
    colour.set(W_ + "val", _RED)
    after = {"spacing", "w", "kern", "position", "sz", "szCs", "highlight", "u", "effect", "bdr", "shd"}
    after |= {"fitText", "vertAlign", "rtl", "cs", "em", "lang", "eastAsianLayout", "specVanish", "oMath"}
    at = next((n for n, each in enumerate(look) if etree.QName(each).localname in after), len(look))
    look.insert(at, colour)
    return look


def _put_runs(content: etree._Element, lines: Sequence[str], look: etree._Element) -> None:
    """One run with a break between lines, in the place of whatever runs the control held."""
    inside = content.find(W_ + "p")
    holder = content if inside is None else inside
    for each in list(content) if inside is None else [*content.findall(W_ + "p")[1:], *inside]:
        if each.tag != W_ + "pPr":
            above = each.getparent()
            if above is not None:
                above.remove(each)
    run = etree.SubElement(holder, W_ + "r")
    if len(look):
        run.append(look)
    for number, line in enumerate(lines):
        if number:
            etree.SubElement(run, W_ + "br")
        letters = etree.SubElement(run, W_ + "t")
        letters.text = line
        letters.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")


def _shade(cell: etree._Element) -> None:
    properties = cell.find(W_ + "tcPr")
    if properties is None:
        properties = etree.Element(W_ + "tcPr")
        cell.insert(0, properties)
    for old in properties.findall(W_ + "shd"):
        properties.remove(old)
    shade = etree.Element(W_ + "shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", _PALE)):
        shade.set(W_ + name, value)
    at = sum(etree.QName(each).localname in _BEFORE_SHADE for each in properties)
    properties.insert(at, shade)
