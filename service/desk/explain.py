"""解释 — what a letter is and what would be done with it; nothing is done."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from service.desk import shapes
from service.incoming.check import check_letter, filings_that_stand
from service.incoming.match.stage import match_letter
from service.incoming.sort import judge
from service.incoming.sort.stage import OWN_HEADER
from service.journey import Office
from service.office.campaign import Campaign
from service.office.change import Record
from service.office.finding import Finding, Severity
from service.office.frozen import open_campaign
from service.office.letter import Kind, LetterFacts, Verdict
from service.office.matter import Checked, Matched
from service.office.needs.archive import Archive
from service.office.needs.envelope import Envelope
from service.office.needs.ledger import Ledger
from service.office.outcome import DoorError
from service.office.policy import Person, StaffRole
from service.office.rule import Rulebook, Then
from service.office.splitting import facts_of, matched_of

# What becomes of a letter that no person wrote; a delay is not a failure yet.
_THEN_OF_MACHINES = {
    Kind.BOUNCE: "note-undelivered",
    Kind.READ_RECEIPT: "note-read",
}
_NOBODY = Person("试算", "", StaffRole.SIGNER)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What would be done with a letter; everything is None where no campaign stands behind the question."""

    matched: Matched | None = None
    findings: tuple[Finding, ...] | None = None
    then: str | None = None
    acknowledge: bool | None = None


@dataclass(frozen=True, slots=True)
class Explained:
    """A letter's facts, what sort of sender stands behind it, and what would become of it."""

    facts: LetterFacts
    verdict: Verdict
    outcome: Outcome

    def shape(self, file: str) -> shapes.Shape:
        """The JSON line of `explain`."""
        return shapes.explain(
            file,
            self.facts,
            self.verdict,
            matched=self.outcome.matched,
            findings=self.outcome.findings,
            then=self.outcome.then,
            acknowledge=self.outcome.acknowledge,
        )


@dataclass(slots=True)
class Overlay:
    """An archive whose additions are forgotten; what is not in it is looked up `beneath`, if anywhere."""

    beneath: Archive | None = None
    kept: dict[str, bytes] = field(default_factory=dict)

    def put(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        self.kept[sha256] = data
        return sha256

    def put_pieces(self, pieces: Iterable[bytes]) -> str:
        return self.put(b"".join(pieces))

    def get(self, sha256: str) -> bytes:
        if sha256 in self.kept:
            return self.kept[sha256]
        if self.beneath is None:
            raise DoorError(f"没有内容为 {sha256} 的文件。", again=False)
        return self.beneath.get(sha256)

    def has(self, sha256: str) -> bool:
        return sha256 in self.kept or (self.beneath is not None and self.beneath.has(sha256))

    def check(self, sha256: str) -> bool:
        return sha256 in self.kept or (self.beneath is not None and self.beneath.check(sha256))

    def all(self) -> Iterator[str]:
        yield from self.kept
        yield from self.beneath.all() if self.beneath is not None else ()

    def set_apart(self, sha256: str) -> None:
        """Nothing: what is looked at here is kept nowhere."""

    def drop(self, sha256: str) -> None:
        """Only out of what this one holds."""
        self.kept.pop(sha256, None)

    def all_apart(self) -> Iterator[str]:
        yield from self.beneath.all_apart() if self.beneath is not None else ()


@dataclass(frozen=True, slots=True)
class Explainer:
    """Reads letters one by one; with an office behind it, it also says what that office would do."""

    envelope: Envelope
    rules: Rulebook
    own_addresses: frozenset[str]
    office: Office | None = None

    def explain(self, raw: bytes) -> Explained:
        """One letter, whatever its bytes; nothing is stored and nothing is sent."""
        archive = Overlay(self.office.doors.archive if self.office else None)
        facts = self.envelope.read(raw, archive.put)
        verdict = judge(facts, self.rules, self.own_addresses, OWN_HEADER)
        if self.office is None:
            return Explained(facts, verdict, Outcome())
        return Explained(facts, verdict, self._outcome(self.office, archive, facts, verdict))

    def _outcome(self, office: Office, archive: Archive, facts: LetterFacts, verdict: Verdict) -> Outcome:
        """The same decisions in the same order as the stages make them."""
        if verdict.kind is Kind.UNREADABLE:
            return Outcome(None, (), "review", False)
        if verdict.kind is not Kind.PERSON:
            # A machine is never answered [law 4], and nobody asks whose machine it is.
            return Outcome(None, (), _THEN_OF_MACHINES.get(verdict.kind, "ignore"), False)
        doors = office.doors
        matched, _ = match_letter(facts, doors.ledger, archive, doors.forms, self.rules, office.policy)
        is_for_a_person = matched.brings_something and not matched.is_certain
        if matched.meaning is not Then.REFUSE and is_for_a_person:
            return Outcome(matched, (), "review", False)
        campaign = open_campaign(matched.campaign or "", doors.ledger, archive)
        if matched.portions:
            return _outcome_of_portions(doors.ledger, facts, matched, campaign)
        known = filings_that_stand(doors.ledger, matched.campaign or "", matched.unit or "")
        checked = check_letter(facts, matched, campaign, known=known)
        return Outcome(matched, checked.findings, checked.then, _answers(facts, checked, campaign))


def _outcome_of_portions(
    ledger: Ledger, facts: LetterFacts, matched: Matched, campaign: Campaign | None
) -> Outcome:
    """Each portion is checked by itself; where one of them needs a person, the letter does."""
    checks = []
    for number, portion in enumerate(matched.portions):
        own, its = facts_of(facts, portion), matched_of(matched, portion, may_ask=number == 0)
        known = filings_that_stand(ledger, matched.campaign or "", portion.unit)
        checks.append(check_letter(own, its, campaign, known=known))
    findings = tuple(each for checked in checks for each in checked.findings)
    then = next((each.then for each in checks if each.then != "file"), "file")
    return Outcome(matched, findings, then, any(_answers(facts, each, campaign) for each in checks))


def _answers(facts: LetterFacts, checked: Checked, campaign: Campaign | None) -> bool:
    return checked.then == "file" and _may_answer(facts, checked.findings, campaign)


def _may_answer(facts: LetterFacts, findings: tuple[Finding, ...], campaign: Campaign | None) -> bool:
    """Whether a mail would go out; daily caps are not asked, since they are about the day, not the letter."""
    if facts.sender is None:
        return False
    must_correct = any(each.severity is Severity.MUST for each in findings)
    if campaign is None:
        return True
    return bool(campaign.sends_corrections if must_correct else campaign.sends_receipts)


def open_on_trial(office: Office, campaign: str, now: datetime) -> Office:
    """Draft and release a campaign in a scratch office, by nobody; raises LookupError with the problems."""
    trial = replace(office.policy, staff=(_NOBODY,))
    draft, release = replace(office.draft, policy=trial), replace(office.release, policy=trial)
    drafted = draft.whole(campaign, now)
    if drafted.manifest is None:
        problems = [each.sentence() for each in drafted.problems if each.is_error]
        raise LookupError("\n".join([f"活动“{campaign}”还不能起草：", *problems]))
    # A trial asks what a letter would meet, not whether the campaign may go out: past dates are no matter.
    about = (("digest", drafted.digest), ("errors", "0"))
    office.doors.ledger.apply([Record("proofed", now, _NOBODY.name, campaign, about=about)])
    released = release.sign(campaign, _NOBODY.name, drafted.digest, drafted.inputs_sha256, now, really=True)
    if not released.is_done:
        raise LookupError(released.say)
    return office
