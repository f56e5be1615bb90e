"""`./run bench NAME [--json]`: measure, and print one line a figure as soon as it is known."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator

from tests.benchmarks import demo, intake, ledger, press, send
from tests.benchmarks.figures import Line, written

BENCHES: dict[str, Callable[[], Iterator[Line]]] = {
    "send": send.measure,
    "intake": intake.measure,
    "demo": demo.measure,
    "press": press.measure,
    "ledger": ledger.measure,
}


def main(arguments: list[str]) -> int:
    names = [each for each in arguments if each not in ("--json", "--install-peers")]
    if len(names) != 1 or names[0] not in BENCHES:
        sys.stderr.write(f"用法：./run bench 项目 [--json] [--install-peers]；项目：{'、'.join(BENCHES)}\n")
        return 2
    if "--install-peers" in arguments:
        (send if names == ["send"] else press).install_peers()
    logging.disable(logging.CRITICAL)
    for line in BENCHES[names[0]]():
        sys.stdout.write(written(line, as_json="--json" in arguments) + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
