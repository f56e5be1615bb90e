"""起草 — fill the campaign's templates for every unit, once, into the archive. [条例25]"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from service.office.address import NotAnAddress, read_address
from service.office.calendar import CalendarUnknown
from service.office.campaign import Attachment, AttachmentKind, Campaign, FormField, Item, Prefill
from service.office.change import PutDraft, Record
from service.office.code import make_code
from service.office.content import Content, Enclosure, Manifest, Planned, digest_of_manifest
from service.office.facts import activity_facts, campaign_facts, field_facts, item_facts, unit_facts
from service.office.finding import Problem
from service.office.frozen import items_for, open_campaign
from service.office.mark import Mark
from service.office.needs.archive import Archive
from service.office.needs.ledger import Ledger
from service.office.needs.press import Imprint, Press, PressError, Value
from service.office.needs.staff_files import CampaignReading, StaffFiles
from service.office.needs.wording import Words
from service.office.policy import Policy
from service.office.record import from_bytes, to_bytes
from service.office.roster import Roster, Unit
from service.office.schedule import schedule_of
from service.office.sources import Sources, sources_of

_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "ofd": "application/ofd",
    "doc": "application/msword",
    "zip": "application/zip",
}
CODE_TRIES = 50
PUBLIC_UNIT = ""


@dataclass(frozen=True, slots=True)
class Drafted:
    """What drafting gave: a manifest, or the problems that stood in the way."""

    manifest: Manifest | None
    digest: str
    inputs_sha256: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """Renders a whole campaign."""

    ledger: Ledger
    archive: Archive
    press: Press
    words: Words
    staff_files: StaffFiles
    policy: Policy

    def whole(
        self,
        campaign: str,
        now: datetime,
        progress: Callable[[int, int], None] = lambda done, total: None,
        at: datetime | None = None,
    ) -> Drafted:
        """Every unit's letter into the archive, the draft into the ledger; nothing is sent.

        `at` is the planned hour from which the schedule counts; None: as soon as it is signed.
        """
        reading, roster = self._numbered_reading(campaign), self.staff_files.roster()
        problems = [*reading.problems, *roster.problems]
        if reading.campaign is None or any(each.is_error for each in problems):
            return Drafted(None, "", "", tuple(problems))
        sources = self._sources(reading, roster)
        inputs = sources.inputs_sha256
        try:
            manifest = self._manifest(reading.campaign, reading, roster, progress)
            manifest = replace(manifest, files=sources.files, rules=sources.rules)
            manifest = self._scheduled(manifest, reading.campaign, roster, at, now)
        except PressError as error:
            return Drafted(None, "", inputs, (*problems, error.problem))
        except CalendarUnknown as error:
            unknown = Problem("config/workdays.yaml", "", str(error), code="calendar-unknown")
            return Drafted(None, "", inputs, (*problems, unknown))
        return self._put(manifest, inputs, tuple(problems), now)

    def renewed(self, campaign: str, now: datetime, at: datetime | None = None) -> Drafted | None:
        """The newest draft counted from this hour, documents as they are; None: it must be drafted anew."""
        row = self.ledger.draft(campaign)
        sources = self.sources_now(campaign)
        if row is None or sources.campaign is None or row.inputs_sha256 != sources.inputs_sha256:
            return None
        manifest = from_bytes(Manifest, self.archive.get(row.manifest_sha256))
        facts = from_bytes(Campaign, self.archive.get(manifest.campaign_sha256))
        problems = (*self.staff_files.campaign(campaign).problems, *sources.roster.problems)
        counted = self._scheduled(manifest, facts, sources.roster, at, now)
        if (counted.schedule, counted.starts_at) == (manifest.schedule, manifest.starts_at):
            return Drafted(manifest, row.digest, row.inputs_sha256, problems)
        return self._put(counted, row.inputs_sha256, problems, now)

    def _put(self, manifest: Manifest, inputs: str, problems: tuple[Problem, ...], now: datetime) -> Drafted:
        digest = digest_of_manifest(manifest, inputs)
        sha256 = self.archive.put(to_bytes(manifest))
        drafted = Record("drafted", now, "系统", manifest.campaign, about=(("digest", digest),))
        self.ledger.apply([PutDraft(manifest.campaign, digest, inputs, sha256, now), drafted])
        return Drafted(manifest, digest, inputs, problems)

    def _scheduled(
        self, manifest: Manifest, campaign: Campaign, roster: Roster, at: datetime | None, now: datetime
    ) -> Manifest:
        units = roster.in_groups(campaign.groups)
        schedule = schedule_of(campaign, units, self.policy, at or now)
        return replace(manifest, starts_at=at, schedule=schedule)

    def sources_now(self, campaign: str) -> Sources:
        """Everything a draft would be made from, as the folder stands at this moment."""
        return self._sources(self._numbered_reading(campaign), self.staff_files.roster())

    def inputs_now(self, campaign: str) -> str:
        """One hash over it, to compare with what was signed."""
        return self.sources_now(campaign).inputs_sha256

    def _sources(self, reading: CampaignReading, roster: Roster) -> Sources:
        key = reading.campaign.key if reading.campaign else ""
        held = self.ledger.doc_number(key) if key else None
        texts = self.words.texts(key)
        number = held.text if held else ""
        return sources_of(reading, roster, texts, self.staff_files.rules()[0], self.policy, number)

    def _numbered_reading(self, campaign: str) -> CampaignReading:
        """The folder's facts; a number reserved in the ledger's series fills an empty doc_number."""
        reading = self._settled_reading(campaign)
        held = self.ledger.doc_number(campaign) if reading.campaign else None
        if reading.campaign is None or held is None or reading.campaign.doc_number:
            return reading
        return replace(reading, campaign=replace(reading.campaign, doc_number=held.text))

    def _settled_reading(self, campaign: str) -> CampaignReading:
        """The folder's facts; what nobody has said about 补正 and 催办 as it was signed, else as below.

        An office's first campaign leaves both as drafts for a clerk, who learns by them what goes out.
        """
        reading = self.staff_files.campaign(campaign)
        if reading.campaign is None:
            return reading
        signed = open_campaign(campaign, self.ledger, self.archive)
        is_practised = bool(self.ledger.campaigns())
        corrections, reminders = reading.campaign.sends_corrections, reading.campaign.sends_reminders
        if corrections is None:
            corrections = signed.sends_corrections if signed is not None else is_practised
        if reminders is None:
            reminders = signed.sends_reminders if signed is not None else is_practised
        settled = replace(reading.campaign, sends_corrections=corrections, sends_reminders=reminders)
        return replace(reading, campaign=settled)

    def reading_of(self, campaign: str) -> CampaignReading:
        """The campaign's folder as it stands, with the number that is held for it."""
        return self._numbered_reading(campaign)

    def files_of(self, reading: CampaignReading) -> tuple[tuple[str, str], ...]:
        """Name and sha256 of everything that lies in templates/ and goes into a draft."""
        files = self._sources(reading, Roster(())).files
        return tuple(each for each in files if each[0].startswith("templates/"))

    def for_units(
        self, campaign: Campaign, reading: CampaignReading, roster: Roster, units: tuple[Unit, ...]
    ) -> Manifest:
        """What these units would be sent now, for a release after the first one; raises PressError."""
        return self._manifest(campaign, reading, roster, lambda done, total: None, units)

    def _manifest(
        self,
        campaign: Campaign,
        reading: CampaignReading,
        roster: Roster,
        progress: Callable[[int, int], None],
        among: tuple[Unit, ...] | None = None,
    ) -> Manifest:
        files = dict(reading.files)
        units = roster.in_groups(campaign.groups) if among is None else among
        codes = self._codes(campaign, units)
        shared = self._shared(campaign, files)
        planned: list[Planned] = []
        packs: list[tuple[str, tuple[Enclosure, ...]]] = []
        for done, unit in enumerate(units, 1):
            enclosures = self._enclosures(campaign, files, shared, unit, codes[unit.key])
            content = self._content(campaign, unit, codes[unit.key], enclosures)
            sha256 = self.archive.put(to_bytes(content))
            if not unit.addresses:
                packs.append((unit.key, (*enclosures, self._cover(campaign, unit, codes[unit.key]))))
            for address in unit.addresses:
                code = codes[unit.key]
                planned.append(Planned(unit.key, unit.name, address.text, "notice", sha256, code))
            progress(done, len(units))
        planned += self._copies(campaign, shared)
        public = self._enclosures(campaign, files, shared, Unit("", ""), codes[PUBLIC_UNIT])
        return Manifest(
            campaign=campaign.key,
            campaign_sha256=self.archive.put(to_bytes(campaign)),
            roster_sha256=self.archive.put(to_bytes(replace(roster, problems=()))),
            planned=tuple(planned),
            codes=tuple((code, unit) for unit, code in codes.items()),
            without_address=tuple(unit.key for unit in units if not unit.addresses),
            blanks=tuple((item.key, item.form_template) for item in campaign.items if item.form_template),
            public=public,
            print_packs=tuple(packs),
        )

    def _codes(self, campaign: Campaign, units: tuple[Unit, ...]) -> dict[str, str]:
        """One code per unit; two units never share one, and no other campaign's is taken."""
        codes: dict[str, str] = {}
        taken: set[str] = set()
        for key in (PUBLIC_UNIT, *(unit.key for unit in units)):
            for attempt in range(CODE_TRIES):
                code = make_code(self.policy.code_key, campaign.key, key, attempt)
                whose = self.ledger.whose_code(code)
                if code not in taken and whose in (None, (campaign.key, key)):
                    break
            else:
                raise LookupError(f"no free code for {key} after {CODE_TRIES} tries")
            codes[key] = code
            taken.add(code)
        return codes

    def _shared(self, campaign: Campaign, files: dict[str, bytes]) -> dict[str, Enclosure]:
        """What is the same for every unit is rendered once: the notice, requirements, finished files."""
        shared: dict[str, Enclosure] = {}
        for number, attachment in _numbered(campaign):
            is_finished = attachment.kind is AttachmentKind.FILE
            # A finished file goes out byte for byte, even where it is an item's form.
            if not is_finished and (attachment.item or not attachment.is_same_for_all):
                continue
            data = files[attachment.file]
            if not is_finished:
                facts = self._facts(campaign, Unit("", ""), "")
                data = self.press.render(data, attachment.file, facts, Imprint(title=attachment.title))
            shared[attachment.file] = self._enclose(campaign, number, attachment, data)
        return shared

    def _enclosures(
        self,
        campaign: Campaign,
        files: dict[str, bytes],
        shared: dict[str, Enclosure],
        unit: Unit,
        code: str,
    ) -> tuple[Enclosure, ...]:
        found: list[Enclosure] = []
        asked = {item.key for item in items_for(campaign, unit.groups)} if unit.key else None
        for number, attachment in _numbered(campaign):
            item = campaign.item(attachment.item) if attachment.item else None
            if item is not None and asked is not None and item.key not in asked:
                continue
            if attachment.file in shared:
                found.append(shared[attachment.file])
                continue
            facts = self._facts(campaign, unit, code, item)
            imprint = _imprint(campaign, attachment, item, unit, code)
            data = self.press.render(files[attachment.file], attachment.file, facts, imprint)
            found.append(self._enclose(campaign, number, attachment, data))
        return tuple(found)

    def _facts(self, campaign: Campaign, unit: Unit, code: str, item: Item | None = None) -> dict[str, Value]:
        policy = self.policy
        mine = [each for each in campaign.activities if unit.key and each.names(unit.key, unit.groups)]
        facts: dict[str, Value] = {
            "campaign": campaign_facts(campaign, policy.calendar, policy.zone),
            "unit": unit_facts(unit),
            "code": code,
            "mine": {"activities": [activity_facts(each) for each in mine]},
        }
        if item is not None:
            known = {each.key: known_of(unit, each) for each in item.fields}
            facts["item"] = {
                **item_facts(item, policy.calendar, policy.zone),
                "fields": field_facts(item, known),
            }
        return facts

    def _content(
        self, campaign: Campaign, unit: Unit, code: str, enclosures: tuple[Enclosure, ...]
    ) -> Content:
        policy = self.policy
        items = items_for(campaign, unit.groups)
        facts = self._facts(campaign, unit, code)
        asked = campaign_facts(campaign, policy.calendar, policy.zone, items)
        rows: list[Value] = [
            item_facts(item, policy.calendar, policy.zone, campaign.obligation(item, unit.groups))
            for item in items
        ]
        wording = self.words.write(
            "notice",
            campaign.key,
            {
                **facts,
                "campaign": {**asked, "items": rows},
                "office": policy.office_name,
                "contacts": asked["contacts"],
                "size_words": policy.reply_size_words,
                "enclosures": [each.name for each in enclosures],
            },
        )
        return Content(f"[{code}] {wording.subject}", wording.text, enclosures, code, html=wording.html)

    def _cover(self, campaign: Campaign, unit: Unit, code: str) -> Enclosure:
        """The slip on top of a print pack: for whom it is, what is asked, and the code."""
        policy = self.policy
        items = items_for(campaign, unit.groups)
        facts = {
            **self._facts(campaign, unit, code),
            "campaign": campaign_facts(campaign, policy.calendar, policy.zone, items),
            "office": policy.office_name,
        }
        imprint = Imprint(code, (), "报送材料封面", {"huizhi.campaign": campaign.key}, mark=Mark(code))
        data = self.press.render(self.words.cover(), "templates/letters/cover.docx", facts, imprint)
        return Enclosure("封面.docx", self.archive.put(data), _TYPES["docx"], len(data), "cover")

    def _copies(self, campaign: Campaign, shared: dict[str, Enclosure]) -> list[Planned]:
        """Cc bodies get the notice once: no form, no code, no reminder."""
        planned: list[Planned] = []
        enclosures = tuple(shared[each.file] for _, each in _numbered(campaign) if each.file in shared)
        for body in campaign.copies_to:
            facts = self._facts(campaign, Unit(body.name, body.name), "")
            asked = {"office": self.policy.office_name, "body": body.name, "contacts": ()}
            wording = self.words.write("copy", campaign.key, {**facts, **asked})
            content = Content(wording.subject, wording.text, enclosures, html=wording.html)
            sha256 = self.archive.put(to_bytes(content))
            for text in body.addresses:
                try:
                    rcpt = read_address(text).text
                except NotAnAddress:
                    continue  # proof names it; a draft of the others is still worth reading
                planned.append(Planned(body.name, body.name, rcpt, "copy", sha256))
        return planned

    def _enclose(
        self, campaign: Campaign, number: int | None, attachment: Attachment, data: bytes
    ) -> Enclosure:
        suffix = attachment.file.rpartition(".")[2].lower()
        title = attachment.title or campaign.title
        name = f"{title}.{suffix}" if number is None else f"附件{number}　{title}.{suffix}"
        role = "notice" if attachment.is_notice else ("form" if attachment.item else "attachment")
        media_type = _TYPES.get(suffix, "application/octet-stream")
        return Enclosure(name, self.archive.put(data), media_type, len(data), role)


