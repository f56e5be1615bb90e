"""When: one tick means everything due by now; the one broad except stands here."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import schedule

from service.journey import Office, Stage
from service.office.change import ClearStumble, Stumble
from service.office.needs.mailbox import Box
from service.office.outcome import DoorError

# After so many tries a piece of work is set aside for a person; the rest goes on.
TRIES_MAX = 3
# One tick never runs for ever, however much there is: the next one goes on where it ended.
ROUNDS_MAX = 10_000
# These have something to look at on every tick, so that looking says nothing about work done.
_ALWAYS_WAITING = ("receive", "report")


class Diary(Protocol):
    """Where the clerk writes what happened, one line each."""

    def note(self, event: str, **facts: object) -> None: ...
    def trouble(self, event: str, error: BaseException, **facts: object) -> None: ...


@dataclass(slots=True)
class Clerk:
    """Runs the automatic stages. `tick` may be called as often as one likes; it never raises."""

    office: Office
    diary: Diary
    stopping: threading.Event = field(default_factory=threading.Event)
    blind_since: dict[str, str] = field(default_factory=dict)  # box → why it cannot be read

    def open_up(self, now: datetime) -> None:
        """At start: what a killed process left half done is freed or put in doubt [law 1]."""
        self.office.send.recover(now)

    def tick(self, now: datetime, *, without: tuple[str, ...] = (), only_handed_in: bool = False) -> bool:
        """Everything due by now, stage by stage; True when something was done.

        `only_handed_in`: mailboxes have watchers of their own, so receive takes only what lies in 交换/收件.
        """
        has_worked = False
        for stage in self.office.automatic():
            if stage.name in without or self.stopping.is_set():
                continue
            prefix = "交换/" if only_handed_in and stage.name == "receive" else ""
            has_worked = self.run(stage, now, prefix) or has_worked
        return has_worked

    def run(self, stage: Stage, now: datetime, prefix: str = "") -> bool:
        """One stage until nothing of it is waiting that has not been tried; True when it did something."""
        has_worked = False
        tried: set[str] = set()
        for _ in range(ROUNDS_MAX):
            if self.stopping.is_set():
                break
            waiting = self._waiting(stage, now)
            pieces = [each for each in waiting if each not in tried and each.startswith(prefix)]
            if not pieces:
                break
            for piece in pieces:
                if self.stopping.is_set():
                    break
                has_more = self.do(stage, piece, now)
                has_worked = has_worked or (has_more is not None and stage.name not in _ALWAYS_WAITING)
                if not has_more:
                    tried.add(piece)
        return has_worked

    def _waiting(self, stage: Stage, now: datetime) -> list[str]:
        try:
            aside = {
                each.piece
                for each in self.office.doors.ledger.stumbles(stage.name)
                if each.tries >= TRIES_MAX
            }
            return [each for each in stage.waiting(now) if each not in aside]
        except DoorError as error:
            self.diary.trouble("stage-cannot-look", error, stage=stage.name)
            return []

    def do(self, stage: Stage, piece: str, now: datetime) -> bool | None:
        """One piece of work; None when it failed. The only broad except of the house."""
        try:
            has_more = stage.handle(piece, now)
        except DoorError as error:
            self._cannot_read(stage, piece, error)
            return None
        except Exception as error:  # one piece must never stop the office: noted, set aside after three
            self._stumbled(stage, piece, error, now)
            return None
        self.blind_since.pop(piece, None)
        if stage.name not in ("receive", "send", "report"):
            self.diary.note("done", stage=stage.name, piece=piece)
        self._went_well(stage, piece)
        return has_more

    def _cannot_read(self, stage: Stage, piece: str, error: DoorError) -> None:
        # The world is away; nothing is wrong with the piece, so it is not counted against it.
        if self.blind_since.get(piece) != error.why:
            self.diary.trouble("door-closed", error, stage=stage.name, piece=piece)
        self.blind_since[piece] = error.why

    def _stumbled(self, stage: Stage, piece: str, error: Exception, now: datetime) -> None:
        self.diary.trouble("stumbled", error, stage=stage.name, piece=piece)
        words = f"{type(error).__name__}: {error}"[:500]
        self._write(Stumble(stage.name, piece, now, words))

    def _went_well(self, stage: Stage, piece: str) -> None:
        if any(each.piece == piece for each in self.office.doors.ledger.stumbles(stage.name)):
            self._write(ClearStumble(stage.name, piece))

    def _write(self, change: Stumble | ClearStumble) -> None:
        try:
            self.office.doors.ledger.apply([change])
        except DoorError as error:
            self.diary.trouble("ledger-closed", error)


@dataclass(slots=True)
class Watch:
    """The daemon's threads: one watcher a mailbox folder, one sender, one tick."""

    clerk: Clerk
    tick_seconds: int = 10
    wait_seconds: float = 300.0
    on_tick: Callable[[datetime], None] = lambda now: None
    threads: list[threading.Thread] = field(default_factory=list)
    bell: threading.Event = field(default_factory=threading.Event)
    post_bell: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Start every thread; they end soon after `stop`."""
        office = self.clerk.office
        for box in office.doors.mailboxes.boxes():
            self._thread(self._watch, f"watch-{box.account}-{box.folder}", box.account, box.folder)
        self._thread(self._send, "send")
        self._thread(self._tick, "tick")

    def stop(self, seconds: float) -> None:
        """Let every thread finish its present piece, at most so long."""
        self.clerk.stopping.set()
        self.bell.set()
        self.post_bell.set()
        self.clerk.office.doors.mailboxes.close()
        for thread in self.threads:
            thread.join(seconds)

    def _thread(self, target: Callable[..., None], name: str, *args: str) -> None:
        thread = threading.Thread(target=target, name=name, args=args, daemon=True)
        self.threads.append(thread)
        thread.start()

    def _now(self) -> datetime:
        return self.clerk.office.doors.clock.now()

    def _watch(self, account: str, folder: str) -> None:
        """Read the box whenever something may have come; ring the bell for the other stages."""
        office = self.clerk.office
        box = Box(account, folder)
        piece = f"{account}/{folder}"
        pause = 1.0
        while not self.clerk.stopping.is_set():
            before = office.doors.ledger.count_letters()
            has_more = self.clerk.do(office.receive, piece, self._now())
            if office.doors.ledger.count_letters() != before:
                self.bell.set()
            if has_more is None:
                # The server is away: wait a little longer each time, at most five minutes.
                self.clerk.stopping.wait(pause)
                pause = min(pause * 2, 300.0)
                continue
            pause = 1.0
            if not has_more:
                self._wait(box)

    def _wait(self, box: Box) -> None:
        try:
            self.clerk.office.doors.mailboxes.wait(box, self.wait_seconds)
        except DoorError as error:
            self.clerk.diary.trouble("wait-ended", error, box=f"{box.account}/{box.folder}")
            self.clerk.stopping.wait(1.0)

    def _send(self) -> None:
        office = self.clerk.office
        while not self.clerk.stopping.is_set():
            self.clerk.run(office.send, self._now())
            pauses = [office.send.post.pause_seconds(each) for each in office.send.post.accounts()]
            self.post_bell.wait(max(0.05, min([1.0, *(each for each in pauses if each > 0)])))
            self.post_bell.clear()

    def _tick(self) -> None:
        """`schedule` only rings: what is due stands in rows, so a missed ring loses nothing [law 2]."""
        scheduler = schedule.Scheduler()
        scheduler.every(self.tick_seconds).seconds.do(self._round)
        scheduler.every(1).minutes.do(self._housekeeping)
        self._round()
        while not self.clerk.stopping.is_set():
            if self.bell.wait(min(1.0, max(0.05, scheduler.idle_seconds or 0.05))):
                self._round()
            scheduler.run_pending()

    def _round(self) -> None:
        self.bell.clear()
        now = self._now()
        self.clerk.tick(now, without=("send",), only_handed_in=True)
        self.post_bell.set()
        self.on_tick(now)

    def _housekeeping(self) -> None:
        """Seal the event chain, end leases that ran out, look doubts up, alarm what waits too long."""
        now = self._now()
        office = self.clerk.office
        try:
            office.doors.ledger.reap()
            office.doors.ledger.seal(now)
            office.send.settle_doubts(now)
            for letter in office.remind.overdue_reviews(now):
                self.clerk.diary.note("review-overdue", letter=letter)
        except DoorError as error:
            self.clerk.diary.trouble("housekeeping", error)
