"""批签 — a signer's yes or no by mail: what was asked, the one-time code, and what an answer says."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

# Digits alone: they are typed on a telephone without changing the keyboard. One chance in 10^8 a guess, and
# a few wrong guesses void the question.
CODE_DIGITS = 8
WRONG_ANSWERS_MAX = 5
_CODE = re.compile(r"(?<!\d)(\d{4})[\s\-_\u2010-\u2015\u2212]{0,2}(\d{4})(?!\d)")
# Sign for sign, so that what was found in the narrow text stands at the same place in the wide one.
_NARROW = {0x3000: " "} | {wide: chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F)}
# Nobody types more than this above a quotation to say yes or no; a longer text is for a person.
TYPED_MAX = 4000
_LINES_MAX = 40


class ApprovalState(Enum):
    """What became of a question put to a signer."""

    PENDING = "pending"
    AGREED = "agreed"
    RETURNED = "returned"
    VOID = "void"  # something changed, too many wrong codes, or the time was over
    SUPERSEDED = "superseded"  # asked again, or released on the command line


APPROVAL_WORDS = {
    ApprovalState.PENDING: "等待答复",
    ApprovalState.AGREED: "已同意并签发",
    ApprovalState.RETURNED: "已退回",
    ApprovalState.VOID: "已作废",
    ApprovalState.SUPERSEDED: "已被后来的送签或签发取代",
}


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """A question put to a signer by mail, for exactly one digest. Of the code only a hash is kept."""

    campaign: str
    digest: str
    inputs_sha256: str
    code_hash: str
    signer: str
    address: str
    dispatch_key: str
    asked_by: str
    at: datetime
    expires_at: datetime
    state: ApprovalState = ApprovalState.PENDING
    settled_at: datetime | None = None
    letter: int | None = None
    why: str = ""
    id: int = 0


def make_approval_code(key: bytes, campaign: str, digest: str, nonce: str) -> str:
    """Eight digits nobody without the office's key can foresee; `nonce` differs with each asking."""
    mac = hmac.new(key, f"approval\0{campaign}\0{digest}\0{nonce}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(mac, 'big') % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def hash_approval_code(key: bytes, code: str) -> str:
    """What the ledger keeps of it; keyed, for eight digits are soon tried out."""
    return hmac.new(key, f"approval-hash\0{code}".encode(), hashlib.sha256).hexdigest()


def shown_code(code: str) -> str:
    """1234-5678."""
    return f"{code[:4]}-{code[4:]}"


def codes_in(text: str) -> tuple[str, ...]:
    """Every run of eight digits that may be such a code, each once; wide digits, blanks and dashes mended."""
    return tuple(dict.fromkeys(left + right for left, right in _CODE.findall(_folded(text))))


@dataclass(frozen=True, slots=True)
class PutApproval:
    """A question is put; older ones of the campaign that still wait are superseded by it."""

    row: ApprovalRow


@dataclass(frozen=True, slots=True)
class SettleApproval:
    """pending → something else, compare-and-set: a code is used once."""

    approval: int
    to: ApprovalState
    at: datetime
    why: str = ""
    letter: int | None = None


@dataclass(frozen=True, slots=True)
class EndApprovals:
    """Whatever still waits for this campaign is superseded: it was released."""

    campaign: str
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class NoteAnswer:
    """A letter answers a question: it waits to be acted upon, and is nobody's return."""

    letter: int
    approval: int


@dataclass(frozen=True, slots=True)
class SettleAnswer:
    """That letter has been acted upon; compare-and-set."""

    letter: int
    at: datetime


class Answer(Enum):
    """What the signer's own words say."""

    AGREE = "agree"
    RETURN = "return"
    UNCLEAR = "unclear"  # both, or a yes with something added
    NONE = "none"  # neither


@dataclass(frozen=True, slots=True)
class SignersWord:
    """An answer as read; `rest` is what was said besides (the reason of a return)."""

    answer: Answer
    has_code: bool
    rest: str = ""


_PUNCTUATION = "，,。.!！:：;；、~～·…\"'“”‘’()（）[]【】<>《》*_-—–= \t\u3000"
_AGREE = re.compile(
    r"(?:我|本人|经审阅|经审核|审阅后|已阅|已审|阅)*同意(?:签发|发出|发文|印发|发送|下发)?(?:了|。)*"
)
_RETURN = re.compile(r"(?:我|本人)*(?:退回|退改|不同意|不予签发|不予批准|不批准|暂不同意|暂不签发|驳回)")
_COURTESY = re.compile(
    r"(?:已阅|已审|经审阅|经审核|谢谢|感谢|多谢|辛苦|辛苦了|你好|您好|收到|好的?|此复|祝好|祝工作顺利|顺祝商祺|此致|敬礼|以上|各位|同志们?|"
    r"早上好|上午好|中午好|下午好|晚上好|签发码|校验码|验证码|编码)*"
)
_CONTACT = re.compile(
    r"^(?:电话|手机|办公电话|联系电话|传真|邮编|邮箱|地址|单位|部门|职务|姓名|签发人|日期|时间|tel|mobile|fax|"
    r"e-?mail|phone)\s*[:：]?\s*.{0,60}$|^(?:发自|来自|从我的|sent from|发送自).{0,40}$",
    re.IGNORECASE,
)
_ONLY_NUMBERS = re.compile(r"[\d\s年月日时分点:/\-+()转#.]{1,40}")
_OFFICE_LINE = re.compile(
    r"[\w（）()·、 ]{0,24}(?:局|厅|委|办|处|科|室|部|中心|局长|处长|科长|主任|书记|司长)"
)
# In a line that says any of these, somebody wants something.
_WANTS = re.compile(
    r"但|不过|只是|除|另|请|改|修|先|暂|如|若|需|须|应|把|将|再|还|待|等|注意|建议|核|补|删|加|问|错|误|不|别|勿|\?|？"
)


def read_answer(typed: str, is_code: Callable[[str], bool], names: Iterable[str] = ()) -> SignersWord:
    """What a signer typed above the quotation. `names` are words that only say who signs: own name, office.

    A yes counts only where nothing else is said: whatever is not a greeting, a courtesy or a signature line
    makes it unclear, and a person looks at it.
    """
    text = _folded(typed)[: TYPED_MAX + 1]
    has_code = any(is_code(code) for code in codes_in(text))
    # Where the right code is missing, what was typed in its place is taken out as well: it is a wrong code
    # then, not a remark.
    taken = is_code if has_code else lambda code: True
    lines = [line for raw in text.splitlines() if (line := _bare(_without_codes(raw, taken)))]
    if len(text) > TYPED_MAX or len(lines) > _LINES_MAX:
        return SignersWord(Answer.UNCLEAR, has_code, text[:500])
    signing = tuple(_bare(_folded(name)) for name in names if name.strip())
    agrees, returns, rest = False, False, list[str]()
    for line in lines:
        refusal = _RETURN.match(line)
        if refusal:
            returns = True
            rest += [left] if (left := _bare(line[refusal.end() :])) else []
        elif _is_yes(line):
            agrees = True
        elif not _is_harmless(line, signing):
            rest.append(line)
            agrees = agrees or bool(_AGREE.match(line))
            returns = returns or bool(_RETURN.search(line))
    return SignersWord(_verdict(agrees, returns, rest), has_code, "\n".join(rest))


def _verdict(agrees: bool, returns: bool, rest: Sequence[str]) -> Answer:
    if agrees and (returns or rest):
        return Answer.UNCLEAR
    if agrees:
        return Answer.AGREE
    if returns:
        # “同意…的部分，其余退回” and the like have been caught above.
        return Answer.RETURN
    return Answer.NONE


def _is_yes(line: str) -> bool:
    """A line that says yes and nothing else, courtesies aside."""
    pieces = [piece for piece in re.split(r"[，,。.!！;；、:：\s]+", line) if piece]
    yes = [bool(_AGREE.fullmatch(piece)) for piece in pieces]
    return any(yes) and all(is_yes or _COURTESY.fullmatch(p) for is_yes, p in zip(yes, pieces, strict=True))


def is_courtesy(line: str, names: Iterable[str]) -> bool:
    """A line that asks for nothing: a greeting, a courtesy, a signature."""
    bare = _bare(_folded(line))
    return not bare or _is_harmless(bare, tuple(_bare(_folded(each)) for each in names if each.strip()))


def _is_harmless(line: str, signing: tuple[str, ...]) -> bool:
    """A greeting, a courtesy, or a line of a signature."""
    pieces = [piece for piece in re.split(r"[，,。.!！;；、:：\s]+", line) if piece]
    if all(_COURTESY.fullmatch(piece) for piece in pieces):
        return True
    if _ONLY_NUMBERS.fullmatch(line) or _CONTACT.match(line) or re.fullmatch(r"[^@\s]+@[^@\s]+", line):
        return True
    without = line
    for name in signing:
        without = without.replace(name, "")
    if not _bare(without):
        return True
    return not _WANTS.search(without) and _OFFICE_LINE.fullmatch(_bare(without)) is not None


def without_codes(line: str, is_code: Callable[[str], bool]) -> str:
    """The line without the codes that count, in wide digits too; all else stays as it was typed."""
    kept, at = list[str](), 0
    for found in _CODE.finditer(line.translate(_NARROW)):
        if is_code(found[1] + found[2]):
            kept += [line[at : found.start()], " "]
            at = found.end()
    return "".join(kept) + line[at:]


def _without_codes(line: str, is_code: Callable[[str], bool]) -> str:
    return _CODE.sub(lambda found: " " if is_code(found[1] + found[2]) else found[0], line)


def _folded(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text)
    return "".join(ch for ch in folded if unicodedata.category(ch) != "Cf")


def _bare(line: str) -> str:
    return line.strip(_PUNCTUATION)
