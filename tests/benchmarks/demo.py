"""How long a whole rehearsed campaign takes, as a newcomer starts it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from tests.benchmarks.figures import US, Line, middle
from tests.daemon import plain_environment

BENCH = "demo"
RUNS = 3


def measure() -> Iterator[Line]:
    """Every figure of this bench."""
    with tempfile.TemporaryDirectory() as place:
        told = [_one_run(place) for _ in range(RUNS)]
    yield middle(BENCH, US, "seconds", told, RUNS)


def _one_run(place: str) -> float:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "service", "demo", "--json"],
        cwd=place,
        env=plain_environment(),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    outcome = json.loads(done.stdout.splitlines()[-1])
    assert outcome["as_prescribed"], done.stdout
    return float(outcome["seconds"])
