"""new: a whole campaign from answers or facts, never half, never over another; its twins brought together."""

from __future__ import annotations

import os
from pathlib import Path

import openpyxl
import pytest
from docx import Document

from service.doors import office_folder
from service.office.outcome import DoorError
from tests.desk.small_office import SmallOffice
from tests.doors.word_files import with_part

ROOT = Path(__file__).parents[2]


FACTS = """\
issuer: 甲市市场监督管理局
title: 关于报送消费维权案例的通知
groups: [区局]
contacts:
  - {name: 经办人乙, phone: 0351-7000000, address_as_printed: office@jia.example}
items:
  - key: cases
    name: 案例登记表
    kind: form
    due: {on: 2024-10-25, carries_over: false}
    obligation: required
    form: cases.docx
    fields:
      - {key: title, label: 案例名称, title: true}
      - {key: unit, label: 报送单位, unit_name: true}
"""


def _write_body(folder: Path) -> None:
    """A person opens the notice in Word and writes what it is about."""
    notice = folder / "notice.docx"
    hint = "（请在这里写明缘由和依据。）"
    written = with_part(
        notice.read_bytes(),
        "word/document.xml",
        lambda xml: xml.decode().replace(hint, "根据年度工作安排，").encode(),
    )
    notice.write_bytes(written)


def test_new_from_facts_gives_a_campaign_that_can_be_proofed(office: SmallOffice, tmp_path: Path) -> None:
    facts = tmp_path / "facts.yaml"
    facts.write_text(FACTS, encoding="utf-8-sig")
    made = office.ask("new", "cases-2024", "--from", str(facts))
    assert made.exit_code == 0, made.output
    folder = office.folder / "templates" / "cases-2024"
    assert sorted(each.name for each in folder.iterdir()) == [
        "campaign.yaml",
        "cases.docx",
        "notice.docx",
        "活动.xlsx",
    ]
    unwritten = office.ask("proof", "cases-2024")
    assert unwritten.exit_code == 1 and "请换成通知自己的话" in unwritten.output
    _write_body(folder)
    assert office.ask("lint", "cases-2024").exit_code == 0
    assert office.ask("proof", "cases-2024").exit_code == 0
    again = office.ask("new", "cases-2024", "--from", str(facts))
    assert (again.exit_code, again.stdout) == (2, "")
    assert "已经有了" in again.stderr


ANSWERS = (
    "",  # issuer
    "关于“六月”总结的通知。",  # refused: a title ends without a full stop
    "关于“六月”总结的通知",
    "2",  # letter
    "甲市监函(2024)12",  # refused
    "甲市监函(2024)12号",
    "2024-09-01",
    "y",  # public
    "没有的组",  # refused
    "1、机构",
    "",  # addressees
    "",  # copies
    "总结",
    "",  # kind
    "下周",  # refused
    "2024-09-27",
    "",
    "",
    "2",  # paper too
    "500字",
    "典型案例",
    "2",  # a form
    "",  # rolling
    "1",
    "案例名称、报送单位、联系电话",
    "",
    "",
    "",  # no more items
    "",  # post to
    "示例路1号",
    "03000",  # refused
    "030000",
    "经办人乙",
    "0351-7000000",
    "",
)


def test_new_asks_checks_each_answer_and_makes_a_campaign_that_can_be_proofed(office: SmallOffice) -> None:
    made = office.ask("new", "六月", typed="\n".join(ANSWERS) + "\n")
    assert made.exit_code == 0, made.output
    for refusal in ("末尾不加标点", "发文字号写成", "没有组别“没有的组”", "不是日期", "邮政编码是 6 位数字"):
        assert refusal in made.stdout
    assert "lint 六月" in made.stdout and "proof 六月" in made.stdout
    folder = office.folder / "templates" / "六月"
    names = ["campaign.yaml", "form-requirements.docx", "form.docx", "notice.docx", "活动.xlsx"]
    assert sorted(each.name for each in folder.iterdir()) == names
    page = (folder / "campaign.yaml").read_text(encoding="utf-8")
    assert "doc_number: 甲市监函〔2024〕12号" in page and "letter_format: true" in page
    asked = "\n".join(each.text for each in Document(str(folder / "form-requirements.docx")).paragraphs)
    assert "案例名称、报送单位、联系电话" in asked and "每件填写一份《典型案例登记表》" in asked
    _write_body(folder)
    assert office.ask("lint", "六月").exit_code == 0
    assert office.ask("proof", "六月").exit_code == 0, office.ask("proof", "六月").output


