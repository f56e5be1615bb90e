"""The daemon: one office, its lock, its threads, its heartbeat, and an orderly end when told to stop."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from types import FrameType

from service.clerk import Lookout, Watch
from service.desk.judge import Judge
from service.desk.lint import Linter
from service.doors.clock import SystemClock
from service.doors.diary import DiaryDoor
from service.doors.heartbeat import beat, heartbeat_path
from service.doors.hot_folder import HotFolderDoor
from service.doors.ledger import hold_state
from service.incoming.receive import WHOLE_ROUND
from service.office.canary import lost, lost_words
from service.office.dispatch import DispatchState
from service.office.needs.clock import Clock
from service.office.outcome import DoorError
from service.settings import Settings, SettingsRefused, load_settings
from service.wiring.opening import Opened, clock_of, is_rehearsed, open_office

# A mail that has been due for so long although the account might talk means that the outbox is stuck.
STUCK_AFTER = timedelta(hours=1)
# A wait lasts five minutes at most, and the slowest round some more.
SILENT_AFTER = timedelta(minutes=20)
# Two nights missed.
UNSWEPT_AFTER = timedelta(days=3)
# Each thread may finish its present piece; what hangs in a slow server is left to its lease [law 1].
STOP_SECONDS_MAX = 3.0
LOOK_SECONDS = 1.0


def run_daemon(folder: Path, now: datetime | None = None) -> int:
    """Work until SIGTERM or SIGINT; 0 after an orderly end, 1 when a thread died and a restart is wanted.

    Raises SettingsRefused without passwords, DoorError while another daemon holds the office.
    """
    settings = load_settings(folder)
    _refuse_rehearsed(folder)
    missing = settings.secret_problems()
    if missing:
        raise SettingsRefused(missing)
    diary = DiaryDoor()
    clock = clock_of(folder, settings, now)
    if now is not None:
        clock = Onward(clock.now(), SystemClock(settings.time_zone))
    with (
        _told_to_stop() as orders,
        hold_state(settings.state_folder),
        open_office(folder, settings, clock, diary=diary) as opened,
    ):
        hot = HotFolderDoor(folder, settings.watching.value)
        diary.note("watching", by="polling" if hot.is_polling else "events", file_system=hot.file_system)
        lookout = Lookout(hot, judge_of(opened))
        watch = Watch(opened.clerk, on_tick=_Pulse(folder, opened, diary).beat, lookout=lookout)
        watch.start()
        diary.note("started", office=str(folder.resolve()), threads=len(watch.threads))
        dead = _wait(watch, orders)
        watch.stop(STOP_SECONDS_MAX)
        # A conversation that hangs is broken off; its thread may then still write down that it is in doubt.
        opened.hang_up()
        watch.join(STOP_SECONDS_MAX)
        with suppress(OSError):
            heartbeat_path(folder).unlink()
        if dead:
            diary.trouble("thread-died", RuntimeError("、".join(dead)))
            return 1
    diary.note("stopped")
    return 0


def judge_of(opened: Opened) -> Judge:
    """Who judges what is dropped into templates/: the desk's own lint, with the office's doors."""
    doors = opened.office.doors
    linter = Linter(doors.press, doors.staff_files, doors.words)
    return Judge(linter, doors.exchange, doors.ledger, opened.office.policy.local)


def _refuse_rehearsed(folder: Path) -> None:
    """What a rehearsal leaves has a clock that stands still, and its ports may be anybody's by now."""
    if is_rehearsed(folder):
        raise DoorError(
            f"{folder} 是演练（demo）留下的办公文件夹，它的邮件服务器已经随演练关闭，不能启动服务；"
            "查看结果请用 status、desk、why。",
            again=False,
        )


@dataclass(frozen=True, slots=True)
class Onward:
    """Office time that began at a stated instant and goes on from there: a daemon's clock never stands."""

    start: datetime
    machine: Clock
    began: datetime = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "began", self.machine.now())

    def now(self) -> datetime:
        """An aware instant."""
        # In UTC: within one zone Python adds to the clock on the wall, which may skip or repeat an hour.
        passed = self.machine.now().astimezone(UTC) - self.began.astimezone(UTC)
        return (self.start.astimezone(UTC) + passed).astimezone(self.start.tzinfo)


