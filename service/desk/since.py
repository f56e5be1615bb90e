"""签发以后 — what has followed a release, and what the roster says that no notice has said yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from service.journey import Office
from service.office.approval import ACT_WORDS
from service.office.board import DeskRow
from service.office.delivery import DELIVERED_EVENT
from service.office.policy import moment_words

# A word beside a table; whoever wants every one of them asks for a unit.
DELIVERIES_SHOWN_MAX = 20


def since_release(office: Office, campaign: str) -> Iterator[str]:
    """One sentence for every later release, for an end, units told otherwise, and the roster's news."""
    ledger, zone = office.doors.ledger, office.policy.zone
    for each in ledger.releases(campaign)[1:]:
        when = moment_words(each.at, zone)
        yield f"第 {each.rev} 次签发（{ACT_WORDS[each.act]}）：{when}，{each.signer}，{each.reason}"
    row = ledger.campaign(campaign)
    if row is not None and row.ended_at is not None:
        how = "撤回" if row.is_withdrawn else "办结"
        yield f"已{how}：{moment_words(row.ended_at, zone)}，{row.ended_by}，{row.ended_why}"
    told = ledger.events(campaign=campaign, kind=DELIVERED_EVENT)
    for event in told[:DELIVERIES_SHOWN_MAX]:
        yield f"{event.unit}：通知{dict(event.about).get('say', '')}，{event.actor}登记"
    if len(told) > DELIVERIES_SHOWN_MAX:
        yield f"另有 {len(told) - DELIVERIES_SHOWN_MAX} 次送达没有列出"
    news = office.amend.news(campaign).sentence()
    if news:
        yield f"{news}。补发：huizhi reissue {campaign}"


def roster_news(office: Office, campaign: str, now: datetime) -> Iterator[DeskRow]:
    """A row of the desk where the roster was changed after the release."""
    news = office.amend.news(campaign)
    if news.units:
        at, say = office.policy.local(now), f"{news.sentence()}：请看过后补发"
        yield DeskRow("通讯录", campaign, campaign, "", at, say, f"huizhi reissue {campaign}")
