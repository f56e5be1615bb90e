"""Pictures in .rtf and .doc: each content once, the same bytes as elsewhere, and no logo."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

import pytest

from service.doors.forms import FormsDoor
from service.doors.forms.rich_pictures import PICTURES_MAX
from service.rehearsal.units.papers import photo
from tests.doors.ole_files import ole
from tests.doors.test_forms_odd import _narrow, with_pictures
from tests.doors.word_files import convert

FORMS = FormsDoor()
FIRST, SECOND = photo("甲"), photo("乙")
LOGO = _narrow(photo("徽标"))


def sums(*pictures: bytes) -> tuple[str, ...]:
    return tuple(hashlib.sha256(each).hexdigest() for each in pictures)


def rtf(*groups: bytes) -> bytes:
    return b"{\\rtf1\\ansi\\ansicpg936 " + b"".join(groups) + b"summary of the week\\par}"


def pict(data: bytes, words: bytes = b"\\pngblip\\picw9\\pich9") -> bytes:
    figures = data.hex().encode()
    lines = b"\r\n".join(figures[at : at + 128] for at in range(0, len(figures), 128))
    return b"{\\pict{\\*\\picprop{\\sp{\\sn a}{\\sv ff00}}}" + words + b"\r\n" + lines + b"}"


def images(data: bytes, name: str = "总结.rtf") -> tuple[str, ...]:
    reading = FORMS.read(data, name)
    assert reading.pictures == len(reading.images)
    return reading.images


def test_pictures_of_an_rtf_count_once_and_logos_and_letterheads_not() -> None:
    double = (
        b"{\\*\\shppict" + pict(FIRST) + b"}{\\nonshppict" + pict(b"\1\0\t\0" * 9_000, b"\\wmetafile8") + b"}"
    )
    floating = b"{\\shp{\\*\\shpinst{\\sp{\\sn pib}{\\sv " + pict(SECOND) + b"}}}}"
    header = b"{\\header " + pict(photo("页眉")) + b"}"
    assert images(rtf(double, floating, header, pict(LOGO), pict(FIRST))) == sums(FIRST, SECOND)


def test_a_picture_without_a_head_of_its_own_is_judged_by_the_size_it_is_shown_in() -> None:
    bitmap = b"\x28\0\0\0" + b"\x55" * 20_000
    for words, is_one in (
        (b"\\dibitmap0\\picw300\\pich200", True),
        (b"\\dibitmap0\\picw300\\pich80", False),
        (b"\\emfblip\\picwgoal4500\\pichgoal3000", True),
        (b"\\emfblip\\picwgoal4500\\pichgoal900", False),
        (b"\\wmetafile8\\picw2000\\pich9000", False),
    ):
        assert images(rtf(pict(bitmap, words))) == (sums(bitmap) if is_one else ()), words


def test_raw_bytes_in_an_rtf_are_a_picture_too() -> None:
    group = b"{\\pict\\pngblip\\bin%d " % len(FIRST) + FIRST + b"}"
    assert images(rtf(group)[:-1]) == sums(FIRST)


def test_photographs_before_the_words_leave_room_for_them() -> None:
    large = pict(b"\xff\xd8\xff\xe0" + bytes(1_500_000), b"\\jpegblip")
    assert "summary of the week" in FORMS.read(rtf(large), "总结.rtf").text


def test_pictures_of_an_rtf_are_bounded() -> None:
    nested = b"{\\pict ff" * 300 + b"}" * 300
    assert images(rtf(nested)) == ()
    many = [
        pict(b"\xff\xd8" + struct.pack(">I", n) + bytes(9_000), b"\\jpegblip")
        for n in range(PICTURES_MAX + 5)
    ]
    assert len(images(rtf(*many))) == PICTURES_MAX


def blip(data: bytes, kind: int, marks: int = 1) -> bytes:
    """A picture's record in a .doc [MS-ODRAW 2.2.27, 2.2.28]."""
    held = b"\x11" * 16 * marks + b"\xff" + data
    return struct.pack("<HHI", 0x6E00, kind, len(held)) + held


def jpeg(wide: int, high: int, inside: bytes = b"") -> bytes:
    """The head of a JPEG and what a camera puts into it, a smaller picture included [ITU-T T.81 B.2]."""
    held = b"\xff\xe1" + struct.pack(">H", 2 + len(inside)) + inside
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, high, wide, 1) + b"\1\x11\0"
    return b"\xff\xd8" + held + frame + b"\xff\xda" + bytes(9_000) + b"\xff\xd9"


def test_pictures_of_a_doc_count_once_and_logos_not() -> None:
    camera = jpeg(640, 480, b"Exif\0\0" + jpeg(160, 140)[:8_000])
    data = b"\x44\0" * 40 + blip(FIRST, 0xF01E) + blip(LOGO, 0xF01E) + blip(camera, 0xF01D, 2)
    word = bytes(2_000) + blip(SECOND, 0xF01E) + blip(FIRST, 0xF01E)
    assert images(ole({"WordDocument": word, "Data": data}), "总结.doc") == sums(FIRST, camera, SECOND)


def test_a_picture_without_a_record_ends_where_its_form_says() -> None:
    camera = jpeg(640, 480)
    data = b"\x44\0" * 40 + FIRST + b"\x44\0" * 40 + camera + b"\x44\0" * 40
    assert images(ole({"WordDocument": b"", "Data": data}), "总结.doc") == sums(FIRST, camera)
    for length in range(1_000, 4_000, 331):  # torn anywhere, something comes out
        FORMS.read(ole({"WordDocument": b"", "Data": data})[:length], "总结.doc")


@pytest.mark.soffice
def test_pictures_survive_being_saved_as_rtf_and_doc(tmp_path: Path) -> None:
    document = with_pictures(FIRST, SECOND, FIRST, letterhead=photo("页眉"))
    assert images(convert(document, "docx", "rtf", tmp_path)) == sums(FIRST, SECOND)
    # Where a .doc keeps its letterhead's picture is not told apart.
    assert set(images(convert(document, "docx", "doc", tmp_path), "总结.doc")) >= set(sums(FIRST, SECOND))
