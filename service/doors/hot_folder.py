"""查错文件夹 — templates/ watched by events or by polling; a half-copied file is never handed out."""

from __future__ import annotations

import os
import threading
import time
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from watchfiles import watch

from service.doors.folder import is_unfinished
from service.doors.mounts import file_system_of, gives_events
from service.office.needs.hot_folder import Settled

# A file whose size and time have not changed for so long is not being copied any more.
STILL_SECONDS = 2.0
# One that has lain still for so long and is no whole file will not become one: it is judged as broken.
BROKEN_AFTER_SECONDS = 30.0
# What events have missed (a mount put back, a full queue) is found by looking this often.
SLOW_SECONDS = 180.0
POLL_SECONDS = 2.0
GLANCE_SECONDS = 0.5
# So long may a watcher keep silent before it must say that nothing happened; beginning one takes as long.
SILENCE_SECONDS = 0.2
CAMPAIGNS_MAX = 500
FILES_MAX = 2_000  # of one campaign; the reading of the folder refuses far fewer
TESTED_BYTES_MAX = 256 * 2**20  # larger ones are refused by the reading anyway

_ZIPPED = (".docx", ".docm", ".dotx", ".xlsx", ".pptx", ".ofd", ".zip")
_SHARED = ("config/units.xlsx", "config/units.csv", "config/workdays.yaml")

_File = tuple[str, int, int]  # path within its folder, size, time of change in nanoseconds
_Stamp = tuple[_File, ...]


@dataclass(frozen=True, slots=True)
class _Seen:
    """How a campaign's files stood, and since when (machine time) they have stood so."""

    stamp: _Stamp
    since: float


