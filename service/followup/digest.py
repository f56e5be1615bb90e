"""每日情况 — one mail a working day to whoever of the office wants it: new, missing, doubtful, due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from service.office.board import Board, DeskRow
from service.office.brief import (
    DOUBTFUL,
    GroupBrief,
    UnitBrief,
    briefs,
    has_several_items,
    left_of_all,
    listed,
    whole,
)
from service.office.change import Change, QueueDispatch, Record
from service.office.content import Content
from service.office.digest import DIGEST_EVENT, SHARED, digest_key, due_day, last_written, new_code, readers
from service.office.digest_code import CodeRow, PutCode
from service.office.dispatch import EVERYTHING, DispatchKind, NewDispatch
from service.office.docket import DocketState
from service.office.letter import Letter, Stage
from service.office.message_id import make_message_id
from service.office.needs.archive import Archive
from service.office.needs.ledger import Ledger
from service.office.needs.press import Value
from service.office.needs.wording import Words
from service.office.policy import Person, Policy, day_words, moment_words
from service.office.record import to_bytes
from service.office.tally import OUTSIDE, UNGROUPED, group_of, mailbox_sentence, unassigned_words

# A mail is read on a telephone: of longer lists the first are named, and the workbook has the rest.
NAMES_MAX = 20
LETTERS_MAX = 12
WORDS_MAX = 80
_UNSETTLED = (Stage.RECEIVED, Stage.SORTED, Stage.MATCHED, Stage.REVIEW)
# Desk rows that are letters are told one by one, with their numbers; of the others only how many.
_LETTER_KINDS = ("待人工", "询问")
_NUMBERS = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Digest:
    """Writes the day's mails into the outbox; only the daemon asks it, as it does the canary.

    `running`, `board` and `is_blind` are handed over by the journey: stages do not know each other.
    """

    ledger: Ledger
    archive: Archive
    words: Words
    policy: Policy
    running: Callable[[], Sequence[str]]
    board: Callable[[str, datetime], Board]
    is_blind: Callable[[datetime], bool]

    def look(self, now: datetime) -> bool:
        """Write today's when it is due; True when it was. Raises PressError, CalendarUnknown."""
        day = due_day(self.ledger, self.policy, now)
        campaigns = self.running() if day is not None else ()
        if day is None or not campaigns:
            return False
        # Sealed first: what the mail names then covers everything that the mail tells of.
        head = self.ledger.seal(now)
        told = self._told(campaigns, day, head, now)
        changes: list[Change] = []
        for person in readers(self.policy):
            changes += self._mail(person, day, told, now)
        names = "、".join(each.name for each in readers(self.policy))
        about = (("day", day.isoformat()), ("head", head), ("to", names))
        changes.append(Record(DIGEST_EVENT, now, "系统", about=about))
        # Refused as a whole where another process has written it: the codes' keys see to that.
        return self.ledger.apply(changes)

    def _mail(self, person: Person, day: date, told: dict[str, Value], now: datetime) -> list[Change]:
        policy, key = self.policy, digest_key(day, person.address)
        code, row = new_code(policy, person, key, now)
        wording = self.words.write("digest", SHARED, {**told, **_for(person, code, row, policy)})
        content = Content(wording.subject, wording.text, html=wording.html)
        dispatch = NewDispatch(
            dedupe_key=key,
            kind=DispatchKind.REPORT,
            campaign="",
            unit="",
            rcpt=person.address,
            account=policy.account,
            message_id=make_message_id(policy.code_key, key, policy.sender_domain),
            content_sha256=self.archive.put(to_bytes(content)),
            due_at=now,
        )
        return [PutCode(row), QueueDispatch(dispatch)]

    # --- what it says ---------------------------------------------------------------------------------------

    def _told(self, campaigns: Sequence[str], day: date, head: str, now: datetime) -> dict[str, Value]:
        policy, since = self.policy, last_written(self.ledger)
        boards = [self.board(key, now) for key in campaigns]
        chased = self._chased_today(boards, day)
        letters = self._letters()
        loose = self._count_loose()
        missing = sum(len(group.missing) for board in boards for group in briefs(board))
        campaign_facts: list[Value] = [
            self._campaign(board, number, since, chased) for number, board in enumerate(boards)
        ]
        return {
            "office": policy.office_name,
            "day_words": day_words(day),
            "short_day": f"{day.month}月{day.day}日",
            "at_words": moment_words(now, policy.zone),
            "since_words": moment_words(since, policy.zone) if since else "",
            "campaigns": campaign_facts,
            "missing": str(missing),
            "waiting": str(len(letters)),
            "letters": [_letter_facts(each, policy) for each in letters[:LETTERS_MAX]],
            "letters_more": str(len(letters) - LETTERS_MAX) if len(letters) > LETTERS_MAX else "",
            "others": _others(boards),
            "loose": unassigned_words(loose) if loose else "",
            "mailbox": mailbox_sentence(boards[0]),
            "is_blind": self.is_blind(now),
            "example": _example(boards, letters),
            "head": head,
        }

    def _campaign(
        self, board: Board, number: int, since: datetime | None, chased: dict[str, set[str]]
    ) -> dict[str, Value]:
        groups = briefs(board)
        fresh = self._fresh(board, since)
        due = chased.get(board.campaign, set())
        names = list(dict.fromkeys([*(each.name for each in groups), *fresh]))
        by_name = {each.name: each for each in groups}
        with_items = has_several_items(board)
        blocks: list[Value] = [
            {
                "name": name,
                "counts": by_name[name].counts_words if name in by_name else "",
                "new": listed(fresh.get(name, []), NAMES_MAX, "件"),
                **_lists(by_name.get(name), with_items, due),
            }
            for name in names
        ]
        return {
            "number": _NUMBERS[number] if number < len(_NUMBERS) else str(number + 1),
            "title": board.title,
            "key": board.campaign,
            "counts": whole(groups).counts_words if groups else "没有必须报送的材料",
            "has_groups": len(groups) > 1 or names not in ([], [UNGROUPED], [OUTSIDE]),
            "groups": blocks,
        }

    def _fresh(self, board: Board, since: datetime | None) -> dict[str, list[str]]:
        """What was filed since the last digest, by group: 单位（材料）, each once."""
        rows = {(row.docket.unit, row.docket.item): row for row in board.rows}
        found: dict[str, list[str]] = {}
        for filing in self.ledger.filings(board.campaign):
            row = rows.get((filing.unit, filing.item))
            if row is None or not filing.is_valid or (since is not None and filing.filed_at <= since):
                continue
            named = f"{row.unit_name}（{row.item_name}）"
            group = found.setdefault(group_of(row), [])
            if named not in group:
                group.append(named)
        return found

    def _chased_today(self, boards: Sequence[Board], day: date) -> dict[str, set[str]]:
        """By campaign, units whose step falls due by the end of this day and who still owe what it names."""
        midnight = datetime.combine(day + timedelta(days=1), time(0), self.policy.zone)
        paused = {each.campaign for each in self.ledger.pauses()}
        owed = {row.docket.key for board in boards for row in board.rows if row.docket.is_missing}
        found: dict[str, set[str]] = {}
        for timer in self.ledger.timers_due(midnight - timedelta(microseconds=1)):
            if EVERYTHING in paused or timer.campaign in paused:
                continue
            if any((timer.campaign, timer.unit, item) in owed for item in timer.items):
                found.setdefault(timer.campaign, set()).add(timer.unit)
        return found

    def _letters(self) -> list[Letter]:
        """Letters that wait for a person, the oldest first."""
        waiting = [each for stage in (Stage.REVIEW, Stage.ASKED) for each in self.ledger.letters(stage=stage)]
        return sorted(waiting, key=lambda letter: (letter.received_at, letter.id))

    def _count_loose(self) -> int:
        """Letters that are nobody's yet, each once, however many campaigns run."""
        return sum(each.unit is None for stage in _UNSETTLED for each in self.ledger.letters(stage=stage))


