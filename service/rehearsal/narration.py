"""The rehearsal told as it happens: one line per event, the days as headings, in Chinese."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from io import StringIO

from rich.console import Console, RenderableType

from service.office.deadline import day_in_words
from service.office.needs.ledger import Event
from service.rehearsal.world import World

TABLE_WIDTH = 110
_SENT_WORDS = {
    "notice": "通知",
    "copy": "抄送",
    "receipt": "回执",
    "correction": "补正通知",
    "reminder": "催办",
    "supplement": "补充通知",
    "amendment": "更正通知",
    "withdrawal": "撤回通知",
    "urging": "催报函",
}
# Notices go out by the dozen; one line tells how many.
_COUNTED = ("notice", "copy")


@dataclass(slots=True)
class Narrator:
    """Tells what people do, and then what the office made of it, read from the events of the ledger."""

    world: World
    narrate: Callable[[str], None]
    told: int = 0  # id of the last event told
    day: date | None = None
    steps: dict[str, str] = field(default_factory=dict)  # unit → the chasing step that was last decided

    def say(self, at: datetime, words: str) -> None:
        """One event, under the heading of its day."""
        local = self.world.opened.office.policy.local(at)
        if local.date() != self.day:
            self.day = local.date()
            self.narrate("")
            self.narrate(f"—— {day_in_words(self.day)} ——")
        self.narrate(f"{local:%H:%M}  {words}")

    def tell_news(self) -> None:
        """Every event since the last time."""
        events = [each for each in self.world.opened.office.doors.ledger.events() if each.id > self.told]
        if not events:
            return
        self.told = max(each.id for each in events)
        counted = Counter(_about(each, "kind") for each in events if each.kind == "sent")
        for kind in _COUNTED:
            if counted[kind]:
                self.say(self.world.now, f"　核发：{_SENT_WORDS[kind]} {counted[kind]} 封")
        for event in events:
            words = self._words(event)
            if words:
                self.say(event.at, f"　{words}")

    def show(self, table: RenderableType) -> None:
        """A table, as a terminal would show it."""
        out = StringIO()
        Console(file=out, width=TABLE_WIDTH, force_terminal=False, color_system=None).print(table)
        self.narrate(out.getvalue().rstrip("\n"))

    def _words(self, event: Event) -> str:
        item = self._item(event.item)
        match event.kind:
            case "reminded":
                self.steps[event.unit] = _about(event, "step").partition("@")[0]
                return ""
            case "sent" if (kind := _about(event, "kind")) not in _COUNTED:
                what = _SENT_WORDS.get(kind, kind)
                what += f"（{self.steps.get(event.unit, '')}）" if kind == "reminder" else ""
                return f"核发：{what} → {event.unit}（{_about(event, 'to')}）"
            case "filed":
                valid = "" if _about(event, "valid") == "True" else "，需补正"
                entry, version = _about(event, "entry"), _about(event, "version")
                return f"归档：来信 {event.letter}，{event.unit}《{item}》第 {entry} 件第 {version} 版{valid}"
            case "to-review":
                return f"待人工：来信 {event.letter}，{_about(event, 'outcome')}"
            case "checked-ask" | "checked-note" | "checked-refuse":
                return f"初审：来信 {event.letter}，{_about(event, 'say')}"
            case "bounce":
                return f"退信：{event.unit}，通知没有送达，列为未送达"
            case "auto-reply":
                return f"分拣：来信 {event.letter} 是{event.unit}的自动回复，不算报送，不予答复"
            case "in-doubt" | "alarm":
                return f"存疑：{event.unit}，{_about(event, 'why')}"
            case _:
                return ""

    def _item(self, key: str) -> str:
        found = self.world.campaign.item(key)
        return found.name if found else key


def _about(event: Event, key: str) -> str:
    return dict(event.about).get(key, "")
