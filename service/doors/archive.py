"""档案 — bytes kept under their own sha256 on a local disk, synced, never overwritten."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

from service.office.outcome import DoorError

_SHA256 = re.compile(r"[0-9a-f]{64}")
_UNFINISHED = ".part-"


class ArchiveDoor:
    """Implements office/needs/archive.py: `ab/abcdef…`. Thread-safe, and safe between processes.

    `apart` is where 密级 lies, outside of everything that is exported or backed up: one level, mode 0700.
    """

    def __init__(self, folder: Path, apart: Path | None = None) -> None:
        self._folder = folder
        self._apart = apart or folder.parent / "sealed"
        self._shelves: set[Path] = set()  # whose own names are known to be on the disk

    def put(self, data: bytes) -> str:
        """Store and sync; returns the sha256 in hex. Bytes that are there already are not written again."""
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._path(sha256)
        try:
            if not _has_size(path, len(data)):
                self._store(path, data)
        except OSError as error:
            raise DoorError(
                f"无法写入存档 {path.parent}：{error.strerror or error}。请检查磁盘空间和权限。", again=True
            ) from error
        return sha256

    def put_pieces(self, pieces: Iterable[bytes]) -> str:
        """Store and sync what comes one piece after another; returns the sha256 of the whole.

        What breaks off leaves nothing but an unfinished file, and that is removed.
        """
        digest, size = hashlib.sha256(), 0
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = self._folder / f"{_UNFINISHED}{secrets.token_hex(8)}"
        try:
            handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o440)
            with os.fdopen(handle, "wb") as file:
                for piece in pieces:
                    digest.update(piece)
                    size += file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            path = self._path(digest.hexdigest())
            if not _has_size(path, size):
                self._open_shelf(path.parent)
                os.replace(unfinished, path)
                sync_folder(path.parent)
        except OSError as error:
            raise DoorError(
                f"无法写入存档 {self._folder}：{error.strerror or error}。请检查磁盘空间和权限。", again=True
            ) from error
        finally:
            unfinished.unlink(missing_ok=True)
        return digest.hexdigest()

    def get(self, sha256: str) -> bytes:
        """The bytes; raises DoorError when they are absent or no longer what they were."""
        path = self._found(sha256)
        try:
            data = path.read_bytes()
        except FileNotFoundError as error:
            raise DoorError(f"存档中没有文件 {path}：可能被误删，请从备份恢复。", again=False) from error
        except OSError as error:
            raise DoorError(
                f"无法读取存档 {path}：{error.strerror or error}。请检查权限和磁盘。", again=True
            ) from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise DoorError(f"存档文件 {path} 的内容已损坏：请从备份恢复。", again=False)
        return data

    def has(self, sha256: str) -> bool:
        """Whether something is stored under this hash."""
        return self._found(sha256).is_file()

    def check(self, sha256: str) -> bool:
        """Whether the stored bytes still have this hash; read in pieces, so of any size."""
        try:
            with self._found(sha256).open("rb") as stored:
                return hashlib.file_digest(stored, "sha256").hexdigest() == sha256
        except OSError:
            return False

    def all(self) -> Iterator[str]:
        """Every hash stored, in order."""
        if not self._folder.is_dir():
            return
        for shelf in sorted(self._folder.iterdir()):
            if len(shelf.name) != 2 or not shelf.is_dir():
                continue
            for name in sorted(os.listdir(shelf)):
                if _SHA256.fullmatch(name):
                    yield name

    def set_apart(self, sha256: str) -> None:
        """Into the folder of 密级, which only the service may enter."""
        path, target = self._path(sha256), self._apart / sha256
        try:
            self._apart.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._apart.chmod(0o700)
            if not path.is_file():
                return
            # The archive may be another disk, over which no file is moved in one step.
            if not target.is_file():
                unfinished = self._apart / f"{_UNFINISHED}{secrets.token_hex(8)}"
                write_synced(unfinished, path.read_bytes(), mode=0o400)
                os.replace(unfinished, target)
                sync_folder(self._apart)
            path.unlink(missing_ok=True)
            sync_folder(path.parent)
        except OSError as error:
            raise DoorError(
                f"无法封存 {path}：{error.strerror or error}。请检查 {self._apart} 的权限和磁盘。", again=True
            ) from error

    def drop(self, sha256: str) -> None:
        """Gone from both folders."""
        for path in (self._path(sha256), self._apart / sha256):
            try:
                if path.is_file():
                    path.unlink()
                    sync_folder(path.parent)
            except OSError as error:
                raise DoorError(
                    f"无法删除 {path}：{error.strerror or error}。请检查权限。", again=True
                ) from error

    def all_apart(self) -> Iterator[str]:
        """Every hash set apart, in order."""
        if self._apart.is_dir():
            yield from (name for name in sorted(os.listdir(self._apart)) if _SHA256.fullmatch(name))

    def sweep_unfinished(self, older_than: float) -> int:
        """Remove what crashes left half-written before this time (epoch seconds); returns how many."""
        swept = 0
        for path in (*self._folder.glob(f"??/{_UNFINISHED}*"), *self._folder.glob(f"{_UNFINISHED}*")):
            if path.stat().st_mtime < older_than:
                path.unlink(missing_ok=True)
                swept += 1
        return swept

    def _path(self, sha256: str) -> Path:
        # A hash comes from a row or a command line; anything else must not become a path.
        if not _SHA256.fullmatch(sha256):
            raise DoorError(f"“{sha256}”不是一个 SHA-256 值。", again=False)
        return self._folder / sha256[:2] / sha256

    def _found(self, sha256: str) -> Path:
        path = self._path(sha256)
        apart = self._apart / sha256
        return apart if not path.is_file() and apart.is_file() else path

    def _store(self, path: Path, data: bytes) -> None:
        shelf = path.parent
        self._open_shelf(shelf)
        unfinished = shelf / f"{_UNFINISHED}{secrets.token_hex(8)}"
        try:
            write_synced(unfinished, data, mode=0o440)
            # In one step: whoever stores the same bytes at the same moment puts the same file there.
            os.replace(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)
        sync_folder(shelf)

    def _open_shelf(self, shelf: Path) -> None:
        if shelf not in self._shelves:
            # Also one found standing: whoever made it may have died before the disk knew of it.
            shelf.mkdir(parents=True, exist_ok=True)
            sync_folder(self._folder)
            sync_folder(self._folder.parent)
            self._shelves.add(shelf)


def _has_size(path: Path, size: int) -> bool:
    # A file of another size is a torn one (a copy or restore gone wrong), and is put right.
    try:
        return path.stat().st_size == size
    except FileNotFoundError:
        return False


def write_synced(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a new file and wait until the disk has it; raises OSError, also when the file exists."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the folder's names; without it a power cut may take a new name back."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
