"""A form's fields: a bookmark on every label, a control around every answer, in a template or a document."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import unescape

from lxml import etree

from service.doors.forms.labels import bookmark_of, find_label, known_labels, label_key, tidy_value
from service.doors.forms.package import parse_xml
from service.doors.forms.word import tagged_values
from service.doors.press.control import adopt, answer_runs, soften, text_of
from service.doors.press.package import W_
from service.doors.press.sandbox import LATE
from service.doors.press.slots import Slot, find_slots
from service.doors.press.survey import blocks_around
from service.office.campaign import FieldKind, FormField

_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_BLOCK = re.compile(r"\{[%#]")
_PLAIN = re.compile(r"\{\{(?![a-z]{1,2}\s)")  # {{ }}, not {{r }} and the like
_OPENING = "nc-slot"
_CLOSING = "nc-slot-end"
_SLOT_OPENS = re.compile(rf"<\?{_OPENING} (\d+)\?>")
_SLOT_CLOSES = re.compile(rf"<\?{_CLOSING} (\d+)\?>")
_ENDS = re.compile("[\a\f]")  # of a paragraph or a page, not yet set
# What a reader does not take letter by letter: a box and whether it is ticked, breaks, signs, changes.
_MORE_THAN_TEXT = re.compile(r":checkbox|<w:(?:tab|br|cr|sym|noBreakHyphen|del|ins|moveFrom|p|fldChar)[ />]")
_TEXT = re.compile(r"<w:t(?: [^>]*)?>([^<]*)</w:t>")


@dataclass(frozen=True, slots=True)
class Slots:
    """What a plate's fields say: values that never differ, and by slot number the field of each that may."""

    fixed: tuple[tuple[str, str], ...] = ()
    keys: tuple[str, ...] = ()
    blanks: tuple[str, ...] = ()
    names: str = ""  # the document's namespaces, as a fragment of it needs them

    def as_source(self, source: str) -> str:
        """The patched source with its slots as tags: an empty answer becomes the invitation to fill it in."""
        opened = _SLOT_OPENS.sub(r"{% set _nc\1 %}", source)
        return _SLOT_CLOSES.sub(self._closing, opened)

    def values(self, noted: Mapping[int, str]) -> dict[str, str]:
        """What the document already says in its fields."""
        found = dict(self.fixed)
        for number, xml in noted.items():
            if value := self._value(number, xml):
                found[self.keys[number]] = value
        return found

    def _value(self, number: int, xml: str) -> str:
        """As a reader of the whole document would take it."""
        text = "".join(_TEXT.findall(xml))
        is_blank = not text.strip() and self.blanks[number]
        shown = self.blanks[number] if is_blank else _ENDS.sub("\n", xml)
        if _MORE_THAN_TEXT.search(shown) is None:
            return "" if is_blank else tidy_value(unescape(text))
        fragment = parse_xml(f"<w:p {self.names}>{shown}</w:p>".encode())
        return tagged_values(fragment).get(self.keys[number], "")

    def _closing(self, found: re.Match[str]) -> str:
        number = int(found[1])
        name, blank = f"_nc{number}", self.blanks[number]
        return (
            f"{{% endset %}}{{% if {name}|_noted({number}) or {not blank} %}}{{{{ {name} }}}}"
            f"{{% else %}}{blank}{{% endif %}}"
        )


def put_fields(
    document: etree._Element, fields: Sequence[FormField], known: Mapping[str, str]
) -> dict[str, str]:
    """Bookmarks and controls put into a finished document; returns what its fields already say."""
    soften(document)
    _mark_labels(document, fields, fields)
    _put_controls(document, fields, fields, known)
    return {key: value for key, value in tagged_values(document).items() if value}


def put_fields_into_template(
    document: etree._Element, fields: Sequence[FormField], known: Sequence[str]
) -> Slots | None:
    """The same for all documents of a template at once; None where only the finished document can tell.

    That is where a label or an answer comes from a tag, or stands in a loop or a condition.
    """
    soften(document)
    if not _is_settled(document, fields):
        return None
    shown = [
        replace(each, label=_literal(each.label), choices=tuple(_literal(choice) for choice in each.choices))
        for each in fields
    ]
    numbers = {each.key: number for number, each in enumerate(fields)}
    tags = {key: f"{{{{ {LATE}.known[{numbers[key]}] }}}}" for key in known if key in numbers}
    _mark_labels(document, fields, shown)
    blanks = _put_controls(document, fields, shown, tags)
    return _slots(document, blanks)


def _slots(document: etree._Element, blanks: Mapping[str, etree._Element]) -> Slots | None:
    """Every control of ours whose text a tag decides becomes a slot."""
    keys: list[str] = []
    empty: list[str] = []
    controls = [
        (key, control)
        for control in document.iter(W_ + "sdt")
        for tag in control.iterfind(f"{W_}sdtPr/{W_}tag")
        if (key := str(tag.get(W_ + "val"))).startswith("nc.f.")
    ]
    for name, control in controls:
        if "{{" not in text_of(control):
            continue
        key, parent = name.removeprefix("nc.f."), control.getparent()
        if parent is None or parent.tag != W_ + "p" or [each for each, _ in controls].count(name) > 1:
            return None
        at, number = parent.index(control), str(len(keys))
        closing = etree.ProcessingInstruction(_CLOSING, number)
        closing.tail, control.tail = control.tail, None
        parent.insert(at + 1, closing)
        parent.insert(at, etree.ProcessingInstruction(_OPENING, number))
        keys.append(key)
        blank = blanks.get(key)
        empty.append("" if blank is None else etree.tostring(blank, encoding="unicode", with_tail=False))
    fixed = {key: value for key, value in tagged_values(document).items() if value and key not in keys}
    names = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in document.nsmap.items() if prefix)
    return Slots(tuple(fixed.items()), tuple(keys), tuple(empty), names)


