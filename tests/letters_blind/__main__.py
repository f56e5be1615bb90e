"""`python -m tests.letters_blind`: what becomes of the labelled letters, and which ended otherwise."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.letters_blind.entries import all_entries
from tests.letters_blind.outcomes import Outcome, run


def table(outcomes: tuple[Outcome, ...]) -> str:
    """Counts by label and outcome."""
    counts = Counter(("|".join(each.entry.words), each.end) for each in outcomes)
    labels = list(dict.fromkeys(label for label, _ in sorted(counts, key=lambda pair: -counts[pair])))
    ends = sorted({end for _, end in counts})
    lines = [f"{'label':28}" + "".join(f"{end:>11}" for end in ends)]
    for label in labels:
        lines.append(f"{label:28}" + "".join(f"{counts.get((label, end), 0) or '':>11}" for end in ends))
    return "\n".join(lines)


def summary(outcomes: tuple[Outcome, ...]) -> str:
    """The figures the aims speak of."""
    returns = [each for each in outcomes if each.entry.is_return]
    alone = sum(each.is_filed_alone for each in returns)
    others = [each for each in outcomes if not each.entry.is_return]
    answered = sum(bool(each.answers) for each in outcomes if each.entry.is_from_machine)
    return "\n".join(
        (
            f"letters {len(outcomes)}, in the ledger {sum(each.rows > 0 for each in outcomes)}",
            f"wrong filings {sum(bool(each.wrong) for each in outcomes)}",
            f"returns filed without a person {alone}/{len(returns)} = {alone / len(returns):.1%}",
            f"others as labelled {sum(each.is_as_labelled for each in others)}/{len(others)}",
            f"machines answered {answered}",
        )
    )


def miss(outcome: Outcome) -> str:
    """One line on a letter that did not end as labelled."""
    entry = outcome.entry
    label = f"{'|'.join(entry.words)} {' '.join(f'{unit}:{item}' for unit, item in entry.wanted)}".strip()
    filed = " ".join(f"{unit}:{item}" for unit, item in outcome.filings)
    mark = "WRONG" if outcome.wrong else "miss"
    return f"{mark} {entry.id} [{label}] → {outcome.end} {filed} | {outcome.why}"


def main() -> int:
    """Run them all and print."""
    with tempfile.TemporaryDirectory() as place:
        outcomes = run(all_entries(), Path(place))
    print(table(outcomes))
    print()
    print(summary(outcomes))
    print()
    for each in outcomes:
        if not each.is_as_labelled:
            print(miss(each))
    return 0


if __name__ == "__main__":
    sys.exit(main())
