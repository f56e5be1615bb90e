"""报送函 — the letter on top of chosen works that are handed upward, as plain as official letters are."""

from __future__ import annotations

from functools import lru_cache

from service.doors.press.paper import Format, blank, paragraph, sheet

_TITLE = "关于报送“{{ campaign.short_title }}”{% if is_selected %}推荐{% endif %}材料的函"
_WHAT = (
    "现将“{{ campaign.short_title }}”中{% if is_selected %}择优推荐的{% else %}收集的{% endif %}材料共"
    "{{ total }}件报送{% if to %}贵单位{% else %}如下{% endif %}，请审阅。其中："
    "{% for item in items %}{{ item.name }}{{ item.count }}件"
    "{% if not loop.last %}，{% endif %}{% endfor %}。"
)
_HOW = "材料按单位分列，目录见“目录.xlsx”；每个文件的校验码见“SHA256SUMS”，可据以核对文件在传送中没有改动。"


@lru_cache(maxsize=1)
def letter_template() -> bytes:
    """The template that ships as templates/letters/报送函.docx, and stands in where an office has none."""
    body = (
        blank(2)
        + paragraph(_TITLE, "Title2")
        + blank()
        + paragraph("{% if to %}{{ to }}{% else %}　　　　　　　　{% endif %}：", "To")
        + paragraph(_WHAT)
        + paragraph(_HOW)
        + paragraph("特此函达。")
        + blank()
        + paragraph("附件：1.目录", "Enclosed")
        + paragraph("2.材料（{{ files }}个文件）", "EnclosedNext")
        + blank(2)
        + paragraph("{{ campaign.issuer }}", "Signed", extra='<w:ind w:right="640"/>')
        + paragraph("{{ date }}", "Dated")
        + blank()
        + paragraph("{%p for c in contacts %}", "Remark")
        + paragraph("（联系人：{{ c.name }}{% if c.phone %}　电话：{{ c.phone }}{% endif %}）", "Remark")
        + paragraph("{%p endfor %}", "Remark")
    )
    return sheet(body, Format.ANNEX, title="报送函")
