"""One figure a line, as JSON or for people; the key order is part of the interface."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

US = "huizhi"


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value; `least` is the smallest of the runs, `n` how many things were measured in all."""

    bench: str
    subject: str
    figure: str
    value: float
    least: float
    n: int
    is_ceiling: bool = False
    connections: int = 0  # 0: not said

    def line(self) -> dict[str, object]:
        shape: dict[str, object] = {"bench": self.bench, "subject": self.subject, "figure": self.figure}
        shape |= {"value": rounded(self.value), "min": rounded(self.least), "n": self.n}
        shape |= {"connections": self.connections} if self.connections else {}
        return {**shape, "ceiling": True} if self.is_ceiling else shape

    def words(self) -> str:
        least = "" if self.least == self.value else f"（最小 {rounded(self.least):g}）"
        ceiling = "，上限" if self.is_ceiling else ""
        return (
            f"{self.bench} {self.figure}：{self.subject} {rounded(self.value):g}{least}，n={self.n}{ceiling}"
        )


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times better we are than a peer; above one we are better."""

    bench: str
    of: str
    value: float
    connections: int = 0  # ours; 0: not said
    of_figure: str = ""

    def line(self) -> dict[str, object]:
        shape: dict[str, object] = {"bench": self.bench, "figure": "ratio", "of": self.of}
        shape |= {"value": rounded(self.value)}
        shape |= {"connections": self.connections} if self.connections else {}
        return {**shape, "of_figure": self.of_figure} if self.of_figure else shape

    def words(self) -> str:
        ours = f"（我方 {self.connections} 个连接）" if self.connections else ""
        return f"{self.bench} {self.of_figure}：{self.of} 的 {rounded(self.value):g} 倍{ours}"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A peer that is not there, and why."""

    bench: str
    subject: str
    why: str

    def line(self) -> dict[str, object]:
        return {"bench": self.bench, "subject": self.subject, "skipped": self.why}

    def words(self) -> str:
        return f"{self.bench}：略过 {self.subject}（{self.why}）"


Line = Figure | Ratio | Skipped


def middle(bench: str, subject: str, figure: str, runs: Sequence[float], n: int, **more: bool) -> Figure:
    """The median of several runs."""
    return Figure(bench, subject, figure, statistics.median(runs), min(runs), n, **more)


def beside(ours: Figure, *peers: Figure) -> Iterator[Line]:
    """Ours, each peer, and how many times better we are. For rates: more is better."""
    yield ours
    for peer in peers:
        yield peer
        yield Ratio(ours.bench, peer.subject, ours.value / peer.value)


def rounded(value: float) -> float:
    """Three digits that count."""
    return float(f"{value:.3g}")


def written(line: Line, *, as_json: bool) -> str:
    return json.dumps(line.line(), ensure_ascii=False) if as_json else line.words()
