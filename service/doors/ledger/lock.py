"""锁 — one daemon to an office: a lock on the state folder that ends with the process, however it ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.office.outcome import DoorError

LOCK_NAME = "daemon.lock"


@contextmanager
def hold_state(state: Path) -> Iterator[None]:
    """Hold the state folder for a daemon; raises DoorError while another one does.

    Commands that read, or write a line beside the daemon, need no lock: the database keeps them apart.
    """
    path = state / LOCK_NAME
    try:
        state.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise DoorError(f"无法建立锁文件 {path}：{error.strerror}。请检查权限。", again=False) from error
    try:
        _lock(handle, path)
        # For people only: the lock is the file's, not the number's.
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, path: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(handle, 20, 0).decode("ascii", "replace").strip() or "不详"
        raise DoorError(
            f"另一个服务进程（进程号 {holder}）正在使用数据文件夹 {path.parent}：请先停止它，再启动。",
            again=False,
        ) from error
    except OSError as error:
        raise DoorError(
            f"数据文件夹 {path.parent} 所在的磁盘不支持文件锁（{error.strerror}）：请放在本机磁盘上。",
            again=False,
        ) from error
