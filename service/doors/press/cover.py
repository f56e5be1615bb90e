"""The slip on top of paper: for whom, what is asked until when, where to, and the code with its mark."""

from __future__ import annotations

from functools import lru_cache

from service.doors.press.paper import Format, blank, mm, paragraph, rule, sheet

_WIDTHS = (mm(28), mm(128))
_ITEM = (
    "{{ loop.index }}.{{ item.name }}，"
    "{% if item.due_date %}{{ item.due_words }}{% else %}随时报送{% endif %}"
    "{% if item.media_words %}，{{ item.media_words }}{% endif %}"
)
_CONTACT = "{{ c.office }} {{ c.name }}{% if c.phone %}，电话 {{ c.phone }}{% endif %}"
_NOTES = (
    "1.报送纸质材料时，请把本页放在最上面；扫描、传真时，本页作第一页。",
    "2.登记时先看编号和方码，请不要涂改、遮挡；复印件同样有效。",
)


@lru_cache(maxsize=1)
def cover_template() -> bytes:
    """The template that ships as templates/letters/cover.docx, and stands in where an office has none."""
    number = "{% if campaign.doc_number %}（{{ campaign.doc_number }}）{% endif %}"
    rows = (
        _row("单　　位", paragraph("{{ unit.name }}", "Cell"))
        + _row("通　　知", paragraph(f"《{{{{ campaign.title }}}}》{number}", "Cell"))
        + _row(
            "随附文件",
            _loop(
                "attachment in campaign.attachments", "附件{{ attachment.number }}　{{ attachment.title }}"
            ),
        )
        + _row("请 报 送", _loop("item in campaign.items", _ITEM))
        + _row(
            "送　　到",
            paragraph("{%p if campaign.post.street %}", "Cell")
            + paragraph(
                "{{ campaign.post.street }} {{ campaign.post.to }}"
                "{% if campaign.post.postcode %}（邮编 {{ campaign.post.postcode }}）{% endif %}",
                "Cell",
            )
            + paragraph("{%p else %}", "Cell")
            + paragraph("{{ office }}", "Cell")
            + paragraph("{%p endif %}", "Cell"),
        )
        + _row("联 系 人", _loop("c in campaign.contacts", _CONTACT))
        + _row("本次报送", paragraph("□全部　□部分：　　　　　　　　　　　共　　　页", "Cell"))
        + _row("经 办 人", paragraph("　　　　　　　电话：　　　　　　　　　日期：", "Cell"))
    )
    borders = "".join(
        rule(side, "single", 6, 0, "000000")
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in _WIDTHS)
    table = (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(_WIDTHS)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{borders}</w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>"
    )
    body = (
        blank()
        + paragraph("报送材料封面", "Title2")
        + paragraph("编号：{{ code }}", "Code")
        + table
        + "".join(paragraph(note, "Small") for note in _NOTES)
    )
    return sheet(body, Format.ANNEX, title="报送材料封面")


def _loop(over: str, line: str) -> str:
    return (
        paragraph(f"{{%p for {over} %}}", "Cell")
        + paragraph(line, "Cell")
        + paragraph("{%p endfor %}", "Cell")
    )


def _row(label: str, inside: str) -> str:
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>'
        f"{content}</w:tc>"
        for width, content in zip(_WIDTHS, (paragraph(label, "CellLabel"), inside), strict=True)
    )
    return f'<w:tr><w:trPr><w:cantSplit/><w:trHeight w:val="640" w:hRule="atLeast"/></w:trPr>{cells}</w:tr>'
