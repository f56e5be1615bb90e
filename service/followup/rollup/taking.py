"""读回 — what staff typed into 推荐 and 评语 becomes events; what cannot be taken is said, and kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from service.office.change import Record
from service.office.needs.ledger import Event
from service.office.rollup import (
    BOOK,
    CHOSEN_EVENT,
    REMARK_LENGTH_MAX,
    Choice,
    RowKey,
    Typed,
    Unplaced,
    chosen_word,
)
from service.office.roster import unit_key

UNPLACED_EVENT = "choice-unplaced"
_WORDS = {True: "yes", False: "no", None: ""}


@dataclass(frozen=True, slots=True)
class Taken:
    """What reading a workbook back comes to: choices by key, and what could not be taken with the reason."""

    choices: Mapping[RowKey, Choice]
    unplaced: tuple[tuple[Typed, str], ...]


def chosen(campaign: str, key: RowKey, choice: Choice, at: datetime, actor: str, via: str = "") -> Record:
    """The event that holds a choice, whole: the newest one of an entry counts."""
    about = (
        ("entry", str(key.entry)),
        ("recommended", _WORDS[choice.recommended]),
        ("remark", choice.remark),
        *((("via", via),) if via else ()),
    )
    return Record(CHOSEN_EVENT, at, actor, campaign, key.unit, key.item, about=about)


def take(typed: Iterable[Typed], rows: Collection[RowKey], now: Mapping[RowKey, Choice]) -> Taken:
    """Compare every row with what was written there, and that with what the ledger says by now."""
    choices: dict[RowKey, Choice] = {}
    unplaced: list[tuple[Typed, str]] = []
    for each in typed:
        if not each.is_touched:
            continue
        if each.key is None:
            unplaced.append(
                (each, "看不出是本活动的哪一行：请不要删改隐藏的编号列、自己添行，或放进别的活动的汇总表")
            )
        elif each.key not in rows:
            unplaced.append((each, "这一件已不在汇总表中（改归了别的单位，或已撤回）"))
        else:
            choice, why = _merged(each, now.get(each.key, Choice()))
            choices[each.key] = choice
            unplaced += [(each, why)] if why else []
    changed = {key: choice for key, choice in choices.items() if choice != now.get(key, Choice())}
    return Taken(changed, tuple(unplaced))


def _merged(typed: Typed, now: Choice) -> tuple[Choice, str]:
    """What the ledger shall say, and what was not taken over; each of the two columns by itself."""
    choice, wrong = now, []
    try:
        word = chosen_word(typed.recommended)
    except ValueError:
        wrong.append(f"“推荐”栏的“{typed.recommended[:20]}”看不懂，请填“推荐”“不推荐”，或空着")
    else:
        is_new = word not in {typed.was.recommended, now.recommended}
        if not is_new:
            word = now.recommended
        elif now.recommended != typed.was.recommended:
            wrong.append(f"填写期间台账已改为“{now.word or '（空）'}”，以台账为准")
            word = now.recommended
        choice = replace(choice, recommended=word)
    remark = typed.remark
    if remark in {typed.was.remark, now.remark}:
        return choice, "；".join(wrong)
    if now.remark != typed.was.remark:
        wrong.append(f"填写期间台账中的评语已改为“{now.remark or '（空）'}”，以台账为准")
    elif len(remark) > REMARK_LENGTH_MAX:
        wrong.append(f"评语超过 {REMARK_LENGTH_MAX} 字，请缩短后再填")
    else:
        choice = replace(choice, remark=remark)
    return choice, "；".join(wrong)


def records(
    campaign: str, taken: Taken, known: Sequence[Unplaced], at: datetime, saved_by: str
) -> Iterator[Record]:
    """Events for all of it; what is known to be unplaced already is not said again."""
    for key, choice in taken.choices.items():
        yield chosen(campaign, key, choice, at, saved_by or BOOK, via=BOOK)
    before = {(each.key, each.unit_name, each.typed, each.why) for each in known}
    for typed, why in taken.unplaced:
        words = typed_words(typed)
        if (typed.key, typed.unit_name, words, why) in before:
            continue
        where = typed.key
        about = (
            ("entry", str(where.entry) if where else ""),
            ("unit-name", typed.unit_name),
            ("typed", words),
            ("why", why),
        )
        unit, item = (where.unit, where.item) if where else ("", "")
        yield Record(UNPLACED_EVENT, at, saved_by or BOOK, campaign, unit, item, about=about)


def typed_words(typed: Typed) -> str:
    """What was typed, in one line for people."""
    pairs = (("推荐", typed.recommended), ("评语", typed.remark))
    return "；".join(f"{name}：{said}" for name, said in pairs if said) or "（清空）"


def unplaced_of(
    events: Iterable[Event], settled: Iterable[Event], item_names: Mapping[str, str], zone: tzinfo
) -> tuple[Unplaced, ...]:
    """What still waits: a choice of the same entry made later settles it; `settled` are those choices."""
    last: dict[RowKey, int] = {}
    of_unit: dict[str, int] = {}  # where the row is not known, any later choice for the unit settles it
    for event in settled:
        last[_key(event)] = of_unit[event.unit] = event.id
    found: dict[tuple[RowKey | None, str, str], Unplaced] = {}
    for event in events:
        about = dict(event.about)
        typed, name = about.get("typed", ""), about.get("unit-name", "")
        key = _key(event) if about.get("entry") else None
        later = last.get(key, 0) if key is not None else of_unit.get(unit_key(name), 0)
        if later > event.id:
            continue
        item = item_names.get(event.item, event.item)
        found[key, name, typed] = Unplaced(
            key, name, item, typed, about.get("why", ""), event.at.astimezone(zone)
        )
    return tuple(found.values())


def _key(event: Event) -> RowKey:
    return RowKey(event.item, event.unit, int(dict(event.about).get("entry") or 1))
