"""催办 — only the missing, only when due, recomputed at the moment of sending. [条例25]"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from service.office.campaign import Campaign
from service.office.canary import lost
from service.office.change import Change, QueueDispatch, Record, SettleTimer, Timer
from service.office.content import Content
from service.office.delivery import CALL_EVENT
from service.office.dispatch import (
    EVERYTHING,
    INFORMS,
    DispatchKind,
    DispatchState,
    NewDispatch,
    reminder_key,
)
from service.office.docket import Docket
from service.office.facts import campaign_facts, missing_facts, unit_facts
from service.office.frozen import items_for, open_campaign
from service.office.letter import Stage
from service.office.message_id import make_message_id
from service.office.needs.archive import Archive
from service.office.needs.ledger import Ledger, Standing
from service.office.needs.wording import Words
from service.office.policy import Policy
from service.office.record import to_bytes


@dataclass(frozen=True, slots=True)
class Remind:
    """Turns due timers into reminders. A piece of work is one unit of one campaign."""

    ledger: Ledger
    archive: Archive
    words: Words
    policy: Policy

    name = "remind"

    def waiting(self, now: datetime) -> Sequence[str]:
        """Units with a due timer, in office hours, while the mailbox is known to have been read."""
        due = self.ledger.timers_due(now)
        if not due or not self.policy.is_open(now) or self.is_blind(now):
            return []
        # While a campaign is paused its timers stay: afterwards only the newest step of a unit is sent.
        paused = {each.campaign for each in self.ledger.pauses()}
        if EVERYTHING in paused:
            return []
        return list(
            dict.fromkeys(f"{each.campaign}\t{each.unit}" for each in due if each.campaign not in paused)
        )

    def is_blind(self, now: datetime) -> bool:
        """Whether a reply may lie somewhere unseen: a mailbox long unread, a canary lost [law 5]."""
        cursors = self.ledger.cursors()
        if not cursors or lost(self.ledger, self.policy, now) is not None:
            return True
        return any(each.read_at is None or now - each.read_at > self.policy.blind_after for each in cursors)

    def overdue_reviews(self, now: datetime) -> tuple[int, ...]:
        """Letters that have waited for a person for too long; each is alarmed once [law 5].

        Holding must never become forgetting: the alarm is an event and stands in the log.
        """
        alarmed = {event.letter for event in self.ledger.events(kind="review-overdue")}
        late = [
            letter
            for stage in (Stage.REVIEW, Stage.ASKED)
            for letter in self.ledger.letters(stage=stage)
            if letter.id not in alarmed and now - letter.received_at >= self.policy.review_alarm_after
        ]
        for letter in late:
            self.ledger.apply(
                [
                    Record(
                        "review-overdue",
                        now,
                        "系统",
                        letter.campaign or "",
                        letter.unit or "",
                        letter=letter.id,
                        about=(("say", letter.outcome),),
                    )
                ]
            )
        return tuple(letter.id for letter in late)

    def handle(self, piece: str, now: datetime) -> bool:
        """One reminder for a unit, naming only what it still owes; older due steps are skipped."""
        key, _, unit = piece.partition("\t")
        due = [each for each in self.ledger.timers_due(now) if (each.campaign, each.unit) == (key, unit)]
        campaign = open_campaign(key, self.ledger, self.archive)
        standing = self.ledger.standing(key, unit)
        row = self.ledger.campaign(key)
        if not due or row is None or campaign is None or standing is None:
            return False
        if not row.is_open:
            self.ledger.apply([SettleTimer(each.id, "skipped", now) for each in due])
            return False
        if self._has_unread_letters():
            return False  # what has arrived is read before anyone is reminded
        newest = max(due, key=lambda each: each.at)
        items = {item for each in due for item in each.items}
        missing = tuple(
            each for each in self.ledger.dockets(key, unit) if each.is_missing and each.item in items
        )
        changes: list[Change] = [SettleTimer(each.id, "skipped", now) for each in due if each is not newest]
        dispatches = self._dispatches(campaign, standing, newest, missing, now) if missing else []
        changes.append(SettleTimer(newest.id, "fired" if dispatches else "skipped", now))
        changes += [QueueDispatch(each) for each in dispatches]
        if dispatches:
            about = (("step", newest.step), ("items", "、".join(each.item for each in missing)))
            changes.append(Record("reminded", now, "系统", key, unit, about=about))
        elif missing:
            # No mail reaches it: a person calls, and the desk says whom.
            about = (("step", newest.step), ("items", "、".join(each.item for each in missing)))
            changes.append(Record(CALL_EVENT, now, "系统", key, unit, about=about))
        self.ledger.apply(changes)
        return False

    def _has_unread_letters(self) -> bool:
        stages = (Stage.RECEIVED, Stage.SORTED, Stage.MATCHED, Stage.CHECKED)
        return any(self.ledger.count_letters(stage=stage) for stage in stages)

    def _dispatches(
        self,
        campaign: Campaign,
        standing: Standing,
        timer: Timer,
        missing: tuple[Docket, ...],
        now: datetime,
    ) -> list[NewDispatch]:
        policy = self.policy
        facts = campaign_facts(
            campaign, policy.calendar, policy.zone, items_for(campaign, standing.unit.groups)
        )
        wording = self.words.write(
            "reminder",
            campaign.key,
            {
                "campaign": facts,
                "unit": unit_facts(standing.unit),
                "code": standing.code,
                "office": policy.office_name,
                "step_name": timer.step.partition("@")[0],
                "missing": missing_facts(missing, campaign, now, policy.zone),
                "contacts": facts["contacts"],
            },
        )
        content = Content(
            f"[{standing.code}] {wording.subject}", wording.text, code=standing.code, html=wording.html
        )
        sha256 = self.archive.put(to_bytes(content))
        found = []
        for rcpt in self._recipients(campaign.key, standing):
            key = reminder_key(campaign.key, standing.unit.key, timer.step, timer.due_rev, rcpt)
            found.append(
                NewDispatch(
                    dedupe_key=key,
                    kind=DispatchKind.REMINDER,
                    campaign=campaign.key,
                    unit=standing.unit.key,
                    rcpt=rcpt,
                    account=policy.account,
                    message_id=make_message_id(policy.code_key, key, policy.sender_domain),
                    content_sha256=sha256,
                    due_at=now,
                    dockets=tuple(each.item for each in missing),
                    is_held=not campaign.sends_reminders,
                )
            )
        return found

    def _recipients(self, campaign: str, standing: Standing) -> list[str]:
        """The unit's first address that took the notice: one mail per unit."""
        gone = {each.lower() for each in standing.gone}
        took = {
            each.rcpt.lower()
            for each in self.ledger.dispatches(campaign, (DispatchState.SENT,), INFORMS, standing.unit.key)
        }
        usable = [each.text for each in standing.unit.addresses if each.key not in gone]
        reached = [each for each in usable if each.lower() in took]
        return (reached or usable)[:1]
