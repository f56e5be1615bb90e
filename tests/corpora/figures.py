"""One figure a line, as JSON or for people: how many of how many, the aim, and what is wrong."""

from __future__ import annotations

import json
from dataclasses import dataclass

# Whoever looks for a fault needs its names, and no more of them than fit on a screen.
WRONG_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Counted:
    """`value` of `of` are so; `aim` is a share to reach, or (`is_fault`) a number not to exceed."""

    corpus: str
    figure: str
    value: int
    of: int
    aim: float | None = None
    is_fault: bool = False  # the fewer the better
    wrong: tuple[str, ...] = ()
    say: str = ""

    @property
    def share(self) -> float:
        """Of one; nothing asked is nothing wrong."""
        return self.value / self.of if self.of else (0.0 if self.is_fault else 1.0)

    @property
    def is_reached(self) -> bool:
        """Whether the aim is reached; figures without an aim inform only."""
        if self.aim is None:
            return True
        return self.value <= self.aim if self.is_fault else self.share >= self.aim

    def line(self) -> dict[str, object]:
        """The JSON line."""
        shape: dict[str, object] = {"corpus": self.corpus, "figure": self.figure}
        shape |= {"value": self.value, "of": self.of, "share": round(self.share, 4)}
        shape |= {"aim": self.aim, "reached": self.is_reached, "wrong": list(self.wrong[:WRONG_SHOWN])}
        return {**shape, "say": self.say} if self.say else shape

    def words(self) -> str:
        """The line for people."""
        aim = "" if self.aim is None else f"，{'至多' if self.is_fault else '要求'} {self._aim()}"
        mark = "" if self.is_reached else "  ← 未达到"
        said = f"（{self.say}）" if self.say else ""
        shown = "".join(f"\n    {each}" for each in self.wrong[:WRONG_SHOWN])
        share = "" if self.is_fault else f"，{self.share:.1%}"
        return f"{self.corpus} {self.figure}：{self.value}/{self.of}{share}{aim}{said}{mark}{shown}"

    def _aim(self) -> str:
        assert self.aim is not None
        return f"{self.aim:g}" if self.is_fault else f"{self.aim:.1%}"


@dataclass(frozen=True, slots=True)
class Slowest:
    """The letter that took longest, in seconds."""

    file: str
    seconds: float
    seconds_max: float

    @property
    def is_reached(self) -> bool:
        """Whether no letter took longer than allowed."""
        return self.seconds <= self.seconds_max

    def line(self) -> dict[str, object]:
        """The JSON line."""
        return {
            "corpus": "all",
            "figure": "slowest_seconds",
            "value": round(self.seconds, 3),
            "aim": self.seconds_max,
            "reached": self.is_reached,
            "file": self.file,
        }

    def words(self) -> str:
        """The line for people."""
        mark = "" if self.is_reached else "  ← 未达到"
        return f"all slowest_seconds：{self.seconds:.3f} 秒，至多 {self.seconds_max:g}（{self.file}）{mark}"


@dataclass(frozen=True, slots=True)
class Absent:
    """A corpus that is not in the folder."""

    corpus: str
    is_reached = True

    def line(self) -> dict[str, object]:
        """The JSON line."""
        return {"corpus": self.corpus, "skipped": "not in this folder"}

    def words(self) -> str:
        """The line for people."""
        return f"{self.corpus}：文件夹里没有这一套，略过"


Line = Counted | Slowest | Absent


def written(line: Line, *, as_json: bool) -> str:
    """One line of output."""
    return json.dumps(line.line(), ensure_ascii=False) if as_json else line.words()
