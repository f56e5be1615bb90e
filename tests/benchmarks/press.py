"""How fast documents are made: a notice, a form, and one template beside every peer that is installed."""

from __future__ import annotations

import io
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from docxtpl import DocxTemplate
from mailmerge import MailMerge  # type: ignore[import-untyped]  # it has no types

from service.doors.press import PressDoor
from service.doors.press.sandbox import BoundedEnvironment
from tests.benchmarks import press_templates as templates
from tests.benchmarks.figures import US, Figure, Line, Ratio, Skipped, middle

BENCH = "press"
FIGURE = "ms_per_document"
DOCXTPL = "docxtpl"
PEERS = Path(__file__).parent / "peers"
NODE_PEERS: Mapping[str, Callable[[], bytes]] = {
    "docxtemplater": templates.for_docxtemplater,
    "easy-template-x": templates.for_docxtemplater,
    "docx-templates": templates.for_docx_templates,
    "docx-templates, no sandbox": templates.for_docx_templates,
}
# Ours and a peer take turns, so that whatever else the machine does meets both.
ROUNDS, OURS_IN_A_ROUND, THEIRS_IN_A_ROUND = 10, 40, 5
NODE_TIMES = 60
UNITS, UNITS_ASKED_FOR, DOCUMENTS_A_UNIT = 2_000, 50_000, 2
UNITS_FOR_MEMORY = (500, 2_000)

_Fill = Callable[[], bytes]


def measure() -> Iterator[Line]:
    """Every figure of this bench; how busy the machine was is said on standard error."""
    tell_load("开始时")
    yield from _beside_docxtpl()
    yield from _beside_peers()
    yield from _whole_campaign()
    yield from _memory()
    tell_load("结束时")


def install_peers(folder: Path = PEERS) -> None:
    """Fetch the node libraries into a folder that git does not see; no lock file is written."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("没有找到 npm：请先安装 node，再运行 --install-peers")
    words = ["install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
    subprocess.run([npm, *words], cwd=folder, check=True, stdout=sys.stderr)


def _beside_docxtpl() -> Iterator[Line]:
    """The sample campaign's templates; our form carries its imprint besides, which docxtpl's does not."""
    press = PressDoor()
    for job in templates.jobs():
        facts, imprint = job.facts(1), job.imprint(1)
        ours = partial(press.render, job.template, job.name, facts, imprint)
        theirs = partial(_by_docxtpl, job.template, facts)
        _same(press.render(job.template, job.name, facts), theirs())
        yield from _taking_turns(f"{US}: {job.name}", ours, f"{DOCXTPL}: {job.name}", theirs)


def _beside_peers() -> Iterator[Line]:
    template, press = templates.for_docxtpl(), PressDoor()
    facts: Any = templates.PEER_FACTS

    def ours() -> bytes:
        return press.render(template, "peer", facts)

    yield from _taking_turns(US, ours, DOCXTPL, lambda: _by_docxtpl(template, facts), expected=ours())
    merged = templates.for_mailmerge()
    yield from _taking_turns(None, ours, "docx-mailmerge2", lambda: _by_mailmerge(merged), expected=ours())
    for name, made in NODE_PEERS.items():
        yield from _beside_node(name, made(), ours)


def _taking_turns(
    ours_named: str | None, ours: _Fill, peer: str, theirs: _Fill, expected: bytes | None = None
) -> Iterator[Line]:
    """Ours (unless it has been told already), the peer's, and how many times faster ours is."""
    if expected is not None:
        _same(expected, theirs())
    mine: list[float] = []
    other: list[float] = []
    for _ in range(ROUNDS):
        mine += _times(ours, OURS_IN_A_ROUND)
        other += _times(theirs, THEIRS_IN_A_ROUND)
    if ours_named is not None:
        yield middle(BENCH, ours_named, FIGURE, mine, len(mine))
    yield middle(BENCH, peer, FIGURE, other, len(other))
    yield Ratio(BENCH, peer, statistics.median(other) / statistics.median(mine))


