"""A law over any order of events: a 催报函 leaves only for who is surely overdue, and once for a date."""

from __future__ import annotations

import copy
import itertools
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.desk.decide import Via, exempt, extend, note, record
from service.office.dispatch import Dispatch, DispatchKind
from service.office.letter import Stage
from service.outgoing.amend import Urge
from tests.fakes import PlainWorkbook, World
from tests.stories.story import (
    CAMPAIGN,
    CLERK,
    DONG,
    DONG_AT,
    GOOD_SUMMARY,
    NAN,
    SIGNER,
    XI,
    XI_AT,
    Story,
    office_folder,
    summary_docx,
)
from tests.stories.test_ladder import ROSTER

ACTS = (
    "urge",
    "urge",
    "work",
    "work",
    "an hour goes by",
    "a night goes by",
    "the post is down",
    "the post is well",
    "the mailbox is down",
    "the mailbox is well",
    "dong reports",
    "xi reports",
    "a stranger reports",
    "the stranger's letter is settled",
    "exempt",
    "promise",
    "extend",
)
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Overdue:
    """The day after the last reminder, to be copied."""

    folder: Path
    database: Path
    world: World


@pytest.fixture(scope="module")
def eve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Overdue]:
    place = tmp_path_factory.mktemp("ladder")
    folder = office_folder(place / "office")
    (folder / "config" / "units.csv").write_text(ROSTER, encoding="utf-8")
    story = Story(folder, f"sqlite:///{place / 'ledger.db'}", World(), workbook=PlainWorkbook())
    story.release()
    story.work()
    story.until("2024-10-08 10:00")
    story.stop()
    yield Overdue(folder, place / "ledger.db", story.world)


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=st.lists(st.sampled_from(ACTS), min_size=5, max_size=14))
@pytest.mark.timeout(300)
def test_a_letter_leaves_only_for_who_is_missing_for_certain(
    acts: list[str], eve: Overdue, tmp_path: Path
) -> None:
    ledger = tmp_path / f"{next(_numbers)}.db"
    shutil.copy(eve.database, ledger)
    world = copy.deepcopy(eve.world)
    story = Story(eve.folder, f"sqlite:///{ledger}", world, workbook=PlainWorkbook())
    story.clock.set(story.now.fromisoformat("2024-10-08T10:00:00+08:00"))
    try:
        seen = len(world.accepted)
        for each in (*acts, "work"):
            _act(story, each)
            gone = {accept.message_id for accept in world.accepted[seen:]}
            seen = len(world.accepted)
            rows = story.ledger.dispatches(CAMPAIGN, kinds=(DispatchKind.URGING,))
            _check(story, [row for row in rows if row.message_id in gone])
            sent = Counter((row.unit, row.rcpt) for row in rows if row.sent_at is not None)
            assert max(sent.values(), default=0) <= 1, "more than one letter under one date"
    finally:
        story.stop()


def _check(story: Story, just_sent: list[Dispatch]) -> None:
    """What left within this act: everybody it speaks of is overdue now, and nothing could be unseen."""
    for row in just_sent:
        assert row.dockets == ("summary",)
        assert story.docket(row.unit, "summary").is_overdue(story.now), row
        assert story.office.policy.is_open(story.now), story.now
        waiting = story.ledger.letters(stage=Stage.REVIEW)
        assert not any(letter.unit is None for letter in waiting)
        read = story.ledger.cursors()[0].read_at
        assert read is not None and story.now - read <= story.office.policy.blind_after


def _act(story: Story, act: str) -> None:
    world, now = story.world, story.now
    match act:
        case "urge":
            order = Urge(CAMPAIGN, "逾期未报")
            prepared = story.office.amend.prepare(order, now)
            if prepared.may_be_signed:
                signed = story.office.amend.sign(order, SIGNER, prepared.digest, now, really=True)
                assert signed.is_done, signed.say
        case "work":
            story.work()
        case "an hour goes by":
            story.clock.advance(timedelta(hours=1))
        case "a night goes by":
            story.clock.advance(timedelta(hours=10))
        case "the post is down" | "the post is well":
            world.is_post_down = act == "the post is down"
        case "the mailbox is down" | "the mailbox is well":
            world.is_mail_down = act == "the mailbox is down"
        case "dong reports" | "xi reports":
            rcpt = DONG_AT if act == "dong reports" else XI_AT
            story.reply(rcpt, "总结见附件。", [("总结.docx", summary_docx(GOOD_SUMMARY))])
        case "a stranger reports":
            files = [("总结.docx", summary_docx(GOOD_SUMMARY))]
            story.reply("someone@elsewhere.example", "总结见附件。", files, as_new=True, subject="总结")
        case _:
            _decide(story, act)


def _decide(story: Story, act: str) -> None:
    """What a clerk does; whatever cannot be done now is refused in words."""
    now = story.now
    day = now.date() + timedelta(days=20)
    match act:
        case "the stranger's letter is settled":
            for letter in story.ledger.letters(stage=Stage.REVIEW):
                note(story.office, letter.id, by=CLERK, reason="不是报送", now=now)
        case "exempt":
            exempt(story.office, CAMPAIGN, NAN, "summary", by=CLERK, reason="机构改革", now=now)
        case "promise":
            promise = (CAMPAIGN, DONG, "summary")
            record(story.office, *promise, via=Via.PROMISE, on=day, by=CLERK, reason="电话", now=now)
        case _:
            extend(story.office, CAMPAIGN, XI, "summary", until=day, by=CLERK, reason="同意", now=now)
