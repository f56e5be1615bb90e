"""The marks on scanned pages, read by a child process within bounds of size, pages and time."""

from __future__ import annotations

import atexit
import hashlib
import io
import json
import os
import selectors
import struct
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageSequence
from pypdf import PdfReader, PdfWriter

from service.office.mark import Mark, Scan, ScannedPage, read_mark

FILE_BYTES_MAX = 128 * 2**20  # a stack of a hundred pages at 300 dpi
SECONDS_MAX = 120
GRACE_SECONDS = 10  # what starting the child and the page under way may take on top
REMEMBERED_MAX = 256  # readings of the same bytes: a letter is looked at several times
_ANSWER_BYTES_MAX = 2**20
_EYES = Path(__file__).with_name("eyes.py")
_MAGIC = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"BM", b"GIF8", b"RIFF")


def is_scan(data: bytes) -> bool:
    """Whether the bytes are a picture or a PDF."""
    return data.startswith(_MAGIC) or b"%PDF-" in data[:1024]


@dataclass(slots=True)
class _Child:
    """One child for the program; whoever looks waits for whoever is looking."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    process: subprocess.Popen[bytes] | None = None

    def ask(self, data: bytes, pages_max: int, seconds: int) -> bytes | None:
        """The child's line, or None where it died or took too long; it is then started anew."""
        with self.lock:
            try:
                process = self._running()
                until = time.monotonic() + seconds + GRACE_SECONDS
                return _converse(process, struct.pack(">QII", len(data), pages_max, seconds), data, until)
            except OSError:
                return None
            finally:
                if self.process is not None and self.process.poll() is not None:
                    self.end()

    def _running(self) -> subprocess.Popen[bytes]:
        if self.process is not None and self.process.poll() is not None:
            self.end()
        if self.process is None:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-E", "-s", str(_EYES)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd="/",
            )
            atexit.register(self.end)
        return self.process

    def end(self) -> None:
        """No child is left behind."""
        process, self.process = self.process, None
        atexit.unregister(self.end)
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    try:
                        pipe.close()
                    except OSError:
                        continue


_CHILD = _Child()


def _converse(process: subprocess.Popen[bytes], head: bytes, data: bytes, until: float) -> bytes | None:
    assert process.stdin is not None
    assert process.stdout is not None
    # The child reads a request to its end before it decodes anything, so writing cannot block for long.
    process.stdin.write(head)
    process.stdin.write(data)
    process.stdin.flush()
    answer = b""
    with selectors.DefaultSelector() as waiting:
        waiting.register(process.stdout, selectors.EVENT_READ)
        while not answer.endswith(b"\n") and len(answer) < _ANSWER_BYTES_MAX:
            if not waiting.select(max(0.0, until - time.monotonic())):
                process.kill()
                process.wait()
                return None
            piece = os.read(process.stdout.fileno(), 65_536)
            if not piece:
                process.wait()
                return None
            answer += piece
    return answer


@dataclass(frozen=True, slots=True)
class MarksDoor:
    """Reads marks (see needs/marks.py); letters get fewer pages and less time than a stack."""

    pages_max: int = 200
    seconds_max: int = SECONDS_MAX
    _known: OrderedDict[str, Scan] = field(default_factory=OrderedDict)

    def read(self, data: bytes) -> Scan:
        """The marks on every page; the same bytes are looked at once."""
        if len(data) > FILE_BYTES_MAX:
            return Scan(flags=("too-large",))
        if not is_scan(data):
            return Scan(flags=("unreadable",))
        key = hashlib.sha256(data).hexdigest()
        if key in self._known:
            return self._known[key]
        answer = _CHILD.ask(data, self.pages_max, self.seconds_max)
        if answer is None:  # the child's trouble may not be the file's: the next time it is asked again
            return Scan(flags=("timed-out",))
        self._known[key] = _scan(answer)
        while len(self._known) > REMEMBERED_MAX:
            self._known.popitem(last=False)
        return self._known[key]

    def cut(self, data: bytes, name: str, pages: Sequence[int]) -> tuple[str, bytes]:
        """These pages as a file of their own; all of them, or a single picture: the file as it is."""
        stem, dot, suffix = name.rpartition(".")
        title = f"{stem or suffix}（第{_page_words(pages)}页）{dot if stem else ''}{suffix if stem else ''}"
        if b"%PDF-" in data[:1024]:
            reader = PdfReader(io.BytesIO(data), strict=False)
            if len(pages) >= len(reader.pages):
                return name, data
            writer = PdfWriter()
            for number in pages:
                writer.add_page(reader.pages[number - 1])
            out = io.BytesIO()
            writer.write(out)
            return title, out.getvalue()
        with Image.open(io.BytesIO(data)) as picture:
            total = getattr(picture, "n_frames", 1)
            if total <= len(pages) or picture.format != "TIFF":
                return name, data
            frames = [frame.copy() for frame in ImageSequence.Iterator(picture)]
        out = io.BytesIO()
        first, *rest = [frames[number - 1] for number in pages]
        first.save(out, "TIFF", save_all=True, append_images=rest, compression="tiff_deflate")
        return title, out.getvalue()


def _page_words(pages: Sequence[int]) -> str:
    """3 · 3–5 · 1、4."""
    if len(pages) > 1 and list(pages) == list(range(pages[0], pages[-1] + 1)):
        return f"{pages[0]}–{pages[-1]}"
    return "、".join(map(str, pages))


def _scan(answer: bytes) -> Scan:
    said = json.loads(answer)
    pages = tuple(
        ScannedPage(number, tuple(dict.fromkeys(_marks(texts))))
        for number, texts in enumerate(said["pages"], 1)
    )
    return Scan(pages, tuple(str(each) for each in said["flags"]))


def _marks(texts: Sequence[str]) -> list[Mark]:
    return [mark for text in texts if (mark := read_mark(text)) is not None]
