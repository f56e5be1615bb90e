"""What a signer typed: a clear yes, a no with its reason, and everything that is neither."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.office.assent import Answer, codes_in, hash_approval_code, make_approval_code, read_answer
from service.office.letter import Header, LetterFacts
from service.office.trust import Trust, trust_in

CODE = "48271936"


def read(text: str) -> tuple[Answer, bool, str]:
    word = read_answer(text, lambda code: code == CODE, ("郝清源", "某省市场监督管理局"))
    return word.answer, word.has_code, word.rest


@pytest.mark.parametrize(
    "text",
    [
        "同意 4827-1936",
        "同意，4827 1936。",
        "同意：４８２７—１９３６",
        "48271936\n同意",
        "已阅，同意签发 48271936",
        "同意48271936\n\n郝清源\n某省市场监督管理局\n手机：13900000000",
        "各位好：\n同意。签发码 4827-1936\n谢谢！\n--\n郝清源 局长",
    ],
)
def test_a_clear_yes(text: str) -> None:
    assert read(text) == (Answer.AGREE, True, "")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("退回 4827-1936 日期有误", "日期有误"),
        ("退回4827-1936\n附件2的表头改一下", "附件2的表头改一下"),
        ("不同意 48271936", ""),
        ("暂不签发，48271936，等通知", "等通知"),
    ],
)
def test_a_no_with_its_reason(text: str, reason: str) -> None:
    assert read(text) == (Answer.RETURN, True, reason)


@pytest.mark.parametrize(
    "text",
    [
        "同意，但日期改到月底 4827-1936",
        "同意 4827-1936 退回 4827-1936",
        "同意 4827-1936\n附件再核一遍",
        "原则上同意 4827-1936，请修改",
        "同意吗？ 4827-1936",
        "同意 4827-1936\n" + "请看" * 3000,
    ],
)
def test_what_is_neither_goes_to_a_person(text: str) -> None:
    assert read(text)[0] in (Answer.UNCLEAR, Answer.NONE)


def test_without_a_word_or_with_a_wrong_code() -> None:
    assert read("收到 4827-1936")[0] is Answer.NONE
    assert read("同意 1111-2222") == (Answer.AGREE, False, "")
    assert read("") == (Answer.NONE, False, "")


@given(st.text(alphabet="同意退回不但请改，。 \n48271936-", max_size=60))
def test_a_yes_never_holds_a_reservation(text: str) -> None:
    answer, _, rest = read(text)
    if answer is Answer.AGREE:
        assert not rest and not any(word in text for word in ("不", "但", "请", "改", "退回"))


def test_codes_are_keyed_and_found_in_any_dress() -> None:
    code = make_approval_code(b"k", "a", "d", "1")
    assert code == make_approval_code(b"k", "a", "d", "1") != make_approval_code(b"k", "a", "d", "2")
    assert len(code) == 8 and code.isdigit()
    assert hash_approval_code(b"k", code) != hash_approval_code(b"l", code)
    assert codes_in("签发码：4827－1936，电话 0351-7000000，日期 2026-12-01") == ("48271936",)


@pytest.mark.parametrize(
    ("stated", "trust"),
    [
        ("", Trust.UNKNOWN),
        ("mx.qq.com; spf=pass smtp.mailfrom=a@b.cn; dkim=none", Trust.PASSED),
        ("mx.163.com; spf=fail (x) smtp.mailfrom=a@b.cn; dkim=none", Trust.MISMATCH),
        ("mx.example; spf=pass; dkim=pass; dmarc=fail", Trust.MISMATCH),
        ("mx.example; spf=temperror", Trust.UNKNOWN),
    ],
)
def test_what_the_servers_own_test_says(stated: str, trust: Trust) -> None:
    headers = (Header("authentication-results", stated),) if stated else ()
    assert trust_in(LetterFacts("0" * 64, 1, headers=headers)) is trust
