"""What is dangerous inside an office file: macros, packed-in files, remote parts, swollen or forged XML."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass, field

import olefile
from lxml import etree

from service.doors.envelope.charset import guess
from service.doors.envelope.limits import (
    EMBEDDED_BYTES_MAX,
    OFFICE_MEMBERS_MAX,
    OFFICE_RATIO_FLOOR_BYTES,
    OFFICE_RATIO_MAX,
    OFFICE_TOTAL_BYTES_MAX,
    OFFICE_XML_BYTES_MAX,
    RELATIONS_BYTES_MAX,
)
from service.office.letter import Flag

# What Windows runs on a double click, whatever the content claims to be.
_EXECUTABLE_NAMES = re.compile(
    r"\.(exe|scr|com|pif|bat|cmd|js|jse|vbs|vbe|wsf|wsh|hta|msi|msp|lnk|ps1|jar|cpl|dll|reg|chm|apk|sh)$",
    re.IGNORECASE,
)
_XML = re.compile(r"\.(?:xml|rels|vml)$", re.IGNORECASE)
_MACRO_NAMES = re.compile(r"(?:vbaProject\w*\.bin|\.(?:docm|dotm|xlsm|xltm|xlam|pptm|ppam))$", re.IGNORECASE)
_EMBEDDED = re.compile(r"(?:^|/)embeddings/", re.IGNORECASE)
_PACKAGE_STREAM = "\x01Ole10Native"
# A template on the writer's own disk is named by every second Word file and is never fetched from there.
_REMOTE = re.compile(r"^\s*(?:(?:https?|ftp|mhtml|ms-\w+):|file:/{2}(?!/)|file:/{5}|\\\\|//)", re.IGNORECASE)
# Followed only when a person clicks, or asked about first (links between workbooks on the office's share).
_ASKED_FIRST = ("/hyperlink", "/externalLinkPath", "/externalLink")
_HEAD_BYTES = 4 * 1024


@dataclass(slots=True)
class Dangers:
    """Flags for the file, and a sentence for each that a flag's own word does not explain."""

    flags: list[Flag] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def add(self, flag: Flag, sentence: str = "") -> None:
        """One danger, each named once."""
        if flag not in self.flags:
            self.flags.append(flag)
        if sentence and sentence not in self.said:
            self.said.append(sentence)


def is_executable(data: bytes, name: str) -> bool:
    """Whether the name's ending or the first bytes are those of a program or a script."""
    return bool(_EXECUTABLE_NAMES.search(name.strip())) or data[:3] == b"#!/"


def look_into_package(archive: zipfile.ZipFile) -> Dangers:
    """The dangers of a docx, xlsx or pptx, from its directory, its relations and what is packed into it.

    Raises what `zipfile` raises for a damaged archive. Media and text are never inflated.
    """
    found = Dangers()
    infos = archive.infolist()
    _sizes(infos, found)
    if Flag.BOMB in found.flags or any(info.flag_bits & 1 for info in infos):
        return found
    for info in infos:
        name = info.filename
        if _MACRO_NAMES.search(name):
            found.add(Flag.MACRO)
        elif "/activeX/" in name or name.startswith("activeX/"):
            found.add(Flag.MACRO, "含有 ActiveX 控件")
        elif _EMBEDDED.search(name) and not name.endswith(".rels"):
            _embedded(archive, info, found)
        elif name.endswith(".rels"):
            _relations(archive, info, found)
        elif _XML.search(name):
            with archive.open(info) as member:
                _declaration(member.read(_HEAD_BYTES), found)
    return found


def _sizes(infos: list[zipfile.ZipInfo], found: Dangers) -> None:
    names = [info.filename.lower() for info in infos]
    if len(set(names)) < len(names):
        # Word and a checker may each read another one of the two.
        found.add(Flag.UNREADABLE, "同一部件出现两次，可能经过伪造")
    is_swollen = (
        len(infos) > OFFICE_MEMBERS_MAX or sum(info.file_size for info in infos) > OFFICE_TOTAL_BYTES_MAX
    )
    for info in infos:
        is_swollen |= bool(_XML.search(info.filename)) and info.file_size > OFFICE_XML_BYTES_MAX
        is_swollen |= info.file_size > OFFICE_RATIO_FLOOR_BYTES and info.file_size > OFFICE_RATIO_MAX * max(
            info.compress_size, 1
        )
    if is_swollen:
        found.add(Flag.BOMB, "解开后异常庞大，没有打开")


