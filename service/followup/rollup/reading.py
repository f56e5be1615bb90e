"""读件 — what is inside filed documents and their letters, one at a time, never all together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from service.office.filing import FiledDoc, Filing
from service.office.letter import LetterFacts
from service.office.matter import Matched
from service.office.needs.archive import Archive
from service.office.needs.forms import Forms
from service.office.needs.ledger import Ledger
from service.office.outcome import DoorError
from service.office.record import from_bytes

# A letter is asked about once for every field of its form.
_KEPT = 4


@dataclass(slots=True)
class Reader:
    """Reads matters, letters and documents; what is lost reads as nothing, for `verify` names it."""

    ledger: Ledger
    archive: Archive
    forms: Forms
    _matters: dict[int, Matched | None] = field(default_factory=dict)

    def matched(self, letter: int) -> Matched | None:
        """What matching saw in a letter and its files."""
        if letter not in self._matters:
            if len(self._matters) >= _KEPT:
                self._matters.clear()
            self._matters[letter] = self._read_matter(letter)
        return self._matters[letter]

    def _read_matter(self, letter: int) -> Matched | None:
        sha256 = self.ledger.matter(letter, "match")
        data = self.bytes_of(sha256) if sha256 else None
        return from_bytes(Matched, data) if data is not None else None

    def wrong(self, filing: Filing, label: str) -> str:
        """What 初审 found wrong with a field of this version."""
        found = self.ledger.findings(filing.letter) if filing.letter else ()
        said = (each.say for each in found if each.item == filing.item and each.place == label)
        return "；".join(dict.fromkeys(said))

    def bytes_of(self, sha256: str) -> bytes | None:
        """A file's bytes, or None where the archive has them no more."""
        try:
            return self.archive.get(sha256)
        except DoorError:
            return None

    def texts(self, filing: Filing) -> Iterator[str]:
        """The words of each document of a filing; pictures and films have none."""
        for doc in filing.docs:
            if not doc.is_enclosure:
                yield self.text(filing, doc)

    def text(self, filing: Filing, doc: FiledDoc) -> str:
        """The words of one document: of a mail only what its sender wrote, above quotes and signature."""
        if doc.name.endswith(".eml"):
            return self._letter_text(filing, doc)
        matched = self.matched(filing.letter) if filing.letter else None
        for read in matched.reads if matched else ():
            if read.sha256 == doc.sha256:
                return read.reading.text
        data = self.bytes_of(doc.sha256)
        return self.forms.read(data, doc.name).text if data is not None else ""

    def _letter_text(self, filing: Filing, doc: FiledDoc) -> str:
        letter = self.ledger.letter(filing.letter) if filing.letter else None
        if letter is None or letter.raw_sha256 != doc.sha256:
            return ""
        data = self.bytes_of(letter.facts_sha256)
        return from_bytes(LetterFacts, data).reply_text if data is not None else ""
