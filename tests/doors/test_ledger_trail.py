"""台账库 — events can only be added, and the chain of seals tells when somebody did otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from service.doors.ledger import LedgerDoor, open_ledger
from service.doors.ledger.connections import Connections, connect
from service.doors.ledger.trail import GENESIS
from service.office.change import Record
from service.office.needs.ledger import ChainReport, Event
from service.office.outcome import DoorError
from tests.doors.ledger_samples import CAMPAIGN, NOW


@dataclass(frozen=True, slots=True)
class Trail:
    """A ledger, and the database behind its back."""

    ledger: LedgerDoor
    database: Connections

    def tamper(self, *statements: str) -> None:
        """What only the database's owner can do: switch the guards off and change what happened."""
        with self.database.write() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL session_replication_role = replica"))
            else:
                # References cannot be switched off within a transaction.
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                names = connection.scalars(
                    text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
                ).all()
                for name in names:
                    connection.exec_driver_sql(f"DROP TRIGGER {name}")
            for statement in statements:
                connection.execute(text(statement))


@pytest.fixture
def trail(ledger_url: str, tmp_path: Path) -> Iterator[Trail]:
    database = connect(ledger_url, tmp_path, "owner of the database")
    with open_ledger(ledger_url, tmp_path, owner="tests") as ledger:
        for number in range(1, 7):
            assert ledger.apply([record(number)])
            if number % 2 == 0:
                ledger.seal(NOW + timedelta(minutes=number))
        yield Trail(ledger, database)
    database.close()


def record(number: int, **more: object) -> Record:
    facts: dict[str, object] = {
        "kind": "docket-moved",
        "at": NOW + timedelta(seconds=number),
        "actor": "系统",
        "campaign": CAMPAIGN,
        "unit": f"第{number}单位",
        "about": (("after", "returned"), ("say", "“总结”已报")),
    }
    return Record(**{**facts, **more})  # type: ignore[arg-type] # facts by name


def test_an_event_comes_back_whole(ledger: LedgerDoor) -> None:
    assert ledger.apply([record(1, item="works", letter=5, dispatch=6)])
    (event,) = ledger.events()
    assert event == Event(
        id=event.id,
        kind="docket-moved",
        at=NOW + timedelta(seconds=1),
        actor="系统",
        campaign=CAMPAIGN,
        unit="第1单位",
        item="works",
        letter=5,
        dispatch=6,
        about=(("after", "returned"), ("say", "“总结”已报")),
    )


def test_events_are_found_by_any_mark(ledger: LedgerDoor) -> None:
    assert ledger.apply([record(1), record(2, letter=9), record(3, kind="released", campaign="other")])
    assert [event.unit for event in ledger.events()] == ["第1单位", "第2单位", "第3单位"]
    assert [event.unit for event in ledger.events(CAMPAIGN)] == ["第1单位", "第2单位"]
    assert [event.unit for event in ledger.events(CAMPAIGN, "第2单位")] == ["第2单位"]
    assert [event.unit for event in ledger.events(letter=9)] == ["第2单位"]
    assert [event.unit for event in ledger.events(kind="released")] == ["第3单位"]


