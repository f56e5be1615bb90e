"""办理发件 — what a machine must not decide: doubtful, held and refused dispatches, work set aside."""

from __future__ import annotations

from datetime import datetime

from service.desk.decide.word import Decided, missing_word, refuse
from service.journey import Office
from service.office.change import Change, ClearStumble, Record, SettleDispatch
from service.office.dispatch import DispatchState

_WORDS = {
    DispatchState.SENT: "已发出",
    DispatchState.READY: "待重发",
    DispatchState.CANCELLED: "不发",
}


def settle_dispatch(
    office: Office, dispatch: int, *, to: DispatchState, by: str, reason: str, now: datetime
) -> Decided:
    """An in-doubt, held or dead dispatch: sent after all, to be sent (again), or not to be sent."""
    if refused := missing_word(office, by, reason):
        return refuse(refused)
    row = office.doors.ledger.dispatch(dispatch)
    settled_from = (DispatchState.IN_DOUBT, DispatchState.HELD, DispatchState.DEAD)
    if row is None or row.state not in settled_from:
        return refuse(f"发件 {dispatch} 不在待处理之列")
    if to not in (DispatchState.SENT, DispatchState.READY, DispatchState.CANCELLED):
        return refuse("只能改为：已发出（sent）、重发（ready）、不发（cancelled）")
    if row.superseded_by and to is DispatchState.READY:
        return refuse(
            f"发件 {dispatch} 已被后来的签发取代（第 {row.superseded_by} 次签发），不能再发；"
            "请改为不发（cancelled）"
        )
    changes: list[Change] = [
        SettleDispatch(dispatch, row.state, to, now, f"{by}：{reason}"),
        Record(
            "dispatch-settled",
            now,
            by,
            row.campaign,
            row.unit,
            dispatch=dispatch,
            about=(("to", to.value), ("reason", reason)),
        ),
    ]
    if to is DispatchState.SENT:
        changes += office.send.sent_changes(row, now)
    if not office.doors.ledger.apply(changes):
        return refuse("这件发件刚刚有变动，请重新查看")
    return Decided(True, f"发件 {dispatch} 已改为“{_WORDS[to]}”")


def try_again(office: Office, stage: str, piece: str, *, by: str, now: datetime) -> Decided:
    """A piece of work set aside after three tries is tried again."""
    aside = {(each.stage, each.piece) for each in office.doors.ledger.stumbles()}
    if (stage, piece) not in aside:
        return refuse(f"没有搁置的“{stage} {piece}”，请用 huizhi desk 查看")
    done = office.doors.ledger.apply(
        [ClearStumble(stage, piece), Record("try-again", now, by, about=(("stage", stage), ("piece", piece)))]
    )
    return Decided(done, f"“{stage} {piece}”将再试")
