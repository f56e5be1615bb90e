"""Codes that the ledger does not know: mistyped, invented, or ours and lost; each known by its name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from service.office.code import Validity, examine, find_codes, find_named_codes, neighbours
from service.office.form import CodeFrom
from service.office.letter import LetterFacts
from service.office.matter import Matched, Read
from service.office.needs.ledger import Ledger

# Each costs some 230 questions to the ledger; more odd codes in one letter are no slips of a finger.
EXAMINED_MAX = 6
# Carriers that only we write. Printed text and raw bytes are full of chance look-alikes.
_OURS_ALONE = {CodeFrom.CUSTOM_PROPERTY, CodeFrom.CORE_PROPERTY, CodeFrom.BOOKMARK, CodeFrom.QR}


@dataclass(frozen=True, slots=True)
class OddCode:
    """A code that nobody here has. `near` are the (campaign, unit) pairs it is one letter off from.

    It is never a witness: what a slip probably meant is a hint for the person who looks.
    """

    say: str
    mark: Validity
    near: tuple[tuple[str, str], ...] = ()
    is_up_front: bool = False  # in the subject or a form's properties, where only a code of ours stands


@dataclass(frozen=True, slots=True)
class _Seen:
    code: str
    place: str
    is_named: bool
    is_up_front: bool


def odd_codes(facts: LetterFacts, reads: tuple[Read, ...], ledger: Ledger, key: bytes) -> tuple[OddCode, ...]:
    """Every unknown code that was meant as one; look-alikes such as a standard's number are left alone."""
    known: dict[str, _Seen] = {}
    for seen in _all_seen(facts, reads):
        earlier = known.get(seen.code)
        if earlier is None or (seen.is_named and not earlier.is_named):
            known[seen.code] = seen
    unknown = [each for each in known.values() if ledger.whose_code(each.code) is None]
    found = (_odd(each, ledger, key) for each in unknown[:EXAMINED_MAX])
    return tuple(each for each in found if each is not None)


def with_odd_codes(matched: Matched, odd: tuple[OddCode, ...]) -> Matched:
    """The ruling with odd codes named; one that speaks against it sends the letter to a person."""
    if not odd:
        return matched
    against = [each for each in odd if _is_against(each, matched)]
    doubt = matched.doubt
    if against or not matched.is_certain:
        named = against or list(odd)
        doubt = "；".join(dict.fromkeys(filter(None, (doubt, *(each.say for each in named)))))
    misses = (*matched.misses, *(each.say for each in odd))
    return replace(matched, is_certain=matched.is_certain and not against, doubt=doubt, misses=misses)


def _all_seen(facts: LetterFacts, reads: tuple[Read, ...]) -> Iterator[_Seen]:
    named = find_named_codes(facts.subject)
    for code in (*named, *find_codes(facts.subject)):
        yield _Seen(code, "主题", code in named, code in named)
    for read in reads:
        reading = read.reading
        printed = find_named_codes(reading.text)
        is_ours = bool(_OURS_ALONE & set(reading.codes_from))
        for code in (*reading.codes, *printed):
            yield _Seen(code, f"文件“{read.name}”", is_ours or code in printed, is_ours)
    named = find_named_codes(facts.reply_text)
    for code in (*named, *find_codes(facts.reply_text)):
        yield _Seen(code, "正文", code in named, False)


def _odd(seen: _Seen, ledger: Ledger, key: bytes) -> OddCode | None:
    mark = examine(key, seen.code)
    near = tuple(dict.fromkeys(whose for code in neighbours(seen.code) if (whose := ledger.whose_code(code))))
    if not near and not seen.is_named and mark is not Validity.SIGNED:
        return None
    return OddCode(f"{seen.place}中的编号 {seen.code} {_words(mark, near)}", mark, near, seen.is_up_front)


def _words(mark: Validity, near: tuple[tuple[str, str], ...]) -> str:
    if near:
        meant = "、".join(f"“{unit or '公开'}”" for _, unit in near[:3])
        return f"与{meant}的编号只差一个字，像是抄错了"
    if mark is Validity.MISTYPED:
        return "抄错了（校验字不对），看不出原来是哪个"
    if mark is Validity.INVENTED:
        return "不是本单位编的（校验字对、签名不符），可能是别处的编号"
    return "是本单位编的，台账中却没有，可能台账是从旧备份恢复的"


def _is_against(each: OddCode, matched: Matched) -> bool:
    """A slip that points to somebody else, or a code from elsewhere where only ours should stand."""
    if each.near:
        return (matched.campaign, matched.unit) not in each.near and any(unit for _, unit in each.near)
    return each.is_up_front and each.mark is not Validity.MISTYPED