def _wait(watch: Watch, orders: SimpleQueue[int]) -> list[str]:
    """Until told to stop, or until a thread has died; the names of the dead."""
    while True:
        try:
            orders.get(timeout=LOOK_SECONDS)
            return []
        except Empty:
            dead = [each.name for each in watch.threads if not each.is_alive()]
            if dead:
                return dead


@contextmanager
def _told_to_stop() -> Iterator[SimpleQueue[int]]:
    """What SIGTERM and SIGINT write to; their former meaning is put back at the end.

    No Event: a handler runs in the very thread that waits, and would hang for ever on the Event's own lock
    when the signal comes while that thread holds it. This queue is made to be written to by handlers.
    """
    orders: SimpleQueue[int] = SimpleQueue()

    def stop(number: int, _frame: FrameType | None) -> None:
        orders.put(number)

    former = {each: signal.signal(each, stop) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield orders
    finally:
        for each, meaning in former.items():
            signal.signal(each, meaning)


@dataclass(slots=True)
class _Pulse:
    """Beats once a tick and says what is wrong, so that `health` and a container engine hear of it."""

    folder: Path
    opened: Opened
    diary: DiaryDoor

    def beat(self, now: datetime) -> None:
        """Never raises: a full disk must not end the tick."""
        try:
            beat(self.folder, tuple(problems_of(self.opened, now)))
        except OSError as error:
            self.diary.trouble("no-heartbeat", error)


def problems_of(opened: Opened, now: datetime) -> Iterator[str]:
    """What a person should know of a running daemon: mailboxes that cannot be read, a stuck outbox."""
    try:
        yield from _blind(opened, opened.settings, now)
        yield from _silent(opened, now)
        yield from _lost(opened, now)
        yield from _stuck(opened, now)
    except DoorError as error:
        yield error.why


def _blind(opened: Opened, settings: Settings, now: datetime) -> Iterator[str]:
    """A box that cannot be read now, and could not for as long as reminders are held back [law 5]."""
    ledger, policy = opened.office.doors.ledger, opened.office.policy
    read_at = {f"{each.account}/{each.folder}": each.read_at for each in ledger.cursors()}
    for box, why in list(opened.clerk.blind_since.items()):
        last = read_at.get(box)
        is_watched = settings.account(box.partition("/")[0]) is not None
        if is_watched and (last is None or now - last >= policy.blind_after):
            yield f"信箱 {box} 读不到：{why}"


def _silent(opened: Opened, now: datetime) -> Iterator[str]:
    """A watcher that neither reads nor waits any more, whatever holds it."""
    for box, at in list(opened.clerk.watched_at.items()):
        if now - at >= SILENT_AFTER:
            minutes = int((now - at).total_seconds() // 60)
            yield f"信箱 {box} 已有 {minutes} 分钟没有人看守，请查看日志并重新启动"


def _lost(opened: Opened, now: datetime) -> Iterator[str]:
    """Our own letter to ourselves has not come back; or an account's other folders are no longer swept."""
    office = opened.office
    if (canary := lost(office.doors.ledger, office.policy, now)) is not None:
        yield lost_words(canary, office.policy)
    rounds = (each for each in office.doors.ledger.cursors(is_swept=True) if each.folder == WHOLE_ROUND)
    swept = {each.account: each.read_at for each in rounds}
    for account in office.doors.mailboxes.accounts():
        at = swept.get(account)
        if at is not None and now - at >= UNSWEPT_AFTER:
            since = office.policy.local(at)
            yield f"邮箱 {account} 的其他文件夹从 {since:%m-%d %H:%M} 起没有巡查过，请查看日志"


def _stuck(opened: Opened, now: datetime) -> Iterator[str]:
    """Mail is long due, an account might talk, and nothing has gone out for as long."""
    office = opened.office
    due = office.doors.ledger.next_due()
    post = office.send.post
    if (
        due is None
        or now - due < STUCK_AFTER
        or all(post.pause_seconds(each) > 0 for each in post.accounts())
    ):
        return
    sent = office.doors.ledger.dispatches(states=(DispatchState.SENT,))
    newest = max((each.sent_at for each in sent if each.sent_at), default=None)
    if newest is None or now - newest >= STUCK_AFTER:
        yield f"有邮件从 {office.policy.local(due):%m-%d %H:%M} 起一直没有发出，请查看日志和 desk"
