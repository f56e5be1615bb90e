"""通报草稿: a draft for a person to finish, stamped on every page; no red head, for nobody has issued it."""

from __future__ import annotations

from datetime import date

from service.doors.press.paper import Format, blank, paragraph, rule, sheet
from service.doors.press.tail import signature

STAMP = "草稿　不得直接发出　数据截至{{ circular.as_of }}"
_NUMBER = "{% if campaign.doc_number %}（{{ campaign.doc_number }}）{% endif %}"
_PAGE_BREAK = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'


def circular_template(issuer: str, day: date) -> bytes:
    """The missing by group; on a page of its own what is not 未报, under its own names, for the drafter."""
    return sheet(
        _title()
        + paragraph("{{ campaign.addressees }}：", "To")
        + _body()
        + signature(issuer, day, "circular.signed_on")
        + _for_the_drafter(),
        Format.ANNEX,
        title="通报草稿",
        stamp=_stamp(),
    )


def _stamp() -> str:
    border = "".join(rule(side, "single", 12, 4) for side in ("top", "left", "bottom", "right"))
    fonts = '<w:rFonts w:ascii="黑体" w:hAnsi="黑体" w:eastAsia="黑体"/>'
    look = f'<w:rPr>{fonts}<w:color w:val="FF0000"/><w:sz w:val="28"/><w:szCs w:val="28"/></w:rPr>'
    spacing = '<w:spacing w:line="400" w:lineRule="exact"/><w:jc w:val="center"/>'
    return paragraph(STAMP, "Normal", extra=f"<w:pBdr>{border}</w:pBdr>{spacing}", look=look)


def _title() -> str:
    return (
        paragraph("{%p for line in circular.title_lines %}")
        + paragraph("{{ line }}", "Title2", keeps=True)
        + paragraph("{%p endfor %}")
        + paragraph("（草稿）", "Title2")
        + blank()
    )


def _body() -> str:
    return (
        paragraph(
            f"《{{{{ campaign.title }}}}》{_NUMBER}要求报送的材料，截至{{{{ circular.as_of }}}}，"
            "应报{{ circular.expected }}项，已报{{ circular.returned }}项，"
            "逾期未报{{ circular.overdue }}项。现将逾期未报的情况通报如下："
        )
        + paragraph("{%p for group in circular.groups %}")
        + paragraph("{{ loop.index|hanzi }}、{{ group.name }}（{{ group.count }}个）", "Level1", keeps=True)
        + paragraph("{%p for unit in group.units %}")
        + paragraph("{{ loop.index }}.{{ unit.name }}：{{ unit.owes }}。")
        + paragraph("{%p endfor %}")
        + paragraph("{%p endfor %}")
        + paragraph("请以上单位接本通报后尽快报送，并说明未按期报送的原因。", keeps=True)
    )


def _for_the_drafter() -> str:
    return (
        _PAGE_BREAK
        + paragraph("起草参考（不列入通报，定稿时删去本页）", "Title2")
        + blank()
        + paragraph("{{ circular.letters_words }}")
        + paragraph("{{ circular.mailbox_words }}")
        + paragraph("{%p if circular.others %}")
        + paragraph("下列各项不是未报，不得列入通报：")
        + paragraph("{%p endif %}")
        + paragraph("{%p for state in circular.others %}")
        + paragraph("{{ loop.index|hanzi }}、{{ state.name }}（{{ state.count }}项）", "Level1", keeps=True)
        + paragraph("{%p for row in state.rows %}")
        + paragraph("{{ loop.index }}.{{ row }}")
        + paragraph("{%p endfor %}")
        + paragraph("{%p endfor %}")
    )
