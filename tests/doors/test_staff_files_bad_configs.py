"""Every folder of tests/bad_configs/ is a wrong office; staff must see exactly the sentences beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.doors.staff_files import StaffFilesDoor
from service.office.finding import Problem
from service.settings import SettingsRefused, load_settings

FOLDERS = sorted(
    path for path in (Path(__file__).parents[1] / "bad_configs").iterdir() if (path / "expected.txt").exists()
)


def faults(office: Path) -> Iterator[Problem]:
    """Everything wrong in whatever an office fragment holds."""
    door = StaffFilesDoor(office)
    if (office / "config/office.yaml").exists():
        with pytest.raises(SettingsRefused) as caught:
            load_settings(office)
        yield from caught.value.problems
    for key in door.campaigns():
        yield from door.campaign(key).problems
    if (office / "config/units.csv").exists():
        yield from door.roster().problems
    if (office / "mailbox_rules").exists():
        yield from door.rules()[1]
    if (office / "config/workdays.yaml").exists():
        yield from door.workday_overrides()[1]


def test_there_are_enough() -> None:
    assert len(FOLDERS) >= 12


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_staff_see_the_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUIZHI_DATABASE_URL", raising=False)
    said = [problem.sentence() for problem in faults(folder) if problem.is_error]
    assert said == (folder / "expected.txt").read_text(encoding="utf-8").splitlines()
