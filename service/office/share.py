"""发放 — one unit's part of a draft: what it gets, to whom, how, what it owes, when it is reminded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Owed:
    """One item that a unit is asked for."""

    name: str
    obligation: str  # 须报送 …
    due: str  # 2024年9月29日（星期日）24:00前（含当日）, or 随时报送
    media: str  # 电子版和纸质版


@dataclass(frozen=True, slots=True)
class Reminded:
    """One reminder as planned."""

    at: datetime
    step: str
    items: tuple[str, ...]  # names


@dataclass(frozen=True, slots=True)
class Share:
    """One unit (or, with `is_copy`, a body that only gets a copy). No `rcpts`: it is handed over on paper."""

    unit: str
    name: str
    groups: tuple[str, ...]
    rcpts: tuple[str, ...]
    contacts: tuple[str, ...]
    code: str
    files: tuple[str, ...]
    owed: tuple[Owed, ...] = ()
    reminders: tuple[Reminded, ...] = ()
    activities: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()  # in what it differs from its group, in words
    is_copy: bool = False

    @property
    def how(self) -> str:
        """邮件 or 打印送达."""
        return "邮件" if self.rcpts else "打印送达"
