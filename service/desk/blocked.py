"""发信受阻 — mail that waits for its account: a refused login, or the day's cap; told once an account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from service.journey import Office
from service.office.board import DeskRow
from service.office.canary import lost, lost_words
from service.office.chased import blind_boxes
from service.office.dispatch import Dispatch, DispatchState
from service.office.needs.ledger import Ledger
from service.office.pausing import standing_alarm
from service.office.policy import moment_words

KIND = "发信受阻"
# Providers count any 24 hours, or their own day, which ends sooner: this is the latest it can be.
CAP_SPAN = timedelta(hours=24)


def blocked_rows(office: Office, now: datetime) -> list[DeskRow]:
    """One row for each account that keeps mail back, with what to do; nothing while all of it goes out."""
    ledger = office.doors.ledger
    waiting = ledger.dispatches(states=(DispatchState.READY, DispatchState.RETRY))
    found: list[DeskRow] = []
    for account in dict.fromkeys(each.account for each in waiting):
        kept = [each for each in waiting if each.account == account]
        found += _locked(ledger, account, kept)
        found += _capped(office, account, kept, now)
    return found


def canary_rows(office: Office, now: datetime) -> list[DeskRow]:
    """Our own letter to ourselves has not come back: whether answers come in is not known."""
    policy = office.policy
    canary = lost(office.doors.ledger, policy, now)
    if canary is None:
        return []
    since = canary.sent_at or canary.due_at
    say = lost_words(canary, policy)
    return [DeskRow("收信存疑", f"发件 {canary.id}", "", "", since, say, "huizhi doctor")]


def blind_rows(office: Office, now: datetime) -> list[DeskRow]:
    """Mailboxes that nobody has read for too long: which, since when, and that reminders are held [law 5]."""
    policy, ledger = office.policy, office.doors.ledger
    held = "来信可能没有收进来，全部催办已暂停；读到以后自动恢复。请查看网络、授权码和服务是否在运行"
    opened = [each.opened_at for each in ledger.campaigns() if each.is_open]
    # A campaign just released, and the service not started yet: nobody has answered so far.
    if not ledger.cursors() and any(now - each > policy.blind_after for each in opened):
        return [DeskRow("收信中断", "全部邮箱", "", "", now, f"一个邮箱也没有读过：{held}", "huizhi doctor")]
    rows = []
    for each in blind_boxes(ledger, policy, now):
        box = f"{each.account}/{each.folder}"
        since = f"从{moment_words(each.read_at, policy.zone)}起没有读到" if each.read_at else "一次也没有读到"
        say = f"邮箱 {box} {since}：{held}"
        rows.append(DeskRow("收信中断", f"邮箱 {box}", "", "", each.read_at or now, say, "huizhi doctor"))
    return rows


def _locked(ledger: Ledger, account: str, kept: list[Dispatch]) -> Iterator[DeskRow]:
    """The server refuses the account itself, and nothing of it has gone out since."""
    alarm = standing_alarm(ledger, account)
    if alarm is None:
        return
    why = dict(alarm.about).get("why", "服务器不接受本账户")
    say = f"{why}；有 {len(kept)} 封邮件在等，改好以后自动接着发"
    yield DeskRow(KIND, f"帐号 {account}", "", "", alarm.at, say, "huizhi doctor")


def _capped(office: Office, account: str, kept: list[Dispatch], now: datetime) -> Iterator[DeskRow]:
    """As many letters as a day may have went out within one; those that are due wait for the next."""
    policy = office.policy
    due = [each for each in kept if each.due_at <= now]
    if account != policy.account or policy.pace.per_day <= 0 or not due:
        return
    sent = [each for each in office.doors.ledger.sent_since(account, now - CAP_SPAN) if now - each < CAP_SPAN]
    if len(sent) < policy.pace.per_day:
        return
    again = moment_words(sent[-policy.pace.per_day] + CAP_SPAN, policy.zone)
    say = (
        f"一天内已发 {len(sent)} 封，到了每天 {policy.pace.per_day} 封的上限；"
        f"还有 {len(due)} 封在等，最迟{again}自动接着发"
    )
    remedy = "不用办；要加快，先核对服务商的规定，再改 config/office.yaml 的 per_day"
    yield DeskRow(KIND, f"帐号 {account}", "", "", due[0].due_at, say, remedy)
