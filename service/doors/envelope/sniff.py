"""What a file is by its content, and what is dangerous or closed about it."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass

import olefile

from service.doors.envelope.dangers import Dangers, is_executable, look_into_ole, look_into_package
from service.doors.envelope.limits import SNIFF_BYTES
from service.doors.envelope.sealed import SEALED_TYPES, Seal, open_sealed
from service.office.letter import Flag

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"{\\rtf", "application/rtf"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/x-rar"),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"\x78\x9f\x3e\x22", "application/ms-tnef"),
    (b"MZ", "application/x-dosexec"),
    (b"\x7fELF", "application/x-executable"),
    (b"\xca\xfe\xba\xbe", "application/java-vm"),
    (b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "application/x-ms-shortcut"),
)
_EXECUTABLE_TYPES = {
    "application/x-dosexec", "application/x-executable", "application/java-vm",
    "application/x-mach-binary", "application/x-ms-shortcut", "application/x-msi",
}  # fmt: skip
_OPEN_XML = (
    ("word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
)
_OFFICE = {media_type for _, media_type in _OPEN_XML}
_ZIP_DAMAGE = (
    zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, RuntimeError, EOFError,
    KeyError,
)  # fmt: skip
_OLE = (
    ("WordDocument", "application/msword"),
    ("Workbook", "application/vnd.ms-excel"),
    ("Book", "application/vnd.ms-excel"),
    ("PowerPoint Document", "application/vnd.ms-powerpoint"),
    ("EncryptedPackage", "application/encrypted-office"),
    ("__properties_version1.0", "application/vnd.ms-outlook"),
)
_OLE_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENDINGS = {
    "csv": "text/csv", "txt": "text/plain", "md": "text/markdown", "html": "text/html", "htm": "text/html",
    "xml": "application/xml", "json": "application/json", "eml": "message/rfc822", "ics": "text/calendar",
}  # fmt: skip
_PLAIN = {"text/plain", "application/octet-stream", "application/x-empty", "inode/x-empty", ""}


@dataclass(frozen=True, slots=True)
class Kind:
    """Media type by content, and the flags that follow from it."""

    type: str
    flags: tuple[Flag, ...] = ()
    said: tuple[str, ...] = ()  # what the flags' own words do not explain


def sniff(data: bytes, name: str, declared: str) -> Kind:
    """What the bytes are; name and declaration decide only where the content does not."""
    kind = _by_content(data, name, declared)
    if kind.type in _EXECUTABLE_TYPES or is_executable(data, name):
        return Kind(kind.type, (*kind.flags, Flag.EXECUTABLE), kind.said)
    return kind


def _by_content(data: bytes, name: str, declared: str) -> Kind:
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return _zip_kind(data)
    if data[:8] == _OLE_SIGNATURE:
        return _ole_kind(data)
    for signature, media_type in _MAGIC:
        if data.startswith(signature):
            return Kind(media_type, _pdf_flags(data) if signature == b"%PDF-" else ())
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Kind("image/webp")
    if data[:2] == b"BM" and len(data) > 26 and int.from_bytes(data[2:6], "little") <= len(data) + 4:
        return Kind("image/bmp")
    if data[4:8] == b"ftyp":
        is_heic = data[8:12] in (b"heic", b"heix", b"mif1", b"heif", b"hevc", b"msf1")
        return Kind("image/heic" if is_heic else "video/mp4")
    if b"%PDF-" in data[:1024]:
        return Kind("application/pdf", _pdf_flags(data))
    if declared in SEALED_TYPES or name.lower().endswith(".p7m"):
        is_closed = open_sealed(data).seal is Seal.ENCIPHERED
        return Kind("application/pkcs7-mime", (Flag.ENCRYPTED if is_closed else Flag.UNREADABLE,))
    return Kind(_softer(data, name, declared))


def _softer(data: bytes, name: str, declared: str) -> str:
    """Files without a signature: libmagic where it is, then the ending, then what the sender said."""
    guessed = _libmagic(data[:SNIFF_BYTES]) or ("text/plain" if _looks_like_text(data) else "")
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if guessed.startswith("text/") or guessed in _PLAIN:
        if _looks_like_text(data) and ending in _ENDINGS:
            return _ENDINGS[ending]
        if declared and declared not in _PLAIN and not declared.startswith("multipart/"):
            return declared
    return guessed or declared or "application/octet-stream"


def _libmagic(data: bytes) -> str:
    try:
        import magic
    except (ImportError, OSError):
        # The library is a system package that a slim image may lack; our own table then has to do.
        return ""
    try:
        return str(magic.from_buffer(data, mime=True))
    except (magic.MagicException, UnicodeError):
        return ""


def _looks_like_text(data: bytes) -> bool:
    return b"\0" not in data[:SNIFF_BYTES]


def _zip_kind(data: bytes) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            media_type = _zip_type(archive, [info.filename for info in infos])
            flags = [Flag.ENCRYPTED] if any(info.flag_bits & 1 for info in infos) else []
            if media_type not in _OFFICE:
                return Kind(media_type, tuple(flags))
            found = look_into_package(archive)
            return Kind(media_type, (*flags, *found.flags), tuple(found.said))
    except _ZIP_DAMAGE:
        return Kind("application/zip", (Flag.UNREADABLE,))


def _zip_type(archive: zipfile.ZipFile, names: list[str]) -> str:
    if "OFD.xml" in names:
        return "application/ofd"
    if "[Content_Types].xml" in names:
        for prefix, media_type in _OPEN_XML:
            if any(each.startswith(prefix) for each in names):
                return media_type
    if names[:1] == ["mimetype"] and archive.getinfo("mimetype").file_size < 200:
        return archive.read("mimetype").decode("ascii", "replace").strip()
    if "META-INF/MANIFEST.MF" in names and any(each.endswith(".class") for each in names):
        return "application/java-archive"
    return "application/zip"


def _ole_kind(data: bytes) -> Kind:
    found = Dangers()
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            tops = {path[0] for path in ole.listdir(streams=True, storages=True)}
            if "EncryptedPackage" in tops or _is_word_encrypted(ole, tops):
                found.add(Flag.ENCRYPTED)
            look_into_ole(ole, found)
            if not tops:
                # Cut off inside its directory: nothing of it can be reached.
                found.add(Flag.UNREADABLE)
    except Exception:  # olefile raises whatever a damaged table leads to: IndexError, struct.error, its own
        return Kind("application/x-ole-storage", (Flag.UNREADABLE,))
    media_type = next((kind for mark, kind in _OLE if mark in tops), "application/x-ole-storage")
    return Kind(media_type, tuple(found.flags), tuple(found.said))


def _is_word_encrypted(ole: olefile.OleFileIO, tops: set[str]) -> bool:
    # Word 97–2003: bit fEncrypted (0x0100) of the flags at offset 10 of the FIB [MS-DOC 2.5.2].
    if "WordDocument" not in tops:
        return False
    head = ole.openstream("WordDocument").read(12)
    return len(head) == 12 and bool(int.from_bytes(head[10:12], "little") & 0x0100)


def _pdf_flags(data: bytes) -> tuple[Flag, ...]:
    # The trailer stands at the end; in a linearised file a first one stands at the beginning.
    ends = data[:4096] + data[-8192:]
    return (Flag.ENCRYPTED,) if re.search(rb"/Encrypt\s+\d+\s+\d+\s+R|/Encrypt\s*<<", ends) else ()
