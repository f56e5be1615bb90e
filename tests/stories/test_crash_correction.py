"""The process dies in the midst of a correction: no old word goes out beside.

Every commit of the signature, and of the sending after it every second, on SQLite; on PostgreSQL a handful.
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
    for step in (_correct, lambda each: each.work()):
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
    pending = [
        each.at for each, state in story.ledger.timers(CAMPAIGN) if each.unit == NAN and state == "pending"
    ]
    assert pending == [at("2024-10-13 09:30"), at("2024-10-19 09:30")]
    assert [each.rev for each in story.ledger.releases(CAMPAIGN)] == [1, 2]


def _kind(subject: str) -> str:
    return next((word for word in ("更正", "提醒") if word in subject), "通知")


@pytest.fixture(scope="module")
def deaths(
    folders: tuple[Path, Path], empty_ledger_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> list[tuple[int, bool]]:
    """Commits and talks with a server: the call's number, and whether it dies before or after it.

    A death after a commit is one before the next: only talks are also cut off before they begin.
    """
    path = _copy(empty_ledger_file, tmp_path_factory.mktemp("count"), 0, True)
    story = _run(folders, f"sqlite:///{path}", 0, before=True)
    _check(story)
    story.stop()
    names = list(enumerate(story.calls.names, 1))
    after = [(number, False) for number, name in names if name in ("ledger.apply", "post.begin")]
    every = [*after, *((number, True) for number, name in names if name == "post.begin")]
    # The first commits are the proof's and the signature's; of the sending that follows, every second.
    return [*every[:6], *every[6::2]]


@pytest.mark.timeout(600)
def test_commits_and_talks_on_sqlite(
    deaths: list[tuple[int, bool]], folders: tuple[Path, Path], empty_ledger_file: Path, tmp_path: Path
) -> None:
    assert len(deaths) >= 12
    said = [
        _one(*death, folders, f"sqlite:///{_copy(empty_ledger_file, tmp_path, *death)}") for death in deaths
    ]
    assert [each for each in said if each] == []


@pytest.mark.postgres
@pytest.mark.timeout(600)
def test_a_handful_of_them_on_postgres(
    deaths: list[tuple[int, bool]],
    folders: tuple[Path, Path],
    postgres_server: PostgresServer,
    empty_ledger_database: str,
) -> None:
    wrong = []
    for number, before in random.Random(SEED).sample(deaths, 5):
        name = f"crash_correction_{number}_{int(before)}"
        postgres_server.sql(f"CREATE DATABASE {name} TEMPLATE {empty_ledger_database}")
        wrong.append(_one(number, before, folders, postgres_server.url(name)))
        postgres_server.sql(f"DROP DATABASE {name} WITH (FORCE)")
    assert [each for each in wrong if each] == []


def _copy(empty: Path, scratch: Path, number: int, before: bool) -> Path:
    path = scratch / f"{number}-{int(before)}.db"
    shutil.copy(empty, path)
    return path


def _one(number: int, before: bool, folders: tuple[Path, Path], url: str) -> str:
    """What is wrong after one death, or an empty string."""
    story = _run(folders, url, number, before=before)
    try:
        _check(story)
    except AssertionError as error:
        return f"call {number}, before={before}: {error}"
    finally:
        story.stop()
    return ""
