"""归档: the newest valid version by receipt, the first real return, and the edge of the day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from service.incoming.file import after_filing
from service.office.calendar import WorkCalendar
from service.office.campaign import Due, Obligation
from service.office.deadline import fix_deadline
from service.office.docket import Docket, DocketState, MediumState, Trigger
from service.office.filing import FiledDoc, Filing, find_entry, in_force, joined, standing

SHANGHAI = ZoneInfo("Asia/Shanghai")
DUE = fix_deadline(Due(date(2024, 9, 27)), WorkCalendar({}), SHANGHAI).until
MOMENTS = st.integers(-5_000_000, 5_000_000).map(lambda seconds: DUE + timedelta(seconds=seconds))
ZONES = st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours)))


def filing(
    version: int, received_at: datetime, *, is_valid: bool = True, entry: int = 1, medium: str = "electronic"
) -> Filing:
    docs = (FiledDoc(f"{entry}{version:063}", "总结.docx"),)
    return Filing(
        "c", "u", "i", entry, version, version, "0", docs, is_valid, received_at, received_at, medium=medium
    )


def docket(*, paper: bool = False) -> Docket:
    return Docket(
        "c",
        "u",
        "i",
        Obligation.REQUIRED,
        DocketState.AWAITED,
        due_until=DUE,
        electronic=MediumState.AWAITED,
        paper=MediumState.AWAITED if paper else None,
    )


@given(st.lists(st.tuples(MOMENTS, st.booleans()), min_size=1, max_size=8))
def test_late_or_not_is_said_of_the_first_that_came_whatever_order_it_is_filed_in(
    came: list[tuple[datetime, bool]],
) -> None:
    row = docket()
    filings: tuple[Filing, ...] = ()
    for version, (moment, is_valid) in enumerate(came, 1):
        filings = (*filings, filing(version, moment, is_valid=is_valid))
        trigger = Trigger.GOOD if is_valid else Trigger.FAULTY
        row = after_filing(row, trigger, filings, moment)
    first = min(moment for moment, _ in came)
    assert row.returned_at == first
    assert row.is_late == (first >= DUE)
    assert not row.is_missing
    assert (row.state is DocketState.RETURNED) == any(is_valid for _, is_valid in came)
    best = in_force(filings)
    assert best is not None
    same = [each for each in filings if each.is_valid] or filings
    assert best.received_at == max(each.received_at for each in same)


@given(ZONES)
def test_the_edge_of_the_day_is_one_instant_in_every_zone(zone: timezone) -> None:
    last = (DUE - timedelta(microseconds=1)).astimezone(zone)
    for moment, is_late in ((last, False), (DUE.astimezone(zone), True)):
        row = after_filing(docket(), Trigger.GOOD, (filing(1, moment),), moment)
        assert row.is_late is is_late


def test_the_day_ends_at_midnight_of_the_office_s_zone() -> None:
    assert DUE.astimezone(UTC) == datetime(2024, 9, 27, 16, tzinfo=UTC)


def test_the_first_of_two_media_is_the_first_return() -> None:
    before, after = DUE - timedelta(hours=1), DUE + timedelta(days=3)
    row = after_filing(docket(paper=True), Trigger.GOOD, (filing(1, before),), before)
    assert row.state is DocketState.AWAITED and row.electronic is MediumState.RETURNED
    late = filing(2, after, medium="paper")
    assert in_force((filing(1, before), late)) == filing(1, before)
    assert not row.is_late


def test_what_was_taken_back_no_longer_stands() -> None:
    old, new = filing(1, DUE - timedelta(days=2)), filing(2, DUE)
    assert standing((old, new), None) == ()
    assert standing((old, new), DUE) == (new,)


def test_an_entry_is_known_by_its_title_or_by_a_file_that_is_in() -> None:
    one = Filing(
        "c", "u", "i", 1, 1, 1, "0", (FiledDoc("a", "故事.docx"),), True, DUE, DUE, title="《质量 故事》"
    )
    scan = Filing("c", "u", "i", 2, 1, 2, "0", (FiledDoc("b", "盖章.pdf"),), True, DUE, DUE)
    assert find_entry("质量故事", (), [one]) == 1
    assert find_entry("另一件", (), [one]) is None
    assert find_entry("", ("a",), [one]) == 1
    assert find_entry("另一件", (), [one, scan]) == 2  # the form that names the scan
    assert find_entry("", ("z",), [one, scan]) is None


def test_a_corrected_file_keeps_the_pictures_and_further_parts_keep_all() -> None:
    old = (FiledDoc("a", "总结.docx"), FiledDoc("p", "现场.JPG"))
    new = (FiledDoc("b", "总结.docx"),)
    assert [doc.sha256 for doc in joined(old, new, completes=False)] == ["b", "p"]
    assert [doc.sha256 for doc in joined(old, new, completes=True)] == ["a", "p", "b"]
    own = (*new, FiledDoc("q", "新图.png"))
    assert joined(old, own, completes=False) == own
