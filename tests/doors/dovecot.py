"""A private Dovecot for tests: its own folder, ports chosen by the system, as root or as anybody."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from datetime import datetime
from pathlib import Path
from types import TracebackType

from imapclient import IMAPClient

BINARY = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
MISSING = "Dovecot is not installed (Debian: dovecot-imapd)"
PASSWORD = "secret"
START_SECONDS_MAX = 20.0

CONFIG = """\
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
instance_name = {name}
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
mail_location = maildir:{home}/mail/%n
mail_max_userip_connections = 50
{rootless}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/mail/%n allow_all_users=yes
}}
service imap-login {{
  {chroot}
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service auth {{
  {user}
}}
service auth-worker {{
  {user}
}}
namespace inbox {{
  inbox = yes
  mailbox Junk {{
    auto = create
    special_use = \\Junk
  }}
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
}}
"""


class Dovecot:
    """A Dovecot of our own; any name logs in with PASSWORD. Use as a context."""

    def __init__(self) -> None:
        assert BINARY, MISSING
        self._binary = BINARY
        self._home = Path(tempfile.mkdtemp(prefix="dovecot-"))
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    def __enter__(self) -> Dovecot:
        self.port = free_port()
        self._write_config()
        # Never a pipe: the daemon's children would inherit it and keep the test runner waiting.
        with (self._home / "out").open("wb") as out:
            self._process = subprocess.Popen(
                [self._binary, "-F", "-c", str(self._home / "conf")],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        end = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < end and self._process.poll() is None:
            if self._greets():
                return self
        self.__exit__(None, None, None)
        raise RuntimeError("Dovecot did not start")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(START_SECONDS_MAX)
        shutil.rmtree(self._home, ignore_errors=True)

    def client(self, user: str) -> IMAPClient:
        client = IMAPClient("127.0.0.1", port=self.port, ssl=False, timeout=20)
        client.login(user, PASSWORD)
        return client

    def deliver(self, user: str, raw: bytes, at: datetime, folder: str = "INBOX") -> None:
        with self.client(user) as client:
            client.append(folder, raw, msg_time=at)

    def logins(self, user: str) -> int:
        """How often somebody tried to log in under this name."""
        log = (self._home / "log").read_text("utf-8", "replace")
        return sum("imap-login:" in line and f"user=<{user}>" in line for line in log.splitlines())

    def _greets(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1.0) as line:
                return line.recv(200).startswith(b"* OK")
        except OSError:
            return False

    def _write_config(self) -> None:
        me = pwd.getpwuid(os.getuid())
        is_root = os.getuid() == 0
        owner = pwd.getpwnam("nobody") if is_root else me
        (self._home / "mail").mkdir()
        if is_root:
            self._home.chmod(0o755)
            os.chown(self._home / "mail", owner.pw_uid, owner.pw_gid)
        group = grp.getgrgid(me.pw_gid).gr_name
        rootless = (
            []
            if is_root
            else [
                f"default_internal_user = {me.pw_name}",
                f"default_internal_group = {group}",
                f"default_login_user = {me.pw_name}",
            ]
        )
        config = CONFIG.format(
            home=self._home,
            name=self._home.name,
            port=self.port,
            password=PASSWORD,
            uid=owner.pw_uid,
            gid=owner.pw_gid,
            rootless="\n".join(rootless),
            chroot="" if is_root else "chroot =",
            user="" if is_root else "user =",
        )
        (self._home / "conf").write_text(config, encoding="utf-8")


def free_port() -> int:
    with socket.socket() as ours:
        ours.bind(("127.0.0.1", 0))
        return int(ours.getsockname()[1])
