"""签收 — keep every arriving letter exactly as it came, before anyone reads it. [条例24]"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from service.office.canary import came_round
from service.office.change import Change, Record
from service.office.letter import LetterFacts
from service.office.needs.archive import Archive
from service.office.needs.envelope import Envelope
from service.office.needs.exchange import Exchange, HandedIn
from service.office.needs.ledger import Cursor, Ledger
from service.office.needs.mailbox import Arrival, Box, Kept, Mailboxes
from service.office.outcome import DoorError
from service.office.putting_away import PutAway
from service.office.reading import MoveCursor, NewLetter, TakeIn
from service.office.record import to_bytes
from service.office.rule import RuleHit

# A first connection may find thousands of mails; each round takes so many and comes back.
ARRIVALS_A_ROUND = 50
HANDED_IN_ACCOUNT = "交换"
_JUNK = re.compile(r"junk|spam|bulk|垃圾|广告", re.IGNORECASE)
# The folder under which an account's nightly round as a whole is noted; no server has one of this name.
WHOLE_ROUND = "*"
# So much of a letter that is not read whole is looked at for its sender and subject.
HEAD_BYTES_MAX = 64_000
# What a fault in reading one letter may raise; troubles of the world (DoorError, OSError) are none of them.
UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, RecursionError, AssertionError)


@dataclass(frozen=True, slots=True)
class Receive:
    """Takes in what mailboxes and 交换/收件 hold. A piece of work is one box, or one handed-in file."""

    ledger: Ledger
    archive: Archive
    envelope: Envelope
    mailboxes: Mailboxes
    exchange: Exchange
    owner: str
    letter_bytes_max: int = 80_000_000
    own_addresses: frozenset[str] = frozenset()
    last_night: Callable[[datetime], datetime] = lambda now: now - timedelta(days=1)

    name = "receive"

    def waiting(self, now: datetime) -> Sequence[str]:
        """Every box (account/folder), then every file handed in."""
        boxes = [f"{box.account}/{box.folder}" for box in self.mailboxes.boxes()]
        return [*boxes, *(f"{HANDED_IN_ACCOUNT}/{each.ticket}" for each in self.exchange.handed_in())]

    def handle(self, piece: str, now: datetime) -> bool:
        """Take in one box or one file; True when it may hold more. Raises DoorError."""
        account, _, rest = piece.partition("/")
        if account == HANDED_IN_ACCOUNT:
            for each in self.exchange.handed_in():
                if each.ticket == rest:
                    self._take_file(each, now)
            return False
        return self.read_box(Box(account, rest), now)

    def read_box(self, box: Box, now: datetime, *, is_swept: bool = False) -> bool:
        """One round over a box: raw bytes first, then rows and cursor together; True when it holds more."""
        cursor = self.ledger.hold_mailbox(box.account, box.folder, self.owner, is_swept=is_swept)
        if cursor is None:
            return False
        batch = self.mailboxes.fetch(box, cursor.uidvalidity, cursor.last_uid, ARRIVALS_A_ROUND)
        known: set[str] = set()
        changes: list[Change] = []
        for arrival in batch.arrivals:
            changes += self._take(box, cursor, batch.uidvalidity, arrival, now, known)
        moved = MoveCursor(box.account, box.folder, cursor.epoch, batch.uidvalidity, batch.last_uid, now)
        # All of the round and its cursor are one transaction: a crash before it leaves bytes in the archive
        # that the next round stores again under the same hash, a crash after it leaves nothing to do. When
        # it is refused another watcher holds the box now; what that one reads it takes in itself.
        return self.ledger.apply([*changes, moved]) and batch.has_more

    def sweep(self, account: str, now: datetime) -> bool:
        """Once a night: every folder people may have moved mail to; True when that was done now.

        A letter that was read where it arrived is one more sighting of itself. Raises DoorError when the
        account cannot be read, and also at the end when some folder could not, so that somebody hears of it.
        """
        night = self.ledger.hold_mailbox(account, WHOLE_ROUND, self.owner, is_swept=True)
        if night is None or (night.read_at is not None and night.read_at >= self.last_night(now)):
            return False
        shut = [why for box in self.mailboxes.others(account) for why in self._sweep_box(box, now)]
        self.mailboxes.rest(account)
        self.ledger.apply([MoveCursor(account, WHOLE_ROUND, night.epoch, 1, 0, now)])
        if shut:
            raise DoorError(f"邮箱 {account} 有文件夹读不了：{shut[0]}（共 {len(shut)} 个）", again=True)
        return True

    def forget_unwatched(self) -> None:
        """A folder that settings no longer name holds back no reminder for not being read."""
        watched = {(box.account, box.folder) for box in self.mailboxes.boxes()}
        for each in self.ledger.cursors():
            if (each.account, each.folder) not in watched:
                self.ledger.hold_mailbox(each.account, each.folder, self.owner, is_swept=True)

    def _sweep_box(self, box: Box, now: datetime) -> list[str]:
        try:
            while self.read_box(box, now, is_swept=True):
                pass
        except DoorError as error:
            if error.again:
                raise
            return [error.why]
        return []

    def put_away(self, account: str, now: datetime) -> bool:
        """Move or label what is filed, where the office asked for it; True when there is more.

        Only what the archive gives back unharmed: getting it compares its hash. Raises DoorError.
        """
        rows = self.ledger.to_put_away(account, self.letter_bytes_max, ARRIVALS_A_ROUND)
        for (folder, uidvalidity), some in groupby(rows, key=lambda each: (each.folder, each.uidvalidity)):
            kept = [Kept(each.uid, self.archive.get(each.raw_sha256)[:HEAD_BYTES_MAX]) for each in some]
            self.mailboxes.put_away(Box(account, folder), uidvalidity, kept)
            # What is no longer the same mail is left alone, and not asked about again either.
            uids = tuple(each.uid for each in kept)
            self.ledger.apply([PutAway(account, folder, uidvalidity, uids, now)])
        return len(rows) == ARRIVALS_A_ROUND

    def _take(
        self,
        box: Box,
        cursor: Cursor,
        uidvalidity: int,
        arrival: Arrival,
        now: datetime,
        known: set[str],
    ) -> list[Change]:
        """Keep the bytes, read them, say what is to be written down. `known`: identities of this round."""
        raw_sha256, size, facts = self._keep(box, uidvalidity, arrival)
        letter = self._letter(facts, raw_sha256, size, arrival.arrived_at, f"{box.account}/{box.folder}")
        changes: list[Change] = [
            TakeIn(
                *(box.account, box.folder, cursor.epoch, uidvalidity, arrival.uid, letter),
                notes=found_in(box.folder),
            )
        ]
        if letter.identity not in known and self.ledger.letter_by_identity(letter.identity) is None:
            changes.append(_received(letter, now))
            changes += came_round(self.ledger, self.own_addresses, facts, now)
        known.add(letter.identity)
        return changes

    def _keep(self, box: Box, uidvalidity: int, arrival: Arrival) -> tuple[str, int, LetterFacts]:
        """The archive's hash, the size and the facts; a large mail goes to the disk piece by piece."""
        if arrival.raw is not None:
            return self._keep_whole(arrival.raw)
        head = arrival.head
        if arrival.has_pieces:
            sha256, size, head = self._keep_pieces(box, uidvalidity, arrival)
            if size > self.letter_bytes_max:
                return sha256, size, self._unread(sha256, size, head, self._too_large())
            if size:
                return sha256, size, self._read(self.archive.get(sha256), sha256)
        stand_in = _stand_in(box, arrival, head)
        sha256 = self.archive.put(stand_in)
        size_mb = f"{arrival.size / 1_000_000:.1f} MB"
        say = f"来信有 {size_mb}，没有取下来，请到邮箱 {box.account} 的“{box.folder}”里打开"
        return sha256, arrival.size, self._unread(sha256, arrival.size, head, say)

    def _keep_whole(self, raw: bytes) -> tuple[str, int, LetterFacts]:
        sha256 = self.archive.put(raw)
        if len(raw) > self.letter_bytes_max:
            facts = self._unread(sha256, len(raw), raw[:HEAD_BYTES_MAX], self._too_large())
            return sha256, len(raw), facts
        return sha256, len(raw), self._read(raw, sha256)

    def _keep_pieces(self, box: Box, uidvalidity: int, arrival: Arrival) -> tuple[str, int, bytes]:
        """Hash, size and beginning; a size of 0 when the server keeps the mail back, or never ends it."""
        size, head = 0, b""

        def counted(pieces: Iterable[bytes]) -> Iterator[bytes]:
            nonlocal size, head
            for piece in pieces:
                head = head or piece[:HEAD_BYTES_MAX]
                size += len(piece)
                yield piece

        with closing(self.mailboxes.pieces(box, uidvalidity, arrival)) as pieces:
            try:
                sha256 = self.archive.put_pieces(counted(pieces))
            except DoorError as error:
                if error.again:
                    raise
                return "", 0, head
        return sha256, size, head

    def _read(self, raw: bytes, sha256: str) -> LetterFacts:
        try:
            return self.envelope.read(raw, self.archive.put)
        except UNREADABLE as error:
            # Reading promises never to fail. Were it broken once, that letter would stop every later one.
            say = f"来信无法解析（{type(error).__name__}），只保存了原件，请人工打开"
            return LetterFacts(sha256, len(raw), trouble=(say,), identity=sha256)

    def _unread(self, sha256: str, size: int, head: bytes, say: str) -> LetterFacts:
        """What a person needs to find the sender; without headers nothing takes it for a letter it knows."""
        top = self._read(head.partition(b"\r\n\r\n")[0] + b"\r\n\r\n", sha256)
        return LetterFacts(
            sha256,
            size,
            sender=top.sender,
            sender_name=top.sender_name,
            subject=top.subject,
            message_id=top.message_id,
            sent_at=top.sent_at,
            trouble=(say,),
            identity=sha256,
        )

    def _too_large(self) -> str:
        return f"来信超过 {self.letter_bytes_max // 1_000_000} MB，只保存了原件，请人工打开"

    def _take_file(self, handed: HandedIn, now: datetime) -> None:
        """A file laid into 交换/收件/<单位名>/ takes the same way as a letter."""
        sha256 = self.archive.put(handed.data)
        raw = _letter_around(handed)
        raw_sha256 = self.archive.put(raw)
        facts = self.envelope.read(raw, self.archive.put)
        via = f"{HANDED_IN_ACCOUNT}/收件/{handed.unit}"
        letter = self._letter(facts, raw_sha256, len(raw), handed.laid_at, via)
        uid = int(hashlib.sha256(f"{handed.unit}\0{handed.name}\0{sha256}".encode()).hexdigest()[:12], 16)
        changes: list[TakeIn | Record] = [TakeIn(HANDED_IN_ACCOUNT, "收件", 0, 1, uid, letter)]
        if self.ledger.letter_by_identity(letter.identity) is None:
            changes.append(_received(letter, now))
        if not self.ledger.apply(changes):
            raise DoorError(f"文件 {handed.name} 未能登记，请稍候，系统会再试", again=True)
        self.exchange.taken(handed.ticket)

    def _letter(
        self, facts: LetterFacts, raw_sha256: str, size: int, received_at: datetime, via: str
    ) -> NewLetter:
        facts_sha256 = self.archive.put(to_bytes(facts))
        return NewLetter(
            identity=facts.identity or raw_sha256,
            raw_sha256=raw_sha256,
            facts_sha256=facts_sha256,
            message_id=facts.message_id,
            received_at=received_at,
            arrived_via=via,
            sender=str(facts.sender or ""),
            subject=facts.subject[:300],
            size=size,
        )


