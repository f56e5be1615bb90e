"""分拣, as a stage: persons' letters go on; machines' are noted and never answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.incoming.sort.answers import question_answered
from service.incoming.sort.automatic import may_be_automatic
from service.incoming.sort.empty import empty_reply
from service.incoming.sort.errands import digest_answered
from service.incoming.sort.failing import Refusal, failed_changes
from service.incoming.sort.haste import waited_for
from service.incoming.sort.judging import judge
from service.office.assent import ApprovalRow, NoteAnswer
from service.office.change import Change, Record, SettleDispatch
from service.office.code import find_codes
from service.office.delivery import reached_changes
from service.office.digest_code import CodeRow, NoteErrand
from service.office.dispatch import SIGNED, Dispatch, DispatchState
from service.office.finding import EMPTY_EVENT
from service.office.letter import Kind, Letter, LetterFacts, Stage, Undelivered, Verdict
from service.office.needs.archive import Archive
from service.office.needs.ledger import Ledger
from service.office.policy import Policy
from service.office.reading import Advance, NoteHits
from service.office.record import from_bytes
from service.office.rule import Rulebook, RuleHit

# A reply cites its thread, and a thread is short.
_IDS_MAX = 20
_DIGITS_MAX = 15
OWN_HEADER = "x-huizhi-dispatch"
_OUTCOMES = {
    Kind.AUTO_REPLY: "自动回复，只作记录，不算报送，不予答复",
    Kind.BOUNCE: "退信，已记为未送达",
    Kind.DELAY: "对方邮局通知投递延迟，尚未失败",
    Kind.READ_RECEIPT: "已读回执，只作记录",
    Kind.CALENDAR: "日程邀请，只作记录",
    Kind.OWN: "本单位自己发出的邮件",
}


@dataclass(frozen=True, slots=True)
class Sort:
    """Sorts one received letter."""

    ledger: Ledger
    archive: Archive
    rules: Callable[[], Rulebook]
    policy: Policy

    name = "sort"

    def waiting(self, now: datetime) -> Sequence[str]:
        """Received letters, oldest first."""
        return [str(letter.id) for letter in self.ledger.letters(stage=Stage.RECEIVED)]

    def handle(self, piece: str, now: datetime) -> bool:
        """Sort one letter in one transaction."""
        letter = self.ledger.letter(int(piece))
        if letter is None or letter.stage is not Stage.RECEIVED:
            return False
        facts = from_bytes(LetterFacts, self.archive.get(letter.facts_sha256))
        # Returned work carries files, and is no machine's however soon it comes: nothing is asked for it.
        waited = waited_for(facts, letter.received_at, self.ledger) if may_be_automatic(facts) else None
        verdict = judge(facts, self.rules(), self.policy.own_addresses, OWN_HEADER, waited)
        question = question_answered(facts, verdict, self.ledger, self.policy)
        if question is not None:
            return not self.ledger.apply(_answer(letter, question, now))
        code = digest_answered(facts, verdict, self.ledger, self.policy)
        if code is not None:
            return not self.ledger.apply(_errand(letter, code, now))
        changes = [
            *_sorted(letter, verdict, now),
            *self._machine(letter, facts, verdict, now),
            *self._proven(letter, facts, verdict, now),
        ]
        if answered := empty_reply(facts, verdict, waited, self.ledger):
            whose = (answered.campaign, answered.unit)
            changes.append(Record(EMPTY_EVENT, now, "系统", *whose, letter=letter.id, dispatch=answered.id))
        return not self.ledger.apply(changes)

    def _machine(self, letter: Letter, facts: LetterFacts, verdict: Verdict, now: datetime) -> list[Change]:
        """What a machine's letter teaches: which dispatch it speaks of, and whether the address is gone."""
        if verdict.kind not in (Kind.BOUNCE, Kind.DELAY, Kind.AUTO_REPLY, Kind.READ_RECEIPT):
            return []
        changes: list[Change] = []
        refusals: list[Refusal] = []
        for each in verdict.recipients or (None,):
            dispatch = self._dispatch(facts, each)
            if dispatch is None:
                continue
            about = (("class", each.bounce_class.value), ("why", each.text[:200])) if each else ()
            changes.append(
                Record(
                    verdict.kind.value,
                    now,
                    "系统",
                    dispatch.campaign,
                    dispatch.unit,
                    letter=letter.id,
                    dispatch=dispatch.id,
                    about=about,
                )
            )
            if verdict.kind is Kind.BOUNCE and each is not None:
                wrote = {address.lower() for address in _as_we_wrote(facts, each.address)}
                refusals.append(Refusal(dispatch, each, dispatch.rcpt.lower() in wrote))
        return [*changes, *failed_changes(self.ledger, self.policy, refusals, now)]

    def _proven(self, letter: Letter, facts: LetterFacts, verdict: Verdict, now: datetime) -> list[Change]:
        """Whoever cites our Message-ID has seen that letter: a doubt whether it went out is settled [law 1].

        Our ids are made with the office's key, so that nobody can cite one that was never sent.
        """
        if verdict.kind is Kind.BOUNCE:
            return []  # settled by what it says of the recipient
        cited = (*facts.in_reply_to, *facts.references, *facts.returned_ids)
        ids = (facts.message_id,) if verdict.kind is Kind.OWN else cited[:_IDS_MAX]
        changes: list[Change] = []
        reached: set[tuple[str, str]] = set()
        for message_id in dict.fromkeys(each for each in ids if each):
            dispatch = self.ledger.dispatch_by_message_id(message_id)
            if dispatch is None or dispatch.state is not DispatchState.IN_DOUBT:
                continue
            why = f"来信 {letter.id} 引用了这封邮件，证明已经发出"
            changes.append(SettleDispatch(dispatch.id, dispatch.state, DispatchState.SENT, now, why))
            about = (("why", why),)
            changes.append(
                Record(
                    *("sent", now, "系统", dispatch.campaign, dispatch.unit),
                    letter=letter.id,
                    dispatch=dispatch.id,
                    about=about,
                )
            )
            # Two doubts of one unit move the same dockets, and they move once.
            unit = (dispatch.campaign, dispatch.unit)
            if unit not in reached and (moved := reached_changes(self.ledger, dispatch, now)):
                reached.add(unit)
                changes += moved
        return changes

    def _dispatch(self, facts: LetterFacts, undelivered: Undelivered | None) -> Dispatch | None:
        """Our own mail that a report speaks of: by id, else by address, narrowed by the code."""
        for message_id in (*facts.returned_ids, *facts.in_reply_to, *facts.references):
            found = self.ledger.dispatch_by_message_id(message_id)
            if found is not None:
                return found
        if found := self._by_number(facts, undelivered):
            return found
        if undelivered is None or not undelivered.address:
            return None
        sent = [
            dispatch
            for address in _as_we_wrote(facts, undelivered.address)
            for dispatch in self.ledger.dispatches(
                states=(DispatchState.SENT, DispatchState.IN_DOUBT),
                kinds=SIGNED,
                rcpt=address,
            )
        ]
        codes = find_codes(f"{facts.returned_subject}\n{facts.subject}\n{facts.text}")
        whose = {self.ledger.whose_code(code) for code in codes} - {None}
        named = [each for each in sent if (each.campaign, each.unit) in whose]
        if named:
            return named[-1]
        return sent[0] if len(sent) == 1 else None

    def _by_number(self, facts: LetterFacts, undelivered: Undelivered | None) -> Dispatch | None:
        """By the number that our own header carried, if the refused address is the one we wrote to then."""
        if not facts.returned_dispatch.isdigit() or len(facts.returned_dispatch) > _DIGITS_MAX:
            return None
        found = self.ledger.dispatch(int(facts.returned_dispatch))
        if found is None or undelivered is None:
            return None
        wrote = {each.lower() for each in _as_we_wrote(facts, undelivered.address)}
        return found if found.rcpt.lower() in wrote else None


