"""批签 — a signer's answer by mail, acted upon once: the same release as on the command line. [条例22]"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from service.office.approval import short_digest
from service.office.assent import (
    APPROVAL_WORDS,
    WRONG_ANSWERS_MAX,
    Answer,
    ApprovalRow,
    ApprovalState,
    SettleAnswer,
    SettleApproval,
    SignersWord,
    hash_approval_code,
    read_answer,
)
from service.office.campaign import Campaign
from service.office.change import Change, QueueDispatch, Record
from service.office.content import Content, Manifest
from service.office.dispatch import DispatchKind, NewDispatch, answered_key
from service.office.letter import Letter, LetterFacts, Stage
from service.office.message_id import make_message_id
from service.office.needs.archive import Archive
from service.office.needs.ledger import Ledger
from service.office.needs.wording import Words
from service.office.policy import Policy, moment_words
from service.office.reading import Advance, NoteHits
from service.office.record import from_bytes, to_bytes
from service.office.rule import RuleHit
from service.office.sources import Sources
from service.office.trust import Trust, trust_in

VERSION = 1
# So many words on one campaign's answers; beyond that two programs would be talking to each other [law 4].
TOLD_MAX = 30


class Signed(Protocol):
    """What a release says of itself."""

    @property
    def is_done(self) -> bool: ...
    @property
    def say(self) -> str: ...


class Sign(Protocol):
    """`Release.sign`, handed over by the journey: stages do not know each other."""

    def __call__(
        self,
        campaign: str,
        signer: str,
        digest: str,
        inputs_sha256: str,
        now: datetime,
        *,
        really: bool,
        since: Sequence[str] = (),
        also: Sequence[Change] = (),
    ) -> Signed: ...


@dataclass(frozen=True, slots=True)
class Ruling:
    """What an answer comes to. `stage` is where its letter ends: noted, or before a person."""

    say: str  # for staff: the letter's outcome
    stage: Stage
    settles: ApprovalState | None = None
    tells: bool = True  # whether signer and clerk get a mail about it
    is_refusal: bool = False  # counts as a wrong answer


@dataclass(frozen=True, slots=True)
class Approve:
    """Acts upon letters that sorting recognised as answers to a question put to a signer."""

    ledger: Ledger
    archive: Archive
    words: Words
    policy: Policy
    sign: Sign
    sources: Callable[[str], Sources]
    since: Callable[[str, str, Sources], tuple[str, ...]]

    name = "release"

    def waiting(self, now: datetime) -> Sequence[str]:
        """Letters that answer, in order of arrival."""
        return [str(letter) for letter, _ in self.ledger.answers_waiting()]

    def handle(self, piece: str, now: datetime) -> bool:
        """One answer in one transaction, the release included; True when it must be looked at again."""
        number = next((each for letter, each in self.ledger.answers_waiting() if str(letter) == piece), 0)
        row = self.ledger.approval_of(number=number) if number else None
        letter = self.ledger.letter(int(piece))
        if row is None or letter is None:
            return False
        facts = from_bytes(LetterFacts, self.archive.get(letter.facts_sha256))
        word = self._word(facts, row)
        refused = self._refusal(letter, facts, row, word, now)
        if refused is None and word.answer is Answer.AGREE:
            return self._release(letter, facts, row, now)
        ruling = refused or Ruling(
            f"签发人 {row.signer} 退回“{row.campaign}”：{word.rest or '（没有写明理由）'}",
            Stage.ASKED,
            ApprovalState.RETURNED,
        )
        return not self.ledger.apply(self._changes(letter, facts, row, ruling, now))

    # --- judging --------------------------------------------------------------------------------------------

    def _word(self, facts: LetterFacts, row: ApprovalRow) -> SignersWord:
        def is_code(code: str) -> bool:
            return hash_approval_code(self.policy.code_key, code) == row.code_hash

        return read_answer(facts.reply_text, is_code, (row.signer, self.policy.office_name))

    def _refusal(
        self, letter: Letter, facts: LetterFacts, row: ApprovalRow, word: SignersWord, now: datetime
    ) -> Ruling | None:
        """Why this letter changes nothing, or None: it is the signer's own clear word, in time."""
        sender = facts.sender.key if facts.sender else ""
        if sender != row.address.lower():
            say = f"来信提到“{row.campaign}”的签发码，但不是签发人 {row.signer} 的邮箱（{sender}），没有签发"
            return Ruling(say, Stage.ASKED, tells=False)
        if trust_in(facts) is Trust.MISMATCH:
            say = f"这封“{row.signer}”的答复没有通过发件人验证，可能是冒名，没有签发：请当面或电话核实"
            return Ruling(say, Stage.ASKED, tells=False)
        if row.state is not ApprovalState.PENDING:
            return _too_late(row, word)
        if word.answer is Answer.UNCLEAR:
            say = f"签发人 {row.signer} 的答复不是单纯的同意或退回，没有签发，请经办人联系：{word.rest[:200]}"
            return Ruling(say, Stage.ASKED)
        if word.answer is Answer.NONE or not word.has_code:
            return self._incomplete(row, word)
        if now > row.expires_at:
            until = moment_words(row.expires_at, self.policy.zone)
            say = f"签发码已于 {until} 过期，没有签发：请重新送签"
            return Ruling(say, Stage.ASKED, ApprovalState.VOID)
        return None

    def _incomplete(self, row: ApprovalRow, word: SignersWord) -> Ruling:
        if word.answer is Answer.NONE:
            say = f"签发人 {row.signer} 的来信没有写明“同意”或“退回”，没有签发"
            return Ruling(say, Stage.ASKED)
        wrong = self.ledger.events(campaign=row.campaign, kind="approval-refused")
        count = 1 + sum(dict(each.about).get("approval") == str(row.id) for each in wrong)
        say = f"签发人 {row.signer} 的答复没有写对签发码，没有签发"
        if count >= WRONG_ANSWERS_MAX:
            say = f"{say}；已经 {count} 次，这次送签作废，请重新送签"
            return Ruling(say, Stage.ASKED, ApprovalState.VOID, is_refusal=True)
        return Ruling(say, Stage.ASKED, is_refusal=True)

    # --- acting ---------------------------------------------------------------------------------------------

    def _release(self, letter: Letter, facts: LetterFacts, row: ApprovalRow, now: datetime) -> bool:
        sources = self.sources(row.campaign)
        since = self.since(row.campaign, row.digest, sources)
        done = Ruling(
            f"签发人 {row.signer} 同意，已签发“{row.campaign}”（校验码 {short_digest(row.digest)}）",
            Stage.NOTED,
            ApprovalState.AGREED,
        )
        signed = self.sign(
            row.campaign,
            row.signer,
            row.digest,
            sources.inputs_sha256,
            now,
            really=True,
            since=since,
            also=self._changes(letter, facts, row, done, now),
        )
        if signed.is_done:
            return False
        fresh = self.ledger.approval_of(number=row.id)
        if fresh is None or fresh.state is not ApprovalState.PENDING:
            return True  # released meanwhile on the command line, or asked again: judged anew
        void = Ruling(f"签发人已同意，但没有签发：{signed.say}", Stage.ASKED, ApprovalState.VOID)
        return not self.ledger.apply(self._changes(letter, facts, row, void, now))

    def _changes(
        self, letter: Letter, facts: LetterFacts, row: ApprovalRow, ruling: Ruling, now: datetime
    ) -> list[Change]:
        about = (
            ("approval", str(row.id)),
            ("digest", row.digest),
            ("from", letter.sender),
            ("say", ruling.say[:500]),
        )
        kind = {
            ApprovalState.AGREED: "approval-agreed",
            ApprovalState.RETURNED: "approval-returned",
            ApprovalState.VOID: "approval-void",
        }.get(ruling.settles or ApprovalState.PENDING, "approval-ignored")
        actor = row.signer if ruling.settles in (ApprovalState.AGREED, ApprovalState.RETURNED) else "系统"
        changes: list[Change] = [
            SettleAnswer(letter.id, now),
            Advance(letter.id, letter.stage, ruling.stage, now, outcome=ruling.say[:1000]),
            NoteHits(letter.id, self.name, (RuleHit("signers-answer", VERSION, True, ruling.say[:500]),)),
            Record(kind, now, actor, row.campaign, letter=letter.id, about=about),
        ]
        if ruling.is_refusal:
            changes.append(
                Record("approval-refused", now, "系统", row.campaign, letter=letter.id, about=about)
            )
        if ruling.settles is not None:
            changes.append(SettleApproval(row.id, ruling.settles, now, ruling.say[:1000], letter.id))
        if ruling.tells:
            changes += self._told(letter, facts, row, ruling, now)
        return changes

    def _told(
        self, letter: Letter, facts: LetterFacts, row: ApprovalRow, ruling: Ruling, now: datetime
    ) -> list[Change]:
        """One mail each to the signer and the clerk, people of this office both; never to whoever wrote."""
        if len(self.ledger.dispatches(row.campaign, kinds=(DispatchKind.APPROVAL,))) >= TOLD_MAX:
            return []
        campaign = self._campaign(row)
        wording = self.words.write(
            "approval_outcome",
            row.campaign,
            {
                "campaign": {"title": campaign.title if campaign else row.campaign, "key": row.campaign},
                "signer": row.signer,
                "office": self.policy.office_name,
                "digest": short_digest(row.digest),
                "is_released": ruling.settles is ApprovalState.AGREED,
                "is_returned": ruling.settles is ApprovalState.RETURNED,
                "is_void": ruling.settles is ApprovalState.VOID,
                "say": ruling.say,
                "at_words": moment_words(now, self.policy.zone),
            },
        )
        content = self.archive.put(
            to_bytes(Content(wording.subject, wording.text, auto_submitted="auto-replied", html=wording.html))
        )
        rcpts = {row.address.lower(): row.address}
        for name in (campaign.clerk if campaign else "", row.asked_by):
            person = self.policy.person(name)
            if person is not None and len(rcpts) < 2:
                rcpts.setdefault(person.address.lower(), person.address)
        return [
            QueueDispatch(self._dispatch(letter, facts, row, each, content, now)) for each in rcpts.values()
        ]

    def _dispatch(
        self, letter: Letter, facts: LetterFacts, row: ApprovalRow, rcpt: str, content: str, now: datetime
    ) -> NewDispatch:
        key = answered_key(letter.id, rcpt)
        is_signer = rcpt.lower() == row.address.lower()
        return NewDispatch(
            dedupe_key=key,
            kind=DispatchKind.APPROVAL,
            campaign=row.campaign,
            unit=row.signer,
            rcpt=rcpt,
            account=self.policy.account,
            message_id=make_message_id(self.policy.code_key, key, self.policy.sender_domain),
            content_sha256=content,
            due_at=now,
            in_reply_to=facts.message_id if is_signer else "",
        )

    def _campaign(self, row: ApprovalRow) -> Campaign | None:
        """The campaign as it was put before the signer."""
        proof = next((each for each in self.ledger.proofs(row.campaign) if each.digest == row.digest), None)
        if proof is None:
            return None
        manifest = from_bytes(Manifest, self.archive.get(proof.manifest_sha256))
        return from_bytes(Campaign, self.archive.get(manifest.campaign_sha256))


def _too_late(row: ApprovalRow, word: SignersWord) -> Ruling:
    """The question is settled: said again, or only 谢谢."""
    if word.answer is Answer.NONE:
        return Ruling(f"签发人 {row.signer} 的来信，送签已了结，只作记录", Stage.NOTED, tells=False)
    why = f"（{row.why}）" if row.why and row.state is not ApprovalState.AGREED else ""
    what = "退回" if word.answer is Answer.RETURN else "答复"
    say = f"这次送签{APPROVAL_WORDS[row.state]}{why}，签发人 {row.signer} 又来{what}，没有再作处理"
    # A signer who takes back a yes must be heard by a person at once.
    return Ruling(re.sub(r"\s+", " ", say), Stage.ASKED)
