"""催办, as a stage: due steps become reminders, or wait; promises lapse; what waits too long is an alarm."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from service.followup.remind import alarms
from service.followup.remind.foresee import Outlook, foresee
from service.followup.remind.neutral import Neutral, Offered
from service.office.amendment import Voiding, VoidUnsent
from service.office.campaign import Campaign
from service.office.change import Change, PutDocket, PutTimers, QueueDispatch, Record, SettleTimer, Timer
from service.office.chased import LOOK_AGAIN, cases, is_blind, left_today, unread
from service.office.chasing import Case, Weighed, has_lapsed, weigh
from service.office.content import Content
from service.office.delivery import CALL_EVENT
from service.office.dispatch import EVERYTHING, DispatchKind, NewDispatch, reminder_key
from service.office.docket import Docket, Trigger
from service.office.facts import campaign_facts, missing_facts, unit_facts
from service.office.frozen import items_for, open_campaign
from service.office.holding import move, moved_event
from service.office.message_id import make_message_id
from service.office.needs.archive import Archive
from service.office.needs.ledger import Ledger, Standing
from service.office.needs.wording import Words
from service.office.policy import Policy
from service.office.record import to_bytes

# The piece of work that ends promises whose day is over.
PROMISES = "承诺"
LAPSED_EVENT = "promise-lapsed"
# So many units are asked about one by one; of more the whole campaign is read at once.
ONE_BY_ONE_MAX = 20


@dataclass(slots=True)
class Memory:
    """What this process need not look up again; after a restart it is looked up once more."""

    lapsed_on: date | None = None  # the day on which promises were last gone through
    rests: dict[str, datetime] = field(default_factory=dict)  # unit → not looked at again before


@dataclass(frozen=True, slots=True)
class Remind:
    """Turns due timers into reminders. A piece of work is one unit of one campaign."""

    ledger: Ledger
    archive: Archive
    words: Words
    policy: Policy
    memory: Memory = field(default_factory=Memory, compare=False, repr=False)

    name = "remind"

    def waiting(self, now: datetime) -> Sequence[str]:
        """Promises once a day; and units with a step that may ring, in office hours, while mail is read."""
        pieces = [PROMISES] if self._has_lapsed(now) else []
        due = self.ledger.timers_due(now)
        # Held, a step stays pending: afterwards only the newest one of an item rings.
        if not due or not self.policy.is_open(now) or self.is_blind(now):
            return pieces
        held = {each.campaign for each in self.ledger.pauses()}
        if EVERYTHING in held:
            return pieces
        unseen = unread(self.ledger)
        for campaign in dict.fromkeys(each.campaign for each in due if each.campaign not in held):
            steps = [
                each
                for each in due
                if each.campaign == campaign and not unseen.may_concern(campaign, each.unit)
            ]
            pieces += [unit for unit in self._may_ring(campaign, steps, now) if self._is_rested(unit, now)]
        return pieces

    def is_blind(self, now: datetime) -> bool:
        """Whether a reply may lie somewhere unseen: a mailbox long unread, a canary lost [law 5]."""
        return is_blind(self.ledger, self.policy, now)

    def alarm(self, now: datetime) -> bool:
        """What holds reminders, or waits for a person, for too long becomes an event, once [law 5]."""
        return alarms.raise_alarms(self.ledger, self.policy, now)

    def overdue_reviews(self, now: datetime) -> tuple[int, ...]:
        """Letters that have waited for a person for more than the written working days, newly alarmed."""
        return alarms.overdue_reviews(self.ledger, self.policy, now)

    def outlook(self, campaign: str, on: date, now: datetime) -> Outlook:
        """Whom a day's chasing will reach, as things stand now; changes nothing."""
        return foresee(self.ledger, self.archive, self.policy, campaign, on, now)

    def neutral(self, campaign: str, by: str, reason: str, now: datetime, *, really: bool) -> Offered:
        """A clerk's one word about what is voluntary; without `really` only who would have it."""
        telling = Neutral(self.ledger, self.archive, self.words, self.policy)
        return telling.offer(campaign, by, reason, now, really=really)

    def handle(self, piece: str, now: datetime) -> bool:
        """One reminder for a unit, naming only what it still owes; older due steps are skipped."""
        if piece == PROMISES:
            return self._lapse(now)
        key, _, unit = piece.partition("\t")
        due = [each for each in self.ledger.timers_due(now) if (each.campaign, each.unit) == (key, unit)]
        row = self.ledger.campaign(key)
        campaign = open_campaign(key, self.ledger, self.archive)
        standing = self.ledger.standing(key, unit)
        if not due or row is None or campaign is None or standing is None:
            return False
        if not row.is_open:
            self.ledger.apply([SettleTimer(each.id, "skipped", now) for each in due])
            return False
        case = cases(self.ledger, self.policy, key, due, unit)[unit]
        weighed = weigh(case, self.policy, now, left_today(self.ledger, self.policy, now))
        if weighed.is_idle:
            # Too young, struck, or its share for today is used up: no need to ask every few seconds.
            self.memory.rests[piece] = now + LOOK_AGAIN
            return False
        self.ledger.apply(self._changes(campaign, standing, case, weighed, now))
        return False

    def _may_ring(self, campaign: str, steps: Sequence[Timer], now: datetime) -> Iterable[str]:
        """Units whose dockets alone would let a step ring, or end it; the rest is asked in `handle`."""
        units = dict.fromkeys(each.unit for each in steps)
        few = len(units) <= ONE_BY_ONE_MAX
        rows = (each for unit in units for each in self.ledger.dockets(campaign, unit)) if few else None
        dockets: dict[str, list[Docket]] = {}
        for docket in rows if rows is not None else self.ledger.dockets(campaign):
            dockets.setdefault(docket.unit, []).append(docket)
        for unit in units:
            own = tuple(each for each in steps if each.unit == unit)
            case = Case(campaign, unit, own, tuple(dockets.get(unit, ())), None)
            if not weigh(case, self.policy, now, 1).is_idle:
                yield f"{campaign}\t{unit}"

    def _is_rested(self, piece: str, now: datetime) -> bool:
        until = self.memory.rests.get(piece)
        if until is not None and until - LOOK_AGAIN <= now < until:
            return False
        self.memory.rests.pop(piece, None)
        return True

    def _has_lapsed(self, now: datetime) -> bool:
        """Asked once a day; on a day without any there is nothing to do, and nothing is said to be done."""
        today = self.policy.local(now).date()
        if self.memory.lapsed_on == today:
            return False
        if any(True for _ in self._lapsed(today)):
            return True
        self.memory.lapsed_on = today
        return False

    def _lapsed(self, today: date) -> Iterable[Docket]:
        open_ones = (row.key for row in self.ledger.campaigns() if row.is_open)
        return (each for key in open_ones for each in self.ledger.dockets(key) if has_lapsed(each, today))

    def _lapse(self, now: datetime) -> bool:
        """A promise ends with its day; a race lost to somebody else is tried again."""
        today = self.policy.local(now).date()
        is_done = True
        for docket in list(self._lapsed(today)):
            is_done = self.ledger.apply(_lapse_changes(docket, now)) and is_done
        if is_done:
            self.memory.lapsed_on = today
        return False

    def _changes(
        self, campaign: Campaign, standing: Standing, case: Case, weighed: Weighed, now: datetime
    ) -> list[Change]:
        key, unit = case.campaign, case.unit
        changes: list[Change] = [SettleTimer(each.id, "skipped", now) for each in weighed.skipped]
        ringing = weighed.ringing
        if ringing is None:
            return changes
        about = (("step", ringing.step), ("items", "、".join(each.item for each in weighed.dockets)))
        if weighed.is_call:
            # No mail reaches it, or enough have: a person calls, and the desk says whom.
            why = (("why", "capped"),) if case.rcpts else ()
            changes.append(SettleTimer(ringing.id, "skipped", now))
            changes.append(Record(CALL_EVENT, now, "系统", key, unit, about=(*about, *why)))
        else:
            if case.unsent:
                voiding = Voiding((DispatchKind.REMINDER,), "已有更新的催办，不再发送", (unit,))
                changes.append(VoidUnsent(key, voiding, "系统", now))
            changes.append(SettleTimer(ringing.id, "fired", now))
            new = self._dispatches(campaign, standing, ringing, weighed.dockets, case.rcpts, now)
            changes += [QueueDispatch(each) for each in new]
            changes.append(Record("reminded", now, "系统", key, unit, about=about))
        if weighed.again:
            changes.append(PutTimers(weighed.again))
        return changes

    def _dispatches(
        self,
        campaign: Campaign,
        standing: Standing,
        timer: Timer,
        missing: tuple[Docket, ...],
        rcpts: tuple[str, ...],
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
        for rcpt in rcpts:
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


def _lapse_changes(docket: Docket, now: datetime) -> list[Change]:
    promised = docket.promised_on
    assert promised is not None
    reason = f"承诺 {promised} 前报送，到期未报"
    moved = move(docket, Trigger.LAPSED)
    if moved is None:
        # Returned or exempt meanwhile: the day says nothing any more.
        return []
    about = (("promised_on", promised.isoformat()), ("reason", reason))
    changes: list[Change] = [
        PutDocket(replace(moved, promised_on=None, reason=reason)),
        Record(LAPSED_EVENT, now, "系统", *docket.key, about=about),
    ]
    if moved.state is not docket.state:
        changes.append(moved_event(docket, moved, now, "系统", reason="承诺的日期已过"))
    return changes
