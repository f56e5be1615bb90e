"""A winmail.dat: the files and the message in it, read within what the letter may still bring."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field

from service.doors.envelope.charset import decode
from service.doors.envelope.limits import TEXT_BYTES_MAX
from service.doors.envelope.unpacked import Budget, Unpacked, mark, take
from service.office.letter import Flag

_SIGNATURE = b"\x78\x9f\x3e\x22"
# Attributes by their ids; around the data of each stand level, id, type, length and sum [MS-OXTNEF 2.1.3].
_BODY, _TITLE, _DATA, _NEW, _CODEPAGE = 0x800C, 0x8010, 0x800F, 0x9002, 0x9007
_MESSAGE_PROPERTIES, _FILE_PROPERTIES = 0x9003, 0x9005
_READ = {_BODY, _TITLE, _DATA, _NEW, _CODEPAGE, _MESSAGE_PROPERTIES, _FILE_PROPERTIES}
_FIRST, _HEAD_BYTES, _SUM_BYTES = 6, 9, 2
# Properties by their ids [MS-OXPROPS].
_WORDS, _CONTENT = (0x1000, 0x3FD9), 0x3701
_LONG_NAME, _SHORT_NAME, _SHOWN_NAME = 0x3707, 0x3704, 0x3001
_NAMES = (_LONG_NAME, _SHORT_NAME, _TITLE, _SHOWN_NAME)
_READ_PROPERTIES = {*_WORDS, _CONTENT, *_NAMES}
_NARROW = 0x001E
_TEXT_OR_BYTES = {_NARROW, 0x001F, 0x000D, 0x0102}
_NAME_BYTES_MAX = 4096
# Properties of one message or file, and values of one property; real ones have some hundred.
_COUNT_MAX = 4096
# Stands before a message that is attached whole, which is a winmail.dat again.
_MESSAGE_MARK = b"\x07\x03\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"


def read_winmail(data: bytes, found: Unpacked, budget: Budget) -> None:
    """The files and the message of a winmail.dat; of a torn or an endless one whatever stands before that."""
    _Winmail(found, budget).read(data)


@dataclass(slots=True)
class _Winmail:
    """What was read so far; a file is handed on when the next begins."""

    found: Unpacked
    budget: Budget
    codepage: str = ""
    words: str | bytes = ""
    names: dict[int, str | bytes] = field(default_factory=dict)
    content: bytes = b""

    def read(self, data: bytes) -> None:
        for number, value in self._attributes(data):
            if number == _NEW:
                self._hand_on()
            elif number == _CODEPAGE:
                self.codepage = f"cp{int.from_bytes(value[:4], 'little')}"
            elif number == _BODY:
                self.words = value
            elif number == _TITLE:
                self.names[_TITLE] = value
            elif number == _DATA:
                self.content = value
            else:
                self._properties(value)
        self._hand_on()
        self.found.text = self._text(self.words[:TEXT_BYTES_MAX])

    def _attributes(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Id and data of each attribute that is read; every one is counted."""
        at, last = _FIRST, len(data) - _HEAD_BYTES - _SUM_BYTES
        is_whole = data.startswith(_SIGNATURE)
        while at <= last and data[at] in (1, 2) and self.budget.values_left > 0:
            self.budget.values_left -= 1
            number = int.from_bytes(data[at + 1 : at + 3], "little")
            begin = at + _HEAD_BYTES
            end = begin + int.from_bytes(data[at + 5 : begin], "little")
            if number in _READ:
                yield number, data[begin:end]
            at = end + _SUM_BYTES
        # Some programs fill up with zeros.
        if not is_whole or at > len(data) or data[at:].strip(b"\0"):
            mark(self.found, Flag.UNREADABLE)

    def _properties(self, data: bytes) -> None:
        for number, value in self._listed(data):
            if number in _WORDS:
                self.words = value
            elif number == _CONTENT and isinstance(value, bytes):
                self.content = value.removeprefix(_MESSAGE_MARK)
            elif number in _NAMES:
                self.names[number] = value

    def _listed(self, data: bytes) -> list[tuple[int, str | bytes]]:
        """Id and value of each property of a list that holds text or bytes; narrow text is bytes still."""
        from tnefparse import mapi

        # The library believes every count in the file, and logs each value that it then misses.
        mapi.range = _counted
        logging.getLogger("tnefparse").setLevel(logging.CRITICAL)
        before = _reading.set(self)
        try:
            listed = mapi.decode_mapi(data, "latin-1")
            told = [
                (each.name, each.attr_type, each.data)
                for each in listed
                if each.name in _READ_PROPERTIES and each.attr_type in _TEXT_OR_BYTES
            ]
        except Exception:  # tnefparse has no error of its own; struct.error, IndexError were seen
            mark(self.found, Flag.UNREADABLE)
            return []
        finally:
            _reading.reset(before)
        return [(name, value.encode("latin-1") if kind == _NARROW else value) for name, kind, value in told]

    def _text(self, value: str | bytes) -> str:
        text = value if isinstance(value, str) else decode(value, self.codepage)
        return text.strip("\0 ")

    def _hand_on(self) -> None:
        if self.content:
            names = (self._text(self.names.get(each, "")[:_NAME_BYTES_MAX]) for each in _NAMES)
            take(self.budget, self.found, next(filter(None, names), ""), self.content)
        self.names, self.content = {}, b""


_reading: ContextVar[_Winmail] = ContextVar("reading")


def _counted(count: int) -> range:
    """`range` for tnefparse, which ends the reading of its list at a ValueError."""
    reading = _reading.get()
    if count > min(_COUNT_MAX, reading.budget.values_left):
        mark(reading.found, Flag.UNREADABLE)
        raise ValueError(f"{count} properties or values")
    reading.budget.values_left -= count
    return range(count)
