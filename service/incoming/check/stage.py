"""初审, as a stage: every assignment against what its item asks, and what then becomes of the letter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from service.incoming.check.earlier import Continued, continued
from service.incoming.check.fields import check_fields
from service.incoming.check.prose import check_prose
from service.office.campaign import Campaign, Item
from service.office.change import Change, Record
from service.office.filing import Filing, standing
from service.office.finding import Finding, Severity
from service.office.form import FormReading
from service.office.frozen import open_campaign
from service.office.holding import hold
from service.office.letter import DANGEROUS, Letter, LetterFacts, Part, Stage
from service.office.matter import Assignment, Brought, Checked, CheckedItem, Matched
from service.office.needs.archive import Archive
from service.office.needs.ledger import Ledger
from service.office.policy import Policy
from service.office.reading import Advance, NoteHits, PutFindings, PutMatter
from service.office.record import from_bytes, to_bytes
from service.office.rule import RuleHit, Then

CHECK_VERSION = 2
# What a person must look at first may well be a return: until then nobody is called missing for it.
_HOLDING = ("quarantine", "review", "refuse")


@dataclass(frozen=True, slots=True)
class Check:
    """Checks one matched letter."""

    ledger: Ledger
    archive: Archive
    policy: Policy

    name = "check"

    def waiting(self, now: datetime) -> Sequence[str]:
        """Matched letters, oldest first; of one unit one at a time, for each is seen with what is in.

        A letter that stumbles holds back nobody.
        """
        stuck = {row.piece for stage in ("check", "file") for row in self.ledger.stumbles(stage)}
        busy = {
            (letter.campaign, letter.unit)
            for letter in self.ledger.letters(stage=Stage.CHECKED)
            if str(letter.id) not in stuck
        }
        found = []
        for letter in self.ledger.letters(stage=Stage.MATCHED):
            whose = (letter.campaign, letter.unit)
            if str(letter.id) in stuck or not letter.unit:
                found.append(str(letter.id))
            elif whose not in busy:
                busy.add(whose)
                found.append(str(letter.id))
        return found

    def handle(self, piece: str, now: datetime) -> bool:
        """Check one letter in one transaction."""
        letter = self.ledger.letter(int(piece))
        if letter is None or letter.stage is not Stage.MATCHED:
            return False
        facts = from_bytes(LetterFacts, self.archive.get(letter.facts_sha256))
        sha256 = self.ledger.matter(letter.id, "match")
        if sha256 is None:
            raise LookupError(f"letter {letter.id} is matched without a matter")
        matched = from_bytes(Matched, self.archive.get(sha256))
        campaign = open_campaign(matched.campaign or "", self.ledger, self.archive)
        day = self.policy.local(letter.received_at).date()
        known = filings_that_stand(self.ledger, matched.campaign or "", matched.unit or "")
        checked = check_letter(facts, matched, campaign, day, known, self._granted(letter, matched))
        self.ledger.apply(self._changes(letter, matched, checked, now))
        return False

    def _granted(self, letter: Letter, matched: Matched) -> frozenset[str]:
        """Items that this unit may still bring by its own due date, whatever the cut-off for all."""
        dockets = self.ledger.dockets(matched.campaign or "", matched.unit or "") if matched.unit else ()
        return frozenset(
            each.item
            for each in dockets
            if each.late_from is not None and letter.received_at < each.late_from
        )

    def _changes(self, letter: Letter, matched: Matched, checked: Checked, now: datetime) -> list[Change]:
        to = _STAGES[checked.then]
        hits = [
            RuleHit(f"{each.item}:{each.code}", CHECK_VERSION, each.severity is Severity.MUST, each.say)
            for each in checked.findings
        ]
        hits.append(RuleHit("then", CHECK_VERSION, True, checked.say))
        changes: list[Change] = [
            Advance(letter.id, Stage.MATCHED, to, now, outcome=checked.say),
            NoteHits(letter.id, "check", tuple(hits)),
            PutFindings(letter.id, checked.findings),
            PutMatter(letter.id, "check", self.archive.put(to_bytes(checked))),
            Record(
                f"checked-{checked.then}",
                now,
                "系统",
                matched.campaign or "",
                matched.unit or "",
                letter=letter.id,
                about=(("say", checked.say),),
            ),
        ]
        if checked.then in _HOLDING:
            changes += hold(self.ledger, matched.suspects, letter.id, now)
        if checked.then == "file" and matched.may_ask:
            about = (("reason", "来信还有询问、请求或要下载的链接"),)
            changes.append(
                Record(
                    "asked-beside",
                    now,
                    "系统",
                    matched.campaign or "",
                    matched.unit or "",
                    letter=letter.id,
                    about=about,
                )
            )
        return changes


_STAGES = {
    "file": Stage.CHECKED,
    "review": Stage.REVIEW,
    "quarantine": Stage.REVIEW,
    "ask": Stage.ASKED,
    "note": Stage.NOTED,
    "refuse": Stage.REFUSED,
}


def filings_that_stand(ledger: Ledger, campaign: str, unit: str) -> tuple[Filing, ...]:
    """What a unit has in, without what a person took back."""
    if not campaign or not unit:
        return ()
    filings = ledger.filings(campaign, unit)
    if not filings:
        return ()
    dockets = ledger.dockets(campaign, unit)
    return tuple(
        each
        for docket in dockets
        for each in standing([one for one in filings if one.item == docket.item], docket.returned_at)
    )


def check_letter(
    facts: LetterFacts,
    matched: Matched,
    campaign: Campaign | None,
    received_on: date | None = None,
    known: Sequence[Filing] = (),
    granted: frozenset[str] = frozenset(),
) -> Checked:
    """初审 one letter; `campaign` is the one it was matched to. Changes nothing.

    `received_on` is the office's day of receipt; None: the cut-off is not asked (a person has decided).
    `known` are the unit's filings that stand: what was right in them need not come anew. `granted` are items
    whose due date for this unit is not over, for an extension goes beyond the cut-off.
    """
    if matched.meaning is Then.REFUSE:
        return Checked((), "refuse", "来信或附件标有密级，已封存，请按保密规定处理")
    if not matched.brings_something:
        return _without_return(matched)
    if not matched.is_certain or campaign is None:
        return Checked((), "review", matched.doubt or "需要人工确认")
    dangerous = [part.name for part in facts.parts if DANGEROUS & set(part.flags)]
    items = tuple(_check_one(each, facts, matched, campaign, known) for each in matched.assignments)
    if dangerous:
        say = f"附件“{dangerous[0]}”带有宏、程序等危险内容（或未能查毒），已隔离，请人工处理"
        return Checked(items, "quarantine", say)
    closed = _closed(items, campaign, received_on, granted)
    if closed:
        return Checked(items, "review", closed)
    return Checked(items, "file", _summary(items, campaign))


def _closed(
    items: tuple[CheckedItem, ...], campaign: Campaign, received_on: date | None, granted: frozenset[str]
) -> str:
    """What came after an item's cut-off is kept, but only a person may still take it in."""
    for each in items:
        item = campaign.item(each.assignment.item)
        if item is None or item.key in granted or item.cut_off_on is None or received_on is None:
            continue
        if received_on > item.cut_off_on:
            return f"《{item.name}》已于 {item.cut_off_on} 截止收取，请确认是否收下"
    return ""


