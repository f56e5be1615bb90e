"""归档件 — one version of one entry of an item, never overwritten."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

PAPER = "paper"
# What is shown or sent along with a document; it stays when only the document is corrected.
_ENCLOSURES = (
    *(".jpg", ".jpeg", ".png", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".webp"),
    *(".mp4", ".mov", ".avi", ".wmv", ".mkv", ".mp3", ".wav", ".m4a"),
)


@dataclass(frozen=True, slots=True)
class FiledDoc:
    """A file of a filing; its bytes lie in the archive."""

    sha256: str
    name: str
    size: int = 0

    @property
    def is_enclosure(self) -> bool:
        """A picture, a film or a sound: it illustrates a document and is none."""
        return self.name.lower().endswith(_ENCLOSURES)


@dataclass(frozen=True, slots=True)
class Filing:
    """A filing's row. `entry` is 1 for a single item; `is_valid` says no `must` finding stands against it."""

    campaign: str
    unit: str
    item: str
    entry: int
    version: int
    letter: int | None  # None: recorded by a person (paper, OA, WeChat)
    docset_sha256: str
    docs: tuple[FiledDoc, ...]
    is_valid: bool
    filed_at: datetime
    received_at: datetime
    title: str = ""  # of the entry, such as a work's name
    medium: str = "electronic"
    is_nil: bool = False
    fields: tuple[tuple[str, str], ...] = ()  # form answers, for the roll-up
    taken_back_at: datetime | None = None  # since then it counts no more: it was another unit's, or no return


def in_force(filings: Sequence[Filing]) -> Filing | None:
    """The newest valid version, else the newest; a late bad version never replaces a good one.

    Newest by receipt: a letter that waited for a person and is filed after a later one is still the older.
    Paper is a tick beside the files, and speaks for an entry only where no valid file does.
    """
    valid = [each for each in filings if each.is_valid]
    return max(
        valid or filings,
        key=lambda each: (each.medium != PAPER, each.received_at, each.version),
        default=None,
    )


def counting(filings: Sequence[Filing]) -> tuple[Filing, ...]:
    """Those that no person has taken back: the others are kept, and answer nothing."""
    return tuple(each for each in filings if each.taken_back_at is None)


def standing(filings: Sequence[Filing], returned_at: datetime | None) -> tuple[Filing, ...]:
    """The filings that still answer a docket whose first return came at `returned_at`.

    When a person takes a return back, the docket forgets that instant; what came before is history then.
    """
    if returned_at is None:
        return ()
    return tuple(each for each in counting(filings) if each.received_at >= returned_at)


def find_entry(title: str, files: Collection[str], known: Sequence[Filing]) -> int | None:
    """The entry of a many-item that something answers again, or None: it is a new one.

    Told by title; without one, by a file that is in already; a titled form names what came without a name.
    """
    wanted = plain_title(title)
    if wanted:
        named = next((each.entry for each in known if plain_title(each.title) == wanted), None)
        return named if named is not None else _nameless(wanted, known)
    docs = {(doc.sha256, each.entry) for each in known for doc in each.docs if not doc.is_enclosure}
    return next((entry for sha256, entry in sorted(docs) if sha256 in files), None)


def _nameless(wanted: str, known: Sequence[Filing]) -> int | None:
    """An entry nobody has named yet: its form was missing, its title was, or it is a scan.

    Of several the one with a file called so, else the last.
    """
    titled = {each.entry for each in known if plain_title(each.title)}
    open_ones = [each for each in known if each.entry not in titled and not each.is_nil]
    called = [each for each in open_ones if any(wanted in plain_title(doc.name) for doc in each.docs)]
    return next((each.entry for each in reversed(called or open_ones)), None)


def faulty_entries(known: Sequence[Filing]) -> tuple[int, ...]:
    """Entries of which no version is valid yet."""
    good = {each.entry for each in known if each.is_valid}
    return tuple(dict.fromkeys(each.entry for each in known if each.entry not in good))


def of_entry(known: Sequence[Filing], entry: int | None) -> tuple[Filing, ...]:
    """The versions of one entry."""
    return tuple(each for each in known if each.entry == entry)


def plain_title(title: str) -> str:
    """A title without blanks, book marks and quotes, as two people may write it differently."""
    return "".join(title.split()).strip("《》“”\"'")


def joined(before: Sequence[FiledDoc], new: Sequence[FiledDoc], *, completes: bool) -> tuple[FiledDoc, ...]:
    """The files of a new version: further parts are added to what is in, a corrected file takes its place.

    Pictures and films that came with the old document stay, unless the new one brings its own.
    """
    if completes:
        had = {each.sha256 for each in before}
        return (*before, *(each for each in new if each.sha256 not in had))
    if any(each.is_enclosure for each in new):
        return tuple(new)
    return (*new, *(each for each in before if each.is_enclosure))
