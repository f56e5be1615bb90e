"""A template made into a plate: everything that is the same for all recipients is done once, here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from service.doors.forms.answers import PREFILL
from service.doors.forms.package import parse_xml
from service.doors.press.breaks import has_breaks, set_breaks
from service.doors.press.fields import Slots, free_bookmark, put_fields, put_fields_into_template
from service.doors.press.fill import Finished, compiled
from service.doors.press.imprint import MARK_ID, MARK_PART, MARK_RELATION, properties_of, put_code
from service.doors.press.live_part import DECLARATION, LivePart
from service.doors.press.mark import draw
from service.doors.press.package import (
    DOCUMENT,
    W_,
    Parts,
    add_part,
    add_picture,
    check_every_part,
    part_by_relation,
)
from service.doors.press.properties import (
    CORE_RELATION,
    CORE_TYPE,
    CUSTOM_RELATION,
    CUSTOM_TYPE,
    CustomProperties,
    Holed,
    checked,
    core_properties,
    custom_properties,
    tagged_properties,
)
from service.doors.press.repair import fit_grids, mend, number_drawings
from service.doors.press.sandbox import LATE
from service.doors.press.still import Still, still
from service.doors.press.strict import part_name_in_words, patched
from service.doors.press.survey import Survey, survey, text_of
from service.office.campaign import FormField
from service.office.needs.press import Imprint

RENDERED = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml")
_TAG = re.compile(r"\{[{%#]")


@dataclass(frozen=True, slots=True)
class Shape:
    """What of an imprint decides how a plate is made; the values come with every recipient."""

    fields: tuple[FormField, ...]
    known: tuple[str, ...]
    has_code: bool
    has_title: bool
    has_mark: bool
    has_properties: bool


def shape_of(imprint: Imprint | None) -> Shape | None:
    """The shape of an imprint; recipients with one shape share a plate."""
    if imprint is None:
        return None
    # All fields, not only those known of this unit: else every mixture of them would need its own plate.
    known = tuple(each.key for each in imprint.fields) if imprint.known else ()
    has_mark = imprint.mark is not None and bool(imprint.code)
    has_properties = bool(imprint.code or imprint.fields or imprint.extra)
    return Shape(imprint.fields, known, bool(imprint.code), bool(imprint.title), has_mark, has_properties)


@dataclass(frozen=True, slots=True)
class Plate:
    """A template ready to be printed for any number of recipients, by any number of threads."""

    still: Still
    document: LivePart
    parts: tuple[LivePart, ...]
    core: tuple[str, Holed] | None
    custom: tuple[str, Holed | CustomProperties] | None
    slots: Slots | None  # None: fields are put into every document by itself
    bookmark: int

    def print(self, facts: Mapping[str, Any], imprint: Imprint | None) -> bytes:
        """One document; raises NotRendered."""
        if imprint is None:
            return self._packed(facts, None, self.document.fill(facts), {})
        noted: dict[int, str] = {}
        known = [imprint.known.get(each.key, "") for each in imprint.fields]
        late = {**facts, LATE: {"known": known, "noted": noted}}
        prefilled: dict[str, str] = {}

        def finish(xml: str) -> str:
            bookmark = self.bookmark
            if self.slots is None:
                xml, bookmark = _with_fields(xml, imprint, prefilled)
            return put_code(xml, imprint, bookmark) if imprint.code else xml

        document = self.document.fill(late, finish)
        if self.slots is not None:
            prefilled = self.slots.values(noted)
        properties = properties_of(imprint) | {PREFILL + key: value for key, value in prefilled.items()}
        return self._packed(late, imprint, document, properties)

    def _packed(
        self,
        facts: Mapping[str, Any],
        imprint: Imprint | None,
        document: bytes,
        properties: Mapping[str, str],
    ) -> bytes:
        printed = [(self.document.name, document)]
        printed += [(part.name, part.fill(facts)) for part in self.parts]
        if self.core is not None:
            name, core = self.core
            printed.append((name, checked(core.fill(facts, imprint))))
        match self.custom:
            case (name, CustomProperties() as custom):
                printed.append((name, custom.fill(facts, properties)))
            case (name, custom):
                printed.append((name, checked(custom.fill(facts, imprint))))
        if imprint is not None and imprint.mark is not None and imprint.code:
            printed.append((MARK_PART, draw(imprint.mark)))
        return self.still.with_parts(printed)


def make_plate(parts: Parts, shape: Shape | None, *, is_template: bool = True) -> Plate:
    """A plate from the parts of a template, or of a finished document that only lacks its imprint.

    Raises NotRendered with the paragraph, BadPackage.
    """
    check_every_part(parts)
    fixed = dict(parts)
    core = _core(fixed, shape, is_template)
    custom = _custom(fixed, shape, is_template)
    if shape is not None and shape.has_mark:
        add_picture(fixed, MARK_PART, MARK_RELATION, MARK_ID)
    root = parse_xml(fixed.pop(DOCUMENT))
    slots: Slots | None = Slots()
    settle(root)
    if shape is not None and shape.fields:
        slots = put_fields_into_template(root, shape.fields, shape.known) if is_template else None
    document = _live(DOCUMENT, root, slots, is_template=is_template)
    live = []
    for name in [each for each in fixed if RENDERED.fullmatch(each)]:
        part = parse_xml(fixed[name])
        settle(part)
        if is_template and _TAG.search(text_of(part)):
            live.append(_live(name, part, None, is_template=True))
            del fixed[name]
        else:
            fixed[name] = _with_breaks(part)
    return Plate(still(fixed), document, tuple(live), core, custom, slots, free_bookmark(root))


def settle(root: etree._Element) -> None:
    """Repair once what no recipient's facts can change."""
    mend(root)
    fit_grids([each for each in root.iter(W_ + "tbl") if not _TAG.search(text_of(each))])


