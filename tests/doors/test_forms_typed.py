"""Fields typed on a telephone, in whatever shape."""

from __future__ import annotations

import time

import pytest

from service.doors.forms import FormsDoor
from service.office.campaign import FieldKind, FormField
from service.office.form import FoundBy

FIELDS = (
    FormField("title", "作品名称"),
    FormField("unit", "报送单位", synonyms=("单位名称",), is_unit_name=True),
    FormField("contact", "联系人"),
    FormField("phone", "联系电话", kind=FieldKind.PHONE, synonyms=("手机",)),
    FormField("kind", "作品类别", kind=FieldKind.CHOICE, choices=("图文", "短视频", "案例")),
    FormField("about", "作品简介（300字以内）"),
    FormField("original", "原创承诺", kind=FieldKind.CHECKBOX),
)


def values(text: str) -> dict[str, str]:
    reading = FormsDoor().read_text(text, FIELDS)
    assert all(field.found_by is FoundBy.PARAGRAPH for field in reading.fields)
    return {field.key: field.value for field in reading.fields}


@pytest.mark.parametrize(
    "line",
    [
        "作品名称：便民认证",
        "作品名称:便民认证",
        "作品名称﹕便民认证",
        "作品名称 ： 便民认证",
        "作 品 名　称：便民认证",
        "【作品名称】：便民认证",
        "【作品名称】便民认证",
        "【作品名称：】便民认证",
        "1、作品名称：便民认证",
        "（一）作品名称：便民认证",
        "1. 作品名称：便民认证",
        "* 作品名称：便民认证",
        "*作品名称*：便民认证",
        "作品名称（必填）：便民认证",
        "作品名称\u200b：便民认证",
        "作品名称：\n便民认证",
        "作品名称 便民认证",
        "作品名称\n便民认证",
        "作品名称：　　便民认证　",
        "您好，填写如下。\n\n作品名称：便民认证\n\n谢谢",
    ],
)
def test_one_line_in_many_shapes(line: str) -> None:
    assert values(line) == {"title": "便民认证"}


def test_a_whole_form_with_values_over_several_lines() -> None:
    text = (
        "作品名称：便民认证\n单位名称：太原市市场监督管理局\n联系人：张三；联系电话：0351-7654321转2\n"
        "作品类别：短视频\n作品简介：第一段。\n第二段，接着写。\n\n第三段。\n原创承诺：√\n\n此致\n张三\n发自我的iPhone"
    )
    assert values(text) == {
        "title": "便民认证",
        "unit": "太原市市场监督管理局",
        "contact": "张三",
        "phone": "0351-7654321转2",
        "kind": "短视频",
        "about": "第一段。\n第二段，接着写。\n\n第三段。",
        "original": "是",
    }


def test_labels_without_answers_give_no_values() -> None:
    assert (
        values(
            "作品名称：\n报送单位：\n联系人：\n联系电话：\n作品类别：\n作品简介（300字以内）：\n原创承诺：\n"
        )
        == {}
    )


def test_our_own_list_of_labels_is_not_an_answer() -> None:
    ours = "作品名称：\n作品类别：\n作品简介：\n\n————————\n通知中写明由你们组织的活动：\n1. 体验周\n"
    assert values(ours) == {}
    assert values("作品名称：便民认证\n作品简介：\n\n我方其他话。") == {"title": "便民认证"}


@pytest.mark.parametrize(
    "end",
    [
        "\n--\n张三",
        "\n> 你们好",
        "\n发件人：某局",
        "\n-----原始邮件-----\n内容",
        "\n\n此致敬礼",
        "\n来自我的华为手机",
    ],
)
def test_the_last_value_ends_at_a_signature_or_a_quoted_letter(end: str) -> None:
    assert values(f"作品简介：很好{end}") == {"about": "很好"}


def test_the_first_answer_counts_when_our_quoted_list_follows() -> None:
    assert values("作品名称：便民认证\n\n作品名称：\n联系人：\n") == {"title": "便民认证"}


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("☑图文 □短视频 □案例", "图文"),
        ("□图文 ■短视频 □案例", "短视频"),
        ("图文（√） 短视频（ ） 案例（ ）", "图文"),
        ("图文☐ 短视频☑ 案例☐", "短视频"),
        ("☒ 图文  ☒ 案例  ☐ 短视频", "图文、案例"),
        ("√案例", "案例"),
        ("□图文 □短视频 □案例", None),
        ("短视频", "短视频"),
    ],
)
def test_boxes_are_read(typed: str, value: str | None) -> None:
    assert values(f"作品类别：{typed}").get("kind") == value


def test_a_word_in_a_sentence_is_no_label() -> None:
    assert values("我们的作品名称还没有定下来，联系人也要换，请稍等。") == {}


def test_a_code_typed_along_is_found() -> None:
    reading = FormsDoor().read_text("编号：abcd—2345\n作品名称：甲", FIELDS)
    assert reading.code == "ABCD-2345"


@pytest.mark.parametrize(
    "text",
    [
        " " * 200_000,
        "\n" * 200_000,
        "作 " * 60_000,
        ">" * 200_000,
        "【" * 100_000,
        "作品类别：☑" + "甲" * 190_000,
        "作品名称" + " " * 100_000 + "\n" + "-" * 90_000,
        "\n".join(["作品名称"] * 20_000),
    ],
)
def test_nonsense_does_not_keep_the_reader_busy(text: str) -> None:
    before = time.monotonic()
    values(text)
    assert time.monotonic() - before < 5
