"""What the office needs of a workbook maker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from service.office.board import Board, DeskRow
from service.office.parcel import ParcelRow
from service.office.rollup import Returned, Rollup
from service.office.share import Share


class Workbook(Protocol):
    """Writes the xlsx staff know; the same board gives the same bytes."""

    def ledger(self, board: Board) -> bytes:
        """台账.xlsx: 总览, 未报, 已报, 待补正, 待人工, 未送达, 通讯录."""
        ...

    def desk(self, rows: Sequence[DeskRow]) -> bytes:
        """待人工.xlsx."""
        ...

    def shares(self, title: str, shares: Sequence[Share], at: datetime) -> bytes:
        """发放清单.xlsx: one row per unit and recipient of a draft."""
        ...

    def rollup(self, rollup: Rollup) -> bytes:
        """汇总表.xlsx: a sheet for each item, 分组合计, and what could not be taken over."""
        ...

    def returned(self, data: bytes, campaign: str) -> Returned:
        """The same as somebody saved it; raises DoorError where it cannot be read."""
        ...

    def index(self, title: str, rows: Sequence[ParcelRow], at: datetime) -> bytes:
        """目录.xlsx of a parcel that is handed upward."""
        ...
