"""What is new in a folder: UIDs in windows, sizes and dates first, then the bytes, large mails in pieces."""

from __future__ import annotations

import imaplib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from service.doors.imap.line import Examined
from service.office.needs.mailbox import Arrival, Batch

# An answer line above 1,000,000 bytes is refused by the library; 50,000 UIDs stay well below.
UID_WINDOW = 50_000
# Dates of old mail are cheap to ask for, but a first look at a mailbox of years must still show progress.
SURVEY_ROWS = 500
SURVEYED_MAX = 5_000

BATCH_COUNT_MAX = 50
BATCH_BYTES_MAX = 8_000_000
PIECE_BYTES = 1_000_000
HEAD_BYTES = 64_000

# The easternmost zone there is: a mail of the first day anywhere is inside.
_EARLIEST_ZONE = timezone(timedelta(hours=14))


class Endless(Exception):
    """The server goes on beyond every cap."""


@dataclass(frozen=True, slots=True)
class Row:
    """What is known of a mail before its bytes are asked for."""

    uid: int
    size: int
    arrived_at: datetime


@dataclass(frozen=True, slots=True)
class Survey:
    """Mails to be fetched next; everything up to `last_uid` that is not among them is too old or gone."""

    rows: tuple[Row, ...]
    last_uid: int
    has_more: bool


def read_after(
    box: Examined, last_uid: int, limit: int, first_since: date | None, raw_bytes_max: int
) -> Batch:
    """The next mails after `last_uid`, at most `limit` and about 8 MB, or one larger mail alone."""
    survey = survey_after(box, last_uid, min(limit, BATCH_COUNT_MAX), first_since)
    rows = within_bytes(survey.rows)
    is_cut = len(rows) < len(survey.rows)
    arrivals = tuple(arrivals_of(box.client, rows, raw_bytes_max))
    return Batch(
        uidvalidity=box.uidvalidity,
        arrivals=arrivals,
        last_uid=rows[-1].uid if is_cut else survey.last_uid,
        has_more=is_cut or survey.has_more,
    )


def survey_after(box: Examined, last_uid: int, limit: int, first_since: date | None) -> Survey:
    """Find up to `limit` mails after `last_uid` that are not older than the stated date."""
    found: list[Row] = []
    looked = 0
    for uids in chunks(uids_after(box, last_uid), SURVEY_ROWS):
        if looked >= SURVEYED_MAX:
            return Survey(tuple(found), last_uid, has_more=True)
        rows = rows_of(box.client, uids)
        looked += len(uids)
        for uid in uids:
            row = rows.get(uid)
            if row is not None and is_since(row.arrived_at, first_since):
                if len(found) == limit:
                    return Survey(tuple(found), last_uid, has_more=True)
                found.append(row)
            last_uid = uid
    return Survey(tuple(found), last_uid, has_more=False)


def uids_after(box: Examined, last_uid: int) -> Iterator[int]:
    """UIDs above the cursor, rising.

    No other search term is used: QQ and Exmail ignore or refuse them. `n:*` names the last mail even when it
    is below n, so what the server answers is filtered here.
    """
    start = last_uid + 1
    while box.uid_next is not None and start + UID_WINDOW < box.uid_next:
        yield from searched(box.client, start, start + UID_WINDOW - 1)
        start += UID_WINDOW
    yield from searched(box.client, start, None)


def searched(client: Any, start: int, end: int | None) -> list[int]:
    answer: Sequence[int] = client.search(["UID", f"{start}:{end or '*'}"])
    return sorted(uid for uid in set(answer) if uid >= start and (end is None or uid <= end))


def rows_of(client: Any, uids: Sequence[int]) -> dict[int, Row]:
    """Sizes and dates; a UID without a row was deleted meanwhile.

    Only these two are asked for: QQ's BODYSTRUCTURE of bounces breaks parsers.
    """
    answer: Mapping[int, Mapping[bytes, Any]] = client.fetch(list(uids), ["RFC822.SIZE", "INTERNALDATE"])
    found = {}
    for uid, facts in answer.items():
        size, at = facts.get(b"RFC822.SIZE"), facts.get(b"INTERNALDATE")
        if size is not None:
            found[uid] = Row(uid, int(size), aware(at))
    return found


