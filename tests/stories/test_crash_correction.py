"""A correction under way when the process dies, before and after every door call: old words never go out beside.

In `./run test` every call on SQLite; on PostgreSQL a seeded handful.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from service.desk.decide import settle_dispatch
from service.doors.staff_files import StaffFilesDoor
from service.office.dispatch import DispatchState
from service.office.docket import DocketState
from service.outgoing.amend import Correct
from tests.fakes import Calls, Crash, PlainWorkbook, World
from tests.postgres import PostgresServer
from tests.stories.story import (
    CAMPAIGN,
    CLERK,
    DONG_AT,
    NAN,
    NAN_AT,
    SIGNER,
    XI,
    XI_AT,
    Story,
    at,
    office_folder,
)

SEED = 9704
ORDER = Correct(CAMPAIGN, "原通知日期有误")
EVERYBODY = (DONG_AT, XI_AT, "xicheng2@units.example", NAN_AT, "beicheng@lab.example")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The office before and after the edit that the correction is about."""
    before = office_folder(tmp_path_factory.mktemp("before") / "office")
    after = office_folder(tmp_path_factory.mktemp("after") / "office")
    path = after / "templates" / CAMPAIGN / "campaign.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("on: 2024-09-28, carries_over: true", "on: 2024-10-18, carries_over: true"),
        encoding="utf-8",
    )
    return before, after


@cache
def _staff_files(folder: Path) -> StaffFilesDoor:
    return StaffFilesDoor(folder)


def _correct(story: Story) -> None:
    """The signer tries again when the command was cut off; what was signed already is not signed twice."""
    if len(story.ledger.releases(CAMPAIGN)) > 1:
        return
    prepared = story.office.amend.prepare(ORDER, story.now)
    assert prepared.may_be_signed, (prepared.refusal, prepared.problems)
    signed = story.office.amend.sign(ORDER, SIGNER, prepared.digest, story.now, really=True)
    assert signed.is_done, signed.say


def _run(folders: tuple[Path, Path], url: str, die_at: int, *, before: bool) -> Story:
    """Two notices out, three waiting; a correction is signed; one death anywhere in it or after it."""
    old, new = folders
    story = Story(old, url, World(), workbook=PlainWorkbook(), staff_files=_staff_files(old))
    story.release()
    for _ in range(2):
        story.office.send.handle("outbox", story.now)
    story.stop()
    story.folder, story.staff_files = new, _staff_files(new)
    story.calls = Calls(die_at, before)
    story.start()
    for step in (_correct, lambda each: each.until("2024-10-25 12:00")):
        try:
            _live(story, step)
        except Crash:
            story.restart()
            _live(story, step)
    return story


def _live(story: Story, step: object) -> None:
    assert callable(step)
    step(story)
    for row in story.ledger.dispatches(states=(DispatchState.IN_DOUBT,)):
        has_gone = any(each.message_id == row.message_id for each in story.world.accepted)
        to = DispatchState.SENT if has_gone else DispatchState.READY
        done = settle_dispatch(story.office, row.id, to=to, by=CLERK, reason="查看已发送", now=story.now)
        assert done.is_done, done.say
    if len(story.ledger.releases(CAMPAIGN)) > 1:
        story.work()


def _check(story: Story) -> None:
    ids = Counter(each.message_id for each in story.world.accepted)
    assert max(ids.values()) == 1
    for rcpt in EVERYBODY:
        subjects = Counter(_kind(each) for each in story.subjects(rcpt))
        # One notice each; whoever had the first one gets the correction, nobody both notices.
        assert subjects["通知"] == 1, (rcpt, subjects)
    corrected = [rcpt for rcpt in EVERYBODY if any("更正" in each for each in story.subjects(rcpt))]
    assert len(corrected) == 2
    for unit in (XI, NAN):
        docket = story.docket(unit, "summary")
        assert docket.state is DocketState.AWAITED
        assert docket.due_until == at("2024-10-19 00:00")
        assert docket.due_rev == 1
    assert story.ledger.stumbles() == ()
    # Chased by the new dates alone, once a step.
    reminders = [each for each in story.subjects(NAN_AT) if "提醒" in each]
    assert len(reminders) == 2
    assert [each.rev for each in story.ledger.releases(CAMPAIGN)] == [1, 2]


def _kind(subject: str) -> str:
    return next((word for word in ("更正", "提醒") if word in subject), "通知")


@pytest.mark.timeout(600)
def test_every_call_on_sqlite(folders: tuple[Path, Path], empty_ledger_file: Path, tmp_path: Path) -> None:
    calls = _one(0, True, folders, f"sqlite:///{_copy(empty_ledger_file, tmp_path, 0, True)}")
    assert isinstance(calls, int) and calls > 20
    wrong = []
    for number in range(1, calls + 1):
        for before in (True, False):
            path = _copy(empty_ledger_file, tmp_path, number, before)
            said = _one(number, before, folders, f"sqlite:///{path}")
            if isinstance(said, str):
                wrong.append(said)
    assert wrong == []


@pytest.mark.postgres
@pytest.mark.timeout(600)
def test_a_handful_of_calls_on_postgres(
    folders: tuple[Path, Path], postgres_server: PostgresServer, empty_ledger_database: str
) -> None:
    wrong = []
    for number in sorted(random.Random(SEED).sample(range(1, 25), 6)):
        name = f"crash_correction_{number}"
        postgres_server.sql(f"CREATE DATABASE {name} TEMPLATE {empty_ledger_database}")
        said = _one(number, number % 2 == 0, folders, postgres_server.url(name))
        postgres_server.sql(f"DROP DATABASE {name} WITH (FORCE)")
        if isinstance(said, str):
            wrong.append(said)
    assert wrong == []


def _copy(empty: Path, scratch: Path, number: int, before: bool) -> Path:
    path = scratch / f"{number}-{int(before)}.db"
    shutil.copy(empty, path)
    return path


def _one(number: int, before: bool, folders: tuple[Path, Path], url: str) -> str | int:
    """What is wrong after one death, or how many calls there were."""
    story = _run(folders, url, number, before=before)
    try:
        _check(story)
    except AssertionError as error:
        return f"call {number}, before={before}: {error}"
    finally:
        story.stop()
    return story.calls.made
