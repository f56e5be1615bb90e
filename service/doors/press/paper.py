"""Paper for official documents: page, styles, head and page numbers of GB/T 9704-2012 as WordprocessingML."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from xml.sax.saxutils import escape

from service.doors.press.package import W, write_parts

_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_OFFICE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_TWIPS_A_MM = 1440 / 25.4
# Twentieths of a point: 28.9 pt gives 22 lines a page, 29 pt only 21. A whole tenth of a point, for
# LibreOffice counts in tenths and would make 28.95 pt now 28.9, now 29.0.
LINE = 578
HEAD_WIDTH = 441  # points of one line, a little less than 156 mm
TIGHTER = -5  # a quarter point off each character gives 28 a line, plain text only 27


class Format(Enum):
    """文件格式 has a red head and one rule; 信函格式 two double rules and no number on its first page."""

    DOCUMENT = "文件"
    LETTER = "信函"
    ANNEX = "附件"  # neither: an attachment or a form on the same paper


@dataclass(frozen=True, slots=True)
class _Style:
    name: str
    face: str = "仿宋_GB2312"
    size: float = 16  # pt: 3号
    align: str = "both"
    first: int = 0  # 字 of indent of the first line
    left: int = 0  # twips
    hanging: int = 0
    right: int = 0
    before: int = 0  # twips
    line: int = LINE
    rule: str = "exact"
    colour: str = "000000"
    border: str = ""


# Indents stand both in characters, which Word follows, and in twips, which LibreOffice follows.
STYLES = {
    "Normal": _Style("Normal"),
    "Plain": _Style("正文内容", first=2),
    "Level1": _Style("一级标题", "黑体", first=2),
    "Level2": _Style("二级标题", "楷体_GB2312", first=2),
    "Number": _Style("发文字号", align="center"),
    "NumberRight": _Style("发文字号（信函）", align="right"),
    "Title2": _Style("公文标题", "方正小标宋简体", 22, "center", line=640),
    "To": _Style("主送机关"),
    # 附件： is three characters, 1. two half ones: names begin and go on at 90.75 pt, from 10. on at 98.5 pt.
    "Enclosed": _Style("附件说明", align="left", left=1815, hanging=1175),
    "EnclosedOne": _Style("附件说明（单个）", align="left", left=1585, hanging=945),
    "EnclosedNext": _Style("附件说明续", align="left", left=1815, hanging=230),
    "EnclosedTen": _Style("附件说明续（两位数）", align="left", left=1970, hanging=385),
    "Signed": _Style("署名", align="right"),
    "Dated": _Style("成文日期", align="right", right=1280),
    "Remark": _Style("附注", first=2),
    "AnnexMark": _Style("附件序号", "黑体", align="left"),
    "Copy": _Style("抄送", size=14, align="left", left=1120, hanging=840, right=280),
    "CopyRow": _Style("印发", size=14, align="left", left=280, right=280),
    "PageOdd": _Style("页码单", "宋体", 14, "right", right=280, line=280),
    "PageEven": _Style("页码双", "宋体", 14, "left", left=280, line=280),
    "Cell": _Style("表格文字", size=14, align="left", line=420, rule="atLeast"),
    "CellLabel": _Style("表格标签", size=14, align="center", line=420, rule="atLeast"),
    "Small": _Style("填表说明", size=12, align="left", line=400),
    "Code": _Style("编号", size=12, align="right", line=400),
}


def mm(length: float) -> int:
    """Millimetres as twips."""
    return round(length * _TWIPS_A_MM)


def paragraph(
    text: str,
    style: str = "Plain",
    *,
    extra: str = "",
    look: str = "",
    inside: str = "",
    keeps: bool = False,
    frame: str = "",
) -> str:
    """One paragraph; `extra` goes into its properties, `look` before its text, `inside` before its run.

    `keeps` holds it on the page of the next one; `frame` takes it out of the text's flow.
    """
    keep = "<w:keepNext/>" if keeps else ""
    properties = f'<w:pPr><w:pStyle w:val="{style}"/>{keep}{frame}{extra}</w:pPr>'
    runs = run(text, look) if text else ""
    return f"<w:p>{properties}{inside}{runs}</w:p>"


def lead_in(head: str, rest: str, style: str) -> str:
    """A heading with its text in the same paragraph: the head in the style's face, the rest in 仿宋."""
    plain = '<w:rPr><w:rFonts w:eastAsia="仿宋_GB2312"/></w:rPr>'
    return paragraph("", style, inside=run(head) + run(rest, plain))


def run(text: str, properties: str = "") -> str:
    """A run of text with its own properties."""
    return f'<w:r>{properties}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def blank(lines: int = 1, *, keeps: bool = False) -> str:
    """Empty lines."""
    return paragraph("", "Normal", keeps=keeps) * lines


