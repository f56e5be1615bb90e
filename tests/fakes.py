"""In-memory doors that can be told to fail their n-th call, and the world that outlives a crash."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from typing import Any

from service.doors.mime_out import build_mime
from service.office.board import Board, Choices, DeskRow
from service.office.compendium import Compendium
from service.office.mail import OutgoingMail
from service.office.needs.binding import Bound
from service.office.needs.exchange import HandedIn, Lying
from service.office.needs.mailbox import Arrival, Batch, Box, Kept
from service.office.needs.post import SentCopy, SentPage
from service.office.needs.trace import Begun
from service.office.order import NotTakenOver, SavedBook
from service.office.outcome import Accepted, DoorError, InDoubt, PostOutcome, TryAgain
from service.office.parcel import ParcelRow
from service.office.rollup import Returned, Rollup
from service.office.share import Share

ACCOUNT = "office"


class Crash(BaseException):
    """The process dies here. Not an Exception, so that nothing in the house can catch it."""


# Calls that change something outside the process. A death beside a call that only asks is the same as one
# beside the change before or after it, so only these are counted.
EFFECTS = frozenset(
    {
        "ledger.apply",
        "ledger.claim",
        "ledger.reap",
        "ledger.recover",
        "ledger.hold_mailbox",
        "ledger.seal",
        "archive.put",
        "archive.set_apart",
        "archive.drop",
        "exchange.put",
        "exchange.put_folder",
        "exchange.put_over",
        "exchange.set_aside",
        "exchange.take_away",
        "exchange.taken",
        "mailboxes.fetch",
        "post.begin",
        "trace.note",
    }
)


@dataclass(slots=True)
class Calls:
    """Counts door calls with an effect and kills the process before or after the n-th one."""

    die_at: int = 0  # 0: never
    before: bool = True
    made: int = 0
    names: list[str] = field(default_factory=list)

    def through(self, name: str, call: Callable[[], Any]) -> Any:
        """One call; the crash comes before it, or after it took effect."""
        if name not in EFFECTS:
            return call()
        self.made += 1
        self.names.append(name)
        if self.made == self.die_at and self.before:
            raise Crash(f"before call {self.made}: {name}")
        result = call()
        if self.made == self.die_at and not self.before:
            raise Crash(f"after call {self.made}: {name}")
        return result


class Counted:
    """Any door, every call of it counted."""

    def __init__(self, door: object, name: str, calls: Calls) -> None:
        self._door, self._name, self._calls = door, name, calls

    def __getattr__(self, attribute: str) -> Any:
        found = getattr(self._door, attribute)
        if not callable(found):
            return found

        def counted(*args: Any, **kwargs: Any) -> Any:
            return self._calls.through(f"{self._name}.{attribute}", lambda: found(*args, **kwargs))

        return counted


@dataclass(slots=True)
class Accept:
    """What the fake post office took, as its own server log would say."""

    rcpt: str
    message_id: str
    mime: bytes


@dataclass(slots=True)
class World:
    """Everything outside the house; it survives the process."""

    archive: dict[str, bytes] = field(default_factory=dict)
    accepted: list[Accept] = field(default_factory=list)
    boxes: dict[str, list[Arrival]] = field(default_factory=lambda: {"INBOX": []})
    uidvalidity: dict[str, int] = field(default_factory=dict)
    exchange: dict[str, bytes] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)  # paths that somebody has open in Excel
    handed: list[HandedIn] = field(default_factory=list)
    refusals: dict[str, PostOutcome] = field(default_factory=dict)
    is_post_down: bool = False
    is_mail_down: bool = False
    sent_is_known: bool = False
    begun: list[Begun | None] = field(default_factory=list)
    delivered_as: dict[str, str] = field(default_factory=dict)  # our id → the one the provider gave instead
    locked: set[str] = field(default_factory=set)  # paths of the exchange that somebody has open in Excel
    apart: set[str] = field(default_factory=set)  # those of the archive that lie with 密级

    def deliver(self, raw: bytes, at: datetime, folder: str = "INBOX") -> None:
        """A mail arrives in one of the office's folders."""
        box = self.boxes.setdefault(folder, [])
        box.append(Arrival(len(box) + 1, raw, len(raw), at))

    def mail_to(self, rcpt: str) -> list[Accept]:
        """All that a mailbox of the world received, in order."""
        return [each for each in self.accepted if each.rcpt.lower() == rcpt.lower()]


