"""A blank notice on official paper, and plain attachments, with tags as staff type them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from service.doors.press.paper import (
    Format,
    blank,
    lead_in,
    mm,
    paragraph,
    red_head,
    rule,
    run,
    sheet,
)
from service.office.campaign import Campaign

TITLE_CHARACTERS_MAX = 20  # of 22 pt on a line of 442 pt
_BREAK_AFTER = ("关于", "关于开展", "系列", "的", "年度", "工作", "活动", "年")


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph of the body: text with tags, style; `rest` runs on after a heading in plain type."""

    text: str
    style: str = "Plain"
    rest: str = ""


DEFAULT_BODY = (
    Line("（请在这里写明缘由和依据。）现将有关事项通知如下："),
    Line("{%p if campaign.activities %}"),
    Line("一、活动安排", "Level1"),
    Line("{%p for activity in campaign.activities %}"),
    Line("（{{ loop.index|hanzi }}）{{ activity.name }}", "Level2"),
    Line("{%p if activity.time %}"),
    Line("时间：{{ activity.time }}。"),
    Line("{%p endif %}"),
    Line("{%p if activity.theme %}"),
    Line("主题：{{ activity.theme }}。"),
    Line("{%p endif %}"),
    Line("{%p if activity.about %}"),
    Line("{{ activity.about|sentence }}"),
    Line("{%p endif %}"),
    Line("{%p if activity.organisers_words %}"),
    Line("（{{ activity.organisers_words }}）"),
    Line("{%p endif %}"),
    Line("{%p endfor %}"),
    Line("{%p endif %}"),
    Line("{% if campaign.activities %}二{% else %}一{% endif %}、材料报送", "Level1"),
    Line("{%p for item in campaign.items %}"),
    Line(
        "{{ loop.index }}.{{ item.name }}：{% if item.due_date %}请于{{ item.due_date }}前报送"
        "{% else %}有即报送{% endif %}{{ item.media_words }}"
        "{% if item.length_words %}，{{ item.length_words }}{% endif %}。{{ item.note|sentence }}"
    ),
    Line("{%p endfor %}"),
    Line("{%p for contact in campaign.contacts %}"),
    Line(
        "联系人：{{ contact.office }}{{ contact.name }}，电话{{ contact.phone }}，邮箱{{ contact.address }}。"
    ),
    Line("{%p endfor %}"),
)


def blank_notice(
    campaign: Campaign, body: Sequence[Line] = DEFAULT_BODY, title_lines: Sequence[str] = ()
) -> bytes:
    """The notice of a campaign, laid out after GB/T 9704-2012; letter or document as the campaign says."""
    kind = Format.LETTER if campaign.is_letter_format else Format.DOCUMENT
    title = "".join(
        paragraph(line, "Title2") for line in (title_lines or break_title(campaign.issuer, campaign.title))
    )
    number = "{{ campaign.doc_number }}" if campaign.doc_number else ""
    middle = blank() + paragraph("{{ campaign.addressees }}：", "To") + _lines(body) + _tail(campaign)
    if kind is Format.LETTER:
        top = (paragraph(number, "NumberRight") if number else "") + blank(2) + title
        return sheet(
            top + middle + _copies_alone(),
            kind,
            title=campaign.title,
            first_header=red_head(
                campaign.issuer, ink_at=12, border=rule("bottom", "thickThinSmallGap", 24, 4)
            ),
            first_footer=paragraph(
                "",
                "Normal",
                extra=f"<w:pBdr>{rule('bottom', 'thinThickSmallGap', 24, 0)}</w:pBdr>"
                '<w:spacing w:line="280" w:lineRule="exact"/><w:ind w:left="-454" w:right="-340"/>',
            ),
        )
    head = red_head(campaign.issuer + "文件", ink_at=35)
    bordered = f"<w:pBdr>{rule('bottom', 'single', 18, 7)}</w:pBdr>"
    top = head + blank(2) + paragraph(number, "Number", extra=bordered) + blank(2) + title
    return sheet(top + middle + _imprint_table(campaign), kind, title=campaign.title)


def blank_prose(title: str, lines: Sequence[Line], number: int | None = None) -> bytes:
    """An attachment of plain text, such as requirements."""
    head = paragraph(f"附件{number}", "AnnexMark") + blank() if number else ""
    return sheet(head + paragraph(title, "Title2") + blank() + _lines(lines), Format.ANNEX, title=title)


