"""Bytes without a trustworthy label, decoded as their writer meant them."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from service.doors.envelope.charset import decode, guess, normalise_label
from service.doors.envelope.heads import decode_base64, decode_header, read_parameters

COMMON = [bytes((lead, trail)).decode("gb2312") for lead in range(0xB0, 0xD7) for trail in range(0xA1, 0xFF)]


@pytest.mark.parametrize(
    "text",
    [
        "通知",
        "联通",
        "小学",
        "小",
        "没有",
        "媒体",
        "太原市",
        "回复：通知",
        "登记表.docx",
        "镕",
        "喆",
        "总结（太原）",
        "中国①",
    ],
)
def test_gbk_without_a_label(text: str) -> None:
    assert guess(text.encode("gb18030")) == text


@pytest.mark.parametrize(
    "text",
    [
        "通知",
        "登记表",
        "café",
        "Привет",
        "Дума",
        "ελληνικά",
        "ñandú",
        "€ 5",
        "“质量月”",
        "😀好",
        "日本語テスト",
    ],
)
def test_utf8_without_a_label(text: str) -> None:
    assert guess(text.encode("utf-8")) == text


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@given(st.lists(st.sampled_from(COMMON), min_size=3, max_size=12).map("".join))
def test_common_hanzi_survive_both_encodings(text: str) -> None:
    # 谩谩谩 in GBK is ááá in UTF-8, byte for byte: what can be read as UTF-8 is taken for it.
    assume(not _is_utf8(text.encode("gb18030")))
    assert guess(text.encode("gb18030")) == text
    assert guess(text.encode("utf-8")) == text


@given(st.binary(max_size=60), st.text(max_size=12))
def test_no_bytes_and_no_label_can_raise(data: bytes, label: str) -> None:
    assert isinstance(decode(data, label), str)
    assert isinstance(decode_header(data), str)
    assert isinstance(decode_base64(data), bytes)
    assert isinstance(read_parameters(data)[1], dict)


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("GB2312", "gb18030"),
        ("x-gbk", "gb18030"),
        ('"gb_2312-80"', "gb18030"),
        ("CP936", "gb18030"),
        ("hz", "gb18030"),
        ("UTF8", "utf-8"),
        ('""utf-8""', "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("Big5", "big5hkscs"),
        ("iso-2022-jp", "iso2022_jp"),
        *(
            (name, "")
            for name in ("us-ascii", "iso-8859-1", "unknown-8bit", "klingon", "base64", "rot13", "")
        ),
    ],
)
def test_labels_mean_codecs_or_nothing(label: str, codec: str) -> None:
    assert normalise_label(label) == codec


def test_a_wrong_label_is_not_believed() -> None:
    assert decode("登记表".encode("gb18030"), "utf-8") == "登记表"
    assert decode("登记表".encode(), "iso-8859-1") == "登记表"
    assert decode("镕喆堃".encode("gb18030"), "gb2312") == "镕喆堃"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"=?utf-8?B?6YCa?= =?utf-8?B?55+l?=", "通知"),
        (b"=?UTF-8?b?6YCa5w?= =?utf-8?B?n6U?=", "通知"),
        (b"=?utf-8?q?=E9=80=9A?= =?gbk?B?1qo=?=", "通知"),
        (b"Re: =?gb2312?B?zajWqg?= (2)", "Re: 通知 (2)"),
        (b"=?utf-8?B?6YCa55+?= =?utf-8?B?l6KGo?=", "通知表"),
        (b"=?utf-8*zh?Q?a_b?=", "a b"),
        (b"=?nonsense", "=?nonsense"),
        ("通知 =?utf-8?B?6YCa?=".encode("gb18030"), "通知 通"),
    ],
)
def test_headers(raw: bytes, text: str) -> None:
    assert decode_header(raw) == text


def test_base64_forgives() -> None:
    assert decode_base64(b"YWJj\r\n!!ZGVm") == b"abcdef"
    assert decode_base64(b"YQ==Yg==") == b"ab"
    assert decode_base64(b"YWJjZ") == b"abc"
