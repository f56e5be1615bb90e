"""Commands that need no office: explain, read-form, render; and how explain uses one where there is one."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path

import pytest
from docx import Document

from tests.desk.small_office import DONG, SUMMARY, SmallOffice, mail, program

EXPLAIN_KEYS = [
    "file",
    "sha256",
    "size",
    "kind",
    "why",
    "from",
    "subject",
    "message_id",
    "sent_at",
    "text",
    "reply_text",
    "attachments",
    "links",
    "recipients",
    "match",
    "findings",
    "then",
    "acknowledge",
]
DONG_AT = "dongcheng@units.example"


def docx(text: str) -> bytes:
    document = Document()
    for line in text.splitlines():
        document.add_paragraph(line)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def letter(folder: Path, name: str, raw: bytes) -> str:
    (folder / name).write_bytes(raw)
    return str(folder / name)


def form(folder: Path, name: str, rows: list[tuple[str, str]]) -> str:
    document = Document()
    table = document.add_table(0, 2)
    for label, value in rows:
        cells = table.add_row().cells
        cells[0].text, cells[1].text = label, value
    document.save(str(folder / name))
    return str(folder / name)


def test_explain_without_an_office_knows_what_a_letter_is(tmp_path: Path) -> None:
    person = mail(DONG_AT, "总结", SUMMARY, [("总结.docx", docx(SUMMARY))])
    letter(tmp_path, "甲.eml", person)
    letter(tmp_path, "乙.eml", mail("a@b.example", "自动回复：出差", "我正在出差，回来后回复您。"))
    (tmp_path / "丙.eml").write_bytes(b"\x00\x01\x02")
    done = program("explain", "甲.eml", "没有.eml", "乙.eml", "丙.eml", "--json", cwd=tmp_path)
    first, missing, machine, rubbish = map(json.loads, done.stdout.splitlines())
    assert done.returncode == 2
    assert list(first) == EXPLAIN_KEYS
    assert first["file"] == "甲.eml"
    assert first["sha256"] == hashlib.sha256(person).hexdigest()
    assert (first["kind"], first["from"], first["size"]) == ("person", DONG_AT, len(person))
    assert list(first["attachments"][0]) == ["name", "sha256", "size", "type", "inside", "flags"]
    assert first["attachments"][0]["name"] == "总结.docx"
    assert [first[key] for key in ("match", "findings", "then", "acknowledge")] == [None] * 4
    assert list(missing) == ["file", "error"]
    assert missing["file"] == "没有.eml"
    assert machine["kind"] == "auto-reply"
    assert machine["why"]
    assert rubbish["kind"] == "unreadable"
    assert not (tmp_path / "state").exists()


def test_explain_with_an_unreleased_campaign_tries_it_and_changes_nothing(
    office: SmallOffice, tmp_path: Path
) -> None:
    files = [("活动总结.docx", docx(SUMMARY))]
    path = letter(tmp_path, "a.eml", mail(DONG_AT, "报送活动总结", f"总结见附件。\n\n{DONG}", files))
    (line,) = office.lines("explain", path, "--campaign", "small", "--json", now="2026-01-01T09:00")
    assert line["match"]["unit"] == DONG
    assert line["match"]["campaign"] == "small"
    assert line["match"]["items"] == ["summary"]
    assert not (office.folder / "state").exists()
    assert not (office.folder / "交换").exists()


def test_explain_uses_the_running_office(released: SmallOffice, tmp_path: Path) -> None:
    code = released.code(DONG)
    good = mail(
        DONG_AT, f"回复：[{code}] 关于报送质量月活动材料的通知", SUMMARY, [("活动总结.docx", docx(SUMMARY))]
    )
    thanks = mail(DONG_AT, f"回复：[{code}]", "收到，谢谢。")
    question = mail(DONG_AT, f"回复：[{code}]", "请问能否延期到十月十日报送？")
    bounce_like = mail("a@b.example", "自动回复：出差", "我正在出差。")
    raws = (good, thanks, question, bounce_like)
    paths = [letter(tmp_path, f"{n}.eml", raw) for n, raw in enumerate(raws)]
    before = released.lines("verify", "--json")
    filed, noted, asked, ignored = released.lines("explain", *paths, "--json")
    assert list(filed["match"]) == ["campaign", "unit", "items", "certain", "hits", "misses"]
    assert (filed["match"]["unit"], filed["match"]["items"]) == (DONG, ["summary"])
    assert filed["match"]["certain"] is True
    assert filed["match"]["hits"]
    assert (filed["then"], filed["acknowledge"]) == ("file", True)
    assert filed["findings"] == []
    assert (noted["then"], noted["acknowledge"]) == ("note", False)
    assert (asked["then"], asked["acknowledge"]) == ("ask", False)
    assert (ignored["kind"], ignored["then"], ignored["acknowledge"]) == ("auto-reply", "ignore", False)
    assert ignored["match"] is None
    assert released.lines("verify", "--json") == before
    shown = released.ask("explain", *paths).stdout
    assert "归档，会发回执" in shown


def test_explain_says_what_must_be_corrected(released: SmallOffice, tmp_path: Path) -> None:
    code = released.code(DONG)
    filled = form(tmp_path, "作品登记表.docx", [("作品名称", "海报"), ("报送单位", DONG), ("联系电话", "")])
    files = [("作品登记表.docx", Path(filled).read_bytes())]
    path = letter(tmp_path, "a.eml", mail(DONG_AT, f"回复：[{code}]", "见附件。", files))
    (line,) = released.lines("explain", path, "--json")
    assert (line["then"], line["match"]["items"]) == ("file", ["works"])
    assert list(line["findings"][0]) == ["code", "item", "place", "say"]
    assert [each["place"] for each in line["findings"]] == ["联系电话"]


def test_a_campaign_that_is_not_there_is_wrong_use(office: SmallOffice, tmp_path: Path) -> None:
    path = letter(tmp_path, "a.eml", mail(DONG_AT, "x", "y"))
    refused = office.ask("explain", path, "--campaign", "nosuch", "--json")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "small" in refused.stderr


def test_read_form_by_the_labels_of_the_form_that_was_sent(office: SmallOffice, tmp_path: Path) -> None:
    blank = form(tmp_path, "blank.docx", [("作品名称*", ""), ("联系电话", "请填写"), ("备注", "")])
    filled = form(tmp_path, "filled.docx", [("作品名称", "海报"), ("联系电话：", "0351-1"), ("备注", "")])
    (line,) = office.lines("read-form", filled, "--form", blank, "--json")
    assert line == {
        "file": filled,
        "code": None,
        "code_from": [],
        "fields": {
            "作品名称": {"value": "海报", "from": "label"},
            "联系电话": {"value": "0351-1", "from": "label"},
        },
        "flags": [],
    }
    assert "海报" in office.ask("read-form", filled, "--form", blank).stdout


def test_a_form_in_its_campaign_gives_the_fields_their_keys(office: SmallOffice, tmp_path: Path) -> None:
    sent = str(office.folder / "templates" / "small" / "form.docx")
    filled = form(tmp_path, "f.docx", [("作品名称", "海报"), ("报送单位", DONG)])
    (line,) = office.lines("read-form", filled, "--form", sent, "--json")
    assert line["fields"]["title"] == {"value": "海报", "from": "label"}


def test_read_form_answers_for_every_file(office: SmallOffice, tmp_path: Path) -> None:
    filled = form(tmp_path, "f.docx", [("作品名称", "海报")])
    answered = office.ask("read-form", "没有.docx", filled, "--json")
    missing, read = map(json.loads, answered.stdout.splitlines())
    assert answered.exit_code == 2
    assert list(missing) == ["file", "error"]
    assert read["fields"]["作品名称"]["value"] == "海报"


@pytest.fixture
def template(tmp_path: Path) -> Path:
    document = Document()
    document.add_paragraph("各{{ unit }}：{{ n }}")
    document.save(str(tmp_path / "t.docx"))
    return tmp_path / "t.docx"


def text_of(path: Path) -> str:
    return "\n".join(each.text for each in Document(str(path)).paragraphs)


def test_render_fills_one_template(office: SmallOffice, template: Path, tmp_path: Path) -> None:
    data, out = tmp_path / "d.json", tmp_path / "新" / "o.docx"
    data.write_text('{"unit": "甲局", "n": 3}', encoding="utf-8")
    assert office.ask("render", str(template), str(data), "-o", str(out)).exit_code == 0
    assert text_of(out) == "各甲局：3"


def test_render_many_goes_on_after_a_faulty_line(office: SmallOffice, template: Path, tmp_path: Path) -> None:
    many, out = tmp_path / "m.jsonl", tmp_path / "out"
    lines = (
        '{"_name": "甲/局", "unit": "甲局", "n": 1}',
        '{"_name": "坏", "unit": "乙局"}',
        "不是 JSON",
        '{"_name": "甲局", "unit": "丙局", "n": 2}',
        '{"unit": "丁局", "n": 4}',
    )
    many.write_text("\n".join(lines), encoding="utf-8")
    done = office.ask("render", str(template), "--many", str(many), "-d", str(out))
    assert done.exit_code == 2
    assert sorted(each.name for each in out.iterdir()) == ["0005.docx", "甲局.docx", "甲／局.docx"]
    assert "第 2 行" in done.stderr and "第 3 行" in done.stderr
    assert text_of(out / "甲局.docx") == "各丙局：2"


@pytest.mark.parametrize("words", [(), ("d.json",), ("--many", "m"), ("d.json", "-o", "x", "-d", "y")])
def test_render_needs_one_way_or_the_other(
    office: SmallOffice, template: Path, words: tuple[str, ...]
) -> None:
    refused = office.ask("render", str(template), *words)
    assert refused.exit_code == 2
    assert "--many" in refused.stderr


def test_a_template_that_cannot_be_filled_says_where(
    office: SmallOffice, template: Path, tmp_path: Path
) -> None:
    (tmp_path / "d.json").write_text('{"unti": "甲"}', encoding="utf-8")
    refused = office.ask("render", str(template), str(tmp_path / "d.json"), "-o", str(tmp_path / "o.docx"))
    assert refused.exit_code == 2
    assert "第 1 段" in refused.stderr
    assert not (tmp_path / "o.docx").exists()
