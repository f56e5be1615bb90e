"""Crash everywhere: the process dies before and after every door call, is started again, and nothing is lost.

Between two calls nothing of the house is written down, so that dying after one leaves what dying before the
next leaves, but for what stages do with the exception on its way up: before every call, and after a tenth.
In `./run test` so on SQLite, and a seeded tenth on PostgreSQL; with HUIZHI_CRASH_ALL=1 so on both, and with
HUIZHI_CRASH_ALL=after before and after every call on both.
"""

from __future__ import annotations

import os
import random
import shutil
from collections import Counter
from collections.abc import Callable
from email import message_from_bytes, policy
from functools import cache
from pathlib import Path

import pytest

from service.desk.decide import settle_dispatch
from service.doors.staff_files import StaffFilesDoor
from service.office.dispatch import DispatchKind, DispatchState
from service.office.docket import DocketState
from service.office.letter import Stage
from tests.fakes import Calls, Crash, PlainWorkbook, World
from tests.postgres import PostgresServer
from tests.stories.story import (
    CAMPAIGN,
    CLERK,
    DONG,
    DONG_AT,
    GOOD_SUMMARY,
    NAN,
    NAN_AT,
    XI,
    XI_AT,
    Story,
    fill,
    office_folder,
    summary_docx,
)

# Two units answer well, one with a form that must be corrected, one not at all, and a machine writes.
SEED = 9704
# So many tests share the calls, so that they can go over all cores.
PARTS = 12
DONE = (Stage.ACKNOWLEDGED, Stage.NOTED, Stage.IGNORED)


def _release(story: Story) -> None:
    """Staff try again when their command was cut off; a release that took place stays the only one."""
    if story.ledger.release(CAMPAIGN) is None:
        story.release()


def _letters(story: Story) -> None:
    """What units send on 2024-09-10; the world's own doing, no call of the house."""
    good = [("活动总结.docx", summary_docx(GOOD_SUMMARY))]
    story.reply(DONG_AT, "总结见附件。", good)
    story.reply(
        XI_AT, "作品。", [("登记表.docx", fill(story.form_of(XI_AT), {"title": "甲", "phone": "无"}))]
    )
    story.reply(XI_AT, "总结见附件。", good)
    subject = f"自动回复: {story.notice(NAN_AT)['Subject']}"
    story.reply(NAN_AT, "我不在办公室。", subject=subject)


@pytest.fixture(scope="module")
def before_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return office_folder(tmp_path_factory.mktemp("crash") / "office")


@cache
def _staff_files(folder: Path) -> StaffFilesDoor:
    """The folder does not change here, and reading its YAML anew would be most of the time."""
    return StaffFilesDoor(folder)


def _run(folder: Path, url: str, die_at: int, *, before: bool) -> Story:
    """The whole story with one death; after it, a restart and on to the end."""
    calls, staff_files = Calls(die_at, before), _staff_files(folder)
    story = Story(folder, url, World(), calls=calls, workbook=PlainWorkbook(), staff_files=staff_files)
    steps: tuple[Callable[[Story], None], ...] = (
        _release,
        lambda each: each.until("2024-09-10 09:00"),
        lambda each: each.until("2024-09-10 12:00"),
        lambda each: each.until("2024-09-30 12:00"),
    )
    for number, step in enumerate(steps):
        if number == 2:
            _letters(story)
        try:
            _live(story, step)
        except Crash:
            story.restart()
            _live(story, step)
    return story


def _live(story: Story, step: Callable[[Story], None]) -> None:
    step(story)
    _settle_doubts(story)
    story.work()


def _settle_doubts(story: Story) -> None:
    """A clerk looks into the account's Sent page and says what is true; no machine guesses [law 1]."""
    for row in story.ledger.dispatches(states=(DispatchState.IN_DOUBT,)):
        has_gone = any(each.message_id == row.message_id for each in story.world.accepted)
        to = DispatchState.SENT if has_gone else DispatchState.READY
        done = settle_dispatch(story.office, row.id, to=to, by=CLERK, reason="查看已发送", now=story.now)
        assert done.is_done, done.say


