"""A province's roster: 50,000 units with three items each, asked how it stands, and written as a workbook."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from service.doors.archive import ArchiveDoor
from service.doors.ledger import LedgerDoor, open_ledger
from service.doors.ledger.connections import connect
from service.doors.workbook import WorkbookDoor
from service.followup.report.reading import board_of, gather
from service.office.campaign import Obligation
from service.office.change import ItemRow, OpenCampaign
from service.office.docket import Docket, DocketState
from service.office.record import to_bytes
from tests.benchmarks.figures import US, Figure, Line, Ratio, Skipped
from tests.daemon import plain_environment
from tests.doors.ledger_samples import CAMPAIGN, DUE, NOW, opening
from tests.followup.sample_board import CAMPAIGN as FACTS
from tests.postgres import NoPostgres, start_postgres

BENCH = "ledger"
UNITS = int(os.environ.get("HUIZHI_BENCH_UNITS", "50000"))
ASKED = 20
ITEMS = (
    ItemRow("summary", "质量月活动总结", 0, Obligation.REQUIRED),
    ItemRow("works", "质量故事作品", 1, Obligation.VOLUNTARY),
    ItemRow("news", "活动信息", 2, Obligation.REQUIRED),
)
# What the database takes for the same counts with nothing of ours around them.
BARE = "SELECT item, obligation, state, count(*) FROM docket WHERE campaign = :campaign GROUP BY 1, 2, 3"


def measure() -> Iterator[Line]:
    """Every figure of this bench, on SQLite and, where it is installed, on PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _on("sqlite", f"sqlite:///{Path(folder) / 'ledger.db'}", Path(folder))
    try:
        server = start_postgres()
    except NoPostgres as reason:
        yield Skipped(BENCH, "postgresql", str(reason))
        return
    try:
        server.sql("CREATE DATABASE big")
        with tempfile.TemporaryDirectory() as folder:
            yield from _on("postgresql", server.url("big"), Path(folder))
    finally:
        server.stop()


def _on(database: str, url: str, folder: Path) -> Iterator[Line]:
    subject = f"{US} ({database})"
    started = time.perf_counter()
    with open_ledger(url, folder, owner="bench") as ledger:
        ledger.apply([_opening(ArchiveDoor(folder / "archive"))])
        yield Figure(
            BENCH, subject, "open_seconds", took := time.perf_counter() - started, took, len(ITEMS) * UNITS
        )
        ours = [_milliseconds(ledger) for _ in range(ASKED)]
    bare = _bare(url, folder)
    mine = Figure(BENCH, subject, "status_ms", statistics.median(ours), min(ours), len(ITEMS) * UNITS)
    peer = Figure(
        BENCH,
        f"bare SQL ({database})",
        "status_ms",
        statistics.median(bare),
        min(bare),
        len(ITEMS) * UNITS,
        is_ceiling=True,
    )
    yield from (mine, peer, Ratio(BENCH, peer.subject, peer.value / mine.value, of_figure="status_ms"))
    told = _in_a_process_of_its_own(url, folder)
    for name, value in told.items():
        yield Figure(BENCH, subject, name, value, value, len(ITEMS) * UNITS)


def _opening(archive: ArchiveDoor) -> OpenCampaign:
    """A campaign in full swing: two thirds are in, some of them late."""
    facts = replace(FACTS, key=CAMPAIGN)
    opened = opening(UNITS)
    dockets = tuple(
        Docket(
            CAMPAIGN,
            unit.key,
            item.key,
            item.obligation,
            _state(unit.order, item.order),
            DUE if item.obligation is Obligation.REQUIRED else None,
            returned_at=DUE - timedelta(hours=unit.order % 400 - 8)
            if _state(unit.order, item.order) is DocketState.RETURNED
            else None,
            unit_order=unit.order,
        )
        for unit in opened.units
        for item in ITEMS
    )
    return replace(
        opened,
        items=ITEMS,
        dockets=dockets,
        facts_sha256=archive.put(to_bytes(facts)),
        dispatches=(),
        timers=(),
    )


def _state(unit: int, item: int) -> DocketState:
    by = (unit * 3 + item) % 9
    return (
        DocketState.RETURNED
        if by < 6
        else (DocketState.AWAITED, DocketState.IN_REVIEW, DocketState.BY_LINK)[by - 6]
    )


def _milliseconds(ledger: LedgerDoor) -> float:
    started = time.perf_counter()
    counts = ledger.count_dockets(CAMPAIGN, NOW + timedelta(days=60))
    took = (time.perf_counter() - started) * 1000
    assert sum(each.number for each in counts) == len(ITEMS) * UNITS
    return took


def _bare(url: str, folder: Path) -> list[float]:
    connections = connect(url, folder, "bench")
    told = []
    try:
        for _ in range(ASKED):
            with connections.read() as connection:
                started = time.perf_counter()
                connection.execute(text(BARE), {"campaign": CAMPAIGN}).fetchall()
                told.append((time.perf_counter() - started) * 1000)
    finally:
        connections.close()
    return told


def _in_a_process_of_its_own(url: str, folder: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "tests.benchmarks.ledger", url, str(folder)],
        cwd=Path(__file__).parents[2],
        env={**plain_environment(), "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def export(url: str, folder: Path) -> dict[str, float]:
    """What writing 台账.xlsx takes, in this process."""
    started = time.perf_counter()
    with open_ledger(url, folder, owner="bench") as ledger:
        before = _rss_mb()
        sources = gather(ledger, ArchiveDoor(folder / "archive"), CAMPAIGN, NOW)
        book = WorkbookDoor().ledger(board_of(sources, NOW + timedelta(days=60)))
    return {
        "export_rss_mb": _rss_mb(),
        "export_rss_mb_before": before,
        "export_seconds": time.perf_counter() - started,
        "export_mb": len(book) / 1e6,
    }


def _rss_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.stdout.write(json.dumps(export(sys.argv[1], Path(sys.argv[2]))))
