"""Content controls around the answers of a form, of the kind that survives other programs."""

from __future__ import annotations

from lxml import etree

from service.doors.forms.package import parse_xml
from service.doors.press.package import W_, W
from service.office.campaign import FieldKind, FormField

_W14 = "http://schemas.microsoft.com/office/word/2010/wordml"
_GREY = '<w:rPr><w:color w:val="808080"/></w:rPr>'
_INVITATION = {FieldKind.CHOICE: "请选择", FieldKind.DATE: "请选择日期", FieldKind.CHECKBOX: "☐"}
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


def wrap_answer(cell: etree._Element, field: FormField) -> None:
    """Put what a cell holds, or an invitation to fill it in, into one inline control.

    Inline and rich, without data binding: plain-text, block and cell controls come back from LibreOffice with
    their text several times over, and a bound store would win over what was typed.
    """
    paragraph = next((each for each in cell.iter(W_ + "p") if text_of(each)), None)
    if paragraph is None:
        paragraph = cell.find(W_ + "p")
    if paragraph is None or next(cell.iter(W_ + "sdt"), None) is not None:
        _adopt(cell, field)
        return
    runs = [each for each in paragraph if each.tag == W_ + "r"]
    control = _control(field, is_blank=not text_of(cell).strip())
    content = control[-1]
    if text_of(cell).strip():
        for each in list(content):
            content.remove(each)
        first = paragraph.index(runs[0]) if runs else len(paragraph)
        for each in runs:
            content.append(each)
        paragraph.insert(first, control)
        return
    for each in runs:
        paragraph.remove(each)
    paragraph.append(control)


def _adopt(cell: etree._Element, field: FormField) -> None:
    """A control that staff put there themselves gets our tag, if it has none."""
    for control in cell.iter(W_ + "sdt"):
        properties = control.find(W_ + "sdtPr")
        if properties is not None and properties.find(W_ + "tag") is None:
            tag = etree.Element(W_ + "tag")
            tag.set(W_ + "val", f"nc.f.{field.key}")
            properties.insert(0, tag)
            return


def _control(field: FormField, *, is_blank: bool) -> etree._Element:
    is_box = field.kind is FieldKind.CHECKBOX
    kind = {FieldKind.DATE: _DATE, FieldKind.CHECKBOX: _CHECKBOX}.get(field.kind, "")
    if field.kind is FieldKind.CHOICE:
        kind = "<w:dropDownList/>"
    shown = "<w:showingPlcHdr/>" if is_blank and not is_box else ""
    invitation = _INVITATION.get(field.kind, "请填写")
    xml = (
        f'<w:sdt xmlns:w="{W}" xmlns:w14="{_W14}">'
        f'<w:sdtPr><w:alias/><w:tag/><w:id w:val="0"/>{shown}{kind}</w:sdtPr>'
        f"<w:sdtContent><w:r>{'' if is_box else _GREY}<w:t>{invitation}</w:t></w:r></w:sdtContent></w:sdt>"
    )
    control = parse_xml(xml.encode())
    properties = control[0]
    properties[0].set(W_ + "val", field.label)
    properties[1].set(W_ + "val", f"nc.f.{field.key}")
    choices = properties.find(W_ + "dropDownList")
    if choices is None:
        return control
    for choice in field.choices:
        entry = etree.SubElement(choices, W_ + "listItem")
        entry.set(W_ + "displayText", choice)
        entry.set(W_ + "value", choice)
    return control
