"""The lines that scripts read keep their shape; what they measure is never part of pass and fail."""

from __future__ import annotations

import json

import pytest

from tests.benchmarks.__main__ import main
from tests.benchmarks.figures import US, Figure, Ratio, Skipped, beside, middle, written
from tests.benchmarks.send import Extent, measure
from tests.benchmarks.send_clients import CONNECTIONS, clients, letter
from tests.benchmarks.send_sink import sink

FIGURES = ("messages_per_second", "messages_per_second_50ms")


def test_a_figure_and_its_ratio_have_the_shape_of_the_interface() -> None:
    ours = middle("send", US, "messages_per_second", [30.0, 10.0, 20.0], 90)
    peer = middle("send", "smtplib", "messages_per_second", [4.004], 90, is_ceiling=True)
    lines = [written(each, as_json=True) for each in beside(ours, peer)]
    assert [json.loads(each) for each in lines] == [
        {
            "bench": "send",
            "subject": "huizhi",
            "figure": "messages_per_second",
            "value": 20,
            "min": 10,
            "n": 90,
        },
        {
            **{
                "bench": "send",
                "subject": "smtplib",
                "figure": "messages_per_second",
                "value": 4.0,
                "min": 4.0,
            },
            **{"n": 90, "ceiling": True},
        },
        {"bench": "send", "figure": "ratio", "of": "smtplib", "value": 5.0},
    ]
    assert list(json.loads(lines[0])) == ["bench", "subject", "figure", "value", "min", "n"]


def test_an_unknown_bench_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sendd", "--json"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "send、intake、demo、press" in said.err


def test_the_send_bench_tells_every_subject_near_and_far_by_equal_keys() -> None:
    """As small as it can be; what is not installed here is told with its reason."""
    lines = list(measure(Extent(rounds=1, near=4, far_rounds=1, far=1, whole=4)))
    figures = [each.line() for each in lines if isinstance(each, Figure)]
    assert all(each["value"] > 0 and each["n"] > 0 for each in figures)  # type: ignore[operator]  # numbers
    by_name = {name: {e["subject"] for e in figures if e["figure"] == name} for name in FIGURES}
    assert set(FIGURES) == {each["figure"] for each in figures}
    assert by_name[FIGURES[0]] == by_name[FIGURES[1]]
    ours = {(e["subject"], e["connections"]) for e in figures if str(e["subject"]).startswith(US)}
    assert ours == {
        *((US, 2), ("huizhi ×1", 1), ("huizhi ×4", 4)),
        *(("huizhi, stage and ledger, 23 KB", 2), ("huizhi, stage and ledger, 23 KB ×1", 1)),
        ("huizhi, stage and ledger, 23 KB ×4", 4),
    }
    ratios = [each.line() for each in lines if isinstance(each, Ratio)]
    assert all(list(e) == ["bench", "figure", "of", "value", "connections", "of_figure"] for e in ratios)
    assert {e["connections"] for e in ratios} == set(CONNECTIONS)
    assert all("not " in str(each.line()["skipped"]) for each in lines if isinstance(each, Skipped))
    ceilings = {e["subject"] for e in figures if e.get("ceiling")}
    assert ceilings == {each.subject for each in clients()[0] if each.is_ceiling}


def test_the_sink_of_our_own_takes_letters_of_every_client() -> None:
    """Where Postfix is not there; pipelined and one by one, cut anywhere."""
    assert 140_000 < len(letter()) < 160_000
    with sink(is_ours=True) as port:
        assert all(each.send(port, 4) > 0 for each in clients()[0])
