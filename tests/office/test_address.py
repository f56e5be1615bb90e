"""地址 — whatever staff type, an address is read right or named with its reason; nothing is dropped."""

from __future__ import annotations

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from service.office.address import Address, NotAnAddress, read_address, read_cell

DIVIDERS = ["；", ";", "、", "，", ",", "\n", "\r\n", " ; ", "； ", " / ", "|", "\t", "  "]


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("zhang3＠taiyuan.example", "zhang3@taiyuan.example"),
        ("ｚｈａｎｇ３＠ｔａｉｙｕａｎ．ｅｘａｍｐｌｅ", "zhang3@taiyuan.example"),
        (" zhang3 @ taiyuan . example ", "zhang3@taiyuan.example"),
        ("zhang3@taiyuan。example", "zhang3@taiyuan.example"),
        ("张三<zhang3@Taiyuan.EXAMPLE>", "zhang3@taiyuan.example"),
        ("张三＜zhang3@taiyuan.example＞", "zhang3@taiyuan.example"),
        ("mailto:zhang3@taiyuan.example", "zhang3@taiyuan.example"),
        ("Mailto:zhang3@taiyuan.example", "zhang3@taiyuan.example"),
        ("zhang3@taiyuan.example。", "zhang3@taiyuan.example"),
        ("（zhang3@taiyuan.example）", "zhang3@taiyuan.example"),
        ("\u200bzhang3@taiyuan.example\ufeff", "zhang3@taiyuan.example"),
        ("Zhang.San@taiyuan.example", "Zhang.San@taiyuan.example"),
        ("邮箱：zhang3@taiyuan.example", "zhang3@taiyuan.example"),
        ("E-mail: zhang3@taiyuan.example", "zhang3@taiyuan.example"),
        ("947326000@qq.example", "947326000@qq.example"),
    ],
)
def test_what_staff_type_is_mended(typed: str, read: str) -> None:
    assert str(read_address(typed)) == read


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "没有写"),
        ("   ", "没有写"),
        ("无", "缺少 @"),
        ("zhang3.taiyuan.example", "缺少 @"),
        ("zhang3@taiyuan", "域名不完整"),
        ("a@b@taiyuan.example", "多个 @"),
        ("@taiyuan.example", "格式不对"),
        ("zhang3@", "域名不完整"),
        ("zhang..3@taiyuan.example", "格式不对"),
        ("zhang3@taiyuan..example", "格式不对"),
        ("张三zhang3@taiyuan.example", "汉字"),
        ("x" * 500 + "@taiyuan.example", "格式不对"),
    ],
)
def test_what_is_no_address_is_said_in_chinese(typed: str, why: str) -> None:
    with pytest.raises(NotAnAddress, match=why):
        read_address(typed)


@pytest.mark.parametrize(
    ("cell", "found", "refused"),
    [
        ("a@x.example；b@y.example", ["a@x.example", "b@y.example"], []),
        ("a@x.example、b@y.example\nc@z.example", ["a@x.example", "b@y.example", "c@z.example"], []),
        ("a@x.example b@y.example", ["a@x.example", "b@y.example"], []),
        ("a@x.example，A@X.example", ["a@x.example"], []),
        ("张三 <a@x.example>；李四 <b@y.example>", ["a@x.example", "b@y.example"], []),
        ("张三 a@x.example", ["a@x.example"], []),
        ("张三：a@x.example 李四：b@y.example", ["a@x.example", "b@y.example"], []),
        ("张三a@x.example", [], ["张三a@x.example"]),
        ("a @x.example;b＠y.example", ["a@x.example", "b@y.example"], []),
        ("a@x.example；待定", ["a@x.example"], ["待定"]),
        ("内网OA", [], ["内网OA"]),
        ("", [], []),
        (" ；、 ", [], []),
    ],
)
def test_cells(cell: str, found: list[str], refused: list[str]) -> None:
    read = read_cell(cell)
    assert [str(each) for each in read.found] == found
    assert [piece for piece, _ in read.refused] == refused


def test_a_clean_cell_is_not_called_changed() -> None:
    assert not read_cell("a@x.example").is_changed
    assert not read_cell("").is_changed
    assert not read_cell("a@x.example；b@y.example").is_changed
    assert read_cell("a＠x.example").is_changed
    assert read_cell("张三 a@x.example").is_changed
    assert read_cell("a@x.example；a@x.example").is_changed


def test_a_chinese_domain_is_written_as_it_can_be_sent_to() -> None:
    assert str(read_address("zhang3@市场监管.example")).isascii()


locals_ = st.text(string.ascii_lowercase + string.digits + "_-", min_size=1, max_size=20).filter(
    lambda word: word[0] not in "-" and word[-1] not in "-"
)
labels = st.text(string.ascii_lowercase, min_size=2, max_size=10)
addresses = st.builds(lambda who, where: f"{who}@{where}.example", locals_, labels)


def widen(text: str) -> str:
    return "".join(chr(ord(ch) + 0xFEE0) if "!" <= ch <= "~" else ch for ch in text)


@given(addresses)
def test_reading_is_stable(text: str) -> None:
    once = read_address(text)
    assert read_address(str(once)) == once
    assert str(once) == text


@given(addresses)
def test_full_width_typing_reads_the_same(text: str) -> None:
    assert read_address(widen(text)) == read_address(text)


@given(addresses, st.sampled_from([" ", "\u3000", "\u200b", "\ufeff", "\u00a0"]), st.data())
def test_stray_blanks_do_no_harm(text: str, blank: str, data: st.DataObject) -> None:
    place = data.draw(st.sampled_from([0, text.index("@"), text.index("@") + 1, len(text)]))
    assert str(read_address(text[:place] + blank + text[place:])) == text


@given(st.lists(addresses, min_size=1, max_size=6, unique=True), st.data())
def test_every_address_of_a_cell_is_found_in_order(texts: list[str], data: st.DataObject) -> None:
    cell = texts[0]
    for text in texts[1:]:
        cell += data.draw(st.sampled_from(DIVIDERS)) + text
    read = read_cell(cell)
    assert [str(each) for each in read.found] == texts
    assert read.refused == ()


@given(st.lists(addresses | st.sampled_from(["待定", "无", "zhang3.example", "a@b"]), min_size=1, max_size=5))
def test_nothing_is_dropped_silently(pieces: list[str]) -> None:
    read = read_cell("；".join(pieces))
    wanted = list(dict.fromkeys(pieces))
    told = [str(each) for each in read.found] + [piece for piece, _ in read.refused]
    assert set(told) == set(wanted)


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_a_sentence(text: str) -> None:
    try:
        address = read_address(text)
    except NotAnAddress as error:
        assert str(error)
        return
    assert address.text.count("@") == 1
    assert address.text.isprintable()
    assert not set(address.text) & set(" ;,，；、<>\r\n")
    assert address.domain == address.domain.lower()
    assert read_address(address.text) == address


@given(st.text(alphabet="ab@.；;、, \n张<>＠\u3000", max_size=40))
def test_any_cell_is_read_without_a_crash_and_each_address_once(text: str) -> None:
    read = read_cell(text)
    keys = [each.key for each in read.found]
    assert len(keys) == len(set(keys))
    assert all(why for _, why in read.refused)
    if "@" in text.replace("＠", "@"):
        assert read.found or read.refused


@given(addresses)
def test_spelling_in_capitals_is_the_same_mailbox(text: str) -> None:
    assume(text.upper() != text)
    assert read_address(text.upper()).key == Address(text).key
