"""Random timelines of chasing: what happens to units, mailbox and servers, and what must not follow."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import chinese_calendar

from service.followup.remind import Remind
from service.office.address import Address
from service.office.approval import ReleaseRow
from service.office.calendar import OfficeHours, WorkCalendar
from service.office.campaign import (
    Campaign,
    Due,
    Item,
    ItemKind,
    ItemScope,
    Obligation,
    PostAddress,
    ReminderStep,
)
from service.office.change import Change, ItemRow, OpenCampaign, PutDocket, PutTimers, Record, Timer
from service.office.chased import PROMISED_EVENT, STRUCK_EVENT, UNSTRUCK_EVENT
from service.office.content import Content
from service.office.dispatch import DispatchKind, DispatchState, NewDispatch, notice_key, step_of
from service.office.docket import Docket, DocketState, Trigger
from service.office.holding import move
from service.office.mail import OutgoingMail
from service.office.mail_text import Wording
from service.office.needs.ledger import Cursor, Ledger
from service.office.outcome import Accepted, PostOutcome, TryAgain
from service.office.policy import Policy
from service.office.reading import MoveCursor
from service.office.record import to_bytes
from service.office.roster import Contact, Unit
from service.office.schedule import chasing_anew, chasing_timers
from service.outgoing.send.stage import Send
from tests.fakes import FakeArchive, World
from tests.followup.memory_ledger import MemoryLedger

ZONE = ZoneInfo("Asia/Shanghai")
KEY = "law"
ITEMS = ("summary", "works", "extra")  # the last is voluntary
BLIND = timedelta(hours=2)
# 调休 and long holidays fall into each: May Day, Mid-Autumn and National Day, New Year, Spring Festival.
STARTS = (date(2024, 4, 18), date(2024, 9, 5), date(2024, 9, 19), date(2024, 12, 20), date(2025, 1, 14))

# The announced days, looked up once: asking for each of them every time would take most of the test.
CALENDAR = WorkCalendar(
    {
        day: chinese_calendar.is_workday(day)
        for day in (date(2024, 3, 1) + timedelta(days=ahead) for ahead in range(450))
    }
)


def policy() -> Policy:
    """An office whose standstills are not asked about: clocks jump here."""
    return Policy(
        office_name="甲局",
        zone=ZONE,
        hours=OfficeHours(),
        calendar=CALENDAR,
        staff=(),
        account="office",
        sender="office@jia.example",
        sender_name="甲局",
        own_addresses=frozenset({"office@jia.example"}),
        code_key=b"k" * 32,
        blind_after=BLIND,
        stale_after=timedelta(days=4000),
    )


def campaign(start: date, draw: random.Random) -> Campaign:
    """Two required items and a voluntary one, with steps on any day and at any hour."""

    def item(key: str, obligation: Obligation) -> Item:
        days = draw.randint(8, 16)
        steps = tuple(
            ReminderStep(
                f"第{number}次", draw.randint(-4, days), time(draw.randint(6, 20), draw.choice((0, 30)))
            )
            for number in range(draw.randint(1, 4))
        )
        due = Due(start + timedelta(days=days), carries_over=draw.random() < 0.5)
        scopes = (ItemScope(("区局",), obligation),)
        return Item(
            key, key, ItemKind.SUMMARY, scopes, due, reminders=steps, grace_days=draw.choice((0, 0, 2))
        )

    owed = (Obligation.REQUIRED, Obligation.REQUIRED, Obligation.VOLUNTARY)
    items = tuple(item(key, each) for key, each in zip(ITEMS, owed, strict=True))
    return Campaign(
        *(KEY, "甲局", "通知", "", start, "", ("区局",), (), (), (), (), (), (), PostAddress(), items),
        sends_reminders=True,
    )


class Letters:
    """Words in a mail are not what this is about."""

    def write(self, name: str, campaign: str, facts: object) -> Wording:
        return Wording("报送提醒", "请报送。")


@dataclass
class Truth:
    """What a unit's item really stands at, kept apart from the ledger under test."""

    state: str = "open"
    promised: date | None = None
    struck: date | None = None
    was_faulty: bool = False  # beneath a promise

    def may_be_chased(self, today: date) -> bool:
        if self.struck is not None and today <= self.struck:
            return False
        if self.state != "promised":
            return self.state == "open"
        return self.promised is not None and self.promised < today and not self.was_faulty


