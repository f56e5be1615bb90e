"""What the desk is given: callables and doors that wiring fills in, so that no command opens one itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from service.desk.shapes import DemoOutcome
from service.journey import Office
from service.office.campaign import FormField
from service.office.finding import Problem
from service.office.needs.envelope import Envelope
from service.office.needs.forms import Forms
from service.office.needs.marks import Marks
from service.office.needs.press import Press, Printed
from service.office.needs.preview import Preview
from service.office.needs.staff_files import StaffFiles
from service.office.needs.wording import Words
from service.office.policy import Policy
from service.office.rebuilding import Rebuilt

# Wrong use, or a configuration that cannot be read.
WRONG_USE = 2
# The question was answered, and the answer is that something is wrong.
PROBLEM_FOUND = 1


class Refused(Exception):
    """A command cannot do what it was asked; every line is a Chinese sentence with its remedy."""

    def __init__(self, *lines: str, status: int = WRONG_USE) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines
        self.status = status


class Account(Protocol):
    """A mail account as doctor sees it: can it send, can it read."""

    @property
    def name(self) -> str: ...

    def try_sending(self) -> str:
        """Log in to SMTP and out again; a sentence for people. Raises DoorError with the remedy."""
        ...

    def try_reading(self) -> str:
        """Log in to IMAP, look at every watched folder and ask for IDLE. Raises DoorError."""
        ...


class Surroundings(Protocol):
    """What doctor asks of the machine and of an office folder: each a sentence, or DoorError or Refused."""

    def python(self) -> str: ...
    def sqlite(self) -> str: ...
    def libmagic(self) -> str: ...
    def clock(self) -> str: ...
    def disk(self) -> str: ...
    def rights(self) -> str: ...
    def policy(self) -> Policy:
        """What config/office.yaml says, without opening anything; raises Refused with every problem."""
        ...

    def secrets(self) -> str: ...
    def database(self) -> str: ...
    def accounts(self) -> Sequence[Account]: ...
    def is_rehearsed(self) -> bool:
        """Whether a demo left this folder behind; its mail servers are gone."""
        ...


@dataclass(frozen=True, slots=True)
class NewCampaign:
    """What a person said of a campaign that is to be: a page of facts, or answers put into one.

    `body` is the notice's text where it was named; `is_letter` None leaves the format to the facts.
    """

    page: bytes
    file: str  # what sentences call the page
    issuer: str  # who sends where the facts do not say
    is_asked: bool = False  # answered question by question, so no remarks of anybody need to stay
    is_letter: bool | None = None
    is_fresh: bool = False  # lay out every Word file anew, also where one lies beside the facts
    beside: Path | None = None  # the folder of the facts
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Founded:
    """The folder that was made and what lies in it; no folder where the facts were refused."""

    folder: Path | None
    files: tuple[str, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """Which of the twins was written; nothing where both already agreed or the kept one has faults."""

    written: Path | None
    problems: tuple[Problem, ...]


Demo = Callable[[str, Path, bool, Callable[[str], None]], DemoOutcome]
# The office folder, whether it was made just now, and where to say what happens; returns when told to stop.
Practice = Callable[[Path, bool, Callable[[str], None]], None]


@dataclass(frozen=True, slots=True)
class Tools:
    """Everything a command may need of the world. `now` is what `--now` said; None: the office clock."""

    open_office: Callable[[Path, datetime | None], AbstractContextManager[Office]]
    # The same stages over a ledger and archive that are thrown away; the real office is only read.
    scratch_office: Callable[[Path, datetime | None], AbstractContextManager[Office]]
    has_state: Callable[[Path], bool]  # whether the office has ever been opened
    staff_files: Callable[[Path], StaffFiles]
    policy: Callable[[Path], Policy]  # as configured; where there is no office.yaml, the plain defaults
    rules_folder: Callable[[Path], Path]  # the office's own rules, else those that ship
    surroundings: Callable[[Path], Surroundings]
    make_office: Callable[[Path], Sequence[str]]  # returns what was made; overwrites nothing
    found_campaign: Callable[[Path, str, NewCampaign], Founded]  # a new folder in templates/
    settle_twins: Callable[[Path, str, str], Settled]  # folder, campaign, campaign.yaml or 活动.xlsx to keep
    feel_pulse: Callable[[Path], tuple[bool, str]]  # whether the daemon lives, and a sentence
    run_daemon: Callable[[Path, datetime | None], int]  # returns the exit status
    rebuild: Callable[[Path, str], Rebuilt]  # the office, and an empty database or "": compared, then dropped
    envelope: Envelope
    forms: Forms
    marks: Marks
    form_fields: Callable[[bytes], Sequence[FormField]]  # the questions of a blank form; raises DoorError
    press: Press
    # A template, its name for people, a file of JSON lines: a document for each line, or why there is none.
    print_many: Callable[[bytes, str, Path], Iterator[Printed]]
    words: Callable[[Path], Words]
    preview: Preview
    read_file: Callable[[Path], bytes]
    write_file: Callable[[Path, bytes], None]  # makes the folders on the way
    write_parcel: Callable[[Path, Iterable[tuple[str, bytes]]], None]  # a .zip, or a new folder; DoorError
    demo: Demo | None = None
    practice: Practice | None = None
