"""The child that decodes pictures from outside: requests on standard input, one JSON line back for each."""

from __future__ import annotations

import io
import json
import resource
import struct
import sys
import time
from collections.abc import Iterator

import pypdfium2  # type: ignore[import-untyped]  # it ships no types
import zxingcpp
from PIL import Image, ImageFilter

MEMORY_BYTES_MAX = 2 * 2**30
PIXELS_MAX = 60_000_000  # a page at 600 dpi has 35 million
SIDE_AT_LEAST = 120  # a mark of 25 squares and its margin needs this many pixels around it
PDF_DPI = (200, 300)
PDF_PIXELS_MAX = 20_000_000
_FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "WEBP", "GIF")
_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_GLOBAL = zxingcpp.Binarizer.GlobalHistogram


def main() -> None:
    """Answer until standard input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    Image.MAX_IMAGE_PIXELS = PIXELS_MAX
    source, out = sys.stdin.buffer, sys.stdout
    while len(head := source.read(16)) == 16:
        size, pages_max, seconds = struct.unpack(">QII", head)
        out.write(json.dumps(look(source.read(size), pages_max, seconds)) + "\n")
        out.flush()


def look(data: bytes, pages_max: int, seconds: float) -> dict[str, list[object]]:
    """Texts of the QR codes on each page, and what stood in the way."""
    pages: list[object] = []
    flags: list[object] = []
    until = time.monotonic() + seconds
    try:
        for number, looks in enumerate(_pages(data), 1):
            if number > pages_max or time.monotonic() > until:
                flags.append("too-many-pages" if number > pages_max else "timed-out")
                break
            pages.append(_texts(looks, until))
    except Image.DecompressionBombError:
        flags.append("too-large")
    except Exception:  # decoders raise anything on damaged pictures
        flags.append("unreadable")
    return {"pages": pages, "flags": flags}


def _pages(data: bytes) -> Iterator[Iterator[Image.Image]]:
    """For each page, the page as often as somebody wants to look at it, each time another way."""
    if b"%PDF-" in data[:1024]:
        yield from _pdf_pages(data)
        return
    picture = Image.open(io.BytesIO(data), formats=_FORMATS)
    for frame in range(getattr(picture, "n_frames", 1)):
        picture.seek(frame)
        if picture.width * picture.height > PIXELS_MAX:
            raise Image.DecompressionBombError
        yield _ways(picture)


def _pdf_pages(data: bytes) -> Iterator[Iterator[Image.Image]]:
    document = pypdfium2.PdfDocument(data)
    try:
        for page in document:
            yield _renderings(page)
            page.close()
    finally:
        document.close()


def _renderings(page: pypdfium2.PdfPage) -> Iterator[Image.Image]:
    width, height = page.get_size()
    for dpi in PDF_DPI:
        scale = min(dpi / 72, (PDF_PIXELS_MAX / max(width * height, 1)) ** 0.5)
        yield from _ways(page.render(scale=scale, grayscale=True).to_pil())


def _ways(picture: Image.Image) -> Iterator[Image.Image]:
    """As it is; enlarged and softened, for faxes; smaller, for photographs out of focus."""
    if min(picture.size) < SIDE_AT_LEAST:
        return
    grey = picture.convert("L")
    yield grey
    if max(grey.size) <= 2600:
        larger = grey.resize((grey.width * 2, grey.height * 2), Image.Resampling.BICUBIC)
        yield larger.filter(ImageFilter.GaussianBlur(1))
    yield grey.resize((grey.width // 2, grey.height // 2), Image.Resampling.BOX)


def _texts(looks: Iterator[Image.Image], until: float) -> list[str]:
    for picture in looks:
        for binarizer in (zxingcpp.Binarizer.LocalAverage, _GLOBAL):
            found = zxingcpp.read_barcodes(picture, formats=_QR, binarizer=binarizer, try_invert=False)
            if texts := [each.text for each in found if each.text.upper().startswith("HUIZHI:")]:
                return texts
        if time.monotonic() > until:
            break
    return []


if __name__ == "__main__":
    main()
