"""init, doctor, and how the program speaks before any office is there."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.rehearsal.mail_server import MailServer
from service.wiring import desk_tools
from tests.desk.small_office import SIGNER, SmallOffice, program

COMMANDS = [
    *(
        "init",
        "doctor",
        "health",
        "new",
        "lint",
        "preview",
        "draft",
        "proof",
        "number",
        "numbers",
        "release",
        *("publish", "reissue", "supplement", "correct", "withdraw"),
        "run",
        "status",
        "desk",
        "show",
    ),
    *("assign", "split", "reassign", "undo", "senders", "forget", "note"),
    *("delivered", "record", "extend", "exempt", "reopen"),
    *("remind", "strike", "unstrike", "chased", "neutral"),
    *("phone", "urge", "circular", "settle", "pause", "resume"),
    *("try-again", "close", "why", "report", "rollup", "choose", "pack"),
    *("explain", "read-form", "render", "verify", "rebuild", "purge", "journey", "demo", "practice"),
]


def chinese(text: str) -> bool:
    return any("\u4e00" <= ch <= "\u9fff" for ch in text)


def test_help_lists_every_command_in_chinese(tmp_path: Path) -> None:
    shown = SmallOffice(tmp_path).ask("--help").stdout
    listed = [
        line.split()[0] for line in shown.partition("命令：")[2].partition("选项：")[0].splitlines() if line
    ]
    assert listed == COMMANDS
    for english in ("Usage", "Options", "Commands", "Show this message"):
        assert english not in shown


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(tmp_path: Path, command: str) -> None:
    shown = SmallOffice(tmp_path).ask(command, "--help")
    assert shown.exit_code == 0
    assert shown.stdout.strip().startswith(f"用法：huizhi {command}")
    for line in shown.stdout.partition("参数：")[2].splitlines():
        assert not line.startswith("  ") or chinese(line), line


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("statsu", "x"), "是不是 status"),
        (("status",), "缺少 活动"),
        (("status", "a", "b"), "多写了：b"),
        (("--nwo", "x"), "是不是 --now"),
        (("desk", "--jsn"), "--json"),
        (("--now", "明天", "desk"), "不是时刻"),
        (("--office",), "--office"),
        (("desk", "--office", "x"), "写在命令之前"),
    ],
)
def test_a_misspelt_command_is_answered_in_chinese(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    done = program(*words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Error" not in done.stderr and "Traceback" not in done.stderr


def test_a_folder_that_is_no_office_is_refused_and_left_alone(tmp_path: Path) -> None:
    for words in (("status", "x"), ("desk",), ("run",), ("verify", "--json")):
        done = program(*words, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert "config/office.yaml" in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_key_is_one_line_with_its_remedy(office: SmallOffice) -> None:
    path = office.folder / "config" / "office.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "exchagne: x\n", encoding="utf-8")
    refused = office.ask("desk")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "exchange" in refused.stderr and "office.yaml" in refused.stderr
    # What needs no settings still answers.
    assert office.ask("lint", "small").exit_code == 2
    assert office.ask("journey", "--json").exit_code == 0


def test_init_makes_a_whole_office_and_overwrites_nothing(tmp_path: Path) -> None:
    first = program("init", "办公", cwd=tmp_path)
    folder = tmp_path / "办公"
    assert first.returncode == 0, first.stderr
    for path in (
        "config/office.yaml",
        "config/units.xlsx",
        "mailbox_rules",
        "templates/letters",
        "交换/收件",
    ):
        assert (folder / path).exists()
    key = folder / "state" / "code.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(bytes.fromhex(key.read_text(encoding="ascii"))) == 32
    before = key.read_bytes()
    (folder / "config" / "office.yaml").write_text("name: 我们的\n", encoding="utf-8")
    again = program("--office", "办公", "init", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert (folder / "config" / "office.yaml").read_text(encoding="utf-8") == "name: 我们的\n"
    assert key.read_bytes() == before
    assert "没有缺什么" in again.stdout


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        server.add_account("office@jia.example", "secret")
        yield server


def connect(office: SmallOffice, server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    path = office.folder / "config" / "office.yaml"
    words = path.read_text(encoding="utf-8")
    words = words.replace("port: 25,", f"port: {server.smtp_port},")
    words = words.replace("port: 143,", f"port: {server.imap_port},")
    path.write_text(words, encoding="utf-8")
    monkeypatch.setenv("HUIZHI_PASSWORD_OFFICE", "secret")


def doctor(office: SmallOffice) -> dict[str, tuple[bool, str]]:
    answered = office.ask("doctor", "--json")
    lines = [json.loads(each) for each in answered.stdout.splitlines()]
    assert all(list(each) == ["check", "ok", "say"] for each in lines)
    assert answered.exit_code == (0 if all(each["ok"] for each in lines) else 1)
    return {each["check"]: (each["ok"], each["say"]) for each in lines}


def test_doctor_finds_a_sound_office_sound(
    office: SmallOffice, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(office, mail_server, monkeypatch)
    checks = doctor(office)
    assert [name for name, (ok, _) in checks.items() if not ok] == []
    assert set(checks) == {
        *("python", "sqlite", "libmagic", "clock", "settings", "roster", "campaign small", "rules"),
        *("calendar", "secrets", "disk", "rights", "database", "smtp login", "imap login"),
    }
    assert SIGNER in checks["settings"][1]
    assert "IDLE" in checks["imap login"][1]
    assert "全部正常" in office.ask("doctor").stdout


def test_doctor_names_a_wrong_password_and_a_missing_folder(
    office: SmallOffice, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(office, mail_server, monkeypatch)
    monkeypatch.setenv("HUIZHI_PASSWORD_OFFICE", "wrong")
    checks = doctor(office)
    assert "授权码" in checks["smtp login"][1]
    assert "授权码" in checks["imap login"][1]
    monkeypatch.setenv("HUIZHI_PASSWORD_OFFICE", "secret")
    path = office.folder / "config" / "office.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("[INBOX]", "[INBOX, 无此夹]"), encoding="utf-8")
    assert "文件夹" in doctor(office)["imap login"][1]


def test_doctor_says_what_is_wrong_where(office: SmallOffice) -> None:
    (office.folder / "config" / "units.csv").write_text("单位,组别\n甲局,区局\n", encoding="utf-8")
    path = office.folder / "templates" / "small" / "campaign.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("2024-08-28", "2044-08-28"), encoding="utf-8")
    checks = doctor(office)
    assert checks["secrets"][0] is False
    assert "mail_password_office" in checks["secrets"][1]
    assert "机构" in checks["campaign small"][1]
    assert "2044" in checks["calendar"][1] and "workdays.yaml" in checks["calendar"][1]


def test_doctor_tells_a_rehearsed_office_that_its_servers_are_gone(office: SmallOffice) -> None:
    (office.folder / "state").mkdir()
    (office.folder / "state" / "clock.json").write_text(
        '{"now": "2024-10-08T09:00:00+08:00"}', encoding="utf-8"
    )
    checks = doctor(office)
    assert "演示" in checks["smtp login"][1] and "演示" in checks["imap login"][1]
    assert office.ask("status", "small").exit_code == 2


def test_doctor_goes_on_where_settings_cannot_be_read(office: SmallOffice) -> None:
    (office.folder / "config" / "office.yaml").unlink()
    checks = doctor(office)
    assert checks["settings"][0] is False
    assert checks["rules"][0] is True
    assert "smtp login" not in checks


def test_demo_is_offered_only_where_a_rehearsal_is(office: SmallOffice) -> None:
    assert desk_tools().demo is None
    refused = office.ask("demo")
    assert (refused.exit_code, refused.stdout) == (2, "")