def _live(name: str, root: etree._Element, slots: Slots | None, *, is_template: bool) -> LivePart:
    xml = etree.tostring(root, encoding="unicode")
    if name == DOCUMENT:
        xml = number_drawings(xml)
    words = part_name_in_words(name)
    if not is_template:
        return LivePart(name, Finished(words, xml), Survey())
    source = patched(xml) if slots is None else slots.as_source(patched(xml))
    return LivePart(name, compiled(words, source, autoescape=True), survey(root, is_body=name == DOCUMENT))


def _with_breaks(root: etree._Element) -> bytes:
    xml = etree.tostring(root, encoding="unicode")
    return (DECLARATION + (set_breaks(xml) if has_breaks(xml) else xml)).encode()


def _with_fields(xml: str, imprint: Imprint, prefilled: dict[str, str]) -> tuple[str, int]:
    """The filled document's fields put in one by one, where the template alone could not tell them."""
    root = parse_xml(xml.encode())
    mend(root)  # a cell that a condition left empty needs a paragraph to hold its control
    prefilled.update(put_fields(root, imprint.fields, imprint.known))
    return etree.tostring(root, encoding="unicode"), free_bookmark(root)


def _core(fixed: Parts, shape: Shape | None, is_template: bool) -> tuple[str, Holed] | None:
    name = part_by_relation(fixed, CORE_RELATION)
    data = fixed.get(name) if name else None
    if shape is None:
        holed = tagged_properties(data) if data and is_template else None
        if name is None or holed is None:
            return None
    else:
        name = name or "docProps/core.xml"
        holed = core_properties(
            data, has_title=shape.has_title, has_code=shape.has_code, is_template=is_template
        )
        add_part(fixed, name, CORE_TYPE, CORE_RELATION, b"")
    del fixed[name]
    return name, holed


def _custom(
    fixed: Parts, shape: Shape | None, is_template: bool
) -> tuple[str, Holed | CustomProperties] | None:
    name = part_by_relation(fixed, CUSTOM_RELATION)
    data = fixed.get(name) if name else None
    custom: Holed | CustomProperties | None
    if shape is None or not shape.has_properties:
        custom = tagged_properties(data) if data and is_template else None
        if name is None or custom is None:
            return None
    else:
        name = name or "docProps/custom.xml"
        custom = custom_properties(data, is_template=is_template)
        add_part(fixed, name, CUSTOM_TYPE, CUSTOM_RELATION, b"")
    del fixed[name]
    return name, custom
