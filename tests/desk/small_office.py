"""A small office folder for command tests, its campaign released by the commands themselves."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from service.desk.commands import build_app
from service.wiring import desk_tools

ROOT = Path(__file__).parents[2]
SMALL = ROOT / "tests" / "campaigns" / "small"
SIGNER, CLERK = "签发人甲", "经办人乙"
DONG, XI, NAN = "东城区市场监督管理局", "西城区市场监督管理局", "南城区市场监督管理局"
BEI = "北城检测技术有限公司"
RELEASED_AT = "2024-08-20T09:00"
SUMMARY = "一、开展情况\n我局组织了宣传活动，走访企业四十家。\n二、活动效果\n群众知晓率明显提高。"


@dataclass(frozen=True)
class SmallOffice:
    """One office folder and the commands given to it."""

    folder: Path

    def ask(self, *words: str, now: str = RELEASED_AT, typed: str | None = None) -> Result:
        """One command in this process."""
        given = ["--office", str(self.folder), "--now", now, *words]
        return CliRunner().invoke(build_app(desk_tools()), given, input=typed, catch_exceptions=False)

    def lines(self, *words: str, now: str = RELEASED_AT) -> list[dict[str, Any]]:
        """The JSON lines of a command, which stand alone on standard output."""
        return [json.loads(each) for each in self.ask(*words, now=now).stdout.splitlines()]

    def release(self) -> None:
        """Proof and sign the campaign."""
        (proofed,) = self.lines("proof", "small", "--json")
        signed = self.ask("release", "small", "--by", SIGNER, "--digest", proofed["digest"][:12], "--really")
        assert signed.exit_code == 0, signed.output

    def docket(self, unit: str, item: str, now: str = RELEASED_AT) -> dict[str, Any]:
        """One line of status."""
        found = self.lines("status", "small", "--json", now=now)
        return next(each for each in found if (each["unit"], each["item"]) == (unit, item))

    def code(self, unit: str) -> str:
        """The unit's code, as show tells it."""
        words = self.ask("show", unit).stdout.split()
        return words[words.index("编号") + 1]


def make_folder(folder: Path) -> Path:
    """The small campaign with the mail texts and rules that ship."""
    shutil.copytree(SMALL, folder)
    shutil.copytree(ROOT / "templates" / "letters", folder / "templates" / "letters")
    shutil.copytree(ROOT / "mailbox_rules", folder / "mailbox_rules")
    return folder


def program(*words: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """The whole program in a process of its own, as scripts call it."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "service", *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **env},
        check=False,
    )


def mail(
    sender: str,
    subject: str,
    text: str,
    files: Sequence[tuple[str, bytes]] = (),
    *,
    message_id: str = "<1@client.example>",
) -> bytes:
    """A letter as a mail client writes it."""
    letter = EmailMessage(policy=SMTP)
    letter["From"], letter["To"], letter["Subject"] = sender, "office@jia.example", subject
    letter["Date"], letter["Message-ID"] = "Tue, 27 Aug 2024 09:00:00 +0800", message_id
    letter.set_content(text)
    for name, data in files:
        letter.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return bytes(letter)
