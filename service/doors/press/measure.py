"""Whether the red head and the lines of the title fit on one line, measured from their own type."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jinja2 import TemplateError
from lxml import etree

from service.doors.forms.package import parse_xml
from service.doors.press.package import DOCUMENT, W_, Parts
from service.doors.press.paragraphs import Paragraph, elements
from service.doors.press.proofread import problem_at, tags_in
from service.doors.press.sandbox import BoundedEnvironment
from service.office.finding import Problem
from service.office.needs.press import Value

# 156 mm, the width of the 版心 of GB/T 9704-2012, in points.
TEXT_WIDTH = 442.0
# Larger than 2号 is a red head; a title is 2号.
HEAD_SIZE_MIN = 23.0
TITLE_SIZE_MIN = 20.0
# Head and title stand at the top; further down large type is a heading of an attachment.
LOOKED_AT_MAX = 25
STYLES_DEEP_MAX = 20
_DEFAULT_HALF_POINTS = 20  # what Word takes where nothing is written


@dataclass(frozen=True, slots=True)
class _Type:
    """Size in points, colour as RRGGBB, widening of each character in points, and its scale."""

    size: float
    colour: str
    spacing: float
    scale: float

    @property
    def is_red(self) -> bool:
        found = re.fullmatch(r"([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})", self.colour)
        return (
            found is not None
            and int(found[1], 16) >= 0xA0
            and max(int(found[2], 16), int(found[3], 16)) < 0x60
        )


@dataclass(frozen=True, slots=True)
class _Styles:
    """The run and paragraph properties of every style, by id."""

    by_id: Mapping[str, etree._Element]
    defaults: etree._Element | None
    ordinary: str

    def of(self, element: etree._Element, run: etree._Element | None, path: str) -> str | None:
        """A property of a run as Word finds it: the run, its style, the paragraph's style, the defaults."""
        places = [run.find(W_ + "rPr")] if run is not None else []
        for kind, holder in (("rStyle", places[0] if places else None), ("pStyle", element.find(W_ + "pPr"))):
            named = holder.find(W_ + kind) if holder is not None else None
            name = (
                named.get(W_ + "val") if named is not None else (self.ordinary if kind == "pStyle" else None)
            )
            places += [each.find(W_ + "rPr") for each in self._line_of(name)]
        places.append(self.defaults)
        for place in places:
            found = place.find(W_ + path) if place is not None else None
            if found is not None:
                return found.get(W_ + "val")
        return None

    def alignment(self, element: etree._Element) -> str | None:
        """How a paragraph is aligned, by itself or by its style."""
        own = element.find(W_ + "pPr")
        named = own.find(W_ + "pStyle") if own is not None else None
        styles = self._line_of(named.get(W_ + "val") if named is not None else self.ordinary)
        for place in (own, *(each.find(W_ + "pPr") for each in styles)):
            found = place.find(W_ + "jc") if place is not None else None
            if found is not None:
                return found.get(W_ + "val")
        return None

    def _line_of(self, name: str | None) -> Iterator[etree._Element]:
        for _ in range(STYLES_DEEP_MAX):
            style = self.by_id.get(name or "")
            if style is None:
                return
            yield style
            base = style.find(W_ + "basedOn")
            name = base.get(W_ + "val") if base is not None else None


def too_long(
    parts: Parts, texts: list[Paragraph], file: str, facts: Mapping[str, Value]
) -> Iterator[Problem]:
    """A red head that would wrap is an error; a title line that would wrap is worth knowing."""
    styles = _styles(parts)
    for part in dict.fromkeys(each.part for each in texts):
        if part != DOCUMENT and not part.startswith("word/header"):
            continue
        by_number = {each.place.paragraph: each for each in texts if each.part == part}
        root = parse_xml(parts[part])
        room = min(TEXT_WIDTH, _text_width(root)) if part == DOCUMENT else TEXT_WIDTH
        for number, element in elements(root):
            if number > LOOKED_AT_MAX:
                break
            at = by_number.get(number)
            if at is not None and not at.is_twin and not at.nest.row and at.text.strip():
                yield from _measured(element, at, styles, facts, room, file)


