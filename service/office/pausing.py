"""暂停 — when a campaign stops sending by itself, and what is too old to be fired without asking."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from service.office.change import Change, Pause, Record
from service.office.dispatch import PAUSABLE, Dispatch, DispatchKind, DispatchState
from service.office.needs.ledger import Event, Ledger
from service.office.policy import Policy

PAUSED_EVENT = "paused"
RESUMED_EVENT = "resumed"
# Written for each letter that was refused for what it says, or by the other side's rules.
REFUSED_CONTENT = "refused-content"
_TRIED = (DispatchState.SENT, DispatchState.HELD, DispatchState.DEAD)


def pause_changes(campaign: str, why: str, now: datetime, by: str = "系统") -> list[Change]:
    """Pause, with its event."""
    return [
        Pause(campaign, now, by, why),
        Record(PAUSED_EVENT, now, by, campaign, about=(("why", why[:300]),)),
    ]


def standing_alarm(ledger: Ledger, account: str) -> Event | None:
    """The newest alarm about an account itself, not about one letter; None once anything of it went out."""
    alarms = (each for each in ledger.events(kind="alarm") if ("account", account) in each.about)
    last = max(alarms, key=lambda each: each.id, default=None)
    if last is None or any(each > last.at for each in ledger.sent_since(account, last.at)):
        return None
    return last


def refusal_changes(
    ledger: Ledger, policy: Policy, refused: Dispatch, why: str, now: datetime, *, at_once: bool = False
) -> list[Change]:
    """What follows of one more refusal of content or by rule; the campaign pauses at the written limit.

    `at_once`: the answer itself says that every letter like this would meet the same.
    """
    about = (("why", why[:200]),)
    noted = Record(
        REFUSED_CONTENT, now, "系统", refused.campaign, refused.unit, dispatch=refused.id, about=about
    )
    if not refused.campaign or any(each.campaign == refused.campaign for each in ledger.pauses()):
        return [noted]
    count = 1 + len(_since_resumed(ledger, refused.campaign) - {refused.id})
    if not at_once and count < _limit(ledger, policy, refused.campaign):
        return [noted]
    last = f"最近一次：{why}"
    say = (
        f"邮件内容被判为垃圾邮件或不合规则，已暂停。{last}"
        if at_once
        else f"已有 {count} 封被按内容或规则拒收，已暂停。{last}"
    )
    return [noted, *pause_changes(refused.campaign, say, now)]


def _since_resumed(ledger: Ledger, campaign: str) -> set[int | None]:
    """Dispatches refused so, since a person last said go on."""
    resumed = max((each.id for each in ledger.events(campaign=campaign, kind=RESUMED_EVENT)), default=0)
    refused = ledger.events(campaign=campaign, kind=REFUSED_CONTENT)
    return {each.dispatch for each in refused if each.id > resumed}


def _limit(ledger: Ledger, policy: Policy, campaign: str) -> int:
    """So many refusals are enough: fewer while the first notices go out."""
    tried = len(ledger.dispatches(campaign, _TRIED, (DispatchKind.NOTICE,)))
    share = policy.first_notices * policy.first_refused_percent
    first = max(2, (share + 99) // 100)
    return min(policy.refusals_max, first) if tried < policy.first_notices else policy.refusals_max


def stale_changes(ledger: Ledger, policy: Policy, since: datetime | None, now: datetime) -> list[Change]:
    """Campaigns in which something fell due while nobody worked, too long ago to be fired without asking.

    `since` is when the office last worked; None: never. What merely could not go out is not stale.
    """
    waiting: Counter[str] = Counter()
    earliest: dict[str, datetime] = {}
    for campaign, due_at in (*_due_rows(ledger, policy, now), *_due_timers(ledger, policy, since, now)):
        if now - (due_at if since is None else max(due_at, since)) >= policy.stale_after:
            waiting[campaign] += 1
            earliest[campaign] = min(earliest.get(campaign, due_at), due_at)
    paused = {each.campaign for each in ledger.pauses()}
    changes: list[Change] = []
    for campaign, count in waiting.items():
        if campaign in paused or "" in paused:
            continue
        stopped = f"从{_hour(policy, since)}起" if since else "当时"
        why = (
            f"有 {count} 件本应在{_hour(policy, earliest[campaign])}起发出，服务{stopped}没有在运行，"
            f"已过时 {policy.stale_after // timedelta(hours=1)} 小时以上，先不发"
        )
        changes += pause_changes(campaign, why, now)
    return changes


def _due_rows(ledger: Ledger, policy: Policy, now: datetime) -> Iterable[tuple[str, datetime]]:
    rows = ledger.dispatches(states=(DispatchState.READY, DispatchState.RETRY), kinds=PAUSABLE)
    return [
        (each.campaign, _opening(policy, each.due_at) if each.kind is DispatchKind.REMINDER else each.due_at)
        for each in rows
        if each.due_at <= now
    ]


def _due_timers(
    ledger: Ledger, policy: Policy, since: datetime | None, now: datetime
) -> Iterable[tuple[str, datetime]]:
    # What fell due while the office still worked and is pending was held (a review, a promise).
    due = ((each.campaign, _opening(policy, each.at)) for each in ledger.timers_due(now))
    return [(campaign, at) for campaign, at in due if since is None or at >= since]


def _opening(policy: Policy, at: datetime) -> datetime:
    """Outside office hours no reminder is due, whoever worked."""
    return policy.hours.next_open(at, policy.calendar, policy.zone)


def _hour(policy: Policy, instant: datetime) -> str:
    at = policy.local(instant)
    return f"{at.year}年{at.month}月{at.day}日{at:%H:%M}"
