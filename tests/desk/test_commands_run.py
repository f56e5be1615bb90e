"""The daemon as a process, and what staff can ask while it runs: over real SMTP and IMAP on loopback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from service.doors.ledger import open_ledger
from service.rehearsal.mail_server import MailServer
from tests.desk.small_office import CLERK, DONG, NAN, ROOT, SUMMARY, XI, SmallOffice, mail, program

OFFICE_AT, PASSWORD = "office@jia.example", "secret"
DONG_AT, NAN_AT = "dongcheng@units.example", "nancheng@post.example"
UNITS = (DONG_AT, "xicheng@units.example", "xicheng2@units.example", NAN_AT, "beicheng@lab.example")
NOW = "2024-08-20T10:00"
BY = ("--by", CLERK, "--reason", "电话核实")
SECONDS_MAX = 40.0


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as mail_server:
        for address in (OFFICE_AT, *UNITS):
            mail_server.add_account(address, PASSWORD)
        yield mail_server


@pytest.fixture
def connected(released: SmallOffice, server: MailServer) -> SmallOffice:
    """The released office with its mailbox on loopback."""
    path = released.folder / "config" / "office.yaml"
    words = path.read_text(encoding="utf-8")
    words = words.replace("port: 25,", f"port: {server.smtp_port},")
    words = words.replace("port: 143,", f"port: {server.imap_port},")
    path.write_text(words, encoding="utf-8")
    (released.folder / "secrets").mkdir()
    (released.folder / "secrets" / "mail_password_office").write_text(PASSWORD, encoding="utf-8")
    return released


@contextmanager
def daemon(office: SmallOffice) -> Iterator[subprocess.Popen[bytes]]:
    """`run` in a process of its own; killed at the end if it still lives."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "service", "--office", str(office.folder), "--now", NOW, "run"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    """Poll the world outside; a process of its own cannot be told to hurry."""
    deadline = time.monotonic() + SECONDS_MAX
    while not is_so():
        assert time.monotonic() < deadline, f"not within {SECONDS_MAX} s: {what}"
        time.sleep(0.05)


def subjects(server: MailServer, address: str) -> list[str]:
    parsed = (message_from_bytes(each.raw, policy=policy.default) for each in server.mails(address))
    return [str(each["Subject"]) for each in parsed]


def reply(server: MailServer, address: str, text: str, name: str = "", data: bytes = b"") -> None:
    """Answer the notice a unit received."""
    notice = message_from_bytes(server.mails(address)[0].raw, policy=policy.default)
    answer = EmailMessage(policy=policy.SMTP)
    answer["From"], answer["To"], answer["Subject"] = address, OFFICE_AT, f"回复：{notice['Subject']}"
    answer["In-Reply-To"], answer["Message-ID"] = notice["Message-ID"], f"<{address}-1@client.example>"
    answer.set_content(text)
    if name:
        answer.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    server.deliver(OFFICE_AT, bytes(answer))


def test_the_daemon_sends_receives_answers_and_stops(connected: SmallOffice, server: MailServer) -> None:
    with daemon(connected) as process:
        wait_until(lambda: all(subjects(server, each) for each in UNITS), "every notice")
        healthy = program("health", "--json", cwd=connected.folder)
        assert (healthy.returncode, json.loads(healthy.stdout)["ok"]) == (0, True)
        second = program("--now", NOW, "run", cwd=connected.folder)
        assert second.returncode == 2
        assert str(process.pid) in second.stderr
        reply(server, DONG_AT, f"总结见附件。\n{DONG}", "活动总结.txt", SUMMARY.encode())
        reply(server, NAN_AT, "请问能否延期到十月十日？")
        server.deliver(OFFICE_AT, mail("stranger@else.example", "材料", "见附件", [("材料.txt", b"x")]))
        wait_until(lambda: len(subjects(server, DONG_AT)) == 2, "the receipt")
        wait_until(lambda: len(connected.lines("desk", "--json", now=NOW)) == 2, "the desk")
        book = connected.folder / "交换" / "台账" / "台账.xlsx"
        wait_until(book.is_file, "the workbook")
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert time.monotonic() - started < 10
    after_the_daemon(connected)


def after_the_daemon(office: SmallOffice) -> None:
    """What staff ask and settle once letters have come."""
    assert office.docket(DONG, "summary", now=NOW)["state"] == "returned"
    assert [each["unit"] for each in office.lines("status", "small", "--missing", "--json", now=NOW)] == [
        XI,
        NAN,
    ]
    rows = {each["kind"]: each for each in office.lines("desk", "--json", now=NOW)}
    assert set(rows) == {"待人工", "询问"}
    assert list(rows["询问"]) == ["kind", "ref", "campaign", "unit", "since", "say", "remedy"]
    assert rows["询问"]["unit"] == NAN
    asked, stranger = rows["询问"]["ref"], rows["待人工"]["ref"]
    assert "十月十日" in office.ask("show", asked, now=NOW).stdout
    parts = office.folder / "看"
    office.ask("show", stranger, "--files", str(parts), now=NOW)
    number = stranger.removeprefix("来信 ")
    assert sorted(each.name for each in parts.iterdir()) == ["材料.txt", f"来信{number}.eml"]
    assert (parts / "材料.txt").read_bytes() == b"x"
    (shown,) = office.lines("show", stranger, "--json", now=NOW)
    assert (shown["letter"], shown["stage"], shown["kind"]) == (number, "review", "person")
    (why,) = office.lines("why", stranger, "--json", now=NOW)
    assert list(why) == ["letter", "steps", "outcome"]
    assert {each["stage"] for each in why["steps"]} == {"sort", "match"}
    assert all(list(each) == ["stage", "rule", "version", "hit", "say"] for each in why["steps"])
    assert "结果" in office.ask("why", number, now=NOW).stdout
    words = ("assign", stranger, "--campaign", "small", "--unit", "西城", "--item", "总结", *BY)
    assert "已登记" in office.ask(*words, now=NOW).stdout
    assert "已办结" in office.ask("note", asked, *BY, now=NOW).stdout
    assert office.lines("desk", "--json", now=NOW) == []


def test_verify_finds_a_damaged_and_a_lost_file(released: SmallOffice) -> None:
    (sound,) = released.lines("verify", "--json")
    assert list(sound) == ["checked", "damaged", "head"]
    assert sound["damaged"] == []
    assert len(sound["head"]) == 64
    state = released.folder / "state"
    # Files that a row names: drafting also leaves a few that none does, and nobody misses those.
    with open_ledger(f"sqlite:///{state / 'huizhi.sqlite3'}", state, owner="test") as ledger:
        named = sorted(ledger.blobs())
    stored = [state / "archive" / each[:2] / each for each in named]
    stored[0].chmod(0o600)
    stored[0].write_bytes(b"other")
    stored[1].unlink()
    answered = released.ask("verify", "--json")
    assert answered.exit_code == 1
    (line,) = [json.loads(each) for each in answered.stdout.splitlines()]
    assert line["checked"] == sound["checked"]
    assert {each["id"] for each in line["damaged"]} == {stored[0].name, stored[1].name}
    assert all(list(each) == ["what", "id", "say"] for each in line["damaged"])
    assert released.ask("verify").exit_code == 1


def test_a_daemon_without_a_password_says_where_to_put_it(released: SmallOffice) -> None:
    refused = program("run", cwd=released.folder)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "mail_password_office" in refused.stderr


def test_a_mailbox_that_is_away_ends_nothing_and_is_said(connected: SmallOffice, server: MailServer) -> None:
    server.down(smtp=False)
    with daemon(connected) as process:
        wait_until(lambda: "INBOX" in program("health", cwd=connected.folder).stdout, "the complaint")
        wait_until(lambda: bool(subjects(server, DONG_AT)), "the notice all the same")
        assert process.poll() is None
        assert "登记" not in connected.ask("desk", now=NOW).stdout
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


def test_journey_is_one_line_a_stage(tmp_path: Path) -> None:
    done = program("journey", "--json", cwd=tmp_path)
    lines = [json.loads(each) for each in done.stdout.splitlines()]
    assert all(list(each) == ["stage", "word", "say"] for each in lines)
    assert [each["stage"] for each in lines][:3] == ["draft", "proof", "release"]
    assert {"stage": "match", "word": "登记", "say": lines[5]["say"]} == lines[5]


def test_a_foreign_mail_is_no_receipt_of_ours(released: SmallOffice, tmp_path: Path) -> None:
    file = tmp_path / "回执.eml"
    file.write_bytes(mail("x@elsewhere.example", "回执", "已收到。"))
    answered = released.ask("verify", str(file), "--json")
    assert answered.exit_code == 1
    (line,) = [json.loads(each) for each in answered.stdout.splitlines()]
    assert list(line) == ["checked", "damaged", "head"]
    assert [each["what"] for each in line["damaged"]] == ["receipt"]
    said = released.ask("verify", str(file))
    assert said.exit_code == 1 and "不是本办公室发出的回执" in said.stdout


def test_a_mail_of_ours_is_shown_whole(released: SmallOffice) -> None:
    shown = "".join(released.ask("show", "发件", "1").stdout.split())
    assert "作品登记表.docx" in shown and "直接回复本邮件" in shown and DONG in shown
    (line,) = released.lines("show", "发件1", "--json")
    assert line["state"] == "ready" and len(line["attachments"]) == 2
    assert released.ask("show", "发件", "99").exit_code == 2
