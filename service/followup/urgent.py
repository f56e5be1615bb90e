"""紧急 — a word to the campaign's clerk, within minutes, when something urgent was filed; never to units."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.office.campaign import Campaign, Item
from service.office.change import Change, QueueDispatch, Record
from service.office.content import Content
from service.office.digest import SHARED, urgent_key
from service.office.dispatch import DispatchKind, NewDispatch
from service.office.filing import Filing
from service.office.frozen import frozen_campaign
from service.office.letter import Letter
from service.office.message_id import make_message_id
from service.office.needs.archive import Archive
from service.office.needs.ledger import Ledger
from service.office.needs.wording import Words
from service.office.policy import Person, Policy, StaffRole, moment_words
from service.office.record import to_bytes

URGENT_EVENT = "urgent-told"
# What was filed longer ago was told then, or stands on the desk: an office that begins to use this is not
# written to about last month.
TOLD_WITHIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Urgent:
    """Looks after items marked urgent; only the daemon asks it, every minute."""

    ledger: Ledger
    archive: Archive
    words: Words
    policy: Policy

    def look(self, now: datetime) -> bool:
        """Write about what was filed and nobody was told of; True when something was. Raises PressError."""
        fresh = [
            (campaign, item, filing)
            for campaign, item in self._urgent_items()
            for filing in self.ledger.filings(campaign.key, item=item.key)
            if filing.letter is not None and now - filing.filed_at <= TOLD_WITHIN
        ]
        if not fresh:
            return False
        told = {each.letter for each in self.ledger.events(kind=URGENT_EVENT)}
        seen = {each.letter for each in self.ledger.events(kind="noted")}
        has_told = False
        for campaign, item, filing in fresh:
            letter = self.ledger.letter(filing.letter or 0)
            if letter is None or letter.id in told | seen:
                continue
            told.add(letter.id)
            has_told = self._tell(campaign, item, filing, letter, now) or has_told
        return has_told

    def _urgent_items(self) -> Iterator[tuple[Campaign, Item]]:
        for row in self.ledger.campaigns():
            # What comes for one that has ended is filed still, and may be as urgent.
            campaign = frozen_campaign(row, self.archive)
            yield from ((campaign, item) for item in campaign.items if item.is_urgent)

    def _tell(self, campaign: Campaign, item: Item, filing: Filing, letter: Letter, now: datetime) -> bool:
        """One letter, told once, together with the event that says so."""
        content = self._content(campaign, item, filing, letter)
        sha256 = self.archive.put(to_bytes(content))
        people = self._people(campaign)
        about = (("to", "、".join(each.name for each in people)),)
        changes: list[Change] = [
            Record(
                *(URGENT_EVENT, now, "系统", campaign.key, filing.unit, item.key),
                letter=letter.id,
                about=about,
            )
        ]
        policy = self.policy
        for person in people:
            key = urgent_key(letter.id, person.address)
            dispatch = NewDispatch(
                dedupe_key=key,
                kind=DispatchKind.REPORT,
                campaign="",
                unit="",
                rcpt=person.address,
                account=policy.account,
                message_id=make_message_id(policy.code_key, key, policy.sender_domain),
                content_sha256=sha256,
                due_at=now,
            )
            changes.append(QueueDispatch(dispatch))
        return self.ledger.apply(changes)

    def _people(self, campaign: Campaign) -> tuple[Person, ...]:
        """The clerk whom the campaign names; where that is nobody of the staff, every clerk."""
        named = self.policy.person(campaign.clerk)
        if named is not None:
            return (named,)
        return tuple(each for each in self.policy.staff if each.role is StaffRole.CLERK)

    def _content(self, campaign: Campaign, item: Item, filing: Filing, letter: Letter) -> Content:
        standing = self.ledger.standing(campaign.key, filing.unit)
        unit = standing.unit if standing else None
        contact = next((each for each in unit.contacts if each.phone), None) if unit else None
        wording = self.words.write(
            "urgent",
            SHARED,
            {
                "unit": unit.name if unit else filing.unit,
                "item": item.name,
                "title": campaign.title,
                "key": campaign.key,
                "letter": str(letter.id),
                "subject": letter.subject,
                "sender": letter.sender,
                "received_words": moment_words(filing.received_at, self.policy.zone),
                "files": [each.name for each in filing.docs],
                "contact": f"{contact.name} {contact.phone}".strip() if contact else "",
                "office": self.policy.office_name,
            },
        )
        return Content(wording.subject, wording.text, html=wording.html)