@dataclass
class Timeline:
    """One office, its units, and everything that may happen to them."""

    seed: int
    ledger: Ledger
    units: int = 20
    draw: random.Random = field(init=False)
    now: datetime = field(init=False)
    opened: datetime = field(init=False)
    late: dict[str, datetime] = field(init=False)
    truth: dict[tuple[str, str], Truth] = field(default_factory=dict)
    noticed: dict[str, datetime] = field(default_factory=dict)
    reminded: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    rung: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    read_at: datetime = field(init=False)
    log: list[tuple[datetime, str, tuple[str, ...]]] = field(default_factory=list)
    looks: int = 0
    is_calm: bool = False
    is_mail_down: bool = False
    is_post_down: bool = False
    world: World = field(default_factory=World)
    events: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.draw = random.Random(self.seed)
        start = self.draw.choice(STARTS) + timedelta(days=self.draw.randint(0, 3))
        self.now = datetime.combine(start, time(9), ZONE)
        self.policy = policy()
        archive = FakeArchive(self.world)
        self.facts = campaign(start, self.draw)
        self.names = [f"第{number}单位" for number in range(self.units)]
        self.opened = self.now
        self.last_event = self.now + timedelta(days=19)
        # A promise or a strike lasts six days at most; then come working days enough for everything to ring.
        quiet = self.policy.calendar.add_workdays(self.last_event.date() + timedelta(days=6), 4)
        self.ends = datetime.combine(quiet, time(17), ZONE)
        people = tuple(
            Unit(
                name,
                name,
                ("区局",),
                contacts=(Contact("张三", "", (Address(f"u{at}@u.example"),)),),
                order=at,
            )
            for at, name in enumerate(self.names)
        )
        sha256 = archive.put(to_bytes(Content("通知", "通知")))
        assert self.ledger.apply([self._opening(people, archive.put(to_bytes(self.facts)), sha256)])
        self.remind = Remind(self.ledger, archive, cast(Any, Letters()), self.policy)
        self.send = Send(self.ledger, archive, cast(Any, self), self.policy, "law")
        # Some notices leave late, for hours or for days.
        self.late = {
            unit: self.opened + timedelta(hours=self.draw.choice((0, 0, 0, self.draw.randint(1, 200))))
            for unit in self.names
        }
        self.truth = {(unit, item): Truth() for unit in self.names for item in ITEMS}
        self._read()

    def _opening(self, people: Sequence[Unit], facts: str, content: str) -> OpenCampaign:
        due = {
            each.key: datetime.combine(each.due.on + timedelta(days=1), time(0), ZONE).astimezone(UTC)
            for each in self.facts.items
            if each.due
        }
        return OpenCampaign(
            KEY,
            "通知",
            facts,
            "Asia/Shanghai",
            ReleaseRow(KEY, 1, "d" * 64, "i" * 64, "签发人甲", self.now, "r" * 64),
            tuple(ItemRow(each.key, each.key, 0, each.scopes[0].obligation) for each in self.facts.items),
            tuple(people),
            (),
            tuple(
                Docket(
                    KEY, unit.key, item.key, item.scopes[0].obligation, DocketState.NOT_SENT, due[item.key],
                    unit_order=unit.order, grace_days=item.grace_days,
                )
                for unit in people
                for item in self.facts.items
            ),
            tuple(
                NewDispatch(
                    notice_key(KEY, unit.key, f"u{at}@u.example", 1), DispatchKind.NOTICE, KEY, unit.key,
                    f"u{at}@u.example", "office", f"<notice-{at}@jia.example>", content, self.now,
                )
                for at, unit in enumerate(people)
            ),
            tuple(chasing_timers(self.facts, people, self.policy, self.now)),
        )  # fmt: skip

    # --- the post office, which is the judge ----------------------------------------------------------------

    _ended: list[tuple[int, PostOutcome]] = field(default_factory=list)
    _begun: int = 0

    def build(self, mail: OutgoingMail) -> bytes:
        return mail.subject.encode()

    def accounts(self) -> tuple[str, ...]:
        return ("office",)

    def pause_seconds(self, account: str) -> float:
        return 0.0

    def free(self, account: str) -> int:
        return 1

    def resting_domains(self, account: str) -> tuple[str, ...]:
        return ()

    def begin(self, account: str, mime: bytes, rcpt: str) -> int:
        (dispatch,) = self.ledger.dispatches(KEY, (DispatchState.SENDING,))
        is_reminder = dispatch.kind is DispatchKind.REMINDER
        if is_reminder:
            self._judge(dispatch.unit, dispatch.dockets)
        outcome: PostOutcome = Accepted("250 ok")
        is_late = not is_reminder and self.now < self.late[dispatch.unit]
        if self.is_post_down or is_late or (not self.is_calm and self.draw.random() < 0.03):
            outcome = TryAgain(timedelta(minutes=self.draw.choice((5, 600))), "连不上")
        elif is_reminder:
            self.reminded[dispatch.unit].append(self.now)
            self.log.append((self.now, dispatch.unit, dispatch.dockets))
            for item in dispatch.dockets:
                step = self._origin(step_of(dispatch))
                self.rung[dispatch.unit, item, step] += 1
                assert self.rung[dispatch.unit, item, step] == 1, f"{step} twice"
        else:
            self.noticed[dispatch.unit] = self.now
        self._begun += 1
        self._ended.append((self._begun, outcome))
        return self._begun

    def ended(self, seconds: float | None) -> Sequence[tuple[int, PostOutcome]]:
        ended, self._ended = self._ended, []
        return ended

    def _origin(self, step: str) -> str:
        """The written step behind one that was asked for again."""
        step = step.partition("+")[0]
        if not step.startswith("补催@"):
            return step
        row = self.ledger.dispatches(KEY)[int(step.partition("@")[2]) - 1]
        return self._origin(step_of(row))

    def _judge(self, unit: str, items: Sequence[str]) -> None:
        """What must hold whenever a reminder begins to leave the house."""
        local = self.now.astimezone(ZONE)
        today = local.date()
        assert chinese_calendar.is_workday(today), f"{today} is a day off"
        assert time(8, 30) <= local.time() < time(17, 30), f"{local} is out of hours"
        assert self.now - self.read_at <= BLIND, "nobody knows what has come in"
        assert items
        for item in items:
            truth = self.truth[unit, item]
            assert item != "extra", "voluntary"
            assert truth.may_be_chased(today), f"{item} stands at {truth}"
        days = (today - self.noticed[unit].astimezone(ZONE).date()).days
        aged = sum(chinese_calendar.is_workday(today - timedelta(days=ago)) for ago in range(days))
        assert aged >= 3, f"the notice is {aged} working days old"
        assert all(each.astimezone(ZONE).date() != today for each in self.reminded[unit]), "twice on one day"

    # --- what happens ---------------------------------------------------------------------------------------

    def run(self) -> None:
        """Until everything has had time to settle; nothing that was held may be forgotten then."""
        while self.now < self.ends:
            self.now += timedelta(minutes=self.draw.choice((20, 50, 90, 200, 400, 700)))
            if self.draw.random() < 0.01:
                self.now += timedelta(days=self.draw.randint(1, 3))  # the clock jumps
            self._weather()
            if self.now < self.last_event:
                for unit in self.names:
                    if self.draw.random() < 0.02:
                        self._happens(unit, self.draw.choice(ITEMS[:2]))
            self._work()
            if self.draw.random() < 0.008:
                self._looks_ahead()
        self._is_nothing_forgotten()

    def _looks_ahead(self) -> None:
        """What a clerk is told of a day's chasing is what happens on it, if nothing else does."""
        if self.is_post_down or self.is_mail_down:
            return
        on = self.policy.calendar.add_workdays(self.now.astimezone(ZONE).date(), self.draw.randint(0, 2))
        told, start = self.remind.outlook(KEY, on, self.now), len(self.log)
        self.looks += 1
        self.is_calm = True
        closing = datetime.combine(on, time(17, 30), ZONE)
        while self.now < closing:
            self._read()
            self._work()
            steps = [each.at for each, state in self.ledger.timers(KEY) if state == "pending"]
            today = self.now.astimezone(ZONE).date()
            mornings = [
                datetime.combine(today + timedelta(days=ahead), time(8, 30), ZONE) for ahead in (0, 1)
            ]
            due = [
                *steps,
                self.ledger.next_due() or closing,
                self.now + timedelta(hours=1),
                *mornings,
                closing,
            ]
            self.now = min(each for each in due if each > self.now)
        self.is_calm = False
        foreseen = {(row.unit, frozenset(row.items), row.at) for row in told.rows if row.at is not None}
        happened = {
            (unit, frozenset(items), at)
            for at, unit, items in self.log[start:]
            if at.astimezone(ZONE).date() == on
        }
        assert foreseen == happened, (
            f"{on}: not done {foreseen - happened}, not foreseen {happened - foreseen}"
        )

    def _work(self) -> None:
        for piece in self.remind.waiting(self.now):
            self.remind.handle(piece, self.now)
        for _ in range(10 * self.units):
            if not self.send.waiting(self.now) or not self.send.handle("outbox", self.now):
                break

    def _weather(self) -> None:
        is_late = self.now >= self.last_event
        for name in ("is_mail_down", "is_post_down"):
            is_down = getattr(self, name)
            turns = (
                is_late or self.draw.random() < 0.15 if is_down else not is_late and self.draw.random() < 0.02
            )
            setattr(self, name, is_down != turns)
        if not self.is_mail_down:
            self._read()

    def _read(self) -> None:
        self.read_at = self.now
        ledger = cast(object, self.ledger)
        if isinstance(ledger, MemoryLedger):
            ledger.boxes = (Cursor("office", "INBOX", 1, 1, 1, self.now),)
            return
        cursor = self.ledger.hold_mailbox("office", "INBOX", "law")
        assert cursor is not None
        assert self.ledger.apply([MoveCursor("office", "INBOX", cursor.epoch, 1, 1, self.now)])

    def _happens(self, unit: str, item: str) -> None:
        docket = self.ledger.docket(KEY, unit, item)
        assert docket is not None
        truth, today = self.truth[unit, item], self.now.astimezone(ZONE).date()
        what = self.draw.choice(
            ("good", "faulty", "link", "reviewed", "settled", "settled", "promise", "promise", "exempt",
             "reopen", "reopen", "extend", "strike", "unstrike")
        )  # fmt: skip
        self.events[what] += 1
        if what in ("strike", "unstrike"):
            until = today + timedelta(days=self.draw.randint(0, 5))
            kind = STRUCK_EVENT if what == "strike" else UNSTRUCK_EVENT
            about = (("until", until.isoformat()),) if what == "strike" else ()
            assert self.ledger.apply([Record(kind, self.now, "经办人乙", KEY, unit, item, about=about)])
            truth.struck = until if what == "strike" else None
            return
        if what == "extend":
            self._extend(docket)
            return
        moved = move(docket, Trigger(what))
        if moved is None:
            return
        changes: list[Change] = []
        truth.was_faulty = what == "promise" and (truth.was_faulty or truth.state == "faulty")
        if what == "promise":
            truth.promised = today + timedelta(days=self.draw.randint(0, 6))
            moved = replace(moved, promised_on=truth.promised)
            changes.append(Record(PROMISED_EVENT, self.now, "经办人乙", KEY, unit, item))
            self.noticed.setdefault(unit, self.now)  # told by telephone
        elif what == "reopen":
            moved = replace(moved, promised_on=None)
        assert self.ledger.apply([PutDocket(moved), *changes])
        truth.state = _WORDS[moved.state]
        if truth.state == "promised":
            truth.promised = moved.promised_on

    def _extend(self, docket: Docket) -> None:
        assert docket.due_until is not None
        later = docket.due_until + timedelta(days=self.draw.randint(1, 6))
        after = replace(docket, due_until=later, due_rev=docket.due_rev + 1)
        owed = [after if each.item == after.item else each for each in self.ledger.dockets(KEY, docket.unit)]
        steps = chasing_anew(self.facts, owed, self.policy, self.opened, f"延期{after.due_rev}")
        fresh = tuple(each for each in steps if each.at > self.now)
        assert self.ledger.apply([PutDocket(after), PutTimers(fresh)])

    def _is_nothing_forgotten(self) -> None:
        """After quiet days a step that has come either rang, or its item is settled or still held."""
        close = datetime.combine(self.now.astimezone(ZONE).date(), time(0), ZONE)
        waiting: list[Timer] = [each for each in self.ledger.timers_due(close) if each.at < self.last_event]
        today = self.now.astimezone(ZONE).date()
        for timer in waiting:
            free = [item for item in timer.items if self.truth[timer.unit, item].may_be_chased(today)]
            assert not free, f"{timer} never rang"


_WORDS = {
    DocketState.NOT_SENT: "open",
    DocketState.UNDELIVERED: "open",
    DocketState.AWAITED: "open",
    DocketState.IN_REVIEW: "review",
    DocketState.BY_LINK: "link",
    DocketState.NEEDS_CORRECTION: "faulty",
    DocketState.RETURNED: "filed",
    DocketState.EXEMPT: "exempt",
    DocketState.PROMISED: "promised",
}
