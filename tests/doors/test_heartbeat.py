"""脉搏 — health answers from one small file, in words, and without loading the program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.doors.heartbeat import AGE_SECONDS_MAX, beat, feel, heartbeat_path
from service.incoming.receive import WHOLE_ROUND
from service.office.reading import MoveCursor
from service.wiring import open_office
from service.wiring.daemon import problems_of
from tests.stories.story import office_folder

ROOT = Path(__file__).parents[2]


@pytest.fixture
def office(tmp_path: Path) -> Path:
    (tmp_path / "state").mkdir()
    return tmp_path


def health(*arguments: str, office: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "service", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=office,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **env},
        check=False,
    )


def test_a_fresh_beat_is_alive(office: Path) -> None:
    beat(office)
    pulse = feel(office, datetime.now(UTC))
    assert pulse.is_alive
    assert "服务正常" in pulse.say


def test_an_old_beat_is_not(office: Path) -> None:
    beat(office)
    pulse = feel(office, datetime.now(UTC) + timedelta(seconds=AGE_SECONDS_MAX + 2))
    assert not pulse.is_alive
    assert "没有动静" in pulse.say


def test_problems_are_said_and_count(office: Path) -> None:
    beat(office, ("收件邮箱登录失败",))
    pulse = feel(office, datetime.now(UTC))
    assert not pulse.is_alive
    assert "收件邮箱登录失败" in pulse.say


def test_a_beat_leaves_one_file(office: Path) -> None:
    beat(office)
    beat(office)
    assert [path.name for path in (office / "state").iterdir()] == ["heartbeat"]


@pytest.mark.parametrize(
    "words", ["", "{", "[]", "{}", '{"at": 3}', '{"at": "2024-08-20T09:00:00"}', '{"at": "x"}']
)
def test_rubbish_is_a_sentence_not_a_traceback(office: Path, words: str) -> None:
    heartbeat_path(office).write_text(words, encoding="utf-8")
    pulse = feel(office, datetime.now(UTC))
    assert not pulse.is_alive
    assert "不是心跳记录" in pulse.say


def test_no_file_names_the_place_and_the_remedy(office: Path) -> None:
    pulse = feel(office, datetime.now(UTC))
    assert not pulse.is_alive
    assert str(heartbeat_path(office)) in pulse.say
    assert "--office" in pulse.say


def test_the_command_takes_the_office_from_option_variable_or_folder(office: Path, tmp_path: Path) -> None:
    beat(office)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert health("health", office=office).returncode == 0
    assert health("health", office=elsewhere).returncode == 1
    assert health("--office", str(office), "health", office=elsewhere).returncode == 0
    assert health(f"--office={office}", "health", office=elsewhere).returncode == 0
    assert health("health", office=elsewhere, HUIZHI_OFFICE=str(office)).returncode == 0


def test_json_is_one_line_of_the_doctors_shape(office: Path) -> None:
    beat(office)
    done = health("health", "--json", office=office)
    assert json.loads(done.stdout) == {
        "check": "heartbeat",
        "ok": True,
        "say": json.loads(done.stdout)["say"],
    }
    assert done.stdout.count("\n") == 1


def test_the_command_loads_nothing_heavy(office: Path) -> None:
    beat(office)
    words = health("health", office=office, PYTHONPROFILEIMPORTTIME="1").stderr
    loaded = {
        line.rsplit("|", 1)[-1].strip() for line in words.splitlines() if line.startswith("import time:")
    }
    assert "service.doors.heartbeat" in loaded
    ours = {name for name in loaded if name.startswith("service")}
    assert ours <= {"service", "service.doors", "service.doors.heartbeat"}
    heavy = {"sqlalchemy", "typer", "rich", "docxtpl", "pydantic", "lxml", "email", "asyncio", "structlog"}
    assert not loaded & heavy


def test_a_watcher_that_gives_no_sign_and_a_round_left_out_are_problems(tmp_path: Path) -> None:
    folder = office_folder(tmp_path / "office")
    with open_office(folder) as opened:
        now = opened.office.doors.clock.now()
        opened.clerk.watched_at["office/INBOX"] = now - timedelta(minutes=5)
        assert list(problems_of(opened, now)) == []
        opened.clerk.watched_at["office/INBOX"] = now - timedelta(minutes=40)
        ledger = opened.office.doors.ledger
        round_ = ledger.hold_mailbox("office", WHOLE_ROUND, "tests", is_swept=True)
        assert round_ is not None
        old = now - timedelta(days=4)
        assert ledger.apply([MoveCursor("office", WHOLE_ROUND, round_.epoch, 1, 0, old)])
        silent, unswept = problems_of(opened, now)
    assert "信箱 office/INBOX 已有 40 分钟没有人看守" in silent
    assert "邮箱 office 的其他文件夹从" in unswept and "没有巡查过" in unswept
