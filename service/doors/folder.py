"""交换文件夹 — the one folder that staff and service both write: whole files out, finished files in."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from service.doors.archive import sync_folder, write_synced
from service.doors.safe_names import readable_size, safe_name, safe_parts
from service.office.needs.clock import Clock
from service.office.needs.exchange import HandedIn, Lying
from service.office.outcome import DoorError

HANDED_IN = "收件"
TAKEN = "已收"
REFUSED = "未收"

# A file that nobody has touched for this long (machine time) is not being copied any more.
STILL_SECONDS = 3.0
# Larger ones are refused with a reason: mail could not carry them either.
SIZE_BYTES_MAX = 200 * 1024 * 1024
# Each round looks at so many files and comes back for the rest.
FILES_A_ROUND = 20
DEPTH_MAX = 4

_UNFINISHED_ENDINGS = (".tmp", ".part", ".partial", ".crdownload", ".download", ".downloading", ".td", ".!ut")
_SYSTEM_NAMES = {"thumbs.db", "desktop.ini", "说明.txt", "readme.txt"}


@dataclass(frozen=True, slots=True)
class _Found:
    """A file in 收件/ as it was seen."""

    path: Path
    size: int
    changed: float  # seconds since the epoch
    mtime_ns: int
    number: int = 0  # of the file itself: two savings within one tick of the clock are two files

    @property
    def stamp(self) -> str:
        """Another one after every saving."""
        return f"{self.size}-{self.mtime_ns}-{self.number}"


class ExchangeDoor:
    """Implements office/needs/exchange.py. Every path is relative to `folder` and cannot leave it.

    With a `clock`, the instant a file was laid down is told in office time, as a rehearsal needs it.
    """

    def __init__(
        self,
        folder: Path,
        clock: Clock | None = None,
        *,
        machine_now: Callable[[], float] = time.time,
        size_bytes_max: int = SIZE_BYTES_MAX,
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._machine_now = machine_now
        self._size_bytes_max = size_bytes_max

    # --- out ------------------------------------------------------------------------------------------------

    def put(self, path: str, data: bytes) -> None:
        """Write one file in one step.

        One open in Excel is left alone: the new one is laid beside it as 名(新).xlsx, and DoorError tells
        it. Once closed, the next `put` writes it and takes the other away.
        """
        target = self._target(path)
        beside = target.with_name(f"{target.stem}(新){target.suffix}")
        with _in_words(target):
            if _is_open_in_office(target) or not _replace(target, data):
                _write_whole(beside, data)
                raise DoorError(
                    f"{target.name} 正被打开，没有改动；新内容已写到 {beside}。"
                    f"关闭后会自动写回；如无人打开，请删除旁边以 ~$ 开头的文件。",
                    again=True,
                )
            beside.unlink(missing_ok=True)

    def look(self, path: str) -> Lying:
        """What lies at a path now: whose, and how long it has lain still."""
        target = self._folder.joinpath(*safe_parts(path))
        found, is_open = _look(target), _is_open_in_office(target)
        if found is None:
            return Lying("", is_open)
        return Lying(found.stamp, is_open, self._machine_now() - found.changed < STILL_SECONDS)

    def saved(self, path: str) -> bytes | None:
        """The bytes that lie there; None where nothing does, or more than anybody could have saved."""
        target = self._target(path)
        found = _look(target)
        if found is None or found.size > self._size_bytes_max:
            return None
        with _in_words(target):
            return target.read_bytes()

    def put_over(self, path: str, data: bytes, seen: str) -> str | None:
        """Write one file in one step over what had the stamp `seen`; None while somebody has it open."""
        target = self._target(path)
        with _in_words(target):
            if _is_open_in_office(target):
                return None
            found = _look(target)
            if (found.stamp if found else "") != seen:
                raise DoorError(f"{target.name} 刚刚被人保存过，先读回填写的内容，再更新。", again=True)
            if not _replace(target, data):
                return None
            # As an earlier edition named what it laid beside an open file.
            target.with_name(f"{target.stem}(新){target.suffix}").unlink(missing_ok=True)
        written = _look(target)
        return written.stamp if written else ""

    def siblings(self, path: str) -> Sequence[str]:
        """Files laid beside one that was open, the oldest first."""
        target = self._folder.joinpath(*safe_parts(path))
        folder = path.rpartition("/")[0]
        named = re.compile(rf"{re.escape(target.stem)} \d{{4}}-\d\d-\d\d \d{{4}}{re.escape(target.suffix)}")
        with _in_words(target.parent):
            names = sorted(each.name for each in target.parent.glob(f"*{target.suffix}"))
        return [f"{folder}/{name}" if folder else name for name in names if named.fullmatch(name)]

    def set_aside(self, path: str, name: str) -> None:
        """Another name in the same folder; nothing is ever written over."""
        target = self._target(path)
        with _in_words(target):
            target.rename(_unused(target.with_name(safe_name(name))))

    def put_folder(self, path: str, files: Mapping[str, bytes]) -> str:
        """Replace a whole folder in one step; returns its full path. Names in `files` may be paths."""
        target = self._target(path)
        fresh = target.with_name(f".{secrets.token_hex(4)}.new")
        old = target.with_name(f".{secrets.token_hex(4)}.old")
        with _in_words(target):
            try:
                fresh.mkdir()
                for name, data in files.items():
                    file = fresh.joinpath(*safe_parts(name))
                    file.parent.mkdir(parents=True, exist_ok=True)
                    _unused(file).write_bytes(data)
                if target.exists():
                    target.rename(old)
                fresh.rename(target)
            finally:
                _put_back(old, target)
                shutil.rmtree(fresh, ignore_errors=True)
                shutil.rmtree(old, ignore_errors=True)
        return str(target.resolve())

    def take_away(self, path: str) -> None:
        """Remove one file that the service wrote."""
        target = self._target(path)
        with _in_words(target):
            target.unlink(missing_ok=True)

    def keep_only(self, folder: str, names: Collection[str], mark: str) -> None:
        """Take away files of a folder that are not named and that we wrote, as their first words tell."""
        place = self._target(f"{folder}/x").parent
        with _in_words(place):
            for path in sorted(place.iterdir()):
                if path.name in names or path.is_symlink() or not path.is_file():
                    continue
                with path.open("rb") as file:
                    if file.read(len(mark.encode()) + 3).decode("utf-8-sig", "replace").startswith(mark):
                        path.unlink(missing_ok=True)

    def _target(self, path: str) -> Path:
        target = self._folder.joinpath(*safe_parts(path))
        with _in_words(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            # A link laid into the folder must not lead the service out of it.
            if not target.parent.resolve().is_relative_to(self._folder.resolve()):
                raise DoorError(f"{target.parent} 指向交换文件夹之外，不能写入：请删除该链接。", again=False)
        return target

    # --- in -------------------------------------------------------------------------------------------------

    def handed_in(self) -> Sequence[HandedIn]:
        """Finished files under 收件/<单位名>/, the longest lying first; larger than the limit are refused."""
        with _in_words(self._folder / HANDED_IN):
            found = sorted(self._lying_still(), key=lambda each: (each.changed, str(each.path)))
        handed = []
        for each in found:
            if each.size > self._size_bytes_max:
                limit = readable_size(self._size_bytes_max)
                self._refuse(
                    each.path, f"文件有 {readable_size(each.size)}，超过上限 {limit}：请拆分后再放。"
                )
                continue
            try:
                data = each.path.read_bytes()
            except FileNotFoundError:
                continue
            except OSError as error:
                self._refuse(each.path, f"文件无法读取（{error.strerror}）：请检查权限后再放。")
                continue
            # It grew while it was read: next time.
            if len(data) == each.size:
                handed.append(self._handed(each, data))
            if len(handed) == FILES_A_ROUND:
                break
        return handed

    def taken(self, ticket: str) -> None:
        """Move a file to 收件/已收/. One that was changed since stays, and is handed in again."""
        path = self._by_ticket(ticket)
        if path is not None:
            self._move(path, TAKEN)

    def refuse(self, ticket: str, why: str) -> None:
        """Move a file to 收件/未收/, with the reason in a text beside it."""
        path = self._by_ticket(ticket)
        if path is not None:
            self._refuse(path, why)

    def _lying_still(self) -> Iterator[_Found]:
        top = self._folder / HANDED_IN
        for folder, folders, names in os.walk(top):
            here = Path(folder)
            depth = len(here.relative_to(top).parts)
            folders[:] = sorted(
                name
                for name in folders
                if depth < DEPTH_MAX and not name.startswith(".") and (depth or name not in {TAKEN, REFUSED})
            )
            for name in names:
                if is_unfinished(name) or _is_open_in_office(here / name):
                    continue
                found = _look(here / name)
                if found and self._machine_now() - found.changed >= STILL_SECONDS:
                    yield found

    def _handed(self, found: _Found, data: bytes) -> HandedIn:
        relative = found.path.relative_to(self._folder / HANDED_IN)
        laid_at = datetime.fromtimestamp(found.changed, UTC)
        if self._clock is not None:
            laid_at = self._clock.now() - timedelta(seconds=max(0.0, self._machine_now() - found.changed))
        return HandedIn(
            ticket=f"{relative.as_posix()}?{found.size}-{found.mtime_ns}",
            unit=relative.parts[0] if len(relative.parts) > 1 else "",
            name=found.path.name,
            data=data,
            laid_at=laid_at,
        )

    def _by_ticket(self, ticket: str) -> Path | None:
        relative, _, seen = ticket.rpartition("?")
        top = self._folder / HANDED_IN
        path = top / relative
        if not relative or not path.resolve().is_relative_to(top.resolve()):
            raise DoorError(f"“{ticket}”不是收件文件夹里的文件。", again=False)
        found = _look(path)
        return path if found and f"{found.size}-{found.mtime_ns}" == seen else None

    def _move(self, path: Path, where: str) -> Path:
        top = self._folder / HANDED_IN
        target = top / where / path.relative_to(top).parent / safe_name(path.name)
        with _in_words(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            free = _unused(target)
            path.rename(free)
        return free

    def _refuse(self, path: Path, why: str) -> None:
        moved = self._move(path, REFUSED)
        with _in_words(moved):
            # With a mark at its head, so that an old Notepad reads the Chinese.
            _write_whole(moved.with_name(f"{moved.name}.原因.txt"), f"{why}\r\n".encode("utf-8-sig"))


# --- files --------------------------------------------------------------------------------------------------


def _look(path: Path) -> _Found | None:
    try:
        seen = path.lstat()
    except OSError:
        return None
    # Never through a link: it may lead anywhere.
    if path.is_symlink() or not path.is_file():
        return None
    # A copied file keeps its old time of change; its entry on the disk is new.
    return _Found(path, seen.st_size, max(seen.st_mtime, seen.st_ctime), seen.st_mtime_ns, seen.st_ino)


def is_unfinished(name: str) -> bool:
    """Whether a name is that of a copy under way, a lock of Office, or what systems leave behind."""
    lowered = name.lower()
    return lowered.startswith((".", "~")) or lowered.endswith(_UNFINISHED_ENDINGS) or lowered in _SYSTEM_NAMES


def _is_open_in_office(path: Path) -> bool:
    """Whether Excel, Word, WPS or LibreOffice left beside it the mark that somebody has it open."""
    marks = (f"~${path.name}", f"~${path.name[2:]}", f".~{path.name}", f".~lock.{path.name}#")
    return any(path.with_name(mark).exists() for mark in marks)


def _replace(target: Path, data: bytes) -> bool:
    try:
        _write_whole(target, data)
    except PermissionError:
        # Where the system itself locks open files, only replacing one is refused, not laying one beside it.
        if not target.exists():
            raise
        return False
    return True


def _write_whole(target: Path, data: bytes) -> None:
    unfinished = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        write_synced(unfinished, data, mode=0o666)
        os.replace(unfinished, target)
    finally:
        unfinished.unlink(missing_ok=True)
    sync_folder(target.parent)


def _unused(path: Path) -> Path:
    """This name, or the first of “名 (2).ext”, “名 (3).ext” … that is free."""
    free, number = path, 1
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem} ({number}){path.suffix}")
    return free


def _put_back(old: Path, target: Path) -> None:
    # The old folder was moved away, and the new one could not take its place.
    if old.exists() and not target.exists():
        old.rename(target)


@contextmanager
def _in_words(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DoorError(
            f"无法读写 {path}：{error.strerror or error}。请检查权限、磁盘空间，以及是否有人正打开它。",
            again=True,
        ) from error
