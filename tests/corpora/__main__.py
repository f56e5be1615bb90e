"""`./run corpora DIR [--json] [--rules]`: measure a folder of corpora, one line a figure."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.corpora import automatic, bounces, habits, letters
from tests.corpora.figures import Absent, Counted, Line, Slowest, written
from tests.corpora.reading import Corpora

SECONDS_MAX = 2.0
MEASURES: tuple[tuple[str, Callable[[Corpora], Iterator[Line]]], ...] = (
    ("bounces", bounces.measure),
    ("ordinary", letters.ordinary),
    ("mime", letters.attachments),
    ("tnef", letters.winmail),
    ("replies", letters.replies),
    ("chinese-automatic", automatic.chinese),
    ("auto-replies", automatic.measure),
)
USAGE = "用法：./run corpora 文件夹 [--json] [--rules]；文件夹里是 bounces、mime、replies 等各套信件\n"


def measure(folder: Path, *, with_rules: bool = False) -> Iterator[Line]:
    """Every figure of every corpus that lies in the folder; the totals last."""
    corpora = Corpora(folder)
    for corpus, ask in MEASURES:
        if not corpora.has(corpus):
            yield Absent(corpus)
            continue
        yield from ask(corpora)
    if with_rules and corpora.has("bounces"):
        yield from habits.measure(corpora)
    wrong = tuple(f"{name}: {said}" for name, said in corpora.crashes.items())
    yield Counted("all", "crashes", len(wrong), len(corpora.seconds), 0, True, wrong)
    name = max(corpora.seconds, key=lambda each: corpora.seconds[each], default="")
    yield Slowest(name, corpora.seconds.get(name, 0.0), SECONDS_MAX)


def main(arguments: list[str]) -> int:
    """Print the figures; 1 where an aim is missed, 2 where the folder cannot be read."""
    names = [each for each in arguments if not each.startswith("--")]
    unknown = set(arguments) - {*names, "--json", "--rules"}
    if len(names) != 1 or unknown or not Path(names[0]).is_dir():
        sys.stderr.write(USAGE)
        return 2
    logging.disable(logging.CRITICAL)
    is_reached = True
    for line in measure(Path(names[0]), with_rules="--rules" in arguments):
        is_reached = is_reached and line.is_reached
        sys.stdout.write(written(line, as_json="--json" in arguments) + "\n")
        sys.stdout.flush()
    return 0 if is_reached else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
