"""What lies inside a zip, 7z, rar or winmail.dat: names mended, bombs and passwords named, nothing raised."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import TYPE_CHECKING

from service.doors.envelope.charset import guess
from service.doors.envelope.dangers import is_executable
from service.doors.envelope.outlook import read_message_file
from service.doors.envelope.unpacked import Budget, IsBomb, Unpacked, mark, promise, take
from service.doors.envelope.winmail import read_winmail
from service.office.letter import Flag

if TYPE_CHECKING:
    import rarfile

# What systems put into archives unasked.
_LITTER = {".DS_Store", "Thumbs.db", "desktop.ini"}
# Nobody sends an empty one of these; winmail.dat and zip may well hold nothing.
_NEVER_EMPTY = {"application/x-7z-compressed", "application/x-rar"}
UNPACKED = {
    "application/zip", "application/x-7z-compressed", "application/x-rar", "application/ms-tnef",
    "application/vnd.ms-outlook",
}  # fmt: skip
_LOCKED_NAMES_SAID = 5


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
                read_winmail(data, found, budget)
            case "application/vnd.ms-outlook":
                read_message_file(data, found, budget)
            case _:
                return found
    except IsBomb:
        found.flags.append(Flag.BOMB)
        found.trouble.append(f"压缩包“{name}”解开后过大或文件过多，没有全部解开，请人工核对")
    if media_type in _NEVER_EMPTY and not found.members and not found.flags:
        found.flags.append(Flag.UNREADABLE)
    if Flag.ENCRYPTED in found.flags:
        found.trouble.append(f"压缩包“{name}”有密码，打不开{_locked(found)}")
    elif Flag.UNREADABLE in found.flags and not found.trouble:
        found.trouble.append(f"“{name}”损坏或格式不识别，没有全部解开")
    return found


def _locked(found: Unpacked) -> str:
    """What stands behind the password, as far as the directory tells."""
    names = list(dict.fromkeys(each.rpartition("/")[2] for each in found.locked))
    if any(is_executable(b"", each) for each in names):
        mark(found, Flag.EXECUTABLE)
    if not names:
        return ""
    more = " 等" if len(names) > _LOCKED_NAMES_SAID else ""
    return f"（内有 {'、'.join(each[:60] for each in names[:_LOCKED_NAMES_SAID])}{more}）"


_ZIP_DAMAGE = (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, EOFError, KeyError)


def _zip(data: bytes, found: Unpacked, budget: Budget) -> None:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except _ZIP_DAMAGE:
        mark(found, Flag.UNREADABLE)
        return
    with archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        promise(budget, len(infos), sum(info.file_size for info in infos), len(data))
        for info in infos:
            name = _zip_name(info)
            if _is_litter(name):
                continue
            if info.flag_bits & 1:
                mark(found, Flag.ENCRYPTED)
                found.locked.append(name)
                continue
            try:
                with archive.open(info) as member:
                    content = member.read(budget.bytes_left + 1)
            except (*_ZIP_DAMAGE, RuntimeError):
                mark(found, Flag.UNREADABLE)
                continue
            take(budget, found, name, content)


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
                mark(found, Flag.ENCRYPTED)
                found.locked += [each.filename for each in archive.list() if not each.is_directory]
                return
            files = [each for each in archive.list() if not each.is_directory]
            promise(budget, len(files), sum(each.uncompressed for each in files), len(data))
            factory = BytesIOFactory(budget.bytes_left)
            archive.extractall(factory=factory)
        for name, product in factory.products.items():
            if not _is_litter(name):
                product.seek(0)
                take(budget, found, name, product.read())
    except IsBomb:
        raise
    except Exception as error:  # lzma, struct and its own errors come through, passwords late
        mark(found, Flag.ENCRYPTED if "assword" in type(error).__name__ + str(error) else Flag.UNREADABLE)


def _rar(data: bytes, found: Unpacked, budget: Budget) -> None:
    import rarfile

    try:
        with rarfile.RarFile(io.BytesIO(data)) as archive:
            files = [
                each for each in archive.infolist() if each.is_file() and not _is_litter(_rar_name(each))
            ]
            promise(budget, len(files), sum(each.file_size or 0 for each in files), len(data))
            if archive.needs_password():
                mark(found, Flag.ENCRYPTED)
            for info in files:
                if info.needs_password():
                    found.locked.append(_rar_name(info))
                else:
                    take(budget, found, _rar_name(info), archive.read(info))
    except IsBomb:
        raise
    except rarfile.PasswordRequired:
        mark(found, Flag.ENCRYPTED)
    except rarfile.RarCannotExec:
        # Stored members open by themselves; pressed ones need a program that a slim machine lacks.
        mark(found, Flag.UNREADABLE)
        found.trouble.append("这台机器没有能解 RAR 的程序（unar 或 unrar），RAR 压缩包没有解开，请人工打开")
    except Exception:  # damage surfaces as many types: its own, struct.error, OSError
        mark(found, Flag.UNREADABLE)


_RAR_UNICODE = 0x0200


def _rar_name(info: rarfile.RarInfo) -> str:
    # An old name without the Unicode flag is in the writer's code page; the library tries UTF-16 on it.
    raw = info.orig_filename
    name = guess(raw) if isinstance(raw, bytes) and not info.flags & _RAR_UNICODE else str(info.filename)
    return name.replace("\\", "/")
