"""台阶 — who has had every reminder in vain, and which rung a person may take next, with its command."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from service.followup.report.sources import Sources
from service.followup.report.tree import pack_folder
from service.office.board import DeskRow
from service.office.dispatch import DispatchKind, DispatchState
from service.office.ladder import Climb, Rung

# So many names stand in a sentence; all of them stand in the phone sheet.
NAMED_MAX = 5
_WAITING = (DispatchState.READY, DispatchState.RETRY)


def ladder_rows(sources: Sources, now: datetime) -> Iterator[DeskRow]:
    """One row for each rung somebody stands on; the machine never climbs by itself."""
    if not sources.row.is_open:
        return
    yield from _to_be_urged(sources)
    yield from _not_gone_yet(sources, now)
    yield from _copies_on_paper(sources)
    yield from _to_be_named(sources, now)


def _standing_on(sources: Sources, rung: Rung) -> dict[str, list[Climb]]:
    units: dict[str, list[Climb]] = {}
    for docket in sources.dockets:
        climb = sources.climbs.get((docket.unit, docket.item))
        if climb is not None and climb.rung is rung:
            units.setdefault(docket.unit, []).append(climb)
    return units


def _to_be_urged(sources: Sources) -> Iterator[DeskRow]:
    units = _standing_on(sources, Rung.CALLING)
    since = [climb.past_at for climbs in units.values() for climb in climbs if climb.past_at is not None]
    if not since:
        return
    say = (
        f"{_named(sources, list(units))}催办都已发完，仍未报：请先打电话"
        f"（交换/台账/{sources.row.key}/催办电话表.xlsx）；再不报的，发催报函，抄送上级"
    )
    remedy = f"huizhi urge {_word(sources.row.key)} --reason 逾期未报"
    yield _row(sources, "催报", min(since), say, remedy)


def _not_gone_yet(sources: Sources, now: datetime) -> Iterator[DeskRow]:
    rows = [
        each for each in sources.dispatches if each.kind is DispatchKind.URGING and each.state in _WAITING
    ]
    if rows:
        say = (
            f"{len(rows)} 封催报函已签发，还没有发出：在工作时间、信箱读得通、没有未归属的来信时，自动发出；"
            "其间报来的不发"
        )
        yield _row(sources, "催报待发", min(now, *(each.due_at for each in rows)), say, "huizhi desk")


def _copies_on_paper(sources: Sources) -> Iterator[DeskRow]:
    for unit, copy in sources.copies.items():
        if not any(key == unit for key, _ in sources.climbs):
            continue
        name = sources.unit_name(unit)
        say = (
            f"致{name}的催报函要抄送{copy.superior}，通讯录里没有它的邮箱：打印件在 "
            f"交换/{pack_folder(sources.row.key, copy.superior)}，送到后登记"
        )
        remedy = (
            f"huizhi delivered {_word(sources.row.key)} {_word(unit)} --copy --via oa --on 日期 --by 姓名"
        )
        yield DeskRow("待抄送", unit, sources.row.key, name, copy.at.astimezone(sources.zone), say, remedy)


def _to_be_named(sources: Sources, now: datetime) -> Iterator[DeskRow]:
    """The day after its letter a unit may be named in a circular; that is for people to decide."""
    today = now.astimezone(sources.zone).date()
    urged = {
        unit: [each.urged_at for each in climbs if each.urged_at is not None]
        for unit, climbs in _standing_on(sources, Rung.URGED).items()
    }
    ripe = {u: at for u, at in urged.items() if max(at).astimezone(sources.zone).date() < today}
    if ripe:
        say = (
            f"{_named(sources, list(ripe))}发过催报函，仍未报：请再打电话；确需通报的，可起草通报"
            "（只出草稿，系统从不发出）"
        )
        since = min(min(at) for at in ripe.values())
        yield _row(sources, "通报", since, say, f"huizhi circular {_word(sources.row.key)}")


def _named(sources: Sources, units: Sequence[str]) -> str:
    names = "、".join(sources.unit_name(each) for each in units[:NAMED_MAX])
    return f"{len(units)} 个单位（{names}{'等' if len(units) > NAMED_MAX else ''}）"


def _row(sources: Sources, kind: str, since: datetime, say: str, remedy: str) -> DeskRow:
    ref = f"活动 {sources.row.key}"
    return DeskRow(kind, ref, sources.row.key, "", since.astimezone(sources.zone), say, remedy)


def _word(text: str) -> str:
    """A word of a command; what a shell would take apart is quoted."""
    return text if re.fullmatch(r"[\w.@:+/-]+", text) else "'" + text.replace("'", "'\\''") + "'"
