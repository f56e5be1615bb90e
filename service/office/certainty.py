"""把握 — whether anybody may be called missing at this instant, before others are told of it."""

from __future__ import annotations

from datetime import datetime

from service.office.canary import lost
from service.office.letter import Stage
from service.office.needs.ledger import Ledger
from service.office.policy import Policy, moment_words

_BEING_READ = (Stage.RECEIVED, Stage.SORTED, Stage.MATCHED, Stage.CHECKED)
# So many letters without a unit are enough to say so.
LETTERS_MAX = 1000


def doubt(ledger: Ledger, policy: Policy, now: datetime) -> str:
    """Why a list of the missing may be wrong now, with what to do; empty where nothing speaks against it.

    A reminder goes to the unit itself, which knows better. What a superior or the public is told must hold:
    every mailbox read, every letter read through, and none that could be anybody's.
    """
    return _blind(ledger, policy, now) or _unread(ledger) or _unassigned(ledger)


def _blind(ledger: Ledger, policy: Policy, now: datetime) -> str:
    cursors = ledger.cursors()
    if not cursors:
        return (
            "信箱还没有成功读取过，不能断定谁没报：请先启动服务（huizhi run），或运行 huizhi doctor 查看原因"
        )
    oldest = min(((each.read_at, each.account) for each in cursors if each.read_at), default=None)
    unread = next((each.account for each in cursors if each.read_at is None), "")
    if unread or oldest is None:
        return f"信箱 {unread} 还没有成功读取过，不能断定谁没报：请运行 huizhi doctor 查看原因"
    if now - oldest[0] > policy.blind_after:
        since = moment_words(oldest[0], policy.zone)
        return f"信箱 {oldest[1]} 自{since}以来没有成功读取，不能断定谁没报：请运行 huizhi doctor 查看原因"
    if lost(ledger, policy, now) is not None:
        return "自检信没有收到，来信可能收不进来，不能断定谁没报：请运行 huizhi doctor 查看原因"
    return ""


def _unread(ledger: Ledger) -> str:
    count = sum(ledger.count_letters(stage=stage) for stage in _BEING_READ)
    if not count:
        return ""
    return f"还有 {count} 封来信没有办到底，不能断定谁没报：请稍后再试；一直如此的，看 huizhi desk 里的“搁置”"


def _unassigned(ledger: Ledger) -> str:
    letters = ledger.letters(stage=Stage.REVIEW, limit=LETTERS_MAX)
    count = sum(each.unit is None for each in letters)
    if not count:
        return ""
    return f"还有 {count} 封来信没有归属到单位，不能断定谁没报：请先用 huizhi desk 处理“待人工”"
