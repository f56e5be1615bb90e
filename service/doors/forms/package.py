"""A zip-based office file from outside, opened only after its directory has passed every bound."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lxml import etree

ENTRIES_MAX = 2_000
PART_BYTES_MAX = 64 * 2**20
XML_BYTES_MAX = 16 * 2**20
TOTAL_BYTES_MAX = 256 * 2**20
MEDIA_BYTES_MAX = 48 * 2**20  # of pictures looked at in one file
RATIO_MAX = 200  # for parts above RATIO_FROM: below, even a blank page compresses as well
RATIO_FROM = 2**20

_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_MACRO = re.compile(r"(vbaProject|vbaData)[^/]*$|/activeX/|macrosheets/", re.IGNORECASE)


class BadPackage(Exception):
    """The file breaks a bound or is damaged; `flag` is the word for the record, `say` a Chinese sentence."""

    def __init__(self, flag: str, say: str) -> None:
        super().__init__(say)
        self.flag = flag
        self.say = say


class BrokenXml(Exception):
    """A part that a strict parser refuses."""


@dataclass(slots=True)
class Package:
    """An opened zip whose directory has been checked; parts are inflated one by one, on demand."""

    _zip: zipfile.ZipFile
    names: tuple[str, ...]
    flags: tuple[str, ...] = field(default=())

    def has(self, name: str) -> bool:
        """Whether the part exists."""
        return name in self.names

    def read(self, name: str) -> bytes:
        """A part's bytes, never more than its directory said."""
        try:
            return self._zip.read(name)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise BadPackage("unreadable", f"文件已损坏：{name} 读不出来") from error

    def media(self, names: Iterable[str]) -> Iterator[bytes]:
        """Pictures by name, those that are there, up to a bound in all; damaged ones are left out."""
        left = MEDIA_BYTES_MAX
        for name in names:
            if not self.has(name) or (left := left - self._zip.getinfo(name).file_size) < 0:
                continue
            try:
                yield self.read(name)
            except BadPackage:
                continue

    def xml(self, name: str) -> etree._Element | None:
        """A part as XML, or None where it is missing; raises BadPackage where it is no sound XML."""
        if name not in self.names:
            return None
        try:
            return parse_xml(self.read(name))
        except BrokenXml as error:
            raise BadPackage("unreadable", f"文件已损坏：{name} 不是完整的 XML") from error


def open_package(data: bytes) -> Package:
    """Check the directory, then open; raises BadPackage."""
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
        entries = package.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, IndexError) as error:
        raise BadPackage("unreadable", "文件已损坏，打不开") from error
    _check_directory(entries)
    names = tuple(entry.filename for entry in entries if not entry.is_dir())
    opened = Package(package, names)
    opened.flags = _flags(opened)
    return opened


def parse_xml(data: bytes) -> etree._Element:
    """Strict: no recovery, no entities, no network, no DTD; raises BrokenXml."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BrokenXml(str(error)) from error
    tree = root.getroottree()
    # A search of the bytes would miss a DTD written in UTF-16.
    if tree.docinfo.internalDTD is not None or tree.docinfo.doctype:
        raise BrokenXml("a DTD is not allowed")
    return root


def _check_directory(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > ENTRIES_MAX:
        raise BadPackage("bomb", f"文件里有 {len(entries)} 个部分，超过 {ENTRIES_MAX} 个的上限")
    if sum(entry.file_size for entry in entries) > TOTAL_BYTES_MAX:
        raise BadPackage("bomb", "文件展开后过大，没有打开")
    seen: set[str] = set()
    for entry in entries:
        _check_entry(entry)
        folded = entry.filename.lower()
        if folded in seen:
            raise BadPackage("unreadable", f"文件里有两个同名部分 {entry.filename}")
        seen.add(folded)


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    if entry.flag_bits & 0x1:
        raise BadPackage("encrypted", "文件设有密码，打不开，请去掉密码后再报送")
    if name.startswith("/") or "\\" in name or ".." in name.split("/") or "\0" in name or ":" in name:
        raise BadPackage("unreadable", "文件里的路径不正常，没有打开")
    limit = XML_BYTES_MAX if name.endswith((".xml", ".rels")) else PART_BYTES_MAX
    if entry.file_size > limit:
        raise BadPackage("bomb", f"{name} 展开后过大，没有打开")
    if entry.file_size > RATIO_FROM and entry.file_size > RATIO_MAX * max(entry.compress_size, 1):
        raise BadPackage("bomb", f"{name} 压缩比异常，没有打开")


def _flags(package: Package) -> tuple[str, ...]:
    flags = set()
    for name in package.names:
        if _MACRO.search("/" + name):
            flags.add("macro")
        if name.endswith(".rels") and _has_outside_relation(package, name):
            flags.add("external")
    if package.has("[Content_Types].xml") and b"macroEnabled" in package.read("[Content_Types].xml"):
        flags.add("macro")
    return tuple(sorted(flags))


def _has_outside_relation(package: Package, name: str) -> bool:
    relations = package.xml(name)
    if relations is None:
        return False
    return any(
        relation.get("TargetMode") == "External" and not str(relation.get("Type", "")).endswith("/hyperlink")
        for relation in relations.iter(_RELATION)
    )
