"""编号 — one short code per unit and campaign, found again anywhere in a letter, known when it is wrong."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable
from enum import Enum

# No 0/O, 1/I/L or U/V: codes are read aloud over the telephone. 29 is prime, as the check letter needs.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTWXYZ"
_BODY, _SIGNATURE = 5, 2  # and one check letter
_LENGTH = _BODY + _SIGNATURE + 1
_PATTERN = re.compile(
    rf"(?<![A-Z0-9])([{_LETTERS}]{{4}})\s?[-‐‑‒–—−_]\s?([{_LETTERS}]{{4}})(?![A-Z0-9])", re.IGNORECASE
)
# Where a code belongs, anything of its shape is meant as one, also with letters that no code has.
_NAMED = re.compile(
    r"(?:编\s*号\s*[:：]?\s*|[\[【]\s*)([A-Z0-9]{4})\s?[-‐‑‒–—−_]\s?([A-Z0-9]{4})(?![A-Z0-9])", re.IGNORECASE
)
CODE_LENGTH = 9  # XXXX-XXXX


class _Shown(dict[int, int | None]):
    """For `translate`: every character stays but those that only format; each is looked up once."""

    def __missing__(self, point: int) -> int | None:
        self[point] = None if unicodedata.category(chr(point)) == "Cf" else point
        return self[point]


# It holds no more than there are characters; every text of every letter is read with it.
_SHOWN = _Shown()


class Validity(Enum):
    """What the letters of a code say by themselves; whose it is, only the ledger says."""

    MISTYPED = "mistyped"  # the check letter is wrong: some letter is not what we printed
    INVENTED = "invented"  # the check letter fits and the signature does not: nobody here gave it
    SIGNED = "signed"  # check and signature fit


def make_code(key: bytes, campaign: str, unit: str, attempt: int = 0) -> str:
    """The code of a unit in a campaign; `attempt` steps on when two units would share one.

    Five letters tell units apart (20.5 million), two sign them with the office's key, the last is the check
    [decision 16].
    """
    body = _spell(_mac(key, f"code\0{campaign}\0{unit}\0{attempt}"), _BODY)
    signed = body + _signature(key, body)
    whole = signed + _check(signed)
    return f"{whole[:4]}-{whole[4:]}"


def examine(key: bytes, code: str) -> Validity:
    """Mistyped, invented, or signed with our key.

    Every single wrong letter and every two letters changed over are mistyped for certain; a code made up at
    random passes as signed once in 24,389, one made up with a fitting check letter once in 841.
    """
    whole = code.replace("-", "").upper()
    if len(whole) != _LENGTH or set(whole) - set(_LETTERS) or _check(whole[:-1]) != whole[-1]:
        return Validity.MISTYPED
    signature = whole[_BODY:-1]
    is_ours = hmac.compare_digest(signature, _signature(key, whole[:_BODY]))
    return Validity.SIGNED if is_ours else Validity.INVENTED


def neighbours(code: str) -> tuple[str, ...]:
    """Every code that one letter typed wrongly, or two neighbours changed over, may have been meant as.

    About 230; none where two letters are of a kind that no code has. A hint for a person, never a witness.
    """
    whole = code.replace("-", "").upper()
    strange = [at for at, letter in enumerate(whole) if letter not in _LETTERS]
    if len(whole) != _LENGTH or len(strange) > 1:
        return ()
    places = strange or range(_LENGTH)
    meant = [whole[:at] + letter + whole[at + 1 :] for at in places for letter in _LETTERS]
    if not strange:
        swaps = range(_LENGTH - 1)
        meant += [whole[:at] + whole[at + 1] + whole[at] + whole[at + 2 :] for at in swaps]
    return tuple(f"{each[:4]}-{each[4:]}" for each in dict.fromkeys(meant) if each != whole)


def find_codes(text: str) -> tuple[str, ...]:
    """Every look-alike of a code in a text, normalised, each once, in order of appearance.

    Wide letters, odd dashes and a blank beside the dash are mended; whose it is, the ledger says.
    """
    return _each_once(_PATTERN.findall(_fold(text)))


def find_named_codes(text: str) -> tuple[str, ...]:
    """What stands where a code belongs, after 编号 or in square brackets, even if it cannot be one.

    Figures alone are a date or a running number.
    """
    found = _each_once(_NAMED.findall(_fold(text)))
    return tuple(code for code in found if any(ch.isalpha() for ch in code))


def bookmark_name(code: str) -> str:
    """The code as a Word bookmark may be called (letters, digits, underscore)."""
    return "nc_" + code.replace("-", "_")


def _fold(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFKC", text).translate(_SHOWN)


def _each_once(halves: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{left}-{right}".upper() for left, right in halves))


def _signature(key: bytes, body: str) -> str:
    return _spell(_mac(key, f"check\0{body}"), _SIGNATURE)


def _check(letters: str) -> str:
    """The letter that makes the weighted sum of all eight divisible by 29.

    Weights 8 to 2 and 1 are all different and none is a multiple of 29: a wrong letter, or any two letters
    changed over, changes the sum [ISO/IEC 7064 has the idea].
    """
    total = sum(
        weight * _LETTERS.index(letter) for weight, letter in zip(range(8, 1, -1), letters, strict=True)
    )
    return _LETTERS[-total % len(_LETTERS)]


def _mac(key: bytes, text: str) -> int:
    return int.from_bytes(hmac.new(key, text.encode(), hashlib.sha256).digest(), "big")


def _spell(number: int, length: int) -> str:
    letters = []
    for _ in range(length):
        number, index = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[index])
    return "".join(letters)
