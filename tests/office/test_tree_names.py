"""归档目录 — names that every file system takes."""

from __future__ import annotations

import pytest

from service.office.tree_names import NAME_LENGTH_MAX, file_name, folder_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("太原市市场监督管理局", "太原市市场监督管理局"),
        ("关于“质量月”的通知", "关于“质量月”的通知"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ('a:b*c?"<d>|', "a_b_c_d_"),
        ("  名字. ", "名字"),
        ("..", "未命名"),
        ("", "未命名"),
        ("甲\u202e乙\x00丙", "甲乙丙"),
        ("甲\n乙", "甲乙"),
        ("NUL.docx", "_NUL.docx"),
    ],
)
def test_a_folder_name_is_safe(text: str, name: str) -> None:
    assert folder_name(text) == name


def test_a_long_name_is_cut_and_keeps_its_ending() -> None:
    assert len(folder_name("长" * 300)) == NAME_LENGTH_MAX
    assert file_name("长" * 300 + ".docx") == "长" * NAME_LENGTH_MAX + ".docx"


@pytest.mark.parametrize("name", ["总结.docx", "图片.final.JPG", "没有后缀", "a.b c"])
def test_a_good_file_name_stays_as_it_is(name: str) -> None:
    assert file_name(name) == name