def _without_return(matched: Matched) -> Checked:
    if matched.meaning is Then.ASK:
        return Checked((), "ask", "来信是询问、申请或变更联系人，请经办人答复")
    return Checked((), "note", "来信没有报送材料，已记录")


def _summary(items: tuple[CheckedItem, ...], campaign: Campaign) -> str:
    said = []
    for each in items:
        item = campaign.item(each.assignment.item)
        name = item.name if item else each.assignment.item
        state = "可以归档" if each.is_valid else "需要补正"
        said.append(f"《{name}》{state}")
    return "；".join(said)


def _check_one(
    assignment: Assignment,
    facts: LetterFacts,
    matched: Matched,
    campaign: Campaign,
    known: Sequence[Filing],
) -> CheckedItem:
    item = campaign.item(assignment.item)
    if item is None:
        return CheckedItem(assignment)
    seen = continued(item, assignment, [each for each in known if each.item == item.key], facts)
    parts = [part for part in facts.parts if part.sha256 in assignment.parts]
    findings = [*_unreadable(item, parts, matched)]
    if not findings:
        findings += _contents(item, seen, parts, facts, matched)
    return CheckedItem(seen.assignment, tuple(findings), seen.entry, seen.completes)


def _contents(
    item: Item, seen: Continued, parts: list[Part], facts: LetterFacts, matched: Matched
) -> Sequence[Finding]:
    """Findings on what can be read."""
    assignment = seen.assignment
    is_beside = assignment.brought in (Brought.FILES, Brought.BODY, Brought.PICTURES)
    if is_beside and seen.completes and seen.before is not None and not seen.before.is_valid:
        # More parts of what must be corrected make nothing good; a bare receipt would say they did.
        say = f"补充的内容已收到，但此前报送的《{item.name}》仍需补正，请改好后再报"
        return (Finding("still-faulty", item.key, item.name, say),)
    match assignment.brought:
        case Brought.FORM | Brought.LINES if item.fields:
            return check_fields(item, dict(assignment.fields), _form_name(item))
        case Brought.FILES | Brought.BODY | Brought.PICTURES if item.fields:
            return () if seen.completes else _formless(item, parts, matched)
        case Brought.FILES | Brought.BODY if not seen.completes:
            return _prose(item, assignment, facts, matched, parts)
        case _:
            return ()


