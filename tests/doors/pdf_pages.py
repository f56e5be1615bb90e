"""A PDF with ruled tables, written by hand: one font whose codes are the characters themselves."""

from __future__ import annotations

import io
from collections.abc import Sequence

from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

LINE_POINTS, LETTER_POINTS = 16, 10
TOP, LEFT = 780, 60

Cells = Sequence[str]  # a cell's lines are parted by line breaks
Page = tuple[Sequence[int], Sequence[Cells]]  # widths of the columns in points, and the rows


def pdf_of_tables(*pages: Page) -> bytes:
    """One ruled table on each page, from its top."""
    writer = PdfWriter()
    font = writer._add_object(
        _font(writer, "".join(cell for _, rows in pages for row in rows for cell in row))
    )
    for widths, rows in pages:
        page = writer.add_blank_page(595, 842)
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F"): font})}
        )
        stream = StreamObject()
        stream.set_data(_drawn(widths, rows).encode("ascii"))
        page[NameObject("/Contents")] = writer._add_object(stream)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _drawn(widths: Sequence[int], rows: Sequence[Cells]) -> str:
    drawn, top = [], TOP
    for row in rows:
        height = LINE_POINTS * max(cell.count("\n") + 1 for cell in row) + 6
        left = LEFT
        for width, cell in zip(widths, row, strict=True):
            drawn.append(f"{left} {top - height} {width} {height} re S")
            for number, line in enumerate(cell.split("\n")):
                at = f"{left + 3} {top - LINE_POINTS * (number + 1)}"
                code = line.encode("utf-16-be").hex()
                drawn.append(f"BT /F {LETTER_POINTS} Tf {at} Td <{code}> Tj ET")
            left += width
        top -= height
    return "\n".join(drawn)


def _font(writer: PdfWriter, letters: str) -> DictionaryObject:
    """A font without a file, for programs that read and do not draw [ISO 32000-1 9.7.4, 9.10.3]."""
    codes = sorted({f"{ord(each):04x}" for each in letters if each != "\n"})
    lines = [f"<{code}> <{code}>" for code in codes]
    blocks = [
        f"{len(some)} beginbfchar\n" + "\n".join(some) + "\nendbfchar"
        for some in (lines[at : at + 100] for at in range(0, len(lines), 100))
    ]
    to_unicode = StreamObject()
    to_unicode.set_data(
        "\n".join(
            (
                "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def",
                "1 begincodespacerange <0000> <ffff> endcodespacerange",
                *blocks,
                "endcmap end end",
            )
        ).encode("ascii")
    )
    named = {"/Type": "/Font", "/BaseFont": "/Song"}
    below = _dictionary(named | {"/Subtype": "/CIDFontType0"})
    below[NameObject("/DW")] = NumberObject(1000)
    below[NameObject("/CIDSystemInfo")] = DictionaryObject(
        {
            NameObject("/Registry"): TextStringObject("Adobe"),
            NameObject("/Ordering"): TextStringObject("Identity"),
            NameObject("/Supplement"): NumberObject(0),
        }
    )
    font = _dictionary(named | {"/Subtype": "/Type0", "/Encoding": "/Identity-H"})
    font[NameObject("/ToUnicode")] = writer._add_object(to_unicode)
    font[NameObject("/DescendantFonts")] = ArrayObject([writer._add_object(below)])
    return font


def _dictionary(names: dict[str, str]) -> DictionaryObject:
    return DictionaryObject({NameObject(key): NameObject(value) for key, value in names.items()})
