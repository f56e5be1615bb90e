"""编号: short, told over the telephone, found again anywhere, and never taken from a chance look-alike."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.office.code import CODE_LENGTH, find_codes, is_ours, make_code
from service.office.message_id import make_message_id

KEY = b"k" * 32
WORDS = st.text(min_size=1, max_size=20)


@given(WORDS, WORDS, st.integers(0, 50))
def test_a_code_is_short_ascii_and_ours(campaign: str, unit: str, attempt: int) -> None:
    code = make_code(KEY, campaign, unit, attempt)
    assert len(code) == CODE_LENGTH <= 10
    assert re.fullmatch(r"[2-9A-HJ-NP-TW-Z]{4}-[2-9A-HJ-NP-TW-Z]{4}", code)
    assert is_ours(KEY, code)
    assert make_code(KEY, campaign, unit, attempt) == code


@given(WORDS, st.sampled_from(["回复：[{}] 通知", "Re: [{}]通知", "编号：{}。", "（{}）", "code {} here"]))
def test_a_code_is_found_in_any_text(unit: str, frame: str) -> None:
    code = make_code(KEY, "c", unit)
    assert find_codes(frame.format(code)) == (code,)


@pytest.mark.parametrize(
    "change",
    [
        str.lower,
        lambda code: code.replace("-", "－"),
        lambda code: code.replace("-", "—"),
        lambda code: code.replace("-", " - "),
        lambda code: "".join(chr(ord(ch) + 0xFEE0) if ch != "-" else ch for ch in code),
        lambda code: code[:2] + "\u200b" + code[2:],
    ],
)
def test_a_code_survives_keyboards_and_mail_programs(change: object) -> None:
    code = make_code(KEY, "c", "太原市市场监督管理局")
    assert callable(change)
    assert find_codes(f"主题 [{change(code)}] 总结") == (code,)


@given(st.text(max_size=200))
def test_finding_never_fails_and_gives_each_once(text: str) -> None:
    found = find_codes(text)
    assert len(set(found)) == len(found)


def test_a_look_alike_is_rarely_taken_for_ours() -> None:
    # Two check letters of 29: one chance in 841.
    strange = [make_code(b"other" * 8, "c", f"单位{number}") for number in range(5_000)]
    assert sum(is_ours(KEY, code) for code in strange) < 20


def test_twenty_thousand_units_share_no_code() -> None:
    codes = {make_code(KEY, "c", f"单位{number}") for number in range(20_000)}
    assert len(codes) == 20_000


@given(WORDS, WORDS)
def test_message_ids_differ_by_key_and_stay_the_same(one: str, other: str) -> None:
    first = make_message_id(KEY, one, "jia.example")
    assert first == make_message_id(KEY, one, "jia.example")
    assert (first == make_message_id(KEY, other, "jia.example")) == (one == other)
    assert first != make_message_id(b"x" * 32, one, "jia.example")
