"""The law of versions: whatever comes in whatever order, the newest valid one counts and nothing is lost."""

from __future__ import annotations

import shutil
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.desk.decide import record
from service.doors.staff_files import StaffFilesDoor
from service.office.docket import DocketState, MediumState
from service.office.filing import Filing, in_force
from service.office.letter import Stage
from tests.fakes import PlainWorkbook
from tests.stories.sample_office import Released
from tests.stories.story import (
    CAMPAIGN,
    CLERK,
    NAN,
    NAN_AT,
    Story,
    at,
    fill,
    office_folder,
    summary_docx,
)

# Long enough for a must of forty characters; a number of its own makes every document another file.
GOOD = "一、开展情况\n我局组织了宣传活动，走访企业四十家。\n二、活动效果\n群众知晓率明显提高，第{}次报送。"
BAD = "太短，第{}次。"
ACTS = st.lists(
    st.sampled_from(
        ["good", "bad", "further", "pictures", "paper", "work", "work again", "bad work", "nothing"]
    ),
    min_size=1,
    max_size=6,
)


class Offices:
    """One office with its notices sent, copied for every timeline."""

    def __init__(self, released: Released, place: Path) -> None:
        self._released = released
        self._place = place
        self._numbers = count(1)

    def one(self) -> Story:
        """A fresh copy."""
        return self._released.copy(self._place / str(next(self._numbers)))


@pytest.fixture(scope="module")
def offices(tmp_path_factory: pytest.TempPathFactory, empty_ledger_file: Path) -> Offices:
    place = tmp_path_factory.mktemp("law")
    folder = office_folder(place / "office")
    path = folder / "templates" / CAMPAIGN / "campaign.yaml"
    text = path.read_text(encoding="utf-8")
    asked = "    name: 活动总结\n"
    assert asked in text
    extra = "    media: [electronic, paper]\n    length: {about: 60, tolerance: 50, check: must}\n"
    text = text.replace(asked, asked + extra) + "post: {to: 经办人乙, street: 甲市一号, postcode: '030000'}\n"
    path.write_text(text, encoding="utf-8")
    shutil.copy(empty_ledger_file, place / "first.db")
    staff_files = StaffFilesDoor(folder)
    story = Story(
        folder, f"sqlite:///{place / 'first.db'}", workbook=PlainWorkbook(), staff_files=staff_files
    )
    story.release()
    story.work()
    story.stop()
    return Offices(Released(folder, place / "first.db", story.world, staff_files), place)


def _act(story: Story, act: str, number: int) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + bytes([number]) * 60_000
    match act:
        case "good" | "bad":
            text = (GOOD if act == "good" else BAD).format(number)
            story.reply(NAN_AT, f"第{number}封，总结见附件。", [("活动总结.docx", summary_docx(text))])
        case "further":
            files = [("总结附件.docx", summary_docx(f"案例{number}。" * 20))]
            story.reply(NAN_AT, f"第{number}封，补充总结的材料。", files)
        case "pictures":
            story.reply(NAN_AT, f"第{number}封，补充总结的图片。", [(f"现场{number}.png", picture)])
        case "paper":
            record(
                story.office,
                CAMPAIGN,
                NAN,
                "summary",
                via="paper",
                on=story.now.date(),
                by=CLERK,
                reason="收到",
                now=story.now,
            )
        case "work" | "work again" | "bad work":
            title = f"作品{number}" if act == "work" else "同一作品"
            answers = {"title": title, "phone": "无" if act == "bad work" else f"0351-10000{number:02}"}
            story.reply(
                NAN_AT, f"第{number}封，作品。", [("登记表.docx", fill(story.form_of(NAN_AT), answers))]
            )
        case _:
            story.reply(NAN_AT, f"谢谢，收到。{number}")


@settings(max_examples=12, deadline=None)
@given(ACTS)
def test_the_newest_valid_version_counts_and_nothing_is_lost(offices: Offices, acts: list[str]) -> None:
    story = offices.one()
    seen: dict[tuple[str, int, int], Filing] = {}
    first: dict[str, datetime] = {}
    try:
        for number, act in enumerate(acts, 1):
            story.clock.set(at("2024-08-20 10:00") + timedelta(days=number))
            before = len(story.letters())
            _act(story, act, number)
            story.work()
            story.until(f"{story.now:%Y-%m-%d} 18:00")
            filings = story.ledger.filings(CAMPAIGN, NAN)
            # Nothing filed is ever changed or gone.
            now = {(each.item, each.entry, each.version): each for each in filings}
            assert all(now[key] == each for key, each in seen.items())
            new = [each for key, each in now.items() if key not in seen]
            seen = now
            for each in new:
                first.setdefault(each.item, each.received_at)
            _receipt_names_the_version(story, new, before)
            _what_counts(story, filings)
        for item, moment in first.items():
            returned_at = story.docket(NAN, item).returned_at
            assert returned_at is not None and returned_at <= moment
        # Every letter with files is filed once or waits for a person; none is in between.
        assert {each.stage for each in story.letters()} <= {
            Stage.ACKNOWLEDGED,
            Stage.NOTED,
            Stage.REVIEW,
            Stage.ASKED,
        }
        letters = [each.letter for each in seen.values()]
        assert len(letters) == len(set(letters))
    finally:
        story.stop()


def _what_counts(story: Story, filings: tuple[Filing, ...]) -> None:
    for item in ("summary", "works"):
        mine = [each for each in filings if each.item == item]
        for entry in {each.entry for each in mine}:
            versions = tuple(each for each in mine if each.entry == entry)
            assert [each.version for each in versions] == list(range(1, len(versions) + 1))
            best = in_force(versions)
            valid = [each for each in versions if each.is_valid]
            assert best == (valid or list(versions))[-1]
        docket = story.docket(NAN, item)
        if any(each.is_valid for each in mine):
            assert docket.electronic is MediumState.RETURNED
        if mine and not any(each.is_valid for each in mine):
            assert docket.state is DocketState.NEEDS_CORRECTION
        # Who has both media in is never missing, and a bad version takes neither back.
        is_in = docket.electronic is MediumState.RETURNED and docket.paper is not MediumState.AWAITED
        assert is_in == (docket.state is DocketState.RETURNED)


def _receipt_names_the_version(story: Story, new: list[Filing], before: int) -> None:
    if not new or len(story.letters()) == before:
        return
    assert len(new) == 1
    text = story.last_text(NAN_AT)
    if new[0].is_valid:
        assert (f"第 {new[0].version} 版" in text) == (new[0].version > 1)
        assert new[0].docs[-1].sha256 in text
    else:
        assert "需要补正" in text


def test_a_paper_tick_never_makes_a_faulty_return_missing(offices: Offices) -> None:
    story = offices.one()
    _act(story, "bad", 1)
    story.work()
    _act(story, "paper", 2)
    docket = story.docket(NAN, "summary")
    assert (docket.state, docket.paper) == (DocketState.NEEDS_CORRECTION, MediumState.RETURNED)
    assert NAN not in story.missing()
    assert docket.returned_at is not None and docket.returned_at.date() == date(2024, 8, 20)
    story.stop()
