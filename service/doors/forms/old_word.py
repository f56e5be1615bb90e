"""A returned .doc or .wps: the text of Word's binary format, read from its piece table."""

from __future__ import annotations

import io
import re
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import olefile

from service.doors.forms import grid
from service.doors.forms.answers import ours_told_apart, without_lone_noes
from service.doors.forms.blips import blips
from service.doors.forms.codes import CodeFinder
from service.doors.forms.headings import headings_of
from service.doors.forms.labels import known_labels, settle
from service.doors.forms.pictures import counted
from service.doors.forms.typed import typed_values
from service.office.campaign import FormField
from service.office.code import find_codes
from service.office.form import CodeFrom, FieldValue, FormReading, FoundBy

CHARACTERS_MAX = 2_000_000
ANTIWORD_SECONDS = 10
_RAW_CODE = re.compile(rb"[0-9A-Z]{4}-[0-9A-Z]{4}")
_RAW_CODE_WIDE = re.compile(rb"(?:[0-9A-Z]\0){4}-\0(?:[0-9A-Z]\0){4}")
CELL = "\x07"  # ends a cell; two together end a row
_FIELD_CODE = re.compile("\x13[^\x13\x14\x15]*(?:\x14([^\x13\x14\x15]*))?\x15")


def read_old_word(data: bytes, fields: Sequence[FormField]) -> FormReading:
    """Code, fields and text of an OLE2 file; other OLE2 files (.xls, .msg) give only their codes."""
    codes = CodeFinder()
    flags: list[str] = []
    text = ""
    properties: dict[str, str] = {}
    images: tuple[str, ...] = ()
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as store:
            if store.exists("EncryptedPackage") or store.exists("EncryptionInfo"):
                return FormReading(flags=("encrypted",))
            if store.exists("Macros") or store.exists("_VBA_PROJECT_CUR"):
                flags.append("macro")
            codes.add(CodeFrom.CORE_PROPERTY, _keywords(store))
            properties = _properties(store)
            codes.add(CodeFrom.CUSTOM_PROPERTY, properties.get("nc.token", ""))
            images = counted(blips(store))
            text = _text(store)
    except _Locked:
        return FormReading(flags=("encrypted",))
    except Exception:  # olefile and a crooked piece table raise anything; the raw search still answers
        flags.append("unreadable")
    text = text or _antiword(data)
    for code in _raw_codes(data):
        codes.add(CodeFrom.RAW, code)
    codes.add_printed(text)
    if not text.strip() and "unreadable" not in flags:
        flags.append("no-text")
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
        flags=tuple(flags),
    )


class _Locked(Exception):
    """The document asks for a password."""


def _text(store: olefile.OleFileIO) -> str:
    """All text by the piece table [MS-DOC 2.4.1], or nothing where this is no Word 97 or later."""
    if not store.exists("WordDocument"):
        return ""
    stream = store.openstream("WordDocument").read()
    if len(stream) < 0x1AA or struct.unpack_from("<H", stream, 0)[0] != 0xA5EC:
        return ""
    switches = struct.unpack_from("<H", stream, 0x0A)[0]
    if switches & 0x0100:
        raise _Locked
    table = store.openstream("1Table" if switches & 0x0200 else "0Table").read()
    start, size = struct.unpack_from("<II", stream, 0x01A2)
    pieces = _piece_table(table[start : start + size])
    whole = "".join(_piece(stream, *piece) for piece in pieces)[:CHARACTERS_MAX]
    return _tidy(whole)


def _piece_table(clx: bytes) -> list[tuple[int, int]]:
    """Offset (with the compression bit) and number of characters of each piece."""
    at = 0
    while at < len(clx) and clx[at] == 0x01:
        at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
    size = struct.unpack_from("<I", clx, at + 1)[0]
    plc = clx[at + 5 : at + 5 + size]
    count = (len(plc) - 4) // 12
    ends = struct.unpack_from(f"<{count + 1}I", plc, 0)
    offsets = [struct.unpack_from("<I", plc, 4 * (count + 1) + 8 * n + 2)[0] for n in range(count)]
    return [(offset, ends[n + 1] - ends[n]) for n, offset in enumerate(offsets)]


