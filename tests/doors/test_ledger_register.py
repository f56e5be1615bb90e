"""台账库 — dockets moved by compare-and-set, filings never overwritten, extensions, stumbles."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.doors.ledger import LedgerDoor, open_ledger
from service.office.campaign import Obligation
from service.office.change import (
    AddFiling,
    Change,
    ClearStumble,
    Extend,
    PutDocket,
    PutUnit,
    QueueDispatch,
    Stumble,
)
from service.office.docket import Docket, DocketState, MediumState
from service.office.filing import FiledDoc, Filing
from service.office.letter import Stage
from service.office.needs.ledger import StumbleRow
from service.office.outcome import DoorError
from service.office.reading import Advance, PutMatter
from service.office.roster import Unit
from tests.doors.ledger_samples import CAMPAIGN, DUE, NOW, new_dispatch, opening, sha, take_in


def docket_of(ledger: LedgerDoor, unit: str = "第1单位", item: str = "summary") -> Docket:
    docket = ledger.docket(CAMPAIGN, unit, item)
    assert docket
    return docket


def filing(letter: int | None = None, **more: object) -> Filing:
    facts = Filing(
        campaign=CAMPAIGN,
        unit="第1单位",
        item="summary",
        entry=1,
        version=1,
        letter=letter,
        docset_sha256=sha("docset"),
        docs=(FiledDoc(sha("b"), "总结.docx", 20), FiledDoc(sha("a"), "图片 1.jpg", 10)),
        is_valid=True,
        filed_at=NOW,
        received_at=NOW - timedelta(hours=1),
        title="我的作品",
        fields=(("联系人", "张三"), ("电话", "0351-0000000")),
    )
    return replace(facts, **more)  # type: ignore[arg-type] # facts by name


# --- dockets ------------------------------------------------------------------------------------------------


def test_every_column_of_a_docket_comes_back(ledger: LedgerDoor) -> None:
    assert ledger.apply([opening(1)])
    seen = docket_of(ledger)
    changed = replace(
        seen,
        obligation=Obligation.ROLLING,
        state=DocketState.IN_REVIEW,
        due_until=DUE + timedelta(days=3),
        due_rev=2,
        returned_at=NOW,
        electronic=MediumState.RETURNED,
        paper=MediumState.AWAITED,
        entries=3,
        version=4,
        promised_on=date(2024, 10, 8),
        reason="电话说明",
        resting=DocketState.PROMISED,
        is_third_party=True,
    )
    assert ledger.apply([PutDocket(changed)])
    assert docket_of(ledger) == replace(changed, row_version=seen.row_version + 1)


def test_whoever_saw_an_older_row_is_refused(ledger: LedgerDoor) -> None:
    assert ledger.apply([opening(1)])
    seen = docket_of(ledger)
    assert ledger.apply([PutDocket(replace(seen, state=DocketState.AWAITED))])
    assert not ledger.apply([PutDocket(replace(seen, state=DocketState.EXEMPT))])
    assert docket_of(ledger).state is DocketState.AWAITED
    assert not ledger.apply([PutDocket(replace(seen, item="nothing"))])


def test_one_transaction_may_move_a_docket_twice(ledger: LedgerDoor) -> None:
    assert ledger.apply([opening(1)])
    seen = docket_of(ledger)
    once = replace(seen, state=DocketState.AWAITED)
    twice = replace(once, state=DocketState.RETURNED, row_version=1)
    assert ledger.apply([PutDocket(once), PutDocket(twice)])
    assert docket_of(ledger) == replace(twice, row_version=2)


def test_a_third_partys_docket_is_made_on_receipt_and_stands_last(ledger: LedgerDoor) -> None:
    assert ledger.apply([opening(2)])
    made = Docket(
        CAMPAIGN,
        "某协会",
        "works",
        Obligation.VOLUNTARY,
        DocketState.RETURNED,
        is_third_party=True,
        row_version=-1,
    )
    # References are looked at on commit: the order of changes does not matter.
    assert ledger.apply([PutDocket(made), PutUnit(Unit("某协会", "某协会", is_third_party=True), CAMPAIGN)])
    stored = docket_of(ledger, "某协会", "works")
    assert stored.row_version == 0
    assert [docket.unit for docket in ledger.dockets(CAMPAIGN)][-1] == "某协会"
    assert not ledger.apply([PutDocket(made)])
    assert ledger.apply([PutDocket(stored)])


def test_a_docket_of_nobody_is_refused(ledger: LedgerDoor) -> None:
    assert ledger.apply([opening(1)])
    nobody = replace(docket_of(ledger), unit="没有的单位", row_version=-1)
    with pytest.raises(DoorError, match="不合规则"):
        ledger.apply([PutDocket(nobody)])
    with pytest.raises(DoorError, match="不合规则"):
        ledger.apply([PutDocket(replace(docket_of(ledger), item="nothing", row_version=-1))])


def test_dockets_are_listed_by_roster_and_item_order(ledger: LedgerDoor) -> None:
    assert ledger.apply([opening(12)])
    listed = [(docket.unit, docket.item) for docket in ledger.dockets(CAMPAIGN)]
    assert listed == [(f"第{number}单位", item) for number in range(1, 13) for item in ("works", "summary")]
    assert [docket.item for docket in ledger.dockets(CAMPAIGN, "第3单位")] == ["works", "summary"]
    assert len(ledger.dockets(CAMPAIGN, item="works")) == 12
    assert ledger.dockets(CAMPAIGN, "第3单位", "works") == (docket_of(ledger, "第3单位", "works"),)
    assert ledger.dockets("other") == ()


_files = count()
_states = st.sampled_from(list(DocketState))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    writers=st.lists(st.tuples(st.integers(0, 2), st.booleans(), _states), min_size=1, max_size=12),
)
def test_a_docket_is_what_the_last_up_to_date_writer_made_it(
    ledger: LedgerDoor, writers: list[tuple[int, bool, DocketState]]
) -> None:
    """Writers read when they like and write what they saw; only whoever saw the present row may move it."""
    campaign = f"campaign {next(_files)}"
    change = opening(1, campaign=campaign, codes=campaign.upper())
    assert ledger.apply([change])
    first = ledger.docket(campaign, "第1单位", "works")
    assert first
    seen = {0: first, 1: first, 2: first}
    model = first
    for writer, reads_again, state in writers:
        if reads_again:
            seen[writer] = model
        wanted = replace(seen[writer], state=state)
        is_current = seen[writer].row_version == model.row_version
        assert ledger.apply([PutDocket(wanted)]) == is_current
        if is_current:
            model = replace(wanted, row_version=model.row_version + 1)
        assert ledger.docket(campaign, "第1单位", "works") == model


# --- filings ------------------------------------------------------------------------------------------------


def test_a_filing_comes_back_with_its_documents_in_order(ledger: LedgerDoor) -> None:
    assert ledger.apply([opening(1)])
    letter = take_in(ledger)
    assert ledger.apply([AddFiling(filing(letter, is_nil=True))])
    assert ledger.filings(CAMPAIGN) == (filing(letter, is_nil=True),)


def test_the_same_documents_of_the_same_letter_are_filed_once(ledger: LedgerDoor) -> None:
    assert ledger.apply([opening(1)])
    letter = take_in(ledger)
    assert ledger.apply([AddFiling(filing(letter))])
    assert not ledger.apply([AddFiling(filing(letter, version=2))])
    assert ledger.apply([AddFiling(filing(letter, version=2, docset_sha256=sha("another")))])
    assert ledger.apply([AddFiling(filing(take_in(ledger, 2), version=3))])


def test_a_version_is_never_overwritten(ledger: LedgerDoor) -> None:
    assert ledger.apply([opening(1)])
    first = filing(take_in(ledger))
    assert ledger.apply([AddFiling(first)])
    assert not ledger.apply([AddFiling(filing(take_in(ledger, 2), docset_sha256=sha("another")))])
    assert ledger.filings(CAMPAIGN) == (first,)


def test_filing_docket_and_stage_go_together_or_not_at_all(ledger: LedgerDoor) -> None:
    assert ledger.apply([opening(1)])
    letter = take_in(ledger)
    returned = replace(docket_of(ledger), state=DocketState.RETURNED, returned_at=NOW, version=1)
    step: list[Change] = [
        AddFiling(filing(letter)),
        PutDocket(returned),
        Advance(letter, Stage.RECEIVED, Stage.FILED, NOW),
    ]
    assert not ledger.apply([*step, AddFiling(filing(letter))])
    assert ledger.filings(CAMPAIGN) == ()
    assert docket_of(ledger).state is DocketState.NOT_SENT
    assert ledger.apply(step)
    assert not ledger.apply(step)
    assert len(ledger.filings(CAMPAIGN)) == 1


def test_what_a_person_recorded_has_no_letter(ledger: LedgerDoor) -> None:
    assert ledger.apply([opening(1)])
    paper = filing(medium="paper", docs=(), docset_sha256=sha("paper"))
    assert ledger.apply([AddFiling(paper), AddFiling(replace(paper, version=2))])
    assert ledger.filings(CAMPAIGN) == (paper, replace(paper, version=2))


def test_filings_are_found_by_unit_item_and_letter(ledger: LedgerDoor) -> None:
    assert ledger.apply([opening(2)])
    letter = take_in(ledger)
    works = filing(letter, item="works", entry=2)
    other = filing(None, unit="第2单位")
    assert ledger.apply([AddFiling(works), AddFiling(other)])
    assert ledger.filings(CAMPAIGN, "第1单位") == (works,)
    assert ledger.filings(CAMPAIGN, item="summary") == (other,)
    assert ledger.filings(CAMPAIGN, letter=letter) == (works,)
    assert ledger.filings(CAMPAIGN, "第1单位", "summary") == ()


def test_an_extension_is_kept_with_its_reason(ledger_url: str, tmp_path: Path) -> None:
    with open_ledger(ledger_url, tmp_path, owner="tests") as ledger:
        assert ledger.apply([opening(1)])
        granted = Extend(CAMPAIGN, "第1单位", "summary", DUE + timedelta(7), "活动推迟", "李四", NOW)
        assert ledger.apply([granted, replace(granted, on=date(2024, 10, 7))])
        with pytest.raises(DoorError, match="不合规则"):
            ledger.apply([replace(granted, item="nothing")])


# --- stumbles and blobs -------------------------------------------------------------------------------------


def test_stumbles_are_counted_until_they_are_cleared(ledger: LedgerDoor) -> None:
    later = NOW + timedelta(minutes=5)
    assert ledger.apply([Stumble("match", "来信 1", NOW, "KeyError: a")])
    assert ledger.apply([Stumble("match", "来信 1", later, "KeyError: b\x00")])
    assert ledger.apply([Stumble("send", "发件 1", NOW, "OSError")])
    assert ledger.stumbles("match") == (StumbleRow("match", "来信 1", 2, "KeyError: b\ufffd", later),)
    assert len(ledger.stumbles()) == 2
    assert ledger.apply([ClearStumble("match", "来信 1"), ClearStumble("match", "来信 2")])
    assert [each.stage for each in ledger.stumbles()] == ["send"]


def test_every_hash_that_a_row_names_is_listed_once(ledger: LedgerDoor) -> None:
    assert ledger.blobs() == ()
    assert ledger.apply([replace(opening(1), dispatches=())])
    letter = take_in(ledger)
    assert ledger.apply(
        [QueueDispatch(new_dispatch(1)), AddFiling(filing(letter)), PutMatter(letter, "match", sha("matter"))]
    )
    named = (f"facts {CAMPAIGN}", "raw 1", "facts 1", "content notice 1", "a", "b", "matter", "roster 1")
    assert ledger.blobs() == tuple(sorted(sha(each) for each in named))
