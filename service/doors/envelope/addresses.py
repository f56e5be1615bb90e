"""Address and identity headers, read as mail really writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from service.doors.envelope.heads import header_pieces
from service.doors.envelope.limits import ADDRESSES_MAX
from service.office.address import Address, NotAnAddress, read_address

# Signs that have a meaning in an address list, hidden while they stand inside an encoded word.
_SIGNS = ',;<>"()@:'
_HIDE = str.maketrans({sign: chr(0xF0000 + index) for index, sign in enumerate(_SIGNS)})
_SHOW = str.maketrans({chr(0xF0000 + index): sign for index, sign in enumerate(_SIGNS)})
_MAILBOX = re.compile(
    r'((?:"(?:[^"\\]|\\.){0,500}"|[^",;<>]){0,600})<([^<>]{0,400})>|([^\s",;<>()]{1,200}[@＠][^\s",;<>()]{1,200})'
)
_BARE = re.compile(r"[^\s<>\"'(),;:，；、（）]{1,200}[@＠][^\s<>\"'(),;:，；、（）]{1,200}")
_MESSAGE_ID = re.compile(r"<\s*([^<>\s]{1,998})\s*>")


def read_mailboxes(value: bytes) -> list[tuple[str, Address | None]]:
    """Every mailbox of a header: display name and address; a name with an unreadable address is kept."""
    text = "".join(piece.translate(_HIDE) if is_word else piece for piece, is_word in header_pieces(value))
    found: list[tuple[str, Address | None]] = []
    for match in _MAILBOX.finditer(text):
        if len(found) >= ADDRESSES_MAX:
            break
        name, angled, bare = match.groups()
        shown = _name(name or "")
        address = _address((angled if angled is not None else bare).translate(_SHOW))
        if address is None and shown and _BARE.search(shown):
            address = _address(_BARE.search(shown).group(0))  # type: ignore[union-attr]  # tested in this line
        found.append((shown, address))
    if not any(address for _, address in found):
        # The whole “name <address>” may have been put into one encoded word.
        bare_match = _BARE.search(text.translate(_SHOW))
        address = _address(bare_match.group(0)) if bare_match else None
        if address is not None:
            return [(_name(text.translate(_SHOW).partition("<")[0]), address)]
    return found


def read_message_ids(value: bytes) -> tuple[str, ...]:
    """Message-IDs without angle brackets; a value without brackets counts as one when it looks like one."""
    text = "".join(piece for piece, _ in header_pieces(value))
    found = _MESSAGE_ID.findall(text)
    if not found:
        found = [
            word for word in text.split() if 5 < len(word) < 998 and ("@" in word or word.count("-") >= 3)
        ]
    return tuple(dict.fromkeys(found))


def read_date(value: bytes) -> datetime | None:
    """The Date header as an aware instant; without a zone it is taken as Beijing time."""
    text = value.decode("latin-1").strip()
    try:
        found = parsedate_to_datetime(text)
        if found.tzinfo is None:
            is_utc = bool(re.search(r"-0000|GMT|UT\b", text))
            found = found.replace(tzinfo=UTC if is_utc else timezone(timedelta(hours=8)))
        found.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found


def _name(text: str) -> str:
    text = text.strip().strip(",;").strip()
    text = (
        re.sub(r"^[^\"<>,;:]{0,60}:\s*(?=\S)", "", text) if text.count(":") == 1 and '"' not in text else text
    )
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    text = re.sub(r"\\(.)", r"\1", text)
    return " ".join(text.translate(_SHOW).strip("\"' ").split())


def _address(text: str) -> Address | None:
    try:
        return read_address(text)
    except NotAnAddress:
        return None
