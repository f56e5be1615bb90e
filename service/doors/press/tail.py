"""What stands below an official text: 附件说明, 署名, 成文日期, 附注 and 版记. [GB/T 9704-2012 §7.3, §7.4]"""

from __future__ import annotations

from datetime import date

from service.doors.press.paper import blank, mm, paragraph, rule, run
from service.office.campaign import Campaign

# Points that characters of 3号 take, tightened as the body is.
_HANZI, _FIGURE = 15.75, 7.75
_CLEAR = 64  # 4 字 right of a sealed date
# Points between the rules of the 版记 that both names share, each one character clear; of 4号.
_PRINTED_WIDTH, _PRINTED_DATE = 414, 126
THICK, THIN = 8, 6  # eighths of a point: 0.35 and 0.26 mm
# Measured from the page's edge: LibreOffice lets a table as wide as the text float in no other way.
_BOTTOM = (
    '<w:tblpPr w:leftFromText="0" w:rightFromText="0" w:vertAnchor="margin" w:horzAnchor="page" '
    f'w:tblpX="{mm(28)}" w:tblpYSpec="bottom"/>'
)
_BOTTOM_FRAME = (
    f'<w:framePr w:w="{mm(156)}" w:hSpace="0" w:wrap="around" w:vAnchor="margin" w:hAnchor="margin" '
    'w:x="1" w:yAlign="bottom"/>'
)


def enclosed() -> str:
    """附件说明: one paragraph a name; a name that wraps goes on under its own first character."""
    single = "附件：{{ attachment.title }}"
    first = "附件：{{ attachment.number }}.{{ attachment.title }}"
    further = "{{ attachment.number }}.{{ attachment.title }}"
    return (
        paragraph("{%p if campaign.attachments %}")
        + blank(keeps=True)
        + paragraph("{%p endif %}")
        + paragraph("{%p for attachment in campaign.attachments %}")
        + paragraph("{%p if loop.length == 1 %}")
        + paragraph(single, "EnclosedOne", keeps=True)
        + paragraph("{%p elif loop.first %}")
        + paragraph(first, "Enclosed", keeps=True)
        + paragraph("{%p elif loop.index > 9 %}")
        + paragraph(further, "EnclosedTen")
        + paragraph("{%p else %}")
        + paragraph(further, "EnclosedNext")
        + paragraph("{%p endif %}")
        + paragraph("{%p endfor %}")
    )


def signed(campaign: Campaign) -> str:
    """署名 centred above the date, the date four characters clear of the edge; 附注 below it."""
    return (
        paragraph("{%p if campaign.signed_on %}")
        + signature(campaign.issuer, campaign.signed_on, "campaign.signed_on")
        + paragraph("{%p if campaign.is_public %}")
        + paragraph("（此件公开发布）", "Remark")
        + paragraph("{%p endif %}")
        + paragraph("{%p endif %}")
    )


def signature(issuer: str, day: date | None, dated: str) -> str:
    """署名 and 成文日期 alone; `dated` names the fact that says the day, `day` decides the place."""
    words = f"{day.year}年{day.month}月{day.day}日" if day else "2024年10月10日"
    width = sum(_FIGURE if each.isdigit() else _HANZI for each in words)
    clear = max(0, round((_CLEAR + width / 2 - len(issuer) * _HANZI / 2) * 20))
    indent = f'<w:ind w:rightChars="{round(clear / 3.2)}" w:right="{clear}"/>'
    return (
        blank(2, keeps=True)
        + paragraph("{{ campaign.issuer }}", "Signed", extra=indent, keeps=True)
        + paragraph(f"{{{{ {dated} }}}}", "Dated", extra='<w:ind w:rightChars="400" w:right="1280"/>')
    )


def copies_alone(whom: str = "campaign.copies_to_words") -> str:
    """版记 of a letter: 抄送 and nothing else, on the last lines of the last page; `whom` names the fact."""
    return (
        paragraph(f"{{%p if {whom} %}}")
        + paragraph(f"抄送：{{{{ {whom} }}}}。", "Copy", frame=_BOTTOM_FRAME)
        + _anchor()
        + paragraph("{%p endif %}")
    )


def imprint(campaign: Campaign) -> str:
    """版记 of a document: 抄送, who printed it and when; its last rule ends the text area. [§7.4]"""
    tab = f'<w:tabs><w:tab w:val="right" w:pos="{mm(156) - 280}"/></w:tabs>'
    printed = paragraph(
        "",
        "CopyRow",
        extra=tab,
        inside=run("{{ campaign.issuer }}", _narrowed(campaign.issuer))
        + "<w:r><w:tab/></w:r>"
        + run("{{ campaign.signed_on }}印发"),
    )
    rows = (
        _row(paragraph("{%tr if campaign.copies_to_words %}", "CopyRow"))
        + _row(paragraph("抄送：{{ campaign.copies_to_words }}。", "Copy"))
        + _row(paragraph("{%tr endif %}", "CopyRow"))
        + _row(printed)
    )
    # The first and the last rule are thick, whichever rows there are.
    borders = (
        rule("top", "single", THICK, 0, "000000")
        + rule("bottom", "single", THICK, 0, "000000")
        + rule("insideH", "single", THIN, 0, "000000")
    )
    # Without margins of their own the cells' rules begin exactly at the edge of the text.
    none = "".join(f'<w:{side} w:w="0" w:type="dxa"/>' for side in ("left", "right"))
    return (
        paragraph("{%p if campaign.signed_on %}")
        + f'<w:tbl><w:tblPr>{_BOTTOM}<w:tblW w:w="{mm(156)}" w:type="dxa"/><w:tblInd w:w="0" w:type="dxa"/>'
        f"<w:tblBorders>{borders}</w:tblBorders>"
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{none}</w:tblCellMar></w:tblPr>'
        f'<w:tblGrid><w:gridCol w:w="{mm(156)}"/></w:tblGrid>{rows}</w:tbl>'
        + paragraph("{%p endif %}")
        + _anchor()
    )


def _row(inside: str) -> str:
    cell = f'<w:tc><w:tcPr><w:tcW w:w="{mm(156)}" w:type="dxa"/></w:tcPr>{inside}</w:tc>'
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cell}</w:tr>"


def _anchor() -> str:
    """What a thing at the page's foot is fastened to: a line too thin to be seen."""
    return paragraph("", "Normal", extra='<w:spacing w:line="20" w:lineRule="exact"/>')


def _narrowed(issuer: str) -> str:
    """An issuer too long to share its line with the date is printed in narrower characters."""
    room = _PRINTED_WIDTH - _PRINTED_DATE - 14
    share = min(100, int(100 * room / max(1, len(issuer) * 14)))
    return f'<w:rPr><w:w w:val="{max(share, 40)}"/></w:rPr>' if share < 100 else ""