@pytest.mark.parametrize("table", ["event", "seal", "event_seal"])
@pytest.mark.parametrize("deed", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_nothing_of_the_trail_can_be_changed_or_taken_away(trail: Trail, table: str, deed: str) -> None:
    column = {"event": "id", "seal": "no", "event_seal": "pos"}[table]
    with pytest.raises(DoorError, match=f"table {table} is append-only"):  # noqa: SIM117 - what raises is the exit
        with trail.database.write() as connection:
            connection.execute(text(deed.format(table, column, column)))
    assert trail.ledger.check_chain().damaged == ()


@pytest.mark.postgres
def test_the_trail_cannot_be_emptied_in_one_go(postgres_ledger_url: str, tmp_path: Path) -> None:
    database = connect(postgres_ledger_url, tmp_path, "tests")
    with pytest.raises(DoorError, match="append-only"), database.write() as connection:
        connection.execute(text("TRUNCATE event CASCADE"))
    database.close()


def test_an_empty_chain_is_whole(ledger: LedgerDoor) -> None:
    assert ledger.check_chain() == ChainReport(0, (), GENESIS)
    assert ledger.seal(NOW) == GENESIS


def test_sealing_moves_the_head_only_when_something_happened(trail: Trail) -> None:
    head = trail.ledger.check_chain().head
    assert trail.ledger.seal(NOW) == head
    assert trail.ledger.apply([record(7)])
    assert trail.ledger.seal(NOW) not in {head, GENESIS}


def test_a_whole_chain_is_whole_with_or_without_a_loose_end(trail: Trail) -> None:
    sealed = trail.ledger.check_chain()
    assert (sealed.checked, sealed.damaged) == (6, ())
    assert trail.ledger.apply([record(7, about=(("say", "\x00\udcff 坏字符"),))])
    assert trail.ledger.check_chain() == ChainReport(7, (), sealed.head)
    head = trail.ledger.seal(NOW)
    assert trail.ledger.check_chain() == ChainReport(7, (), head)


@pytest.mark.parametrize(
    "deed",
    [
        "UPDATE event SET body = replace(body, 'returned', 'exempted') WHERE id = 3",
        "UPDATE event SET kind = 'exempted' WHERE id = 3",
        "UPDATE event SET actor = '别人' WHERE id = 3",
        "UPDATE event SET body = 'no json' WHERE id = 3",
        "UPDATE event SET body_sha256 = 'abc' WHERE id = 3",
    ],
)
def test_a_changed_event_is_found(trail: Trail, deed: str) -> None:
    trail.tamper(deed)
    assert trail.ledger.check_chain().damaged == (3,)


def test_a_missing_event_is_found(trail: Trail) -> None:
    trail.tamper("DELETE FROM event WHERE id = 3")
    assert trail.ledger.check_chain().damaged == (3,)


def test_an_event_missing_with_its_place_in_the_chain_is_found(trail: Trail) -> None:
    trail.tamper("DELETE FROM event_seal WHERE event = 3", "DELETE FROM event WHERE id = 3")
    assert trail.ledger.check_chain().damaged == (4,)


def test_a_whole_stretch_missing_is_found(trail: Trail) -> None:
    trail.tamper("DELETE FROM event_seal WHERE seal_no = 2", "DELETE FROM event WHERE id IN (3, 4)")
    assert trail.ledger.check_chain().damaged == (3,)


def test_events_that_were_swapped_are_found(trail: Trail) -> None:
    trail.tamper(
        "UPDATE event_seal SET pos = 9 WHERE event = 3",
        "UPDATE event_seal SET pos = 0 WHERE event = 4",
        "UPDATE event_seal SET pos = 1 WHERE event = 3",
    )
    assert trail.ledger.check_chain().damaged == (3, 4)


def test_a_seal_that_was_redone_breaks_the_next(trail: Trail) -> None:
    trail.tamper(f"UPDATE seal SET hash = '{'0' * 64}' WHERE no = 2")
    # The second does not fit its own events, the third not the second.
    assert trail.ledger.check_chain().damaged == (3, 4, 5, 6)


def test_an_event_slipped_in_under_a_seal_is_found(trail: Trail) -> None:
    assert trail.ledger.apply([record(7)])
    trail.tamper("INSERT INTO event_seal (event, seal_no, pos) VALUES (7, 2, 2)")
    assert trail.ledger.check_chain().damaged == (3, 4, 7)


def test_an_event_that_commits_late_is_sealed_all_the_same(trail: Trail) -> None:
    with trail.database.write() as connection:
        # As on PostgreSQL, where an earlier number may be committed after a later one was sealed.
        connection.execute(
            text(
                "INSERT INTO event (id, kind, at, actor, campaign, unit, item, body, body_sha256)"
                " SELECT -1, kind, at, actor, campaign, unit, item, body, body_sha256 FROM event WHERE id = 1"
            )
        )
    head = trail.ledger.check_chain().head
    assert trail.ledger.seal(NOW) != head
    assert trail.ledger.check_chain().damaged == ()
