"""What stories share: an office with the small campaign, on either database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.office.content import Content
from service.office.dispatch import DispatchKind
from service.office.record import from_bytes
from tests.stories.story import CAMPAIGN, Story, office_folder

# What is written to colleagues, not to units.
_WITHIN = (DispatchKind.APPROVAL, DispatchKind.REPORT, DispatchKind.CANARY)


def strangers_named(story: Story) -> list[tuple[int, str]]:
    """The law of every story: no mail to a unit names another unit, but for its superior and the issuer.

    Names of files are theirs who sent them, and are told back as they came.
    """
    try:
        row = story.ledger.campaign(CAMPAIGN)
    except Exception:  # a story that broke its ledger has no mail to look at
        return []
    units = [each.unit for each in story.ledger.standings(CAMPAIGN)] if row is not None else []
    found = []
    for dispatch in story.ledger.dispatches(CAMPAIGN):
        mine = next((each for each in units if each.key == dispatch.unit), None)
        if mine is None or dispatch.kind in _WITHIN:
            continue
        content = from_bytes(Content, story.office.doors.archive.get(dispatch.content_sha256))
        lines = [line for line in content.text.splitlines() if "SHA-256" not in line and " KB" not in line]
        words = "\n".join((content.subject, *lines))
        others = [each.name for each in units if each.key != mine.key and each.name not in mine.name]
        found += [(dispatch.id, each) for each in others if each != mine.parent and each in words]
    return found


@pytest.fixture
def story(tmp_path: Path, ledger_url: str) -> Iterator[Story]:
    """An office on 2024-08-20 at nine, nothing drafted yet."""
    story = Story(office_folder(tmp_path / "office"), ledger_url)
    yield story
    try:
        assert strangers_named(story) == [], "a mail to a unit names another unit of the roster"
    finally:
        story.stop()


@pytest.fixture
def released(story: Story) -> Story:
    """The same, its notices sent."""
    story.release()
    story.work()
    return story
