"""The daemon: one office, its lock, its threads, its heartbeat, and an orderly end when told to stop."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType

from service.clerk import Watch
from service.doors.diary import DiaryDoor
from service.doors.heartbeat import beat
from service.doors.ledger import hold_state
from service.office.dispatch import DispatchState
from service.office.outcome import DoorError
from service.settings import Settings, SettingsRefused, load_settings
from service.wiring.opening import Opened, clock_of, open_office

# A mail that has been due for so long although the account might talk means that the outbox is stuck.
STUCK_AFTER = timedelta(hours=1)
# Each thread may finish its present piece; what hangs in a slow server is left to its lease [law 1].
STOP_SECONDS_MAX = 3.0
LOOK_SECONDS = 1.0


def run_daemon(folder: Path, now: datetime | None = None) -> int:
    """Work until SIGTERM or SIGINT; 0 after an orderly end, 1 when a thread died and a restart is wanted.

    Raises SettingsRefused without passwords, DoorError while another daemon holds the office.
    """
    settings = load_settings(folder)
    missing = settings.secret_problems()
    if missing:
        raise SettingsRefused(missing)
    diary = DiaryDoor()
    clock = clock_of(folder, settings, now)
    with (
        _told_to_stop() as stopping,
        hold_state(settings.state_folder),
        open_office(folder, settings, clock, diary=diary) as opened,
    ):
        watch = Watch(opened.clerk, on_tick=_Pulse(folder, opened, diary).beat)
        opened.clerk.open_up(clock.now())
        watch.start()
        diary.note("started", office=str(folder.resolve()), threads=len(watch.threads))
        dead = _wait(watch, stopping)
        watch.stop(STOP_SECONDS_MAX)
        if dead:
            diary.trouble("thread-died", RuntimeError("、".join(dead)))
            return 1
    diary.note("stopped")
    return 0


def _wait(watch: Watch, stopping: threading.Event) -> list[str]:
    """Until told to stop, or until a thread has died; the names of the dead."""
    while not stopping.wait(LOOK_SECONDS):
        dead = [each.name for each in watch.threads if not each.is_alive()]
        if dead:
            return dead
    return []


@contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    """An event that SIGTERM and SIGINT set; their former meaning is put back at the end."""
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    former = {each: signal.signal(each, stop) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stopping
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