def red_head(text: str, issuer: str, *, ink_at: float, border: str = "") -> str:
    """发文机关标志: red, centred, as large as one line takes; its ink begins `ink_at` mm down.

    `issuer` is what `text` will say once its tags are filled; its length decides the size.
    """
    size = head_size(issuer)
    # On an exact line of a quarter more than its size the baseline lies the size below the line's upper edge,
    # and 小标宋 rises 0.845 of its size above it.
    before = max(0, round(mm(ink_at) - 0.155 * size * 20))
    spacing = f'<w:spacing w:before="{before}" w:line="{round(size * 25)}" w:lineRule="exact"/>'
    borders = f"<w:pBdr>{border}</w:pBdr>" if border else ""
    indent = '<w:ind w:left="-454" w:right="-340"/>' if border else ""
    fonts = '<w:rFonts w:ascii="方正小标宋简体" w:hAnsi="方正小标宋简体" w:eastAsia="方正小标宋简体"/>'
    look = (
        f'<w:rPr>{fonts}<w:color w:val="FF0000"/><w:spacing w:val="0"/>'
        f'<w:sz w:val="{size * 2:g}"/><w:szCs w:val="{size * 2:g}"/></w:rPr>'
    )
    return paragraph(text, "Normal", extra=borders + spacing + indent + '<w:jc w:val="center"/>', look=look)


def head_size(text: str) -> float:
    """Points a character of the red head may have so that it stays on one line; a half point is the step."""
    return min(48.0, int(2 * HEAD_WIDTH / max(len(text), 1)) / 2)


def head_rule_space(issuer: str) -> int:
    """Points between the red head's line and the double rule, so that the rule lies 4 mm below the ink."""
    # A quarter of the size lies below the baseline, and 0.085 of it is ink.
    return max(0, round(11.34 - 0.165 * head_size(issuer)))


def rule(side: str, kind: str, eighths: int, space: int, colour: str = "FF0000") -> str:
    """A border of a paragraph or cell."""
    return f'<w:{side} w:val="{kind}" w:sz="{eighths}" w:space="{space}" w:color="{colour}"/>'


def page_number(style: str, after: int) -> str:
    """— 1 —, in 宋体 throughout."""
    fonts = '<w:rPr><w:rFonts w:ascii="宋体" w:hAnsi="宋体" w:eastAsia="宋体" w:cs="宋体"/></w:rPr>'
    field = "".join(
        f"<w:r>{fonts}{part}</w:r>"
        for part in (
            '<w:t xml:space="preserve">— </w:t>',
            '<w:fldChar w:fldCharType="begin"/>',
            '<w:instrText xml:space="preserve"> PAGE </w:instrText>',
            '<w:fldChar w:fldCharType="separate"/>',
            "<w:t>1</w:t>",
            '<w:fldChar w:fldCharType="end"/>',
            '<w:t xml:space="preserve"> —</w:t>',
        )
    )
    spacing = f'<w:spacing w:after="{after}" w:line="280" w:lineRule="exact"/>'
    return paragraph("", style, extra=spacing, inside=field)


def sheet(
    body: str,
    kind: Format,
    *,
    title: str,
    first_header: str = "",
    first_footer: str = "",
    stamp: str = "",
) -> bytes:
    """A whole .docx on this paper; `stamp` stands above the text of every page."""
    is_letter = kind is Format.LETTER
    # The dash's upper edge belongs 7 mm below the text area; a letter's rule needs its footer at 20 mm.
    foot, after = (20.0, mm(5.5)) if is_letter else (25.5, 0)
    margins = {
        "footer1": page_number("PageOdd", after),
        "footer2": page_number("PageEven", after),
        **({"header3": first_header, "footer3": first_footer} if is_letter else {}),
        **({"header1": stamp, "header2": stamp} if stamp else {}),
    }
    references = "".join(
        f'<w:{name[:6]}Reference w:type="{kind_of}" r:id="{name}"/>'
        for name, kind_of in (
            ("header1", "default"),
            ("header2", "even"),
            ("header3", "first"),
            ("footer1", "default"),
            ("footer2", "even"),
            ("footer3", "first"),
        )
        if name in margins
    )
    section = (
        f"<w:sectPr>{references}"
        f'<w:pgSz w:w="{mm(210)}" w:h="{mm(297)}"/>'
        f'<w:pgMar w:top="{mm(37)}" w:right="{mm(26)}" w:bottom="{mm(35)}" w:left="{mm(28)}" '
        f'w:header="{mm(18)}" w:footer="{mm(foot)}" w:gutter="0"/>'
        f"{'<w:titlePg/>' if is_letter else ''}</w:sectPr>"
    )
    parts = {
        "word/document.xml": _root("document", f"<w:body>{body}{section}</w:body>"),
        "word/styles.xml": _root("styles", _defaults() + "".join(map(_style, STYLES))),
        "word/settings.xml": _root("settings", _SETTINGS),
        "docProps/core.xml": _core(title),
        **{
            f"word/{name}.xml": _root("hdr" if "head" in name else "ftr", xml)
            for name, xml in margins.items()
        },
    }
    parts["word/_rels/document.xml.rels"] = _relations(
        [("styles", "styles", "styles.xml"), ("settings", "settings", "settings.xml")]
        + [(name, name[:6], f"{name}.xml") for name in margins]
    )
    parts["_rels/.rels"] = _ROOT_RELATIONS
    parts["[Content_Types].xml"] = _content_types(tuple(margins))
    return write_parts({name: xml.encode() for name, xml in parts.items()})


