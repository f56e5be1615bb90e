"""The JSON lines that scripts rely on: values in, one object a line out, keys exactly as promised."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from service.followup.remind import Foreseen
from service.office.docket import Docket
from service.office.finding import Finding, Problem
from service.office.form import FormReading
from service.office.letter import Letter, LetterFacts, Link, Part, Undelivered, Verdict
from service.office.matter import Matched
from service.office.needs.ledger import HitRow

Shape = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing `doctor` or `health` looked at; `say` is the remedy where it is not in order."""

    check: str
    is_ok: bool
    say: str


@dataclass(frozen=True, slots=True)
class Damage:
    """One thing `verify` found broken; `what` is blob, event, journal or receipt."""

    what: str
    id: str
    say: str


@dataclass(frozen=True, slots=True)
class DemoOutcome:
    """What became of a rehearsal; `doubled` and `lost` are counted from the servers' own logs."""

    campaign: str
    units: int
    sent: int
    letters: int
    returned: int
    in_review: int
    missing: int
    reminders: int
    receipts: int
    undelivered: int
    doubled: int
    lost: int
    seconds: float
    is_as_prescribed: bool
    office: str


def line(shape: Shape) -> str:
    """One object on one line, as it goes to standard output."""
    return json.dumps(shape, ensure_ascii=False)


def error(file: str, say: str) -> Shape:
    """The line of a file that could not be opened."""
    return {"file": file, "error": say}


def status(docket: Docket, now: datetime, zone: tzinfo) -> Shape:
    """One unit and item. `due` is the last second on time, in local time."""
    due = docket.due_until - timedelta(seconds=1) if docket.due_until else None
    return {
        "campaign": docket.campaign,
        "unit": docket.unit,
        "item": docket.item,
        "obligation": docket.obligation.value,
        "state": docket.state.value,
        "due": _instant(due, zone),
        "returned_at": _instant(docket.returned_at, zone),
        "late": docket.is_late,
        "overdue": docket.is_overdue(now),
        "missing": docket.is_missing,
        "electronic": docket.electronic.value if docket.electronic else None,
        "paper": docket.paper.value if docket.paper else None,
        "entries": docket.entries,
        "version": docket.version,
        "promised_on": docket.promised_on.isoformat() if docket.promised_on else None,
        "reason": docket.reason or None,
    }


def explain(
    file: str,
    facts: LetterFacts,
    verdict: Verdict,
    *,
    matched: Matched | None = None,
    findings: Sequence[Finding] | None = None,
    then: str | None = None,
    acknowledge: bool | None = None,
) -> Shape:
    """What a letter is and what would be done with it; the last four are null without a campaign."""
    return {
        "file": file,
        "sha256": facts.raw_sha256,
        "size": facts.size,
        "kind": verdict.kind.value,
        "why": list(verdict.why),
        "from": str(facts.sender) if facts.sender else None,
        "subject": facts.subject or None,
        "message_id": facts.message_id or None,
        "sent_at": facts.sent_at.isoformat() if facts.sent_at else None,
        "text": facts.text,
        "reply_text": facts.reply_text,
        "attachments": [_attachment(each) for each in facts.parts],
        "links": [_link(each) for each in facts.links],
        "recipients": [_recipient(each) for each in verdict.recipients],
        "match": _match(matched) if matched else None,
        "findings": [_finding(each) for each in findings] if findings is not None else None,
        "then": then,
        "acknowledge": acknowledge,
    }


def read_form(file: str, reading: FormReading) -> Shape:
    """The answers in a returned form; `code` is null where its carriers disagree or say nothing."""
    return {
        "file": file,
        "code": reading.code,
        "code_from": [each.value for each in reading.codes_from],
        "fields": {each.key: {"value": each.value, "from": each.found_by.value} for each in reading.fields},
        "flags": list(reading.flags),
    }