def _form_name(item: Item) -> str:
    return "登记表" if "登记表" in item.name or item.form_template else f"《{item.name}》"


def _formless(item: Item, parts: list[Part], matched: Matched) -> Sequence[Finding]:
    """A scan or photograph of the stamped form is in, and staff type its fields; anything else is no form."""
    if not any(_is_page_image(part, matched) for part in parts):
        say = f"没有收到填好的《{item.name}》登记表，请填写后回复"
        return (Finding("form-missing", item.key, item.name, say),)
    say = (
        f"《{item.name}》是扫描件或照片，已按收到登记；表中各栏请录入："
        "按“标签：内容”一行一栏写成 .txt，放进 交换/收件/该单位 文件夹"
    )
    return (Finding("fields-untyped", item.key, item.name, say, Severity.ADVICE),)


def _is_page_image(part: Part, matched: Matched) -> bool:
    if part.type.startswith("image/"):
        return True
    reading = next((read.reading for read in matched.reads if read.sha256 == part.sha256), None)
    is_page = part.type in ("application/pdf", "application/ofd")
    return is_page and (reading is None or not reading.text.strip())


def _unreadable(item: Item, parts: list[Part], matched: Matched) -> list[Finding]:
    readings = {read.sha256: read.reading for read in matched.reads}
    findings = []
    for part in parts:
        reading = readings.get(part.sha256)
        flags = {*(flag.value for flag in part.flags), *(reading.flags if reading else ())}
        if "encrypted" in flags:
            say = f"文件“{part.name}”设有密码，无法打开，请去掉密码后重新报送"
            findings.append(Finding("encrypted", item.key, part.name, say))
        elif "unreadable" in flags or part.size == 0:
            say = f"文件“{part.name}”已损坏或为空，无法打开，请重新报送"
            findings.append(Finding("unreadable", item.key, part.name, say))
    return findings


def _prose(
    item: Item, assignment: Assignment, facts: LetterFacts, matched: Matched, parts: list[Part]
) -> tuple[Finding, ...]:
    readings: list[FormReading] = [read.reading for read in matched.reads if read.sha256 in assignment.parts]
    texts = [reading.text for reading in readings if reading.text.strip()]
    if not texts and assignment.brought is Brought.BODY:
        texts = [facts.reply_text]
    headings = tuple(heading for reading in readings for heading in reading.headings)
    if not any(text.strip() for text in texts):
        # A scan or a picture: nothing can be counted, and nothing is held against the unit.
        return ()
    return check_prose(item, texts, headings, _count_pictures(parts, readings))


def _count_pictures(parts: list[Part], readings: list[FormReading]) -> int:
    """Each picture once, inside documents or beside them; logos and signatures were left out before."""
    known = {part.sha256 for part in parts if part.type.startswith("image/")}
    known |= {image for reading in readings for image in reading.images}
    return len(known) + sum(max(0, reading.pictures - len(reading.images)) for reading in readings)