_SETTINGS = (
    '<w:evenAndOddHeaders/><w:characterSpacingControl w:val="compressPunctuation"/>'
    '<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" '
    'w:val="15"/></w:compat>'
)
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_ROOT_RELATIONS = (
    f'{_DECLARATION}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_R}/officeDocument" Target="word/document.xml"/>'
    f'<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties" '
    'Target="docProps/core.xml"/></Relationships>'
)


def _root(name: str, inside: str) -> str:
    return f'{_DECLARATION}<w:{name} xmlns:w="{W}" xmlns:r="{_R}">{inside}</w:{name}>'


def _defaults() -> str:
    latin = "Times New Roman"
    fonts = f'<w:rFonts w:ascii="{latin}" w:hAnsi="{latin}" w:eastAsia="仿宋_GB2312" w:cs="{latin}"/>'
    return (
        f'<w:docDefaults><w:rPrDefault><w:rPr>{fonts}<w:sz w:val="32"/><w:szCs w:val="32"/>'
        '<w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>'
    )


def _style(key: str) -> str:
    style = STYLES[key]
    is_default = ' w:default="1"' if key == "Normal" else ""
    based = "" if key == "Normal" else '<w:basedOn w:val="Normal"/>'
    borders = f"<w:pBdr>{style.border}</w:pBdr>" if style.border else ""
    indents = [f'w:left="{style.left}"'] if style.left else []
    indents += [f'w:right="{style.right}"'] if style.right else []
    indents += [f'w:hanging="{style.hanging}"'] if style.hanging else []
    indents += (
        [f'w:firstLineChars="{style.first * 100}" w:firstLine="{style.first * 320}"'] if style.first else []
    )
    indent = f"<w:ind {' '.join(indents)}/>" if indents else ""
    # overflowPunct keeps LibreOffice from dropping punctuation at the end of tightened lines.
    return (
        f'<w:style w:type="paragraph"{is_default} w:styleId="{key}">'
        f'<w:name w:val="{style.name}"/>{based}<w:qFormat/>'
        f'<w:pPr><w:widowControl w:val="0"/>{borders}<w:overflowPunct w:val="1"/>'
        f'<w:spacing w:before="{style.before}" w:line="{style.line}" w:lineRule="{style.rule}"/>{indent}'
        f'<w:jc w:val="{style.align}"/></w:pPr>'
        f'<w:rPr><w:rFonts w:eastAsia="{style.face}"/><w:color w:val="{style.colour}"/>'
        f'<w:spacing w:val="{TIGHTER if style.size == 16 else 0}"/>'
        f'<w:sz w:val="{style.size * 2:g}"/><w:szCs w:val="{style.size * 2:g}"/></w:rPr></w:style>'
    )


def _core(title: str) -> str:
    return (
        f'{_DECLARATION}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{escape(title)}</dc:title></cp:coreProperties>'
    )


def _relations(rows: list[tuple[str, str, str]]) -> str:
    inside = "".join(
        f'<Relationship Id="{identity}" Type="{_R}/{kind}" Target="{target}"/>'
        for identity, kind, target in rows
    )
    return f'{_DECLARATION}<Relationships xmlns="{_PACKAGE}/relationships">{inside}</Relationships>'


def _content_types(margins: tuple[str, ...]) -> str:
    parts = {"document": "document.main", "styles": "styles", "settings": "settings"}
    parts |= {name: name[:6] for name in margins}
    overrides = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{_OFFICE}.{kind}+xml"/>'
        for name, kind in parts.items()
    )
    return (
        f'{_DECLARATION}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/docProps/core.xml" '
        f'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>{overrides}</Types>'
    )
