"""Pictures for a joined document: checked, made small enough; and taken out of documents."""

from __future__ import annotations

import hashlib
import io
import posixpath
import re
import struct
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageOps

from service.doors.forms.package import BadPackage, Package, open_package
from service.doors.forms.pictures import is_material
from service.doors.forms.word import shown_pictures

# A photograph as a telephone takes it has 4000; on paper 156 mm wide nobody sees more than this.
EDGE_PIXELS_MAX = 1600
PIXELS_MAX = 80_000_000
KEPT_BYTES_MAX = 600_000
# Whatever a picture from outside may make the library raise: it is then no picture.
_BROKEN = (
    *(OSError, ValueError, SyntaxError, EOFError, LookupError, TypeError, ArithmeticError, RuntimeError),
    *(struct.error, zlib.error, MemoryError, Warning, Image.DecompressionBombError),
)
_FORMATS = {"JPEG": "jpeg", "PNG": "png", "GIF": "gif"}
_ENDINGS = {"JPEG": ".jpg", "PNG": ".png", "GIF": ".gif", "BMP": ".bmp", "TIFF": ".tif", "WEBP": ".webp"}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A picture ready to be put in: bytes, extension, size in pixels."""

    data: bytes
    extension: str
    width: int
    height: int

    @property
    def sha256(self) -> str:
        """By which one content is kept once."""
        return hashlib.sha256(self.data).hexdigest()


def prepared(data: bytes) -> Prepared | None:
    """As it may stand in a Word document; None for what is no picture that Word and WPS both show."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data))
            if image.width * image.height > PIXELS_MAX or image.width < 1 or image.height < 1:
                return None
            turned = image.getexif().get(0x0112, 1) != 1
            extension = _FORMATS.get(image.format or "")
            is_small = max(image.size) <= EDGE_PIXELS_MAX and len(data) <= KEPT_BYTES_MAX
            if extension and is_small and not turned and image.mode != "CMYK":
                image.load()  # to the last byte: a cut one would make Word call the whole document damaged
                return Prepared(data, extension, *image.size)
            return _shrunk(image)
    except _BROKEN:
        return None


def _shrunk(image: Image.Image) -> Prepared:
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((EDGE_PIXELS_MAX, EDGE_PIXELS_MAX))
    if upright.mode in {"RGBA", "LA", "P", "PA"}:
        clear = upright.convert("RGBA")
        upright = Image.new("RGB", clear.size, "white")
        upright.paste(clear, mask=clear.getchannel("A"))
    out = io.BytesIO()
    upright.convert("RGB").save(out, "JPEG", quality=85)
    return Prepared(out.getvalue(), "jpeg", *upright.size)


def inside(data: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    """The pictures in a .docx, .pptx or .xlsx in the order of their names; logos and signatures are none."""
    try:
        package = open_package(data)
    except BadPackage:
        return
    seen: set[str] = set()
    stem = posixpath.splitext(name)[0]
    for picture in _shown(package):
        sha256 = hashlib.sha256(picture).hexdigest()
        ending = ending_of(picture)
        if sha256 in seen or not ending or not is_material(picture):
            continue
        seen.add(sha256)
        yield f"{stem}-图{len(seen)}{ending}", picture


def _shown(package: Package) -> Iterator[bytes]:
    """Of a Word document only what its body shows: no letterhead, and not the mark that we printed."""
    try:
        document = package.xml("word/document.xml")
        if document is not None:
            yield from shown_pictures(document, package)
            return
    except BadPackage:
        return
    yield from package.media(_media(package))


def _media(package: Package) -> list[str]:
    names = (each for each in package.names if re.fullmatch(r"(ppt|xl)/media/[^/]+", each))
    return sorted(
        names, key=lambda each: [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", each)]
    )


def ending_of(data: bytes) -> str:
    """The ending of a picture by its first bytes; nothing is decoded."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            return _ENDINGS.get(image.format or "", "")
    except _BROKEN:
        return ""