def _beside_node(name: str, template: bytes, ours: _Fill) -> Iterator[Line]:
    node = shutil.which("node")
    if node is None:
        yield Skipped(BENCH, name, "node is not installed")
        return
    if not (PEERS / "node_modules" / name.split(",", maxsplit=1)[0]).is_dir():
        yield Skipped(BENCH, name, "not fetched: ./run bench press --install-peers")
        return
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "t.docx").write_bytes(template)
        (folder / "d.json").write_text(json.dumps(templates.PEER_FACTS), encoding="utf-8")
        words = [
            node,
            str(PEERS / "fill.js"),
            name,
            *(str(folder / each) for each in ("t.docx", "d.json", "o.docx")),
        ]
        mine = _times(ours, OURS_IN_A_ROUND * 5)
        done = subprocess.run([*words, str(NODE_TIMES)], capture_output=True, text=True, timeout=300)
        mine += _times(ours, OURS_IN_A_ROUND * 5)
        if done.returncode:
            yield Skipped(BENCH, name, f"it failed: {done.stderr.strip().splitlines()[-1][:200]}")
            return
        _same(ours(), (folder / "o.docx").read_bytes())
    other = json.loads(done.stdout)["milliseconds"]
    yield middle(BENCH, name, FIGURE, other, len(other))
    yield Ratio(BENCH, name, statistics.median(other) / statistics.median(mine))


def _whole_campaign() -> Iterator[Line]:
    """Notice and form for every unit on two cores, plates and all; then by the rule of three."""
    cuts = [UNITS * n // 20 for n in range(21)]
    pairs = list(pairwise(cuts))
    rates = []
    for _ in range(3):
        with ProcessPoolExecutor(2, mp_context=get_context("fork")) as pool:
            begun = time.perf_counter()
            made = sum(pool.map(print_units, *zip(*pairs, strict=True)))
            rates.append(made / (time.perf_counter() - begun))
        assert made == UNITS * DOCUMENTS_A_UNIT
    n = UNITS * DOCUMENTS_A_UNIT
    yield middle(BENCH, US, "documents_per_second_2_cores", rates, n)
    wanted = UNITS_ASKED_FOR * DOCUMENTS_A_UNIT
    seconds = sorted(wanted / each for each in rates)
    yield Figure(BENCH, US, "seconds_50000_units_extrapolated", statistics.median(seconds), seconds[0], n)


def print_units(first: int, after: int) -> int:
    """Notice and form of these units, made and let go; how many documents that were."""
    press, (notice, form) = PressDoor(), templates.jobs()[2:]
    made = 0
    for number in range(first, after):
        for job in (notice, form):
            made += bool(press.render(job.template, job.name, job.facts(number), job.imprint(number)))
    return made


def _memory() -> Iterator[Line]:
    """The peak of a process of its own: it must not grow with the number of units."""
    if not Path("/proc/self/status").exists():
        yield Skipped(BENCH, US, "rss_mb is read from /proc, which this system has not")
        return
    for units in UNITS_FOR_MEMORY:
        words = f"from tests.benchmarks import press; press.print_units(0, {units}); press.tell_peak()"
        done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
        peak = float(done.stdout)
        yield Figure(BENCH, US, "rss_mb", peak, peak, units * DOCUMENTS_A_UNIT)


def tell_peak() -> None:
    """The most memory this process ever held, in MB, on standard output."""
    # Not `getrusage`: that still counts what the process held that this one was begun from.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    sys.stdout.write(f"{int(status.split('VmHWM:')[1].split()[0]) / 1024:.1f}\n")


def tell_load(when: str) -> None:
    """How busy the machine is, on standard error."""
    # On a busy machine the slower of two is interrupted more often, and the median favours the faster.
    if hasattr(os, "getloadavg"):
        sys.stderr.write(f"{when}机器负载 {os.getloadavg()[0]:.1f}（{os.cpu_count()} 核），忙时请看 min\n")


def _by_docxtpl(template: bytes, facts: Mapping[str, Any]) -> bytes:
    """As its documentation shows, in the environment that our templates are written for."""
    document = DocxTemplate(io.BytesIO(template))
    document.render(dict(facts), BoundedEnvironment(autoescape=True))
    return templates.bytes_of(document)


def _by_mailmerge(template: bytes) -> bytes:
    with MailMerge(io.BytesIO(template)) as document:
        document.merge(**templates.mailmerge_facts())
        document.merge_rows("name", templates.ROWS)
        return templates.bytes_of(document)


def _times(fill: _Fill, times: int) -> list[float]:
    """Milliseconds of each of so many fillings."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        fill()
        taken.append((time.perf_counter() - begun) * 1000)
    return taken


def _same(ours: bytes, theirs: bytes) -> None:
    """Nobody is timed for a document that says something else."""
    assert templates.said(ours) == templates.said(theirs), "the documents do not say the same"
