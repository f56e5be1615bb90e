"""A folder of corpora: its labels, and its letters read and judged once each, with the time that took."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from service.office.letter import Kind, LetterFacts, Verdict
from tests.letter_reading import judge_letter, read_letter

BOUNCED = (Kind.BOUNCE, Kind.DELAY)


@dataclass(frozen=True, slots=True)
class Judged:
    """A letter's facts and what stands behind it; `trouble` where reading it raised."""

    facts: LetterFacts
    verdict: Verdict
    trouble: str = ""


@dataclass(slots=True)
class Corpora:
    """One folder; every letter in it is read at most once."""

    folder: Path
    seconds: dict[str, float] = field(default_factory=dict)
    crashes: dict[str, str] = field(default_factory=dict)
    _known: dict[str, Judged] = field(default_factory=dict)

    def has(self, corpus: str) -> bool:
        """Whether this corpus lies in the folder."""
        return (self.folder / corpus).is_dir()

    def labels(self, corpus: str, name: str = "labels.json") -> dict[str, Any]:
        """What a corpus says of its files; empty where it says nothing."""
        path = self.folder / corpus / name
        return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}

    def bytes_of(self, corpus: str, name: str) -> bytes:
        """A file as it is."""
        return (self.folder / corpus / name).read_bytes()

    def letter(self, corpus: str, name: str) -> Judged:
        """A letter that lies in the corpus as a file."""
        return self.judge(f"{corpus}/{name}", self.bytes_of(corpus, name))

    def judge(self, name: str, raw: bytes) -> Judged:
        """A letter from its bytes; `name` says which it is, and whose time it counts as."""
        if name not in self._known:
            self._known[name] = self._judged(name, raw)
        return self._known[name]

    def _judged(self, name: str, raw: bytes) -> Judged:
        started = time.perf_counter()
        try:
            facts = read_letter(raw)
            found = Judged(facts, judge_letter(facts))
        except Exception as error:  # a crash is one of the figures, and the rest must follow
            self.crashes[name] = f"{type(error).__name__}: {error}"[:200]
            facts = LetterFacts("", len(raw), trouble=("crash",))
            found = Judged(facts, Verdict(Kind.UNREADABLE, ("crash",)), "crash")
        self.seconds[name] = time.perf_counter() - started
        return found


def plain_letter(body: str, subject: str = "Re: A2CD-3EFG", header: str = "") -> bytes:
    """A body put into a plain letter of a unit's contact."""
    return (
        f"From: li@unit.example\nTo: zhiliang@bureau.example\nSubject: {subject}\n"
        f"Message-ID: <x@unit.example>\n"
        f"Date: Tue, 27 Aug 2024 09:00:00 +0800\n{header}MIME-Version: 1.0\n"
        f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{body}"
    ).encode()
