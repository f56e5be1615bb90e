"""An office folder to practise in: staff's samples, one mailbox on loopback, and a mark that says so."""

from __future__ import annotations

import secrets
import socket
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from ruamel.yaml import YAML

from service.rehearsal.folder import NoRehearsal
from service.rehearsal.mail_server import LOOPBACK
from service.settings import SettingsRefused, load_settings
from service.settings.sections import Security

# Only an office that bears this is served: no real office's mail must ever end in a practice mailbox.
MARK = "练习.txt"
MARK_WORDS = (
    "这是练习用的办公文件夹：信箱是本机的练习信箱，邮件不会发到外面。\r\n"
    "要正式使用，请另建一个办公文件夹（huizhi init），不要把这个文件夹改成正式的。\r\n"
)
OFFICE_FILE = Path("config") / "office.yaml"


@dataclass(frozen=True, slots=True)
class PracticePlace:
    """Where the practice mailbox of an office is: its address and password, and the ports on loopback."""

    folder: Path
    address: str
    password: str
    smtp_port: int
    imap_port: int


def is_practice(folder: Path) -> bool:
    """Whether this office folder was made to practise in."""
    return (folder / MARK).is_file()


def mark_as_practice(folder: Path) -> None:
    """Point a freshly made office at two free ports of this machine; its one mailbox gets a password.

    Raises NoRehearsal where the folder has worked already: what an office has sent must not be mixed up.
    """
    if (folder / "state" / "huizhi.sqlite3").exists():
        raise NoRehearsal(f"{folder} 已经办过公，不能改作练习用：请换一个空的文件夹")
    account = _point_at_loopback(folder / OFFICE_FILE)
    path = folder / "secrets" / f"mail_password_{account}"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(secrets.token_hex(12), encoding="ascii")
    (folder / MARK).write_text(MARK_WORDS, encoding="utf-8-sig")


def practice_place(folder: Path) -> PracticePlace:
    """What a practice office says of its mailbox; raises NoRehearsal where it says something else."""
    if not is_practice(folder):
        raise NoRehearsal(
            f"{folder} 不是练习用的办公文件夹（没有 {MARK}）：请换一个空的文件夹运行 practice，它会自己建好"
        )
    try:
        settings = load_settings(folder)
    except SettingsRefused as error:
        raise NoRehearsal("\n".join(each.sentence() for each in error.problems)) from error
    account = next(iter(settings.accounts), None)
    if account is None or account.imap is None or account.password is None:
        raise NoRehearsal(f"{folder / OFFICE_FILE} 里没有可以练习的帐号：请删掉这个文件夹，重新运行 practice")
    servers = (account.smtp, account.imap)
    if any(each.host != LOOPBACK or each.security is not Security.NONE for each in servers):
        raise NoRehearsal(
            f"{folder / OFFICE_FILE} 的帐号“{account.name}”指向外面，练习信箱不接手：请改回 {LOOPBACK}"
        )
    password = account.password.get_secret_value()
    return PracticePlace(folder, str(account.address), password, account.smtp.port, account.imap.port)


def _point_at_loopback(path: Path) -> str:
    """Rewrite the servers of the first account and leave out the others; returns its name."""
    yaml = YAML()
    office = yaml.load(path.read_text(encoding="utf-8"))
    account = office["accounts"][0]
    del office["accounts"][1:]
    smtp_port, imap_port = _free_ports()
    account["profile"] = "plain"
    near = {"host": LOOPBACK, "security": "none"}
    account["smtp"] = {**near, "port": smtp_port, "pace_seconds": 0, "per_connection": 50, "per_day": 10_000}
    account["imap"].update({**near, "port": imap_port, "poll_seconds": 1})
    out = StringIO()
    yaml.dump(office, out)
    path.write_text(out.getvalue(), encoding="utf-8")
    return str(account["name"])


def _free_ports() -> tuple[int, int]:
    """Two ports nobody uses now. They are written down, so that service and mailbox meet again."""
    with socket.socket() as first, socket.socket() as second:
        first.bind((LOOPBACK, 0))
        second.bind((LOOPBACK, 0))
        return first.getsockname()[1], second.getsockname()[1]
