"""办理暂停 — stop a campaign's notices and reminders, or let them go on; always with name and reason."""

from __future__ import annotations

from datetime import datetime

from service.desk.decide.word import Decided, missing_word, refuse
from service.journey import Office
from service.office.change import Record, Resume
from service.office.dispatch import EVERYTHING
from service.office.pausing import RESUMED_EVENT, pause_changes


def pause(office: Office, campaign: str, *, by: str, reason: str, now: datetime) -> Decided:
    """A campaign's notices and reminders wait; answers to letters go on."""
    if refused := missing_word(office, by, reason):
        return refuse(refused)
    if not office.doors.ledger.apply(pause_changes(campaign, reason, now, by)):
        return refuse(f"“{campaign}”已经是暂停的")
    return Decided(True, f"“{campaign}”已暂停：通知和催办不再发出，回执照发；继续用 resume")


def resume(office: Office, campaign: str, *, by: str, reason: str, now: datetime) -> Decided:
    """Go on; what is still due goes out by itself."""
    if refused := missing_word(office, by, reason):
        return refuse(refused)
    about = (("reason", reason),)
    name = campaign or "全部发信"
    if campaign == EVERYTHING and office.doors.trace is not None:
        # First: held once more is better than a ledger that is thought to be whole.
        office.doors.trace.accept()
    if not office.doors.ledger.apply(
        [Resume(campaign), Record(RESUMED_EVENT, now, by, campaign, about=about)]
    ):
        return refuse(f"“{name}”没有暂停")
    return Decided(True, f"“{name}”已继续：该发的随即发出")
