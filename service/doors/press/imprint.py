"""The code in a document: a line on top unless it is shown already, a bookmark, and a mark for machines."""

from __future__ import annotations

import re
from html import escape

from service.doors.forms.word import OUR_MARK
from service.doors.press.mark import SIDE_MM
from service.doors.press.properties import TOKEN
from service.office.code import bookmark_name
from service.office.needs.press import Imprint

MARK_PART = "word/media/huizhi-mark.png"
MARK_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
MARK_ID = "rIdHuizhiMark"
_MARK_NUMBER = 1000  # drawings of templates are numbered from 1001
_EMU_IN_MM = 36_000
_CORNER_MM = 8  # what printers and scanners leave white
_PARAGRAPH = re.compile(r"<w:p(?: [^>]*?)?(/?)>")
_PROPERTIES = re.compile(r"<w:pPr(?: [^>]*)?/>|<w:pPr(?: [^>]*)?>.*?</w:pPr>", re.DOTALL)
_TRACKED = "</w:pPrChange></w:pPr>"
_BODY = re.compile(r"<w:body(?: [^>]*)?>")
_TEXT = re.compile(r"<w:t(?: [^>]*)?>([^<]*)</w:t>")
_NAMES = (
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)


def put_code(xml: str, imprint: Imprint, bookmark: int) -> str:
    """The document's XML with the code's bookmark in its first paragraph, and the code to be seen."""
    code = imprint.code
    name = escape(bookmark_name(code))
    carrier = f'<w:bookmarkStart w:id="{bookmark}" w:name="{name}"/><w:bookmarkEnd w:id="{bookmark}"/>'
    shown = _where_shown(xml, code)
    if shown is None:
        return _with_line(xml, code, carrier, drawing() if imprint.mark else "")
    if imprint.mark:
        # Spread over several runs it is somewhere; the first paragraph will do.
        end = xml.find("</w:p>", max(shown, 0))
        is_in_cell = xml.rfind("<w:tc>", 0, end) > xml.rfind("</w:tc>", 0, end)
        xml = xml[:end] + drawing(is_in_cell=is_in_cell) + xml[end:]
    return _in_first_paragraph(xml, carrier)


def properties_of(imprint: Imprint) -> dict[str, str]:
    """The custom properties that an imprint asks for."""
    properties = {key if "." in key else f"nc.{key}": value for key, value in imprint.extra.items()}
    return properties | ({TOKEN: imprint.code} if imprint.code else {})


def drawing(*, is_in_cell: bool = False) -> str:
    """A run that shows the mark, for a document in which `MARK_ID` leads to the picture.

    It floats above the code's line, at the right margin: it takes no room from the form, and text makes way
    for it. Where the code stands in a table, whose cells would clip it, it hangs in the page's upper corner.
    """
    side = SIDE_MM * _EMU_IN_MM
    size = f'cx="{side}" cy="{side}"'
    above, whence = (_CORNER_MM, "page") if is_in_cell else (-SIDE_MM - 1, "paragraph")
    return (
        f'<w:r><w:drawing><wp:anchor {_NAMES} distT="0" distB="0" distL="36000" distR="0" simplePos="0" '
        'relativeHeight="2" behindDoc="0" locked="0" layoutInCell="0" allowOverlap="1">'
        '<wp:simplePos x="0" y="0"/>'
        '<wp:positionH relativeFrom="margin"><wp:align>right</wp:align></wp:positionH>'
        f'<wp:positionV relativeFrom="{whence}"><wp:posOffset>{above * _EMU_IN_MM}</wp:posOffset>'
        "</wp:positionV>"
        f'<wp:extent {size}/><wp:effectExtent l="0" t="0" r="0" b="0"/><wp:wrapSquare wrapText="bothSides"/>'
        f'<wp:docPr id="{_MARK_NUMBER}" name="{OUR_MARK}" descr="编号"/><wp:cNvGraphicFramePr/><a:graphic>'
        '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic>'
        f'<pic:nvPicPr><pic:cNvPr id="{_MARK_NUMBER}" name="mark.png"/><pic:cNvPicPr/></pic:nvPicPr>'
        f'<pic:blipFill><a:blip r:embed="{MARK_ID}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
        f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>'
        "</wp:anchor></w:drawing></w:r>"
    )


def _where_shown(xml: str, code: str) -> int | None:
    """Where the code can be seen; -1 where it is spread over several runs, None where it is not seen."""
    at = xml.find(code)
    while at >= 0:
        if (
            xml.startswith(("<w:t>", "<w:t "), xml.rfind("<", 0, at))
            and ">" in xml[xml.rfind("<", 0, at) : at]
        ):
            return at
        at = xml.find(code, at + 1)
    # Spread over runs, one of them would end with the code's beginning.
    if any(f"{code[:length]}</w:t>" in xml for length in range(1, len(code))):
        return -1 if code in "".join(_TEXT.findall(xml)) else None
    return None


def _with_line(xml: str, code: str, carrier: str, picture: str) -> str:
    """A small line 编号 on top."""
    body = _BODY.search(xml)
    if body is None:
        return xml
    line = (
        f'<w:p><w:pPr><w:jc w:val="right"/></w:pPr>{carrier}<w:r><w:rPr><w:sz w:val="21"/></w:rPr>'
        f"<w:t>编号：{escape(code, quote=False)}</w:t></w:r>{picture}</w:p>"
    )
    return xml[: body.end()] + line + xml[body.end() :]


def _in_first_paragraph(xml: str, carrier: str) -> str:
    opened = _PARAGRAPH.search(xml)
    if opened is None:
        return xml
    if opened[1]:  # an empty paragraph has no end of its own
        return xml[: opened.end() - 2] + f">{carrier}</w:p>" + xml[opened.end() :]
    properties = _PROPERTIES.match(xml, opened.end())
    at = properties.end() if properties else opened.end()
    while xml.startswith(_TRACKED, at):  # properties as they were before a change, inside the properties
        at += len(_TRACKED)
    return xml[:at] + carrier + xml[at:]