def _imprint(campaign: Campaign, attachment: Attachment, item: Item | None, unit: Unit, code: str) -> Imprint:
    """The code in all its carriers; on a form also its fields, what we know of the unit, and the mark."""
    extra = {"huizhi.campaign": campaign.key, "huizhi.item": item.key if item else ""}
    if item is None or not item.fields:
        return Imprint(code, (), attachment.title, extra)
    known = {each.key: known_of(unit, each) for each in item.fields if each.prefill is not Prefill.NONE}
    return Imprint(code, item.fields, attachment.title, extra, known, Mark(code, item.key))


def known_of(unit: Unit, field: FormField) -> str:
    """What the roster says of a unit that a field asks for; what we print is never a witness [law 3]."""
    first = unit.contacts[0] if unit.contacts else None
    match field.prefill:
        case Prefill.UNIT:
            return unit.name
        case Prefill.CONTACT:
            return first.name if first else ""
        case Prefill.PHONE:
            return first.phone if first else ""
        case Prefill.EMAIL:
            return first.addresses[0].text if first and first.addresses else ""
        case Prefill.NONE:
            return ""
        case _:
            assert_never(field.prefill)


def _numbered(campaign: Campaign) -> list[tuple[int | None, Attachment]]:
    """Attachments with their number in the 附件说明; the notice itself has none."""
    number = 0
    found: list[tuple[int | None, Attachment]] = []
    for each in campaign.attachments:
        if each.is_notice:
            found.append((None, each))
        else:
            number += 1
            found.append((number, each))
    return found
