"""A blank notice on official paper, and plain attachments, with tags as staff type them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from service.doors.press.paper import (
    Format,
    blank,
    head_rule_space,
    lead_in,
    paragraph,
    red_head,
    rule,
    sheet,
)
from service.doors.press.tail import copies_alone, enclosed, imprint, signed
from service.office.campaign import Campaign


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph of the body: text with tags, style; `rest` runs on after a heading in plain type."""

    text: str
    style: str = "Plain"
    rest: str = ""


CONTACT = (
    "联系人：{% if contact.office %}{{ contact.office }} {% endif %}{{ contact.name }}"
    "{% if contact.phone %}，电话：{{ contact.phone }}{% endif %}"
    "{% if contact.address %}，邮箱：{{ contact.address }}{% endif %}。"
)
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
    Line("{% if campaign.activities %}二{% else %}一{% endif %}、报送材料", "Level1"),
    Line("{%p for item in campaign.items %}"),
    Line(
        "{{ loop.index }}.{{ item.name }}：{% if item.due_date %}请于{{ item.due_date }}前"
        "{% if item.is_voluntary %}自愿{% endif %}报送{% else %}有即报送{% endif %}{{ item.media_words }}"
        "{% if item.length_words %}，{{ item.length_words }}{% endif %}。{{ item.note|sentence }}"
    ),
    Line("{%p endfor %}"),
    Line("{% if campaign.activities %}三{% else %}二{% endif %}、报送方式", "Level1"),
    Line("电子版作为附件回复通知邮件即可，请不要删改邮件主题和登记表中的编号。"),
    Line("{%p if campaign.post.street %}"),
    Line(
        "纸质版寄送：{{ campaign.post.street }}，{{ campaign.post.to }}收，邮编{{ campaign.post.postcode }}。"
    ),
    Line("{%p endif %}"),
    Line("{%p for link in campaign.links %}"),
    Line("{{ link.title }}：{{ link.url }}"),
    Line("{%p endfor %}"),
    Line("{%p for contact in campaign.contacts %}"),
    Line(CONTACT),
    Line("{%p endfor %}"),
)


def blank_notice(campaign: Campaign, body: Sequence[Line] = DEFAULT_BODY) -> bytes:
    """The notice of a campaign, laid out after GB/T 9704-2012; letter or document as the campaign says."""
    middle = _title() + blank() + paragraph("{{ campaign.addressees }}：", "To") + _lines(body)
    middle += enclosed() + signed(campaign)
    if campaign.is_letter_format:
        return _letter(campaign, middle)
    return _document(campaign, middle)


def _title() -> str:
    # The lines come from the campaign, so that a title mended there is mended here.
    return (
        paragraph("{%p for line in campaign.title_lines %}")
        + paragraph("{{ line }}", "Title2", keeps=True)
        + paragraph("{%p endfor %}")
    )


def _document(campaign: Campaign, middle: str) -> bytes:
    head = red_head("{{ campaign.issuer }}文件", campaign.issuer + "文件", ink_at=35)
    bordered = f"<w:pBdr>{rule('bottom', 'single', 18, 7)}</w:pBdr>"
    top = head + blank(2) + paragraph("{{ campaign.doc_number }}", "Number", extra=bordered) + blank(2)
    return sheet(top + middle + imprint(campaign), Format.DOCUMENT, title=campaign.title)


def _letter(campaign: Campaign, middle: str) -> bytes:
    top = (
        paragraph("{%p if campaign.doc_number %}")
        + paragraph("{{ campaign.doc_number }}", "NumberRight")
        + paragraph("{%p endif %}")
        + blank(2)
    )
    double = rule("bottom", "thickThinSmallGap", 24, head_rule_space(campaign.issuer))
    foot = (
        f"<w:pBdr>{rule('bottom', 'thinThickSmallGap', 24, 0)}</w:pBdr>"
        '<w:spacing w:line="280" w:lineRule="exact"/><w:ind w:left="-454" w:right="-340"/>'
    )
    return sheet(
        top + middle + copies_alone(),
        Format.LETTER,
        title=campaign.title,
        first_header=red_head("{{ campaign.issuer }}", campaign.issuer, ink_at=12, border=double),
        first_footer=paragraph("", "Normal", extra=foot),
    )


def blank_prose(title: str, lines: Sequence[Line], number: int | None = None) -> bytes:
    """An attachment of plain text, such as requirements."""
    head = paragraph(f"附件{number}", "AnnexMark") + blank() if number else ""
    return sheet(head + paragraph(title, "Title2") + blank() + _lines(lines), Format.ANNEX, title=title)


def _lines(lines: Iterable[Line]) -> str:
    return "".join(
        lead_in(line.text, line.rest, line.style) if line.rest else paragraph(line.text, line.style)
        for line in lines
    )
