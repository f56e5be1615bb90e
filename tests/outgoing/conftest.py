"""Outgoing stages are tried on the small campaign, on SQLite; the stories show both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.story import Story, office_folder


@pytest.fixture
def story(tmp_path: Path, sqlite_ledger_url: str) -> Iterator[Story]:
    """An office on 2024-08-20 at nine, nothing drafted yet."""
    story = Story(office_folder(tmp_path / "office"), sqlite_ledger_url)
    yield story
    story.stop()
