"""Content controls around the answers of a form, of the kind that survives other programs."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from service.doors.forms.labels import has_boxes, invitation
from service.doors.forms.package import parse_xml
from service.doors.press.package import W_, W
from service.office.campaign import FieldKind, FormField

_W14 = "http://schemas.microsoft.com/office/word/2010/wordml"
_GREY = "808080"
_DATE = (
    '<w:date><w:dateFormat w:val="yyyy年M月d日"/><w:lid w:val="zh-CN"/>'
    '<w:storeMappedDataAs w:val="dateTime"/><w:calendar w:val="gregorian"/></w:date>'
)
_CHECKBOX = (
    '<w14:checkbox><w14:checked w14:val="0"/><w14:checkedState w14:val="2611" w14:font="MS Gothic"/>'
    '<w14:uncheckedState w14:val="2610" w14:font="MS Gothic"/></w14:checkbox>'
)


def text_of(element: etree._Element) -> str:
    """All text inside."""
    return "".join(piece.text or "" for piece in element.iter(W_ + "t"))


def tag_of(field: FormField) -> str:
    """What a control says it holds: nc.f.<field>."""
    return f"nc.f.{field.key}"


def paragraph_of(cell: etree._Element) -> etree._Element | None:
    """The paragraph of a cell that holds its answer: the first with text, else the first."""
    paragraphs = [each for each in cell.iter(W_ + "p") if next(each.iterancestors(W_ + "tc")) is cell]
    spoken = next((each for each in paragraphs if text_of(each).strip()), None)
    return spoken if spoken is not None else next(iter(paragraphs), None)


def answer_runs(
    paragraph: etree._Element, runs: Sequence[etree._Element], field: FormField, known: str = ""
) -> tuple[etree._Element, etree._Element]:
    """Put neighbouring runs of a paragraph, or an invitation to fill it in, into one inline control.

    No runs: at the paragraph's end. Rules and blanks are taken out; `known` takes their place. Returns the
    control, and as it would be without an answer. Inline and rich, without data binding: plain-text, block
    and cell controls come back from LibreOffice with their text several times over, and a bound store would
    win over what was typed.
    """
    held = "".join(text_of(each) for each in runs)
    is_blank = not held.strip(" \t\u3000_＿—")
    look = runs[0].find(W_ + "rPr") if runs else None
    is_boxed = has_boxes(held)
    at = paragraph.index(runs[0]) if runs else len(paragraph)
    for each in runs:
        paragraph.remove(each)
    inside = [_run(known, look)] if is_blank and known else [] if is_blank else list(runs)
    blank = _control(field, [], look, is_boxed=is_boxed)
    control = _control(field, inside, look, is_boxed=is_boxed) if inside else blank
    paragraph.insert(at, control)
    if field.kind is FieldKind.CHECKBOX and is_blank:
        word = _run(" 是", look)
        paragraph.insert(at + 1, word)
    return control, blank


def adopt(cell: etree._Element, field: FormField) -> None:
    """A control that staff put there themselves gets our tag, if it has none, and keeps its own look."""
    for control in cell.iter(W_ + "sdt"):
        properties = control.find(W_ + "sdtPr")
        if properties is None:
            continue
        tag = properties.find(W_ + "tag")
        if tag is None:
            tag = etree.Element(W_ + "tag")
            alias = properties.find(W_ + "alias")
            properties.insert(0 if alias is None else properties.index(alias) + 1, tag)
        if not str(tag.get(W_ + "val") or "").startswith("nc.f."):
            tag.set(W_ + "val", tag_of(field))
            return


def soften(document: etree._Element) -> None:
    """Controls that staff put in, made of the kind that survives: no plain text, no binding, inline."""
    for control in list(document.iter(W_ + "sdt")):
        properties, content = control.find(W_ + "sdtPr"), control.find(W_ + "sdtContent")
        if properties is None or content is None:
            continue
        for name in ("text", "dataBinding"):
            for each in properties.findall(W_ + name):
                properties.remove(each)
        around = control.getparent()
        if around is None or content.find(W_ + "r") is not None or around.tag == W_ + "p":
            continue
        _bring_inline(control, properties, content, around)


def _bring_inline(
    control: etree._Element, properties: etree._Element, content: etree._Element, around: etree._Element
) -> None:
    """A control around paragraphs or a cell: what it held stays, and its first paragraph gets the control."""
    first = next(content.iter(W_ + "p"), None)
    at = around.index(control)
    for number, each in enumerate(list(content)):
        around.insert(at + number, each)
    around.remove(control)
    is_listed = properties.find(W_ + "docPartObj") is not None  # a table of contents is no question
    if first is None or is_listed or next(first.iter(W_ + "sdt"), None) is not None:
        return
    inline = etree.Element(W_ + "sdt")
    inline.append(properties)
    inside = etree.SubElement(inline, W_ + "sdtContent")
    for run in [each for each in first if each.tag == W_ + "r"]:
        inside.append(run)
    if not len(inside):
        etree.SubElement(etree.SubElement(inside, W_ + "r"), W_ + "t")
    first.append(inline)


def _control(
    field: FormField, held: Sequence[etree._Element], look: etree._Element | None, *, is_boxed: bool
) -> etree._Element:
    is_box = field.kind is FieldKind.CHECKBOX and not held
    kind = ""
    if not is_boxed:
        kind = {FieldKind.DATE: _DATE, FieldKind.CHOICE: "<w:dropDownList/>"}.get(field.kind, "")
        kind = _CHECKBOX if is_box else kind
    control = parse_xml(
        (
            f'<w:sdt xmlns:w="{W}" xmlns:w14="{_W14}"><w:sdtPr><w:alias/><w:tag/><w:id w:val="0"/>{kind}'
            "</w:sdtPr><w:sdtContent/></w:sdt>"
        ).encode()
    )
    properties, content = control[0], control[1]
    properties[0].set(W_ + "val", field.label)
    properties[1].set(W_ + "val", tag_of(field))
    for choices in properties.iter(W_ + "dropDownList"):
        for choice in field.choices:
            entry = etree.SubElement(choices, W_ + "listItem")
            entry.set(W_ + "displayText", choice)
            entry.set(W_ + "value", choice)
    content.extend(held)
    if not held:
        _invite(properties, content, field, look, is_box=is_box)
    return control


def _invite(
    properties: etree._Element,
    content: etree._Element,
    field: FormField,
    look: etree._Element | None,
    *,
    is_box: bool,
) -> None:
    """What we know already, else an invitation in grey that the first key stroke replaces."""
    if is_box:
        content.append(_run("☐", look))
        return
    # After alias, tag and id, as the schema wants it.
    properties.insert(3, etree.Element(W_ + "showingPlcHdr"))
    content.append(_run(invitation(field), look, grey=True))


def _run(text: str, look: etree._Element | None, *, grey: bool = False) -> etree._Element:
    run = etree.Element(W_ + "r")
    if look is not None or grey:
        properties = etree.SubElement(run, W_ + "rPr")
        for each in look if look is not None else ():
            if not (grey and each.tag == W_ + "color"):
                properties.append(parse_xml(etree.tostring(each)))
        if grey:
            _put_colour(properties)
    letters = etree.SubElement(run, W_ + "t")
    letters.text = text
    if text != text.strip():
        letters.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return run


# What the schema puts before w:color in a run's properties.
_BEFORE_COLOUR = {
    "rStyle", "rFonts", "b", "bCs", "i", "iCs", "caps", "smallCaps", "strike", "dstrike", "outline",
    "shadow", "emboss", "imprint", "noProof", "snapToGrid", "vanish", "webHidden",
}  # fmt: skip


def _put_colour(properties: etree._Element) -> None:
    colour = etree.Element(W_ + "color")
    colour.set(W_ + "val", _GREY)
    at = sum(etree.QName(each).localname in _BEFORE_COLOUR for each in properties)
    properties.insert(at, colour)
