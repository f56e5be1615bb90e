"""Ordinary mail, awkward structure, winmail.dat and replies with their quotations."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from service.office.letter import Kind
from tests.corpora.figures import Counted
from tests.corpora.reading import Corpora, plain_letter

BYTE_EQUAL, MEMBERS, EXACT = 0.95, 0.95, 0.70
MACHINES = (Kind.BOUNCE, Kind.DELAY, Kind.AUTO_REPLY)
_UNNAMED = "untitled attachment"


def ordinary(corpora: Corpora) -> Iterator[Counted]:
    """Letters of people, and those with an awkward structure, which people wrote too."""
    for corpus in ("ordinary", "mime"):
        names = corpora.labels(corpus)
        found = {name: corpora.letter(corpus, name).verdict.kind for name in names}
        wrong = tuple(f"{name}: {kind.value}" for name, kind in found.items() if kind in MACHINES)
        if names:
            yield Counted(corpus, "misjudged", len(wrong), len(names), 0, is_fault=True, wrong=wrong)


def attachments(corpora: Corpora) -> Iterator[Counted]:
    """Files of awkward letters, byte for byte."""
    of, missing = 0, []
    for name, rows in corpora.labels("mime").items():
        hashes = {part.sha256 for part in corpora.letter("mime", name).facts.parts}
        for row in rows:
            of += row["sha256"] is not None
            if row["sha256"] and row["sha256"] not in hashes:
                missing.append(f"{name}: {row['name']} {row['type']}")
    yield Counted("mime", "byte_equal", of - len(missing), of, BYTE_EQUAL, wrong=tuple(missing))


def winmail(corpora: Corpora) -> Iterator[Counted]:
    """What lies in a winmail.dat, by content or by name."""
    of, missing = 0, []
    for name, members in corpora.labels("tnef").items():
        data = base64.encodebytes(corpora.bytes_of("tnef", name)).decode()
        head = "From: li@unit.example\nSubject: x\nContent-Type: application/ms-tnef; name=winmail.dat\n"
        raw = f"{head}Content-Transfer-Encoding: base64\n\n{data}".encode()
        parts = [part for part in corpora.judge(f"tnef/{name}", raw).facts.parts if part.inside]
        hashes, names = {part.sha256 for part in parts}, {part.name.lower() for part in parts}
        for member in members:
            of += 1
            called = str(member["name"]).lower()
            is_there = member["sha256"] in hashes or called in names or (called == _UNNAMED and bool(parts))
            if not is_there:
                missing.append(f"{name}: {member['name']}")
    yield Counted("tnef", "members", of - len(missing), of, MEMBERS, wrong=tuple(missing))


def replies(corpora: Corpora) -> Iterator[Counted]:
    """What is left of a reply once its quotations and signature are cut away."""
    wrong, machines = [], []
    wanted = corpora.labels("replies")
    for name, text in wanted.items():
        body = corpora.bytes_of("replies", f"emails/{name}").decode("utf-8", "replace")
        judged = corpora.judge(f"replies/{name}", plain_letter(body))
        if judged.facts.reply_text.splitlines() != text.strip().splitlines():
            wrong.append(name)
        if judged.verdict.kind is not Kind.PERSON:
            machines.append(f"{name}: {judged.verdict.kind.value}")
    of = len(wanted)
    yield Counted("replies", "exact", of - len(wrong), of, EXACT, wrong=tuple(wrong))
    yield Counted("replies", "misjudged", len(machines), of, 0, is_fault=True, wrong=tuple(machines))
