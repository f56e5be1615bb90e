"""Doc numbers: one after the other, each once for ever, on both databases, also when two take one at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from service.doors.ledger import open_ledger
from service.office.doc_number import NumberState, ReserveNumber, SettleNumber, number_words
from tests.doors.ledger_samples import NOW

SERIES = "晋市监函"


def test_numbers_follow_each_other_and_a_gap_stays(ledger_url: str, tmp_path: Path) -> None:
    with open_ledger(ledger_url, tmp_path, owner="tests") as ledger:
        for campaign in ("a", "b", "c"):
            assert ledger.apply([ReserveNumber(SERIES, 2026, campaign, "乔雁北", NOW, 9)])
        assert not ledger.apply([ReserveNumber(SERIES, 2026, "a", "乔雁北", NOW)])
        held = ledger.doc_number("b")
        assert held is not None and held.text == "晋市监函〔2026〕10号"
        assert ledger.apply([SettleNumber(held, NumberState.VOID, "乔雁北", NOW, "不发了")])
        assert not ledger.apply([SettleNumber(held, NumberState.ISSUED, "郝清源", NOW)])
        assert ledger.doc_number("b") is None
        # The gap is never filled, not even by the same campaign.
        assert ledger.apply([ReserveNumber(SERIES, 2026, "b", "乔雁北", NOW)])
        assert ledger.apply([ReserveNumber(SERIES, 2027, "d", "乔雁北", NOW)])
        rows = [(each.text, each.campaign, each.state, each.reason) for each in ledger.doc_numbers()]
    assert rows == [
        ("晋市监函〔2026〕9号", "a", NumberState.RESERVED, ""),
        ("晋市监函〔2026〕10号", "b", NumberState.VOID, "不发了"),
        ("晋市监函〔2026〕11号", "c", NumberState.RESERVED, ""),
        ("晋市监函〔2026〕12号", "b", NumberState.RESERVED, ""),
        ("晋市监函〔2027〕1号", "d", NumberState.RESERVED, ""),
    ]


def test_two_at_once_never_get_the_same_number(ledger_url: str, tmp_path: Path) -> None:
    with open_ledger(ledger_url, tmp_path, owner="tests") as ledger, ThreadPoolExecutor(8) as pool:
        wanted = [ReserveNumber(SERIES, 2026, f"c{each}", "乔雁北", NOW) for each in range(24)]
        assert all(pool.map(lambda each: ledger.apply([each]), wanted))
        assert [each.number for each in ledger.doc_numbers(2026)] == list(range(1, 25))


def test_how_a_number_is_written() -> None:
    assert number_words("晋市监函", 2026, 9) == "晋市监函〔2026〕9号"
