"""口令 — the one-time code with which a reader may answer a digest; of it the ledger keeps only a hash."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

WRONG_CODES_MAX = 5
_CODE_DIGITS = 8


class CodeState(Enum):
    """What became of a one-time code."""

    OPEN = "open"
    USED = "used"
    VOID = "void"  # too many wrong ones were tried


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A one-time code, given to one member of staff in one mail. Only a hash of it is kept."""

    code_hash: str
    person: str
    address: str
    dispatch_key: str
    at: datetime
    expires_at: datetime
    state: CodeState = CodeState.OPEN
    letter: int | None = None  # the letter that used it
    id: int = 0


@dataclass(frozen=True, slots=True)
class PutCode:
    """A code is given out; refused where the mail that carries it is there already."""

    row: CodeRow


@dataclass(frozen=True, slots=True)
class SettleCode:
    """open → used or void, compare-and-set: a code is used by one letter."""

    code: int
    to: CodeState
    letter: int


@dataclass(frozen=True, slots=True)
class NoteErrand:
    """A letter answers a digest: it waits to be acted upon, and is nobody's return."""

    letter: int
    code: int


@dataclass(frozen=True, slots=True)
class SettleErrand:
    """That letter has been acted upon; compare-and-set."""

    letter: int
    at: datetime


Answering = PutCode | SettleCode | NoteErrand | SettleErrand


def make_digest_code(key: bytes, dispatch_key: str, nonce: str) -> str:
    """Eight digits nobody without the office's key can foresee; `nonce` differs with each writing."""
    mac = hmac.new(key, f"digest\0{dispatch_key}\0{nonce}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(mac, 'big') % 10**_CODE_DIGITS:0{_CODE_DIGITS}d}"


def hash_digest_code(key: bytes, code: str) -> str:
    """What the ledger keeps of it; keyed, for eight digits are soon tried out."""
    return hmac.new(key, f"digest-hash\0{code}".encode(), hashlib.sha256).hexdigest()
