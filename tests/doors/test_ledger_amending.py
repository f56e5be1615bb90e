"""台账库 — a later release carried out: what has not gone out is voided; an old ledger learns to do it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, exc, inspect, text

from service.doors.ledger import LedgerDoor, open_ledger
from service.doors.ledger.connections import connect
from service.doors.ledger.head import HEAD
from service.doors.ledger.journal import take_postgres_triggers
from service.doors.ledger.schema import MIGRATIONS
from service.office.amendment import AmendCampaign, EndCampaign, Planning, Redating, Voiding
from service.office.approval import Act, ReleaseRow
from service.office.change import BeginSending, Extend, FinishSending, PutDocket, SettleDispatch
from service.office.dispatch import DispatchKind, DispatchState
from tests.doors.ledger_samples import CAMPAIGN, NOW, new_dispatch, opening

REVISION = "0005"
NEW_KINDS = ("supplement", "amendment", "withdrawal", "canary", "urging")  # the last two by later revisions
EVERY = Voiding((DispatchKind.NOTICE, DispatchKind.COPY), "更正")


def release(rev: int) -> ReleaseRow:
    return ReleaseRow(CAMPAIGN, rev, f"d{rev}", "i", "李四", NOW, "", Act.CORRECTION, "有误", "")


def amend(rev: int = 2, **more: object) -> AmendCampaign:
    return replace(AmendCampaign(CAMPAIGN, release(rev), "李四", NOW), **more)  # type: ignore[arg-type] # any


@pytest.fixture
def opened(ledger: LedgerDoor) -> Iterator[LedgerDoor]:
    assert ledger.apply([opening(3)])
    yield ledger


def test_a_row_under_way_when_it_is_superseded_never_comes_back(opened: LedgerDoor) -> None:
    (row,) = opened.claim("us", NOW, 1)
    assert opened.apply([BeginSending(row.id, "us", row.attempt_token, "m")])
    plans = tuple(
        Planning(
            each.unit,
            each.rcpt,
            replace(new_dispatch(900 + each.id), unit=each.unit, rcpt=each.rcpt),
            replace(new_dispatch(990 + each.id), unit=each.unit, rcpt=each.rcpt, kind=DispatchKind.AMENDMENT),
        )
        for each in opened.dispatches(CAMPAIGN)
    )
    assert opened.apply([amend(voids=(EVERY,), plans=plans)])
    fresh = [each for each in opened.dispatches(CAMPAIGN) if each.id > len(plans)]
    assert sorted(each.kind.value for each in fresh) == ["amendment", *["notice"] * (len(plans) - 1)]
    assert [each.unit for each in fresh if each.kind is DispatchKind.AMENDMENT] == [row.unit]
    # The server puts it off: what would be tried again is cancelled instead.
    again = FinishSending(
        row.id, "us", row.attempt_token, DispatchState.SENDING, DispatchState.RETRY, NOW, NOW
    )
    assert opened.apply([again])
    after = opened.dispatch(row.id)
    assert after is not None
    assert (after.state, after.superseded_by) == (DispatchState.CANCELLED, 2)


def test_a_doubtful_superseded_row_may_be_called_sent_but_not_ready(opened: LedgerDoor) -> None:
    (row,) = opened.claim("us", NOW, 1)
    assert opened.apply([BeginSending(row.id, "us", row.attempt_token, "m")])
    assert [each.id for each in opened.recover("us")] == [row.id]
    assert opened.apply([amend(voids=(EVERY,))])
    doubt = DispatchState.IN_DOUBT
    assert not opened.apply([SettleDispatch(row.id, doubt, DispatchState.READY, NOW, "重发")])
    assert opened.apply([SettleDispatch(row.id, doubt, DispatchState.SENT, NOW, "查到了")])


def test_a_lease_is_lost_to_the_release_that_voids_it(opened: LedgerDoor) -> None:
    (row,) = opened.claim("us", NOW, 1)
    assert opened.apply([amend(voids=(EVERY,))])
    assert not opened.apply([BeginSending(row.id, "us", row.attempt_token, "m")])
    assert {each.state for each in opened.dispatches(CAMPAIGN)} == {DispatchState.CANCELLED}


def test_terms_move_beside_filing_but_not_over_an_extension(opened: LedgerDoor) -> None:
    dockets = [each for each in opened.dockets(CAMPAIGN) if each.item == opened.items(CAMPAIGN)[0].key]
    first = dockets[0]
    terms = Redating(first.item, 0, first.due_until, first.obligation, len(dockets), NOW, first.obligation, 0)
    # A docket that moved meanwhile keeps its move and gets the new date.
    assert opened.apply([PutDocket(replace(first, reason="来电"))])
    assert opened.apply([amend(redates=(terms,))])
    moved = opened.docket(CAMPAIGN, first.unit, first.item)
    assert moved is not None
    assert (moved.due_until, moved.due_rev, moved.reason) == (NOW, 1, "来电")
    # Once somebody was granted more time, the plan is no longer what was signed: nothing of it happens.
    granted = Extend(CAMPAIGN, first.unit, first.item, NOW, "来电", "李四", NOW)
    assert opened.apply([PutDocket(replace(moved, due_rev=2)), granted])
    again = replace(terms, was_rev=1, was_until=NOW)
    assert not opened.apply([amend(3, redates=(again,))])
    assert [each.rev for each in opened.releases(CAMPAIGN)] == [1, 2]


def test_an_ended_campaign_takes_no_further_release(opened: LedgerDoor) -> None:
    assert opened.apply([EndCampaign(CAMPAIGN, "closed", "王五", "够了", NOW)])
    assert not opened.apply([EndCampaign(CAMPAIGN, "closed", "王五", "够了", NOW)])
    assert not opened.apply([amend()])
    row = opened.campaign(CAMPAIGN)
    assert row is not None
    assert (row.is_open, row.is_withdrawn, row.ended_by) == (False, False, "王五")
    assert {state for _, state in opened.timers(CAMPAIGN)} <= {"cancelled"}


def test_an_old_ledger_learns_it_with_all_that_is_in_it(ledger_url: str, tmp_path: Path) -> None:
    with open_ledger(ledger_url, tmp_path, owner="tests") as door:
        assert door.apply([opening(2)])
        before = door.dispatches(CAMPAIGN)
        assert door.campaign(CAMPAIGN) is not None
    # An old program keeps no journal, and its triggers would hold on to the columns taken away here.
    database = connect(ledger_url, tmp_path, "tests", is_silent=True)
    with database.write() as connection:
        if connection.dialect.name == "postgresql":
            for table in inspect(connection).get_table_names():
                take_postgres_triggers(connection, table)
        referred = "INSERT INTO delivered_id (message_id, dispatch) VALUES ('<x@y>', :id)"
        connection.execute(text(referred), {"id": before[0].id})
        _forget_v0005(connection)
    with database.write() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, REVISION)
        connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": HEAD})
    database.close()
    with open_ledger(ledger_url, tmp_path, owner="tests") as door:
        assert door.dispatches(CAMPAIGN) == before
        assert door.dispatch_by_message_id("<x@y>") == before[0]
        told = replace(new_dispatch(77), kind=DispatchKind.AMENDMENT)
        plan = Planning(told.unit, told.rcpt, told, told)
        assert door.apply([amend(plans=(plan,))])
        assert door.releases(CAMPAIGN)[0].act is Act.NOTICE


def _forget_v0005(connection: Connection) -> None:
    """Back to what was there before it; only here, for a ledger never goes down."""
    for table, columns in {
        "campaign": ("ended", "ended_at", "ended_by", "ended_why"),
        "release": ("act", "reason", "manifest_sha256"),
        "dispatch": ("superseded_by",),
    }.items():
        for column in columns:
            connection.execute(text(f"ALTER TABLE {table} DROP COLUMN {column}"))
    before = ScriptDirectory(str(MIGRATIONS)).get_revision(REVISION).down_revision
    connection.execute(text("UPDATE alembic_version SET version_num = :before"), {"before": before})
    known = ", ".join(f"'{each.value}'" for each in DispatchKind if each.value not in NEW_KINDS)
    if connection.dialect.name == "postgresql":
        connection.execute(text("ALTER TABLE dispatch DROP CONSTRAINT ck_dispatch_kind"))
        check = f"ALTER TABLE dispatch ADD CONSTRAINT ck_dispatch_kind CHECK (kind IN ({known}))"
        connection.execute(text(check))
        return
    connection.execute(text("PRAGMA writable_schema=ON"))
    more = "".join(f", '{each}'" for each in NEW_KINDS)
    forget = "UPDATE sqlite_master SET sql = replace(sql, :more, '') WHERE name = 'dispatch'"
    connection.execute(text(forget), {"more": more})
    connection.execute(text("PRAGMA writable_schema=RESET"))
    with pytest.raises(exc.IntegrityError), connection.begin_nested():
        connection.execute(text("UPDATE dispatch SET kind = 'amendment'"))
