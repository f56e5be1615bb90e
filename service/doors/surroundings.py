"""环境 — what this machine and an office's mail servers offer, asked one by one for doctor."""

from __future__ import annotations

import contextlib
import imaplib
import os
import shutil
import smtplib
import sqlite3
import stat
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from imapclient import IMAPClient, SocketTimeout

from service.doors.imap import ImapAccount
from service.doors.imap.line import BROKEN, INTRODUCTION, quiet, said
from service.doors.ledger.connections import WAL_IS_SAFE_FROM, best_driver
from service.doors.safe_names import readable_size
from service.doors.smtp import SmtpAccount
from service.doors.tls import Security, tls_context
from service.office.outcome import DoorError

PYTHON_FROM = (3, 11)
# A campaign of a thousand letters with pictures fits into it; below it a person should know in time.
FREE_BYTES_MIN = 1_000_000_000
# A person waits for doctor, so a silent server is given up sooner than the daemon would.
SECONDS_MAX = 15.0
# Two machines that keep time by the network differ by far less.
CLOCK_SLACK = timedelta(minutes=2)


def python_words() -> str:
    """Which Python; raises DoorError where it is too old."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info < PYTHON_FROM:
        raise DoorError(f"Python {version} 太旧：需要 3.11 或更新的版本", again=False)
    return f"Python {version}"


def sqlite_words() -> str:
    """Which SQLite, and how the ledger therefore writes."""
    driver = best_driver()
    whose = "自带" if driver is not sqlite3 else "随 Python"
    is_safe = driver.sqlite_version_info >= WAL_IS_SAFE_FROM
    how = "" if is_safe else "；版本较旧，已改用较慢但稳妥的写入方式"
    return f"SQLite {driver.sqlite_version}（{whose}）{how}"


def libmagic_words() -> str:
    """Whether files are recognised by their content; without it a short table of our own does the work."""
    try:
        import magic

        found = magic.from_buffer(b"%PDF-1.4\n", mime=True)
    except (ImportError, OSError) as error:
        say = "没有 libmagic，无法按内容识别附件类型：请安装（Debian/Ubuntu：sudo apt install libmagic1）"
        raise DoorError(say, again=False) from error
    if found != "application/pdf":
        raise DoorError(f"libmagic 认不出 PDF（说是 {found}）：请重新安装 libmagic1", again=False)
    return "libmagic 可用"


def clock_words(state: Path, now: datetime | None = None) -> str:
    """Whether the machine's clock is plausible: not before what was already written by it."""
    now = now or datetime.now(UTC)
    newest = 0.0
    for path in (Path(__file__), state / "heartbeat", state / "daemon.lock"):
        with contextlib.suppress(OSError):
            newest = max(newest, path.stat().st_mtime)
    written = datetime.fromtimestamp(newest, UTC)
    if now + CLOCK_SLACK < written:
        say = f"本机时钟是 {now:%Y-%m-%d %H:%M} UTC，早于已有文件的 {written:%Y-%m-%d %H:%M} UTC：请校准时钟"
        raise DoorError(say, again=False)
    return f"本机时钟 {now.astimezone():%Y-%m-%d %H:%M}（{now.astimezone():%Z}）"


def disk_words(folders: Sequence[Path]) -> str:
    """Room on every disk the office writes to."""
    free: list[int] = []
    for folder in folders:
        standing = _standing(folder)
        room = shutil.disk_usage(standing).free
        if room < FREE_BYTES_MIN:
            raise DoorError(f"{standing} 所在的磁盘只剩 {readable_size(room)}：请腾出空间", again=False)
        free.append(room)
    return f"磁盘剩余 {readable_size(min(free))}"


def rights_words(writable: Sequence[Path], readable: Sequence[Path], secret: Path) -> str:
    """Whether we may write where we must, read what staff own, and nobody else reads the key."""
    for folder in writable:
        if not os.access(_standing(folder), os.W_OK | os.X_OK):
            raise DoorError(f"{folder} 不能写入：请把它的所有者改为运行服务的用户", again=False)
    for folder in readable:
        if not os.access(folder, os.R_OK | os.X_OK):
            raise DoorError(f"{folder} 不存在或不能读取：请检查文件夹和权限", again=False)
    if secret.exists() and stat.S_IMODE(secret.stat().st_mode) & 0o077:
        raise DoorError(f"密钥 {secret} 别人也能读取：请运行 chmod 600 {secret}", again=False)
    return "文件夹权限正常"


