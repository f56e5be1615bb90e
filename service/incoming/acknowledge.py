"""答复 — the receipt: what came, when, its fingerprints, what is still missing, until when. [条例24]"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from service.office.campaign import Campaign, Item
from service.office.change import Change, QueueDispatch, Record
from service.office.code import make_code
from service.office.content import Content
from service.office.dispatch import DispatchKind, NewDispatch, receipt_key
from service.office.docket import Docket, MediumState
from service.office.facts import campaign_facts, date_words, field_facts, missing_facts
from service.office.filing import Filing, in_force, of_entry, standing
from service.office.finding import COMPLETE_EVENT, EMPTY_EVENT, NOTHING_CAME, Finding, Severity
from service.office.frozen import items_for, open_campaign
from service.office.letter import Letter, LetterFacts, Stage
from service.office.message_id import make_message_id
from service.office.needs.archive import Archive
from service.office.needs.ledger import CampaignRow, Ledger, Standing
from service.office.needs.press import Value
from service.office.needs.wording import Words
from service.office.policy import Policy, moment_words, size_words
from service.office.reading import Advance
from service.office.record import from_bytes, to_bytes
from service.office.roster import Unit

ANSWERS = (DispatchKind.RECEIPT, DispatchKind.CORRECTION)
# Drafting steps on when two units would share a code; it has never needed a second try.
CODE_TRIES = 5
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Writes receipts into the outbox. A piece of work is every filed letter of one sender."""

    ledger: Ledger
    archive: Archive
    words: Words
    policy: Policy

    name = "acknowledge"

    def waiting(self, now: datetime) -> Sequence[str]:
        """Senders whose filed letters may be answered now: the first at once, others after a quiet while."""
        by_sender: dict[str, list[Letter]] = {}
        for letter in self.ledger.letters(stage=Stage.FILED):
            by_sender.setdefault(f"{letter.campaign}\t{letter.unit}\t{letter.sender}", []).append(letter)
        due = [key for key, letters in by_sender.items() if self._may_answer(letters, now)]
        return [*due, *self._empty_ones()]

    def _empty_ones(self) -> list[str]:
        """Empty replies of persons that wait for a clerk, for whom a request to complete is prepared once."""
        done = {each.letter for each in self.ledger.events(kind=COMPLETE_EVENT)}
        new = [each for each in self.ledger.events(kind=EMPTY_EVENT) if each.letter not in done]
        letters = [(each, self.ledger.letter(each.letter or 0)) for each in new]
        under_way = (Stage.RECEIVED, Stage.SORTED, Stage.MATCHED)
        return [
            f"{each.campaign}\t{each.unit}\t{letter.sender}\t{letter.id}"
            for each, letter in letters
            if letter is not None and letter.stage not in under_way
        ]

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
        brake = self._brake(rcpt, now)
        if brake:
            self.ledger.apply([self._silent(each, brake, now) for each in letters])
            return False
        dispatch, is_correction = self._receipt(letters, campaign, standing, rcpt, now)
        changes: list[Change] = [QueueDispatch(dispatch)]
        for letter in letters:
            outcome = "已发补正通知" if is_correction else "已发回执"
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

    def _brake(self, rcpt: str, now: datetime) -> str:
        """Why nothing is sent, or an empty string [law 4]."""
        if not rcpt:
            return "没有可以答复的邮箱"
        if rcpt.lower() in self.policy.own_addresses:
            return "发件人是本单位自己的邮箱"
        if self.ledger.count_sent(rcpt, ANSWERS, now - DAY) >= self.policy.receipts_per_address_per_day:
            return "该邮箱当日回执已达上限"
        if self.ledger.count_sent("", ANSWERS, now - DAY) >= self.policy.receipts_per_day:
            return "当日回执总数已达上限"
        return ""

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
        newest = letters[-1]
        code = standing.code or self._public_code(campaign.key)
        facts = from_bytes(LetterFacts, self.archive.get(newest.facts_sha256))
        filings = _newest(
            filing
            for letter in letters
            for filing in self.ledger.filings(campaign.key, standing.unit.key, letter=letter.id)
        )
        row = self.ledger.campaign(campaign.key)
        # Of a campaign that has ended nothing is asked any more, not even a correction.
        findings = empty or (self._corrections(letters, filings) if row is None or row.is_open else ())
        name = "correction" if findings else "receipt"
        wording = self.words.write(
            name, campaign.key, self._facts(letters, campaign, standing, filings, findings, now)
        )
        content = Content(
            subject=f"[{code}] {wording.subject}" if code else wording.subject,
            text=wording.text,
            code=code,
            auto_submitted="auto-replied",
            references=tuple(each for each in (*facts.references[-3:], facts.message_id) if each),
            html=wording.html,
        )
        # Should a clerk file an empty reply after all, its receipt is another mail.
        key = receipt_key(letters[0].id) + (f":{EMPTY_EVENT}" if empty else "")
        dispatch = NewDispatch(
            dedupe_key=key,
            kind=DispatchKind.CORRECTION if findings else DispatchKind.RECEIPT,
            campaign=campaign.key,
            unit=standing.unit.key,
            rcpt=rcpt,
            account=self.policy.account,
            message_id=make_message_id(self.policy.code_key, key, self.policy.sender_domain),
            content_sha256=self.archive.put(to_bytes(content)),
            due_at=now,
            dockets=tuple(dict.fromkeys(each.item for each in filings)),
            in_reply_to=facts.message_id,
            is_held=bool(empty) or (bool(findings) and not campaign.sends_corrections),
        )
        return dispatch, bool(findings)

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

    def _in_force(self, filing: Filing, dockets: tuple[Docket, ...]) -> Filing:
        """The version that counts for this filing's entry."""
        docket = next((each for each in dockets if each.item == filing.item), None)
        known = self.ledger.filings(filing.campaign, filing.unit, filing.item)
        standing_ones = standing(of_entry(known, filing.entry), docket.returned_at if docket else None)
        return in_force(standing_ones) or filing

    def _facts(
        self,
        letters: list[Letter],
        campaign: Campaign,
        standing: Standing,
        filings: tuple[Filing, ...],
        findings: tuple[Finding, ...],
        now: datetime,
    ) -> dict[str, Value]:
        policy = self.policy
        unit = standing.unit
        dockets = self.ledger.dockets(campaign.key, unit.key)
        items = items_for(campaign, unit.groups, is_third_party=unit.is_third_party)
        wrong = {finding.item for finding in findings}
        ended = ended_words(self.ledger.campaign(campaign.key), policy.zone)
        standing_ones = [(each, self._in_force(each, dockets)) for each in filings]
        return {
            "campaign": campaign_facts(campaign, policy.calendar, policy.zone, items),
            "unit": _unit_facts(unit),
            "code": standing.code or self._public_code(campaign.key),
            "office": policy.office_name,
            "letter": {
                "received_words": "；".join(moment_words(e.received_at, policy.zone) for e in letters)
            },
            "items": [_item_line(each, campaign, dockets, best) for each, best in standing_ones],
            "standing": [
                {
                    "name": _item_name(campaign, best.item),
                    "entry": entry_words(best, campaign.item(best.item)),
                }
                for each, best in standing_ones
                if best.is_valid and not each.is_valid
            ],
            "links": [
                {"name": campaign_item.name}
                for docket in dockets
                if docket.state.value == "by-link" and (campaign_item := campaign.item(docket.item))
            ],
            "files": [
                {"name": doc.name, "size_words": size_words(doc.size), "sha256": doc.sha256}
                for doc in dict.fromkeys(doc for filing in filings for doc in filing.docs)
            ],
            "missing": missing_facts(
                (each for each in dockets if each.is_missing and not ended), campaign, now, policy.zone
            ),
            "corrections": [
                {"item": _item_name(campaign, each.item), "place": each.place, "say": each.say}
                for each in findings
            ],
            "ok": [{"name": _item_name(campaign, each.item)} for each in filings if each.item not in wrong],
            "fields_lines": _lines_to_correct(campaign, standing_ones, findings),
            "is_complete": not findings and not ended and not any(each.is_missing for each in dockets),
            "ended_words": ended,
            "contacts": campaign_facts(campaign, policy.calendar, policy.zone, items)["contacts"],
            "fingerprint": _fingerprint(filings),
        }


