"""Small offices: one fresh, one released; the released one is made once and copied."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.desk.small_office import SmallOffice, make_folder


@pytest.fixture
def office(tmp_path: Path) -> SmallOffice:
    """An office with one campaign, nothing drafted."""
    return SmallOffice(make_folder(tmp_path / "办公"))


@pytest.fixture(scope="session")
def released_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after its release."""
    folder = make_folder(tmp_path_factory.mktemp("released") / "办公")
    SmallOffice(folder).release()
    return folder


@pytest.fixture
def released(released_folder: Path, tmp_path: Path) -> SmallOffice:
    """A copy of it for this test alone."""
    return SmallOffice(Path(shutil.copytree(released_folder, tmp_path / "办公")))
