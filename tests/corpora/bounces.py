"""Bounces: recognised, whose, how final, and whether a living address would be retired."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from service.office.letter import BounceClass, Kind
from tests.corpora.figures import Counted
from tests.corpora.reading import BOUNCED, Corpora

# Reasons that say nothing about the mailbox: retiring for one of these silences a living unit.
ALIVE = frozenset({
    "mailboxfull", "spamdetected", "policyviolation", "expired", "blocked", "badreputation", "authfailure",
    "mesgtoobig", "networkerror", "toomanyconn", "speeding", "systemerror", "systemfull", "requireptr",
    "rejected", "securityerror", "virusdetected", "norelaying", "contenterror", "notcompliantrfc",
    "exceedlimit",
})  # fmt: skip
Row = dict[str, Any]
RECOGNISED, SETS_EQUAL, HARD_OR_SOFT = 0.985, 0.95, 0.92
# The type of the standard part is hidden, so that neither we nor the library see it as one.
_BLOCKS = re.compile(rb"message/(?:global-)?delivery-status|report-type=\"?delivery-status\"?", re.IGNORECASE)
_FIELDS = re.compile(rb"^(?:Final|Original)-Recipient:.*\r?\n?", re.IGNORECASE | re.MULTILINE)


def measure(corpora: Corpora) -> Iterator[Counted]:
    """Every figure of the bounces."""
    wanted = corpora.labels("bounces")
    yield from _recipients(corpora, wanted)
    yield from _classes(corpora, wanted)
    yield _called_so(corpora)
    yield _without_blocks(corpora, wanted)


def _recipients(corpora: Corpora, wanted: dict[str, list[Row]]) -> Iterator[Counted]:
    unknown, unequal = [], []
    for name, rows in wanted.items():
        verdict = corpora.letter("bounces", name).verdict
        if verdict.kind not in BOUNCED:
            unknown.append(f"{name}: {verdict.kind.value}")
        found = {each.address.lower() for each in verdict.recipients}
        if found != (asked := {row["recipient"].lower() for row in rows}):
            unequal.append(f"{name}: {sorted(found)} ≠ {sorted(asked)}")
    of = len(wanted)
    yield Counted("bounces", "recognised", of - len(unknown), of, RECOGNISED, wrong=tuple(unknown))
    yield Counted("bounces", "recipient_sets_equal", of - len(unequal), of, SETS_EQUAL, wrong=tuple(unequal))


def _classes(corpora: Corpora, wanted: dict[str, list[Row]]) -> Iterator[Counted]:
    counted = 0
    wrong, retired = [], []
    for name, rows in wanted.items():
        known = {row["recipient"].lower(): row for row in rows}
        for each in corpora.letter("bounces", name).verdict.recipients:
            row = known.get(each.address.lower())
            if row is None or row["hard"] is None:
                continue
            counted += 1
            if (each.bounce_class is BounceClass.HARD) != row["hard"]:
                wrong.append(f"{name}: {each.bounce_class.value} ≠ {row['reason']}：{each.text[:80]}")
            if each.retire and row["reason"] in ALIVE:
                retired.append(f"{name}: {row['reason']}：{each.text[:80]}")
    right = counted - len(wrong)
    yield Counted("bounces", "hard_or_soft", right, counted, HARD_OR_SOFT, wrong=tuple(wrong))
    yield Counted("bounces", "living_retired", len(retired), counted, 0, is_fault=True, wrong=tuple(retired))


def _called_so(corpora: Corpora) -> Counted:
    """Complaints and automatic replies that lie among the bounces, and are none."""
    others = {
        name: kind
        for name, kind in corpora.labels("bounces", "others.json").items()
        if kind != "not-labelled"
    }
    wrong = []
    for name, kind in others.items():
        found = corpora.letter("bounces", name).verdict.kind
        if found in BOUNCED or (kind == "auto-reply" and found is not Kind.AUTO_REPLY):
            wrong.append(f"{name}: {found.value} ≠ {kind}")
    return Counted(
        "bounces", "others_misjudged", len(wrong), len(others), 0, is_fault=True, wrong=tuple(wrong)
    )


def _without_blocks(corpora: Corpora, wanted: dict[str, list[Row]]) -> Counted:
    """The recipients found by prose alone: how the rules do where a post office keeps to no standard."""
    right, of, wrong = 0, 0, []
    for name, rows in wanted.items():
        raw = corpora.bytes_of("bounces", name)
        bare = _FIELDS.sub(b"", _BLOCKS.sub(b"text/x-hidden", raw))
        if bare == raw:
            continue
        of += 1
        verdict = corpora.judge(f"bounces/{name} (prose)", bare).verdict
        found = {each.address.lower() for each in verdict.recipients}
        asked = {row["recipient"].lower() for row in rows}
        right += found == asked
        if found != asked:
            wrong.append(f"{name}: {verdict.kind.value} {sorted(found)} ≠ {sorted(asked)}")
    return Counted("bounces", "sets_equal_by_prose_alone", right, of, wrong=tuple(wrong))
