"""What stories share: an office with the small campaign, on either database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.story import Story, office_folder


@pytest.fixture
def story(tmp_path: Path, ledger_url: str) -> Iterator[Story]:
    """An office on 2024-08-20 at nine, nothing drafted yet."""
    story = Story(office_folder(tmp_path / "office"), ledger_url)
    yield story
    story.stop()


@pytest.fixture
def released(story: Story) -> Story:
    """The same, its notices sent."""
    story.release()
    story.work()
    return story