def _check(story: Story) -> None:
    """The invariants, counted from the servers' side against the ledger."""
    ledger = story.ledger
    accepted = Counter((each.rcpt, _kind(each.mime)) for each in story.world.accepted)
    # Nothing is sent twice, ever: every mail the world took has a Message-ID of its own.
    ids = Counter(each.message_id for each in story.world.accepted)
    assert max(ids.values()) == 1, [key for key, count in ids.items() if count > 1]
    for rcpt in (DONG_AT, XI_AT, "xicheng2@units.example", NAN_AT, "beicheng@lab.example"):
        assert accepted[(rcpt, "notice")] == 1
    # No letter is lost, none is there twice, all are settled, nothing is set aside.
    letters = ledger.letters()
    assert len(letters) == 4
    assert all(letter.stage in DONE for letter in letters), [(e.stage, e.outcome) for e in letters]
    assert ledger.stumbles() == ()
    # Filed once.
    assert Counter((each.unit, each.item) for each in ledger.filings(CAMPAIGN)) == {
        (DONG, "summary"): 1,
        (XI, "works"): 1,
        (XI, "summary"): 1,
    }
    assert story.docket(DONG, "summary").state is DocketState.RETURNED
    assert story.docket(XI, "works").state is DocketState.NEEDS_CORRECTION
    assert story.docket(XI, "summary").state is DocketState.RETURNED
    # Who reported is never chased; who did not, once a step.
    assert story.missing() == [NAN]
    assert accepted[(DONG_AT, "reminder")] == accepted[(XI_AT, "reminder")] == 0
    # One that was in doubt, and that a clerk lets go on the day of the next, waits for another day.
    kinds, states = (DispatchKind.REMINDER,), (DispatchState.READY,)
    put_off = ledger.dispatches(CAMPAIGN, states, kinds, NAN)
    assert accepted[(NAN_AT, "reminder")] + len(put_off) == 2 and len(put_off) <= 1
    # Answered once: a letter alone, or letters gathered; the machine never.
    assert accepted[(DONG_AT, "receipt")] == 1
    assert 1 <= accepted[(XI_AT, "receipt")] <= 2
    assert accepted[(NAN_AT, "receipt")] == 0


def _kind(mime: bytes) -> str:
    subject = str(message_from_bytes(mime, policy=policy.default)["Subject"])
    if "回执" in subject or "补正" in subject:
        return "receipt"
    return "reminder" if "提醒" in subject or "催" in subject else "notice"


def _jobs(how_many: int) -> list[tuple[int, bool]]:
    """The deaths to die: at which call, and whether before it or after."""
    numbers = range(1, how_many + 1)
    after = numbers if os.environ.get("HUIZHI_CRASH_ALL") == "after" else _tenth(how_many)
    return sorted([*((number, True) for number in numbers), *((number, False) for number in after)])


def _tenth(how_many: int) -> list[int]:
    return sorted(random.Random(SEED).sample(range(1, how_many + 1), how_many // 10))


def _calls(folder: Path, url: str) -> int:
    story = _run(folder, url, 0, before=True)
    _check(story)
    story.stop()
    return story.calls.made


@pytest.fixture(scope="module")
def how_many(before_release: Path, tmp_path_factory: pytest.TempPathFactory) -> int:
    """How many door calls the story makes when nothing goes wrong."""
    folder = tmp_path_factory.mktemp("count")
    return _calls(before_release, f"sqlite:///{folder / 'ledger.db'}")


def _one(number: int, before: bool, folder: Path, empty: Path, scratch: Path) -> str:
    """One death on SQLite; what is wrong afterwards, or an empty string."""
    path = scratch / f"{number}-{int(before)}.db"
    shutil.copy(empty, path)
    story = _run(folder, f"sqlite:///{path}", number, before=before)
    try:
        _check(story)
    except AssertionError as error:
        return f"call {number}, before={before}: {error}"
    finally:
        story.stop()
        for left in scratch.glob(f"{path.name}*"):
            left.unlink()
    return ""


@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", range(PARTS))
def test_every_call_on_sqlite(
    part: int, how_many: int, before_release: Path, empty_ledger_file: Path, tmp_path: Path
) -> None:
    assert how_many > 100
    jobs = _jobs(how_many)[part::PARTS]
    said = [_one(*job, before_release, empty_ledger_file, tmp_path) for job in jobs]
    assert [each for each in said if each] == []


@pytest.mark.postgres
@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", range(PARTS))
def test_a_tenth_of_the_calls_on_postgres(
    part: int,
    how_many: int,
    before_release: Path,
    postgres_server: PostgresServer,
    empty_ledger_database: str,
) -> None:
    jobs = _jobs(how_many)
    if not os.environ.get("HUIZHI_CRASH_ALL"):
        jobs = [(number, before) for number in _tenth(how_many) for before in (True, False)]
    wrong = []
    for number, before in jobs[part::PARTS]:
        name = f"crash_{number}_{int(before)}"
        postgres_server.sql(f"CREATE DATABASE {name} TEMPLATE {empty_ledger_database}")
        story = _run(before_release, postgres_server.url(name), number, before=before)
        try:
            _check(story)
        except AssertionError as error:
            wrong.append(f"call {number}, before={before}: {error}")
        finally:
            story.stop()
            postgres_server.sql(f"DROP DATABASE {name} WITH (FORCE)")
    assert wrong == []
