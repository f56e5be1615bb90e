"""One 汇编.docx in the making: the text goes into a temporary file, pictures straight into the package."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Callable
from typing import IO, Self
from xml.sax.saxutils import escape

from service.doors.binding import look
from service.doors.binding.carry import Carried
from service.doors.binding.pictures import Prepared, prepared
from service.doors.forms.package import BadPackage, open_package
from service.office.compendium import Chapter, Compendium, LeftOut, PicturePiece, TextPiece, WordPiece
from service.office.needs.binding import Bound
from service.office.outcome import DoorError

# Together; what comes after it is listed at the end instead. A Word file of more is hard to open.
PICTURES_BYTES_MAX = 200 * 2**20
SPOOLED_BYTES = 8 * 2**20
_EARLIEST = (1980, 1, 1, 0, 0, 0)
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")
_EMU_A_PIXEL = 9525


class BookInProgress:
    """Written front to back; `bound` ends it."""

    def __init__(self, compendium: Compendium, fetch: Callable[[str], bytes]) -> None:
        self._compendium = compendium
        self._fetch = fetch
        self._out = io.BytesIO()
        self._zip = zipfile.ZipFile(self._out, "w", zipfile.ZIP_DEFLATED)
        self._text: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=SPOOLED_BYTES)  # noqa: SIM115 - closed by __exit__
        self._entries: list[tuple[int, str, int]] = []
        self._media: dict[str, str] = {}  # sha256 of a picture → its relation
        self._relations: list[tuple[str, str]] = []
        self._extensions: set[str] = set()
        self._left_out = list(compendium.left_out)
        self._pictures_bytes = 0
        self._drawn = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()
        self._text.close()

    def bound(self) -> Bound:
        """Everything, in order; what could not be joined is listed on the last pages."""
        for division in self._compendium.divisions:
            self._heading(division.name, 1, new_page=True)
            for place, chapter in enumerate(division.chapters):
                self._chapter(chapter, new_page=place > 0)
        self._appendix()
        self._finish()
        return Bound(self._out.getvalue(), tuple(self._left_out))

    # --- the text -----------------------------------------------------------------------------------------

    def _write(self, xml: str) -> None:
        self._text.write(xml.encode("utf-8", "replace"))

    def _heading(self, text: str, level: int, *, new_page: bool) -> None:
        number = len(self._entries) + 1
        self._entries.append((level, _clean(text), number))
        self._write(look.heading(_clean(text), level, number, new_page=new_page))

    def _chapter(self, chapter: Chapter, *, new_page: bool) -> None:
        self._heading(chapter.unit_name, 2, new_page=new_page)
        for section in chapter.sections:
            if section.title:
                self._write(look.line(_clean(section.title), "Heading3"))
            for piece in section.pieces:
                match piece:
                    case WordPiece():
                        self._document(piece, chapter.unit_name)
                    case TextPiece():
                        for words in piece.lines:
                            self._write(look.line(_clean(words), _style_of(words)))
                    case PicturePiece():
                        self._picture(piece, chapter.unit_name)

    def _document(self, piece: WordPiece, unit_name: str) -> None:
        try:
            carried = Carried(open_package(self._fetch(piece.sha256)), self._draw)
            is_empty = True
            for block in carried.blocks():
                is_empty = is_empty and not block
                self._write(block)
        except BadPackage as error:
            self._leave_out(unit_name, piece, error.say)
            return
        except DoorError as error:
            self._leave_out(unit_name, piece, error.why)
            return
        if is_empty:
            self._leave_out(unit_name, piece, "文件里没有内容")
        for why in dict.fromkeys(carried.lost):
            self._leave_out(unit_name, piece, why)

    def _picture(self, piece: PicturePiece, unit_name: str) -> None:
        try:
            drawn = self._draw(self._fetch(piece.sha256), None)
        except DoorError as error:
            self._leave_out(unit_name, piece, error.why)
            return
        if not drawn:
            self._leave_out(unit_name, piece, "图片读不出，或全书图片过多")
            return
        self._write(look.paragraph(drawn, "Picture", "<w:keepNext/>"))
        self._write(look.line(_clean(piece.name.rpartition(".")[0] or piece.name), "Caption"))

    def _leave_out(self, unit_name: str, piece: WordPiece | PicturePiece, why: str) -> None:
        self._left_out.append(LeftOut(unit_name, piece.name, piece.link, why))

    def _appendix(self) -> None:
        if not self._left_out:
            return
        self._heading("没有编入的材料", 1, new_page=True)
        head = _row(("单位", "文件", "在交换文件夹的位置", "原因"), is_head=True)
        rows = [_row((each.unit_name, each.name, each.link, each.why)) for each in self._left_out]
        self._write(look.table((22, 22, 34, 22), [head, *rows]))

    # --- pictures -----------------------------------------------------------------------------------------

    def _draw(self, data: bytes, size: tuple[int, int] | None) -> str:
        """A run that shows the picture, its bytes put into the package; nothing where that cannot be."""
        ready = prepared(data)
        if ready is None:
            return ""
        identity = self._media.get(ready.sha256) or self._add(ready)
        if not identity:
            return ""
        self._drawn += 1
        width, height = _fitted(size or (ready.width * _EMU_A_PIXEL, ready.height * _EMU_A_PIXEL))
        return look.drawing(identity, self._drawn, width, height, f"图片{self._drawn}")

    def _add(self, ready: Prepared) -> str:
        self._pictures_bytes += len(ready.data)
        if self._pictures_bytes > PICTURES_BYTES_MAX:
            return ""
        number = len(self._media) + 1
        name = f"media/image{number}.{ready.extension}"
        self._part(f"word/{name}", ready.data)
        self._relations.append((f"picture{number}", name))
        self._extensions.add(ready.extension)
        self._media[ready.sha256] = f"picture{number}"
        return f"picture{number}"

    # --- the package --------------------------------------------------------------------------------------

    def _part(self, name: str, data: bytes) -> None:
        self._zip.writestr(_member(name), data)

    def _finish(self) -> None:
        with self._zip.open(_member("word/document.xml"), "w", force_zip64=True) as document:
            document.write((look.document_head() + self._front()).encode("utf-8", "replace"))
            self._text.seek(0)
            while piece := self._text.read(2**20):
                document.write(piece)
            document.write(look.document_tail().encode())
        self._part("word/styles.xml", look.styles().encode())
        self._part("word/settings.xml", look.settings().encode())
        self._part("word/footer1.xml", look.footer().encode())
        self._part("word/_rels/document.xml.rels", self._document_relations().encode())
        self._part("docProps/core.xml", self._core().encode())
        self._part("_rels/.rels", _ROOT.encode())
        self._part("[Content_Types].xml", self._types().encode())
        self._zip.close()

    def _front(self) -> str:
        book = self._compendium
        cover = look.line(_clean(book.title), "Cover") + look.line("材 料 汇 编", "CoverLine")
        cover += look.line("", "CoverLine") * 5
        cover += look.line(_clean(book.issuer), "CoverLine") + look.line(_clean(book.as_of), "CoverLine")
        return cover + (look.contents(self._entries) if self._entries else "")

    def _document_relations(self) -> str:
        rows = [("styles", "styles", "styles.xml"), ("settings", "settings", "settings.xml")]
        rows += [("footer1", "footer", "footer1.xml")]
        rows += [(identity, "image", target) for identity, target in self._relations]
        inside = "".join(
            f'<Relationship Id="{identity}" Type="{look.R}/{kind}" Target="{target}"/>'
            for identity, kind, target in rows
        )
        return f'{look.DECLARATION}<Relationships xmlns="{_PACKAGE}/relationships">{inside}</Relationships>'

    def _core(self) -> str:
        return (
            f'{look.DECLARATION}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<dc:title>{escape(_clean(self._compendium.title))} 汇编</dc:title>"
            f"<dc:creator>{escape(_clean(self._compendium.issuer))}</dc:creator></cp:coreProperties>"
        )

    def _types(self) -> str:
        parts = {"document": "document.main", "styles": "styles", "settings": "settings", "footer1": "footer"}
        overrides = "".join(
            f'<Override PartName="/word/{name}.xml" ContentType="{_OFFICE}.{kind}+xml"/>'
            for name, kind in parts.items()
        )
        media = "".join(
            f'<Default Extension="{each}" ContentType="image/{each}"/>' for each in sorted(self._extensions)
        )
        return (
            f'{look.DECLARATION}<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>{media}'
            '<Override PartName="/docProps/core.xml" '
            f'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>{overrides}</Types>'
        )


_ROOT = (
    f'{look.DECLARATION}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{look.R}/officeDocument" Target="word/document.xml"/>'
    f'<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties" '
    'Target="docProps/core.xml"/>'
    "</Relationships>"
)


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _EARLIEST)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.create_system = 0
    return member


def _fitted(size: tuple[int, int]) -> tuple[int, int]:
    width, height = max(1, size[0]), max(1, size[1])
    scale = min(1.0, look.PICTURE_WIDTH_MAX / width, look.PICTURE_HEIGHT_MAX / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _row(words: tuple[str, ...], *, is_head: bool = False) -> str:
    bold = "<w:b/>" if is_head else ""
    cells = "".join(
        '<w:tc><w:tcPr><w:vAlign w:val="center"/></w:tcPr>'
        f"{look.paragraph(look.run(_clean(each), bold), 'Cell')}</w:tc>"
        for each in words
    )
    return f"<w:tr>{'<w:trPr><w:tblHeader/></w:trPr>' if is_head else ''}{cells}</w:tr>"


def _style_of(words: str) -> str:
    """Official papers number their headings 一、 and （一）; typed text has no other sign of them."""
    if len(words) <= 40 and not words.endswith(("。", "；", "，")):
        if re.match(r"[一二三四五六七八九十]{1,3}、\S", words):
            return "Level1"
        if re.match(r"[（(][一二三四五六七八九十]{1,3}[）)]\S", words):
            return "Level2"
    return "Plain"


def _clean(text: str) -> str:
    return _UNPRINTABLE.sub("", text)
