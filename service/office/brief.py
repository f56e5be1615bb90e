"""按组情况 — of each group: how many units are asked and complete, who owes what, who stands apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from service.office.board import Board, BoardRow
from service.office.campaign import Obligation
from service.office.docket import STATE_WORDS, DocketState, MediumState
from service.office.tally import group_of, left_words, state_words

# A unit that owes nothing as missing and is not complete stands under the first of these that it has.
_APART = (
    DocketState.IN_REVIEW,
    DocketState.NEEDS_CORRECTION,
    DocketState.BY_LINK,
    DocketState.UNDELIVERED,
    DocketState.PROMISED,
    DocketState.NOT_SENT,
)
# What a person of the office has to look at before anybody can say whether the unit has reported.
DOUBTFUL = (DocketState.IN_REVIEW, DocketState.NEEDS_CORRECTION, DocketState.BY_LINK)


@dataclass(frozen=True, slots=True)
class UnitBrief:
    """One unit that is not complete: the state that it stands under, and what that is about, in words."""

    key: str
    name: str
    state: DocketState
    items: tuple[str, ...]
    left: str = ""  # 逾期 2 天, 剩 3 天: of the most pressing item
    half: str = ""  # 纸质版未到: whoever brought one of two must not read as having brought nothing

    def words(self, *, with_items: bool, with_left: bool = True) -> str:
        """南城区市场监督管理局（活动总结，逾期 1 天）."""
        about = ["、".join(self.items) if with_items else "", self.half, self.left if with_left else ""]
        inside = "，".join(filter(None, about))
        return f"{self.name}（{inside}）" if inside else self.name


@dataclass(frozen=True, slots=True)
class GroupBrief:
    """A group's units, each counted once: asked = complete + missing + apart [law 6]."""

    name: str
    asked: int
    complete: int
    missing: tuple[UnitBrief, ...]
    apart: tuple[UnitBrief, ...]

    def in_states(self, *states: DocketState) -> tuple[UnitBrief, ...]:
        """Units that stand apart under one of these."""
        return tuple(each for each in self.apart if each.state in states)

    @property
    def counts_words(self) -> str:
        """应报 11 家，报齐 9 家，未报 1 家，待人工 1 家."""
        parts = [f"应报 {self.asked} 家", f"报齐 {self.complete} 家", f"未报 {len(self.missing)} 家"]
        for state in _APART:
            if found := self.in_states(state):
                parts.append(f"{STATE_WORDS[state]} {len(found)} 家")
        return "，".join(parts)


def briefs(board: Board) -> tuple[GroupBrief, ...]:
    """Every group in roster order; one of which nothing is required is left out."""
    groups: dict[str, dict[str, list[BoardRow]]] = {}
    for row in sorted(board.rows, key=lambda row: row.docket.is_third_party):
        if row.docket.obligation is Obligation.REQUIRED and row.docket.state is not DocketState.EXEMPT:
            groups.setdefault(group_of(row), {}).setdefault(row.docket.unit, []).append(row)
    return tuple(_group(name, units.values()) for name, units in groups.items())


def whole(groups: Sequence[GroupBrief]) -> GroupBrief:
    """All groups as one; a unit stands in the first of its groups only, so that nobody counts twice."""
    return GroupBrief(
        "合计",
        sum(each.asked for each in groups),
        sum(each.complete for each in groups),
        tuple(one for each in groups for one in each.missing),
        tuple(one for each in groups for one in each.apart),
    )


def has_several_items(board: Board) -> bool:
    """Whether a name alone leaves open what is missing."""
    required = {row.docket.item for row in board.rows if row.docket.obligation is Obligation.REQUIRED}
    return len(required) > 1


def left_of_all(units: Sequence[UnitBrief]) -> str:
    """（均逾期 1 天） where it is the same for several, to be said once; else nothing."""
    lefts = {each.left for each in units}
    return f"（均{units[0].left}）" if len(units) > 1 and len(lefts) == 1 and units[0].left else ""


def listed(names: Sequence[str], at_most: int, what: str = "家") -> str:
    """甲、乙、丙等 12 家; whole where it is short."""
    if len(names) <= at_most:
        return "、".join(names)
    return f"{'、'.join(names[:at_most])}等 {len(names)} {what}"


def _group(name: str, units: Iterable[list[BoardRow]]) -> GroupBrief:
    asked, complete = 0, 0
    missing: list[UnitBrief] = []
    apart: list[UnitBrief] = []
    for rows in units:
        asked += 1
        owed = [row for row in rows if row.docket.is_missing]
        if owed:
            missing.append(_missing(owed))
        elif (state := _state_of(rows)) is None:
            complete += 1
        else:
            about = tuple(row.item_name for row in rows if row.docket.state is state)
            apart.append(UnitBrief(rows[0].docket.unit, rows[0].unit_name, state, about))
    return GroupBrief(name, asked, complete, tuple(missing), tuple(apart))


def _missing(owed: list[BoardRow]) -> UnitBrief:
    pressing = min(owed, key=lambda row: (row.days_left is None, row.days_left or 0))
    items = tuple(row.item_name for row in owed)
    halves = [state_words(row) for row in owed if MediumState.RETURNED in _media(row)]
    half = "；".join(dict.fromkeys(halves)) if len(halves) == len(owed) else ""
    return UnitBrief(
        pressing.docket.unit, pressing.unit_name, DocketState.AWAITED, items, left_words(pressing), half
    )


def _media(row: BoardRow) -> tuple[MediumState | None, ...]:
    return (row.docket.electronic, row.docket.paper)


def _state_of(rows: list[BoardRow]) -> DocketState | None:
    states = {row.docket.state for row in rows}
    return next((each for each in _APART if each in states), None)
