"""Paper comes back, is scanned, and is recorded by the mark on it: `record --scan`."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from PIL import Image, ImageFilter
from pypdf import PdfReader

from service.doors.press.mark import SIDE_MM, draw
from service.office.mark import Mark
from tests.desk.small_office import CLERK, DONG, NAN, XI, SmallOffice

BY = ("--on", "2024-08-20", "--by", CLERK, "--reason", "收到纸质件")
A4 = (8.27, 11.69)
Page = Image.Image


def page(mark: Mark | None, dpi: int = 200) -> Page:
    """A sheet as a scanner sees it: grey letters, and the mark in its upper right corner."""
    sheet = Image.new("L", (round(A4[0] * dpi), round(A4[1] * dpi)), 250)
    for line in range(8):
        top = round((3 + line) * dpi)
        sheet.paste(60, (dpi, top, round(A4[0] * dpi) - dpi, top + dpi // 20))
    if mark is not None:
        side = round(SIDE_MM / 25.4 * dpi)
        drawn = Image.open(io.BytesIO(draw(mark))).convert("L").resize((side, side), Image.Resampling.LANCZOS)
        sheet.paste(drawn, (sheet.width - dpi - side, dpi))
    return sheet


def saved(pages: Sequence[Page], kind: str, **how: object) -> bytes:
    """The pages as one file."""
    out = io.BytesIO()
    many = {"save_all": True, "append_images": list(pages[1:])} if len(pages) > 1 else {}
    pages[0].save(out, kind, **many, **how)
    return out.getvalue()


def scanned(office: SmallOffice, tmp_path: Path, name: str, data: bytes, *more: str) -> tuple[int, str, str]:
    """What the command says: status, output, remarks."""
    file = tmp_path / name
    file.write_bytes(data)
    said = office.ask("record", *more, "--scan", str(file), *BY)
    return said.exit_code, said.stdout, said.stderr


def _fax(sheet: Page) -> Page:
    """100 dpi, black and white, the way a fax leaves it."""
    small = sheet.resize((round(A4[0] * 100), round(A4[1] * 100)), Image.Resampling.BILINEAR)
    return small.point(lambda value: 255 if value > 128 else 0).convert("1")


WAYS: dict[str, Callable[[Page], tuple[str, bytes]]] = {
    "as scanned": lambda sheet: ("扫描.png", saved([sheet], "PNG")),
    "turned by seven degrees": lambda s: ("歪.png", saved([s.rotate(7, expand=True, fillcolor=255)], "PNG")),
    "upside down": lambda sheet: ("倒.tif", saved([sheet.rotate(180)], "TIFF")),
    "blurred": lambda s: ("糊.jpg", saved([s.filter(ImageFilter.GaussianBlur(2))], "JPEG", quality=60)),
    "a fax": lambda sheet: ("传真.tif", saved([_fax(sheet)], "TIFF", compression="group4")),
    "a crooked fax": lambda s: ("传真.png", saved([_fax(s.rotate(3, fillcolor=255))], "PNG")),
    "a poor JPEG": lambda s: ("差.jpg", saved([s.resize((1100, 1555))], "JPEG", quality=12)),
    "a PDF": lambda sheet: ("扫描.pdf", saved([sheet], "PDF", resolution=200)),
    "a dark photograph": lambda s: ("照片.jpg", saved([s.point(lambda v: 40 + v // 3)], "JPEG", quality=70)),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_mark_says_whose_paper_it_is(released: SmallOffice, tmp_path: Path, way: str) -> None:
    name, data = WAYS[way](page(Mark(released.code(DONG), "works")))
    status, said, left = scanned(released, tmp_path, name, data)
    assert (status, left) == (0, "")
    assert f"已登记：{DONG}《作品登记表》纸质，2024-08-20" in said
    docket = released.docket(DONG, "works")
    assert (docket["state"], docket["version"], docket["missing"]) == ("returned", 1, False)
    assert name in released.ask("show", DONG).stdout
    again = scanned(released, tmp_path, name, data)
    assert (again[0], "没有重复登记" in again[1]) == (0, True)
    assert released.docket(DONG, "works")["version"] == 1


def test_a_stack_is_recorded_unit_by_unit_and_what_was_not_read_is_told_by_page(
    released: SmallOffice, tmp_path: Path
) -> None:
    stack = [
        page(Mark(released.code(DONG), "works")),
        page(None),
        page(Mark(released.code(XI), "works")),
        page(Mark("ABCD-2345", "works")),
        page(Mark(released.code(NAN), "works")),
    ]
    status, said, left = scanned(released, tmp_path, "一叠.pdf", saved(stack, "PDF", resolution=200))
    assert status == 1
    assert [line[:3] for line in said.splitlines()] == ["第1页", "第3页", "第5页"]
    assert "第2页没有读出方码" in left
    assert "第4页：方码中的编号 ABCD-2345 不在台账中" in left
    for unit in (DONG, XI, NAN):
        assert released.docket(unit, "works")["state"] == "returned"
    assert released.docket(DONG, "summary")["state"] != "returned"
    # Nobody's folder holds somebody else's paper.
    assert released.ask("report", "small").exit_code == 0
    kept = [path for path in (released.folder / "交换" / "归档").rglob("*.pdf")]
    assert {len(PdfReader(path).pages) for path in kept} == {1}
    assert len(kept) == 3


def test_pages_after_a_cover_slip_go_along_with_it(released: SmallOffice, tmp_path: Path) -> None:
    cover = Mark(released.code(DONG))
    stack = saved([page(cover), page(None), page(None)], "TIFF", compression="tiff_lzw")
    refused = scanned(released, tmp_path, "封面.tif", stack)
    assert refused[0] == 2
    assert "不止一项" in refused[2]
    status, said, left = scanned(released, tmp_path, "封面.tif", stack, "small", "东城", "总结")
    assert (status, left) == (0, "")
    assert "第1、2、3页" in said
    assert released.docket(DONG, "summary")["state"] == "returned"


def test_a_mark_that_contradicts_the_clerk_records_nothing(released: SmallOffice, tmp_path: Path) -> None:
    data = saved([page(Mark(released.code(DONG), "works"))], "PNG")
    status, _, left = scanned(released, tmp_path, "a.png", data, "small", "西城", "works")
    assert status == 2
    assert f"方码是{DONG}“works”（small）的，与填写的不一致" in left
    assert released.docket(XI, "works")["state"] == released.docket(DONG, "works")["state"] == "not-sent"


def test_without_a_legible_mark_the_clerk_says_whose_it_is(released: SmallOffice, tmp_path: Path) -> None:
    data = saved([page(None)], "PNG")
    status, _, left = scanned(released, tmp_path, "a.png", data)
    assert status == 2
    assert "没有读出方码" in left
    status, said, _ = scanned(released, tmp_path, "a.png", data, "small", "西城", "works")
    assert status == 0
    assert f"已登记：{XI}" in said


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.heic", b"\0\0\0\x18ftypheic", "请用 PDF、JPG、PNG 或 TIFF"),
        ("torn.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "文件打不开"),
        ("torn.pdf", b"%PDF-1.7 torn", "文件打不开"),
        ("bomb.png", saved([Image.new("1", (20_000, 20_000))], "PNG"), "图片过大"),
    ],
)
def test_what_cannot_be_looked_at_is_said(
    released: SmallOffice, tmp_path: Path, name: str, data: bytes, said: str
) -> None:
    status, _, left = scanned(released, tmp_path, name, data)
    assert (status, said in left) == (2, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("small", DONG, "works"), "请写明活动、单位、材料和 --via"),
        (("small", "--via", "oa"), "请写明活动、单位、材料和 --via"),
        (("--scan", "x.png", "--via", "oa"), "--scan 只用来登记纸质件"),
        (("--scan", "没有.png"), "没有这个文件"),
    ],
)
def test_what_record_needs_is_said(released: SmallOffice, words: tuple[str, ...], said: str) -> None:
    refused = released.ask("record", *words, *BY)
    assert refused.exit_code == 2
    assert said in refused.stderr
