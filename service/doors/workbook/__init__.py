"""台账.xlsx and 待人工.xlsx, the workbooks a Chinese office knows, made with openpyxl."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from openpyxl import Workbook as Book

from service.doors.workbook.back import read_back
from service.doors.workbook.calls import calls_pages
from service.doors.workbook.columns import Pick
from service.doors.workbook.conflicts import conflicts_page
from service.doors.workbook.desk_book import desk_book_page, lists_of
from service.doors.workbook.overview import draw_overview
from service.doors.workbook.pages import board_pages
from service.doors.workbook.parcel import draw_index
from service.doors.workbook.picking import lay_choices
from service.doors.workbook.rollup import draw_rollup
from service.doors.workbook.rollup_back import read_rollup_back
from service.doors.workbook.seal import sealed
from service.doors.workbook.shares import shares_page
from service.doors.workbook.sheet import add_styles, draw_page
from service.office.board import Board, Choices, DeskRow
from service.office.order import NotTakenOver, SavedBook
from service.office.parcel import ParcelRow
from service.office.rollup import Returned, Rollup
from service.office.share import Share

__all__ = ["WorkbookDoor"]

# 待人工.xlsx is about no instant; a fixed one keeps its bytes the same while its rows are.
_NO_INSTANT = datetime(2000, 1, 1, tzinfo=UTC)

_NO_CHOICES = Choices()


class WorkbookDoor:
    """Implements `needs/workbook.py`."""

    def ledger(self, board: Board, depth: int = 1) -> bytes:
        """台账.xlsx; its sheets stand in the order of `pages.board_pages`, 总览 first."""
        book = _empty_book()
        draw_overview(book, board)
        for page in board_pages(board, depth):
            draw_page(book, page)
        lay_choices(book, {Pick.STAFF: board.staff})
        return sealed(book, title=f"{board.title} 台账", author=board.issuer, at=board.at)

    def calls(self, board: Board) -> bytes:
        """催办电话表.xlsx: whom to call about what; whom the machine still reminds."""
        book = _empty_book()
        for page in calls_pages(board):
            draw_page(book, page)
        return sealed(book, title=f"{board.title} 催办电话表", author=board.issuer, at=board.at)

    def desk(self, rows: Sequence[DeskRow], choices: Choices = _NO_CHOICES, unassigned: str = "") -> bytes:
        """待人工.xlsx: what needs a person, the command that settles it, and drop-downs that do as well."""
        book = _empty_book()
        draw_page(book, desk_book_page(rows, choices, unassigned))
        lay_choices(book, lists_of(choices))
        return sealed(book, title="待人工处理事项", author="", at=_NO_INSTANT)

    def conflicts(self, day: str, rows: Sequence[NotTakenOver]) -> bytes:
        """冲突 <day>.xlsx: what staff wrote into a workbook that day and could not be taken over."""
        book = _empty_book()
        draw_page(book, conflicts_page(day, rows))
        return sealed(book, title=f"表格冲突 {day}", author="", at=_NO_INSTANT)

    def edits(self, data: bytes) -> SavedBook:
        """What staff wrote into a workbook of ours; never raises."""
        return read_back(data)

    def shares(self, title: str, shares: Sequence[Share], at: datetime) -> bytes:
        """发放清单.xlsx: one row per unit and recipient of a draft."""
        book = _empty_book()
        draw_page(book, shares_page(title, shares, at))
        return sealed(book, title=f"{title} 发放清单", author="", at=at)

    def rollup(self, rollup: Rollup) -> bytes:
        """汇总表.xlsx: a sheet for each item, 分组合计, and what could not be taken over."""
        book = _empty_book()
        draw_rollup(book, rollup)
        return sealed(book, title=f"{rollup.title} 汇总表", author=rollup.issuer, at=rollup.at)

    def returned(self, data: bytes, campaign: str) -> Returned:
        """汇总表.xlsx as somebody saved it; raises DoorError where it cannot be read."""
        return read_rollup_back(data, campaign)

    def index(self, title: str, rows: Sequence[ParcelRow], at: datetime) -> bytes:
        """目录.xlsx of a parcel."""
        book = _empty_book()
        draw_index(book, title, rows, at)
        return sealed(book, title=f"{title} 目录", author="", at=at)


def _empty_book() -> Book:
    book = Book()
    for sheet in list(book.worksheets):
        book.remove(sheet)
    add_styles(book)
    return book
