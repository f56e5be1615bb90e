"""答复 — which letters are answered, when, and when not; the answer goes into the outbox. [条例24]"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.incoming.acknowledge.answer import Answer, answer_facts, newest
from service.incoming.acknowledge.corrected import Untrue, corrected_receipt
from service.incoming.acknowledge.prefilled import Prefilling
from service.office.campaign import Campaign
from service.office.change import Change, QueueDispatch, Record
from service.office.code import make_code
from service.office.content import Content
from service.office.dispatch import DispatchKind, NewDispatch, receipt_key
from service.office.filing import Filing, counting
from service.office.finding import COMPLETE_EVENT, EMPTY_EVENT, NOTHING_CAME, Finding, Severity
from service.office.frozen import open_campaign
from service.office.letter import Letter, LetterFacts, Stage
from service.office.message_id import make_message_id
from service.office.needs.archive import Archive
from service.office.needs.ledger import Ledger, Standing
from service.office.needs.press import Press
from service.office.needs.wording import Words
from service.office.policy import Policy
from service.office.reading import Advance
from service.office.record import from_bytes, to_bytes

ANSWERS = (DispatchKind.RECEIPT, DispatchKind.CORRECTION)
# Drafting steps on when two units would share a code; it has never needed a second try.
CODE_TRIES = 5
DAY = timedelta(days=1)


def empty_ones(ledger: Ledger) -> list[str]:
    """Empty replies of persons that wait for a clerk, for whom a request to complete is prepared once."""
    done = {each.letter for each in ledger.events(kind=COMPLETE_EVENT)}
    new = [each for each in ledger.events(kind=EMPTY_EVENT) if each.letter not in done]
    letters = [(each, ledger.letter(each.letter or 0)) for each in new]
    under_way = (Stage.RECEIVED, Stage.SORTED, Stage.MATCHED)
    return [
        f"{each.campaign}\t{each.unit}\t{letter.sender}\t{letter.id}"
        for each, letter in letters
        if letter is not None and letter.stage not in under_way
    ]


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Writes receipts into the outbox. A piece of work is every filed letter of one sender."""

    ledger: Ledger
    archive: Archive
    words: Words
    policy: Policy
    press: Press

    name = "acknowledge"

    def waiting(self, now: datetime) -> Sequence[str]:
        """Senders whose filed letters may be answered now: the first at once, others after a quiet while."""
        by_sender: dict[str, list[Letter]] = {}
        for letter in self.ledger.letters(stage=Stage.FILED):
            by_sender.setdefault(f"{letter.campaign}\t{letter.unit}\t{letter.sender}", []).append(letter)
        due = [key for key, letters in by_sender.items() if self._may_answer(letters, now)]
        return [*due, *empty_ones(self.ledger)]

    def _may_answer(self, letters: list[Letter], now: datetime) -> bool:
        sender = letters[0].sender
        if not sender or self.ledger.count_sent(sender, ANSWERS, now - self.policy.quiet) == 0:
            return True
        return now - max(self._filed_at(each) for each in letters) >= self.policy.quiet

    def _filed_at(self, letter: Letter) -> datetime:
        events = self.ledger.events(letter=letter.id, kind="checked-file")
        return events[-1].at if events else letter.received_at

    def next_at(self, now: datetime) -> datetime | None:
        """When the earliest gathered receipt falls due, for a clerk who wants to sleep."""
        letters = self.ledger.letters(stage=Stage.FILED)
        return min((self._filed_at(each) + self.policy.quiet for each in letters), default=None)

    def handle(self, piece: str, now: datetime) -> bool:
        """One receipt for all waiting letters of one sender, in one transaction."""
        key, unit, sender, *empty = piece.split("\t")
        if empty:
            return self._prepare_request(key, unit, int(empty[0]), now)
        letters = [
            each
            for each in self.ledger.letters(stage=Stage.FILED, campaign=key, unit=unit)
            if each.sender == sender
        ]
        campaign = open_campaign(key, self.ledger, self.archive)
        standing = self.ledger.standing(key, unit)
        if not letters or campaign is None or standing is None:
            return False
        rcpt = sender or next((address.text for address in standing.unit.addresses), "")
        # What a person has just given to another unit is no robot's loop: its answer is owed.
        is_given_anew = any(self._times_answered(each) for each in letters)
        brake = self._brake(rcpt, now, is_given_anew=is_given_anew)
        if brake:
            self.ledger.apply([self._silent(each, brake, now) for each in letters])
            return False
        dispatch, is_correction = self._receipt(letters, campaign, standing, rcpt, now)
        changes: list[Change] = [QueueDispatch(dispatch)]
        for letter in letters:
            outcome = _outcome(dispatch, is_correction=is_correction)
            changes.append(Advance(letter.id, Stage.FILED, Stage.ACKNOWLEDGED, now, outcome=outcome))
            about = (("receipt", dispatch.dedupe_key), ("to", rcpt))
            changes.append(Record("acknowledged", now, "系统", key, unit, letter=letter.id, about=about))
        return not self.ledger.apply(changes)

    def _prepare_request(self, key: str, unit: str, number: int, now: datetime) -> bool:
        """A draft that asks the sender of an empty reply to complete it; a clerk lets it go, or not."""
        letter, standing = self.ledger.letter(number), self.ledger.standing(key, unit)
        campaign, row = open_campaign(key, self.ledger, self.archive), self.ledger.campaign(key)
        changes: list[Change] = []
        if letter is None or letter.stage is not Stage.REVIEW:
            why = "经办人已经处理"
        elif standing is None or campaign is None or row is None or not row.is_open:
            why = "活动已结束"
        elif not (why := self._brake(letter.sender, now)):
            dispatch, _ = self._receipt([letter], campaign, standing, letter.sender, now, (NOTHING_CAME,))
            changes.append(QueueDispatch(dispatch))
            why = "已拟好请其补充的邮件，待经办人放行"
        changes.append(Record(COMPLETE_EVENT, now, "系统", key, unit, letter=number, about=(("why", why),)))
        return not self.ledger.apply(changes)

    def _brake(self, rcpt: str, now: datetime, *, is_given_anew: bool = False) -> str:
        """Why nothing is sent, or an empty string [law 4]."""
        if not rcpt:
            return "没有可以答复的邮箱"
        if rcpt.lower() in self.policy.own_addresses:
            return "发件人是本单位自己的邮箱"
        had = self.ledger.count_sent(rcpt, ANSWERS, now - DAY)
        if not is_given_anew and had >= self.policy.receipts_per_address_per_day:
            return "该邮箱当日回执已达上限"
        if self.ledger.count_sent("", ANSWERS, now - DAY) >= self.policy.receipts_per_day:
            return "当日回执总数已达上限"
        return ""

    def take_back(self, untrue: Untrue, now: datetime) -> NewDispatch:
        """The word that an earlier receipt was wrong; a person's decision sends it, and no brake holds it."""
        return corrected_receipt(untrue, self.words, self.archive, self.policy, now)

    def _silent(self, letter: Letter, why: str, now: datetime) -> Advance:
        return Advance(letter.id, Stage.FILED, Stage.ACKNOWLEDGED, now, outcome=f"已归档，未发回执：{why}")

    def _receipt(
        self,
        letters: list[Letter],
        campaign: Campaign,
        standing: Standing,
        rcpt: str,
        now: datetime,
        empty: tuple[Finding, ...] = (),
    ) -> tuple[NewDispatch, bool]:
        newest_letter = letters[-1]
        facts = from_bytes(LetterFacts, self.archive.get(newest_letter.facts_sha256))
        answer = self._answer(letters, campaign, standing, now, empty)
        bests = answer.bests(self.ledger)
        is_correction = bool(answer.findings)
        forms = Prefilling(self.ledger, self.archive, self.press).forms(answer, bests)
        told = answer_facts(answer, bests, self.policy, [each.name for each in forms])
        wording = self.words.write("correction" if is_correction else "receipt", campaign.key, told)
        content = Content(
            subject=f"[{answer.code}] {wording.subject}" if answer.code else wording.subject,
            text=wording.text,
            enclosures=forms,
            code=answer.code,
            auto_submitted="auto-replied",
            references=tuple(each for each in (*facts.references[-3:], facts.message_id) if each),
            html=wording.html,
        )
        # Should a clerk file an empty reply after all, its receipt is another mail.
        key = receipt_key(letters[0].id, self._times_answered(letters[0])) + (
            f":{EMPTY_EVENT}" if empty else ""
        )
        dispatch = NewDispatch(
            dedupe_key=key,
            kind=DispatchKind.CORRECTION if is_correction else DispatchKind.RECEIPT,
            campaign=campaign.key,
            unit=standing.unit.key,
            rcpt=rcpt,
            account=self.policy.account,
            message_id=make_message_id(self.policy.code_key, key, self.policy.sender_domain),
            content_sha256=self.archive.put(to_bytes(content)),
            due_at=now,
            dockets=tuple(dict.fromkeys(each.item for each in answer.filings)),
            in_reply_to=facts.message_id,
            is_held=bool(empty)
            or not (campaign.sends_corrections if is_correction else campaign.sends_receipts),
        )
        return dispatch, is_correction

    def _answer(
        self,
        letters: list[Letter],
        campaign: Campaign,
        standing: Standing,
        now: datetime,
        empty: tuple[Finding, ...],
    ) -> Answer:
        key, unit = campaign.key, standing.unit.key
        filings = newest(
            filing
            for letter in letters
            for filing in counting(self.ledger.filings(key, unit, letter=letter.id))
        )
        row = self.ledger.campaign(key)
        # Of a campaign that has ended nothing is asked any more, not even a correction.
        findings = empty or (self._corrections(letters, filings) if row is None or row.is_open else ())
        code = standing.code or self._public_code(key)
        dockets = self.ledger.dockets(key, unit)
        return Answer(tuple(letters), campaign, standing, code, filings, findings, row, dockets, now)

    def _times_answered(self, letter: Letter) -> int:
        """0 but for a letter that was answered, and has been given to another unit or item since."""
        return len(self.ledger.events(letter=letter.id, kind="acknowledged"))

    def _public_code(self, campaign: str) -> str:
        """What a third party keeps in its subject: the campaign's own code, as on the public copies."""
        for attempt in range(CODE_TRIES):
            code = make_code(self.policy.code_key, campaign, "", attempt)
            if self.ledger.whose_code(code) == (campaign, ""):
                return code
        return ""

    def _corrections(self, letters: list[Letter], filings: tuple[Filing, ...]) -> tuple[Finding, ...]:
        """What must be corrected and was not made good by a later one of these letters."""
        is_good = {each.item: True for each in filings}
        for each in filings:
            is_good[each.item] = is_good[each.item] and each.is_valid
        findings = [
            finding
            for letter in letters
            for finding in self.ledger.findings(letter.id)
            if finding.severity is Severity.MUST and not is_good.get(finding.item or "", False)
        ]
        return tuple(dict.fromkeys(findings))


def _outcome(dispatch: NewDispatch, *, is_correction: bool) -> str:
    if dispatch.is_held:
        return "补正通知已起草，等经办人发出" if is_correction else "回执已起草，等经办人发出"
    return "已发补正通知" if is_correction else "已发回执"
