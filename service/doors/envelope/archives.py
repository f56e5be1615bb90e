"""What lies inside a zip, 7z, rar or winmail.dat: names mended, bombs and passwords named, nothing raised."""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass, field

from service.doors.envelope.charset import guess
from service.doors.envelope.limits import (
    ARCHIVE_BYTES_MAX,
    ARCHIVE_MEMBERS_MAX,
    ARCHIVE_RATIO_FLOOR_BYTES,
    ARCHIVE_RATIO_MAX,
)
from service.office.letter import Flag

# What systems put into archives unasked.
_LITTER = {".DS_Store", "Thumbs.db", "desktop.ini"}
# Nobody sends an empty one of these; winmail.dat and zip may well hold nothing.
_NEVER_EMPTY = {"application/x-7z-compressed", "application/x-rar"}
UNPACKED = {"application/zip", "application/x-7z-compressed", "application/x-rar", "application/ms-tnef"}


@dataclass(slots=True)
class Budget:
    """How many unpacked bytes and members a letter may still bring."""

    bytes_left: int = ARCHIVE_BYTES_MAX
    members_left: int = ARCHIVE_MEMBERS_MAX


@dataclass(slots=True)
class Unpacked:
    """Files found, flags for the archive itself, and sentences about what was left."""

    members: list[tuple[str, bytes]] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)
    text: str = ""  # the message a winmail.dat carries beside its files


class _IsBomb(Exception):
    """The archive promises or yields more than the letter's budget."""


def unpack(data: bytes, media_type: str, name: str, budget: Budget) -> Unpacked:
    """The files of an archive; on any damage whatever could be read, with the archive flagged."""
    found = Unpacked()
    try:
        match media_type:
            case "application/zip":
                _zip(data, found, budget)
            case "application/x-7z-compressed":
                _seven_zip(data, found, budget)
            case "application/x-rar":
                _rar(data, found, budget)
            case "application/ms-tnef":
                _tnef(data, found, budget)
            case _:
                return found
    except _IsBomb:
        found.flags.append(Flag.BOMB)
        found.trouble.append(f"压缩包“{name}”解开后过大或文件过多，没有全部解开，请人工核对")
    if media_type in _NEVER_EMPTY and not found.members and not found.flags:
        found.flags.append(Flag.UNREADABLE)
    if Flag.ENCRYPTED in found.flags:
        found.trouble.append(f"压缩包“{name}”有密码，打不开")
    elif Flag.UNREADABLE in found.flags:
        found.trouble.append(f"“{name}”损坏或格式不识别，没有全部解开")
    return found


def _promise(budget: Budget, members: int, unpacked: int, packed: int) -> None:
    if members > budget.members_left or unpacked > budget.bytes_left:
        raise _IsBomb
    if unpacked > ARCHIVE_RATIO_FLOOR_BYTES and unpacked > ARCHIVE_RATIO_MAX * max(packed, 1):
        raise _IsBomb


def _take(budget: Budget, found: Unpacked, name: str, data: bytes) -> None:
    budget.members_left -= 1
    budget.bytes_left -= len(data)
    if budget.bytes_left < 0 or budget.members_left < 0:
        raise _IsBomb
    found.members.append((name, data))


def _flag(found: Unpacked, flag: Flag) -> None:
    if flag not in found.flags:
        found.flags.append(flag)


_ZIP_DAMAGE = (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, EOFError, KeyError)


def _zip(data: bytes, found: Unpacked, budget: Budget) -> None:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except _ZIP_DAMAGE:
        _flag(found, Flag.UNREADABLE)
        return
    with archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        _promise(budget, len(infos), sum(info.file_size for info in infos), len(data))
        for info in infos:
            name = _zip_name(info)
            if _is_litter(name):
                continue
            if info.flag_bits & 1:
                _flag(found, Flag.ENCRYPTED)
                continue
            try:
                with archive.open(info) as member:
                    content = member.read(budget.bytes_left + 1)
            except (*_ZIP_DAMAGE, RuntimeError):
                _flag(found, Flag.UNREADABLE)
                continue
            _take(budget, found, name, content)


def _zip_name(info: zipfile.ZipInfo) -> str:
    # zipfile reads an unmarked name as CP437, which loses no byte, so the true bytes come back.
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return guess(info.orig_filename.encode("cp437"))
    except UnicodeError:
        return info.filename


def _is_litter(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rpartition("/")[2] in _LITTER


def _seven_zip(data: bytes, found: Unpacked, budget: Budget) -> None:
    import py7zr
    from py7zr.io import BytesIOFactory

    try:
        with py7zr.SevenZipFile(io.BytesIO(data)) as archive:
            if archive.needs_password():
                _flag(found, Flag.ENCRYPTED)
                return
            files = [each for each in archive.list() if not each.is_directory]
            _promise(budget, len(files), sum(each.uncompressed for each in files), len(data))
            factory = BytesIOFactory(budget.bytes_left)
            archive.extractall(factory=factory)
        for name, product in factory.products.items():
            if not _is_litter(name):
                product.seek(0)
                _take(budget, found, name, product.read())
    except _IsBomb:
        raise
    except Exception as error:  # lzma, struct and its own errors come through, passwords late
        _flag(found, Flag.ENCRYPTED if "assword" in type(error).__name__ + str(error) else Flag.UNREADABLE)


def _rar(data: bytes, found: Unpacked, budget: Budget) -> None:
    import rarfile

    try:
        with rarfile.RarFile(io.BytesIO(data)) as archive:
            if archive.needs_password():
                _flag(found, Flag.ENCRYPTED)
            files = [each for each in archive.infolist() if each.is_file()]
            _promise(budget, len(files), sum(each.file_size or 0 for each in files), len(data))
            for info in files:
                if _is_litter(info.filename) or info.needs_password():
                    continue
                _take(budget, found, info.filename, archive.read(info))
    except _IsBomb:
        raise
    except rarfile.PasswordRequired:
        _flag(found, Flag.ENCRYPTED)
    except Exception:  # without a system unrar only stored members open, and damage surfaces as many types
        _flag(found, Flag.UNREADABLE)


def _tnef(data: bytes, found: Unpacked, budget: Budget) -> None:
    from tnefparse import TNEF

    try:
        tnef = TNEF(data, do_checksum=False)
    except Exception:  # tnefparse has no error of its own; struct.error, IndexError were seen
        _flag(found, Flag.UNREADABLE)
        for name, content in _tnef_by_hand(data):
            _take(budget, found, name, content)
        return
    for attachment in tnef.attachments:
        _take(budget, found, _tnef_name(attachment), bytes(attachment.data or b""))
    body = getattr(tnef, "body", None)
    if isinstance(body, bytes):
        found.text = guess(body.rstrip(b"\0"))
    elif isinstance(body, str):
        found.text = body.rstrip("\0")


_TNEF_TITLE, _TNEF_DATA, _TNEF_NEW = 0x8010, 0x800F, 0x9002


def _tnef_by_hand(data: bytes) -> list[tuple[str, bytes]]:
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


def _tnef_name(attachment: object) -> str:
    try:
        name = attachment.long_filename()  # type: ignore[attr-defined]  # tnefparse is untyped
    except (UnicodeError, AttributeError, TypeError):
        name = getattr(attachment, "_name", b"")
    text = guess(bytes(name)) if isinstance(name, bytes | bytearray) else str(name)
    return text.strip("\0 ")
