"""台账.xlsx and 待人工.xlsx, the workbooks a Chinese office knows, made with openpyxl."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from openpyxl import Workbook as Book

from service.doors.workbook.overview import draw_overview
from service.doors.workbook.pages import board_pages, desk_page
from service.doors.workbook.parcel import draw_index
from service.doors.workbook.rollup import draw_rollup
from service.doors.workbook.rollup_back import read_back
from service.doors.workbook.seal import sealed
from service.doors.workbook.shares import shares_page
from service.doors.workbook.sheet import add_styles, draw_page
from service.office.board import Board, DeskRow
from service.office.parcel import ParcelRow
from service.office.rollup import Returned, Rollup
from service.office.share import Share

__all__ = ["WorkbookDoor"]

# 待人工.xlsx is about no instant; a fixed one keeps its bytes the same while its rows are.
_NO_INSTANT = datetime(2000, 1, 1, tzinfo=UTC)


class WorkbookDoor:
    """Implements `needs/workbook.py`."""

    def ledger(self, board: Board) -> bytes:
        """台账.xlsx: 总览, 未报, 已报, 待补正, 待人工, 未送达, 通讯录, 全部明细."""
        book = _empty_book()
        draw_overview(book, board)
        for page in board_pages(board):
            draw_page(book, page)
        return sealed(book, title=f"{board.title} 台账", author=board.issuer, at=board.at)

    def desk(self, rows: Sequence[DeskRow]) -> bytes:
        """待人工.xlsx: what needs a person, and the command that settles it."""
        book = _empty_book()
        draw_page(book, desk_page(rows, None))
        return sealed(book, title="待人工处理事项", author="", at=_NO_INSTANT)

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
        return read_back(data, campaign)

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
