"""The process dies before and after every call while a signer's yes is taken: released once, told once."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

from service.desk.decide import settle_dispatch
from service.doors.staff_files import StaffFilesDoor
from service.office.assent import ApprovalState
from service.office.dispatch import DispatchState
from tests.fakes import Calls, Crash, PlainWorkbook, World
from tests.stories.story import CAMPAIGN, CLERK, Story, office_folder
from tests.stories.test_release_by_mail import CLERK_AT, SIGNER_AT, ask, question, state


def _asked(folder: Path, ledger: Path, files: StaffFilesDoor) -> tuple[World, bytes]:
    """A question put and sent, and the signer's answer as it would arrive."""
    story = Story(folder, f"sqlite:///{ledger}", World(), workbook=PlainWorkbook(), staff_files=files)
    code = ask(story)
    raw = story.compose(SIGNER_AT, f"同意 {code}", to=question(story))
    story.stop()
    return story.world, raw


def _copy(world: World) -> World:
    boxes = {name: list(box) for name, box in world.boxes.items()}
    return World(dict(world.archive), list(world.accepted), boxes, exchange=dict(world.exchange))


def _live(story: Story) -> None:
    story.work()
    for row in story.ledger.dispatches(states=(DispatchState.IN_DOUBT,)):
        gone = any(each.message_id == row.message_id for each in story.world.accepted)
        to = DispatchState.SENT if gone else DispatchState.READY
        settle_dispatch(story.office, row.id, to=to, by=CLERK, reason="查看已发送", now=story.now)
    story.work()


def test_dying_at_any_call_releases_once_and_tells_once(empty_ledger_file: Path, tmp_path: Path) -> None:
    folder, files = office_folder(tmp_path / "office"), StaffFilesDoor(tmp_path / "office")
    first = tmp_path / "asked.db"
    shutil.copy(empty_ledger_file, first)
    world, raw = _asked(folder, first, files)
    made = _run(folder, first, tmp_path / "0.db", _copy(world), raw, files, Calls())
    assert made > 20
    # Every call up to the confirmations; the notices behind them are another story's.
    # Dying after a call is dying before the next one, but for what the world has already taken.
    for number in range(1, min(made, 26) + 1):
        before = number % 2 == 0
        _run(folder, first, tmp_path / f"{number}.db", _copy(world), raw, files, Calls(number, before))


def _run(
    folder: Path, asked: Path, ledger: Path, world: World, raw: bytes, files: StaffFilesDoor, calls: Calls
) -> int:
    for left in ledger.parent.glob(f"{ledger.name}*"):
        left.unlink()
    shutil.copy(asked, ledger)
    where = f"calls {calls.die_at}, before={calls.before}"
    story = Story(
        folder, f"sqlite:///{ledger}", world, calls=calls, workbook=PlainWorkbook(), staff_files=files
    )
    world.deliver(raw, story.now)
    try:
        _live(story)
    except Crash:
        story.restart()
        _live(story)
    assert story.ledger.release(CAMPAIGN) is not None and state(story) is ApprovalState.AGREED, where
    assert len(story.ledger.events(campaign=CAMPAIGN, kind="released")) == 1, where
    got = Counter(each.rcpt for each in story.world.accepted)
    assert got[SIGNER_AT] == 2 and got[CLERK_AT] == 1, where  # the question and one word; one word
    assert all(
        count == 1 for rcpt, count in got.items() if rcpt.endswith(("units.example", "lab.example"))
    ), where
    assert max(Counter(each.message_id for each in story.world.accepted).values()) == 1, where
    assert story.ledger.stumbles() == () and story.ledger.answers_waiting() == (), where
    story.stop()
    return calls.made
