"""What the office needs of a workbook maker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from service.office.board import Board, DeskRow
from service.office.share import Share


class Workbook(Protocol):
    """Writes the xlsx staff know; the same board gives the same bytes."""

    def ledger(self, board: Board) -> bytes:
        """台账.xlsx: 总览, 未报, 已报, 待补正, 待人工, 未送达, 通讯录."""
        ...

    def calls(self, board: Board) -> bytes:
        """催办电话表.xlsx: 催办电话, 仍在邮件催办."""
        ...

    def desk(self, rows: Sequence[DeskRow]) -> bytes:
        """待人工.xlsx."""
        ...

    def shares(self, title: str, shares: Sequence[Share], at: datetime) -> bytes:
        """发放清单.xlsx: one row per unit and recipient of a draft."""
        ...
