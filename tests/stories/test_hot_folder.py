"""A clerk drops and changes campaigns; the daemon says in 交换/检查结果 what is wrong with them."""

from __future__ import annotations

import io
import json
import shutil
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from service.clerk import HANGING_MAX, Lookout
from service.desk.judge import Judge
from service.desk.lint import Linter
from service.office.needs.hot_folder import Settled
from tests.daemon import OfficeAtWork, office_at_work, wait_until
from tests.doors.word_files import word
from tests.mail_process import MailProcess
from tests.stories.story import CAMPAIGN, Story

RESULTS = "交换/检查结果"
BAD = word("各{{ unti.name }}：")
GOOD = word("各{{ unit.name }}：")


@pytest.fixture
def mail() -> Iterator[MailProcess]:
    with MailProcess() as server:
        yield server


def result(office: OfficeAtWork, campaign: str) -> str:
    path = office.folder / RESULTS / f"{campaign}.txt"
    return path.read_text(encoding="utf-8-sig") if path.exists() else ""


def desk_words(office: OfficeAtWork) -> str:
    """Everything that stands in 待人工.xlsx."""
    path = office.folder / "交换" / "待人工.xlsx"
    if not path.exists():
        return ""
    book = load_workbook(io.BytesIO(path.read_bytes()))
    return "\n".join(
        str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell
    )


