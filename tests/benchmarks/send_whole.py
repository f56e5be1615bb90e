"""The whole way of a notice: from the outbox of a real office, through stage and ledger, to the sink."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from service.office.dispatch import DispatchState
from service.office.needs.post import Post
from service.settings import load_settings
from service.wiring import open_office
from tests.benchmarks.send_clients import SECONDS_MAX, ours_named
from tests.daemon import release, write_office
from tests.fakes import Calls, Counted
from tests.stories.story import CAMPAIGN


@dataclass(frozen=True, slots=True)
class _Ports:
    smtp_port: int = 25
    imap_port: int = 143


def named(connections: int) -> str:
    return ours_named(connections, "huizhi, stage and ledger, 23 KB")


def released(place: Path, letters: int) -> Path:
    """An office folder whose outbox (SQLite) holds so many notices, of 23 KB each."""
    folder = place / "office"
    write_office(folder, _Ports(), letters, "pace_seconds: 0", "")
    release(folder)
    return folder


def send(folder: Path, port: int, connections: int, letters: int) -> float:
    """Letters a second, of at least so many."""
    settings = load_settings(folder)
    (account,) = settings.accounts
    # Straight into the model: a settings file may not leave the login out, and the sink knows none.
    sink = {"port": port, "connections": connections, "username": ""}
    account = account.model_copy(update={"smtp": account.smtp.model_copy(update=sink)})
    settings = settings.model_copy(update={"accounts": (account,)})
    calls = Calls()
    with open_office(
        folder,
        settings,
        around=lambda doors, post: (doors, _counted(post, calls)),
    ) as opened:
        stage, ledger = opened.office.send, opened.office.doors.ledger
        before = len(ledger.dispatches(CAMPAIGN, states=(DispatchState.SENT,)))
        stage.look_around(datetime.now(UTC))
        begun = time.perf_counter()
        while calls.made < letters:
            stage.handle("outbox", datetime.now(UTC))
            assert time.perf_counter() - begun < SECONDS_MAX, "the letters do not go out"
        stage.wind_up(datetime.now(UTC))
        seconds = time.perf_counter() - begun
        sent = len(ledger.dispatches(CAMPAIGN, states=(DispatchState.SENT,))) - before
    assert sent == calls.made, "not every letter was taken"
    return sent / seconds


def _counted(post: Post, calls: Calls) -> Any:
    return Counted(post, "post", calls)
