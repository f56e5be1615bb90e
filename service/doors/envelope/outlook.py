"""Outlook's own .msg: its files and its message."""

from __future__ import annotations

import io

import olefile

from service.doors.envelope.charset import guess
from service.doors.envelope.unpacked import Budget, Unpacked, mark, take
from service.office.letter import Flag

# Messages within messages in one .msg; Outlook's own limit for people is about three forwards.
_MESSAGES_DEEP_MAX = 5
_ATTACHMENT, _EMBEDDED = "__attach_version1.0_#", "__substg1.0_3701000D"
_SUBJECT, _BODY, _DATA = "0037", "1000", "37010102"
_NAMES = ("3707", "3704", "3001")  # long name, short name, display name [MS-OXPROPS]
_TEXT_BYTES_MAX = 2 * 1024 * 1024


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
