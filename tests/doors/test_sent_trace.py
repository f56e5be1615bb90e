"""The trace beside the ledger: every conversation that began, after any death."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.doors import sent_trace
from service.doors.sent_trace import SentTrace
from service.office.needs.trace import Begun
from service.office.outcome import DoorError


def begun(number: int, attempt: int = 1) -> Begun:
    return Begun(f"<{number}@jia.example>", attempt, "notice", "活动", "甲局", f"u{number}@units.example")


def test_it_outlives_the_process_and_knows_the_highest_attempt(tmp_path: Path) -> None:
    trace = SentTrace(tmp_path / "begun.jsonl")
    for each in (begun(1), begun(2), begun(1, 3)):
        trace.note(each)
    again = SentTrace(tmp_path / "begun.jsonl")
    assert [again.attempt_of(f"<{number}@jia.example>") for number in (1, 2, 3)] == [3, 1, 0]
    assert again.unaccepted() == [begun(1), begun(2), begun(1, 3)]


def test_what_a_person_accepted_is_no_longer_asked_about_but_never_forgotten(tmp_path: Path) -> None:
    trace = SentTrace(tmp_path / "begun.jsonl")
    trace.note(begun(1))
    SentTrace(tmp_path / "begun.jsonl").accept()  # a command, in a process of its own
    assert trace.unaccepted() == []
    trace.note(begun(2))
    assert trace.unaccepted() == [begun(2)]
    assert trace.attempt_of("<1@jia.example>") == 1


def test_half_a_line_of_a_lost_power_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "begun.jsonl"
    SentTrace(path).note(begun(1))
    with path.open("ab") as file:
        file.write(b'{"message_id": "<2@jia.exa')
    assert SentTrace(path).unaccepted() == [begun(1)]
    SentTrace(path).note(begun(3))
    assert SentTrace(path).attempt_of("<3@jia.example>") == 1


def test_it_does_not_grow_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sent_trace, "LINES_MAX", 20)
    monkeypatch.setattr(sent_trace, "LINES_KEPT", 10)
    trace = SentTrace(tmp_path / "begun.jsonl")
    for number in range(100):
        trace.note(begun(number))
    lines = (tmp_path / "begun.jsonl").read_bytes().splitlines()
    assert 10 <= len(lines) <= 21
    assert trace.unaccepted()[-1] == begun(99)


def test_nothing_begins_while_it_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(DoorError, match="暂不发信"):
        SentTrace(tmp_path / "gone" / "begun.jsonl").note(begun(1))
