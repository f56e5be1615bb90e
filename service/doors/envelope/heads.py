"""Header blocks: raw bytes to names and values, encoded words, parameters and file names."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from service.doors.envelope.charset import decode, guess, normalise_label
from service.doors.envelope.limits import HEAD_BYTES_MAX

_FIELD = re.compile(rb"([!-9;-~]{1,80})[ \t]*:[ \t]*")
_LINE_END = re.compile(rb"\r\n|\n|\r")
_WORD = re.compile(rb"=\?([^?\s]{1,60})\?([bBqQ])\?(.*?)\?=", re.DOTALL)
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2}){3}")
_TYPE = re.compile(rb"\s*[\w.+-]{1,80}/[\w.+-]{1,120}(?=\s)")
_EXTENDED = re.compile(r"^([^*]+)(?:\*(\d+))?(\*)?$")


@dataclass(frozen=True, slots=True)
class Head:
    """The header block of a letter or a part: names in lower case, values unfolded, still bytes."""

    fields: tuple[tuple[str, bytes], ...]

    def raw(self, name: str) -> bytes:
        """The first value of a field, or nothing."""
        return next((value for each, value in self.fields if each == name), b"")

    def text(self, name: str) -> str:
        """The first value, decoded."""
        return decode_header(self.raw(name))

    def all(self, name: str) -> list[bytes]:
        """Every value of a field."""
        return [value for each, value in self.fields if each == name]


def read_head(data: bytes, start: int, end: int) -> tuple[Head, int]:
    """The header block that begins at `start`, and where the body begins.

    A line that is neither field nor continuation is skipped while more fields follow, else the body begins.
    """
    fields: list[tuple[str, bytearray]] = []
    position, limit = start, min(end, start + HEAD_BYTES_MAX)
    while position < limit:
        line_end = _LINE_END.search(data, position, end)
        stop, following = (line_end.start(), line_end.end()) if line_end else (end, end)
        if stop == position:
            return _head(fields), following
        line = data[position:stop]
        field = _FIELD.match(line)
        if line[:1] in b" \t" and fields:
            if not line.strip():
                # A line of blanks only: some gateways end the header that way.
                if not _FIELD.match(data, following, end) and data[following : following + 1] not in (
                    b" ",
                    b"\t",
                ):
                    return _head(fields), following
            else:
                fields[-1][1].extend(b" " + line.strip())
        elif field:
            fields.append((field.group(1).decode("ascii").lower(), bytearray(line[field.end() :].strip())))
        elif not (line.startswith((b"From ", b">From ")) and not fields) and not _more_fields(
            data, following, end
        ):
            return _head(fields), position
        position = following
    return _head(fields), position


def _more_fields(data: bytes, position: int, end: int) -> bool:
    return _FIELD.match(data, position, end) is not None


def _head(fields: list[tuple[str, bytearray]]) -> Head:
    return Head(tuple((name, bytes(value)) for name, value in fields))


def decode_header(value: bytes) -> str:
    """A header's text: encoded words joined as bytes before decoding, the rest guessed."""
    return "".join(text for text, _ in header_pieces(value))


def header_pieces(value: bytes) -> list[tuple[str, bool]]:
    """Pieces of a header in order: text, and whether it stood in an encoded word."""
    if b"=?" not in value:
        return [(guess(value), False)]
    pieces: list[tuple[str, bool]] = []
    run: list[tuple[str, bytes, bytes]] = []
    position = 0
    for word in _WORD.finditer(value):
        between = value[position : word.start()]
        charset = word.group(1).split(b"*")[0].decode("ascii", "replace")
        if between.strip():
            _flush(run, pieces)
            pieces.append((guess(between), False))
        elif run and normalise_label(run[-1][0]) != normalise_label(charset):
            _flush(run, pieces)
        elif between and not run:
            pieces.append((" ", False))
        run.append((charset, word.group(2).upper(), word.group(3)))
        position = word.end()
    _flush(run, pieces)
    if value[position:]:
        pieces.append((guess(value[position:]), False))
    return pieces


def _flush(run: list[tuple[str, bytes, bytes]], pieces: list[tuple[str, bool]]) -> None:
    if run:
        pieces.append((_decode_run(run), True))
        run.clear()


def _decode_run(run: list[tuple[str, bytes, bytes]]) -> str:
    """Neighbouring words of one charset: bytes joined first, as a character may be cut between them.

    Base64 may even be cut inside a group of four letters; then the letters are joined before the bytes.
    """
    charset = run[0][0]
    joined = b"".join(
        _decode_q(word) if encoding == b"Q" else decode_base64(word) for _, encoding, word in run
    )
    if all(encoding == b"B" for _, encoding, _ in run) and any(len(word) % 4 for _, _, word in run[:-1]):
        try:
            return joined.decode(normalise_label(charset) or "ascii")
        except UnicodeError:
            return decode(decode_base64(b"".join(word for _, _, word in run)), charset)
    return decode(joined, charset)


