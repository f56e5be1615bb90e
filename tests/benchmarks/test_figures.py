"""The lines that scripts read keep their shape; what they measure is never part of pass and fail."""

from __future__ import annotations

import json

import pytest

from tests.benchmarks.__main__ import main
from tests.benchmarks.figures import US, beside, middle, written


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
