"""Letters as forty offices might write them, each with what a clerk would do with it, written by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.office.letter import Stage
from tests.stories.letters_machines import MACHINES
from tests.stories.letters_second_day import MORE
from tests.stories.letters_two_campaigns import TWO
from tests.stories.letters_what import WHAT
from tests.stories.letters_who import WHO
from tests.stories.prescription import Then, Write, differences
from tests.stories.sample_office import Released, release_once

ONE_CAMPAIGN = {**WHO.cases, **WHAT.cases, **MACHINES.cases, **MORE.cases}


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Released:
    """The sample campaign, released."""
    return release_once(tmp_path_factory.mktemp("one"))


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Released:
    """The same after an earlier campaign that is still open."""
    return release_once(tmp_path_factory.mktemp("two"), with_spring=True)


def play(released: Released, write: Write, prescribed: tuple[Then, ...], place: Path) -> None:
    """Deliver, let half an hour pass, and compare with every prescription; one must fit wholly."""
    office = released.copy(place)
    try:
        before = len(office.world.accepted)
        letters = write(office)
        for number, each in enumerate([letters] if isinstance(letters, bytes) else letters):
            raw, folder = each if isinstance(each, tuple) else (each, "INBOX")
            office.arrive(raw, folder)
            office.until(f"2024-08-20 {11 + number}:00")
        office.until("2024-08-20 20:00")
        found = tuple(sorted(office.letters(), key=lambda letter: letter.id))
        assert not any(each.stage in (Stage.RECEIVED, Stage.SORTED, Stage.MATCHED) for each in found)
        said = [differences(office, before, then, found) for then in prescribed]
        assert [] in said, "\n".join(["", *min(said, key=len), *(f"  hit: {each.outcome}" for each in found)])
    finally:
        office.stop()


@pytest.mark.parametrize("name", ONE_CAMPAIGN)
def test_a_letter(name: str, one: Released, tmp_path: Path) -> None:
    write, prescribed = ONE_CAMPAIGN[name]
    play(one, write, prescribed, tmp_path)


@pytest.mark.parametrize("name", TWO.cases)
def test_a_letter_while_two_campaigns_are_open(name: str, two: Released, tmp_path: Path) -> None:
    write, prescribed = TWO.cases[name]
    play(two, write, prescribed, tmp_path)
