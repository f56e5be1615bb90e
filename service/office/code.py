"""编号 — one short code per unit and campaign, found again anywhere in a letter."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata

# No 0/O, 1/I/L or U/V: codes are read aloud over the telephone.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTWXYZ"
_BODY, _CHECK = 6, 2
_PATTERN = re.compile(
    rf"(?<![A-Z0-9])([{_LETTERS}]{{4}})\s?[-‐‑‒–—−_]\s?([{_LETTERS}]{{4}})(?![A-Z0-9])", re.IGNORECASE
)
CODE_LENGTH = 9  # XXXX-XXXX


def make_code(key: bytes, campaign: str, unit: str, attempt: int = 0) -> str:
    """The code of a unit in a campaign; `attempt` steps on when two units would share one."""
    body = _spell(_mac(key, f"code\0{campaign}\0{unit}\0{attempt}"), _BODY)
    whole = body + _spell(_mac(key, f"check\0{body}"), _CHECK)
    return f"{whole[:4]}-{whole[4:]}"


def is_ours(key: bytes, code: str) -> bool:
    """Whether the check letters fit, so that a chance look-alike in a text is not taken for a code."""
    whole = code.replace("-", "").upper()
    return len(whole) == _BODY + _CHECK and hmac.compare_digest(
        whole[_BODY:], _spell(_mac(key, f"check\0{whole[:_BODY]}"), _CHECK)
    )


def find_codes(text: str) -> tuple[str, ...]:
    """Every look-alike of a code in a text, normalised, each once, in order of appearance.

    Wide letters, odd dashes and a blank beside the dash are mended; whose it is, the ledger says.
    """
    folded = unicodedata.normalize("NFKC", text)
    folded = "".join(ch for ch in folded if unicodedata.category(ch) != "Cf")
    found = (f"{left}-{right}".upper() for left, right in _PATTERN.findall(folded))
    return tuple(dict.fromkeys(found))


def bookmark_name(code: str) -> str:
    """The code as a Word bookmark may be called (letters, digits, underscore)."""
    return "nc_" + code.replace("-", "_")


def _mac(key: bytes, text: str) -> int:
    return int.from_bytes(hmac.new(key, text.encode(), hashlib.sha256).digest(), "big")


def _spell(number: int, length: int) -> str:
    letters = []
    for _ in range(length):
        number, index = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[index])
    return "".join(letters)
