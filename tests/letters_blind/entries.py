"""The set as written: one entry a letter, and what its label asks for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

FOLDER = Path(__file__).parent
OUTSIDE = "外"  # a body on no roster
MACHINE_WORDS = ("auto", "bounce", "ignore")
_KEYS = {
    "id",
    "unit",
    "from",
    "name",
    "answers",
    "to",
    "program",
    "mark",
    "subject",
    "stripped",
    "html",
    "text",
    "below",
    "files",
    "logos",
    "headers",
    "cc",
    "folder",
    "after",
    "twice",
    "machine",
    "verdict",
    "why",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One letter of the set; an empty string is a key left out."""

    file: str
    id: str
    unit: str
    sender: str
    name: str | None  # None: the contact's own
    answers: str
    to: str
    program: str
    mark: str | None  # None: the program's own
    subject: str | None
    is_stripped: bool
    is_html: bool
    text: str
    below: str
    files: tuple[str, ...]
    logos: tuple[str, ...]
    headers: tuple[tuple[str, str], ...]
    folder: str
    after: str
    is_twice: bool
    machine: str
    words: tuple[str, ...]  # acceptable outcomes
    wanted: tuple[tuple[str, str], ...]  # (unit as labelled, item) of every filing that is right
    why: str

    @property
    def is_return(self) -> bool:
        """A clerk expects it filed without a person."""
        return self.words == ("filed",)

    @property
    def is_from_machine(self) -> bool:
        """No machine is answered."""
        return self.file == "machines"


def all_entries() -> tuple[Entry, ...]:
    """Every letter of the set, file by file."""
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        for raw in YAML(typ="safe").load(path.read_text(encoding="utf-8")):
            found.append(_entry(path.stem, raw))
    ids = [each.id for each in found]
    assert len(ids) == len(set(ids)), "two letters of one id"
    return tuple(found)


def _entry(file: str, raw: dict[str, object]) -> Entry:
    assert set(raw) <= _KEYS, f"{raw.get('id')}: {set(raw) - _KEYS}"

    def word(key: str, default: str = "") -> str:
        return str(raw.get(key, default))

    def words(key: str) -> tuple[str, ...]:
        value = raw.get(key, [])
        assert isinstance(value, list)
        return tuple(str(each) for each in value)

    headers = raw.get("headers", {})
    assert isinstance(headers, dict)
    shown = tuple((str(key), str(value)) for key, value in headers.items())
    if "cc" in raw:
        shown += (("Cc", word("cc")),)
    outcomes, wanted = _label(word("verdict"), word("unit"))
    return Entry(
        file=file,
        id=word("id"),
        unit=word("unit"),
        sender=word("from"),
        name=word("name") if "name" in raw else None,
        answers=word("answers") or word("unit"),
        to=word("to", "notice"),
        program=word("program", "none"),
        mark=word("mark") if "mark" in raw else None,
        subject=word("subject") if "subject" in raw else None,
        is_stripped=bool(raw.get("stripped")),
        is_html=bool(raw.get("html")),
        text=word("text"),
        below=word("below"),
        files=words("files"),
        logos=words("logos"),
        headers=shown,
        folder=word("folder", "INBOX"),
        after=word("after"),
        is_twice=bool(raw.get("twice")),
        machine=word("machine"),
        words=outcomes,
        wanted=wanted,
        why=word("why"),
    )


def _label(verdict: str, unit: str) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    head, *rest = verdict.split()
    wanted = []
    for part in rest:
        owner, _, items = part.rpartition(":")
        wanted += [(owner or unit, item) for item in items.split("+")]
    assert bool(wanted) == head.startswith(("filed", "faulty")), verdict
    outcomes = ("filed", "review") if head == "filed-or-review" else tuple(head.split("|"))
    return outcomes, tuple(wanted)
