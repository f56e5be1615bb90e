"""收件箱 — mailboxes held by lease and epoch, and letters moved one stage at a time."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, Update, bindparam, case, func, literal_column, or_, select, update

from service.doors.ledger import tables as t
from service.doors.ledger.columns import AnyRow
from service.doors.ledger.connections import machine_now
from service.doors.ledger.upsert import add_new
from service.office.finding import Finding, Severity
from service.office.letter import Kind, Letter, Stage
from service.office.needs.ledger import Cursor, HitRow, Sighting
from service.office.putting_away import PutAway
from service.office.reading import Advance, MoveCursor, NewLetter, NoteHits, PutFindings, PutMatter, TakeIn
from service.office.rule import RuleHit

# Files handed in through the exchange folder arrive under this account; nobody holds it.
EXCHANGE_ACCOUNT = "交换"
_KINDS: dict[str | None, Kind | None] = {None: None, **{each.value: each for each in Kind}}
_COLUMNS = (
    t.letter.c.id,
    t.letter.c.identity,
    t.letter.c.raw_sha256,
    t.letter.c.facts_sha256,
    t.letter.c.received_at,
    t.letter.c.arrived_via,
    t.letter.c.stage,
    t.letter.c.kind,
    t.letter.c.campaign,
    t.letter.c.unit,
    t.letter.c.sender,
    t.letter.c.subject,
    t.letter.c.outcome,
    t.letter.c.keeping,
    t.letter.c.kept_blobs,
    t.letter.c.split_from,
)
# Asked for every letter at every stage. Building a statement costs several times what carrying it out does,
# so these are built once; their parameters have names that no column has.
_LETTERS = select(*_COLUMNS)
_BY_ID = _LETTERS.where(t.letter.c.id == bindparam("wanted"))
_BY_IDENTITY = _LETTERS.where(t.letter.c.identity == bindparam("wanted"))
_HELD = (
    select(t.mailbox.c.id, t.mailbox.c.lease_epoch)
    .where(t.mailbox.c.account == bindparam("of_account"), t.mailbox.c.folder == bindparam("of_folder"))
    .with_for_update()
)
_TWIN = select(func.min(t.letter.c.id)).where(
    t.letter.c.message_id == bindparam("of_message_id"), t.letter.c.id != bindparam("but")
)
_SIGHTED = select(t.sighting.c.letter).where(
    t.sighting.c.mailbox == bindparam("of_mailbox"),
    t.sighting.c.uidvalidity == bindparam("of_uidvalidity"),
    t.sighting.c.uid == bindparam("of_uid"),
)
_NEW_SIGHTING, _NEW_HIT, _NEW_FINDING = t.sighting.insert(), t.rule_hit.insert(), t.finding.insert()
_MATTER = select(t.matter.c.sha256).where(
    t.matter.c.letter == bindparam("of_letter"), t.matter.c.stage == bindparam("of_stage")
)
_FINDINGS = (
    select(t.finding)
    .where(t.finding.c.letter == bindparam("of_letter"), t.finding.c.is_superseded.is_(False))
    .order_by(t.finding.c.id)
)
_SUPERSEDE = (
    update(t.finding)
    .where(t.finding.c.letter == bindparam("of_letter"), t.finding.c.is_superseded.is_(False))
    .values(is_superseded=True)
)

# --- mailboxes ----------------------------------------------------------------------------------------------


def hold(
    connection: Connection, account: str, folder: str, owner: str, is_swept: bool, lease: timedelta
) -> Cursor | None:
    """Take or renew the lease; a new holder gets a new epoch, which shuts out the one before."""
    add_new(connection, t.mailbox, _mailbox_row(account, folder))
    now = machine_now(connection)
    taken = (
        update(t.mailbox)
        .where(
            t.mailbox.c.account == account,
            t.mailbox.c.folder == folder,
            or_(
                t.mailbox.c.lease_owner == owner,
                t.mailbox.c.lease_until.is_(None),
                t.mailbox.c.lease_until <= now,
            ),
        )
        .values(
            lease_epoch=t.mailbox.c.lease_epoch + case((t.mailbox.c.lease_owner == owner, 0), else_=1),
            lease_owner=owner,
            lease_until=now + lease,
            is_swept=is_swept,
        )
        .returning(*t.mailbox.c)
    )
    row = connection.execute(taken).first()
    return _cursor(row) if row else None


def cursors(connection: Connection, is_swept: bool) -> tuple[Cursor, ...]:
    """Every watched mailbox and how far it was read, or every one that is only swept at night."""
    rows = connection.execute(
        select(t.mailbox)
        .where(t.mailbox.c.account != EXCHANGE_ACCOUNT, t.mailbox.c.is_swept.is_(is_swept))
        .order_by(t.mailbox.c.account, t.mailbox.c.folder)
    )
    return tuple(_cursor(row) for row in rows)


def move_cursor(connection: Connection, change: MoveCursor) -> bool:
    """Read up to here, if the epoch is still ours; within one UIDVALIDITY never backwards."""
    is_same_box = t.mailbox.c.uidvalidity == change.uidvalidity
    is_ahead = t.mailbox.c.last_uid > change.last_uid
    moved = (
        update(t.mailbox)
        .where(
            t.mailbox.c.account == change.account,
            t.mailbox.c.folder == change.folder,
            t.mailbox.c.lease_epoch == change.epoch,
        )
        .values(
            last_uid=case((is_same_box & is_ahead, t.mailbox.c.last_uid), else_=change.last_uid),
            uidvalidity=change.uidvalidity,
            read_at=change.at,
        )
    )
    return connection.execute(moved).rowcount == 1 or change.account == EXCHANGE_ACCOUNT


def mark_put_away(connection: Connection, change: PutAway) -> bool:
    """These arrivals need not be moved or labelled any more."""
    box = select(t.mailbox.c.id).where(
        t.mailbox.c.account == change.account, t.mailbox.c.folder == change.folder
    )
    marked = (
        update(t.sighting)
        .where(
            t.sighting.c.mailbox == box.scalar_subquery(),
            t.sighting.c.uidvalidity == change.uidvalidity,
            t.sighting.c.uid.in_(change.uids),
        )
        .values(put_away_at=change.at)
    )
    connection.execute(marked)
    return True


def to_put_away(connection: Connection, account: str, size_max: int, limit: int) -> tuple[Sighting, ...]:
    """Arrivals of filed letters in the watched folders as they are numbered now, the oldest first."""
    found = (
        select(t.mailbox.c.folder, t.sighting.c.uidvalidity, t.sighting.c.uid, t.sighting.c.raw_sha256)
        .join(t.mailbox, t.mailbox.c.id == t.sighting.c.mailbox)
        .join(t.letter, t.letter.c.id == t.sighting.c.letter)
        .where(
            t.mailbox.c.account == account,
            t.mailbox.c.is_swept.is_(False),
            t.mailbox.c.uidvalidity == t.sighting.c.uidvalidity,
            t.sighting.c.put_away_at.is_(None),
            t.letter.c.stage.in_([Stage.FILED.value, Stage.ACKNOWLEDGED.value]),
            t.letter.c.size <= size_max,
        )
        .order_by(t.sighting.c.mailbox, t.sighting.c.uid)
        .limit(limit)
    )
    return tuple(Sighting(account, *row) for row in connection.execute(found))


def take_in(connection: Connection, change: TakeIn) -> bool:
    """One arrival. Taken already: nothing happens. A letter known from elsewhere: one more sighting of it.

    The cursor is not moved here, but by MoveCursor after the whole batch: should one letter of a batch fail,
    the next read brings all of them again and only that one is new.
    """
    if change.account == EXCHANGE_ACCOUNT:
        add_new(connection, t.mailbox, _mailbox_row(change.account, change.folder))
    named = {"of_account": change.account, "of_folder": change.folder}
    box = connection.execute(_HELD, named).first()
    if box is None or (change.account != EXCHANGE_ACCOUNT and box.lease_epoch != change.epoch):
        return False
    arrival = {"of_mailbox": box.id, "of_uidvalidity": change.uidvalidity, "of_uid": change.uid}
    if connection.execute(_SIGHTED, arrival).first() is not None:
        return True
    row = {
        "mailbox": box.id,
        "uidvalidity": change.uidvalidity,
        "uid": change.uid,
        "letter": _letter_id(connection, change),
        "raw_sha256": change.letter.raw_sha256,
    }
    connection.execute(_NEW_SIGHTING, row)
    return True


def _letter_id(connection: Connection, change: TakeIn) -> int:
    new = change.letter
    row = {
        "identity": new.identity,
        "raw_sha256": new.raw_sha256,
        "facts_sha256": new.facts_sha256,
        "received_at": new.received_at,
        "arrived_via": new.arrived_via,
        "stage": Stage.RECEIVED.value,
        "sender": new.sender,
        "subject": new.subject,
        "outcome": "",
        "message_id": new.message_id,
        "size": new.size,
    }
    added = add_new(connection, t.letter, row)
    if added is not None:
        hits = (*change.notes, *_twins(connection, new, int(added.id)))
        note_hits(connection, NoteHits(int(added.id), "receive", hits))
        return int(added.id)
    known = select(t.letter.c.id).where(t.letter.c.identity == new.identity)
    return int(connection.scalars(known).one())


def _twins(connection: Connection, new: NewLetter, id: int) -> list[RuleHit]:
    """Another letter under the same Message-ID: both are kept, and whoever asks why is told."""
    if not new.message_id:
        return []
    other = connection.scalars(_TWIN, {"of_message_id": new.message_id, "but": id}).one()
    if other is None:
        return []
    return [RuleHit("same-message-id", 1, True, f"与来信 {other} 的 Message-ID 相同而内容不同，两封都保留")]


def _mailbox_row(account: str, folder: str) -> dict[str, Any]:
    return {
        "account": account,
        "folder": folder,
        "uidvalidity": 0,
        "last_uid": 0,
        "lease_owner": "",
        "lease_epoch": 0,
        "is_swept": False,
    }


def _cursor(row: AnyRow) -> Cursor:
    return Cursor(row.account, row.folder, row.lease_epoch, row.uidvalidity, row.last_uid, row.read_at)


# --- letters: changes ---------------------------------------------------------------------------------------


def advance(connection: Connection, change: Advance) -> bool:
    """To the next stage, if the letter still stands at the one it was seen at."""
    values: dict[str, Any] = {"stage": change.to.value, "advanced_at": change.at}
    if change.kind is not None:
        values["kind"] = change.kind.value
    for name in ("campaign", "unit", "outcome"):
        value = getattr(change, name)
        if value is not None:
            values[name] = value
    seen = {"of_letter": change.letter, "of_stage": change.was.value}
    return connection.execute(_advancing(tuple(values)), seen | values).rowcount == 1


@cache
def _advancing(names: tuple[str, ...]) -> Update:
    return (
        update(t.letter)
        .where(t.letter.c.id == bindparam("of_letter"), t.letter.c.stage == bindparam("of_stage"))
        .values({name: bindparam(name) for name in names})
    )


def note_hits(connection: Connection, change: NoteHits) -> bool:
    """Rules tried, in their order; what was noted before stays."""
    rows = [
        {
            "letter": change.letter,
            "stage": change.stage,
            "rule": hit.rule,
            "version": hit.version,
            "is_hit": hit.is_hit,
            "say": hit.say,
        }
        for hit in change.hits
    ]
    if rows:
        connection.execute(_NEW_HIT, rows)
    return True


def put_matter(connection: Connection, change: PutMatter) -> bool:
    """Where a stage's conclusion lies."""
    row = {"letter": change.letter, "stage": change.stage, "sha256": change.sha256}
    if add_new(connection, t.matter, row) is None:
        same = (t.matter.c.letter == change.letter, t.matter.c.stage == change.stage)
        connection.execute(update(t.matter).where(*same).values(sha256=change.sha256))
    return True


