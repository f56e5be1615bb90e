"""When: one tick means everything due by now; the one broad except stands here."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import schedule

from service.journey import Office, Stage
from service.office.change import ClearStumble, Stumble
from service.office.needs.diary import Diary
from service.office.needs.hot_folder import HotFolder, Judging
from service.office.needs.ledger import StumbleRow
from service.office.needs.mailbox import Box
from service.office.outcome import DoorError

# After so many tries a piece of work is set aside for a person; the rest goes on.
TRIES_MAX = 3
# One tick never runs for ever, however much there is: the next one goes on where it ended.
ROUNDS_MAX = 10_000
# These have something to look at on every tick, so that looking says nothing about work done; and their
# pieces (a mailbox, the outbox, a workbook) are never used up: set aside, one would be stopped for good.
_ENDLESS = ("receive", "send", "report", "rollup")
# How long such a piece rests instead, once it has failed too often.
REST = timedelta(minutes=15)
LOOKING = "待办"  # the piece of work that consists in finding out what is waiting
# A mailbox that cannot be read is tried again after a second, then ever later, but no later than this.
WATCH_PAUSE_SECONDS_MAX = 300.0
# Machine time. So often it is asked whether a nightly round is due, and what can be put away.
ROUNDS_SECONDS = 60.0

# A check of one campaign takes a second or two; one that takes so long hangs, and is left to itself.
JUDGING_SECONDS_MAX = 120.0
HANGING_MAX = 3  # so many may hang at once before no further one is begun

T = TypeVar("T")


@dataclass(slots=True)
class Clerk:
    """Runs the automatic stages. `tick` may be called as often as one likes; it never raises."""

    office: Office
    diary: Diary
    stopping: threading.Event = field(default_factory=threading.Event)
    blind_since: dict[str, str] = field(default_factory=dict)  # box → why it cannot be read
    failed_before: set[tuple[str, str]] = field(default_factory=set)  # pieces noted in the ledger as failed
    watched_at: dict[str, datetime] = field(default_factory=dict)  # box → when its watcher last gave a sign

    def open_up(self, now: datetime) -> None:
        """At start: what a killed process left half done is freed or put in doubt [law 1]."""
        self.failed_before.update((each.stage, each.piece) for each in self.office.doors.ledger.stumbles())
        self.office.send.recover(now)

    def tick(
        self,
        now: datetime,
        *,
        without: tuple[str, ...] = (),
        only_handed_in: bool = False,
        between: Callable[[], None] = lambda: None,
    ) -> bool:
        """Everything due by now, stage by stage; True when something was done.

        `only_handed_in`: mailboxes have watchers of their own, so receive takes only what lies in 交换/收件.
        `between` is called after every piece, for a long tick is no dead one.
        """
        has_worked = False
        # Before timers ring: after a long standstill, or a clock that jumped, nothing is fired unasked.
        if self.attempt("housekeeping", "间断", now, lambda: self.look_around(now)) is None:
            without = (*without, "remind", "send")
        for stage in self.office.automatic():
            if stage.name in without or self.stopping.is_set():
                continue
            prefix = "交换/" if only_handed_in and stage.name == "receive" else ""
            has_worked = self.run(stage, now, prefix, between) or has_worked
        return has_worked

    def look_around(self, now: datetime) -> bool:
        """Whether somebody has looked; see outgoing/send/vigil."""
        self.office.send.look_around(now)
        return True

    def run(
        self, stage: Stage, now: datetime, prefix: str = "", between: Callable[[], None] = lambda: None
    ) -> bool:
        """One stage until nothing of it is waiting that has not been tried; True when it did something."""
        has_worked = False
        tried: set[str] = set()
        for _ in range(ROUNDS_MAX):
            waiting = self.waiting(stage, now)
            pieces = [each for each in waiting if each not in tried and each.startswith(prefix)]
            if not pieces or self.stopping.is_set():
                break
            for piece in pieces:
                if self.stopping.is_set():
                    break
                has_more = self.do(stage, piece, now)
                between()
                has_worked = has_worked or (has_more is not None and stage.name not in _ENDLESS)
                if not has_more:
                    tried.add(piece)
        return has_worked

    def waiting(self, stage: Stage, now: datetime) -> list[str]:
        """The pieces of a stage that may be tried now; those set aside are left out."""

        def look() -> list[str]:
            rows = self.office.doors.ledger.stumbles(stage.name)
            self.failed_before.update((each.stage, each.piece) for each in rows)
            aside = {each.piece for each in rows if _is_aside(each, now)}
            return [each for each in stage.waiting(now) if each not in aside]

        return self.attempt(stage.name, LOOKING, now, look) or []

    def do(self, stage: Stage, piece: str, now: datetime) -> bool | None:
        """One piece of work, True when there is more of it; None when it failed."""

        has_more = self.attempt(stage.name, piece, now, lambda: stage.handle(piece, now))
        if has_more is not None and stage.name not in _ENDLESS:
            self.diary.note("done", stage=stage.name, piece=piece)
        return has_more

    def attempt(self, stage: str, piece: str, now: datetime, work: Callable[[], T]) -> T | None:
        """What the work returned; None when it failed. The only broad except of the house."""
        try:
            result = work()
            self._went_well(stage, piece)
        except DoorError as error:
            if error.again or stage in _ENDLESS:
                self._cannot_read(stage, piece, error)
            else:
                # Waiting mends nothing here (a damaged file, a refused row): the piece itself has failed.
                self._stumbled(stage, piece, error, now)
            return None
        except Exception as error:  # nothing may stop the office: noted, and set aside after three tries
            self._stumbled(stage, piece, error, now)
            return None
        self.blind_since.pop(piece, None)
        return result

    def _went_well(self, stage: str, piece: str) -> None:
        # Remembered, not asked for: most pieces go well, and each would ask in vain.
        if (stage, piece) in self.failed_before:
            self.office.doors.ledger.apply([ClearStumble(stage, piece)])
            self.failed_before.discard((stage, piece))

    def _cannot_read(self, stage: str, piece: str, error: DoorError) -> None:
        # The world is away; nothing is wrong with the piece, so it is not counted against it.
        if self.blind_since.get(piece) != error.why:
            self.diary.trouble("door-closed", error, stage=stage, piece=piece)
        self.blind_since[piece] = error.why

    def _stumbled(self, stage: str, piece: str, error: Exception, now: datetime) -> None:
        self.diary.trouble("stumbled", error, stage=stage, piece=piece)
        words = error.why if isinstance(error, DoorError) else f"{type(error).__name__}: {error}"
        try:
            self.office.doors.ledger.apply([Stumble(stage, piece, now, words[:500])])
            self.failed_before.add((stage, piece))
        except DoorError as closed:
            self.diary.trouble("ledger-closed", closed)


def _is_aside(row: StumbleRow, now: datetime) -> bool:
    return row.tries >= TRIES_MAX and (row.stage not in _ENDLESS or now - row.at < REST)


@dataclass(slots=True)
class Lookout:
    """Watches templates/ in a thread of its own; nothing that a template does can hold up the office."""

    folder: HotFolder
    judging: Judging
    judging_seconds_max: float = JUDGING_SECONDS_MAX
    hanging: list[threading.Thread] = field(default_factory=list)

    def look(self, clerk: Clerk, seconds: float) -> bool:
        """Wait for the next change and judge it; False when the folder could not be looked at."""
        office = clerk.office.doors.clock
        settled = clerk.attempt("hot-folder", "templates", office.now(), lambda: self.folder.next(seconds))
        if settled is None:
            return False
        present = settled.present
        if present is not None:
            now = office.now()
            clerk.attempt("hot-folder", "检查结果", now, lambda: self.judging.keep(present, now))
        for key in settled.ready:
            if not clerk.stopping.is_set():
                self._judge(clerk, key)
        return True

    def _judge(self, clerk: Clerk, key: str) -> None:
        """Judge a campaign in a thread that may be left behind: Python cannot end one that hangs."""
        now = clerk.office.doors.clock.now()
        done: list[bool] = []

        def work() -> None:
            if clerk.attempt("hot-folder", key, now, lambda: self.judging.judge(key, now)):
                done.append(True)

        self.hanging = [each for each in self.hanging if each.is_alive()]
        thread = threading.Thread(target=work, name=f"judge-{key}", daemon=True)
        if len(self.hanging) < HANGING_MAX:
            thread.start()
            left = self.judging_seconds_max
            while thread.is_alive() and left > 0 and not clerk.stopping.is_set():
                thread.join(min(left, 0.5))
                left -= 0.5
            if thread.is_alive():
                self.hanging.append(thread)
        if not done and not clerk.stopping.is_set():
            clerk.diary.note("not-judged", campaign=key, hanging=len(self.hanging))
            clerk.attempt("hot-folder", f"{key} 未完成", now, lambda: self.judging.give_up(key, now))


@dataclass(slots=True)
class Watch:
    """The daemon's threads: one watcher a mailbox folder, one of templates/, one sender, one tick."""

    clerk: Clerk
    tick_seconds: int = 10
    wait_seconds: float = 300.0
    on_tick: Callable[[datetime], None] = lambda now: None
    lookout: Lookout | None = None
    threads: list[threading.Thread] = field(default_factory=list)
    bell: threading.Event = field(default_factory=threading.Event)
    post_bell: threading.Event = field(default_factory=threading.Event)
    heart: schedule.Scheduler = field(default_factory=schedule.Scheduler)

    def start(self) -> None:
        """Free what a killed process held, then start every thread; they end soon after `stop`.

        Raises DoorError while the ledger is closed. Doubts are looked up later, by the tick: a mailbox that
        does not answer must delay neither the start nor a stop.
        """
        office = self.clerk.office
        office.send.take_back()
        office.receive.forget_unwatched()
        for box in office.doors.mailboxes.boxes():
            self.clerk.watched_at[f"{box.account}/{box.folder}"] = self._now()
            self._thread(self._watch, f"watch-{box.account}-{box.folder}", box.account, box.folder)
        if office.doors.mailboxes.accounts() or office.doors.mailboxes.tidying():
            self._thread(self._go_round, "rounds")
        self._thread(self._send, "send")
        self._thread(self._tick, "tick")
        if self.lookout is not None:
            self._thread(self._look_out, "templates")

    def stop(self, seconds: float) -> None:
        """Let every thread finish its present piece, all of them together at most about so long."""
        self.clerk.stopping.set()
        self.clerk.office.send.post.stop_beginning()
        self.bell.set()
        self.post_bell.set()
        if self.lookout is not None:
            self.lookout.folder.close()
        self.clerk.office.doors.mailboxes.close()
        self.join(seconds)

    def join(self, seconds: float) -> None:
        """Wait for the threads, however many hang, no longer than this."""
        alive = [each for each in self.threads if each.is_alive()]
        for thread in alive:
            thread.join(seconds / len(alive))

    def _thread(self, target: Callable[..., None], name: str, *args: str) -> None:
        thread = threading.Thread(target=target, name=name, args=args, daemon=True)
        self.threads.append(thread)
        thread.start()

    def _now(self) -> datetime:
        return self.clerk.office.doors.clock.now()

    def _watch(self, account: str, folder: str) -> None:
        """Read the box whenever something may have come; ring the bell for the other stages."""
        box = Box(account, folder)
        pause = 1.0
        while not self.clerk.stopping.is_set():
            has_more = self._read(f"{account}/{folder}")
            if has_more is None:
                # The server is away: wait a little longer each time.
                self.clerk.stopping.wait(pause)
                pause = min(pause * 2, WATCH_PAUSE_SECONDS_MAX)
                continue
            pause = 1.0
            if not has_more:
                self._wait(box)

    def _go_round(self) -> None:
        """Nightly through every other folder of each account; and filed mail is put away, where asked for."""
        receive, mailboxes = self.clerk.office.receive, self.clerk.office.doors.mailboxes
        while not self.clerk.stopping.is_set():
            before, now = self._letters(), self._now()
            for account in mailboxes.accounts():
                work = partial(receive.sweep, account, now)
                self.clerk.attempt("housekeeping", f"夜间巡查 {account}", now, work)
            if self._letters() != before:
                self.bell.set()
            for account in mailboxes.tidying():
                work = partial(receive.put_away, account, now)
                self.clerk.attempt("housekeeping", f"归档后整理 {account}", now, work)
            self.clerk.stopping.wait(ROUNDS_SECONDS)

    def _read(self, piece: str) -> bool | None:
        """One reading; rings when letters came, and when the box fell silent or speaks again."""
        receive, blind = self.clerk.office.receive, self.clerk.blind_since
        before = (self._letters(), piece in blind)
        has_more = self.clerk.do(receive, piece, self._now())
        self.clerk.watched_at[piece] = self._now()
        if (self._letters(), piece in blind) != before:
            self.bell.set()
        return has_more

    def _letters(self) -> int | None:
        try:
            return self.clerk.office.doors.ledger.count_letters()
        except DoorError:
            # Whatever is wrong with the ledger, the reading itself meets and notes it.
            return None

    def _wait(self, box: Box) -> None:
        mailboxes = self.clerk.office.doors.mailboxes
        piece = f"{box.account}/{box.folder} 等候来信"
        if (
            self.clerk.attempt("receive", piece, self._now(), lambda: mailboxes.wait(box, self.wait_seconds))
            is None
        ):
            self.clerk.stopping.wait(1.0)

    def _look_out(self) -> None:
        """Judge what staff drop and change, until told to stop; rings for the desk's workbook."""
        assert self.lookout is not None
        while not self.clerk.stopping.is_set():
            if self.lookout.look(self.clerk, self.wait_seconds):
                self.bell.set()
            else:
                self.clerk.stopping.wait(5.0)

    def _send(self) -> None:
        """One claim after another, each at its own instant: a receipt written meanwhile is due at once."""
        send = self.clerk.office.send
        is_unsure = False
        while not self.clerk.stopping.is_set():
            now = self._now()
            done = [self.clerk.do(send, each, now) for each in self.clerk.waiting(send, now)]
            is_unsure = is_unsure or None in done
            if is_unsure:
                # What was claimed is let go, as after a crash: nobody else sends under this office's name.
                is_unsure = self.clerk.attempt("send", "收回", now, partial(self._let_go, now)) is None
            if any(done):
                continue
            pauses = [send.post.pause_seconds(each) for each in send.post.accounts()]
            self.post_bell.wait(max(0.05, min([1.0, *(each for each in pauses if each > 0)])))
            self.post_bell.clear()
        # What was begun is written down; a conversation that hangs is broken off by the closing door.
        self.clerk.attempt("send", "收尾", self._now(), lambda: send.wind_up(self._now()))

    def _let_go(self, now: datetime) -> int:
        # Other letters may be under way still, and it will be known how they ended.
        self.clerk.office.send.wind_up(now)
        return self.clerk.office.send.take_back()

    def _tick(self) -> None:
        """`schedule` only rings: what is due stands in rows, so a missed ring loses nothing [law 2]."""
        scheduler = schedule.Scheduler()
        scheduler.every(self.tick_seconds).seconds.do(self._round)
        scheduler.every(1).minutes.do(self._housekeeping)
        self.heart.every(self.tick_seconds).seconds.do(self._beat)
        self._beat()
        self._round()
        self._housekeeping()
        while not self.clerk.stopping.is_set():
            if self.bell.wait(min(1.0, max(0.05, scheduler.idle_seconds or 0.05))):
                self._round()
            scheduler.run_pending()

    def _beat(self) -> None:
        now = self._now()
        self.clerk.attempt("housekeeping", "心跳", now, lambda: self.on_tick(now))

    def _round(self) -> None:
        self.bell.clear()
        self.clerk.tick(self._now(), without=("send",), only_handed_in=True, between=self.heart.run_pending)
        self.post_bell.set()
        self._beat()

    def _housekeeping(self) -> None:
        """End leases that ran out, seal the event chain, look doubtful dispatches up."""
        office, now = self.clerk.office, self._now()
        self.clerk.attempt("housekeeping", "到期的租约", now, office.doors.ledger.reap)
        self.clerk.attempt("housekeeping", "记录链", now, lambda: office.doors.ledger.seal(now))
        for piece, look in office.each_minute():
            self.clerk.attempt("housekeeping", piece, now, partial(look, now))
