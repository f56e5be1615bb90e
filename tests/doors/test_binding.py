"""汇编.docx: words, tables, numbers and pictures carried over, contents in front, nothing lost unsaid."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pdfplumber
import pytest
from docx import Document
from docx.document import Document as DocumentType
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Cm
from lxml import etree
from PIL import Image

from service.doors.binding import BindingDoor, book
from service.doors.binding.numbers import written
from service.doors.binding.pictures import EDGE_PIXELS_MAX
from service.office.compendium import (
    Chapter,
    Compendium,
    Division,
    LeftOut,
    PicturePiece,
    Piece,
    Section,
    TextPiece,
    WordPiece,
)
from service.office.needs.binding import Bound
from service.office.outcome import DoorError

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
TAIYUAN, DATONG = "太原市市场监督管理局", "大同市市场监督管理局"


def photo(width: int = 400, height: int = 300, colour: str = "steelblue", kind: str = "JPEG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, kind)
    return out.getvalue()


def saved(document: DocumentType) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def summary(*lines: str) -> DocumentType:
    document = Document()
    title = document.add_paragraph("质量月活动总结")
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for line in lines:
        document.add_paragraph(line)
    return document


def compendium(*pieces: Piece, left_out: tuple[LeftOut, ...] = ()) -> Compendium:
    own = Chapter(TAIYUAN, (Section("", pieces),))
    other = Chapter(
        DATONG, (Section("", (TextPiece(("一、开展情况", "我局组织了宣传。"), "来信正文.eml"),)),)
    )
    return Compendium(
        "质量月", "甲省市场监督管理局", "2024年9月30日", (Division("各市局", (own, other)),), left_out
    )


def word(name: str = "总结.docx") -> WordPiece:
    return WordPiece(name, name, f"归档/质量月/总结/{TAIYUAN}/第1件-第1版/{name}")


def join(files: dict[str, bytes], *pieces: Piece) -> Bound:
    return BindingDoor().join(compendium(*(pieces or (word(),))), lambda sha256: files[sha256])


def opened(bound: Bound) -> DocumentType:
    return Document(io.BytesIO(bound.document))


def lines(bound: Bound) -> list[tuple[str, str]]:
    return [
        (str(each.style.name), each.text) for each in opened(bound).paragraphs if each.style and each.text
    ]


def test_units_stand_under_real_headings_with_contents_in_front() -> None:
    bound = join({"总结.docx": saved(summary("一、开展情况", "走访企业四十家。"))})
    found = lines(bound)
    assert [text for style, text in found if style == "Heading 1"] == ["各市局"]
    assert [text for style, text in found if style == "Heading 2"] == [TAIYUAN, DATONG]
    contents = [text.partition("\t")[0] for style, text in found if style.startswith("toc ")]
    assert contents == ["各市局", TAIYUAN, DATONG]
    root = etree.fromstring(zipfile.ZipFile(io.BytesIO(bound.document)).read("word/document.xml"))
    codes = "".join(each.text or "" for each in root.iter(W + "instrText"))
    assert 'TOC \\o "1-2"' in codes
    marks = {each.get(W + "name") for each in root.iter(W + "bookmarkStart")}
    assert {each.get(W + "anchor") for each in root.iter(W + "hyperlink")} <= marks
    assert len(list(root.iter(W + "fldChar"))) % 3 == 0
    assert ("居中文字", "质量月活动总结") in found and ("内文一级标题", "一、开展情况") in found
    assert ("正文内容", "走访企业四十家。") in found
    assert bound.left_out == ()


def test_emphasis_tables_and_pictures_come_along() -> None:
    document = summary()
    paragraph = document.add_paragraph("效果")
    paragraph.add_run("明显").bold = True
    table = document.add_table(2, 3, style="Table Grid")
    table.cell(0, 0).merge(table.cell(0, 1)).text = "合并的格"
    table.cell(1, 2).text = "四十家"
    document.add_picture(io.BytesIO(photo()), width=Cm(30))
    bound = join({"总结.docx": saved(document)})
    made = opened(bound)
    bold = [run.text for each in made.paragraphs for run in each.runs if run.bold]
    assert bold == ["明显"]
    (carried,) = made.tables
    assert carried.cell(0, 0).text == carried.cell(0, 1).text == "合并的格"
    assert carried.cell(1, 2).text == "四十家"
    (shape,) = made.inline_shapes
    assert shape.width <= Cm(15.7) and abs(shape.width / shape.height - 4 / 3) < 0.01
    assert bound.left_out == ()


def test_automatic_numbers_are_written_out() -> None:
    document = summary()
    for text in ("宣传", "培训"):
        document.add_paragraph(text, style="List Number")
    document.add_paragraph("要点", style="List Bullet")
    texts = [text for _, text in lines(join({"总结.docx": saved(document)}))]
    assert [text for text in texts if text.endswith(("宣传", "培训", "要点"))] == [
        "1. 宣传",
        "2. 培训",
        "• 要点",
    ]


@pytest.mark.parametrize(
    ("number", "kind", "text"),
    [
        (1, "chineseCountingThousand", "一"),
        (10, "chineseCounting", "十"),
        (21, "japaneseCounting", "二十一"),
        (3, "decimalEnclosedCircle", "③"),
        (27, "lowerLetter", "aa"),
        (4, "upperRoman", "IV"),
        (7, "decimal", "7"),
    ],
)
def test_a_number_reads_as_its_list_shows_it(number: int, kind: str, text: str) -> None:
    assert written(number, kind) == text


def test_what_was_struck_out_under_review_stays_out() -> None:
    data = saved(summary("保留的话。"))
    source = zipfile.ZipFile(io.BytesIO(data))
    text = source.read("word/document.xml").decode()
    taken_out = '<w:del w:id="9" w:author="x"><w:r><w:t>不要的话</w:t></w:r></w:del>'
    put_in = '<w:ins w:id="8" w:author="x"><w:r><w:t>添上的话</w:t></w:r></w:ins>'
    text = text.replace(
        "<w:r><w:t>保留的话。", f"<!-- x -->{taken_out}{put_in}<w:r><!-- y --><w:t>保留的话。"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            target.writestr(name, text if name == "word/document.xml" else source.read(name))
    found = [text for _, text in lines(join({"总结.docx": out.getvalue()}))]
    assert "添上的话保留的话。" in found and not any("不要的话" in each for each in found)


def test_large_photographs_are_made_small_and_each_is_kept_once() -> None:
    large = photo(4000, 3000)
    pieces = [
        PicturePiece("a", "现场.jpg", "归档/现场.jpg"),
        PicturePiece("b", "又一张.jpg", "归档/又一张.jpg"),
    ]
    bound = join({"a": large, "b": large}, *pieces)
    package = zipfile.ZipFile(io.BytesIO(bound.document))
    (name,) = [each for each in package.namelist() if "media" in each]
    assert max(Image.open(io.BytesIO(package.read(name))).size) == EDGE_PIXELS_MAX
    assert [text for style, text in lines(bound) if style == "图片说明"] == ["现场", "又一张"]


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP", "TIFF", "WEBP"])
def test_every_common_kind_of_picture_is_shown(kind: str) -> None:
    whole = photo(kind=kind)
    bound = join(
        {"a": whole, "b": whole[: len(whole) // 2]},
        PicturePiece("a", "图.x", ""),
        PicturePiece("b", "断.x", ""),
    )
    assert len(opened(bound).inline_shapes) == 1
    assert [each.name for each in bound.left_out] == ["断.x"], "a cut one is listed"


def failing(sha256: str) -> bytes:
    raise DoorError(f"档案中没有 {sha256}", again=False)


def test_what_cannot_be_joined_is_listed_at_the_end() -> None:
    files = {"坏.docx": b"PK\x03\x04 broken", "空.docx": saved(Document()), "a": b"no picture"}
    pieces: Sequence[Piece] = (word("坏.docx"), word("空.docx"), PicturePiece("a", "图.jpg", "归档/图.jpg"))
    bound = join(files, *pieces)
    assert [each.name for each in bound.left_out] == ["坏.docx", "空.docx", "图.jpg"]
    (table,) = opened(bound).tables
    assert [cell.text for cell in table.rows[0].cells] == ["单位", "文件", "在交换文件夹的位置", "原因"]
    assert "归档/质量月" in table.cell(1, 2).text and "损坏" in table.cell(1, 3).text
    assert "没有编入的材料" in [text for style, text in lines(bound) if style == "Heading 1"]
    lost = BindingDoor().join(compendium(word()), failing)
    assert [each.why for each in lost.left_out] == ["档案中没有 总结.docx"]


def test_pictures_beyond_the_bound_are_listed_not_carried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "PICTURES_BYTES_MAX", 10)
    bound = join({"a": photo()}, PicturePiece("a", "现场.jpg", "归档/现场.jpg"))
    assert [each.name for each in bound.left_out] == ["现场.jpg"]


def test_signs_that_no_xml_holds_break_nothing() -> None:
    bound = join({}, TextPiece(("甲\x00乙\ud800<&>\ufffe",), "来信正文.eml"))
    assert "甲乙<&>" in [text for _, text in lines(bound)]


def test_the_same_summaries_give_the_same_bytes() -> None:
    files = {"总结.docx": saved(summary("一句话。"))}
    assert join(files).document == join(files).document


def test_pictures_are_taken_out_of_documents() -> None:
    document = summary()
    document.add_picture(io.BytesIO(photo()))
    document.add_picture(io.BytesIO(photo(60, 60, kind="PNG")))  # a seal or an icon
    found = list(BindingDoor().pictures(saved(document), "总结.docx"))
    assert [(name, data) for name, data in found] == [("总结-图1.jpg", photo())]
    assert list(BindingDoor().pictures(b"nothing", "总结.docx")) == []


def test_it_opens_in_libreoffice_with_each_unit_on_a_page_of_its_own(tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    path = tmp_path / "汇编.docx"
    path.write_bytes(join({"总结.docx": saved(summary(*["走访企业四十家。" * 8] * 30))}).document)
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    command = [office, profile, "--headless", "--convert-to", "pdf", path.name]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=120, capture_output=True)
    with pdfplumber.open(path.with_suffix(".pdf")) as pdf:
        texts = ["".join((page.extract_text() or "").split()) for page in pdf.pages]
    assert "材料汇编" in texts[0] and "2024年9月30日" in texts[0], "the cover is one page"
    assert "目录" in texts[1] and TAIYUAN in texts[1] and DATONG in texts[1]
    assert TAIYUAN in texts[2] and DATONG not in texts[2]
    assert texts[-1].startswith(DATONG) and texts[-1].endswith(f"—{len(texts)}—")