def test_new_gives_up_after_ten_wrong_answers_and_leaves_nothing(office: SmallOffice) -> None:
    refused = office.ask("new", "六月", typed="\n" + "\n" * 12)
    assert refused.exit_code == 2 and "--from" in refused.stderr
    assert not (office.folder / "templates" / "六月").exists()


LEAST = """\
# 最少要写的
title: 关于报送信息的通知
groups: [区局]
items:
  - name: 活动总结        # 只有名称和期限
    due: 2024-09-27
  - name: 案例
    fields: [{label: 案例名称}, {label: 报送单位}]
  - name: 动态
"""


def test_what_facts_leave_out_is_filled_in_and_remarks_stay(office: SmallOffice, tmp_path: Path) -> None:
    (tmp_path / "facts.yaml").write_text(LEAST, encoding="utf-8")
    (tmp_path / "notice.txt").write_text("现将有关事项通知如下：\n一、要求。请认真办理。\n", encoding="utf-8")
    (tmp_path / "reminder.txt.j2").write_text("主题：催\n请报送。\n", encoding="utf-8")
    made = office.ask("new", "least", "--from", str(tmp_path / "facts.yaml"), "--format", "信函")
    assert made.exit_code == 0, made.output
    folder = office.folder / "templates" / "least"
    page = (folder / "campaign.yaml").read_text(encoding="utf-8")
    assert "# 最少要写的" in page and "# 只有名称和期限" in page
    for filled in ("issuer: 甲市", "kind: summary", "kind: form", "kind: free", "obligation: rolling"):
        assert filled in page
    assert "unit_name: true" in page and "letter_format: true" in page and "addressees: 各区局" in page
    assert (folder / "reminder.txt.j2").read_text(encoding="utf-8") == "主题：催\n请报送。\n"
    texts = [each.text for each in Document(str(folder / "notice.docx")).paragraphs]
    assert "一、要求。请认真办理。" in texts
    assert office.ask("lint", "least").exit_code == 0, office.ask("lint", "least").output


def test_facts_with_an_unknown_key_are_refused_with_their_own_line(
    office: SmallOffice, tmp_path: Path
) -> None:
    facts = tmp_path / "facts.yaml"
    facts.write_text(LEAST + "isuer: 甲\n", encoding="utf-8")
    refused = office.ask("new", "x", "--from", str(facts))
    assert refused.exit_code == 2
    assert f"{facts} 第 10 行：不认识的键“isuer”，是不是“issuer”？" in refused.stderr
    assert not (office.folder / "templates" / "x").exists()