def _unit_facts(unit: Unit) -> dict[str, Value]:
    # A receipt goes to whoever wrote; whom the roster names is not told to them.
    return {"name": unit.name, "parent": unit.parent, "groups": list(unit.groups), "contact_names": ""}


def _fingerprint(filings: tuple[Filing, ...]) -> str:
    every = "".join(doc.sha256 for filing in filings for doc in filing.docs)
    return hashlib.sha256(every.encode()).hexdigest()[:16]


def _lines_to_correct(
    campaign: Campaign, filings: Iterable[tuple[Filing, Filing]], findings: tuple[Finding, ...]
) -> list[Value]:
    """The form's lines with what was right filled in, so that a correction can be typed as a reply."""
    wrong = {each.item for each in findings}
    for filing, best in filings:
        item = campaign.item(filing.item)
        if item is not None and item.key in wrong and item.fields and not filing.is_valid:
            return field_facts(item, _right_answers(item, filing, best, findings))
    return []


def _right_answers(item: Item, filing: Filing, best: Filing, findings: tuple[Finding, ...]) -> dict[str, str]:
    """What need not be typed again: right answers of this version over those of the best one before it."""
    places = {each.place for each in findings if each.item == item.key}
    wrong = {each.key for each in item.fields if each.label in places}
    given = {key: value for key, value in filing.fields if key not in wrong}
    return {**(dict(best.fields) if best.is_valid else {}), **given}


