"""The front door: picks the command, and nothing else."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from service.desk.shapes import DemoOutcome


def main() -> int:
    """Answer `health` at once; hand everything else to the whole program. The result is the exit status."""
    office = _office_of_health(sys.argv[1:])
    if office is not None:
        return _health(office, as_json="--json" in sys.argv)
    from service.wiring import main as wired_main

    return wired_main(_demo, _practice)


def _office_of_health(arguments: list[str]) -> str | None:
    """The office folder, when the command is `health`; None for any other, and for its `--help`.

    Read by hand: a container engine asks every half minute, and loading the whole program takes ten times
    as long.
    """
    office = os.environ.get("HUIZHI_OFFICE") or "."
    rest = [argument for argument in arguments if argument != "--json"]
    if rest[:1] == ["--office"] and len(rest) > 1:
        office, rest = rest[1], rest[2:]
    elif rest and rest[0].startswith("--office="):
        office, rest = rest[0].removeprefix("--office="), rest[1:]
    return office if rest == ["health"] else None


def _health(office: str, *, as_json: bool) -> int:
    import json
    from datetime import UTC, datetime
    from pathlib import Path

    from service.doors.heartbeat import feel

    pulse = feel(Path(office), datetime.now(UTC))
    if as_json:
        print(json.dumps({"check": "heartbeat", "ok": pulse.is_alive, "say": pulse.say}, ensure_ascii=False))
    else:
        print(pulse.say)
    return 0 if pulse.is_alive else 1


def _demo(campaign: str, out: Path, as_json: bool, narrate: Callable[[str], None]) -> DemoOutcome:
    """The rehearsal stands above wiring, so only this door knows both; loaded when somebody asks for it."""
    from service.desk.tools import Refused
    from service.rehearsal.demo import run_demo
    from service.rehearsal.folder import NoRehearsal

    try:
        return run_demo(campaign, out, as_json=as_json, narrate=narrate)
    except NoRehearsal as error:
        raise Refused(str(error)) from error


def _practice(folder: Path, is_new: bool, tell: Callable[[str], None]) -> None:
    """The same for the practice mailbox of an office; returns when told to stop."""
    from service.desk.tools import Refused
    from service.rehearsal.folder import NoRehearsal
    from service.rehearsal.practice import practise

    try:
        practise(folder, is_new=is_new, tell=tell)
    except NoRehearsal as error:
        raise Refused(str(error)) from error


if __name__ == "__main__":
    sys.exit(main())
