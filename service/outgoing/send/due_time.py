"""何时可发: a letter about the missing to others than themselves waits until that may be said for certain."""

from __future__ import annotations

from datetime import datetime, timedelta

from service.office.calendar import CalendarUnknown
from service.office.certainty import doubt
from service.office.needs.ledger import Ledger
from service.office.policy import Policy

# While a letter of somebody is being read, or a mailbox is not: looked at again so soon.
LOOK_AGAIN = timedelta(minutes=15)


def may_go_at(ledger: Ledger, policy: Policy, now: datetime) -> datetime:
    """This instant, or a later one at which to look again: in office hours, and with nothing in doubt."""
    try:
        opening = policy.hours.next_open(now, policy.calendar, policy.zone)
    except CalendarUnknown:
        # Whether the office works today nobody has said; receipts must go out all the same.
        return now + LOOK_AGAIN
    if opening > now:
        return opening
    return now + LOOK_AGAIN if doubt(ledger, policy, now) else now
