"""Reading a saved workbook: whichever program saved it, whatever became of it, and never an exception."""

from __future__ import annotations

import io
import random
import re
import shutil
import subprocess
import time
import zipfile
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from service.doors.workbook import WorkbookDoor, back
from service.doors.workbook.keys import desk_key, docket_key, read_key
from service.followup.report.reading import board_of
from service.office.board import Board, Choices
from service.office.order import DeskWritten, DocketWritten, Field, SavedBook, asks_of
from tests.followup.sample_board import NOW, sources

DOOR = WorkbookDoor()
REMARK = "=不是公式，\n两行"


def board() -> Board:
    told = board_of(replace(sources(), staff=("乔雁北", "郝清源")), NOW, "ab" * 32)
    rows = list(told.rows)
    rows[4] = replace(rows[4], remark=REMARK, extended_on=date(2024, 10, 15), paper_on=date(2024, 9, 26))
    return replace(told, rows=tuple(rows))


def ledger_book() -> bytes:
    return DOOR.ledger(board())


def desk_book() -> bytes:
    told = board()
    return DOOR.desk(
        told.desk, Choices(("太原市市场监督管理局",), ("质量月活动总结",), told.staff), "没有未归属的来信。"
    )


def filled(data: bytes, sheet: str, row: int, **cells: object) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(data))
    (head,) = [each for each in book[sheet].iter_rows(max_row=6) if any(cell.value == "键" for cell in each)]
    places = {str(cell.value): cell.column for cell in head}
    for heading, value in cells.items():
        column = places[heading]
        assert column is not None
        book[sheet].cell(row, column).value = value  # type: ignore[assignment]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "data", [ledger_book(), desk_book(), DOOR.ledger(replace(board(), rows=(), desk=()))]
)
def test_a_book_in_which_nobody_wrote_asks_for_nothing(data: bytes) -> None:
    assert DOOR.edits(data) == SavedBook()
    again = io.BytesIO()
    openpyxl.load_workbook(io.BytesIO(data)).save(again)
    assert DOOR.edits(again.getvalue()) == SavedBook()


def test_what_was_typed_comes_back_with_what_the_row_was() -> None:
    data = filled(ledger_book(), "登记", 5, 延期到=datetime(2024, 10, 20), 理由="人手不足", 经办人="乔雁北")
    (line,) = DOOR.edits(data).lines
    assert isinstance(line.written, DocketWritten)
    assert line.written.unit == "太原市市场监督管理局" and line.where == "工作表“登记”第 5 行"
    ((ask,), faults) = asks_of(line, line.written)
    assert (ask.field, ask.was, ask.day, faults) == (Field.EXTENDED, "", date(2024, 10, 20), ())
    assert line.cell(Field.BY).words == "乔雁北"


@pytest.mark.soffice
def test_what_libreoffice_saved_reads_the_same(tmp_path: Path) -> None:
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("LibreOffice is not installed")
    edited = filled(ledger_book(), "登记", 5, 延期到=datetime(2024, 10, 20), 理由="人手不足", 经办人="乔雁北")
    edited = filled(edited, "登记", 6, 纸质收到="2024-9-30", 备注="甲\n乙", 免报="=1+1")
    books = {
        "台账": ledger_book(),
        "填过": edited,
        "待人工": desk_book(),
        "办过": filled(
            desk_book(), "待人工", 7, 处理="登记", 归到单位="太原市市场监督管理局", 经办人="乔雁北"
        ),
    }
    (tmp_path / "in").mkdir()
    for name, data in books.items():
        (tmp_path / "in" / f"{name}.xlsx").write_bytes(data)
    order = [soffice, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless"]
    order += ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "out")]
    order += [str(tmp_path / "in" / f"{name}.xlsx") for name in books]
    ended = subprocess.run(order, capture_output=True, timeout=100, check=False)
    saved = {name: tmp_path / "out" / f"{name}.xlsx" for name in books}
    if not all(path.exists() for path in saved.values()):
        pytest.skip(f"LibreOffice here cannot open workbooks: {ended.stderr.decode(errors='replace')[:200]}")
    read = {name: DOOR.edits(path.read_bytes()) for name, path in saved.items()}
    assert read["台账"] == read["待人工"] == SavedBook(), "an untouched book asks for nothing"
    for name in ("填过", "办过"):
        before = DOOR.edits(books[name])
        assert [(each.written, each.foreign) for each in read[name].lines] == [
            (each.written, each.foreign) for each in before.lines
        ]
    for mine, theirs in zip(DOOR.edits(edited).lines, read["填过"].lines, strict=True):
        for field in (Field.EXTENDED, Field.PAPER, Field.REMARK, Field.REASON, Field.BY):
            assert theirs.cell(field).words == mine.cell(field).words, field
    # A formula stays one, with or without a result.
    assert "公式" in read["填过"].lines[1].cell(Field.EXEMPT).fault


