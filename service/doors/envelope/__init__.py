"""The envelope door: any bytes to a letter's facts, without ever failing [law 10]."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from service.doors.envelope.limits import RAW_BYTES_MAX
from service.doors.envelope.reading import Reading
from service.doors.envelope.scanner import Scanner
from service.office.letter import LetterFacts


class EnvelopeDoor:
    """Reads mail by tolerant rules of our own; whatever cannot be read ends in `trouble`."""

    def __init__(self, scanner: Scanner | None = None) -> None:
        """`scanner` looks at every file that a letter carries; without one nothing is scanned."""
        self._scanner = scanner

    def read(self, raw: bytes, keep: Callable[[bytes], str]) -> LetterFacts:
        """All facts of a letter; `keep` stores one part's bytes and answers their sha256."""
        sha256 = hashlib.sha256(raw).hexdigest()
        if len(raw) > RAW_BYTES_MAX:
            limit = RAW_BYTES_MAX // (1024 * 1024)
            return LetterFacts(
                sha256, len(raw), trouble=(f"邮件超过 {limit} MB，只保存了原件，请人工打开",), identity=sha256
            )
        try:
            return Reading(raw, sha256, keep, self._scanner).facts()
        except (
            RecursionError,
            MemoryError,
            ValueError,
            LookupError,
            ArithmeticError,
            TypeError,
            AttributeError,
        ) as error:
            # Every known malformation is met where it arises; an unknown one must not stop the next letter.
            sentence = f"邮件无法读取（{type(error).__name__}），原件已保存，请人工打开"
            return LetterFacts(sha256, len(raw), trouble=(sentence,), identity=sha256)