def put_findings(connection: Connection, change: PutFindings) -> bool:
    """The newest check's remarks; earlier ones stay on record, superseded."""
    connection.execute(_SUPERSEDE, {"of_letter": change.letter})
    rows = [
        {
            "letter": change.letter,
            "code": finding.code,
            "item": finding.item,
            "place": finding.place,
            "say": finding.say,
            "severity": finding.severity.value,
            "is_superseded": False,
        }
        for finding in change.findings
    ]
    if rows:
        connection.execute(_NEW_FINDING, rows)
    return True


# --- letters: questions -------------------------------------------------------------------------------------


def letter(connection: Connection, id: int) -> Letter | None:
    """One letter."""
    row = connection.execute(_BY_ID, {"wanted": id}).first()
    return _letter(row) if row else None


def letter_by_identity(connection: Connection, identity: str) -> Letter | None:
    """The one letter of this identity."""
    row = connection.execute(_BY_IDENTITY, {"wanted": identity}).first()
    return _letter(row) if row else None


def letters(
    connection: Connection, stage: Stage | None, campaign: str | None, unit: str | None, limit: int
) -> tuple[Letter, ...]:
    """In order of arrival."""
    exact = {"stage": stage.value if stage else None, "campaign": campaign, "unit": unit}
    given = {name: wanted for name, wanted in exact.items() if wanted is not None}
    rows = connection.execute(_letters(tuple(given)), given | {"at_most": limit})
    return tuple(_letter(row) for row in rows)


