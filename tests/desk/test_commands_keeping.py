"""Rebuilding and purging at the command line, over the real archive and a ledger on disk."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.clerk import Clerk
from service.doors.ledger import open_ledger
from service.journey import Doors
from service.office.letter import Letter, Stage
from service.office.needs.post import Post
from service.wiring import open_office
from tests.desk.small_office import CLERK, DONG, SIGNER, SmallOffice, mail
from tests.fakes import FakeMailboxes, FakePost, Quiet, World
from tests.stories.story import summary_docx

SECRET = "机密★5年\n专项情况总结，涉及某某事项。"
CAME_AT = datetime(2024, 8, 27, 1, 0, tzinfo=UTC)
LATER = "2024-08-27T10:00"
TWO = ("--by", SIGNER, "--by", CLERK, "--reason", "误发涉密材料")


def receive(office: SmallOffice, raw: bytes) -> Letter:
    """The letter as its row stands after the service has dealt with it."""
    world = World()
    world.deliver(raw, CAME_AT)

    def around(doors: Doors, _post: Post) -> tuple[Doors, Post]:
        return replace(doors, mailboxes=FakeMailboxes(world)), FakePost(world)

    with open_office(office.folder, around=around) as opened:
        clerk = Clerk(opened.office, Quiet())
        while clerk.tick(CAME_AT):
            pass
        (letter,) = opened.office.doors.ledger.letters()
        return letter


@pytest.fixture
def secret(released: SmallOffice) -> Letter:
    """A return marked 密级."""
    subject = f"回复：[{released.code(DONG)}] 通知"
    raw = mail("dong@units.example", subject, "见附件。", [("专项总结.docx", summary_docx(SECRET))])
    letter = receive(released, raw)
    assert letter.stage is Stage.REFUSED and letter.kept_blobs
    return letter


def copies(office: SmallOffice, letter: Letter) -> set[Path]:
    """Where on the disk anything of the letter lies."""
    return {each for each in office.folder.rglob("*") if each.is_file() and each.name in letter.kept_blobs}


def test_a_ledger_made_anew_is_the_same_until_another_hand_writes(released: SmallOffice) -> None:
    said = released.ask("rebuild", "--check")
    assert said.exit_code == 0, said.output
    assert "没有差别" in said.stdout
    with sqlite3.connect(released.folder / "state" / "huizhi.sqlite3") as database:
        database.execute("UPDATE docket SET state = 'exempt' WHERE unit = ?", (DONG,))
    said = released.ask("rebuild", "--check")
    assert said.exit_code == 1
    assert "表 docket" in said.stdout and DONG in said.stdout and "state" in said.stdout


def test_a_ledger_made_anew_can_be_kept_and_worked_with(released: SmallOffice, tmp_path: Path) -> None:
    said = released.ask("rebuild", "--to", f"sqlite:///{tmp_path / '重建.db'}")
    assert said.exit_code == 0, said.output
    with open_ledger(f"sqlite:///{tmp_path / '重建.db'}", tmp_path, owner="tests") as ledger:
        assert ledger.standing("small", DONG) is not None


@pytest.mark.parametrize("words", [(), ("--check", "--to", "sqlite:///x.db")])
def test_one_way_of_rebuilding_must_be_chosen(released: SmallOffice, words: tuple[str, ...]) -> None:
    said = released.ask("rebuild", *words)
    assert said.exit_code == 2 and "两者选一" in said.output


def test_secret_matter_lies_where_only_the_service_may_enter(released: SmallOffice, secret: Letter) -> None:
    apart = released.folder / "state" / "sealed"
    assert copies(released, secret) == {apart / each for each in secret.kept_blobs}
    assert apart.stat().st_mode & 0o777 == 0o700
    assert all(each.stat().st_mode & 0o377 == 0 for each in apart.iterdir())
    assert released.ask("verify", now=LATER).exit_code == 0


def test_two_people_purge_at_the_command_line(released: SmallOffice, secret: Letter) -> None:
    said = released.ask("purge", f"来信{secret.id}", "--by", SIGNER, "--reason", "误发涉密材料", now=LATER)
    assert said.exit_code != 0 and "两个不同的人" in said.output
    assert copies(released, secret)
    said = released.ask("purge", f"来信{secret.id}", *TWO, now=LATER)
    assert said.exit_code == 0, said.output
    assert secret.raw_sha256 not in said.output and "销毁" in said.output
    assert not copies(released, secret)
    assert released.ask("verify", now=LATER).exit_code == 0
    assert released.ask("rebuild", "--check", now=LATER).exit_code == 0
    said = released.ask("purge", str(secret.id), *TWO, now=LATER)
    assert said.exit_code != 0 and "已经销毁" in said.output


def test_an_ordinary_letter_is_not_purged(released: SmallOffice) -> None:
    letter = receive(released, mail("dong@units.example", f"[{released.code(DONG)}]", "请问何时截止？"))
    said = released.ask("purge", str(letter.id), *TWO, now=LATER)
    assert said.exit_code != 0 and "不是密级来信" in said.output
    said = released.ask("purge", "99", *TWO, now=LATER)
    assert said.exit_code != 0