def lint(problem: Problem) -> Shape:
    """One thing wrong in a template or a campaign; `say` names the place and the remedy."""
    return {
        "file": problem.file,
        "severity": "error" if problem.is_error else "warning",
        "code": problem.code,
        "paragraph": problem.paragraph,
        "text": problem.text or None,
        "say": f"{problem.place}：{problem.say}" if problem.place else problem.say,
    }


def why(letter: Letter, hits: Sequence[HitRow]) -> Shape:
    """Every rule tried on a letter, hits and misses, and what came of it."""
    return {
        "letter": str(letter.id),
        "steps": [
            {
                "stage": each.stage,
                "rule": each.rule,
                "version": each.version,
                "hit": each.is_hit,
                "say": each.say,
            }
            for each in hits
        ],
        "outcome": letter.outcome or letter.stage.value,
    }


def verify(checked: int, damaged: Sequence[Damage], head: str) -> Shape:
    """How many blobs and events were checked, what is damaged, and the head of the event chain."""
    return {
        "checked": checked,
        "damaged": [{"what": each.what, "id": each.id, "say": each.say} for each in damaged],
        "head": head or None,
    }


def journey(stage: str, word: str, say: str) -> Shape:
    """One stage of the journey."""
    return {"stage": stage, "word": word, "say": say}


def doctor(check: Check) -> Shape:
    """One check of the office's surroundings."""
    return {"check": check.check, "ok": check.is_ok, "say": check.say}


def demo(outcome: DemoOutcome) -> Shape:
    """The last line of a rehearsal."""
    return {
        "campaign": outcome.campaign,
        "units": outcome.units,
        "sent": outcome.sent,
        "letters": outcome.letters,
        "returned": outcome.returned,
        "in_review": outcome.in_review,
        "missing": outcome.missing,
        "reminders": outcome.reminders,
        "receipts": outcome.receipts,
        "undelivered": outcome.undelivered,
        "doubled": outcome.doubled,
        "lost": outcome.lost,
        "seconds": round(outcome.seconds, 1),
        "as_prescribed": outcome.is_as_prescribed,
        "office": outcome.office,
    }


def _instant(at: datetime | None, zone: tzinfo) -> str | None:
    return at.astimezone(zone).replace(microsecond=0).isoformat() if at else None


def _attachment(part: Part) -> Shape:
    return {
        "name": part.name,
        "sha256": part.sha256,
        "size": part.size,
        "type": part.type,
        "inside": part.inside,
        "flags": [flag.value for flag in part.flags],
    }


def _link(link: Link) -> Shape:
    return {
        "provider": link.provider,
        "name": link.name or None,
        "size": link.size or None,
        "expires": link.expires.isoformat() if link.expires else None,
        "url": link.url,
    }


def _recipient(recipient: Undelivered) -> Shape:
    return {
        "address": recipient.address,
        "status": recipient.status or None,
        "class": recipient.bounce_class.value,
        "retire": recipient.retire,
        "text": recipient.text,
    }


def _match(matched: Matched) -> Shape:
    return {
        "campaign": matched.campaign,
        "unit": matched.unit,
        # An item answered by several entries of one letter is named once.
        "items": list(dict.fromkeys(each.item for each in matched.assignments)),
        "certain": matched.is_certain,
        "hits": list(matched.hits),
        "misses": list(matched.misses),
    }


def _finding(finding: Finding) -> Shape:
    return {"code": finding.code, "item": finding.item, "place": finding.place, "say": finding.say}


def foreseen(row: Foreseen, campaign: str, on: date, zone: tzinfo, waits_for: Sequence[str]) -> Shape:
    """One unit of a day's chasing; `held` says why it is not chased, `waits_for` what holds all of it now."""
    return {
        "campaign": campaign,
        "on": on.isoformat(),
        "unit": row.unit,
        "step": row.step.partition("@")[0],
        "items": list(row.items),
        "rcpts": list(row.rcpts),
        "at": _instant(row.at, zone),
        "call": row.is_call,
        "held": row.why.value if row.why else None,
        "until": row.until.isoformat() if row.until else None,
        "waits_for": list(waits_for),
    }