def _standing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(each for each in (folder, *folder.absolute().parents) if each.exists())


def smtp_words(account: SmtpAccount) -> str:
    """Log in and out again; nothing is sent. Raises DoorError."""
    where = f"发信服务器 {account.host}:{account.port}"
    try:
        with _smtp(account) as client:
            client.ehlo()
            if account.security is Security.STARTTLS:
                client.starttls(context=tls_context(account.ca_file))
                client.ehlo()
            if account.username and not account.password:
                raise DoorError(f"{where} 连得上，但没有密码（授权码），没有登录", again=False)
            if account.username:
                client.login(account.username, account.password)
    except smtplib.SMTPAuthenticationError as error:
        words = error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else ""
        say = (
            f"{where} 拒绝登录（{error.smtp_code} {words[:200]}）：请在网页邮箱里开启 SMTP 服务，并更新授权码"
        )
        raise DoorError(say, again=False) from error
    except (OSError, smtplib.SMTPException) as error:
        words = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise DoorError(
            f"{where} 连不上（{words}）：请核对服务器名、端口、加密方式和网络", again=True
        ) from error
    return f"{where} 登录成功" if account.username else f"{where} 连接成功（不需要登录）"


def _smtp(account: SmtpAccount) -> smtplib.SMTP:
    # Else the library would ask the resolver for this machine's name, and tell it to the world.
    name = account.envelope_sender.rpartition("@")[2] or "localhost"
    if account.security is Security.SSL:
        context = tls_context(account.ca_file)
        return smtplib.SMTP_SSL(account.host, account.port, name, timeout=SECONDS_MAX, context=context)
    return smtplib.SMTP(account.host, account.port, name, timeout=SECONDS_MAX)


def imap_words(account: ImapAccount) -> str:
    """Log in, look at every watched folder, ask for IDLE. Raises DoorError."""
    where = f"收信服务器 {account.host}:{account.port}"
    if not account.password:
        raise DoorError(f"{where} 没有试：还没有密码（授权码）", again=False)
    try:
        client = _imap(account)
    except BROKEN as error:
        raise DoorError(
            f"{where} 连不上（{said(error)}）：请核对服务器名、端口、加密方式和网络", again=True
        ) from error
    try:
        return f"{where} 登录成功，{_look_around(client, account)}"
    except imaplib.IMAP4.error as error:
        say = f"{where} 拒绝了（{said(error)}）：请在网页邮箱里开启 IMAP 服务，更新授权码，并核对文件夹名"
        raise DoorError(say, again=False) from error
    except BROKEN as error:
        raise DoorError(f"{where} 连接中断（{said(error)}）：请稍后再试", again=True) from error
    finally:
        with contextlib.suppress(*BROKEN):
            client.logout()


def _imap(account: ImapAccount) -> IMAPClient:
    context = None if account.security is Security.NONE else tls_context(account.ca_file)
    client = IMAPClient(
        account.host,
        port=account.port,
        ssl=account.security is Security.SSL,
        ssl_context=context,
        timeout=SocketTimeout(SECONDS_MAX, SECONDS_MAX),
    )
    quiet(client)
    if account.security is Security.STARTTLS:
        client.starttls(context)
    return client


def _look_around(client: IMAPClient, account: ImapAccount) -> str:
    client.login(account.username, account.password)
    if client.has_capability("ID"):
        with contextlib.suppress(imaplib.IMAP4.error):
            client.id_(INTRODUCTION)
    for folder in account.folders:
        client.select_folder(folder, readonly=True)
    folders = "、".join(account.folders)
    if client.has_capability("IDLE"):
        return f"文件夹 {folders} 可读，新邮件即时通知（IDLE）"
    return f"文件夹 {folders} 可读，没有即时通知，每 {account.poll_seconds:.0f} 秒看一次"
