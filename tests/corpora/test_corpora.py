"""The lines that scripts read keep their shape, and a fault in the judging shows in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.corpora.__main__ import main
from tests.corpora.figures import Counted, written
from tests.letter_reading import LETTERS

BOUNCE = "bounce_rfc3464_two.eml"
RIGHT = (("gone@unit.example", True, "userunknown"), ("full@unit.example", False, "mailboxfull"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of corpora of our own letters: one bounce, one letter of a person, one reply."""
    for corpus, names in {"bounces": [BOUNCE], "ordinary": ["person_foxmail_form.eml"]}.items():
        (tmp_path / corpus).mkdir()
        for name in names:
            (tmp_path / corpus / name).write_bytes((LETTERS / name).read_bytes())
    (tmp_path / "ordinary" / "labels.json").write_text('{"person_foxmail_form.eml": "person"}')
    (tmp_path / "replies" / "emails").mkdir(parents=True)
    body = "总结已报。\n\n在 2024年8月20日，省局 写道：\n> 请报送"
    (tmp_path / "replies" / "emails" / "a.txt").write_text(body, encoding="utf-8")
    (tmp_path / "replies" / "labels.json").write_text('{"a.txt": "总结已报。"}', encoding="utf-8")
    return tmp_path


def figures(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[tuple[str, str], Any]]:
    status = main([str(folder), "--json"])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return status, {(each["corpus"], each.get("figure", "skipped")): each for each in lines}


def label(folder: Path, *rows: tuple[str, bool, str]) -> None:
    said = [
        {"recipient": at, "hard": hard, "reason": reason, "action": "failed"} for at, hard, reason in rows
    ]
    (folder / "bounces" / "labels.json").write_text(json.dumps({BOUNCE: said}))


def test_a_folder_that_is_judged_right_ends_well(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    label(folder, *RIGHT)
    status, found = figures(folder, capsys)
    assert status == 0
    assert found["bounces", "recipient_sets_equal"]["share"] == 1.0
    assert found["bounces", "hard_or_soft"] | {"wrong": []} == {
        "corpus": "bounces",
        "figure": "hard_or_soft",
        "value": 2,
        "of": 2,
        "share": 1.0,
        "aim": 0.92,
        "reached": True,
        "wrong": [],
    }
    assert found["ordinary", "misjudged"]["value"] == 0
    assert found["replies", "exact"]["value"] == 1
    assert found["tnef", "skipped"] == {"corpus": "tnef", "skipped": "not in this folder"}
    assert found["all", "crashes"]["value"] == 0
    assert found["all", "slowest_seconds"]["file"]


def test_a_wrong_recipient_is_named_and_missed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    label(folder, ("nobody@elsewhere.example", True, "userunknown"))
    status, found = figures(folder, capsys)
    assert status == 1
    line = found["bounces", "recipient_sets_equal"]
    assert (line["value"], line["reached"]) == (0, False)
    assert "nobody@elsewhere.example" in line["wrong"][0]


def test_a_living_address_that_would_be_retired_is_a_fault(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    label(folder, *((at, hard, "mailboxfull") for at, hard, _ in RIGHT))
    status, found = figures(folder, capsys)
    assert status == 1
    assert found["bounces", "living_retired"]["value"] == 1


@pytest.mark.parametrize("arguments", [[], ["nowhere"], ["--jsn"], [".", "--jsn"]])
def test_a_wrong_call_says_how(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "./run corpora" in capsys.readouterr().err


def test_people_see_what_is_missed() -> None:
    line = written(Counted("replies", "exact", 1, 4, 0.7, wrong=("a.txt",)), as_json=False)
    assert line == "replies exact：1/4，25.0%，要求 70.0%  ← 未达到\n    a.txt"