def test_a_dropped_campaign_is_judged_within_seconds(mail: MailProcess, tmp_path: Path) -> None:
    with office_at_work(tmp_path / "office", mail, is_released=False) as office:
        templates = office.folder / "templates"
        daemon = office.start(is_ready=True)
        wait_until(lambda: "没有发现问题" in result(office, CAMPAIGN), what=daemon.said())

        # Copied slowly: first the facts and half of the notice, which nobody judges.
        dropped = shutil.copytree(templates / CAMPAIGN, office.folder / "copying")
        (dropped / "notice.docx").write_bytes(BAD[: len(BAD) // 2])
        dropped = dropped.rename(templates / "autumn")
        (dropped / "~$notice.docx").write_bytes(b"lock")
        pause = threading.Event()
        for _ in range(7):  # longer than a file must lie still
            pause.wait(0.5)
            assert result(office, "autumn") == ""

        # The rest comes, with a slip in it.
        (dropped / "notice.docx").write_bytes(BAD)
        seconds = wait_until(lambda: "发现 1 处错误" in result(office, "autumn"), what=daemon.said())
        assert seconds < 20
        said = result(office, "autumn")
        assert said.startswith("检查结果：autumn\n检查时间：")
        assert (
            "1. notice.docx 第 1 段：没有名为 unti 的变量，是不是 unit？\n   原文：各{{ unti.name }}："
            in said
        )
        wait_until(lambda: "没有名为 unti 的变量" in desk_words(office), what=daemon.said())
        (row,) = [json.loads(each) for each in office.command("desk", "--json").stdout.splitlines()]
        assert (row["kind"], row["ref"], row["remedy"]) == ("模板有错", "活动 autumn", "huizhi lint autumn")
        assert "交换/检查结果/autumn.txt" in row["say"]

        # Mended, it is good; taken away, it is forgotten.
        (dropped / "notice.docx").write_bytes(GOOD)
        wait_until(lambda: "没有发现问题" in result(office, "autumn"), what=daemon.said())
        wait_until(lambda: "unti" not in desk_words(office), what=daemon.said())
        shutil.rmtree(dropped)
        wait_until(lambda: not (office.folder / RESULTS / "autumn.txt").exists(), what=daemon.said())
        assert (office.folder / RESULTS / f"{CAMPAIGN}.txt").exists()
        status, seconds = daemon.stop()
        assert status == 0 and seconds < 15


def test_a_share_is_watched_by_polling(mail: MailProcess, tmp_path: Path) -> None:
    """`watching: polling`, as it is chosen by itself where the folder lies on a share."""
    with office_at_work(tmp_path / "office", mail, is_released=False) as office:
        config = office.folder / "config" / "office.yaml"
        config.write_text(config.read_text(encoding="utf-8") + "\nwatching: polling\n", encoding="utf-8")
        daemon = office.start(is_ready=True)
        wait_until(lambda: "没有发现问题" in result(office, CAMPAIGN), what=daemon.said())
        assert '"by": "polling"' in daemon.said()
        (office.folder / "templates" / CAMPAIGN / "notice.docx").write_bytes(BAD)
        wait_until(lambda: "发现 1 处错误" in result(office, CAMPAIGN), what=daemon.said())


# --- what a template cannot do to the office ----------------------------------------------------------------


@dataclass
class Dropped:
    """A folder in which these campaigns have just changed."""

    keys: tuple[str, ...]

    def next(self, seconds: float) -> Settled:
        return Settled(self.keys, self.keys)

    def close(self) -> None: ...


@dataclass
class Told:
    """Judges as it is told; notes what it was asked."""

    hangs: threading.Event | None = None
    fails: bool = False
    judged: list[str] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)

    def judge(self, campaign: str, now: datetime) -> bool:
        self.judged.append(campaign)
        if self.fails:
            raise ZeroDivisionError
        if self.hangs is not None and campaign == "hangs":
            self.hangs.wait()
        return True

    def give_up(self, campaign: str, now: datetime) -> None:
        self.given_up.append(campaign)

    def keep(self, present: Sequence[str], now: datetime) -> None: ...


def test_a_check_that_hangs_is_left_behind_and_said_so(story: Story) -> None:
    end = threading.Event()
    told = Told(hangs=end)
    lookout = Lookout(Dropped(("hangs", "sound")), told, judging_seconds_max=0.2)
    try:
        for _ in range(HANGING_MAX):
            assert lookout.look(story.clerk, 0.1)
        # As soon as so many hang no further one is begun, and whoever waits for it is told so.
        assert told.judged == [*(["hangs", "sound"] * (HANGING_MAX - 1)), "hangs"]
        assert told.given_up == [*(["hangs"] * HANGING_MAX), "sound"]
    finally:
        end.set()
        for thread in lookout.hanging:
            thread.join(20)
    lookout.look(story.clerk, 0.1)
    assert told.judged[-1] == "sound"


def test_a_check_that_fails_is_said_so(story: Story) -> None:
    told = Told(fails=True)
    assert Lookout(Dropped(("autumn",)), told).look(story.clerk, 0.1)
    assert told.given_up == ["autumn"]


def test_what_cannot_be_looked_at_ends_nothing(story: Story) -> None:
    class Gone(Dropped):
        def next(self, seconds: float) -> Settled:
            raise OSError("gone")

    assert not Lookout(Gone(()), Told()).look(story.clerk, 0.1)


def test_errors_stand_on_the_desk_of_an_office_at_work(released: Story) -> None:
    """While a campaign runs, another one's templates stand on the same desk and in the same workbook."""
    doors = released.office.doors
    folder = shutil.copytree(
        released.folder / "templates" / CAMPAIGN, released.folder / "templates" / "autumn"
    )
    (folder / "notice.docx").write_bytes(BAD)
    judge = Judge(
        Linter(doors.press, doors.staff_files, doors.words),
        doors.exchange,
        released.ledger,
        released.office.policy.local,
    )
    lookout = Lookout(Dropped((CAMPAIGN, "autumn")), judge)
    lookout.look(released.clerk, 0.1)
    (row,) = released.office.report.board(CAMPAIGN, released.now).desk
    assert (row.kind, row.campaign, row.since) == ("模板有错", "autumn", released.now)
    assert row.say.startswith("有 1 处错误，如 notice.docx 第 1 段：没有名为 unti 的变量")
    pages = released.world.exchange
    assert "没有发现问题" in pages[f"检查结果/{CAMPAIGN}.txt"].decode("utf-8-sig")
    # A note that somebody laid beside them is nobody's to take away.
    pages["检查结果/备注.txt"] = "请看第三条".encode()
    shutil.rmtree(folder)
    Lookout(Dropped((CAMPAIGN,)), judge).look(released.clerk, 0.1)
    assert released.office.report.board(CAMPAIGN, released.now).desk == ()
    assert sorted(each for each in pages if each.startswith("检查结果/")) == [
        f"检查结果/{CAMPAIGN}.txt",
        "检查结果/备注.txt",
    ]


def test_a_check_given_up_is_no_good_result(story: Story) -> None:
    doors = story.office.doors
    judge = Judge(
        Linter(doors.press, doors.staff_files, doors.words),
        doors.exchange,
        story.ledger,
        story.office.policy.local,
    )
    judge.give_up("autumn", story.now)
    page = story.world.exchange["检查结果/autumn.txt"].decode("utf-8-sig")
    assert "检查时间：2024年8月20日 09:00:00" in page and "这次检查没有完成" in page
    assert [each.stage for each in story.ledger.stumbles()] == ["lint"]