def test_a_folder_that_could_not_be_filled_leaves_nothing(
    office: SmallOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    before = sorted((office.folder / "templates").iterdir())
    with pytest.raises(DoorError, match="什么也没有留下"):
        office_folder.add_campaign(office.folder, "x", {"campaign.yaml": b"a"})
    assert sorted((office.folder / "templates").iterdir()) == before


def test_twins_that_differ_keep_a_notice_from_being_drafted_until_settled(
    office: SmallOffice, tmp_path: Path
) -> None:
    facts = tmp_path / "facts.yaml"
    facts.write_text(FACTS, encoding="utf-8")
    office.ask("new", "cases", "--from", str(facts))
    folder = office.folder / "templates" / "cases"
    _write_body(folder)
    assert office.ask("proof", "cases").exit_code == 0
    book = openpyxl.load_workbook(folder / "活动.xlsx")
    book["材料"]["D2"] = "2024-10-28"
    book.save(folder / "活动.xlsx")
    for command in ("lint", "proof"):
        refused = office.ask(command, "cases")
        assert refused.exit_code != 0
        assert "“截止日期”（due.on）不一致：这里是“2024-10-25”" in refused.output
    assert office.ask("new", "cases", "--sync").exit_code == 2
    settled = office.ask("new", "cases", "--sync", "--keep", "xlsx")
    assert settled.exit_code == 0 and "已按 活动.xlsx 写好" in settled.stdout
    assert "2024-10-28" in (folder / "campaign.yaml").read_text(encoding="utf-8")
    assert office.ask("proof", "cases").exit_code == 0
    assert "没有改动" in office.ask("new", "cases", "--sync", "--keep", "yaml").stdout


def test_a_campaign_with_only_the_workbook_works_and_editing_it_voids_the_proof(
    office: SmallOffice, tmp_path: Path
) -> None:
    facts = tmp_path / "facts.yaml"
    facts.write_text(FACTS, encoding="utf-8")
    office.ask("new", "cases", "--from", str(facts))
    folder = office.folder / "templates" / "cases"
    (folder / "campaign.yaml").unlink()
    _write_body(folder)
    (proofed,) = office.lines("proof", "cases", "--json")
    assert office.ask("lint", "cases").exit_code == 0
    book = openpyxl.load_workbook(folder / "活动.xlsx")
    book["材料"]["D2"] = "2024-10-28"
    book.save(folder / "活动.xlsx")
    signed = office.ask(
        "release", "cases", "--by", "签发人甲", "--digest", proofed["digest"][:12], "--really"
    )
    assert signed.exit_code != 0
    (again,) = office.lines("proof", "cases", "--json")
    assert again["digest"] != proofed["digest"]


@pytest.mark.parametrize("key", ["shanxi-2024-quality-weeks", "shanghai-2021-accreditation-day"])
def test_a_sample_is_what_new_makes_of_its_facts_and_texts(office: SmallOffice, key: str) -> None:
    sample = ROOT / "templates" / key
    made = office.ask("new", key, "--from", str(sample / "campaign.yaml"), "--fresh")
    # The small office's roster knows none of the sample's groups; that is said, and nothing is made.
    assert made.exit_code == 2 and "通讯录里没有组别" in made.stderr
    (office.folder / "config" / "units.csv").unlink()
    (office.folder / "config" / "units.xlsx").write_bytes((ROOT / "config" / "units.xlsx").read_bytes())
    made = office.ask("new", key, "--from", str(sample / "campaign.yaml"), "--fresh")
    assert made.exit_code == 0, made.output
    folder = office.folder / "templates" / key
    for name in ("campaign.yaml", "notice.docx", "活动.xlsx"):
        assert (folder / name).read_bytes() == (sample / name).read_bytes(), name
    if (sample / "works-requirements.txt").exists():
        name = "works-requirements.docx"
        assert (folder / name).read_bytes() == (sample / name).read_bytes()


def test_new_writes_nothing_for_facts_it_cannot_read(office: SmallOffice, tmp_path: Path) -> None:
    facts = tmp_path / "facts.yaml"
    facts.write_text("issuer： 甲\n", encoding="utf-8")
    refused = office.ask("new", "x", "--from", str(facts))
    assert refused.exit_code == 2
    assert "全角" in refused.stderr
    assert not (office.folder / "templates" / "x").exists()


@pytest.mark.parametrize("name", ["质量 月", "../x", "a/b"])
def test_new_refuses_a_folder_name_before_it_asks(office: SmallOffice, name: str) -> None:
    refused = office.ask("new", name)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "活动文件夹的名称" in refused.stderr
