"""自愿报送提示 — one neutral notice about what nobody owes, once a campaign, by a clerk's word. [law 6]"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from service.office.campaign import Campaign
from service.office.change import Change, QueueDispatch, Record, Timer
from service.office.chased import cases, is_blind, is_paused, unread
from service.office.chasing import Case, hold_of, is_unanswered
from service.office.content import Content
from service.office.dispatch import DispatchKind, NewDispatch, neutral_key
from service.office.docket import Docket
from service.office.facts import campaign_facts, missing_facts, unit_facts
from service.office.frozen import items_for, open_campaign
from service.office.message_id import make_message_id
from service.office.needs.archive import Archive
from service.office.needs.ledger import Ledger, Standing
from service.office.needs.wording import Words
from service.office.policy import Policy
from service.office.record import to_bytes

NEUTRAL_EVENT = "neutral-released"


@dataclass(frozen=True, slots=True)
class Offered:
    """Who would be told of what, or why nobody may be told now (`why`)."""

    units: tuple[tuple[str, str, tuple[str, ...]], ...] = ()  # unit key, address, items
    why: str = ""
    is_done: bool = False


@dataclass(frozen=True, slots=True)
class Neutral:
    """Lays the notices into the outbox; sending drops one whose unit has answered meanwhile."""

    ledger: Ledger
    archive: Archive
    words: Words
    policy: Policy

    def offer(self, campaign: str, by: str, reason: str, now: datetime, *, really: bool) -> Offered:
        """One mail to each unit that has brought nothing of what it may bring. Raises CalendarUnknown."""
        row, facts = self.ledger.campaign(campaign), open_campaign(campaign, self.ledger, self.archive)
        if row is None or facts is None or not row.is_open:
            return Offered(why="活动没有签发或已经结束")
        if self.ledger.events(campaign=campaign, kind=NEUTRAL_EVENT):
            return Offered(why="这个活动已经发过自愿报送的提示，只能发一次")
        seen = unread(self.ledger)
        if is_blind(self.ledger, self.policy, now) or seen.is_anybodys or campaign in seen.campaigns:
            return Offered(why="现在不知道来信是否都收到、读完了（见 huizhi desk），请稍后再发")
        if is_paused(self.ledger, campaign):
            return Offered(why="现在暂停发信，请先 resume")
        found = list(self._unanswered(campaign, now))
        told = tuple((standing.unit.key, case.rcpts[0], _items(dockets)) for standing, case, dockets in found)
        if not found or not really:
            return Offered(told, "" if found else "没有还没报、又可以自愿报送的单位")
        about = (("units", str(len(found))), ("reason", reason))
        changes: list[Change] = [Record(NEUTRAL_EVENT, now, by, campaign, about=about)]
        changes += [QueueDispatch(self._mail(facts, *each, now)) for each in found]
        return Offered(told, is_done=self.ledger.apply(changes))

    def _unanswered(
        self, campaign: str, now: datetime
    ) -> Iterator[tuple[Standing, Case, tuple[Docket, ...]]]:
        standings = self.ledger.standings(campaign)
        every = tuple(Timer(campaign, each.unit.key, "", 0, now, ()) for each in standings)
        found = cases(self.ledger, self.policy, campaign, every)
        for standing in standings:
            case = found[standing.unit.key]
            free = tuple(
                each
                for each in case.dockets
                if is_unanswered(each) and hold_of(each, case, self.policy, now) is None
            )
            if free and case.rcpts and not standing.unit.is_third_party:
                yield standing, case, free

    def _mail(
        self,
        campaign: Campaign,
        standing: Standing,
        case: Case,
        dockets: tuple[Docket, ...],
        now: datetime,
    ) -> NewDispatch:
        policy, unit, rcpt = self.policy, standing.unit, case.rcpts[0]
        facts = campaign_facts(campaign, policy.calendar, policy.zone, items_for(campaign, unit.groups))
        wording = self.words.write(
            "voluntary",
            campaign.key,
            {
                "campaign": facts,
                "unit": unit_facts(unit),
                "code": standing.code,
                "office": policy.office_name,
                "offered": missing_facts(dockets, campaign, now, policy.zone),
                "contacts": facts["contacts"],
            },
        )
        content = Content(
            f"[{standing.code}] {wording.subject}", wording.text, code=standing.code, html=wording.html
        )
        key = neutral_key(campaign.key, unit.key, rcpt)
        return NewDispatch(
            dedupe_key=key,
            kind=DispatchKind.SUPPLEMENT,
            campaign=campaign.key,
            unit=unit.key,
            rcpt=rcpt,
            account=policy.account,
            message_id=make_message_id(policy.code_key, key, policy.sender_domain),
            content_sha256=self.archive.put(to_bytes(content)),
            due_at=policy.hours.next_open(now, policy.calendar, policy.zone),
            dockets=_items(dockets),
        )


def _items(dockets: tuple[Docket, ...]) -> tuple[str, ...]:
    return tuple(each.item for each in dockets)