def _decode_q(payload: bytes) -> bytes:
    return binascii.a2b_qp(payload.replace(b" ", b"_"), header=True)


_BASE64_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64 = bytes(set(range(256)) - set(_BASE64_ALPHABET + b"="))


# What may stand behind the padding: line ends and a list's footer; more is looked at letter by letter.
_BASE64_TAIL_MAX = 4_096
_PADDING = re.compile(b"=")


def decode_base64(data: bytes | memoryview) -> bytes:
    """Base64 whatever stands between its letters, with padding missing or in the middle; never raises."""
    return _sound_base64(data) or _mended_base64(data)


def _sound_base64(data: bytes | memoryview) -> bytes:
    """Well-formed base64 decoded where it lies; nothing where padding is missing or stands in the middle."""
    padding = _PADDING.search(data)
    if padding is not None:
        tail = data[padding.start() : padding.start() + _BASE64_TAIL_MAX + 1]
        if len(tail) > _BASE64_TAIL_MAX or bytes(tail).translate(None, _NOT_BASE64).strip(b"="):
            return b""
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        return b""


def _mended_base64(data: bytes | memoryview) -> bytes:
    letters = bytes(data).translate(None, _NOT_BASE64)
    body = letters.rstrip(b"=")
    if b"=" not in body:
        if len(body) % 4 == 1:
            body = body[:-1]
        return base64.b64decode(body + b"=" * (-len(body) % 4))
    return b"".join(_mended_base64(piece) for piece in body.split(b"=") if piece)


def read_parameters(value: bytes) -> tuple[str, dict[str, str]]:
    """A structured header: its main value in lower case, and its parameters as mail really writes them."""
    main, _, rest = value.partition(b";")
    bare = _TYPE.match(main)
    if bare and b"=" in main[bare.end() :]:
        # A forgotten semicolon: “text/plain charset=…”.
        main, rest = bare.group(0), main[bare.end() :] + b";" + rest
    pieces: dict[str, list[tuple[int, bool, bytes]]] = {}
    for name, raw in _scan(rest):
        shape = _EXTENDED.match(name)
        if not shape:
            continue
        number = int(shape.group(2)[:4]) if shape.group(2) else 0
        kind = shape.group(1) + ("*" if shape.group(2) or shape.group(3) else "")
        pieces.setdefault(kind, []).append((number, bool(shape.group(3)), raw))
    found: dict[str, str] = {}
    for kind, parts in pieces.items():
        if kind.endswith("*"):
            # The extended form is the sender's better knowledge, wherever it stands.
            found[kind[:-1]] = _extended(parts)
        elif kind + "*" not in pieces:
            found[kind] = _plain(parts[0][2])
    return main.strip().strip(b'"').decode("latin-1").lower().replace(" ", ""), found


def _scan(rest: bytes) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    position = 0
    while position < len(rest):
        equals = rest.find(b"=", position)
        if equals < 0:
            break
        name = rest[position:equals].strip(b" \t;\r\n").decode("latin-1").lower()
        position = equals + 1
        while position < len(rest) and rest[position] in b" \t":
            position += 1
        if rest[position : position + 1] == b'"':
            raw, position = _quoted(rest, position + 1)
        else:
            stop = rest.find(b";", position)
            stop = len(rest) if stop < 0 else stop
            raw, position = rest[position:stop].strip(), stop
        found.append((name.rpartition(";")[2].strip(), raw))
        semicolon = rest.find(b";", position)
        position = len(rest) if semicolon < 0 else semicolon + 1
    return found


def _quoted(rest: bytes, position: int) -> tuple[bytes, int]:
    out = bytearray()
    while position < len(rest):
        byte = rest[position]
        if byte == 0x5C and position + 1 < len(rest) and rest[position + 1] in b'"\\':
            out.append(rest[position + 1])
            position += 2
        elif byte == 0x22:
            return bytes(out), position + 1
        else:
            out.append(byte)
            position += 1
    return bytes(out), position


def _extended(parts: list[tuple[int, bool, bytes]]) -> str:
    ordered = sorted(parts, key=lambda part: part[0])
    charset, joined = "", b""
    if ordered[0][1] and ordered[0][2].count(b"'") >= 2:
        label, _, rest = ordered[0][2].split(b"'", 2)
        charset = label.decode("latin-1")
        ordered[0] = (ordered[0][0], True, rest)
    for _, is_percent, raw in ordered:
        joined += unquote_to_bytes(raw) if is_percent else raw
    if b"=?" in joined:
        return decode_header(joined)
    return decode(joined, charset)


def _plain(raw: bytes) -> str:
    text = decode_header(raw)
    if text.isascii() and _PERCENT.search(text):
        return decode(unquote_to_bytes(text), "utf-8")
    return text
