"""台账库 — the journal, and the ledger made anew from it: nothing differs, tampering shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from service.doors.ledger import LedgerDoor, open_ledger
from service.doors.ledger import tables as t
from service.doors.ledger.connections import connect
from service.doors.ledger.journal import UNJOURNALLED, journalled
from service.doors.ledger.rebuild import rebuild
from service.office.outcome import DoorError
from tests.doors.ledger_samples import CAMPAIGN, NOW, opening


def by_another_hand(url: str, folder: Path, statement: str) -> None:
    """A change past the program: no trigger of ours writes it down."""
    other = connect(url, folder, "stranger", is_silent=True)
    with other.write() as connection:
        connection.execute(text(statement))
    other.close()


def worked(url: str, folder: Path) -> None:
    """A ledger with something of every kind that a release and a first sending leave."""
    with open_ledger(url, folder, owner="tests") as ledger:
        assert ledger.apply([opening(3)])
        ledger.claim("me", NOW, 2)
        ledger.reap()
        ledger.recover("me")
        ledger.hold_mailbox("office", "INBOX", "me")
        ledger.seal(NOW)


def test_every_table_is_journalled_or_named_with_its_reason() -> None:
    assert {each.name for each in journalled()} | set(UNJOURNALLED) == set(t.metadata.tables)
    assert all(UNJOURNALLED.values())


def test_a_rebuilt_ledger_is_the_same_row_by_row(ledger_url: str, tmp_path: Path) -> None:
    worked(ledger_url, tmp_path)
    target = f"sqlite:///{tmp_path / 'rebuilt.db'}"
    rebuilt = rebuild(ledger_url, target, tmp_path)
    assert rebuilt.is_equal, rebuilt.differences
    assert dict(rebuilt.rows)["docket"] == 6
    assert rebuilt.lines > 20
    with open_ledger(ledger_url, tmp_path, owner="a") as old, open_ledger(target, tmp_path, owner="b") as new:
        assert new.dockets(CAMPAIGN) == old.dockets(CAMPAIGN)
        assert new.dispatches(CAMPAIGN) == old.dispatches(CAMPAIGN)
        assert new.check_journal() == old.check_journal()
        # It goes on as a ledger of its own, and can be rebuilt again.
        assert len(new.claim("me", NOW, 2)) == 2
    assert rebuild(target, "", tmp_path).is_equal


@pytest.mark.postgres
def test_a_file_is_rebuilt_into_a_server(
    sqlite_ledger_url: str, postgres_ledger_url: str, tmp_path: Path
) -> None:
    worked(sqlite_ledger_url, tmp_path)
    rebuilt = rebuild(sqlite_ledger_url, postgres_ledger_url, tmp_path)
    assert rebuilt.is_equal, rebuilt.differences
    with open_ledger(postgres_ledger_url, tmp_path, owner="tests") as ledger:
        assert ledger.apply([opening(4, rev=2)])
        assert len(ledger.claim("me", NOW, 20)) > 3
    assert rebuild(postgres_ledger_url, "", tmp_path).is_equal


def test_what_another_hand_changed_is_named(ledger_url: str, tmp_path: Path) -> None:
    worked(ledger_url, tmp_path)
    by_another_hand(ledger_url, tmp_path, "UPDATE docket SET state = 'returned' WHERE unit = '第1单位'")
    by_another_hand(ledger_url, tmp_path, "DELETE FROM timer WHERE unit = '第2单位'")
    found = rebuild(ledger_url, "", tmp_path)
    changed = [each for each in found.differences if each.table == "docket"]
    assert changed and {each.how for each in changed} == {"changed"}
    assert {each.columns for each in changed} == {("state",)}
    assert not found.is_equal


def test_a_line_that_was_altered_breaks_the_chain(ledger_url: str, tmp_path: Path) -> None:
    worked(ledger_url, tmp_path)
    with pytest.raises(DoorError):
        by_another_hand(ledger_url, tmp_path, "UPDATE journal SET body = '{}' WHERE tab = 'docket'")
    with pytest.raises(DoorError):
        by_another_hand(ledger_url, tmp_path, "DELETE FROM journal WHERE tab = 'docket'")
    # Whoever owns the database can take the guards away, and is found out all the same.
    guard = "DROP TRIGGER journal_no_delete"
    if ledger_url.startswith("postgresql"):
        guard = "ALTER TABLE journal DISABLE TRIGGER journal_append_only"
    by_another_hand(ledger_url, tmp_path, guard)
    by_another_hand(ledger_url, tmp_path, "DELETE FROM journal WHERE tab = 'docket'")
    found = rebuild(ledger_url, "", tmp_path)
    assert found.damaged and not found.is_equal
    assert {each.how for each in found.differences if each.table == "docket"} == {"extra"}


def test_a_transaction_that_failed_leaves_no_line(ledger: LedgerDoor) -> None:
    assert ledger.apply([opening(2)])
    ledger.seal(NOW)
    before = ledger.check_journal().checked
    assert not ledger.apply([opening(2)])
    ledger.seal(NOW)
    assert ledger.check_journal().checked == before


def test_looking_into_a_mailbox_again_and_again_is_no_line(ledger: LedgerDoor) -> None:
    ledger.hold_mailbox("office", "INBOX", "me")
    ledger.seal(NOW)
    before = ledger.check_journal().checked
    for _ in range(3):
        ledger.hold_mailbox("office", "INBOX", "me")
    ledger.seal(NOW)
    assert ledger.check_journal().checked == before


def test_a_database_with_something_in_it_is_no_target(ledger_url: str, tmp_path: Path) -> None:
    worked(ledger_url, tmp_path)
    target = f"sqlite:///{tmp_path / 'other.db'}"
    worked(target, tmp_path)
    with pytest.raises(DoorError, match="已经有内容"):
        rebuild(ledger_url, target, tmp_path)
