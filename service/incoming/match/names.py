"""Names of bodies in words that people type: full, shortened, or of somebody else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from service.office.roster import Unit

_BODY = re.compile(
    r"[\u4e00-\u9fff]{2,24}(?:局|委员会|研究院|研究所|检测院|检验院|中心|公司|协会|学会|集团|分局|管理处|院|所|厂|合作社)"
)
# “现报上我局” names nobody: 我局, 贵局, 省局 are the writer, the reader, and the body above both.
_SPEAKING = re.compile(
    r"(?:[我本贵你您该各]|上级)(?:局|委员会|院|所|中心|公司|协会|学会|集团|厂|合作社)$|[省总]局$"
)
_DEPARTMENT = re.compile(r"^[\u4e00-\u9fff]{0,10}(?:科|处|室|股|部|办公室|组)")
_SUB_BODY = re.compile(r"^[\u4e00-\u9fff]{1,8}分局|^(?:直属|所属|下属)")
# A line is taken for a signature when it is this short: longer ones are sentences that merely mention a body.
SIGNATURE_CHARACTERS = 40
SIGNATURE_LINES = 8


def plain(text: str) -> str:
    """A text as names are compared in: NFKC, no blanks, one spelling of 市场监管."""
    folded = unicodedata.normalize("NFKC", text)
    return re.sub(r"\s+", "", folded).replace("市场监督管理", "市场监管")


def names_of(unit: Unit) -> tuple[str, ...]:
    """Every name a unit goes by, plain, longest first; nothing shorter than four characters."""
    full = plain(unit.name)
    names = {full, *(plain(each) for each in unit.short_names)}
    if full.endswith("市市场监管局"):
        names.add(full.removesuffix("市场监管局") + "局")  # 太原市局
    names |= {each.removesuffix("有限公司") for each in names if each.endswith("有限公司")}
    return tuple(sorted((each for each in names if len(each) >= 4), key=len, reverse=True))


def is_named(unit: Unit, text: str) -> bool:
    """Whether a text names this unit itself, not one of its branch offices."""
    folded = plain(text)
    for name in names_of(unit):
        at = folded.find(name)
        while at >= 0:
            before, rest = folded[:at], folded[at + len(name) :]
            if not _SUB_BODY.match(rest) and not _is_longer_name(before, name):
                return True
            at = folded.find(name, at + 1)
    return False


def _is_longer_name(before: str, name: str) -> bool:
    # “静安区市场监管局” inside “上海市静安区市场监管局” is the same body; a bare “市局” after a name is not.
    return len(name) < 6 and bool(re.search(r"[\u4e00-\u9fff]$", before)) and not before.endswith("省")


def signature_lines(reply_text: str) -> tuple[str, ...]:
    """The short lines at the end of a letter, and a short first line: where people say who they are."""
    lines = [line.strip() for line in reply_text.splitlines() if line.strip()]
    tail = [line for line in lines[-SIGNATURE_LINES:] if len(line) <= SIGNATURE_CHARACTERS]
    return tuple(tail)


def introductions(reply_text: str) -> tuple[str, ...]:
    """What follows 我是, 我们是, 这里是: people naming themselves in a sentence."""
    found = re.findall(r"(?:我们?是|这里是|我单位为|我局为|单位名称[:：])([^，。；,\n]{2,40})", reply_text)
    return tuple(found)


def bodies_in(lines: Iterable[str]) -> tuple[str, ...]:
    """Every body that signature lines name, plain, departments cut off."""
    found: dict[str, None] = {}
    for line in lines:
        for name in _BODY.findall(plain(line)):
            if not _SPEAKING.search(name):
                found.setdefault(name, None)
    return tuple(found)


def is_same_body(unit: Unit, body: str) -> bool:
    """Whether a named body is the unit itself or a department of it."""
    for name in names_of(unit):
        if body == name or name.endswith(body) or body.endswith(name):
            return True
        if body.startswith(name) and _DEPARTMENT.match(body[len(name) :]):
            return True
    return False