def _relations(archive: zipfile.ZipFile, info: zipfile.ZipInfo, found: Dangers) -> None:
    if info.file_size > RELATIONS_BYTES_MAX:
        found.add(Flag.BOMB, "关系文件异常庞大，没有打开")
        return
    data = archive.read(info)
    _declaration(data[:_HEAD_BYTES], found)
    if b"External" not in data.replace(b"\0", b""):
        return
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        found.add(Flag.UNREADABLE, "关系文件损坏")
        return
    for each in root.iter("{*}Relationship"):
        if each.get("TargetMode") == "External":
            _external(each.get("Type", ""), each.get("Target", ""), found)


def _external(kind: str, target: str, found: Dangers) -> None:
    if kind.endswith(_ASKED_FIRST) or not _REMOTE.match(target):
        return
    if kind.endswith("/image") and target.lower().lstrip().startswith(("http:", "https:")):
        # Pasted from a web page; nothing here fetches it, and Word shows a picture at worst.
        return
    what = "模板" if kind.endswith("/attachedTemplate") else "内容"
    found.add(Flag.EXTERNAL, f"打开时会从外部取{what}（{target.strip()[:100]}）")


def _declaration(head: bytes, found: Dangers) -> None:
    # Without its NULs, UTF-16 reads like UTF-8 here.
    plain = head.replace(b"\0", b"")
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        found.add(Flag.BOMB, "XML 中声明了实体，可能读取本机文件或耗尽内存，没有打开")


def _embedded(archive: zipfile.ZipFile, info: zipfile.ZipInfo, found: Dangers) -> None:
    """A chart's own workbook is ordinary; a packed-in file, or one with macros, is not."""
    if info.file_size > EMBEDDED_BYTES_MAX:
        found.add(Flag.EMBEDDED, f"内嵌的 {info.filename.rpartition('/')[2][:60]} 过大，没有查看")
        return
    data = archive.read(info)
    if data[:4] == b"PK\x03\x04":
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as inner:
                if any(_MACRO_NAMES.search(name) for name in inner.namelist()):
                    found.add(Flag.MACRO, "内嵌的文件带有宏")
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError, KeyError):
            found.add(Flag.EMBEDDED, "内嵌的文件打不开")
    elif data[:8] == olefile.MAGIC:
        try:
            with olefile.OleFileIO(io.BytesIO(data)) as ole:
                look_into_ole(ole, found)
        except (
            Exception
        ):  # olefile raises whatever a damaged table leads to: IndexError, struct.error, its own
            found.add(Flag.EMBEDDED, "内嵌的对象打不开")
    elif data[:2] == b"MZ":
        found.add(Flag.EXECUTABLE, "内嵌了程序")


def look_into_ole(ole: olefile.OleFileIO, found: Dangers) -> None:
    """The packages and macros in an OLE file: a .doc, an .xls, or an object inside a docx."""
    for path in ole.listdir(streams=True, storages=True):
        if path[-1] == _PACKAGE_STREAM:
            if ole.get_size(path) <= EMBEDDED_BYTES_MAX:
                _package(ole.openstream(path).read(), found)
            else:
                found.add(Flag.EMBEDDED, "内嵌了很大的文件包")
        elif path[-1] in {"VBA", "_VBA_PROJECT", "_VBA_PROJECT_CUR"} or path[0] == "Macros":
            found.add(Flag.MACRO)


def _package(data: bytes, found: Dangers) -> None:
    """A packed-in file: total size, a flag word, then its name with a NUL at the end [MS-OLEDS 2.3.6]."""
    raw_name = data[6:].partition(b"\0")[0][:260]
    name = re.split(r"[\\/]", guess(raw_name))[-1].strip()
    found.add(Flag.EMBEDDED, f"内嵌了文件“{name}”" if name else "内嵌了文件包")
    if is_executable(data[6:], name):
        found.add(Flag.EXECUTABLE)