class HotFolderDoor:
    """Implements office/needs/hot_folder.py over one office folder. `watching`: auto, events or polling."""

    def __init__(
        self,
        office: Path,
        watching: str = "auto",
        *,
        still_seconds: float = STILL_SECONDS,
        broken_after_seconds: float = BROKEN_AFTER_SECONDS,
        poll_seconds: float = POLL_SECONDS,
        machine_now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._office = office
        self._still, self._broken_after = still_seconds, broken_after_seconds
        self._poll_ms = max(50, int(poll_seconds * 1000))
        self._now = machine_now
        self._stop = threading.Event()
        self._seen: dict[str, _Seen] = {}
        self._handed_out: dict[str, _Stamp] = {}
        self._present: tuple[str, ...] | None = None
        self._changes: Iterator[object] | None = None
        self._watched: object = None
        self.file_system = file_system_of(office / "templates")
        self.is_polling = watching == "polling" or (watching == "auto" and not gives_events(self.file_system))

    def next(self, seconds: float) -> Settled:
        """Wait until something has settled, a folder has come or gone, or the time is up."""
        until = self._now() + seconds
        while True:
            # The watcher first: what changes while we look is then an event, and not missed.
            self._keep_watching()
            present = self._look()
            ready = tuple(key for key in present or () if self._is_ready(key))
            has_changed = present != self._present
            self._present = present
            for key in ready:
                self._handed_out[key] = self._seen[key].stamp
            left = until - self._now()
            if ready or has_changed or left <= 0 or self._stop.is_set():
                return Settled(ready, present)
            is_restless = any(each.stamp != self._handed_out.get(key) for key, each in self._seen.items())
            self._wait(min(left, GLANCE_SECONDS if is_restless else SLOW_SECONDS))

    def close(self) -> None:
        """End a `next` that waits; later ones return at once."""
        self._stop.set()

    # --- looking --------------------------------------------------------------------------------------------

    def _look(self) -> tuple[str, ...] | None:
        """Note how every campaign stands; their keys, or None while templates/ is out of sight."""
        now = self._now()
        templates = self._office / "templates"
        try:
            folders = sorted(
                each for each in templates.iterdir() if each.is_dir() and _is_campaign(each.name)
            )
        except OSError:
            return None
        shared = self._shared()
        found: dict[str, _Seen] = {}
        for folder in folders[:CAMPAIGNS_MAX]:
            key = unicodedata.normalize("NFC", folder.name)
            stamp = (*_files_of(folder), *shared)
            before = self._seen.get(key)
            found[key] = before if before and before.stamp == stamp else _Seen(stamp, now)
        self._seen = found
        self._handed_out = {key: each for key, each in self._handed_out.items() if key in found}
        return tuple(found)

    def _shared(self) -> _Stamp:
        """What every campaign's judgement hangs on besides its own folder."""
        letters = _files_of(self._office / "templates" / "letters")
        others = (_stamp_of(self._office / name, f"/{name}") for name in _SHARED)
        shared = tuple((f"/letters/{name}", size, at) for name, size, at in letters)
        return (*shared, *(each for each in others if each))

    def _is_ready(self, key: str) -> bool:
        seen = self._seen[key]
        before = self._handed_out.get(key)
        rest = self._now() - seen.since
        if seen.stamp == before or rest < self._still:
            return False
        if rest >= self._broken_after:
            return True
        changed = set(seen.stamp) - set(before or ())
        return all(_is_whole(self._path_of(key, name)) for name, _, _ in changed)

    def _path_of(self, key: str, name: str) -> Path:
        if name.startswith("/letters/"):
            return self._office / "templates" / name[1:]
        return self._office / name[1:] if name.startswith("/") else self._office / "templates" / key / name

    # --- waiting --------------------------------------------------------------------------------------------

    def _keep_watching(self) -> None:
        """Watch what is there now; anew when a folder was replaced, since events belong to the old one."""
        folders = [each for name in ("templates", "config") if (each := self._office / name).is_dir()]
        identity = tuple(_identity(each) for each in folders)
        if self._changes is not None and identity == self._watched:
            return
        self._watched = identity
        self._changes = self._watch(folders) if folders else None
        # A generator does nothing until it is first asked: ask, so that it watches from now on.
        self._next_change()

    def _next_change(self) -> bool:
        """Whether something has happened; False after a short silence."""
        if self._changes is None:
            return False
        try:
            return bool(next(self._changes))
        except (StopIteration, OSError, RuntimeError):
            # No more watches to be had, or the folder is gone: from here on by polling.
            self._changes, self._watched = None, None
            self.is_polling = True
            return False

    def _watch(self, folders: list[Path]) -> Iterator[object]:
        return watch(
            *folders,
            watch_filter=None,
            debounce=200,
            step=50,
            stop_event=self._stop,
            rust_timeout=int(SILENCE_SECONDS * 1000),
            yield_on_timeout=True,
            raise_interrupt=False,
            force_polling=self.is_polling,
            poll_delay_ms=self._poll_ms,
            ignore_permission_denied=True,
        )

    def _wait(self, seconds: float) -> None:
        """Until something happens in the watched folders, or the time is up."""
        until = self._now() + seconds
        while (left := until - self._now()) > 0 and not self._stop.is_set():
            if self._changes is None:
                self._stop.wait(min(left, self._poll_ms / 1000))
                return
            if self._next_change():
                return


def _is_campaign(name: str) -> bool:
    return name != "letters" and not name.startswith((".", "_")) and not is_unfinished(name)


def _files_of(folder: Path) -> _Stamp:
    """Every finished-looking file of a folder; what Office and copying programs leave beside is left out."""
    found: list[_File] = []
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        for name in sorted(names):
            path = Path(here, name)
            if not is_unfinished(name) and (stamp := _stamp_of(path, path.relative_to(folder).as_posix())):
                found.append(stamp)
        if len(found) > FILES_MAX:
            break
    return tuple(found[:FILES_MAX])


def _stamp_of(path: Path, name: str) -> _File | None:
    try:
        seen = path.stat()
    except OSError:
        return None  # gone between two looks
    return (name, seen.st_size, seen.st_mtime_ns)


def _identity(folder: Path) -> tuple[str, int, int]:
    try:
        seen = folder.stat()
    except OSError:
        return (str(folder), 0, 0)
    return (str(folder), seen.st_dev, seen.st_ino)


def _is_whole(path: Path) -> bool:
    """Whether a file is complete, as far as its format tells; a copy under way may have its full size."""
    try:
        if path.stat().st_size == 0:
            return False
        if path.suffix.lower() in _ZIPPED:
            return _is_whole_zip(path)
        if path.suffix.lower() == ".pdf":
            with path.open("rb") as file:
                file.seek(max(0, path.stat().st_size - 2048))
                return b"%%EOF" in file.read()
    except FileNotFoundError:
        return True  # taken away since: that is a change of its own
    except OSError:
        return False  # locked by the program that copies it
    return True


def _is_whole_zip(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as package:
            if sum(entry.file_size for entry in package.infolist()) > TESTED_BYTES_MAX:
                return True
            return package.testzip() is None
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        IndexError,
    ):
        # Encrypted ones are whole, and refused when they are read.
        return False
