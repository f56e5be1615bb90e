"""办理 — what staff ask for by answering the digest, carried out once, and told in one mail. [条例25]"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from service.office.change import Change, QueueDispatch, Record
from service.office.content import Content
from service.office.digest import SHARED, errand_key, new_code
from service.office.digest_code import (
    WRONG_CODES_MAX,
    CodeRow,
    CodeState,
    PutCode,
    SettleCode,
    SettleErrand,
    hash_digest_code,
)
from service.office.dispatch import DispatchKind, NewDispatch
from service.office.errand import DONE_EVENT, Answered, Errand, read_answer_to_digest
from service.office.letter import Letter, LetterFacts, Stage
from service.office.message_id import make_message_id
from service.office.needs.archive import Archive
from service.office.needs.errands import Errands
from service.office.needs.ledger import Ledger
from service.office.needs.press import Value
from service.office.needs.wording import Words
from service.office.policy import Policy, moment_words
from service.office.reading import Advance, NoteHits
from service.office.record import from_bytes, to_bytes
from service.office.rule import RuleHit
from service.office.trust import Trust, trust_in

VERSION = 1
# So many words to one reader in a day; beyond that two programs would be talking to each other [law 4].
TOLD_MAX = 30
REFUSED_EVENT = "errand-refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one line."""

    typed: str
    is_done: bool
    say: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """Why nothing of a letter is carried out. `stage` is where it ends: noted, or before a person."""

    say: str
    stage: Stage = Stage.ASKED
    tells: bool = False
    is_wrong_code: bool = False
    is_void: bool = False


