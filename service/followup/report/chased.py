"""催办记录 — every reminder and every call that fell due: to whom, for what, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from service.followup.report.sources import Sources
from service.office.board import ChasedRow
from service.office.dispatch import Dispatch, DispatchKind, DispatchState

# A reminder that has not gone out, in a word; why is added where the outbox says it.
_NOT_SENT = {
    DispatchState.READY: "待发",
    DispatchState.LEASED: "待发",
    DispatchState.SENDING: "正在发送",
    DispatchState.RETRY: "稍后重试",
    DispatchState.DEAD: "没有送达",
    DispatchState.IN_DOUBT: "存疑",
    DispatchState.HELD: "停发",
    DispatchState.CANCELLED: "没有发",
}
_TROUBLED = (DispatchState.DEAD, DispatchState.IN_DOUBT, DispatchState.HELD)
_CALL = "电话催办"


def chased_rows(sources: Sources) -> tuple[ChasedRow, ...]:
    """In order of time, and of units within an instant."""
    names = {each.unit.key: each.unit.name for each in sources.standings}
    rows = [
        replace(each, unit=names.get(each.unit, each.unit))
        for each in (*_written(sources), *_called(sources))
    ]
    order = {name: number for number, name in enumerate(names.values())}
    return tuple(sorted(rows, key=lambda row: (row.queued_at, order.get(row.unit, len(order)), row.rcpt)))


def _written(sources: Sources) -> Iterator[ChasedRow]:
    for each in sources.dispatches:
        if each.kind is not DispatchKind.REMINDER:
            continue
        yield ChasedRow(
            unit=each.unit,
            items=_items(sources, each.dockets),
            step=step_of(each),
            queued_at=each.due_at if each.sent_at is None else min(each.due_at, each.sent_at),
            sent_at=each.sent_at if each.state is DispatchState.SENT else None,
            outcome=_outcome(each),
            rcpt=each.rcpt,
            is_in_trouble=each.state in _TROUBLED,
        )


def _called(sources: Sources) -> Iterator[ChasedRow]:
    for event in sources.call_events:
        about = dict(event.about)
        keys = tuple(filter(None, about.get("items", "").split("、")))
        step = about.get("step", "").partition("@")[0]
        said = "没有可用的邮箱，由人打电话"
        yield ChasedRow(event.unit, _items(sources, keys), step, event.at, None, said, _CALL)


def step_of(dispatch: Dispatch) -> str:
    """The step's name as the campaign calls it, out of the key that keeps it from being sent twice."""
    mark = f"remind:{dispatch.campaign}:{dispatch.unit}:"
    if not dispatch.dedupe_key.startswith(mark):
        return ""
    # What follows the step is its due revision and the recipient, neither of which holds a colon.
    return dispatch.dedupe_key.removeprefix(mark).rsplit(":", 2)[0].partition("@")[0]


def _outcome(dispatch: Dispatch) -> str:
    if dispatch.state is DispatchState.SENT:
        return "已发出"
    word = _NOT_SENT[dispatch.state]
    return f"{word}：{dispatch.last_error}" if dispatch.last_error else word


def _items(sources: Sources, keys: tuple[str, ...]) -> str:
    return "\n".join(sources.item_name(each) for each in keys)
