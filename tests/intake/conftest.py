"""One released office for all cases, copied for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.intake.counter import Counter, open_counter
from tests.stories.sample_office import Released, release_once


@pytest.fixture(scope="package")
def released(tmp_path_factory: pytest.TempPathFactory) -> Released:
    """The sample campaign, its notices sent."""
    return release_once(tmp_path_factory.mktemp("intake"))


@pytest.fixture
def counter(released: Released, tmp_path: Path) -> Iterator[Counter]:
    """An office of its own for this case."""
    counter = open_counter(released, tmp_path / "office")
    yield counter
    counter.office.stop()
