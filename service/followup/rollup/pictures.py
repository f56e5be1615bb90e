"""图片 — every picture in force, from attachments and out of documents, in a folder for each unit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from service.followup.rollup.rows import Entry, Stock
from service.office.needs.archive import Archive
from service.office.outcome import DoorError
from service.office.rollup import books_folder
from service.office.tree_names import file_name, folder_name, numbered

ENDINGS = (".jpg", ".jpeg", ".png", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".heic")
_HOLDING = (".docx", ".docm", ".pptx")
# A folder is written in one step and so lies in memory once; more of one unit is only named.
UNIT_BYTES_MAX = 200 * 2**20


# The pictures in a document: its bytes and name in, names and bytes out.
Inside = Callable[[bytes, str], Iterator[tuple[str, bytes]]]


@dataclass(frozen=True, slots=True)
class Source:
    """A file of a unit that is a picture or may hold some."""

    sha256: str
    name: str
    item_name: str
    is_picture: bool


@dataclass(frozen=True, slots=True)
class Album:
    """One unit's pictures: where they go and what they are taken from."""

    path: str
    sources: tuple[Source, ...]


def albums(stock: Stock) -> Iterator[Album]:
    """台账/<活动>/图片/<单位>, one for each unit that sent any file that may hold pictures."""
    found: dict[str, dict[str, Source]] = {}
    for item in stock.campaign.items:
        for entry in stock.entries.get(item.key, ()):
            for source in _sources(entry, item.name):
                found.setdefault(entry.unit.name, {}).setdefault(source.sha256, source)
    for unit, sources in found.items():
        path = f"{books_folder(stock.row.key)}/图片/{folder_name(unit)}"
        yield Album(path, tuple(sources.values()))


def _sources(entry: Entry, item_name: str) -> Iterator[Source]:
    for doc in entry.current.docs:
        name = doc.name.lower()
        if name.endswith(ENDINGS) or name.endswith(_HOLDING):
            yield Source(doc.sha256, doc.name, item_name, name.endswith(ENDINGS))


@dataclass(slots=True)
class _Shelf:
    """Files under names that do not clash, up to a bound."""

    files: dict[str, bytes] = field(default_factory=dict)
    size: int = 0
    left_out: list[str] = field(default_factory=list)

    def lay(self, name: str, data: bytes) -> None:
        """Under its name, numbered where another picture has that one; the same picture stands once."""
        self.size += len(data)
        if self.size > UNIT_BYTES_MAX:
            self.left_out.append(name)
            return
        number = 1
        plain = file_name(name)
        while self.files.get(numbered(plain, number), data) != data:
            number += 1
        self.files[numbered(plain, number)] = data


def pictures_of(album: Album, archive: Archive, inside: Inside) -> dict[str, bytes]:
    """Name and bytes of every picture of one unit; what is lost or too much is named in a note."""
    shelf = _Shelf()
    for source in album.sources:
        try:
            data = archive.get(source.sha256)
        except DoorError as error:
            shelf.left_out.append(f"{source.name}：{error.why}")
            continue
        for name, picture in [(source.name, data)] if source.is_picture else inside(data, source.name):
            shelf.lay(f"{source.item_name}-{name}", picture)
    if shelf.left_out:
        note = "没有放进来的图片，请到归档文件夹查看：\r\n" + "\r\n".join(shelf.left_out) + "\r\n"
        shelf.files["说明.txt"] = note.encode("utf-8-sig")
    return shelf.files
