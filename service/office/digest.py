"""每日情况 — when a working day's digest is due, who reads it, and the code that it carries."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from service.office.digest_code import CodeRow, hash_digest_code, make_digest_code
from service.office.needs.ledger import Ledger
from service.office.policy import Person, Policy

DIGEST_EVENT = "digest"
# Where the shared texts lie: what the office writes to itself is of no one campaign.
SHARED = "letters"
# So long before the written hour the mail is laid into the outbox, to be read at that hour.
LEAD = timedelta(minutes=5)
# A code counts until the office closes on this many working days later: the next digest brings another.
CODE_WORKDAYS = 1


def due_day(ledger: Ledger, policy: Policy, now: datetime) -> date | None:
    """Today, where its digest is still to be written: on a working day, from its hour until closing time.

    Raises CalendarUnknown where nobody has said whether the office works today.
    """
    local = policy.local(now)
    today = local.date()
    starts_at = datetime.combine(today, policy.digest_at, policy.zone) - LEAD
    # After closing time it would tell nobody anything; an office that wants it in the evening has it then.
    end = policy.hours.end if policy.digest_at < policy.hours.end else time.max
    if not starts_at <= local < datetime.combine(today, end, policy.zone):
        return None
    if not readers(policy) or not policy.calendar.is_workday(today):
        return None
    last = last_written(ledger)
    return None if last is not None and policy.local(last).date() >= today else today


def last_written(ledger: Ledger) -> datetime | None:
    """When the newest digest was written; None before the first."""
    return max((each.at for each in ledger.events(kind=DIGEST_EVENT)), default=None)


def readers(policy: Policy) -> tuple[Person, ...]:
    """Whoever wants it, each address once."""
    found: dict[str, Person] = {}
    for each in policy.staff:
        if each.wants_digest:
            found.setdefault(each.address.lower(), each)
    return tuple(found.values())


def digest_key(day: date, rcpt: str) -> str:
    """One digest per day and reader."""
    return f"digest:{day.isoformat()}:{rcpt.lower()}"


def urgent_key(letter: int, rcpt: str) -> str:
    """One word on an urgent return per letter and reader."""
    return f"urgent:{letter}:{rcpt.lower()}"


def errand_key(letter: int, rcpt: str) -> str:
    """One word on what became of an answer, per letter."""
    return f"errand:{letter}:{rcpt.lower()}"


def new_code(policy: Policy, person: Person, dispatch_key: str, now: datetime) -> tuple[str, CodeRow]:
    """A code for one mail to one person, and its row."""
    code = make_digest_code(policy.code_key, dispatch_key, f"{now.timestamp():.0f}")
    last = policy.calendar.add_workdays(policy.local(now).date(), CODE_WORKDAYS)
    row = CodeRow(
        code_hash=hash_digest_code(policy.code_key, code),
        person=person.name,
        address=person.address,
        dispatch_key=dispatch_key,
        at=now,
        expires_at=datetime.combine(last, policy.hours.end, policy.zone),
    )
    return code, row
