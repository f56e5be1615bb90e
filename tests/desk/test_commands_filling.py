"""`render --many` through the real command: named, bounded, and no line stops the others."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from docx import Document

from service.doors.press import many
from tests.desk.small_office import ROOT
from tests.doors.word_files import texts, word


@pytest.fixture
def template(tmp_path: Path) -> Path:
    (tmp_path / "t.docx").write_bytes(word("各{{ unit }}：{{ n }}"))
    return tmp_path / "t.docx"


def render_many(
    folder: Path, template: Path, lines: Sequence[str | bytes]
) -> subprocess.CompletedProcess[str]:
    data = folder / "data.jsonl"
    data.write_bytes(b"\n".join(each if isinstance(each, bytes) else each.encode() for each in lines))
    words = ("render", str(template), "--many", str(data), "-d", str(folder / "out"))
    return subprocess.run(
        [sys.executable, "-P", "-m", "service", *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
    )


def line(**facts: object) -> str:
    return json.dumps({"unit": "甲局", "n": 1, **facts}, ensure_ascii=False)


def made(folder: Path) -> list[str]:
    return sorted(each.name for each in (folder / "out").iterdir()) if (folder / "out").exists() else []


def test_every_line_becomes_a_document_under_its_name(tmp_path: Path, template: Path) -> None:
    done = render_many(
        tmp_path, template, ["\ufeff" + line(_name="甲局.docx"), "", line(_name="乙局", unit="A&B")]
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert made(tmp_path) == ["乙局.docx", "甲局.docx"]
    assert texts((tmp_path / "out" / "乙局.docx").read_bytes()) == ["各A&B：1"]
    assert "已填好 2 份" in done.stdout


def test_a_bad_line_is_told_by_its_number_and_the_others_follow(tmp_path: Path, template: Path) -> None:
    bad: list[str | bytes] = [
        "不是 JSON",
        "[1, 2]",
        '{"_name": "缺一项", "unit": "乙局"}',
        line(_name="好的"),
        b'{"_name": "\xb0\xa1"}',
        line(_name=["甲"]),
        line(_name=" "),
        "[" * 100_000,
        line(_name="也好"),
    ]
    done = render_many(tmp_path, template, bad)
    assert done.returncode == 2
    assert made(tmp_path) == ["也好.docx", "好的.docx"]
    said = done.stderr.splitlines()
    assert [each.split("行")[0] for each in said] == [f"第 {n} " for n in (1, 2, 3, 5, 6, 7, 8)]
    for sentence, word_of_it in zip(
        said, ("不是 JSON", "JSON 对象", "没有名为 n 的变量", "UTF-8", "_name", "_name", "过深"), strict=True
    ):
        assert word_of_it in sentence
    assert "7 行没有填成" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_name_used_before_is_refused_not_overwritten(tmp_path: Path, template: Path) -> None:
    done = render_many(
        tmp_path,
        template,
        [line(_name="Ab"), line(_name="乙"), line(_name="aB.docx", unit="丙局"), line(_name="丁")],
    )
    assert done.returncode == 2
    assert made(tmp_path) == ["Ab.docx", "丁.docx", "乙.docx"]
    assert texts((tmp_path / "out" / "Ab.docx").read_bytes()) == ["各甲局：1"]
    assert "第 3 行没有填成：_name 与第 1 行相同（aB.docx）" in done.stderr


@pytest.mark.parametrize(
    "name", ["../逃出去", "/etc/x", "..", "C:\\x", "con", ".隐藏", "a\0b", "长" * 500, "~$x", "甲/乙"]
)
def test_no_name_leads_out_of_the_folder_or_breaks_a_disk(tmp_path: Path, template: Path, name: str) -> None:
    lines = [line(_name=name)]
    (tmp_path / "data.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (printed,) = many.print_many(template.read_bytes(), "t.docx", tmp_path / "data.jsonl")
    assert printed.document is not None
    assert "/" not in printed.name and "\\" not in printed.name and "\0" not in printed.name
    assert len(printed.name.encode()) <= 255
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / printed.name).write_bytes(printed.document)
    assert made(tmp_path) == [printed.name]
    assert Document(str(tmp_path / "out" / printed.name)).paragraphs[0].text == "各甲局：1"


def test_a_line_without_end_is_refused_and_not_taken_into_memory(
    tmp_path: Path, template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many, "LINE_BYTES_MAX", 1000)
    data = tmp_path / "data.jsonl"
    data.write_text("\n".join([line(unit="长" * 3000), line(_name="短")]), encoding="utf-8")
    first, second = many.print_many(template.read_bytes(), "t.docx", data)
    assert (first.line, first.document) == (1, None)
    assert (second.line, second.name) == (2, "短.docx")
    assert second.document is not None


def test_several_processes_print_what_one_prints_in_the_same_order(tmp_path: Path, template: Path) -> None:
    lines = [line(_name=f"单位{n}", n=n) if n % 7 else "坏行" for n in range(many.POOL_FROM_LINES + 100)]
    data = tmp_path / "data.jsonl"
    data.write_text("\n".join(lines), encoding="utf-8")
    alone = list(many.print_many(template.read_bytes(), "t.docx", data, cores=1))
    assert [each.line for each in alone] == list(range(1, len(lines) + 1))
    assert list(many.print_many(template.read_bytes(), "t.docx", data, cores=2)) == alone


def test_a_template_with_a_slip_is_told_once_for_every_line(tmp_path: Path) -> None:
    (tmp_path / "t.docx").write_bytes(word("各{{ unti }}"))
    done = render_many(tmp_path, tmp_path / "t.docx", [line(_name="甲"), line(_name="乙")])
    assert done.returncode == 2
    assert done.stderr.count("没有名为 unti 的变量，是不是 unit") == 2