class FakeArchive:
    """needs/archive.Archive in a dict."""

    def __init__(self, world: World) -> None:
        self.world = world

    def put(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        self.world.archive.setdefault(sha256, bytes(data))
        return sha256

    def put_pieces(self, pieces: Iterable[bytes]) -> str:
        return self.put(b"".join(pieces))

    def get(self, sha256: str) -> bytes:
        if sha256 not in self.world.archive:
            raise DoorError(f"档案中没有 {sha256}", again=False)
        return self.world.archive[sha256]

    def has(self, sha256: str) -> bool:
        return sha256 in self.world.archive

    def check(self, sha256: str) -> bool:
        return self.has(sha256) and hashlib.sha256(self.world.archive[sha256]).hexdigest() == sha256

    def all(self) -> Iterator[str]:
        return iter(tuple(self.world.archive))

    def set_apart(self, sha256: str) -> None:
        if sha256 in self.world.archive:
            self.world.apart.add(sha256)

    def drop(self, sha256: str) -> None:
        self.world.archive.pop(sha256, None)
        self.world.apart.discard(sha256)

    def all_apart(self) -> Iterator[str]:
        return iter(sorted(self.world.apart))


class FakeTrace:
    """needs/trace.Trace in a list; it outlives a ledger put back from a backup."""

    def __init__(self, world: World) -> None:
        self.world = world

    def note(self, begun: Begun) -> None:
        self.world.begun.append(begun)

    def attempt_of(self, message_id: str) -> int:
        found = (each.attempt for each in self.world.begun if each and each.message_id == message_id)
        return max(found, default=0)

    def unaccepted(self) -> Sequence[Begun]:
        last = max((at for at, each in enumerate(self.world.begun, 1) if each is None), default=0)
        return [each for each in self.world.begun[last:] if each is not None]

    def accept(self) -> None:
        self.world.begun.append(None)


class FakePost:
    """needs/post.Post that takes everything, unless told otherwise."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._begun = 0
        self._ended: list[tuple[int, PostOutcome]] = []

    def build(self, mail: OutgoingMail) -> bytes:
        return build_mime(mail)

    def accounts(self) -> tuple[str, ...]:
        return (ACCOUNT,)

    def pause_seconds(self, account: str) -> float:
        return 0.0

    def free(self, account: str) -> int:
        return 1

    def resting_domains(self, account: str) -> tuple[str, ...]:
        return ()

    def stop_beginning(self) -> None:
        return None

    def begin(self, account: str, mime: bytes, rcpt: str) -> int:
        self._begun += 1
        self._ended.append((self._begun, self.send(account, mime, rcpt)))
        return self._begun

    def ended(self, seconds: float | None) -> Sequence[tuple[int, PostOutcome]]:
        ended, self._ended = self._ended, []
        return ended

    def send(self, account: str, mime: bytes, rcpt: str) -> PostOutcome:
        if self.world.is_post_down:
            return TryAgain(timedelta(minutes=5), "连不上发信服务器")
        outcome = self.world.refusals.get(rcpt, Accepted("250 ok"))
        if isinstance(outcome, Accepted | InDoubt):
            self.world.accepted.append(Accept(rcpt, _message_id(mime), mime))
        return outcome

    def read_sent(self, account: str, uidvalidity: int, last_uid: int) -> SentPage | None:
        if not self.world.sent_is_known:
            return None
        start = last_uid if uidvalidity == 1 else 0
        copies = tuple(
            SentCopy(self.world.delivered_as.get(each.message_id, each.message_id.strip("<>")), *_own(each))
            for each in self.world.accepted[start:]
        )
        return SentPage(1, len(self.world.accepted), copies, has_more=False)

    def is_in_sent(self, account: str, message_id: str) -> bool | None:
        if not self.world.sent_is_known:
            return None
        return any(each.message_id == message_id for each in self.world.accepted)


class FakeMailboxes:
    """needs/mailbox.Mailboxes over the world's boxes."""

    def __init__(self, world: World) -> None:
        self.world = world

    def boxes(self) -> Sequence[Box]:
        return [Box(ACCOUNT, folder) for folder in self.world.boxes]

    def fetch(self, box: Box, uidvalidity: int, last_uid: int, limit: int) -> Batch:
        if self.world.is_mail_down:
            raise DoorError("连不上收信服务器", again=True)
        now_valid = self.world.uidvalidity.get(box.folder, 7)
        start = last_uid if now_valid == uidvalidity else 0
        found = [each for each in self.world.boxes[box.folder] if each.uid > start]
        taken = tuple(found[:limit])
        last = taken[-1].uid if taken else start
        return Batch(now_valid, taken, last, len(found) > len(taken))

    def accounts(self) -> Sequence[str]:
        return ()

    def others(self, account: str) -> Sequence[Box]:
        return ()

    def rest(self, account: str) -> None:
        return None

    def pieces(self, box: Box, uidvalidity: int, arrival: Arrival) -> Generator[bytes]:
        yield from ()

    def tidying(self) -> Sequence[str]:
        return ()

    def put_away(self, box: Box, uidvalidity: int, letters: Sequence[Kept]) -> Sequence[int]:
        return ()

    def wait(self, box: Box, seconds: float) -> bool:
        return True

    def close(self) -> None:
        return None


class FakeExchange:
    """needs/exchange.Exchange in a dict."""

    def __init__(self, world: World) -> None:
        self.world = world

    def put(self, path: str, data: bytes) -> None:
        beside = "(新).".join(path.rsplit(".", 1))
        if path in self.world.locked:
            self.world.exchange[beside] = data
            raise DoorError(f"{path} 正被打开", again=True)
        self.world.exchange[path] = data
        self.world.exchange.pop(beside, None)

    def look(self, path: str) -> Lying:
        data = self.world.exchange.get(path)
        stamp = hashlib.sha256(data).hexdigest() if data is not None else ""
        return Lying(stamp, path in self.world.opened)

    def saved(self, path: str) -> bytes | None:
        return self.world.exchange.get(path)

    def put_over(self, path: str, data: bytes, seen: str) -> str | None:
        lying = self.look(path)
        if lying.is_busy:
            return None
        if lying.stamp != seen:
            raise DoorError(f"{path} 刚刚被人保存过", again=True)
        self.put(path, data)
        return self.look(path).stamp

    def siblings(self, path: str) -> Sequence[str]:
        stem = re.escape(path.removesuffix(".xlsx"))
        named = re.compile(rf"{stem} \d{{4}}-\d\d-\d\d \d{{4}}\.xlsx")
        return sorted(each for each in self.world.exchange if named.fullmatch(each))

    def set_aside(self, path: str, name: str) -> None:
        folder = path.rpartition("/")[0]
        self.world.exchange[f"{folder}/{name}" if folder else name] = self.world.exchange.pop(path)

    def keep_only(self, folder: str, names: Collection[str], mark: str) -> None:
        for path, data in list(self.world.exchange.items()):
            is_old = path.startswith(f"{folder}/") and path.rpartition("/")[2] not in names
            if is_old and data.decode("utf-8-sig", "replace").startswith(mark):
                del self.world.exchange[path]

    def take_away(self, path: str) -> None:
        self.world.exchange.pop(path, None)

    def put_folder(self, path: str, files: Mapping[str, bytes]) -> str:
        for name in [each for each in self.world.exchange if each.startswith(f"{path}/")]:
            del self.world.exchange[name]
        for name, data in files.items():
            self.world.exchange[f"{path}/{name}"] = data
        return path

    def handed_in(self) -> Sequence[HandedIn]:
        return tuple(self.world.handed)

    def taken(self, ticket: str) -> None:
        self.world.handed = [each for each in self.world.handed if each.ticket != ticket]

    def refuse(self, ticket: str, why: str) -> None:
        self.taken(ticket)


class PlainWorkbook:
    """needs/workbook.Workbook that counts rows: for stories in which a workbook's looks do not matter."""

    def ledger(self, board: Board, depth: int = 1) -> bytes:
        return f"{board.campaign} {board.at} {len(board.rows)}".encode()

    def calls(self, board: Board) -> bytes:
        return f"{board.campaign} {board.at} calls".encode()

    def desk(self, rows: Sequence[DeskRow], choices: Choices | None = None, unassigned: str = "") -> bytes:
        return f"{len(rows)}".encode()

    def conflicts(self, day: str, rows: Sequence[NotTakenOver]) -> bytes:
        return f"{day} {len(rows)}".encode()

    def edits(self, data: bytes) -> SavedBook:
        return SavedBook()

    def shares(self, title: str, shares: Sequence[Share], at: datetime) -> bytes:
        return f"{title} {len(shares)} {at}".encode()

    def rollup(self, rollup: Rollup) -> bytes:
        return f"{rollup.campaign} {[len(each.rows) for each in rollup.sheets]}".encode()

    def index(self, title: str, rows: Sequence[ParcelRow], at: datetime) -> bytes:
        return f"{title} {len(rows)}".encode()

    def returned(self, data: bytes, campaign: str) -> Returned:
        return Returned(())


class PlainBinding:
    """needs/binding.Binding that joins nothing: for stories in which a document's looks do not matter."""

    def join(self, compendium: Compendium, fetch: Callable[[str], bytes]) -> Bound:
        return Bound(repr(compendium).encode(), ())

    def pictures(self, data: bytes, name: str) -> Iterator[tuple[str, bytes]]:
        yield from ()


class Quiet:
    """A diary that keeps its lines for a failing test to show."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def note(self, event: str, **facts: object) -> None:
        self.lines.append(f"{event} {facts}")

    def trouble(self, event: str, error: BaseException, **facts: object) -> None:
        self.lines.append(f"{event} {error!r} {facts}")


def _message_id(mime: bytes) -> str:
    return str(message_from_bytes(mime)["Message-ID"] or "").strip()


def _own(sent: Accept) -> tuple[str, int, tuple[str, ...]]:
    """As Office 365 leaves it: no word of our id, our header and the recipient kept."""
    return "", int(message_from_bytes(sent.mime)["X-Huizhi-Dispatch"]), (sent.rcpt.lower(),)