def test_a_column_of_ones_own_and_a_new_row_are_noticed() -> None:
    book = openpyxl.load_workbook(io.BytesIO(ledger_book()))
    book["登记"]["M5"] = "旁边写的"
    book["登记"]["A14"] = "新来的单位"
    out = io.BytesIO()
    book.save(out)
    known, new = DOOR.edits(out.getvalue()).lines
    assert known.foreign == (("", "旁边写的"),)
    assert new.written is None and "新来的单位" in new.foreign[0][1]


def _row_of(key: str) -> object:
    """The row a key stands for; None when it is no key."""
    found = read_key(key)
    return found[0] if found else None


def test_a_key_of_which_a_sign_was_changed_is_no_key() -> None:
    written = DocketWritten("a", "太原市", "summary", 3, "", "2024-10-15", False, "备注“甲”\n乙")
    key = docket_key(written, ("太原市", "未报"))
    assert _row_of(key) == written
    rows = DeskWritten("存疑", "发件 7", "a", "in-doubt 1")
    assert _row_of(desk_key(rows, ())) == rows
    for place in range(len(key)):
        assert read_key(key[:place] + "x" + key[place + 1 :]) is None or key[place] == "x"
    for text in ("", "[]", "{}", "[1,2]", "null", "[" * 5000, key[:-1], f"{key}]"):
        assert read_key(text) is None


def rezipped(data: bytes, change: dict[str, bytes], *, drop: str = "") -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as before,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            if name != drop:
                after.writestr(name, change.get(name, before.read(name)))
        for name in change.keys() - set(before.namelist()):
            after.writestr(name, change[name])
    return out.getvalue()


LAUGHS = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
ONE_ROW_FAR_DOWN = b"""<?xml version="1.0"?><worksheet
 xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1048576">
 <c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData></worksheet>"""


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "不是 .xlsx"),
        (b"PK\x03\x04 half a file", "不是 .xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "旧版 .xls"),
        (ledger_book()[:-200], "不是 .xlsx"),
        (rezipped(ledger_book(), {}, drop="xl/workbook.xml"), "损坏"),
        (rezipped(ledger_book(), {"xl/workbook.xml": b"<workbook"}), "损坏"),
        (rezipped(ledger_book(), {"xl/workbook.xml": LAUGHS}), "声明"),
        (rezipped(ledger_book(), {"xl/worksheets/sheet4.xml": ONE_ROW_FAR_DOWN}), "认不出"),
        (rezipped(ledger_book(), {f"xl/a{number}.bin": b"" for number in range(600)}), "展开后过大"),
        (filled(ledger_book(), "登记", 4, 备注="理由"), "两栏都叫"),
        (filled(ledger_book(), "登记", 4, 键=None), "认不出"),
    ],
)
def test_a_book_that_cannot_be_read_says_why(data: bytes, why: str) -> None:
    began = time.monotonic()
    read = DOOR.edits(data)
    assert why in read.trouble and read.lines == ()
    assert time.monotonic() - began < 20


def test_a_bomb_is_not_unpacked() -> None:
    bomb = rezipped(ledger_book(), {"xl/media/bomb.bin": b"\0" * 1000})
    # What a member claims to unpack to is what counts; whoever understates it is cut off there.
    with zipfile.ZipFile(io.BytesIO(bomb)) as archive:
        size = archive.getinfo("xl/media/bomb.bin").file_size.to_bytes(4, "little")
    claimed = (4_000_000_000).to_bytes(4, "little")
    at = bomb.rindex(b"xl/media/bomb.bin") - 46 + 24
    assert bomb[at : at + 4] == size
    assert "展开后过大" in DOOR.edits(bomb[:at] + claimed + bomb[at + 4 :]).trouble


def test_more_lines_than_a_days_work_are_not_taken_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(back, "LINES_MAX", 2)
    data = ledger_book()
    for row in (5, 6, 7):
        data = filled(data, "登记", row, 备注="甲")
    assert "超过 2 行" in DOOR.edits(data).trouble


@pytest.mark.parametrize("seed", range(12))
def test_whatever_became_of_the_bytes_nothing_is_raised(seed: int) -> None:
    """Flipped bytes around the whole, and inside of every part of it."""
    chance = random.Random(seed)
    data = filled(ledger_book(), "登记", 5, 备注="甲", 经办人="乔雁北")
    for _ in range(6):
        spoilt = bytearray(data)
        for _ in range(chance.choice((1, 3, 30))):
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        DOOR.edits(bytes(spoilt))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [
            each
            for each in archive.namelist()
            if re.search(r"(sheet4|sharedStrings|styles|workbook)\.xml$", each)
        ]
        parts = {name: archive.read(name) for name in names}
    for name, part in parts.items():
        spoilt = bytearray(part)
        for _ in range(chance.choice((1, 5))):
            at = chance.randrange(len(spoilt))
            spoilt[at : at + chance.choice((0, 1, 40))] = bytes(
                chance.randrange(32, 127) for _ in range(chance.choice((0, 1, 8)))
            )
        read = DOOR.edits(rezipped(data, {name: bytes(spoilt)}))
        # Either it cannot be read, or no row stands for another unit than its key says.
        assert read.trouble or all(
            each.written is None or getattr(each.written, "campaign", "quality") == "quality"
            for each in read.lines
        )