def ended_words(row: CampaignRow | None, zone: ZoneInfo) -> str:
    """What a late answer is told of a campaign that runs no more; empty while it runs."""
    if row is None or row.is_open or row.ended_at is None:
        return ""
    day = date_words(row.ended_at.astimezone(zone).date())
    if row.is_withdrawn:
        return f"本通知已于{day}撤回，不必再报送；来件已照常登记留存。"
    return f"本项工作已于{day}办结；来件已照常登记留存。"


def _newest(filings: Iterable[Filing]) -> tuple[Filing, ...]:
    """Letters gathered into one receipt may bring several versions of an entry: the last one says it all."""
    found: dict[tuple[str, int], Filing] = {}
    for each in filings:
        before = found.get((each.item, each.entry))
        if before is None or each.version >= before.version:
            found[each.item, each.entry] = each
    return tuple(found.values())


def _item_line(
    filing: Filing, campaign: Campaign, dockets: tuple[Docket, ...], best: Filing
) -> dict[str, Value]:
    item = campaign.item(filing.item)
    docket = next((each for each in dockets if each.item == filing.item), None)
    words = entry_words(filing, item)
    if best != filing:
        words += f"{'，' if words else ''}以第 {best.version} 版为准"
    return {
        "name": item.name if item else filing.item,
        "entry": words,
        "on_time_words": _on_time(filing, docket),
        "nil": filing.is_nil,
        "is_valid": filing.is_valid,
    }


def entry_words(filing: Filing, item: Item | None) -> str:
    """第 2 件“作品名”（第 3 版), or nothing for the first version of a single item."""
    words = ""
    if item is not None and item.is_many:
        words = f"第 {filing.entry} 件" + (f"“{filing.title}”" if filing.title else "")
    if filing.version > 1:
        words += f"（第 {filing.version} 版）" if words else f"第 {filing.version} 版"
    return words


def _on_time(filing: Filing, docket: Docket | None) -> str:
    if docket is None or docket.due_until is None or docket.obligation.value != "required":
        return ""
    asked = replace(docket, returned_at=docket.returned_at or filing.received_at)
    words = "逾期收到" if asked.is_late else "按时收到"
    if docket.paper is MediumState.AWAITED:
        words += "，纸质版未到"
    return words


def _item_name(campaign: Campaign, key: str | None) -> str:
    item = campaign.item(key or "")
    return item.name if item else ""
