"""The counter: a released office to itself, letters handed in as bytes, and what staff see of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from service.office.board import DeskRow
from service.office.docket import Docket
from service.office.filing import Filing
from service.office.letter import Kind, Letter, LetterFacts, Part, Stage
from service.office.record import from_bytes
from tests.stories.sample_office import DATONG, SHANXI, Released, SampleOffice

FILED = (Stage.FILED, Stage.ACKNOWLEDGED)
# A machine's letter, whatever machine: noted, and that is all.
SET_ASIDE = (Stage.IGNORED,)
QUIET_STEP = timedelta(minutes=20)

Delivered = bytes | tuple[bytes, str]  # with its folder, INBOX if it is not said


@dataclass
class Counter:
    """An office an hour after its notices went out, and everything that left it since."""

    office: SampleOffice
    before: int = field(init=False)

    def __post_init__(self) -> None:
        self.before = len(self.office.world.accepted)

    def take(self, *letters: Delivered) -> Letter:
        """Letters arrive one after another, each some minutes after the last; the newest row is returned."""
        for number, each in enumerate(letters):
            if number:
                self.later()
            raw, folder = each if isinstance(each, tuple) else (each, "INBOX")
            self.office.arrive(raw, folder)
            self.office.work()
        return self.letters[-1]

    def later(self, step: timedelta = QUIET_STEP) -> None:
        """Office time goes on, and what falls due is done."""
        self.office.until(f"{self.office.now + step:%Y-%m-%d %H:%M}")

    @property
    def letters(self) -> list[Letter]:
        """Every row of the ledger's letters, in order of arrival."""
        return sorted(self.office.letters(), key=lambda letter: letter.id)

    def facts(self, letter: Letter) -> LetterFacts:
        """What was read in a letter, as kept."""
        return from_bytes(LetterFacts, self.office.world.archive[letter.facts_sha256])

    def raw(self, letter: Letter) -> bytes:
        """The letter's bytes, as kept."""
        return self.office.world.archive[letter.raw_sha256]

    def parts(self, letter: Letter) -> dict[str, Part]:
        """The letter's files by stored name; of one name the last."""
        return {part.name: part for part in self.facts(letter).parts}

    def why(self, letter: Letter) -> list[str]:
        """The sentences `why` shows, hits only."""
        return [each.say for each in self.office.ledger.hits(letter.id) if each.is_hit]

    def told(self, letter: Letter) -> list[str]:
        """Everything that is told of a letter: hits, events, its outcome."""
        events = self.office.ledger.events(letter=letter.id)
        return [*self.why(letter), *(value for each in events for _, value in each.about), letter.outcome]

    def rules(self, letter: Letter) -> list[str]:
        """The names of the rules that `why` shows as hits."""
        return [each.rule for each in self.office.ledger.hits(letter.id) if each.is_hit]

    @property
    def answers(self) -> list[EmailMessage]:
        """What left the house since it opened."""
        left = self.office.world.accepted[self.before :]
        parser = BytesParser(policy=policy.default)
        return [parser.parsebytes(each.mime) for each in left]

    def answer_text(self, number: int) -> str:
        """The plain words of one of them."""
        body = self.answers[number].get_body(("plain",))
        assert body is not None
        return str(body.get_content())

    def state(self, item: str = "summary", unit: str = DATONG) -> str:
        """A docket's state in the ledger's word."""
        row = self.docket(item, unit)
        return row.state.value if row else ""

    def docket(self, item: str = "summary", unit: str = DATONG) -> Docket | None:
        """A docket's row, where there is one."""
        return self.office.row(unit, item)

    def filings(self, unit: str | None = None, item: str | None = None) -> Sequence[Filing]:
        """Every version filed in the campaign."""
        return self.office.ledger.filings(SHANXI, unit, item)

    def missing(self, unit: str = DATONG) -> bool:
        """Whether 未报 names the unit for its summary."""
        return unit in self.office.absent()

    def desk(self) -> tuple[DeskRow, ...]:
        """The rows of 待人工."""
        return self.office.office.report.board(SHANXI, self.office.now).desk

    # What most cases end with, in one line.

    def assert_filed(self, letter: Letter, item: str = "summary", unit: str = DATONG) -> None:
        """Filed without a person, once, answered once, and nothing else touched."""
        assert letter.stage in FILED, (letter.stage, letter.outcome, self.why(letter))
        assert {(each.unit, each.item) for each in self.filings()} == {(unit, item)}
        assert self.state(item, unit) == "returned", self.state(item, unit)
        assert len(self.answers) == 1

    def assert_review(self, letter: Letter, unit: str = DATONG) -> None:
        """Before a person with a reason; nothing filed, nothing answered, nobody called missing for it."""
        assert letter.stage is Stage.REVIEW, (letter.stage, letter.outcome, self.why(letter))
        assert letter.outcome
        self.assert_untouched()
        if unit:
            assert not self.missing(unit)

    def assert_machine(self, letter: Letter, kind: Kind) -> None:
        """A machine's: noted with its kind and reason, no return, no answer."""
        assert (letter.kind, letter.stage) == (kind, Stage.IGNORED), (
            letter.kind,
            letter.stage,
            letter.outcome,
        )
        assert letter.outcome and self.why(letter)
        self.assert_untouched()

    def assert_untouched(self) -> None:
        """No filing, and nothing left the house."""
        assert list(self.filings()) == []
        assert self.answers == []


def open_counter(released: Released, place: Path) -> Counter:
    """A copy of the released office, to be stopped by whoever opened it."""
    return Counter(released.copy(place))
