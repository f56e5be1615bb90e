"""Outlook's own containers, winmail.dat and .msg: their files and their message."""

from __future__ import annotations

import io
import logging

import olefile

from service.doors.envelope.charset import guess
from service.doors.envelope.unpacked import Budget, Unpacked, mark, take
from service.office.letter import Flag

# Messages within messages in one .msg; Outlook's own limit for people is about three forwards.
_MESSAGES_DEEP_MAX = 5
_ATTACHMENT, _EMBEDDED = "__attach_version1.0_#", "__substg1.0_3701000D"
_SUBJECT, _BODY, _DATA = "0037", "1000", "37010102"
_NAMES = ("3707", "3704", "3001")  # long name, short name, display name [MS-OXPROPS]
# Properties of one message or file, and values of one property; real ones have some hundred.
_COUNT_MAX = 4096
_TEXT_BYTES_MAX = 2 * 1024 * 1024


def read_winmail(data: bytes, found: Unpacked, budget: Budget) -> None:
    """The files and the message of a winmail.dat; of a torn one whatever its plain attributes hold."""
    from tnefparse import TNEF, mapi
    from tnefparse import tnef as reader

    # The library believes every count in the file, up to four thousand million, and logs each one it misses.
    mapi.range = reader.range = _believable
    logging.getLogger("tnefparse").setLevel(logging.CRITICAL)
    try:
        tnef = TNEF(data, do_checksum=False)
    except Exception:  # tnefparse has no error of its own; struct.error, IndexError were seen
        mark(found, Flag.UNREADABLE)
        for name, content in _winmail_by_hand(data):
            take(budget, found, name, content)
        return
    for attachment in tnef.attachments:
        take(budget, found, _winmail_name(attachment), bytes(attachment.data or b""))
    body = getattr(tnef, "body", None)
    if isinstance(body, bytes):
        found.text = guess(body.rstrip(b"\0"))
    elif isinstance(body, str):
        found.text = body.rstrip("\0")


def _believable(count: int) -> range:
    """`range` for tnefparse, which ends the reading of this property list at a ValueError."""
    if count > _COUNT_MAX:
        raise ValueError(f"{count} properties or values")
    return range(count)


_TNEF_TITLE, _TNEF_DATA, _TNEF_NEW = 0x8010, 0x800F, 0x9002


def _winmail_by_hand(data: bytes) -> list[tuple[str, bytes]]:
    """A torn winmail.dat's files, by its plain attributes: level, id, length, data [MS-OXTNEF 2.1.3]."""
    files: list[tuple[str, bytes]] = []
    name, content, position = "", b"", 6
    while position + 11 <= len(data) and data[position] in (1, 2):
        attribute = int.from_bytes(data[position + 1 : position + 3], "little")
        length = int.from_bytes(data[position + 5 : position + 9], "little")
        value = data[position + 9 : position + 9 + length]
        if attribute == _TNEF_NEW and content:
            files.append((name, content))
            name, content = "", b""
        elif attribute == _TNEF_TITLE:
            name = guess(value.rstrip(b"\0"))
        elif attribute == _TNEF_DATA:
            content = value
        position += 11 + length
    return [*files, (name, content)] if content else files


def _winmail_name(attachment: object) -> str:
    try:
        name = attachment.long_filename()  # type: ignore[attr-defined]  # tnefparse is untyped
    except (UnicodeError, AttributeError, TypeError):
        name = getattr(attachment, "_name", b"")
    text = guess(bytes(name)) if isinstance(name, bytes | bytearray) else str(name)
    return text.strip("\0 ")


def read_message_file(data: bytes, found: Unpacked, budget: Budget) -> None:
    """The files and texts of an Outlook .msg, read as the compound file it is [MS-OXMSG 2.2]."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            paths = ["/".join(path) for path in ole.listdir(streams=True, storages=True)]
            _message(ole, paths, "", found, budget)
    except (IndexError, ValueError, KeyError, TypeError, OSError, RecursionError, AttributeError):
        # A damaged table leads olefile into any of these; its own error is an OSError.
        mark(found, Flag.UNREADABLE)


def _message(ole: olefile.OleFileIO, paths: list[str], at: str, found: Unpacked, budget: Budget) -> None:
    subject, body = _property(ole, at, _SUBJECT), _property(ole, at, _BODY)
    found.text += "\n".join(each for each in (subject, body) if each.strip()) + "\n"
    inside = f"{at}{_ATTACHMENT}"
    storages = [path for path in paths if path.startswith(inside) and "/" not in path[len(at) :]]
    for storage in storages:
        name = next((text for each in _NAMES if (text := _property(ole, f"{storage}/", each))), "")
        if ole.exists(f"{storage}/__substg1.0_{_DATA}"):
            path = f"{storage}/__substg1.0_{_DATA}"
            take(budget, found, name, ole.openstream(path).read() if ole.get_size(path) else b"")
        elif f"{storage}/{_EMBEDDED}" in paths:
            if storage.count(_EMBEDDED) >= _MESSAGES_DEEP_MAX:
                mark(found, Flag.UNREADABLE)
            else:
                _message(ole, paths, f"{storage}/{_EMBEDDED}/", found, budget)


def _property(ole: olefile.OleFileIO, at: str, number: str) -> str:
    """A text property, in whichever of the two spellings it was written."""
    for kind in ("001F", "001E"):
        path = f"{at}__substg1.0_{number}{kind}"
        if ole.exists(path) and ole.get_size(path) <= _TEXT_BYTES_MAX:
            raw = ole.openstream(path).read()
            text = raw.decode("utf-16-le", "replace") if kind == "001F" else guess(raw)
            return text.strip("\0")
    return ""