@cache
def _letters(given: tuple[str, ...]) -> Select[Any]:
    return (
        _LETTERS.where(*(t.letter.c[name] == bindparam(name) for name in given))
        .order_by(t.letter.c.received_at, t.letter.c.id)
        .limit(bindparam("at_most"))
    )


def count_letters(connection: Connection, stage: Stage | None, campaign: str | None) -> int:
    """How many."""
    counted = select(func.count(literal_column("1"))).select_from(t.letter)
    if stage is not None:
        counted = counted.where(t.letter.c.stage == stage.value)
    if campaign is not None:
        counted = counted.where(t.letter.c.campaign == campaign)
    return connection.scalars(counted).one()


def matter(connection: Connection, letter: int, stage: str) -> str | None:
    """Where a stage's conclusion lies."""
    named = {"of_letter": letter, "of_stage": stage}
    found: str | None = connection.scalars(_MATTER, named).first()
    return found


def hits(connection: Connection, letter: int) -> tuple[HitRow, ...]:
    """Every rule tried on a letter, in the order tried."""
    rows = connection.execute(
        select(t.rule_hit).where(t.rule_hit.c.letter == letter).order_by(t.rule_hit.c.id)
    )
    return tuple(HitRow(row.stage, row.rule, row.version, row.is_hit, row.say) for row in rows)


def findings(connection: Connection, letter: int) -> tuple[Finding, ...]:
    """What the newest check remarked."""
    rows = connection.execute(_FINDINGS, {"of_letter": letter})
    return tuple(Finding(row.code, row.item, row.place, row.say, Severity(row.severity)) for row in rows)


def _letter(row: AnyRow) -> Letter:
    id_, identity, raw, facts, received_at, arrived_via, stage, kind, *rest = row
    return Letter(id_, identity, raw, facts, received_at, arrived_via, Stage(stage), _KINDS[kind], *rest)
