"""Which phrases decide one file only: learned by heart, they say nothing of letters yet unseen."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from service.incoming.sort.refusals import PHRASES
from tests.corpora.figures import Counted
from tests.corpora.reading import Corpora


def measure(corpora: Corpora) -> Iterator[Counted]:
    """Of the phrases that hit at all, those that hit in one file."""
    hits: dict[str, set[str]] = defaultdict(set)
    shapes = [(row.says, shape) for row in PHRASES for shape in row.shapes]
    for name in corpora.labels("bounces"):
        said = [f"{each.diagnostic}\n{each.words}" for each in corpora.letter("bounces", name).facts.statuses]
        for says, shape in shapes:
            if any(re.search(shape, words, re.IGNORECASE) for words in said):
                hits[f"{says[:16]} … {shape}"].add(name)
    once = tuple(f"{shape}   {next(iter(files))}" for shape, files in hits.items() if len(files) == 1)
    say = f"共 {len(shapes)} 个说法，其中 {len(shapes) - len(hits)} 个在这里没有遇到"
    yield Counted("bounces", "phrases_hit_by_one_file", len(once), len(hits), None, True, once, say)