def _as_we_wrote(facts: LetterFacts, address: str) -> tuple[str, ...]:
    """The refused address, and the one we wrote to where the mail had been forwarded in between."""
    originals = [each.original for each in facts.statuses if each.recipient == address and each.original]
    return tuple(dict.fromkeys((address, *originals)))


def _answer(letter: Letter, question: ApprovalRow, now: datetime) -> list[Change]:
    """It goes past matching: what a signer says is no unit's return, and waits in the ledger for 签发."""
    say = f"提到“{question.campaign}”的送签，按签发人的答复核对"
    return [
        Advance(letter.id, Stage.RECEIVED, Stage.NOTED, now, Kind.PERSON, outcome=say),
        NoteHits(letter.id, "sort", (RuleHit("answers-a-signing", 1, True, say),)),
        NoteAnswer(letter.id, question.id),
        Record("answer-noted", now, "系统", question.campaign, letter=letter.id),
    ]


def _errand(letter: Letter, code: CodeRow, now: datetime) -> list[Change]:
    """It goes past matching as well: what staff ask for is no unit's return, and waits for 办理."""
    say = f"提到 {code.person} 的每日情况，按交办核对"
    return [
        Advance(letter.id, Stage.RECEIVED, Stage.NOTED, now, Kind.PERSON, outcome=say),
        NoteHits(letter.id, "sort", (RuleHit("answers-a-digest", 1, True, say),)),
        NoteErrand(letter.id, code.id),
        Record("errand-noted", now, "系统", letter=letter.id),
    ]


def _sorted(letter: Letter, verdict: Verdict, now: datetime) -> list[Change]:
    is_person = verdict.kind in (Kind.PERSON, Kind.UNREADABLE)
    to = Stage.SORTED if is_person else Stage.IGNORED
    hits = [RuleHit(verdict.rule or "sort", verdict.rule_version, True, say) for say in verdict.why]
    changes: list[Change] = [
        Advance(letter.id, Stage.RECEIVED, to, now, verdict.kind, outcome=_OUTCOMES.get(verdict.kind, "")),
        NoteHits(letter.id, "sort", tuple(hits)),
    ]
    if not is_person:
        changes.append(
            Record("set-aside", now, "系统", letter=letter.id, about=(("kind", verdict.kind.value),))
        )
    return changes
