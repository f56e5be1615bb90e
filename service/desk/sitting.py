"""逐件办理 — one thing after another that needs a person, with what may be done about it, one key each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from service.desk.decide import Decided, assign, note, settle_dispatch
from service.journey import Office
from service.office.board import DeskRow
from service.office.content import Content
from service.office.dispatch import DispatchState
from service.office.frozen import items_for, open_campaign
from service.office.keeping import GONE
from service.office.letter import Letter, LetterFacts, Stage
from service.office.matter import Matched, Suspect
from service.office.record import from_bytes

# One key each; whoever must be chosen from more units is found by `assign`.
READINGS_MAX = 9
TEXT_LINES_MAX = 30
NOTE_KEY, SKIP_KEY, TEXT_KEY, END_KEY = "n", "s", "t", "q"
_OPEN = (Stage.REVIEW, Stage.ASKED)


@dataclass(frozen=True, slots=True)
class Choice:
    """One key, what it means, and the decision it is."""

    key: str
    say: str
    do: Callable[[], Decided]


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the desk, what a person reads to decide, and what may be decided; none: only by command."""

    row: DeskRow
    words: tuple[str, ...]
    files: tuple[str, ...]
    choices: tuple[Choice, ...]


def case_of(office: Office, row: DeskRow, by: str, now: datetime) -> Case:
    """What stands behind a row, and its choices."""
    what, _, number = row.ref.partition(" ")
    if not number.isdigit():
        return Case(row, (), (), ())
    match what:
        case "来信":
            return _letter_case(office, row, int(number), by, now)
        case "发件":
            return _sending_case(office, row, int(number), by, now)
        case _:
            return Case(row, (), (), ())


def _letter_case(office: Office, row: DeskRow, number: int, by: str, now: datetime) -> Case:
    ledger, archive = office.doors.ledger, office.doors.archive
    letter = ledger.letter(number)
    # What is sealed or gone is shown nowhere, here neither.
    if letter is None or letter.stage is Stage.REFUSED or letter.keeping in GONE:
        return Case(row, (), (), ())
    facts = from_bytes(LetterFacts, archive.get(letter.facts_sha256))
    words = tuple((facts.reply_text.strip() or facts.text.strip()).splitlines())
    files = tuple(f"{at}. {part.name}" for at, part in enumerate(facts.parts, start=1))
    choices = [*_readings(office, letter, by, now)] if letter.stage in _OPEN else []
    seen = partial(note, office, letter.id, by=by, reason="逐件办理时看过，已处理", now=now)
    is_seen = "已看过、已处理，办结" if letter.stage is not Stage.REVIEW else "不是报送，办结"
    return Case(row, words, files, (*choices, Choice(NOTE_KEY, is_seen, seen)))


def _readings(office: Office, letter: Letter, by: str, now: datetime) -> Iterator[Choice]:
    """Every unit and item that the letter may be of, the likeliest first."""
    ledger, archive = office.doors.ledger, office.doors.archive
    sha256 = ledger.matter(letter.id, "match")
    if sha256 is None:
        return
    matched = from_bytes(Matched, archive.get(sha256))
    key = 0
    for suspect in matched.suspects:
        for item, name in _items(office, suspect, matched):
            if (key := key + 1) > READINGS_MAX:
                return
            reason = f"逐件办理时看过来信，按第 {key} 种读法登记"
            do = partial(
                assign,
                office,
                letter.id,
                campaign=suspect.campaign,
                unit=suspect.unit,
                item=item or None,
                by=by,
                reason=reason,
                now=now,
                # A key is pressed sooner than an address is thought about: `assign` remembers it, this not.
                learn=False,
            )
            yield Choice(str(key), f"归“{suspect.unit}”{name}", do)


def _items(office: Office, suspect: Suspect, matched: Matched) -> Iterator[tuple[str, str]]:
    """(item key, words): nothing to choose where the letter says itself what it brings."""
    campaign = open_campaign(suspect.campaign, office.doors.ledger, office.doors.archive)
    if campaign is None:
        return
    named = tuple(dict.fromkeys(each.item for each in matched.assignments))
    if named and suspect.campaign == matched.campaign:
        names = "、".join(f"《{item.name}》" for key in named if (item := campaign.item(key)) is not None)
        yield "", names
        return
    standing = office.doors.ledger.standing(suspect.campaign, suspect.unit)
    for item in items_for(campaign, standing.unit.groups) if standing else campaign.items:
        yield item.key, f"《{item.name}》"


def _sending_case(office: Office, row: DeskRow, number: int, by: str, now: datetime) -> Case:
    """What would go out, or may have gone, stands there to be read."""
    dispatch = office.doors.ledger.dispatch(number)
    words: tuple[str, ...] = ()
    if dispatch is not None:
        content = from_bytes(Content, office.doors.archive.get(dispatch.content_sha256))
        words = (f"发到 {dispatch.rcpt}：{content.subject}", *content.text.splitlines())
    return Case(row, words, (), tuple(_sending(office, number, by, now)))


def _sending(office: Office, number: int, by: str, now: datetime) -> Iterator[Choice]:
    dispatch = office.doors.ledger.dispatch(number)
    if dispatch is None or dispatch.state not in (DispatchState.IN_DOUBT, DispatchState.HELD):
        return
    ways = [
        (
            "r",
            "发出" if dispatch.state is DispatchState.HELD else "再发一次（对方可能收到两封）",
            DispatchState.READY,
        ),
        ("c", "不发了", DispatchState.CANCELLED),
    ]
    if dispatch.state is DispatchState.IN_DOUBT:
        ways.insert(0, ("y", "已经发出", DispatchState.SENT))
    for key, say, to in ways:
        do = partial(settle_dispatch, office, number, to=to, by=by, reason=f"逐件办理时决定：{say}", now=now)
        yield Choice(key, say, do)