def _piece(stream: bytes, offset: int, length: int) -> str:
    length = min(length, CHARACTERS_MAX)
    if offset & 0x40000000:
        begin = (offset & 0x3FFFFFFF) // 2
        return stream[begin : begin + length].decode("cp1252", "replace")
    return stream[offset : offset + 2 * length].decode("utf-16-le", "replace")


def _tidy(raw: str) -> str:
    for _ in range(5):  # fields may be nested
        raw = _FIELD_CODE.sub(lambda found: found[1] or "", raw)
    raw = raw.replace("\r", "\n").replace("\x0b", "\n").replace("\x0c", "\n").replace("\x1e", "-")
    return re.sub("[\x00-\x06\x08\x0e-\x1f]", "", raw)


def cell_answers(text: str, fields: Sequence[FormField]) -> tuple[FieldValue, ...]:
    """Answers in a text whose cells end with a mark, and whose rows end with two."""
    by_key = {field.key: field for field in fields}
    rows = [row.split(CELL) for row in _rows(text)]
    pairs = grid.labelled(rows, known_labels(fields)) if fields else grid.unlabelled(rows)
    found: dict[str, FieldValue] = {}
    for key, label, value, found_by in pairs:
        if settled := settle(value, by_key.get(key)):
            found.setdefault(
                key, FieldValue(key, by_key[key].label if key in by_key else label, settled, found_by)
            )
    loose = [line for line in text.split("\n") if CELL not in line]
    cells = [cell for row in rows for cell in row if ":" in cell or "：" in cell]
    for key, value in typed_values("\n".join([*loose, *cells]), fields).items():
        found.setdefault(key, FieldValue(key, by_key[key].label, value, FoundBy.PARAGRAPH))
    return without_lone_noes(found.values())


def _rows(text: str) -> list[str]:
    """Rows of tables: cells run on until two marks together; what precedes a first cell is plain text."""
    rows = []
    for chunk in text.split(CELL * 2):
        if CELL in chunk:
            first, rest = chunk.split(CELL, 1)
            rows.append(first.rsplit("\n", 1)[-1] + CELL + rest)
    return rows


def _keywords(store: olefile.OleFileIO) -> str:
    meta = store.get_metadata()
    words = [meta.keywords, meta.subject, meta.comments]
    return " ".join(word.decode("utf-8", "replace") for word in words if isinstance(word, bytes))


def _properties(store: olefile.OleFileIO) -> dict[str, str]:
    """The user-defined properties; their charset is the writing program's own."""
    name = "\x05DocumentSummaryInformation"
    if not store.exists(name):
        return {}
    found = store.get_userdefined_properties(name)
    return {str(each["property_name"]): _decode(each["value"]) for each in found}


def _decode(value: object) -> str:
    if not isinstance(value, bytes):
        return str(value)
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("gb18030", "replace")


def _raw_codes(data: bytes) -> tuple[str, ...]:
    """Codes in the bytes as they are, narrow or wide, beside our own names for them."""
    near = [
        found.group().replace(b"\0", b"").decode("ascii")
        for pattern in (_RAW_CODE, _RAW_CODE_WIDE)
        for found in pattern.finditer(data)
    ]
    return find_codes(" ".join(dict.fromkeys(near)))


def _antiword(data: bytes) -> str:
    """For Word 6 and 95, where the program is installed; its rows are `|label|value|`."""
    program = shutil.which("antiword")
    if program is None or not data.startswith(b"\xd0\xcf\x11\xe0"):
        return ""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "form.doc"
        file.write_bytes(data)
        try:
            done = subprocess.run(
                [program, "-m", "UTF-8.txt", "-w", "0", str(file)],
                capture_output=True,
                timeout=ANTIWORD_SECONDS,
                check=False,
                env={"HOME": folder, "LANG": "C.UTF-8"},
            )
        except (subprocess.TimeoutExpired, OSError):
            return ""
    text = done.stdout[: 4 * CHARACTERS_MAX].decode("utf-8", "replace")
    lines = [
        CELL.join(cell.strip() for cell in line.strip().strip("|").split("|")) + CELL * 2
        if line.strip().startswith("|")
        else line
        for line in text.split("\n")
    ]
    return "\n".join(lines)
