"""A complete office folder for a rehearsal: staff's files from the checkout, mailboxes on loopback."""

from __future__ import annotations

import json
import secrets
import shutil
from datetime import datetime
from io import StringIO
from pathlib import Path

from ruamel.yaml import YAML

CHECKOUT = Path(__file__).parents[2]
OWNED_BY_STAFF = ("config", "templates", "mailbox_rules")
# Only a folder that bears this may be thrown away and made anew.
MARK = "演练.txt"
MARK_WORDS = (
    "这个文件夹由 demo（演练）生成，每次演练都会整个重做，请不要在这里放自己的文件。\r\n"
    "里面的人名、电话、邮箱都是编的，邮件只在本机收发。\r\n"
)
CLOCK = "state/clock.json"


class NoRehearsal(Exception):
    """The rehearsal cannot begin; says why and what to do, in Chinese."""


def make_office(folder: Path, smtp_port: int, imap_port: int) -> str:
    """Make the folder anew; returns the password of the office's mailbox. Raises NoRehearsal."""
    if not all((CHECKOUT / name).is_dir() for name in OWNED_BY_STAFF):
        raise NoRehearsal("演练要用样例活动：请在源码目录里用 ./run demo 运行")
    _clear(folder)
    folder.mkdir(parents=True)
    (folder / MARK).write_text(MARK_WORDS, encoding="utf-8")
    for name in OWNED_BY_STAFF:
        shutil.copytree(CHECKOUT / name, folder / name, ignore=shutil.ignore_patterns("secrets", "~$*"))
    password = secrets.token_hex(12)
    account = _point_at_loopback(folder / "config" / "office.yaml", smtp_port, imap_port)
    (folder / "secrets").mkdir(mode=0o700)
    (folder / "secrets" / f"mail_password_{account}").write_text(password, encoding="ascii")
    return password


def keep_clock(folder: Path, now: datetime) -> None:
    """Let every later command on this office see this instant, else all would be overdue today."""
    path = folder / CLOCK
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"now": now.isoformat()}), encoding="ascii")


def _clear(folder: Path) -> None:
    if not folder.exists():
        return
    if any(folder.iterdir()) and not (folder / MARK).is_file():
        raise NoRehearsal(f"{folder} 里有别的文件，演练不会覆盖：请先把它移走，或换一个地方运行")
    shutil.rmtree(folder)


def _point_at_loopback(path: Path, smtp_port: int, imap_port: int) -> str:
    """Rewrite servers and pace in office.yaml and nothing else; returns the account's name."""
    yaml = YAML()
    office = yaml.load(path.read_text(encoding="utf-8"))
    account = office["accounts"][0]
    del office["accounts"][1:]
    account["profile"] = "plain"
    account["smtp"] = {
        "host": "127.0.0.1",
        "port": smtp_port,
        "security": "none",
        "pace_seconds": 0,
        "per_connection": 50,
        "per_day": 10_000,
    }
    imap = account["imap"]
    imap.update({"host": "127.0.0.1", "port": imap_port, "security": "none", "poll_seconds": 1})
    out = StringIO()
    yaml.dump(office, out)
    path.write_text(out.getvalue(), encoding="utf-8")
    return str(account["name"])
