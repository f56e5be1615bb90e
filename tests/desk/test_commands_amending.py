"""What follows a release, at the command line: shown first, signed with the digest, sent with --really."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.desk.small_office import CLERK, DONG, SIGNER, SmallOffice

ZHONG = "中城区市场监督管理局"
LATER = "2024-08-21T09:00"


@pytest.fixture
def running(office: SmallOffice) -> SmallOffice:
    """Released, nothing sent: no daemon runs here."""
    office.release()
    return office


def _add(office: SmallOffice, line: str) -> None:
    path = office.folder / "config" / "units.csv"
    path.write_text(path.read_text(encoding="utf-8").rstrip("\n") + f"\n{line}\n", encoding="utf-8")


def _edit(office: SmallOffice, was: str, now: str) -> None:
    path = office.folder / "templates" / "small" / "campaign.yaml"
    text = path.read_text(encoding="utf-8")
    assert was in text
    path.write_text(text.replace(was, now), encoding="utf-8")


def _signed_by(shown: str) -> list[str]:
    """The words of the command that the proof gives."""
    line = next(each for each in shown.splitlines() if "--digest" in each)
    return [each.strip("'") for each in line.split()[1:]]


def test_a_new_unit_is_seen_shown_signed_and_sent(running: SmallOffice) -> None:
    _add(running, f"{ZHONG},区局,王五,0351-1000005,zhongcheng@units.example")
    said = running.ask("status", "small", now=LATER).stdout
    assert f"通讯录中有 1 个单位尚未发过通知（{ZHONG}）。补发：huizhi reissue small" in said
    (row,) = [each for each in running.lines("desk", "--json", now=LATER) if each["kind"] == "通讯录"]
    assert row["remedy"] == "huizhi reissue small"
    shown = running.ask("reissue", "small", now=LATER)
    assert shown.exit_code == 0, shown.output
    assert f"{ZHONG}（新加入的单位）→ zhongcheng@units.example" in shown.stdout
    assert (running.folder / "交换" / "校样" / "small-2补发" / "校样.txt").is_file()
    words = _signed_by(shown.stdout)
    assert words[:4] == ["reissue", "small", "--units", ZHONG]
    first = running.ask(*words, now=LATER)
    assert "确认后加 --really" in first.stdout
    assert ZHONG not in [each["unit"] for each in running.lines("status", "small", "--json", now=LATER)]
    done = running.ask(*words, "--really", now=LATER)
    assert done.exit_code == 0, done.output
    assert running.docket(ZHONG, "summary", now=LATER)["state"] == "not-sent"
    said = running.ask("status", "small", now=LATER).stdout
    assert "第 2 次签发（补发）：2024年8月21日（星期三）09:00，签发人甲，补发通知" in said
    assert "补发：huizhi" not in said
    assert running.ask("reissue", "small", now=LATER).exit_code == 2


def test_a_correction_is_signed_for_its_own_digest(running: SmallOffice) -> None:
    assert "没有要更正的" in running.ask("correct", "small", "--reason", "日期有误", now=LATER).output
    _edit(running, "on: 2024-09-28, carries_over: true", "on: 2024-10-18, carries_over: true")
    (shape,) = running.lines("correct", "small", "--reason", "日期有误", "--json", now=LATER)
    assert shape["act"] == "correct"
    assert shape["may_be_signed"] is True
    assert any("2024年10月18日" in each for each in shape["lines"])
    by = ("--by", SIGNER, "--digest", shape["digest"][:12])
    assert running.ask("correct", "small", "--reason", "别的理由", *by, "--really", now=LATER).exit_code == 2
    done = running.ask("correct", "small", "--reason", "日期有误", *by, "--really", now=LATER)
    assert done.exit_code == 0, done.output
    assert running.docket(DONG, "summary", now=LATER)["due"] == "2024-10-18T23:59:59+08:00"
    assert "第 2 次签发（更正）" in running.ask("status", "small", now=LATER).stdout


def test_supplement_withdraw_and_close(running: SmallOffice, tmp_path: Path) -> None:
    text = tmp_path / "补充.txt"
    text.write_text("启动仪式改在二楼。", encoding="utf-8")
    shown = running.ask("supplement", "small", "--groups", "区局", "--text", str(text), now=LATER)
    assert "补充通知：3 个单位、4 个邮箱" in shown.stdout
    assert "要写明签发人和校验码" in running.ask("supplement", "small", "--by", SIGNER, now=LATER).output
    assert (
        "还有 5 封通知没有发出"
        in running.ask("close", "small", "--by", CLERK, "--reason", "够了", now=LATER).output
    )
    shown = running.ask("withdraw", "small", "--reason", "文件有误", now=LATER)
    assert running.ask(*_signed_by(shown.stdout), "--really", now=LATER).exit_code == 0
    assert running.docket(DONG, "summary", now=LATER)["state"] == "exempt"
    assert running.docket(DONG, "summary", now=LATER)["reason"] == "通知已撤回：文件有误"
    assert "已撤回：2024年8月21日" in running.ask("status", "small", now=LATER).stdout
    assert "已由签发人甲撤回" in running.ask("reissue", "small", "--units", DONG, now=LATER).output


def test_public_copies_and_a_pack_handed_over(office: SmallOffice, tmp_path: Path) -> None:
    _add(office, "山城区市场监督管理局,区局,钱七,0351-1000007,")
    assert "还没有签发" in office.ask("publish", "small", "-o", str(tmp_path / "网站")).output
    office.release()
    done = office.ask("publish", "small", "-o", str(tmp_path / "网站"))
    assert done.exit_code == 0, done.output
    names = {each.name for each in (tmp_path / "网站").iterdir()}
    assert names == {"README.txt", "关于报送质量月活动材料的通知.docx", "附件1　作品登记表.docx"}
    told = ("delivered", "small", "山城区", "--via", "oa", "--on", "2024-08-21", "--by", CLERK)
    said = office.ask(*told, "--note", "收文员钱七", now=LATER)
    assert said.exit_code == 0, said.output
    assert office.docket("山城区市场监督管理局", "summary", now=LATER)["state"] == "awaited"
    assert "OA送达，2024-08-21（收文员钱七），经办人乙登记" in office.ask("status", "small", now=LATER).stdout
