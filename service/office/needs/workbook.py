"""What the office needs of a workbook maker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from service.office.board import Board, Choices, DeskRow
from service.office.order import NotTakenOver, SavedBook
from service.office.parcel import ParcelRow
from service.office.rollup import Returned, Rollup
from service.office.share import Share


class Workbook(Protocol):
    """Writes the xlsx staff know; the same board gives the same bytes."""

    def ledger(self, board: Board, depth: int = 1) -> bytes:
        """台账.xlsx, for a place `depth` folders below the exchange folder: its links lead from there."""
        ...

    def calls(self, board: Board) -> bytes:
        """催办电话表.xlsx: 催办电话, 仍在邮件催办."""
        ...

    def desk(self, rows: Sequence[DeskRow], choices: Choices = ..., unassigned: str = "") -> bytes:
        """待人工.xlsx; `unassigned` says how many letters are nobody's, and how old that is."""
        ...

    def conflicts(self, day: str, rows: Sequence[NotTakenOver]) -> bytes:
        """冲突 <day>.xlsx: what staff wrote that day and could not be taken over."""
        ...

    def edits(self, data: bytes) -> SavedBook:
        """What staff wrote into a workbook of ours; never raises, whatever the bytes are."""
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
