"""补正用表 — the unit's own form once more, what was right typed in and what was wrong left open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from service.incoming.acknowledge.answer import Answer, right_answers, wrong_fields
from service.office.campaign import Campaign, Item
from service.office.content import Content, Enclosure, Manifest
from service.office.dispatch import INFORMS
from service.office.filing import Filing
from service.office.needs.archive import Archive
from service.office.needs.ledger import Ledger
from service.office.needs.press import Press
from service.office.record import from_bytes

# Somebody who sent more faulty works than this corrects them by the list, not by so many files.
FORMS_MAX = 5


@dataclass(frozen=True, slots=True)
class Prefilling:
    """Where the forms lie, and the press that types into them."""

    ledger: Ledger
    archive: Archive
    press: Press

    def forms(self, answer: Answer, bests: Iterable[tuple[Filing, Filing]]) -> tuple[Enclosure, ...]:
        """One form for each faulty version that had one; none for a body on no roster.

        What we type of a stranger's name would come back as if he had typed it himself [law 3].
        """
        if answer.standing.unit.is_third_party:
            return ()
        return _numbered(tuple(self._each(answer, bests))[:FORMS_MAX])

    def _each(self, answer: Answer, bests: Iterable[tuple[Filing, Filing]]) -> Iterator[Enclosure]:
        wrong = {each.item for each in answer.findings}
        for filing, best in bests:
            item = answer.campaign.item(filing.item)
            if item is None or item.key not in wrong or not item.fields or filing.is_valid:
                continue
            answers = right_answers(item, filing, best, answer.findings)
            sent = self._sent(answer, item) if any(answers.values()) else None
            if sent is None:
                continue
            marked = wrong_fields(item, answer.findings)
            data = self.press.refill(self.archive.get(sent.sha256), item.fields, answers, marked)
            if data is not None:
                name = f"{sent.name.rpartition('.')[0]}（补正）.docx"
                yield Enclosure(name, self.archive.put(data), sent.type, len(data), "form")

    def _sent(self, answer: Answer, item: Item) -> Enclosure | None:
        """The form of this item as this unit was sent it, with its code, by mail or on paper."""
        key, unit = answer.campaign.key, answer.standing.unit.key
        told = self.ledger.dispatches(key, kinds=INFORMS, unit=unit)
        contents = dict.fromkeys(each.content_sha256 for each in reversed(told))
        for sha256 in contents:
            enclosures = from_bytes(Content, self.archive.get(sha256)).enclosures
            if found := _form_of(item, answer.campaign, enclosures):
                return found
        release = self.ledger.release(key)
        if release is None or not release.manifest_sha256:
            return None
        packs = dict(from_bytes(Manifest, self.archive.get(release.manifest_sha256)).print_packs)
        return _form_of(item, answer.campaign, packs.get(unit, ()))


def _form_of(item: Item, campaign: Campaign, enclosures: tuple[Enclosure, ...]) -> Enclosure | None:
    """Told by its title, as 起草 names it; only what Word can open can be typed into."""
    titles = {each.title for each in campaign.attachments if each.item == item.key}
    for each in enclosures:
        stem, _, suffix = each.name.rpartition(".")
        title = stem.rpartition("\u3000")[2]
        if each.role == "form" and suffix.lower() == "docx" and title in titles:
            return each
    return None


def _numbered(forms: tuple[Enclosure, ...]) -> tuple[Enclosure, ...]:
    """Several of one name are told apart by a number."""
    if len(forms) < 2:
        return forms
    return tuple(
        replace(each, name=each.name.replace("（补正）", f"（补正{number}）"))
        for number, each in enumerate(forms, start=1)
    )
