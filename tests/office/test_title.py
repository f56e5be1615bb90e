"""A title is broken by sense, into lines that fit, and nothing of it is lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.office.title import LINE_WIDTH_MAX, break_title

ISSUER = "某省某市市场监督管理局"


@pytest.mark.parametrize(
    ("issuer", "lines"),
    [
        ("某局", ["关于报送工作总结的通知"]),
        (
            "山西省市场监督管理局",
            ["山西省市场监督管理局", "关于开展2024年度", "质量认证系列宣传周活动的通知"],
        ),
        ("某市教育局", ["某市教育局", "关于做好2025年", "夏季防溺水专项检查情况报送工作的通知"]),
        ("某局", ["关于印发《小微企业质量管理体系", "认证提升三年行动实施方案》的通知"]),
        (
            "某市市场监督管理局",
            [
                "某市市场监督管理局",
                "关于组织开展2024年全国“质量月”",
                "暨“有机产品认证宣传周”",
                "“服务认证体验周”系列活动的通知",
            ],
        ),
    ],
)
def test_a_title_is_broken_where_a_reader_would_pause(issuer: str, lines: list[str]) -> None:
    assert list(break_title(issuer, "".join(lines))) == lines


def width(line: str) -> float:
    return sum(0.5 if each.isascii() else 1.0 for each in line)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.sampled_from(["质量", "认证", "“服务”", "《办法》", "2024年", "和", "的", "某", "、"]), max_size=40
    )
)
def test_lines_fit_and_say_the_whole_title(words: list[str]) -> None:
    title = ISSUER + "关于" + "".join(words) + "的通知"
    lines = break_title(ISSUER, title)
    assert "".join(lines) == title
    assert all(width(line) <= LINE_WIDTH_MAX for line in lines)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.sampled_from(["质量认证", "宣传活动", "“服务周”", "《办法》", "2024年度"]), min_size=3, max_size=12
    )
)
def test_no_line_begins_with_a_closing_sign_or_tears_a_year_apart(words: list[str]) -> None:
    lines = break_title("", "关于" + "".join(words) + "的通知")
    for line in lines:
        assert line[0] not in "”》、，的年"
        assert line[-1] not in "“《"
        assert len(line) >= 4
