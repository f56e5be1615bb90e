"""The practice post: a newcomer's first campaign, its mail read and answered from folders."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from service.doors.clock import ManualClock
from service.office.dispatch import DispatchKind, DispatchState
from service.rehearsal.folder import NoRehearsal
from service.rehearsal.mail_server import MailServer
from service.rehearsal.practice import ANSWER_FILE, ARRIVED, SENT, TO_SEND, PracticePost, serve_practice
from service.rehearsal.practice_folder import mark_as_practice, practice_place
from service.rehearsal.units.papers import fill_form
from service.wiring import Opened, desk_tools, open_office

CAMPAIGN = "shanxi-2024-quality-weeks"
BOX = "rzjg@datong-scjg.example"
UNIT = "大同市市场监督管理局"
RELEASED_AT = datetime(2024, 8, 20, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
ANSWERS = {
    "作品名称": "把好认证关",
    "报送单位": UNIT,
    "联系人": "殷恒山",
    "单位类型": "有关协会",
    "作品形式": "视频",
    "联系电话": "0352-5550133",
    "作品简介": "以三个现场说明认证怎样守住质量。",
    "原创承诺": "☑ 承诺",
}


@dataclass
class Practice:
    """A practice office with its post, and everything the post has told."""

    opened: Opened
    post: PracticePost
    told: list[str] = field(default_factory=list)

    def settle(self) -> None:
        """Until neither the office nor the post has anything to do; twice still, for what was laid down."""
        still = 0
        while still < 3:
            now = self.opened.office.doors.clock.now()
            has_worked = self.opened.clerk.tick(now, without=("report",))
            still = 0 if self.post.look() or has_worked else still + 1

    def arrived(self, box: str = BOX) -> list[Path]:
        return sorted((self.post.root / box / ARRIVED).iterdir())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "练习"
    desk_tools().make_office(folder)
    mark_as_practice(folder)
    return folder


@contextmanager
def practising(folder: Path) -> Iterator[Practice]:
    place, clock, told = practice_place(folder), ManualClock(RELEASED_AT), list[str]()
    with (
        MailServer(clock=clock.now, smtp_port=place.smtp_port, imap_port=place.imap_port) as server,
        open_office(folder, clock=clock) as opened,
    ):
        post = PracticePost(place, server, told.append, clock.now)
        post.open()
        yield Practice(opened, post, told)


def release(practice: Practice) -> None:
    office = practice.opened.office
    now = office.doors.clock.now()
    drafted = office.draft.whole(CAMPAIGN, now)
    proofed = office.proof.check(CAMPAIGN, now, drafted.problems)
    signed = office.release.sign(
        CAMPAIGN, "郝清源", proofed.digest, office.draft.inputs_now(CAMPAIGN), now, really=True
    )
    assert signed.is_done, signed.say


def test_mail_is_read_from_a_folder_and_answered_by_laying_files_down(folder: Path) -> None:
    with practising(folder) as practice:
        release(practice)
        practice.settle()
        (notice,) = practice.arrived()
        assert f"收件人：{BOX}" in (notice / "信文.txt").read_text(encoding="utf-8-sig")
        form = next(each for each in notice.iterdir() if "登记表" in each.name)

        tray = practice.post.root / BOX / TO_SEND
        (tray / form.name).write_bytes(fill_form(form.read_bytes(), tuple(ANSWERS.items())))
        (tray / ANSWER_FILE).write_text("报上作品一件，请查收。", encoding="utf-8-sig")
        (tray / "~$登记表.docx").write_bytes(b"open in Word")
        practice.settle()

        ledger = practice.opened.office.doors.ledger
        (letter,) = [each for each in ledger.letters() if each.sender == BOX]
        assert letter.unit == UNIT
        assert ledger.filings(CAMPAIGN, UNIT, "works")
        assert [each.name for each in tray.iterdir()] == ["~$登记表.docx"]
        (kept,) = (practice.post.root / BOX / SENT).iterdir()
        assert {each.name for each in kept.iterdir()} == {form.name, ANSWER_FILE, "原件.eml"}
        assert len(practice.arrived()) == 2, "an answer came back to the folder"


def test_nothing_is_posted_while_a_file_still_changes(folder: Path) -> None:
    with practising(folder) as practice:
        release(practice)
        practice.settle()
        file = practice.post.root / BOX / TO_SEND / "总结.txt"
        for size in range(1, 5):
            file.write_bytes(b"x" * size)
            assert practice.post.look() is False
        assert file.exists()
        assert practice.post.look() is True
        assert not file.exists()


def test_what_arrived_before_a_restart_can_still_be_answered(folder: Path) -> None:
    with practising(folder) as practice:
        release(practice)
        practice.settle()
    with practising(folder) as practice:
        (practice.post.root / BOX / TO_SEND / ANSWER_FILE).write_text("收到，谢谢。", encoding="utf-8")
        practice.settle()
        (letter,) = [each for each in practice.opened.office.doors.ledger.letters() if each.sender == BOX]
        assert (letter.campaign, letter.unit) == (CAMPAIGN, UNIT)
        dispatches = practice.opened.office.doors.ledger.dispatches(
            CAMPAIGN, states=(DispatchState.SENT,), kinds=(DispatchKind.RECEIPT,)
        )
        assert dispatches == (), "收到 is no return, and is not acknowledged"


def test_a_real_office_is_never_taken_for_practice(tmp_path: Path) -> None:
    folder = tmp_path / "办公"
    desk_tools().make_office(folder)
    with pytest.raises(NoRehearsal, match="不是练习用的办公文件夹"):
        practice_place(folder)


def test_a_practice_office_that_points_outside_is_refused(folder: Path) -> None:
    office = folder / "config" / "office.yaml"
    office.write_text(
        office.read_text(encoding="utf-8").replace("127.0.0.1", "mail.example"), encoding="utf-8"
    )
    with pytest.raises(NoRehearsal, match="指向外面"):
        practice_place(folder)


def test_an_office_that_has_worked_is_not_turned_into_practice(folder: Path) -> None:
    with open_office(folder, clock=ManualClock(RELEASED_AT)):
        pass
    with pytest.raises(NoRehearsal, match="已经办过公"):
        mark_as_practice(folder)


def test_a_taken_port_is_told_in_words(folder: Path) -> None:
    with (
        practising(folder),
        pytest.raises(NoRehearsal, match="已被占用"),
    ):
        serve_practice(practice_place(folder), lambda words: None, threading.Event())


def test_the_command_serves_until_told_to_stop(folder: Path) -> None:
    stopping, told = threading.Event(), list[str]()
    stopping.set()
    serve_practice(practice_place(folder), told.append, stopping)
    assert "练习信箱已开" in told[0]
