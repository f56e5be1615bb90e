"""发文 at the command line: nothing goes out that was not proofed and signed as it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from docx import Document

from tests.desk.small_office import CLERK, SIGNER, SmallOffice


def write_docx(path: Path, *paragraphs: str) -> Path:
    document = Document()
    for each in paragraphs:
        document.add_paragraph(each)
    document.save(str(path))
    return path


def test_a_sound_campaign_has_nothing_to_say(office: SmallOffice) -> None:
    assert office.ask("lint", "small").exit_code == 0
    assert office.lines("lint", "small", "--json") == []
    assert not (office.folder / "state").exists()


def test_lint_names_paragraph_and_remedy(office: SmallOffice, tmp_path: Path) -> None:
    template = write_docx(tmp_path / "notice.docx", "标题", "各{{ unti.name }}：")
    answered = office.ask("lint", str(template), "--json")
    (line,) = office.lines("lint", str(template), "--json")
    assert answered.exit_code == 1
    assert list(line) == ["file", "severity", "code", "paragraph", "text", "say"]
    assert line["file"] == str(template)
    assert (line["severity"], line["code"], line["paragraph"]) == ("error", "unknown-variable", 2)
    assert line["text"] == "各{{ unti.name }}："
    assert "unti" in line["say"] and "unit" in line["say"]


def test_lint_tries_a_campaigns_own_templates(office: SmallOffice) -> None:
    write_docx(office.folder / "templates" / "small" / "notice.docx", "{{ campaign.titel }}")
    for what in ("small", str(office.folder / "templates" / "small"), "templates/small/notice.docx"):
        path = what if not what.startswith("templates") else str(office.folder / what)
        found = office.lines("lint", path, "--json")
        assert [each["code"] for each in found] == ["unknown-variable"]
        assert found[0]["file"] == "notice.docx"


def test_lint_finds_a_slip_in_a_mail_text(office: SmallOffice) -> None:
    text = office.folder / "templates" / "small" / "notice.txt.j2"
    text.write_text("主题：{{ campaign.titel }}\n正文\n", encoding="utf-8")
    answered = office.ask("lint", "small")
    assert answered.exit_code == 1
    assert "notice.txt.j2" in answered.stdout


def test_proof_gives_digest_and_the_command_that_signs(office: SmallOffice) -> None:
    said = office.ask("proof", "small")
    assert said.exit_code == 0
    (proofed,) = office.lines("proof", "small", "--json")
    command = f"huizhi release small --by {SIGNER} --digest {proofed['digest'][:12]}\n"
    assert command in said.stdout
    assert (Path(proofed["folder"]) / "index.html").is_file()


def test_proof_refuses_a_campaign_with_errors(office: SmallOffice) -> None:
    late = office.ask("proof", "small", now="2025-01-01T09:00")
    assert late.exit_code == 1
    assert "截止时间已过" in late.stdout
    assert "--digest" not in late.stdout


def test_a_faulty_file_keeps_a_draft_from_being_made(office: SmallOffice) -> None:
    path = office.folder / "templates" / "small" / "campaign.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("issuer:", "isuer:"), encoding="utf-8")
    for command in ("draft", "proof"):
        said = office.ask(command, "small")
        assert said.exit_code == 1
        assert "isuer" in said.output and "issuer" in said.output


def test_release_shows_first_and_signs_with_really(office: SmallOffice) -> None:
    assert "huizhi proof small" in office.ask("draft", "small").stdout
    (proofed,) = office.lines("proof", "small", "--json")
    words = ("release", "small", "--by", SIGNER, "--digest", proofed["digest"][:12])
    shown = office.ask(*words)
    assert (shown.exit_code, "将发出" in shown.stdout) == (0, True)
    assert office.ask("status", "small").exit_code == 2
    assert "已签发" in office.ask(*words, "--really").stdout
    assert len(office.lines("status", "small", "--json")) == 8
    again = office.ask(*words, "--really")
    assert (again.exit_code, again.stdout) == (2, "")
    assert SIGNER in again.stderr


@pytest.mark.parametrize("path", ["templates/small/campaign.yaml", "templates/letters/notice.txt.j2"])
def test_any_change_after_the_proof_voids_it(office: SmallOffice, path: str) -> None:
    (proofed,) = office.lines("proof", "small", "--json")
    with (office.folder / path).open("a", encoding="utf-8") as file:
        file.write("# 改动\n")
    words = ("release", "small", "--by", SIGNER, "--digest", proofed["digest"][:12], "--really")
    refused = office.ask(*words)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "作废" in refused.stderr
    (anew,) = office.lines("proof", "small", "--json")
    assert anew["digest"] != proofed["digest"]


@pytest.mark.parametrize(
    ("by", "digest", "said"),
    [
        (CLERK, "", "不是签发人"),
        ("路人", "", "staff"),
        (SIGNER, "0" * 12, "校验码"),
    ],
)
def test_only_a_signer_with_the_digest_may_release(
    office: SmallOffice, by: str, digest: str, said: str
) -> None:
    (proofed,) = office.lines("proof", "small", "--json")
    refused = office.ask("release", "small", "--by", by, "--digest", digest or proofed["digest"], "--really")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert said in refused.stderr


def test_what_is_released_is_not_drafted_again(released: SmallOffice) -> None:
    for command in ("draft", "proof"):
        refused = released.ask(command, "small")
        assert refused.exit_code == 2
        assert "不能再起草" in refused.stderr