def break_title(issuer: str, title: str) -> list[str]:
    """The title on as few lines as it takes, broken by sense, evenly; the issuer first where it leads."""
    rest, lines = title, []
    if len(issuer) > 3 and title.startswith(issuer) and len(title) > TITLE_CHARACTERS_MAX:
        lines, rest = [issuer], title[len(issuer) :]
    while len(rest) > TITLE_CHARACTERS_MAX:
        wanted = len(rest) / -(-len(rest) // TITLE_CHARACTERS_MAX)
        places = [
            at
            for at in range(4, min(TITLE_CHARACTERS_MAX, len(rest) - 4) + 1)
            if rest[:at].endswith(_BREAK_AFTER) and not rest[at].isdigit()
        ]
        at = min(places, key=lambda place: abs(place - wanted), default=round(wanted))
        lines.append(rest[:at])
        rest = rest[at:]
    return [*lines, rest]


def _lines(lines: Iterable[Line]) -> str:
    return "".join(
        lead_in(line.text, line.rest, line.style) if line.rest else paragraph(line.text, line.style)
        for line in lines
    )


def _tail(campaign: Campaign) -> str:
    """附件说明, 署名, 成文日期, 附注."""
    enclosed = ""
    if any(not each.is_notice for each in campaign.attachments):
        enclosed = blank() + _lines(
            (
                Line("{%p for attachment in campaign.attachments %}"),
                Line("{%p if loop.first %}"),
                Line(
                    "附件：{% if loop.length > 1 %}{{ attachment.number }}.{% endif %}{{ attachment.title }}",
                    "Enclosed",
                ),
                Line("{%p else %}"),
                Line("{{ attachment.number }}.{{ attachment.title }}", "EnclosedNext"),
                Line("{%p endif %}"),
                Line("{%p endfor %}"),
            )
        )
    # The name stands centred above the date, which is four characters clear of the edge.
    day = (
        f"{campaign.signed_on.year}年{campaign.signed_on.month}月{campaign.signed_on.day}日"
        if campaign.signed_on
        else ""
    )
    width = sum(8 if each.isdigit() else 16 for each in day)
    clear = max(0, round((64 + width / 2 - len(campaign.issuer) * 8) * 20))
    indent = f'<w:ind w:rightChars="{round(clear / 3.2)}" w:right="{clear}"/>'
    signed = (
        paragraph("{%p if campaign.signed_on %}")
        + blank(2)
        + paragraph("{{ campaign.issuer }}", "Signed", extra=indent)
        + paragraph("{{ campaign.signed_on }}", "Dated", extra='<w:ind w:rightChars="400" w:right="1280"/>')
        + paragraph("{%p endif %}")
    )
    remark = _lines(
        (Line("{%p if campaign.is_public %}"), Line("（此件公开发布）", "Remark"), Line("{%p endif %}"))
    )
    return enclosed + signed + remark


def _copies_alone() -> str:
    """版记 of a letter: 抄送 and nothing else."""
    return (
        paragraph("{%p if campaign.copies_to_words %}")
        + blank(2)
        + paragraph("抄送：{{ campaign.copies_to_words }}。", "Copy")
        + paragraph("{%p endif %}")
    )


def _imprint_table(campaign: Campaign) -> str:
    """版记 of a document: 抄送, who printed it and when; only where the day is known."""
    if campaign.signed_on is None:
        return ""
    rows = []
    top = rule("top", "single", 8, 0, "000000")
    if campaign.copies_to:
        rows.append((paragraph("抄送：{{ campaign.copies_to_words }}。", "Copy"), top))
        top = rule("top", "single", 6, 0, "000000")
    tab = f'<w:tabs><w:tab w:val="right" w:pos="{mm(156) - 280}"/></w:tabs>'
    printed = paragraph(
        "",
        "CopyRow",
        extra=tab,
        inside=run("{{ campaign.issuer }}") + "<w:r><w:tab/></w:r>" + run("{{ campaign.signed_on }}印发"),
    )
    rows.append((printed, top + rule("bottom", "single", 8, 0, "000000")))
    cells = "".join(
        f'<w:tr><w:tc><w:tcPr><w:tcW w:w="{mm(156)}" w:type="dxa"/><w:tcBorders>{borders}</w:tcBorders>'
        f"</w:tcPr>{inside}</w:tc></w:tr>"
        for inside, borders in rows
    )
    # Without margins of their own the cells' rules begin exactly at the edge of the text.
    none = "".join(f'<w:{side} w:w="0" w:type="dxa"/>' for side in ("left", "right"))
    return (
        blank() + f'<w:tbl><w:tblPr><w:tblW w:w="{mm(156)}" w:type="dxa"/><w:tblInd w:w="0" w:type="dxa"/>'
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{none}</w:tblCellMar></w:tblPr>'
        f'<w:tblGrid><w:gridCol w:w="{mm(156)}"/></w:tblGrid>{cells}</w:tbl>'
        + paragraph("", "Normal", extra='<w:spacing w:line="20" w:lineRule="exact"/>')
    )
