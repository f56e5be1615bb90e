"""The hidden column: which row this is and what its open cells held, so that a row may be moved anywhere."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from service.office.order import DeskWritten, DocketWritten

KEY = "键"
_DOCKET, _DESK = "台账行", "待人工"


def docket_key(row: DocketWritten, shown: Iterable[str]) -> str:
    """A row of 登记; `shown` are the cells that staff are not to change."""
    about = [row.campaign, row.unit, row.item, row.row_version]
    return _sealed([_DOCKET, *about, row.paper, row.extended, row.is_exempt, row.remark], shown)


def desk_key(row: DeskWritten, shown: Iterable[str]) -> str:
    """A row of 待人工.xlsx."""
    return _sealed([_DESK, row.kind, row.ref, row.campaign, row.version], shown)


def read_key(text: str) -> tuple[DocketWritten | DeskWritten, str] | None:
    """The row and the print of its shown cells; None when anybody changed a sign of it."""
    try:
        told = json.loads(text)
        seal, shown, kind, *facts = told
    except (ValueError, TypeError, RecursionError):
        return None
    if seal != _print(told[1:]) or not isinstance(shown, str):
        return None
    if kind == _DOCKET:
        return DocketWritten(*facts), shown
    return (DeskWritten(*facts), shown) if kind == _DESK else None


def shown_print(shown: Iterable[str]) -> str:
    """The same for the same words, however a program breaks their lines or trims them."""
    plain = ["".join(each.replace("_x000D_", "").split()) for each in shown]
    return _print(plain)


def _sealed(facts: list[object], shown: Iterable[str]) -> str:
    told = [shown_print(shown), *facts]
    # In ASCII: a sign that a cell cannot hold would make the key of its row unreadable.
    return json.dumps([_print(told), *told], separators=(",", ":"))


def _print(told: object) -> str:
    words = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:12]