def _measured(
    element: etree._Element,
    at: Paragraph,
    styles: _Styles,
    facts: Mapping[str, Value],
    room: float,
    file: str,
) -> Iterator[Problem]:
    look = _type_of(element, styles)
    if look is None or look.size < TITLE_SIZE_MIN:
        return
    # A break by hand begins a new line; each is measured by itself.
    longest = max(
        _filled(at.text, facts).split("\n"), key=lambda line: _width(line, look), default=""
    ).strip()
    width = _width(longest, look)
    ems = sum(map(_ems, longest))
    if not ems or width <= room:
        return
    fits = int((room / ems - look.spacing) / look.scale)
    count = len(longest)
    if look.is_red and look.size >= HEAD_SIZE_MIN:
        say = (
            f"红头“{longest[:40]}”有 {count} 个字，按 {look.size:g} 磅排宽 {width:.0f} 磅，"
            f"超过版心的 {room:.0f} 磅，会折成两行，请把字号改为 {fits} 磅或更小"
        )
        yield problem_at(file, at, "red-head-too-long", say)
    elif styles.alignment(element) == "center" and not look.is_red:
        line = int(room / look.size)
        say = (
            f"标题这一行有 {count} 个字，按 {look.size:g} 磅一行最多排 {line} 个，会自动折行；"
            f"请按词意分成几行（如在“关于”“的通知”处另起一段）"
        )
        yield problem_at(file, at, "title-too-long", say, is_error=False)


def _filled(text: str, facts: Mapping[str, Value]) -> str:
    """The paragraph with its tags filled in; where it hangs on a loop, its plain words alone."""
    plain = text.translate({0x201C: '"', 0x201D: '"', 0x2018: "'", 0x2019: "'"}) if tags_in(text) else text
    try:
        return BoundedEnvironment(autoescape=False).from_string(plain).render(dict(facts))
    except (
        TemplateError,
        ArithmeticError,
        TypeError,
        ValueError,
        LookupError,
        AttributeError,
        RecursionError,
    ):
        for tag in tags_in(text):
            text = text.replace(tag, "")
        return text


def _type_of(element: etree._Element, styles: _Styles) -> _Type | None:
    """The type of the paragraph's first run that says something."""
    for run in element.iter(W_ + "r"):
        if (
            next(run.iterancestors(W_ + "p")) is element
            and "".join(t.text or "" for t in run.iter(W_ + "t")).strip()
        ):
            return _Type(
                size=_number(styles.of(element, run, "sz"), _DEFAULT_HALF_POINTS) / 2,
                colour=styles.of(element, run, "color") or "",
                spacing=_number(styles.of(element, run, "spacing"), 0) / 20,
                scale=_number(styles.of(element, run, "w"), 100) / 100 or 1,
            )
    return None


def _styles(parts: Parts) -> _Styles:
    if "word/styles.xml" not in parts:
        return _Styles({}, None, "")
    root = parse_xml(parts["word/styles.xml"])
    by_id = {str(each.get(W_ + "styleId")): each for each in root.iter(W_ + "style")}
    ordinary = next(
        (
            key
            for key, each in by_id.items()
            if each.get(W_ + "type") == "paragraph" and each.get(W_ + "default") in ("1", "true")
        ),
        "",
    )
    return _Styles(by_id, root.find(f"{W_}docDefaults/{W_}rPrDefault/{W_}rPr"), ordinary)


def _text_width(root: etree._Element) -> float:
    """Points between the margins of the last section, which is the whole document's in a notice."""
    sections = list(root.iter(W_ + "sectPr"))
    size = sections[-1].find(W_ + "pgSz") if sections else None
    margin = sections[-1].find(W_ + "pgMar") if sections else None
    if size is None or margin is None:
        return TEXT_WIDTH
    width = _number(size.get(W_ + "w"), 0) - sum(
        _number(margin.get(W_ + side), 0) for side in ("left", "right")
    )
    return width / 20 if width > 0 else TEXT_WIDTH


def _number(written: str | None, otherwise: float) -> float:
    try:
        value = float(written) if written else otherwise
    except ValueError:
        return otherwise
    return value if -100_000 < value < 100_000 else otherwise


def _width(line: str, look: _Type) -> float:
    return sum(_ems(each) * look.size * look.scale + look.spacing for each in line.strip())


def _ems(character: str) -> float:
    """Chinese characters and signs are as wide as they are high, letters and digits half as wide."""
    return 1.0 if unicodedata.east_asian_width(character) in "WFA" else 0.5
