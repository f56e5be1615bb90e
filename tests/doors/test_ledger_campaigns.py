"""台账库 — releases, units, codes and addresses, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from service.doors.ledger import LedgerDoor, open_ledger
from service.office.address import Address
from service.office.approval import DraftRow
from service.office.change import (
    ForgetSender,
    MarkAddress,
    OpenCampaign,
    PutDocket,
    PutDraft,
    PutTimers,
    PutUnit,
    SettleTimer,
    Timer,
)
from service.office.dispatch import DispatchState
from service.office.docket import DocketState
from service.office.outcome import DoorError
from service.office.roster import Contact, Unit
from tests.doors.ledger_samples import CAMPAIGN, DUE, ITEMS, NOW, opening, sha, unit


def test_a_release_opens_everything_at_once(ledger: LedgerDoor) -> None:
    change = opening(3)
    assert ledger.apply([change])
    row = ledger.campaign(CAMPAIGN)
    assert row and row == ledger.campaigns()[0]
    assert (row.title, row.state, row.zone, row.opened_at) == (change.title, "open", "Asia/Shanghai", NOW)
    assert ledger.release(CAMPAIGN) == change.release
    assert ledger.items(CAMPAIGN) == ITEMS
    assert ledger.dockets(CAMPAIGN) == change.dockets
    assert [standing.unit for standing in ledger.standings(CAMPAIGN)] == list(change.units)
    assert [each.dedupe_key for each in ledger.dispatches(CAMPAIGN)] == [
        each.dedupe_key for each in change.dispatches
    ]
    assert [replace(timer, id=0) for timer, _ in ledger.timers(CAMPAIGN)] == list(change.timers)


def test_what_was_never_released_is_not_there(ledger: LedgerDoor) -> None:
    assert ledger.campaign("nothing") is None
    assert ledger.release("nothing") is None
    assert ledger.draft("nothing") is None
    assert ledger.standing("nothing", "第1单位") is None
    assert ledger.docket("nothing", "第1单位", "works") is None
    assert ledger.next_due() is None
    assert ledger.next_timer() is None


def test_the_same_release_again_is_refused_and_changes_nothing(ledger: LedgerDoor) -> None:
    assert ledger.apply([opening(2)])
    again = replace(opening(3), title="另一个标题")
    assert not ledger.apply([again])
    row = ledger.campaign(CAMPAIGN)
    assert row and row.title == "质量月活动"
    assert len(ledger.standings(CAMPAIGN)) == 2


def test_a_later_revision_adds_and_renews_but_keeps_what_happened(ledger: LedgerDoor) -> None:
    assert ledger.apply([opening(2)])
    moved = replace(ledger.dockets(CAMPAIGN)[0], state=DocketState.RETURNED, returned_at=NOW)
    assert ledger.apply([PutDocket(moved)])
    later = opening([unit(1, "new@unit1.example"), unit(2), unit(3)], rev=2)
    assert ledger.apply([later])
    release = ledger.release(CAMPAIGN)
    assert release and release.rev == 2
    states = [docket.state for docket in ledger.dockets(CAMPAIGN)]
    assert states == [DocketState.RETURNED] + [DocketState.NOT_SENT] * 5
    assert ledger.whose_address("new@unit1.example") == ((CAMPAIGN, "第1单位"),)
    assert ledger.whose_address("u1@unit1.example") == ()


def test_a_code_of_another_campaign_stops_the_release_whole(ledger: LedgerDoor) -> None:
    assert ledger.apply([opening(2)])
    with pytest.raises(DoorError, match="编号 AAAA-0000、AAAA-0001 已属于别的单位或活动") as taken:
        ledger.apply([opening(1, campaign="other")])
    assert not taken.value.again
    assert ledger.campaign("other") is None


def test_a_message_id_used_twice_stops_the_release_whole(ledger: LedgerDoor) -> None:
    assert ledger.apply([opening(2)])
    twin = opening(1, campaign="other", codes="BBBB")
    taken = replace(twin.dispatches[0], message_id=ledger.dispatches(CAMPAIGN)[0].message_id)
    with pytest.raises(DoorError, match="不合规则"):
        ledger.apply([replace(twin, dispatches=(taken,))])
    assert ledger.campaign("other") is None


def test_codes_lead_to_units_and_one_to_the_public(ledger: LedgerDoor) -> None:
    assert ledger.apply([opening(2)])
    assert ledger.whose_code("AAAA-0002") == (CAMPAIGN, "第2单位")
    assert ledger.whose_code(" aaaa-0002 ") == (CAMPAIGN, "第2单位")
    assert ledger.whose_code("AAAA-0000") == (CAMPAIGN, "")
    assert ledger.whose_code("ZZZZ-9999") is None
    standing = ledger.standing(CAMPAIGN, "第2单位")
    assert standing and standing.code == "AAAA-0002"


def test_a_thousand_units_come_back_as_they_went_in(ledger: LedgerDoor) -> None:
    change = opening(1000)
    assert ledger.apply([change])
    assert [standing.unit for standing in ledger.standings(CAMPAIGN)] == list(change.units)
    assert ledger.dockets(CAMPAIGN) == change.dockets
    assert ledger.whose_code("AAAA-1000") == (CAMPAIGN, "第1000单位")


def test_a_later_revision_of_many_units_doubles_nothing(ledger: LedgerDoor) -> None:
    first, later = opening(300), opening(301, rev=2)
    assert ledger.apply([first])
    assert ledger.apply([later])
    assert ledger.dockets(CAMPAIGN) == later.dockets
    assert len(ledger.standings(CAMPAIGN)) == 301
    # Notices are known by unit, address and revision: those of the second are new.
    assert len(ledger.dispatches(CAMPAIGN)) == 601
    assert len(ledger.timers(CAMPAIGN)) == 301
    assert not ledger.apply([later])


# --- drafts -------------------------------------------------------------------------------------------------


def put_draft(number: int) -> PutDraft:
    return PutDraft(
        CAMPAIGN, sha(f"digest {number}"), sha("inputs"), sha(f"manifest {number}"), NOW + timedelta(number)
    )


def test_a_newer_draft_takes_the_place_of_an_unreleased_one(ledger: LedgerDoor) -> None:
    assert ledger.apply([put_draft(1)])
    assert ledger.apply([put_draft(2)])
    assert ledger.draft(CAMPAIGN) == DraftRow(
        CAMPAIGN, sha("digest 2"), sha("inputs"), sha("manifest 2"), NOW + timedelta(2)
    )
    assert ledger.blobs() == (sha("manifest 2"),)


def test_a_released_draft_stays_named_when_another_is_made(ledger: LedgerDoor) -> None:
    assert ledger.apply([put_draft(1)])
    assert ledger.apply([opening(1)])  # signs digest 1
    assert ledger.apply([put_draft(2)])
    draft = ledger.draft(CAMPAIGN)
    assert draft and draft.digest == sha("digest 2")
    assert {sha("manifest 1"), sha("manifest 2")} <= set(ledger.blobs())


def test_the_same_draft_again_is_the_newest(ledger: LedgerDoor) -> None:
    for number in (1, 2, 1):
        assert ledger.apply([put_draft(number)])
    draft = ledger.draft(CAMPAIGN)
    assert draft and draft.digest == sha("digest 1")


# --- units and addresses ------------------------------------------------------------------------------------

STRANGER = Unit(
    key="某协会",
    name="某协会",
    is_third_party=True,
    contacts=(Contact("王五", addresses=(Address("w@society.example"),)),),
)


def test_a_third_party_stands_after_the_roster_and_is_known_again(ledger: LedgerDoor) -> None:
    assert ledger.apply([opening(2)])
    assert ledger.apply([PutUnit(STRANGER, CAMPAIGN)])
    assert ledger.apply([PutUnit(replace(STRANGER, key="另一协会", name="另一协会"), CAMPAIGN)])
    assert [each.unit.key for each in ledger.standings(CAMPAIGN)] == [
        "第1单位",
        "第2单位",
        "某协会",
        "另一协会",
    ]
    standing = ledger.standing(CAMPAIGN, "某协会")
    assert standing and standing.code == "" and standing.unit == STRANGER
    assert ledger.whose_address("W@society.example") == ((CAMPAIGN, "另一协会"), (CAMPAIGN, "某协会"))


def test_a_roll_is_read_again_only_when_its_units_have_changed(ledger: LedgerDoor) -> None:
    def is_as_stored() -> bool:
        return ledger.roll(CAMPAIGN).units == tuple(each.unit for each in ledger.standings(CAMPAIGN))

    assert ledger.roll(CAMPAIGN).units == ()
    assert ledger.apply([opening(2)])
    first = ledger.roll(CAMPAIGN)
    assert len(first.units) == 2 and is_as_stored()
    assert ledger.apply([MarkAddress("第1单位", "private@mail.example", "ok", "李四")])
    assert ledger.roll(CAMPAIGN) is first
    assert ledger.apply([PutUnit(STRANGER, CAMPAIGN)])
    assert ledger.roll(CAMPAIGN).units[-1] == STRANGER and is_as_stored()
    renamed = replace(opening(2, rev=2), units=(replace(unit(1), name="改了名的单位"), unit(2)))
    assert ledger.apply([renamed])
    assert ledger.roll(CAMPAIGN).units[0].name == "改了名的单位" and is_as_stored()


def test_what_somebody_else_writes_is_in_the_next_roll(
    ledger: LedgerDoor, ledger_url: str, tmp_path: Path
) -> None:
    assert ledger.apply([opening(2)])
    assert len(ledger.roll(CAMPAIGN).units) == 2
    with open_ledger(ledger_url, tmp_path, owner="somebody else") as other:
        assert other.apply([PutUnit(STRANGER, CAMPAIGN)])
    assert ledger.roll(CAMPAIGN).units[-1] == STRANGER


def test_a_unit_that_is_there_stays_as_it_is(ledger: LedgerDoor) -> None:
    assert ledger.apply([opening(2)])
    assert ledger.apply([PutUnit(replace(unit(1), name="改名", order=9), CAMPAIGN)])
    standing = ledger.standing(CAMPAIGN, "第1单位")
    assert standing and standing.unit == unit(1)


def test_addresses_are_found_in_any_case_and_in_open_campaigns_only(ledger: LedgerDoor) -> None:
    assert ledger.apply([opening(2)])
    assert ledger.apply([opening(1, campaign="second", codes="BBBB")])
    assert ledger.whose_address(" u1@UNIT1.Example ") == ((CAMPAIGN, "第1单位"), ("second", "第1单位"))
    assert ledger.whose_domain("UNIT2.example") == ((CAMPAIGN, "第2单位"),)
    assert ledger.whose_domain("@unit2.example") == ((CAMPAIGN, "第2单位"),)
    assert ledger.whose_address("stranger@unit1.example") == ()


def test_a_learned_address_speaks_for_its_unit_wherever_that_takes_part(ledger: LedgerDoor) -> None:
    assert ledger.apply([opening(2)])
    assert ledger.apply([MarkAddress("第2单位", "Private@Mail.example", "ok", "李四")])
    assert ledger.whose_address("private@mail.example") == ((CAMPAIGN, "第2单位"),)
    assert ledger.whose_domain("mail.example") == ((CAMPAIGN, "第2单位"),)


def test_an_address_learned_for_two_units_speaks_for_neither_until_one_is_forgotten(
    ledger: LedgerDoor,
) -> None:
    assert ledger.apply([opening(2)])
    assert ledger.apply([MarkAddress("第1单位", "p@mail.example", "ok", "李四")])
    assert ledger.apply([MarkAddress("第2单位", "P@mail.example", "ok", "李四")])
    assert ledger.whose_address("p@mail.example") == ()
    assert ledger.apply([ForgetSender("第1单位", "p@MAIL.example")])
    assert ledger.whose_address("p@mail.example") == ((CAMPAIGN, "第2单位"),)
    assert [each.unit for each in ledger.confirmed_senders(address="p@mail.example")] == ["第2单位"]
    assert not ledger.apply([ForgetSender("第1单位", "p@mail.example")])


def test_an_address_on_a_roster_line_speaks_for_that_unit_alone(ledger: LedgerDoor) -> None:
    assert ledger.apply([opening(2)])
    assert ledger.apply([MarkAddress("第2单位", "u1@unit1.example", "ok", "李四")])
    assert ledger.whose_address("u1@unit1.example") == ((CAMPAIGN, "第1单位"),)


def test_a_bounced_address_is_gone_but_nothing_is_learned_by_it(ledger: LedgerDoor) -> None:
    assert ledger.apply([opening([unit(1, "a@unit1.example", "B@unit1.example")])])
    assert ledger.apply([MarkAddress("第1单位", "b@unit1.example", "gone")])
    # A cc'd body is no unit, but its address may bounce all the same.
    assert ledger.apply([MarkAddress("驻局纪检监察组", "c@office.example", "gone")])
    standing = ledger.standing(CAMPAIGN, "第1单位")
    assert standing and standing.gone == ("B@unit1.example",)
    assert ledger.standings(CAMPAIGN) == (standing,)
    assert ledger.apply([MarkAddress("第1单位", "stray@unit1.example", "doubtful")])
    assert ledger.whose_address("stray@unit1.example") == ()
    assert ledger.apply([MarkAddress("第1单位", "b@unit1.example", "ok")])
    standing = ledger.standing(CAMPAIGN, "第1单位")
    assert standing and standing.gone == ()


def test_an_address_marked_again_keeps_who_learned_it(ledger: LedgerDoor) -> None:
    assert ledger.apply([opening(1)])
    assert ledger.apply([MarkAddress("第1单位", "p@mail.example", "ok", "李四")])
    assert ledger.apply([MarkAddress("第1单位", "p@mail.example", "doubtful")])
    assert ledger.whose_address("p@mail.example") == ((CAMPAIGN, "第1单位"),)


# --- timers -------------------------------------------------------------------------------------------------


def timer(step: str, due_rev: int, days: int, *items: str, who: str = "第1单位") -> Timer:
    return Timer(CAMPAIGN, who, step, due_rev, DUE + timedelta(days), items or ("summary",))


def states(ledger: LedgerDoor) -> dict[tuple[str, str, int], str]:
    return {(each.unit, each.step, each.due_rev): state for each, state in ledger.timers(CAMPAIGN)}


def bare(units: int = 2) -> OpenCampaign:
    return replace(opening(units), timers=())


def test_timers_come_due_in_order_and_fire_once(ledger: LedgerDoor) -> None:
    assert ledger.apply([bare()])
    assert ledger.apply([PutTimers((timer("b", 0, -1), timer("a", 0, -5), timer("c", 0, 1)))])
    assert ledger.apply([PutTimers((timer("a", 0, -5, who="第2单位"),))])
    assert ledger.next_timer() == DUE - timedelta(5)
    assert ledger.timers_due(DUE - timedelta(6)) == ()
    due = ledger.timers_due(DUE)
    assert [(each.unit, each.step) for each in due] == [("第1单位", "a"), ("第1单位", "b"), ("第2单位", "a")]
    assert ledger.timers_due(due[0].at)[0] == due[0]
    assert ledger.apply([SettleTimer(due[0].id, "fired", DUE)])
    assert not ledger.apply([SettleTimer(due[0].id, "skipped", DUE)])
    assert [each.step for each in ledger.timers_due(DUE)] == ["b", "a"]


def test_a_timer_is_known_by_its_key(ledger: LedgerDoor) -> None:
    assert ledger.apply([bare()])
    assert ledger.apply([PutTimers((timer("a", 0, -5),))])
    assert ledger.apply([PutTimers((timer("a", 0, -1),))])
    assert [each.at for each, _ in ledger.timers(CAMPAIGN)] == [DUE - timedelta(5)]


def test_a_moved_deadline_cancels_the_older_timers_of_those_items_only(ledger: LedgerDoor) -> None:
    assert ledger.apply([bare()])
    old = (
        timer("fired", 0, -9),
        timer("summary", 0, -5),
        timer("works", 0, -5, "works"),
        timer("both", 0, -4, "works", "summary"),
        timer("other", 0, -5, who="第2单位"),
    )
    assert ledger.apply([PutTimers(old)])
    (fired,) = ledger.timers_due(DUE - timedelta(9))
    assert ledger.apply([SettleTimer(fired.id, "fired", DUE)])
    assert ledger.apply([PutTimers((timer("summary", 1, 5),))])
    assert states(ledger) == {
        ("第1单位", "fired", 0): "fired",
        ("第1单位", "summary", 0): "cancelled",
        ("第1单位", "works", 0): "pending",
        ("第1单位", "both", 0): "cancelled",
        ("第1单位", "summary", 1): "pending",
        ("第2单位", "other", 0): "pending",
    }


# --- transactions -------------------------------------------------------------------------------------------


def test_one_failed_guard_takes_everything_back(ledger: LedgerDoor) -> None:
    assert ledger.apply([bare()])
    assert ledger.apply([PutTimers((timer("a", 0, -5),))])
    (due,) = ledger.timers_due(DUE)
    assert ledger.apply([SettleTimer(due.id, "fired", DUE)])
    assert not ledger.apply(
        [
            PutUnit(STRANGER, CAMPAIGN),
            MarkAddress("第1单位", "u1@unit1.example", "gone"),
            SettleTimer(due.id, "fired", DUE),
        ]
    )
    assert ledger.standing(CAMPAIGN, "某协会") is None
    standing = ledger.standing(CAMPAIGN, "第1单位")
    assert standing and standing.gone == ()


def test_no_change_at_all_is_no_trouble(ledger: LedgerDoor) -> None:
    assert ledger.apply([])


def test_a_reference_to_nothing_is_an_error_and_no_silent_row(ledger: LedgerDoor) -> None:
    with pytest.raises(DoorError, match="不合规则"):
        ledger.apply([PutTimers((timer("a", 0, -5),))])
    with pytest.raises(DoorError, match="不合规则"):
        ledger.apply([replace(opening(1), dockets=(replace(opening(1).dockets[0], unit="没有的单位"),))])
    assert ledger.campaigns() == ()
    assert ledger.dispatches(states=[DispatchState.READY]) == ()
