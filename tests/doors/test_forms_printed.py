"""Forms that came back as PDF: tables that run over the end of a page, and tables that only follow one."""

from __future__ import annotations

from service.doors.forms import FormsDoor
from service.office.campaign import FormField
from tests.doors.pdf_pages import Page, pdf_of_tables

FIELDS = (
    FormField("title", "作品名称", is_title=True),
    FormField("about", "作品简介"),
    FormField("contact", "联系人"),
    FormField("phone", "联系电话"),
)
COLUMNS = (120, 200, 120)
HEADINGS = ("作品名称", "作品简介", "联系人")
# The answers stand below their labels, where lines of text do not tell whose they are.
FIRST: Page = (COLUMNS, [HEADINGS, ("质量故事", "讲述检验员的一天，\n从清晨的样品室", "李")])
AS_IT_STANDS = {"title": "质量故事", "about": "讲述检验员的一天，从清晨的样品室", "contact": "李"}


def answers(*pages: Page) -> dict[str, str]:
    reading = FormsDoor().read(pdf_of_tables(*pages), "登记表.pdf", FIELDS)
    assert "质量故事" in reading.text and reading.flags == ()
    return {each.key: each.value for each in reading.fields}


def test_a_row_that_runs_over_a_page_s_end_is_one() -> None:
    assert answers(FIRST, (COLUMNS, [("", "到深夜的报告。", "四")])) == {
        "title": "质量故事",
        "about": "讲述检验员的一天，从清晨的样品室到深夜的报告。",
        "contact": "李四",
    }


def test_a_table_that_goes_on_is_read_on_both_pages() -> None:
    rest = [("联系电话", "0351-1000001", "")]
    assert answers(FIRST, (COLUMNS, rest)) == {**AS_IT_STANDS, "phone": "0351-1000001"}


def test_another_table_is_not_joined() -> None:
    assert answers(FIRST, (COLUMNS, [("场次", "十二", "全部线下")])) == AS_IT_STANDS, "a label of its own"
    for columns, corner in (
        ((100, 160, 180), ("", "一月", "二月")),  # an empty corner, and other columns
        ((120, 320), ("", "一月")),
    ):
        assert answers(FIRST, (columns, [corner, ("场次", "3", "4")[: len(columns)]])) == AS_IT_STANDS


def test_a_row_that_is_no_field_does_not_run_into_the_answer_before_it() -> None:
    beside = [("作品名称", "质量故事"), ("作品简介", "讲述检验员的一天，\n从清晨的样品室")]
    more = [("", "到深夜的报告。"), ("填报人签字", "王五"), ("联系人", "李四"), ("联系电话", "0351-1000001")]
    assert answers(((120, 300), beside), ((120, 300), more)) == {
        "title": "质量故事",
        "about": "讲述检验员的一天，从清晨的样品室到深夜的报告。",
        "contact": "李四",
        "phone": "0351-1000001",
    }
