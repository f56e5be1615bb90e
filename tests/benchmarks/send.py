"""How fast letters of 150 KB go out: our door and our whole way, beside named clients and a ceiling."""

from __future__ import annotations

import statistics
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tests.benchmarks import press, send_whole
from tests.benchmarks.far_line import far_line
from tests.benchmarks.figures import Line, Ratio, Skipped, middle
from tests.benchmarks.send_clients import CONNECTIONS, EACH, KEPT, PEERS, Client, clients
from tests.benchmarks.send_sink import sink

BENCH = "send"
FAR_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured: rounds, and letters a round. Far, each connection has so many."""

    rounds: int = 5
    near: int = 400
    far_rounds: int = 3
    far: int = 10
    whole: int = 40


def measure(extent: Extent = Extent()) -> Iterator[Line]:
    """Every figure of this bench; how busy the machine was is said on standard error."""
    press.tell_load("开始时")
    present, absent = clients()
    for subject, why in absent:
        yield Skipped(BENCH, subject, why)
    with tempfile.TemporaryDirectory() as place, sink() as port, far_line(port, FAR_SECONDS) as far:
        letters = {each.subject: extent.near for each in present}
        yield from _compared("messages_per_second", present, port, extent.rounds, letters)
        letters = {each.subject: extent.far * each.connections for each in present}
        yield from _compared("messages_per_second_50ms", present, far, extent.far_rounds, letters)
        yield from _whole(Path(place), port, far, extent)
    press.tell_load("结束时")


def install_peers() -> None:
    """Fetch nodemailer into a folder that git does not see."""
    press.install_peers(PEERS)


def _compared(
    figure: str, present: Sequence[Client], port: int, rounds: int, letters: dict[str, int]
) -> Iterator[Line]:
    """All take turns, so that whatever else the machine does meets everybody."""
    rates: dict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):
        for each in present:
            rates[each.subject].append(letters[each.subject] / each.send(port, letters[each.subject]))
    for each in present:
        runs = rates[each.subject]
        line = middle(
            BENCH, each.subject, figure, runs, letters[each.subject] * rounds, is_ceiling=each.is_ceiling
        )
        yield replace(line, connections=each.connections)
    for ours in (each for each in present if each.is_ours):
        mine = statistics.median(rates[ours.subject])
        for peer in present:
            is_equal = not peer.is_ours and peer.connections == ours.connections
            if is_equal or peer.subject in (EACH, KEPT):
                ratio = mine / statistics.median(rates[peer.subject])
                yield Ratio(BENCH, peer.subject, ratio, connections=ours.connections, of_figure=figure)


def _whole(place: Path, port: int, far: int, extent: Extent) -> Iterator[Line]:
    """Through the outbox: claim, compose, keep, write down, send, write down."""
    rounds = extent.far_rounds
    count = sum(extent.whole + extent.far * each + 2 * each for each in CONNECTIONS) * rounds
    office = send_whole.released(place, count)
    for figure, at in (("messages_per_second", port), ("messages_per_second_50ms", far)):
        for each in CONNECTIONS:
            letters = extent.whole if at == port else extent.far * each
            runs = [send_whole.send(office, at, each, letters) for _ in range(rounds)]
            subject = send_whole.named(each)
            yield replace(middle(BENCH, subject, figure, runs, letters * rounds), connections=each)