def found_in(folder: str) -> tuple[RuleHit, ...]:
    """Where a letter lay, if not in the inbox: whoever asks why should know where to look for it."""
    if folder.upper() == "INBOX":
        return ()
    if _JUNK.search(folder):
        return (RuleHit("found-in-junk", 1, True, f"在垃圾邮件文件夹“{folder}”里收到"),)
    return (RuleHit("found-in-folder", 1, True, f"在文件夹“{folder}”里找到"),)


def _received(letter: NewLetter, now: datetime) -> Record:
    about = (("via", letter.arrived_via), ("sha256", letter.raw_sha256), ("identity", letter.identity))
    return Record("received", now, "系统", about=about)


def _stand_in(box: Box, arrival: Arrival, head: bytes) -> bytes:
    # It stands for the mail, so that the same mail read again makes the same bytes. Where the server gives
    # not even a head, only its place tells it from another.
    where = "" if head else f" {box.account}/{box.folder} {arrival.uid}"
    first = f"X-Huizhi-Oversize: {arrival.size}; {arrival.arrived_at.isoformat()}{where}\r\n"
    return first.encode() + (head or b"\r\n")


def _letter_around(handed: HandedIn) -> bytes:
    """A plain mail around a handed-in file, so that one way of reading serves all."""
    digest = hashlib.sha256(handed.unit.encode() + b"\0" + handed.name.encode() + b"\0" + handed.data)
    boundary = f"=-{digest.hexdigest()[:32]}"
    name = "utf-8''" + "".join(f"%{byte:02X}" for byte in handed.name.encode())
    head = (
        f"X-Huizhi-Handed-In: utf-8''{''.join(f'%{byte:02X}' for byte in handed.unit.encode())}\r\n"
        f"Message-ID: <{digest.hexdigest()}@handed-in.invalid>\r\n"
        "MIME-Version: 1.0\r\n"
        f'Content-Type: multipart/mixed; boundary="{boundary}"\r\n\r\n'
        f"--{boundary}\r\nContent-Type: application/octet-stream\r\n"
        f"Content-Disposition: attachment; filename*={name}\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    body = base64.encodebytes(handed.data).replace(b"\n", b"\r\n")
    return head.encode() + body + f"--{boundary}--\r\n".encode()
