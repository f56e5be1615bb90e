"""签收 — keep every arriving letter exactly as it came, before anyone reads it. [条例24]"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from service.office.change import MoveCursor, NewLetter, Record, TakeIn
from service.office.letter import LetterFacts
from service.office.needs.archive import Archive
from service.office.needs.envelope import Envelope
from service.office.needs.exchange import Exchange, HandedIn
from service.office.needs.ledger import Cursor, Ledger
from service.office.needs.mailbox import Arrival, Box, Mailboxes
from service.office.outcome import DoorError
from service.office.record import to_bytes

# A first connection may find thousands of mails; each round takes so many and comes back.
ARRIVALS_A_ROUND = 50
HANDED_IN_ACCOUNT = "交换"


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

    def read_box(self, box: Box, now: datetime) -> bool:
        """One round over a box: raw bytes first, then the row, then the cursor."""
        cursor = self.ledger.hold_mailbox(box.account, box.folder, self.owner)
        if cursor is None:
            return False
        batch = self.mailboxes.fetch(box, cursor.uidvalidity, cursor.last_uid, ARRIVALS_A_ROUND)
        for arrival in batch.arrivals:
            if not self._take(box, cursor, batch.uidvalidity, arrival, now):
                # Another watcher holds the box now; what it reads it will take in itself.
                return False
        moved = MoveCursor(box.account, box.folder, cursor.epoch, batch.uidvalidity, batch.last_uid, now)
        self.ledger.apply([moved])
        return batch.has_more

    def _take(self, box: Box, cursor: Cursor, uidvalidity: int, arrival: Arrival, now: datetime) -> bool:
        raw = arrival.raw if arrival.raw is not None else _stand_in(box, arrival)
        raw_sha256 = self.archive.put(raw)
        facts = self._read(raw, raw_sha256)
        letter = self._letter(facts, raw_sha256, len(raw), arrival.arrived_at, f"{box.account}/{box.folder}")
        taken = TakeIn(box.account, box.folder, cursor.epoch, uidvalidity, arrival.uid, letter)
        is_new = self.ledger.letter_by_identity(letter.identity) is None
        changes: list[TakeIn | Record] = [taken]
        if is_new:
            changes.append(_received(letter, now))
        return self.ledger.apply(changes)

    def _read(self, raw: bytes, sha256: str) -> LetterFacts:
        if len(raw) <= self.letter_bytes_max:
            return self.envelope.read(raw, self.archive.put)
        limit = self.letter_bytes_max // 1_000_000
        trouble = (f"来信超过 {limit} MB，只保存了原件，请人工打开",)
        return LetterFacts(sha256, len(raw), trouble=trouble, identity=sha256)

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


def _received(letter: NewLetter, now: datetime) -> Record:
    about = (("via", letter.arrived_via), ("sha256", letter.raw_sha256), ("identity", letter.identity))
    return Record("received", now, "系统", about=about)


def _stand_in(box: Box, arrival: Arrival) -> bytes:
    # Larger than the written cap: nothing of it can be kept, so a person must be told where it lies.
    text = (
        f"X-Huizhi-Oversize: {arrival.size}\r\nSubject: \r\n\r\n"
        f"{box.account}/{box.folder} UID {arrival.uid}: {arrival.size} bytes\r\n"
    )
    return text.encode()


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
