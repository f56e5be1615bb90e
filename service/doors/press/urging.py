"""催报函: the template that stands in where an office has none of its own, on official paper."""

from __future__ import annotations

from datetime import date

from service.doors.press.paper import Format, blank, head_rule_space, paragraph, red_head, rule, sheet
from service.doors.press.tail import copies_alone, signature

# In one paragraph, so that the whole letter stands on one page.
_CONTACTS = (
    "联系人：{% for contact in contacts %}{{ contact.name }}"
    "{% if contact.phone %}，电话{{ contact.phone }}{% endif %}"
    "{% if not loop.last %}；{% endif %}{% endfor %}。"
)


def urging_template(issuer: str, day: date) -> bytes:
    """A 函 in 信函格式 to one unit: what is missing, when it was asked for, what to do. [GB/T 9704 §10.1]

    `issuer` and `day` are what its head and date will say; their length decides size and place.
    """
    top = (
        paragraph("{%p if urging.doc_number %}")
        + paragraph("{{ urging.doc_number }}", "NumberRight")
        + paragraph("{%p endif %}")
        + blank(2)
    )
    title = (
        paragraph("{%p for line in urging.title_lines %}")
        + paragraph("{{ line }}", "Title2", keeps=True)
        + paragraph("{%p endfor %}")
    )
    number = "{% if campaign.doc_number %}（{{ campaign.doc_number }}）{% endif %}"
    body = (
        paragraph(
            f"《{{{{ campaign.title }}}}》{number}请你单位报送的下列材料，"
            "已过截止时间，截至{{ urging.signed_on }}尚未收到："
        )
        + paragraph("{%p for item in missing %}")
        + paragraph("{{ loop.index }}.{{ item.name }}，截止时间为{{ item.due_words }}。")
        + paragraph("{%p endfor %}")
        + paragraph("{%p if urging.reminded_words %}")
        + paragraph("此前已于{{ urging.reminded_words }}提醒。")
        + paragraph("{%p endif %}")
        + paragraph(
            "请接函后尽快报送。已经报送的，请告知报送的时间和方式，以便核对；"
            "确有困难的，请说明原因和可以报送的日期。"
        )
        + paragraph(
            "电子版请回复通知邮件并附上材料，保留邮件主题中的编号{{ code }}。"
            "{% if campaign.post.street %}纸质版请寄送：{{ campaign.post.street }}，"
            "{{ campaign.post.to }}收，邮编{{ campaign.post.postcode }}。{% endif %}"
        )
        + paragraph("{%p if contacts %}")
        + paragraph(_CONTACTS)
        + paragraph("{%p endif %}")
        + paragraph("特此函告。", keeps=True)  # 署名 never stands on a page of its own
    )
    double = rule("bottom", "thickThinSmallGap", 24, head_rule_space(issuer))
    foot = (
        f"<w:pBdr>{rule('bottom', 'thinThickSmallGap', 24, 0)}</w:pBdr>"
        '<w:spacing w:line="280" w:lineRule="exact"/><w:ind w:left="-454" w:right="-340"/>'
    )
    return sheet(
        top
        + title
        + blank()
        + paragraph("{{ unit.name }}：", "To")
        + body
        + signature(issuer, day, "urging.signed_on")
        + copies_alone("urging.superior"),
        Format.LETTER,
        title="催报函",
        first_header=red_head("{{ campaign.issuer }}", issuer, ink_at=12, border=double),
        first_footer=paragraph("", "Normal", extra=foot),
    )
