"""台阶 — the rungs that one unit has climbed, in order of time, as `show` lists them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from service.journey import Office
from service.office.delivery import CALL_EVENT
from service.office.ladder import COPIED_EVENT, ON_PAPER, REMINDED_EVENT, URGED_EVENT, items_in
from service.office.needs.ledger import Event
from service.office.policy import moment_words

_KINDS = (REMINDED_EVENT, CALL_EVENT, URGED_EVENT, COPIED_EVENT)


def rung_lines(office: Office, campaign: str, unit: str, names: Mapping[str, str]) -> Iterator[str]:
    """Each rung in one line: when, what, about which items, by whom."""
    for event in office.doors.ledger.events(campaign=campaign, unit=unit):
        if event.kind in _KINDS:
            items = "、".join(names.get(each, each) for each in items_in(event))
            about = f"：{items}" if items else ""
            yield f"{moment_words(event.at, office.policy.zone)} {_what(event)}{about}"


def _what(event: Event) -> str:
    about = dict(event.about)
    step = about.get("step", "").partition("@")[0]
    match event.kind:
        case "reminded":
            return f"催办邮件（{step}）"
        case "call-due":
            return f"没有可用的邮箱，转电话催办（{step}）"
        case "copy-delivered":
            return f"催报函抄送件{about.get('say', '')}（{event.actor}）"
        case _:
            how = "打印" if about.get("how") == ON_PAPER else "邮件"
            copy = f"，抄送{about['copy']}" if about.get("copy") else ""
            return f"催报函（{how}{copy}，{event.actor}签发）"
