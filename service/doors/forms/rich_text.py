"""A returned .rtf: read by its own grammar into cells and lines, without a converter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from service.doors.forms.answers import ours_told_apart
from service.doors.forms.codes import CodeFinder
from service.doors.forms.headings import headings_of
from service.doors.forms.old_word import CELL, CHARACTERS_MAX, cell_answers
from service.doors.forms.pictures import counted
from service.doors.forms.rich_pictures import rich_pictures
from service.office.campaign import FormField
from service.office.code import find_codes
from service.office.form import CodeFrom, FormReading

MAGIC = b"{\\rtf"
BYTES_MAX = 64 * 2**20
TOKENS_MAX = 4_000_000
DEPTH_MAX = 500
_TOKEN = re.compile(
    rb"\\'([0-9a-fA-F]{2})|\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\([^a-zA-Z])|([{}])|[\r\n]+|([^\\{}\r\n]+)"
)
# Groups whose text is not on the page; keywords and properties are read apart.
_ASIDE = {
    "fonttbl", "colortbl", "stylesheet", "listtable", "listoverridetable", "rsidtbl", "generator",
    "themedata", "colorschememapping", "latentstyles", "datastore", "pict", "object", "objdata",
    "fldinst", "info", "xmlnstbl", "filetbl", "revtbl", "pgdsctbl", "mmathPr", "bkmkstart", "bkmkend",
    "userprops", "shpinst", "nonshppict", "header", "headerl", "headerr", "headerf", "footer",
    "footerl", "footerr", "footerf", "deleted", "atnid", "atnauthor", "annotation", "docvar", "pntext",
    "listtext",
}  # fmt: skip
_KEPT = {"header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf"}
_SIGNS = dict.fromkeys(("par", "line", "sect", "page"), "\n")
_SIGNS |= dict.fromkeys(("cell", "nestcell", "row", "nestrow"), CELL)
_SIGNS |= {"tab": "\t", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’"}
_SIGNS |= {"ldblquote": "“", "rdblquote": "”", "bullet": "•", "emspace": " ", "enspace": " "}
# Charsets of fonts as \fcharset numbers them; Chinese text in old files is in the font's own charset.
_CHARSETS = {0: "cp1252", 1: "cp1252", 128: "cp932", 129: "cp949", 134: "gb18030", 136: "big5"}
_PROPERTY = re.compile(rb"\{\\propname ([^{}]{1,200})\}\s*\\proptype30\s*\{\\staticval ([^{}]{0,2000})\}")
_KEYWORDS = re.compile(rb"\{\\(?:keywords|subject|\*\\docvar) ([^{}]{0,2000})\}")
_BOOKMARK = re.compile(rb"\{\\\*\\bkmkstart ([^{}]{1,80})\}")
# Where pictures are letterheads, bullets, or the same picture once more for older programs.
_PICTURELESS = _KEPT | {"nonshppict", "listpicture"}


def read_rich_text(data: bytes, fields: Sequence[FormField]) -> FormReading:
    """Code, fields and text of an .rtf; a damaged one gives what could be read of it."""
    reader = _Reader(_codepage(data))
    text = reader.read(data[:BYTES_MAX])
    images = counted(rich_pictures(data, reader.places))
    properties = {_plain(name): _plain(value) for name, value in _PROPERTY.findall(data)}
    codes = CodeFinder()
    codes.add(CodeFrom.CUSTOM_PROPERTY, properties.get("nc.token", ""))
    codes.add(CodeFrom.CORE_PROPERTY, " ".join(_plain(each) for each in _KEYWORDS.findall(data)))
    codes.add_bookmarks(_plain(each) for each in _BOOKMARK.findall(data))
    for code in find_codes(data[: 4 * CHARACTERS_MAX].decode("latin-1")) if not codes.codes else ():
        codes.add(CodeFrom.RAW, code)
    codes.add_printed(f"{text}\n{reader.margins}")
    readable = text.replace(CELL, "\t")
    values, ours = ours_told_apart(cell_answers(text, fields), properties)
    return FormReading(
        codes=codes.codes,
        codes_from=codes.carriers,
        fields=values,
        prefilled=ours,
        text=readable,
        headings=tuple(dict.fromkeys(head for line in readable.split("\n") for head in headings_of(line))),
        pictures=len(images),
        images=images,
        flags=() if re.search(r"\w", text) else ("no-text",),
    )


def _codepage(data: bytes) -> str:
    found = re.search(rb"\\ansicpg(\d{3,5})", data[:4096])
    return {b"936": "gb18030", b"950": "big5", b"65001": "utf-8"}.get(found[1] if found else b"", "cp1252")


def _plain(raw: bytes) -> str:
    """A property's or bookmark's text, its own escapes read."""
    return _Reader("gb18030").read(raw).strip()


@dataclass(slots=True)
class _State:
    """What holds inside one pair of braces."""

    is_aside: bool = False
    is_margin: bool = False
    charset: str = ""
    skip: int = 1  # how many substitute characters follow a \u
    is_starred: bool = False
    is_pictureless: bool = False


@dataclass(slots=True)
class _Reader:
    """Walks the tokens once; text is gathered as bytes of one charset until something else comes."""

    charset: str
    margins: str = ""
    places: list[int] = field(default_factory=list)  # where pictures begin
    _out: list[str] = field(default_factory=list)
    _margin: list[str] = field(default_factory=list)
    _bytes: bytearray = field(default_factory=bytearray)
    _bytes_in: str = ""
    _fonts: dict[int, str] = field(default_factory=dict)
    _font: int | None = None
    _stack: list[_State] = field(default_factory=lambda: [_State()])
    _skipping: int = 0
    _size: int = 0

    def read(self, data: bytes) -> str:
        for number, token in enumerate(_TOKEN.finditer(data)):
            if number > TOKENS_MAX or self._size > CHARACTERS_MAX or not self._take(token):
                break
        self._flush()
        self.margins = "".join(self._margin)
        # Characters above the first plane come as two halves.
        return "".join(self._out).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def _take(self, token: re.Match[bytes]) -> bool:
        escaped, word, number, sign, brace, plain = token.groups()
        if escaped is not None:
            self._letters(bytes([int(escaped, 16)]))
        elif word is not None:
            if word == b"pict" and not self._state.is_pictureless:
                self.places.append(token.end())
            self._word(word.decode("ascii"), int(number) if number else None)
        elif sign is not None:
            self._sign(sign)
        elif brace is not None:
            return self._brace(brace)
        elif plain is not None:
            self._letters(plain)
        return True

    @property
    def _state(self) -> _State:
        return self._stack[-1]

    def _brace(self, brace: bytes) -> bool:
        self._flush()
        self._skipping = 0
        if brace == b"{":
            above = self._state
            self._stack.append(replace(above, is_starred=False))
            return len(self._stack) <= DEPTH_MAX
        if len(self._stack) > 1:
            self._stack.pop()
        return True

    def _sign(self, sign: bytes) -> None:
        if sign == b"*":
            self._state.is_starred = True
        elif sign in b"\\{}":
            self._letters(sign)
        elif sign == b"~":
            self._put(" ")
        elif sign == b"_":
            self._put("-")
        elif sign in b"\r\n":
            self._put("\n")

    def _word(self, word: str, number: int | None) -> None:
        state = self._state
        state.is_pictureless |= word in _PICTURELESS
        if word in _ASIDE or (state.is_starred and word != "shppict"):
            self._flush()
            state.is_aside = True
            state.is_margin = word in _KEPT
        elif word in _SIGNS:
            self._put(_SIGNS[word])
        elif word == "u" and number is not None:
            self._unicode(number)
        elif word == "uc":
            state.skip = max(0, min(number or 0, 8))
        elif word == "f" and number is not None:
            self._flush()
            self._font = number
            state.charset = self._fonts.get(number, "")
        elif word == "fcharset" and self._font is not None:
            self._fonts[self._font] = _CHARSETS.get(number or 0, "")
        elif word == "plain":
            self._flush()
            state.charset = ""

    def _unicode(self, number: int) -> None:
        self._flush()
        self._put(chr(number & 0xFFFF))
        self._skipping = self._state.skip

    def _letters(self, raw: bytes) -> None:
        if self._skipping:
            taken = min(self._skipping, len(raw))
            self._skipping -= taken
            raw = raw[taken:]
        charset = self._state.charset or self.charset
        if self._bytes and charset != self._bytes_in:
            self._flush()
        self._bytes_in = charset
        self._bytes += raw

    def _put(self, text: str) -> None:
        self._flush()
        self._add(text)

    def _flush(self) -> None:
        if self._bytes:
            text = self._bytes.decode(self._bytes_in or self.charset, "replace")
            self._bytes.clear()
            self._add(text)

    def _add(self, text: str) -> None:
        # A picture's figures are no text: a photograph before the words must not use up their allowance.
        self._size += 0 if self._state.is_aside and not self._state.is_margin else len(text)
        if self._state.is_margin:
            self._margin.append(text)
        elif not self._state.is_aside:
            self._out.append(text)
