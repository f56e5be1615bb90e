"""A law over any sequence of what follows a release: nobody gets a document twice, no unit lacks a docket."""

from __future__ import annotations

import itertools
import shutil
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.desk.decide import Channel, delivered
from service.office.dispatch import SIGNED
from service.office.frozen import items_for, open_campaign
from service.office.outcome import InDoubt, Never, TryAgain
from service.outgoing.amend import Correct, Order, Reissue, Supplement, Withdraw
from tests.fakes import PlainWorkbook, World
from tests.stories.amending import add_unit
from tests.stories.story import CAMPAIGN, CLERK, SIGNER, Story, office_folder

ACTS = (
    "send one",
    "send all",
    "a server refuses",
    "a server is busy",
    "a line breaks",
    "servers are well",
    "add a unit",
    "add a unit without mail",
    "move an address",
    "reissue",
    "correct",
    "supplement",
    "hand over",
    "withdraw",
)
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return office_folder(tmp_path_factory.mktemp("law") / "office")


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=st.lists(st.sampled_from(ACTS), min_size=4, max_size=12))
@pytest.mark.timeout(120)
def test_nobody_twice_and_nobody_forgotten(
    acts: list[str], office: Path, empty_ledger_file: Path, tmp_path: Path
) -> None:
    number = next(_numbers)
    folder, ledger = tmp_path / f"office{number}", tmp_path / f"{number}.db"
    shutil.copytree(office, folder)
    shutil.copy(empty_ledger_file, ledger)
    story = Story(folder, f"sqlite:///{ledger}", World(), workbook=PlainWorkbook())
    try:
        story.release()
        for each in acts:
            _act(story, each)
            story.clock.advance(timedelta(minutes=7))
            _check(story)
        story.world.refusals.clear()
        story.work()
        _check(story)
    finally:
        story.stop()


def _act(story: Story, act: str) -> None:
    world, number = story.world, len(story.ledger.releases(CAMPAIGN))
    addresses = [each.rcpt for each in story.ledger.dispatches(CAMPAIGN)]
    match act:
        case "send one":
            story.office.send.handle("outbox", story.now)
        case "send all":
            story.work()
        case "a server refuses":
            world.refusals[addresses[number % len(addresses)]] = Never("550 no such user", 550)
        case "a server is busy":
            world.refusals[addresses[-1]] = TryAgain(timedelta(minutes=5), "忙", 451)
        case "a line breaks":
            world.refusals[addresses[len(addresses) // 2]] = InDoubt("断线")
        case "servers are well":
            world.refusals.clear()
        case "add a unit":
            add_unit(story, f"第{next(_numbers)}区市场监督管理局,区局,某人,,u{next(_numbers)}@units.example")
        case "add a unit without mail":
            add_unit(story, f"第{next(_numbers)}区市场监督管理局,区局,某人,0351-1000009,")
        case "move an address":
            path = story.folder / "config" / "units.csv"
            head, *lines = path.read_text(encoding="utf-8").splitlines()
            first = lines[number % len(lines)].rpartition(",")[0]
            lines[number % len(lines)] = f"{first},moved{next(_numbers)}@units.example"
            path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
        case "hand over":
            unit = story.ledger.standings(CAMPAIGN)[0].unit.key
            on, by = story.now.date(), CLERK
            delivered(story.office, CAMPAIGN, unit, via=Channel.OA, on=on, by=by, note="", now=story.now)
        case _:
            _order(story, act, number)


def _order(story: Story, act: str, number: int) -> None:
    """Whatever cannot be done now is refused in words, and changes nothing."""
    order: Order
    match act:
        case "reissue":
            order = Reissue(CAMPAIGN, story.office.amend.news(CAMPAIGN).units)
        case "correct":
            path = story.folder / "templates" / CAMPAIGN / "campaign.yaml"
            text = path.read_text(encoding="utf-8")
            day = 10 + number
            path.write_text(
                text.replace("on: 2024-09-28", f"on: 2024-11-{day}").replace(
                    f"on: 2024-11-{day - 1}", f"on: 2024-11-{day}"
                ),
                encoding="utf-8",
            )
            order = Correct(CAMPAIGN, f"第{number}次更正")
        case "supplement":
            order = Supplement(CAMPAIGN, f"第{number}次补充")
        case _:
            order = Withdraw(CAMPAIGN, "文件有误")
    prepared = story.office.amend.prepare(order, story.now)
    if prepared.may_be_signed:
        signed = story.office.amend.sign(order, SIGNER, prepared.digest, story.now, really=True)
        assert signed.is_done, signed.say
    else:
        assert prepared.refusal, prepared.problems


def _check(story: Story) -> None:
    ledger = story.ledger
    rows = {each.message_id: each for each in ledger.dispatches(CAMPAIGN)}
    gone = [rows[each.message_id] for each in story.world.accepted]
    documents = Counter((each.unit, each.rcpt.lower(), each.content_sha256) for each in gone)
    assert max(documents.values(), default=1) == 1, documents.most_common(1)
    # Of what is yet to go, nothing repeats what has gone.
    waiting = ledger.dispatches(CAMPAIGN, kinds=SIGNED)
    keys = Counter((e.unit, e.rcpt.lower(), e.content_sha256) for e in waiting if _counts(e.state.value))
    assert max(keys.values(), default=1) == 1, keys.most_common(1)
    facts = open_campaign(CAMPAIGN, ledger, story.office.doors.archive)
    assert facts is not None
    owed = {(each.unit, each.item) for each in ledger.dockets(CAMPAIGN)}
    for standing in ledger.standings(CAMPAIGN):
        for item in items_for(facts, standing.unit.groups):
            assert (standing.unit.key, item.key) in owed
        assert standing.code


def _counts(state: str) -> bool:
    return state not in ("cancelled", "dead")