def _for(person: Person, code: str, row: CodeRow, policy: Policy) -> dict[str, Value]:
    shown = f"{code[:4]}-{code[4:]}"
    return {"person": person.name, "code": shown, "until_words": moment_words(row.expires_at, policy.zone)}


def _lists(group: GroupBrief | None, with_items: bool, due: set[str]) -> dict[str, Value]:
    """Names under each heading; empty where there is none."""

    def said(units: Iterable[UnitBrief], *, always: bool = False, with_left: bool = True) -> str:
        named = (each.words(with_items=with_items or always, with_left=with_left) for each in units)
        return listed(list(named), NAMES_MAX)

    if group is None:
        names = ("missing", "missing_left", "doubtful", "undelivered", "promised", "chased")
        return dict.fromkeys(names, "")
    apart, left = group.in_states, left_of_all(group.missing)
    return {
        "missing": said(group.missing, with_left=not left),
        "missing_left": left,
        "doubtful": said(apart(*DOUBTFUL), always=True),
        "undelivered": said(apart(DocketState.UNDELIVERED, DocketState.NOT_SENT)),
        "promised": said(apart(DocketState.PROMISED)),
        "chased": listed([each.name for each in group.missing if each.key in due], NAMES_MAX),
    }


def _letter_facts(letter: Letter, policy: Policy) -> dict[str, Value]:
    at = policy.local(letter.received_at)
    return {
        "number": str(letter.id),
        "sender": letter.sender or "（没有寄件人）",
        "subject": _short(letter.subject or "无主题"),
        "at_words": f"{at.month}月{at.day}日{at:%H:%M}",
        "say": _short(letter.outcome) if letter.outcome else "请看来信",
    }


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= WORDS_MAX else plain[: WORDS_MAX - 1] + "…"


def _others(boards: Sequence[Board]) -> str:
    """存疑 1 件、紧急 2 件: what else needs a person, each once though it stands on several boards."""
    rows: dict[tuple[str, str, str], DeskRow] = {}
    for board in boards:
        rows |= {(row.campaign, row.kind, row.ref): row for row in board.desk}
    counts = Counter(row.kind for row in rows.values() if row.kind not in _LETTER_KINDS)
    return "、".join(f"{kind} {count} 件" for kind, count in counts.items())


def _example(boards: Sequence[Board], letters: Sequence[Letter]) -> dict[str, Value]:
    """A letter, a unit and an item that there are, so that the lines to be typed are no riddle."""
    campaign, unit, item = next(_missing_dockets(boards), ("", "单位", "材料"))
    return {
        "letter": str(letters[0].id) if letters else "12",
        # Where several run, only its name tells which is meant.
        "campaign": f"{campaign} " if campaign and len(boards) > 1 else "",
        "unit": unit,
        "item": item,
    }


def _missing_dockets(boards: Sequence[Board]) -> Iterator[tuple[str, str, str]]:
    return (
        (board.campaign, row.unit_name, row.docket.item)
        for board in boards
        for row in board.rows
        if row.docket.is_missing
    )
