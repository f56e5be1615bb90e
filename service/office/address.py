"""地址 — a mailbox address that exists only if it is one; dirty cells are normalised or named."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

# Staff divide several addresses by whatever the keyboard offers; `_TYPED` is the same before mending.
_DIVIDERS = re.compile(r"[;,、\n\r\t/|]+")
_TYPED = re.compile(r"[;；,，、/|\s]+")
_NEXT = re.compile(r"\s+(?=\S+@)")
# 邮箱：a@b.cn, mailto:a@b.cn, 张三：a@b.cn
_LABEL = re.compile(r"^[^@]*:")
_ANGLED = re.compile(r"<\s*([^<>]+?)\s*>")
_FOLD = str.maketrans({"＠": "@", "。": ".", "．": ".", "﹒": ".", "；": ";", "，": ",", "｡": "."})


class NotAnAddress(ValueError):
    """The text is no address; the message is a Chinese sentence."""


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """A normalised mailbox address; `text` is lower-case in the domain, as typed in the local part."""

    text: str

    def __str__(self) -> str:
        return self.text

    @property
    def key(self) -> str:
        """What two spellings of one mailbox share: everything in lower case."""
        return self.text.lower()

    @property
    def domain(self) -> str:
        """The part after the last @, in lower case."""
        return self.text.rpartition("@")[2].lower()


@dataclass(frozen=True, slots=True)
class AddressCell:
    """What one roster cell held: addresses, and the pieces that are none with the reason."""

    found: tuple[Address, ...]
    refused: tuple[tuple[str, str], ...]  # (piece as typed, why)
    is_changed: bool  # something was normalised on the way


def read_address(text: str) -> Address:
    """Parse one address, mending full-width signs and stray blanks; raises NotAnAddress."""
    mended = _mend(text)
    angled = _ANGLED.search(mended)
    candidate = (angled.group(1) if angled else mended).strip().strip(".;,<>()（）\"'“”")
    candidate = _LABEL.sub("", re.sub(r"\s+", "", candidate))
    if not candidate:
        raise NotAnAddress("没有写邮箱地址")
    try:
        # Servers of this domain take no UTF-8 mailbox names: 张三a@b.cn is a name typed onto an address.
        checked = validate_email(
            candidate, check_deliverability=False, test_environment=True, allow_smtputf8=False
        )
    except EmailNotValidError as error:
        raise NotAnAddress(f"“{text.strip()}”不是有效的邮箱地址（{_reason(candidate)}）") from error
    return Address(f"{checked.local_part}@{checked.ascii_domain.lower()}")


def read_cell(text: str) -> AddressCell:
    """Read every address in a cell; nothing is dropped without being named in `refused`."""
    found: dict[str, Address] = {}
    refused: list[tuple[str, str]] = []
    for piece in _pieces(_close_gaps(_mend(text))):
        try:
            address = read_address(piece)
        except NotAnAddress as error:
            refused.append((piece, str(error)))
            continue
        found.setdefault(address.key, address)
    read = tuple(found.values())
    is_changed = "".join(map(str, read)) != _TYPED.sub("", text)
    return AddressCell(read, tuple(refused), is_changed)


def _pieces(mended: str) -> Iterator[str]:
    for chunk in _DIVIDERS.split(mended):
        words = [word for word in _NEXT.split(chunk.strip()) if word]
        for index, word in enumerate(words):
            # “张三 a@b.cn”: what stands before an address in one breath is its owner's name.
            if "@" in word or index == len(words) - 1:
                yield word


def _mend(text: str) -> str:
    # Fold the signs first: NFKC turns the ideographic full stop into nothing useful.
    folded = unicodedata.normalize("NFKC", text.translate(_FOLD))
    return "".join(ch for ch in folded if unicodedata.category(ch) != "Cf")


def _close_gaps(text: str) -> str:
    # “name @ host . cn” is one address typed with blanks, not three pieces.
    return re.sub(r"[ \u3000]*([@.])[ \u3000]*", r"\1", text)


def _reason(candidate: str) -> str:
    local, _, domain = candidate.rpartition("@")
    if "@" not in candidate:
        return "缺少 @"
    if "@" in local:
        return "有多个 @，几个地址之间请用分号隔开"
    if "." not in domain:
        return "@ 后面的域名不完整"
    if not local.isascii():
        return "@ 前面有汉字，姓名与地址之间请留空格"
    return "域名或用户名格式不对"
