"""Automatic replies sent the whole way through a rehearsed office: would one be counted or answered?"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from service.office.dispatch import DispatchKind
from service.office.letter import Kind, Letter, Stage
from tests.corpora.figures import Counted
from tests.corpora.reading import Corpora, plain_letter
from tests.stories.prescription import mail
from tests.stories.sample_office import SHANXI, Released, SampleOffice, release_once

_COUNTED = (Stage.CHECKED, Stage.FILED, Stage.ACKNOWLEDGED)
_OPEN = (Stage.RECEIVED, Stage.SORTED, Stage.MATCHED)


@dataclass(frozen=True, slots=True)
class Variant:
    """One way in which an automatic body may arrive."""

    name: str
    mark: str
    headers: tuple[tuple[str, str], ...] = ()


VARIANTS = (
    Variant("qq_marks", "自动回复: ", (("X-QQ-HolidayReply", "true"), ("X-Mailer", "QQMail 2.x"))),
    Variant("subject_mark", "自动回复："),
    Variant("no_mark", "Re: "),
)


def measure(corpora: Corpora) -> Iterator[Counted]:
    """Bodies of real automatic replies, three ways each, and remarks that people made."""
    path = corpora.folder / "auto-replies" / "bodies.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    bodies = [str(row["body"]) for row in rows if row["kind"] == "auto"]
    with tempfile.TemporaryDirectory(prefix="huizhi-corpora-") as place:
        released = release_once(Path(place))
        for variant in VARIANTS:
            yield _variant(released, Path(place) / variant.name, variant, bodies)
    remarks = [str(row["body"]) for row in rows if row["kind"] != "auto"]
    judged = {body: corpora.judge(f"remark {body[:20]}", plain_letter(body)).verdict.kind for body in remarks}
    wrong = tuple(body[:60] for body, kind in judged.items() if kind is not Kind.PERSON)
    yield Counted("auto-replies", "human_remarks_classed_auto", len(wrong), len(remarks), 0, True, wrong)


def chinese(corpora: Corpora) -> Iterator[Counted]:
    """Automatic letters of Chinese providers: kind, recipients, and no address retired."""
    wanted = corpora.labels("chinese-automatic")
    wrong = []
    for name, row in wanted.items():
        verdict = corpora.letter("chinese-automatic", name).verdict
        found = [each.address for each in verdict.recipients]
        asked = [each["recipient"] for each in row.get("recipients", [])]
        is_retired = any(each.retire for each in verdict.recipients)
        if verdict.kind.value != row["kind"] or found != asked or is_retired:
            wrong.append(f"{name}: {verdict.kind.value} {found}{' retired' if is_retired else ''}")
    yield Counted("chinese-automatic", "misjudged", len(wrong), len(wanted), 0, True, tuple(wrong))


def _variant(released: Released, place: Path, variant: Variant, bodies: list[str]) -> Counted:
    """Each body comes from another unit, so that no daily cap hides an answer."""
    office = released.copy(place)
    try:
        units = [
            (each.unit, each.rcpt)
            for each in office.ledger.dispatches(SHANXI, kinds=(DispatchKind.NOTICE,))
            if each.unit
        ]
        before = len(office.world.accepted)
        for at, body in enumerate(bodies):
            unit, rcpt = units[at % len(units)]
            office.arrive(_letter(office, unit, rcpt, body, variant))
        office.until("2024-08-20 12:00")
        letters = office.letters()
        answers = len(office.world.accepted) - before
        counted = [each for each in letters if each.stage in _COUNTED]
        stuck = [each for each in letters if each.stage in _OPEN]
        wrong = tuple(_said(each) for each in (*counted, *stuck))
        stages = Counter(each.stage.value for each in letters)
        say = "、".join(f"{stage} {number}" for stage, number in sorted(stages.items()))
        return Counted(
            *("auto-replies", f"counted_with_{variant.name}", len(wrong) + answers, len(bodies), 0, True),
            wrong,
            f"{say}；发出答复 {answers}",
        )
    finally:
        office.stop()


def _letter(office: SampleOffice, unit: str, rcpt: str, body: str, variant: Variant) -> bytes:
    raw = mail(office, rcpt, body, unit, mark=variant.mark, quote="none", headers=variant.headers)
    # Two units may share an address; the letters must still be two.
    return raw.replace(b"@client.example>", f".{unit.__hash__() & 0xFFFF}@client.example>".encode(), 1)


def _said(letter: Letter) -> str:
    return f"{letter.stage.value}：{letter.outcome[:60]} {letter.subject[:40]}"
