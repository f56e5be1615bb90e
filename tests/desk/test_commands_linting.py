"""`lint CAMPAIGN` over mail texts, forms and finished files; `preview` of what a unit would get."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.desk.small_office import ROOT, SmallOffice
from tests.doors.word_files import needs_soffice, word

SAMPLES = ("shanxi-2024-quality-weeks", "shanghai-2021-accreditation-day")


def said(office: SmallOffice, campaign: str = "small") -> list[str]:
    """`file say` of every error of a campaign."""
    found = office.lines("lint", campaign, "--json")
    return [f"{each['file']} {each['say']}" for each in found if each["severity"] == "error"]


def letter(office: SmallOffice, name: str, old: str, new: str) -> str:
    """A shared mail text with one thing changed; its path as lint names it."""
    path = office.folder / "templates" / "letters" / f"{name}.txt.j2"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return f"templates/letters/{name}.txt.j2"


@pytest.mark.parametrize("campaign", SAMPLES)
def test_what_ships_has_no_error_and_no_remark_of_its_own(campaign: str) -> None:
    found = SmallOffice(ROOT).lines("lint", campaign, "--json")
    assert [each for each in found if not each["file"].startswith("config/")] == []


def test_a_slip_in_a_letter_that_no_draft_writes_is_named_by_line(office: SmallOffice) -> None:
    """A reminder is written weeks after the release, a receipt only when something came."""
    reminder = letter(office, "reminder", "{{ item.due_words }}", "{{ item.deu_words }}")
    receipt = letter(office, "receipt", "{{ file.size_words }}", "{{ file.size_word }}")
    assert said(office) == [
        f"{receipt} 第 21 行：没有名为 size_word 的变量，是不是 size_words？",
        f"{reminder} 第 7 行：没有名为 deu_words 的变量，是不是 due_words？",
    ]


def test_unknown_names_are_told_beside_a_slip_of_syntax(office: SmallOffice) -> None:
    path = letter(office, "correction", "{% if files %}", "{% if files = 1 %}")
    letter(office, "correction", "{{ office }}", "{{ ofice }}")
    assert said(office) == [
        f"{path} 第 {_line(office, 'files = 1')} 行：比较要写两个等号：{{% if 甲 == 乙 %}}",
        f"{path} 第 {_line(office, 'ofice')} 行：没有名为 ofice 的变量，是不是 office？",
    ]


def _line(office: SmallOffice, word: str) -> int:
    text = (office.folder / "templates/letters/correction.txt.j2").read_text(encoding="utf-8")
    return text[: text.index(word)].count("\n") + 1


def test_wide_braces_in_a_letter_would_be_mailed_as_they_are(office: SmallOffice) -> None:
    path = letter(office, "copy", "{{ body }}", "｛｛ body ｝｝")
    assert said(office) == [f"{path} 第 2 行：“｛｛”是全角括号，会原样印出来，请改成半角的 {{{{ }}}}"]


def test_a_letter_without_a_subject_is_told(office: SmallOffice) -> None:
    path = letter(office, "reminder", "主题：", "关于：")
    assert said(office) == [f"{path} 第 1 行：第一行要写成“主题：……”，这是邮件的主题"]


def test_a_campaigns_own_letter_stands_for_the_shared_one(office: SmallOffice) -> None:
    letter(office, "reminder", "{{ item.due_words }}", "{{ item.deu_words }}")
    own = office.folder / "templates" / "small"
    (own / "reminder.txt.j2").write_text("主题：催报\n{{ unit.name }}：请报送。\n", encoding="utf-8")
    (own / "remider.txt.j2").write_text("主题：催报\n", encoding="utf-8")
    found = office.lines("lint", "small", "--json")
    assert [(each["severity"], each["say"]) for each in found if each["file"].endswith("j2")] == [
        ("warning", "没有叫 remider 的信，这个文件不会用到，是不是 reminder.txt.j2？")
    ]


def test_a_form_is_compared_with_the_fields_asked(office: SmallOffice) -> None:
    form = word("作品登记表", table=[["作品名称", ""], ["报送单位", "{{ unit.name }}"]])
    (office.folder / "templates" / "small" / "form.docx").write_bytes(form)
    assert said(office) == [
        "form.docx 表格：表中没有“联系电话”一栏，单位无处填写；请加上这个标签，右边留一格，"
        "或从 campaign.yaml 的 fields 里去掉它"
    ]


def test_a_template_that_fails_for_some_unit_names_it(office: SmallOffice) -> None:
    notice = word("{{ unit.groups[0] }}")
    (office.folder / "templates" / "small" / "notice.docx").write_bytes(notice)
    assert said(office) == [
        "notice.docx 第 1 段：这里要取的那一项不存在：列表没有这么多项，请用 {%p for … %} 逐条写，"
        "或先用 {%p if … %} 判断（印公开的一份时填不出来）"
    ]


def test_finished_files_are_looked_at_too(office: SmallOffice) -> None:
    folder = office.folder / "templates" / "small"
    facts = folder / "campaign.yaml"
    rows = (
        "attachments:\n"
        "  - {file: sealed.pdf, title: 原件, kind: file}\n"
        "  - {file: empty.pdf, title: 空的, kind: file}\n"
        "  - {file: good.pdf, title: 好的, kind: file}\n"
    )
    facts.write_text(facts.read_text(encoding="utf-8").replace("attachments:\n", rows), encoding="utf-8")
    (folder / "sealed.pdf").write_bytes(b"PK\x03\x04 a Word file renamed")
    (folder / "empty.pdf").write_bytes(b"")
    (folder / "good.pdf").write_bytes(b"%PDF-1.7\n%%EOF\n")
    assert said(office) == [
        "templates/small/campaign.yaml 第 10 行：“sealed.pdf”的内容不是 .pdf 文件，"
        "多半是改了扩展名或没有传完，请重新导出",
        "templates/small/campaign.yaml 第 11 行：“empty.pdf”是空文件，请重新放一份",
    ]


# --- preview ------------------------------------------------------------------------------------------------


@pytest.mark.soffice
def test_preview_shows_what_one_unit_would_get(office: SmallOffice, tmp_path: Path) -> None:
    needs_soffice()
    if shutil.which("pdftoppm") is None:
        pytest.skip("poppler-utils (pdftoppm) is not installed on this machine")
    out = tmp_path / "看"
    (notice, form) = office.lines("preview", "small", "--unit", "西城", "-o", str(out), "--json")
    assert notice["file"] == "关于报送质量月活动材料的通知.docx"
    assert form["file"] == "附件1　作品登记表.docx"
    for each in (notice, form):
        assert Path(each["pdf"]).read_bytes().startswith(b"%PDF")
        assert Path(each["pages"][0]).read_bytes().startswith(b"\x89PNG")
    # Looking changes nothing.
    assert not (office.folder / "state").exists()


def test_preview_names_what_it_cannot_show(office: SmallOffice) -> None:
    assert "没有“火星”" in office.ask("preview", "small", "--unit", "火星").stderr
    assert "一次只能预览一个活动" in office.ask("preview", "small", "other").stderr
    assert "--unit 只在预览活动时有用" in office.ask("preview", "a.docx", "--unit", "西城").stderr
    (office.folder / "templates" / "small" / "notice.docx").write_bytes(word("{{ unti }}"))
    refused = office.ask("preview", "small")
    assert refused.exit_code == 1 and "没有名为 unti 的变量" in refused.stderr
