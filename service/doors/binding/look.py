"""The look of 汇编.docx: official paper, real headings, a table of contents, in WordprocessingML."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from service.doors.press.package import W
from service.doors.press.paper import mm, page_number

R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WP = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
PIC = "http://schemas.openxmlformats.org/drawingml/2006/picture"
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
TEXT_WIDTH = mm(156)  # twips
EMU_A_TWIP = 635
PICTURE_WIDTH_MAX = TEXT_WIDTH * EMU_A_TWIP
PICTURE_HEIGHT_MAX = mm(205) * EMU_A_TWIP
_LATIN = "Times New Roman"


def _style(
    key: str,
    name: str,
    *,
    face: str = "仿宋_GB2312",
    size: float = 16,
    align: str = "both",
    first: int = 0,
    left: int = 0,
    level: int | None = None,
    extra: str = "",
    bold: bool = False,
    line: int = 578,
    rule: str = "exact",
    before: int = 0,
    after: int = 0,
) -> str:
    based = "" if key == "Normal" else '<w:basedOn w:val="Normal"/>'
    follows = '<w:next w:val="Plain"/>' if level is not None else ""
    outline = f'<w:outlineLvl w:val="{level}"/>' if level is not None else ""
    indent = f'<w:ind w:left="{left}"/>' if left else ""
    # In characters, which Word follows, and in twips, which LibreOffice follows.
    indent = f'<w:ind w:firstLineChars="200" w:firstLine="{first}"/>' if first else indent
    weight = "<w:b/>" if bold else ""
    default = ' w:default="1"' if key == "Normal" else ""
    return (
        f'<w:style w:type="paragraph"{default} w:styleId="{key}">'
        f'<w:name w:val="{name}"/>{based}{follows}<w:qFormat/><w:pPr>'
        f'{"<w:keepNext/>" if level is not None else ""}<w:widowControl w:val="0"/>{extra}'
        f'<w:spacing w:before="{before}" w:after="{after}" w:line="{line}" w:lineRule="{rule}"/>{indent}'
        f'<w:jc w:val="{align}"/>{outline}</w:pPr><w:rPr><w:rFonts w:eastAsia="{face}"/>{weight}'
        f'<w:sz w:val="{size * 2:g}"/><w:szCs w:val="{size * 2:g}"/></w:rPr></w:style>'
    )


def styles() -> str:
    """word/styles.xml: 仿宋 for text, 黑体 and 楷体 for headings, as official papers have them."""
    fonts = f'<w:rFonts w:ascii="{_LATIN}" w:hAnsi="{_LATIN}" w:eastAsia="仿宋_GB2312" w:cs="{_LATIN}"/>'
    dotted = f'<w:tabs><w:tab w:val="right" w:leader="dot" w:pos="{TEXT_WIDTH}"/></w:tabs>'
    every = (
        _style("Normal", "Normal"),
        _style("Plain", "正文内容", first=640),
        _style("Cover", "封面标题", face="方正小标宋简体", size=26, align="center", line=800, before=2800),
        _style("CoverLine", "封面落款", size=16, align="center", before=200),
        _style("ContentsHead", "目录标题", face="黑体", size=18, align="center", after=200),
        _style(
            "Heading1",
            "heading 1",
            face="方正小标宋简体",
            size=22,
            align="center",
            level=0,
            line=700,
            after=200,
        ),
        _style(
            "Heading2",
            "heading 2",
            face="黑体",
            size=18,
            align="center",
            level=1,
            line=640,
            before=120,
            after=160,
        ),
        _style("Heading3", "heading 3", face="楷体_GB2312", size=16, align="center", level=2, after=80),
        _style("Heading4", "heading 4", face="黑体", size=16, align="left", first=640, level=3),
        _style("Level1", "内文一级标题", face="黑体", first=640),
        _style("Level2", "内文二级标题", face="楷体_GB2312", first=640),
        _style("Centred", "居中文字", align="center"),
        _style("Flushed", "居右文字", align="right"),
        _style("Picture", "图片", align="center", line=240, rule="auto", before=120, after=60),
        _style("Caption", "图片说明", face="楷体_GB2312", size=12, align="center", line=360, after=120),
        _style("Cell", "表格文字", size=12, align="left", line=320, rule="atLeast"),
        _style("Note", "注释", size=12, align="both", line=360, rule="atLeast"),
        _style("TOC1", "toc 1", face="黑体", size=14, align="left", extra=dotted, line=480, rule="atLeast"),
        _style("TOC2", "toc 2", size=14, align="left", left=320, extra=dotted, line=440, rule="atLeast"),
    )
    return (
        f'{DECLARATION}<w:styles xmlns:w="{W}"><w:docDefaults><w:rPrDefault><w:rPr>{fonts}<w:sz w:val="32"/>'
        '<w:szCs w:val="32"/><w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault>'
        f"<w:pPrDefault/></w:docDefaults>{''.join(every)}</w:styles>"
    )


def paragraph(inside: str, style: str = "Plain", extra: str = "") -> str:
    """One paragraph around runs that are XML already."""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{extra}</w:pPr>{inside}</w:p>'


def run(text: str, properties: str = "") -> str:
    """A run of plain words."""
    look = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{look}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def line(text: str, style: str = "Plain", extra: str = "") -> str:
    """One paragraph of plain words."""
    return paragraph(run(text), style, extra)


def heading(text: str, level: int, number: int, *, new_page: bool) -> str:
    """A heading that the contents can point to; `number` names its bookmark."""
    name = bookmark(number)
    marked = f'<w:bookmarkStart w:id="{number}" w:name="{name}"/>{run(text)}<w:bookmarkEnd w:id="{number}"/>'
    return paragraph(marked, f"Heading{level}", "<w:pageBreakBefore/>" if new_page else "")


def bookmark(number: int) -> str:
    """As Word calls the marks of its contents."""
    return f"_Toc{900000000 + number}"


def contents(entries: Sequence[tuple[int, str, int]]) -> str:
    """A TOC field with its entries filled in; level, text, bookmark. Word brings the pages up to date."""
    begin = (
        '<w:r><w:fldChar w:fldCharType="begin" w:dirty="true"/></w:r>'
        '<w:r><w:instrText xml:space="preserve"> TOC \\o "1-2" \\h \\z \\u </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    )
    end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    lines = []
    for place, (level, text, number) in enumerate(entries):
        name = bookmark(number)
        page = (
            '<w:r><w:fldChar w:fldCharType="begin" w:dirty="true"/></w:r>'
            f'<w:r><w:instrText xml:space="preserve"> PAGEREF {name} \\h </w:instrText></w:r>'
            f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run("")}{end}'
        )
        link = (
            f'<w:hyperlink w:anchor="{name}" w:history="1">{run(text)}<w:r><w:tab/></w:r>{page}</w:hyperlink>'
        )
        inside = (begin if place == 0 else "") + link + (end if place + 1 == len(entries) else "")
        lines.append(paragraph(inside, f"TOC{level}"))
    return line("目　录", "ContentsHead", "<w:pageBreakBefore/>") + "".join(lines)


def drawing(identity: str, number: int, width: int, height: int, name: str) -> str:
    """An inline picture of this size in EMU."""
    plain = escape(name, {'"': "&quot;"})
    return (
        f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent cx="{width}" cy="{height}"/>'
        f'<wp:docPr id="{number}" name="图片{number}" descr="{plain}"/><wp:cNvGraphicFramePr/>'
        f'<a:graphic><a:graphicData uri="{PIC}"><pic:pic><pic:nvPicPr>'
        f'<pic:cNvPr id="{number}" name="图片{number}"/>'
        f'<pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="{identity}"/><a:stretch><a:fillRect/>'
        f"</a:stretch></pic:blipFill><pic:spPr><a:xfrm>"
        f'<a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/>'
        '</a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData>'
        "</a:graphic></wp:inline></w:drawing></w:r>"
    )


def table(widths: Sequence[int], rows: Sequence[str], *, has_lines: bool = True) -> str:
    """A table as wide as the text; `widths` in any measure."""
    whole = sum(widths) or 1
    fitted = [max(200, TEXT_WIDTH * width // whole) for width in widths]
    kind = "single" if has_lines else "none"
    borders = "".join(
        f'<w:{side} w:val="{kind}" w:sz="4" w:space="0" w:color="000000"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in fitted)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(fitted)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{borders}</w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>"
        f"{''.join(rows)}</w:tbl>{paragraph('', 'Cell')}"
    )


def document_head() -> str:
    """The beginning of word/document.xml."""
    names = f'xmlns:w="{W}" xmlns:r="{R}" xmlns:wp="{WP}" xmlns:a="{A}" xmlns:pic="{PIC}"'
    return f"{DECLARATION}<w:document {names}><w:body>"


def document_tail() -> str:
    """Its end: A4, the margins of official papers, page numbers but on the cover."""
    return (
        '<w:sectPr><w:footerReference w:type="default" r:id="footer1"/>'
        f'<w:pgSz w:w="{mm(210)}" w:h="{mm(297)}"/>'
        f'<w:pgMar w:top="{mm(37)}" w:right="{mm(26)}" w:bottom="{mm(35)}" '
        f'w:left="{mm(28)}" w:header="{mm(18)}" w:footer="{mm(25.5)}" w:gutter="0"/><w:titlePg/></w:sectPr>'
        "</w:body></w:document>"
    )


def footer() -> str:
    """— 1 — in the middle."""
    inside = page_number("Normal", 0).replace("</w:pPr>", '<w:jc w:val="center"/></w:pPr>', 1)
    return f'{DECLARATION}<w:ftr xmlns:w="{W}" xmlns:r="{R}">{inside}</w:ftr>'


def settings() -> str:
    """Word asks at opening whether to bring the contents up to date."""
    return (
        f'{DECLARATION}<w:settings xmlns:w="{W}"><w:updateFields w:val="true"/>'
        '<w:characterSpacingControl w:val="compressPunctuation"/><w:compat><w:compatSetting '
        'w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/>'
        "</w:compat></w:settings>"
    )