@dataclass(frozen=True, slots=True)
class CarryOut:
    """Acts upon letters that sorting recognised as answers to a digest. A piece of work is one letter.

    Each line is one transaction together with the event that says so; a line that has its event is never
    carried out again. The code is claimed by the letter before the first of them.
    """

    ledger: Ledger
    archive: Archive
    words: Words
    policy: Policy
    errands: Callable[[], Errands | None]

    name = "carry-out"

    def waiting(self, now: datetime) -> Sequence[str]:
        """Letters that answer, in order of arrival."""
        return [str(letter) for letter, _ in self.ledger.errands_waiting()] if self.errands() else []

    def handle(self, piece: str, now: datetime) -> bool:
        """One answer; True when it must be looked at again."""
        number = next((each for letter, each in self.ledger.errands_waiting() if str(letter) == piece), 0)
        row = self.ledger.code_of(number=number) if number else None
        letter = self.ledger.letter(int(piece))
        hand = self.errands()
        if row is None or letter is None or hand is None:
            return False
        facts = from_bytes(LetterFacts, self.archive.get(letter.facts_sha256))
        read = self._read(facts, row)
        refused = self._refusal(letter, facts, row, read, now)
        if refused is not None:
            return not self.ledger.apply(self._refused(letter, facts, row, refused, now))
        if row.state is CodeState.OPEN and not self.ledger.apply(
            [SettleCode(row.id, CodeState.USED, letter.id)]
        ):
            return True  # another letter was quicker: judged anew
        outcomes = self._carried_out(letter, row, read, hand, now)
        return not self.ledger.apply(self._finished(letter, facts, row, read, outcomes, now))

    # --- judging --------------------------------------------------------------------------------------------

    def _read(self, facts: LetterFacts, row: CodeRow) -> Answered:
        def is_code(code: str) -> bool:
            return hash_digest_code(self.policy.code_key, code) == row.code_hash

        names = (row.person, self.policy.office_name)
        return read_answer_to_digest(facts.reply_text, is_code, names)

    def _refusal(
        self, letter: Letter, facts: LetterFacts, row: CodeRow, read: Answered, now: datetime
    ) -> Ruling | None:
        """Why this letter changes nothing, or None: it is the reader's own word, with the code, in time."""
        sender = facts.sender.key if facts.sender else ""
        if sender != row.address.lower():
            return Ruling(f"来信带有 {row.person} 的口令，但不是其本人的邮箱（{sender}），没有办理")
        if trust_in(facts) is Trust.MISMATCH:
            return Ruling(
                f"这封“{row.person}”的答复没有通过发件人验证，可能是冒名，没有办理：请当面或电话核实"
            )
        if row.letter == letter.id:
            return None  # begun before, and cut off
        if not read.errands and not read.has_code:
            if not read.unread:
                return Ruling(f"{row.person} 回复每日情况，没有要办的事，只作记录", Stage.NOTED)
            return Ruling(f"{row.person} 回复每日情况，不是可以办理的写法，请看来信")
        if row.state is not CodeState.OPEN:
            what = "已经用过" if row.state is CodeState.USED else "因多次写错已经作废"
            say = f"口令{what}，没有办理：请用最近一封每日情况或办理结果里的口令"
            return Ruling(say, Stage.NOTED, tells=True)
        if not read.has_code:
            return self._wrong_code(row)
        if now > row.expires_at:
            until = moment_words(row.expires_at, self.policy.zone)
            say = f"口令已于{until}过期，没有办理：请用最近一封每日情况里的口令"
            return Ruling(say, Stage.NOTED, tells=True)
        if read.is_too_long:
            return Ruling("来信太长，没有办理：请分几封写", Stage.NOTED, tells=True)
        return None

    def _wrong_code(self, row: CodeRow) -> Ruling:
        wrong = self.ledger.events(kind=REFUSED_EVENT)
        count = 1 + sum(dict(each.about).get("code") == str(row.id) for each in wrong)
        say = "没有写对口令，没有办理"
        if count >= WRONG_CODES_MAX:
            say = f"{say}；已经 {count} 次，这个口令作废：请等下一封每日情况"
            return Ruling(say, tells=True, is_wrong_code=True, is_void=True)
        return Ruling(f"{say}：口令在每日情况末尾，请写在最上面一行", tells=True, is_wrong_code=True)

    # --- acting ---------------------------------------------------------------------------------------------

    def _carried_out(
        self, letter: Letter, row: CodeRow, read: Answered, hand: Errands, now: datetime
    ) -> list[Outcome]:
        done = {
            dict(each.about).get("line", "") for each in self.ledger.events(letter=letter.id, kind=DONE_EVENT)
        }
        found: list[Outcome] = []
        for errand in read.errands:
            if str(errand.line) in done:
                # Cut off after it was done; what was said of it then is gone, the deed is not.
                found.append(Outcome(errand.typed, True, "已办理"))
                continue
            told = hand.carry_out(errand, row.person, now, [_done(letter, errand, row.person, now)])
            found.append(Outcome(errand.typed, told.is_done, told.say))
        return found

    def _finished(
        self,
        letter: Letter,
        facts: LetterFacts,
        row: CodeRow,
        read: Answered,
        outcomes: Sequence[Outcome],
        now: datetime,
    ) -> list[Change]:
        failed = [each for each in outcomes if not each.is_done]
        say = f"{row.person} 回复每日情况：办成 {len(outcomes) - len(failed)} 件"
        say += f"，没有办成 {len(failed)} 件" if failed else ""
        say += f"，{len(read.unread)} 行没有看懂" if read.unread else ""
        told = self._told(letter, facts, row, read, outcomes, "", now)
        # Nobody would hear of it: then a person looks.
        is_silent = not told and bool(failed or read.unread)
        stage = Stage.ASKED if is_silent else Stage.NOTED
        return [*self._settled(letter, row, say, stage, now), *told]

    def _refused(
        self, letter: Letter, facts: LetterFacts, row: CodeRow, ruling: Ruling, now: datetime
    ) -> list[Change]:
        changes = self._settled(letter, row, ruling.say, ruling.stage, now)
        if ruling.is_wrong_code:
            about = (("code", str(row.id)), ("from", letter.sender))
            changes.append(Record(REFUSED_EVENT, now, "系统", letter=letter.id, about=about))
        if ruling.is_void:
            changes.append(SettleCode(row.id, CodeState.VOID, letter.id))
        if ruling.tells:
            nothing = Answered((), (), has_code=False)
            changes += self._told(letter, facts, row, nothing, (), ruling.say, now)
        return changes

    def _settled(self, letter: Letter, row: CodeRow, say: str, stage: Stage, now: datetime) -> list[Change]:
        about = (("code", str(row.id)), ("say", say[:500]))
        return [
            SettleErrand(letter.id, now),
            Advance(letter.id, letter.stage, stage, now, outcome=say[:1000]),
            NoteHits(letter.id, self.name, (RuleHit("answer-to-the-digest", VERSION, True, say[:500]),)),
            Record("errand-settled", now, row.person, letter=letter.id, about=about),
        ]

    # --- telling --------------------------------------------------------------------------------------------

    def _told(
        self,
        letter: Letter,
        facts: LetterFacts,
        row: CodeRow,
        read: Answered,
        outcomes: Sequence[Outcome],
        refused: str,
        now: datetime,
    ) -> list[Change]:
        """One mail to the reader's own address, with a code for the next answer where this one was used."""
        policy = self.policy
        midnight = datetime.combine(policy.local(now).date(), time(0), policy.zone)
        if self.ledger.count_sent(row.address, (DispatchKind.REPORT,), midnight) >= TOLD_MAX:
            return []
        person = policy.person(row.person)
        key = errand_key(letter.id, row.address)
        code, fresh = "", None
        if not refused and person is not None and person.address.lower() == row.address.lower():
            code, fresh = new_code(policy, person, key, now)
        wording = self.words.write(
            "errand", SHARED, self._words(row, facts, read, outcomes, refused, code, fresh)
        )
        content = Content(wording.subject, wording.text, auto_submitted="auto-replied", html=wording.html)
        dispatch = NewDispatch(
            dedupe_key=key,
            kind=DispatchKind.REPORT,
            campaign="",
            unit="",
            rcpt=row.address,
            account=policy.account,
            message_id=make_message_id(policy.code_key, key, policy.sender_domain),
            content_sha256=self.archive.put(to_bytes(content)),
            due_at=now,
            in_reply_to=facts.message_id,
        )
        return [*([PutCode(fresh)] if fresh else []), QueueDispatch(dispatch)]

    def _words(
        self,
        row: CodeRow,
        facts: LetterFacts,
        read: Answered,
        outcomes: Sequence[Outcome],
        refused: str,
        code: str,
        fresh: CodeRow | None,
    ) -> dict[str, Value]:
        return {
            "person": row.person,
            "office": self.policy.office_name,
            "done": [_line(each) for each in outcomes if each.is_done],
            "failed": [_line(each) for each in outcomes if not each.is_done],
            "unread": list(read.unread),
            "files": [part.name for part in facts.parts] if not refused else [],
            "refused": refused,
            "code": f"{code[:4]}-{code[4:]}" if code else "",
            "until_words": moment_words(fresh.expires_at, self.policy.zone) if fresh else "",
        }


def _line(outcome: Outcome) -> dict[str, Value]:
    return {"typed": outcome.typed, "say": outcome.say}


def _done(letter: Letter, errand: Errand, by: str, now: datetime) -> Record:
    about = (("line", str(errand.line)), ("typed", errand.typed[:200]))
    return Record(DONE_EVENT, now, by, letter=letter.id, about=about)
