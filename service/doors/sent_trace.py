"""发信记录 — one line for each conversation that began, synced before it begins, outside the database."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from service.office.needs.trace import Begun
from service.office.outcome import DoorError

# The newest lines tell whether a ledger is behind; older ones are in every backup worth restoring.
LINES_MAX = 20_000
LINES_KEPT = 10_000
_ACCEPTED = {"accepted": True}


class SentTrace:
    """Answers to `office.needs.trace.Trace` with a file in state/; read once, at the first use."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._lines: list[Begun | None] | None = None  # None in place of a line: accepted here
        self._attempts: dict[str, int] = {}
        self._is_cut = False

    def note(self, begun: Begun) -> None:
        """One line more, on disk when this returns."""
        self._add(begun, asdict(begun))

    def accept(self) -> None:
        """What stands above this line is known to be ahead of the ledger."""
        self._add(None, _ACCEPTED)

    def attempt_of(self, message_id: str) -> int:
        with self._lock:
            self._read()
            return self._attempts.get(message_id, 0)

    def unaccepted(self) -> Sequence[Begun]:
        with self._lock:
            # Another process, a person's command, may have accepted.
            self._lines = None
            found: list[Begun] = []
            for each in self._read():
                if each is None:
                    found.clear()
                else:
                    found.append(each)
            return found

    def _add(self, line: Begun | None, shape: Mapping[str, object]) -> None:
        with self._lock:
            try:
                lines = self._read()
                with self._path.open("ab") as file:
                    # A line of its own, even after half a line of a machine that lost its power.
                    file.write(b"\n" if self._is_cut else b"")
                    file.write(json.dumps(shape, ensure_ascii=False).encode() + b"\n")
                    file.flush()
                    os.fsync(file.fileno())
                self._is_cut = False
                self._take(line)
                if len(lines) > LINES_MAX:
                    self._shorten()
            except OSError as error:
                raise DoorError(
                    f"发信记录 {self._path.name} 写不进去（{error.strerror}），暂不发信", again=True
                ) from error

    def _take(self, line: Begun | None) -> None:
        assert self._lines is not None
        self._lines.append(line)
        if line is not None:
            known = self._attempts.get(line.message_id, 0)
            self._attempts[line.message_id] = max(known, line.attempt)

    def _read(self) -> list[Begun | None]:
        if self._lines is not None:
            return self._lines
        self._lines, self._attempts = [], {}
        try:
            written = self._path.read_bytes().split(b"\n")
            self._is_cut = bool(written[-1])
        except FileNotFoundError:
            written = []
        for line in written:
            self._take_written(line)
        return self._lines

    def _take_written(self, line: bytes) -> None:
        try:
            shape = json.loads(line)
            self._take(None if shape == _ACCEPTED else Begun(**shape))
        except (ValueError, TypeError):
            # The last line of a machine that lost its power may be half a line; its conversation never began.
            return

    def _shorten(self) -> None:
        kept = (self._lines or [])[-LINES_KEPT:]
        shapes = (_ACCEPTED if each is None else asdict(each) for each in kept)
        fresh = self._path.with_name(f"{self._path.name}.new")
        with fresh.open("wb") as file:
            file.writelines(json.dumps(shape, ensure_ascii=False).encode() + b"\n" for shape in shapes)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, self._path)
        self._lines = None