def aware(at: datetime | None) -> datetime:
    """INTERNALDATE as an instant. A server that gives none leaves only the moment we saw the mail."""
    if at is None:
        return datetime.now(UTC)
    return at.astimezone(UTC) if at.tzinfo is not None else at.replace(tzinfo=UTC)


def is_since(arrived_at: datetime, first_since: date | None) -> bool:
    return first_since is None or arrived_at.astimezone(_EARLIEST_ZONE).date() >= first_since


def within_bytes(rows: Sequence[Row]) -> Sequence[Row]:
    """As many rows from the front as fit into one batch; the first always does."""
    total = 0
    for index, row in enumerate(rows):
        total += row.size
        if index and total > BATCH_BYTES_MAX:
            return rows[:index]
    return rows


def arrivals_of(client: Any, rows: Sequence[Row], raw_bytes_max: int) -> Iterator[Arrival]:
    small = [row.uid for row in rows if row.size <= min(BATCH_BYTES_MAX, raw_bytes_max)]
    bodies = bodies_of(client, small)
    for row in rows:
        raw = bodies.get(row.uid)
        if raw is None and BATCH_BYTES_MAX < row.size <= raw_bytes_max:
            # Too large for a batch: handed over when asked for, straight to the disk.
            yield Arrival(row.uid, None, row.size, row.arrived_at, has_pieces=True)
            continue
        if raw is None and row.size <= raw_bytes_max:
            # Left out of the batch's answer: asked for alone.
            raw = b"".join(in_pieces(client, row.uid, row.size, raw_bytes_max)) or None
        if raw is None:
            # A person will be told of it, and should read whose it is.
            yield Arrival(row.uid, None, row.size, row.arrived_at, head=head_of(client, row.uid))
            continue
        yield Arrival(row.uid, raw, len(raw), row.arrived_at)


def bodies_of(client: Any, uids: Sequence[int]) -> dict[int, bytes]:
    """Whole mails. An answer may hold rows with flags only, unasked; they are no mails."""
    if not uids:
        return {}
    answer: Mapping[int, Mapping[bytes, Any]] = client.fetch(list(uids), ["BODY.PEEK[]"])
    return {uid: facts[b"BODY[]"] for uid, facts in answer.items() if facts.get(b"BODY[]") is not None}


def in_pieces(client: Any, uid: int, size: int, bytes_max: int) -> Iterator[bytes]:
    """One mail by partial reads; nothing when the server does not hand it over; Endless above the cap.

    A short piece alone is no end before the announced size; and that size is no end by itself, since some
    servers count line ends differently.
    """
    offset = 0
    while offset <= bytes_max:
        answer: Mapping[int, Mapping[bytes, Any]] = client.fetch(
            [uid], [f"BODY.PEEK[]<{offset}.{PIECE_BYTES}>"]
        )
        piece = answer.get(uid, {}).get(f"BODY[]<{offset}>".encode())
        if piece is None and not offset:
            return
        if piece is None and offset < size:
            raise imaplib.IMAP4.abort(f"mail {uid} ended after {offset} of {size} bytes")
        offset += len(piece or b"")
        if piece:
            yield piece
        if not piece or (len(piece) < PIECE_BYTES and offset >= size):
            return
    raise Endless(uid)


def head_of(client: Any, uid: int) -> bytes:
    """How the mail begins, or nothing."""
    answer: Mapping[int, Mapping[bytes, Any]] = client.fetch([uid], [f"BODY.PEEK[]<0.{HEAD_BYTES}>"])
    return answer.get(uid, {}).get(b"BODY[]<0>") or b""


def chunks(uids: Iterable[int], size: int) -> Iterator[list[int]]:
    some: list[int] = []
    for uid in uids:
        some.append(uid)
        if len(some) == size:
            yield some
            some = []
    if some:
        yield some