def _is_settled(document: etree._Element, fields: Sequence[FormField]) -> bool:
    """Whether labels and answers stand where they will stand in every document."""
    known = known_labels(fields)
    inside = blocks_around(document)
    answers = {slot.key: slot for slot in find_slots(document, known, set())}
    labels = dict(_labels(document, known))
    controls = [each for each in document.iter(W_ + "sdt") if each in inside]
    if any(slot.element in inside or not _is_plain(slot) for slot in answers.values()) or controls:
        return False
    if any(paragraph in inside for paragraph in labels.values()):
        return False
    if set(answers) == set(labels) == set(known.values()):
        return True
    own = {each for slot in answers.values() if slot.is_cell for each in slot.element.iter(W_ + "p")}
    return not any(_may_be_label(text_of(each), known) for each in document.iter(W_ + "p") if each not in own)


def _may_be_label(text: str, known: Mapping[str, str]) -> bool:
    """Whether a text with tags in it could come out as the label of a field."""
    before = re.split("[：:]", _TAG.sub("\0", text), maxsplit=1)[0]
    if "\0" not in before or not _PLAIN.search(text):
        return False
    pieces = [label_key(each) for each in before.split("\0")]
    bare = [label_key(re.sub(r"[(（\[【][^)）\]】]*", "", each)) for each in before.split("\0")]
    return any(
        all(piece in label for piece in pieces) or all(piece in label for piece in bare) for label in known
    )


def _is_plain(slot: Slot) -> bool:
    """Whether an answer is fixed text, or one paragraph of text and simple tags in a cell of its own."""
    text = slot.text
    if "{" not in text:
        return True
    spoken = [each for each in slot.element.iter(W_ + "p") if text_of(each)]
    if not slot.is_cell or len(spoken) != 1 or _BLOCK.search(text):
        return False
    if len(_PLAIN.findall(text)) != text.count("{{"):
        return False
    runs = "".join(text_of(run) for run in spoken[0] if run.tag == W_ + "r")
    return runs == text or slot.has_control()


def _labels(document: etree._Element, known: Mapping[str, str]) -> list[tuple[str, etree._Element]]:
    """The first paragraph that is, or begins with, the label of each field."""
    found: dict[str, etree._Element] = {}
    for paragraph in document.iter(W_ + "p"):
        key = find_label(re.split("[：:]", text_of(paragraph), maxsplit=1)[0], known)
        if key is not None:
            found.setdefault(key, paragraph)
    return list(found.items())


def _put_controls(
    document: etree._Element,
    fields: Sequence[FormField],
    shown: Sequence[FormField],
    known: Mapping[str, str],
) -> dict[str, etree._Element]:
    """A control of our own around the answer beside every label; staff need only type the labels.

    Returns, for answers that a tag may leave empty, the control as it is when they are.
    """
    by_key = {each.key: each for each in shown}
    blanks: dict[str, etree._Element] = {}
    for slot in find_slots(document, known_labels(fields), set(tagged_values(document))):
        field = by_key[slot.key]
        if slot.has_control():
            adopt(slot.element, field)
            continue
        opened = slot.open()
        if opened is None:
            continue
        may_say = known.get(slot.key, "") if field.kind is not FieldKind.CHECKBOX else ""
        control, blank = answer_runs(*opened, field, may_say)
        if "{{" in text_of(control):
            blanks[slot.key] = blank
    for number, identity in enumerate(document.iterfind(f".//{W_}sdtPr/{W_}id"), 1):
        identity.set(W_ + "val", str(number))
    for key, control in blanks.items():
        _number_as(document, key, control)
    return blanks


def _number_as(document: etree._Element, key: str, control: etree._Element) -> None:
    twin = next(
        each
        for each in document.iter(W_ + "sdt")
        if any(tag.get(W_ + "val") == f"nc.f.{key}" for tag in each.iterfind(f"{W_}sdtPr/{W_}tag"))
    )
    number = twin.find(f"{W_}sdtPr/{W_}id")
    for identity in control.iterfind(f"{W_}sdtPr/{W_}id"):
        identity.set(W_ + "val", str(number.get(W_ + "val")) if number is not None else "0")


def _mark_labels(document: etree._Element, fields: Sequence[FormField], shown: Sequence[FormField]) -> None:
    """A collapsed bookmark in the cell or paragraph of every label, where the template has none yet."""
    names = {mark.get(W_ + "name") for mark in document.iter(W_ + "bookmarkStart")}
    for key, paragraph in _labels(document, known_labels(fields)):
        if bookmark_of(key) not in names:
            names.add(bookmark_of(key))
            _bookmark(document, paragraph, bookmark_of(key))


def free_bookmark(document: etree._Element) -> int:
    """A number that no bookmark has."""
    taken = [
        int(number)
        for mark in document.iter(W_ + "bookmarkStart")
        if (number := mark.get(W_ + "id") or "").lstrip("-").isdigit()
    ]
    return max(taken, default=-1) + 1


def _bookmark(document: etree._Element, paragraph: etree._Element, name: str) -> None:
    identity = str(free_bookmark(document))
    at = 1 if len(paragraph) and paragraph[0].tag == W_ + "pPr" else 0
    end = etree.Element(W_ + "bookmarkEnd")
    end.set(W_ + "id", identity)
    paragraph.insert(at, end)
    start = etree.Element(W_ + "bookmarkStart")
    start.set(W_ + "id", identity)
    start.set(W_ + "name", name)
    paragraph.insert(at, start)


def _literal(text: str) -> str:
    """The text with braces that Jinja prints as they stand."""
    return re.sub(r"\{(?=[{%#])", "{{ '{' }}", text)
