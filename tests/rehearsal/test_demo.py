"""The rehearsal: both campaigns end as prescribed, and whatever goes otherwise is found and told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from service.__main__ import main
from service.rehearsal.demo import SCENARIOS, run_demo
from service.rehearsal.folder import NoRehearsal, make_office
from service.rehearsal.mail_reception import Taken
from service.rehearsal.narration import Narrator
from service.rehearsal.play import Play
from service.rehearsal.scenario import Outcome, Row, Scenario, Step, at
from service.rehearsal.shanghai import BAOSHAN, HONGKOU, SHANGHAI, SONGJIANG
from service.rehearsal.units.acts import Write
from service.rehearsal.verdict import differences, reckon
from service.rehearsal.world import World, build_world
from service.wiring import open_office

DEMO_KEYS = (
    "campaign units sent letters returned in_review missing reminders receipts undelivered doubled lost"
    " seconds as_prescribed office"
)
GONE = Outcome({"summary": Row("undelivered"), "news": Row("undelivered")})
# The first afternoon only: nobody but a robot and a dead mailbox has answered.
FIRST_DAY = replace(
    SHANGHAI,
    ends_at=at("2021-06-01", "18:00"),
    steps=(),
    strangers=(),
    outcomes={
        **{who: Outcome() for who in SHANGHAI.outcomes if who.startswith(("上海", "中国"))},
        HONGKOU: Outcome(letters=("ignored",)),
        SONGJIANG: GONE,
    },
)


@contextmanager
def played(scenario: Scenario, folder: Path) -> Iterator[tuple[World, Play]]:
    with build_world(scenario, folder) as world:
        play = Play(world, scenario, Narrator(world, lambda words: None))
        play.run()
        yield world, play


@pytest.mark.parametrize("campaign", sorted(SCENARIOS))
def test_a_campaign_ends_as_prescribed(
    campaign: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # A variable meant for the real office must not lead the rehearsal to its database.
    monkeypatch.setenv("HUIZHI_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/real")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["huizhi", "demo", "--campaign", campaign, "--json"])
    status = main()
    shown = capsys.readouterr()
    assert status == 0, shown.err
    (line,) = shown.out.splitlines()
    outcome = json.loads(line)
    assert " ".join(outcome) == DEMO_KEYS
    assert outcome["as_prescribed"] is True
    assert (outcome["doubled"], outcome["lost"]) == (0, 0)
    assert outcome["office"] == f"demo-office/{campaign}"
    folder = tmp_path / outcome["office"]
    for left in ("交换/台账/台账.xlsx", "交换/待人工.xlsx", f"交换/校样/{campaign}/index.html"):
        assert (folder / left).is_file(), left
    mails = list((folder / "交换/归档").rglob("*.eml"))
    assert len([each for each in mails if "来信" in each.name]) >= outcome["letters"]

    monkeypatch.delenv("HUIZHI_DATABASE_URL")
    with open_office(folder) as opened:
        # The clock is kept, and the board needs no server.
        now = opened.office.doors.clock.now()
        assert now == SCENARIOS[campaign].ends_at
        board = opened.office.report.board(campaign, now)
        assert sum(row.docket.is_missing for row in board.rows) == outcome["missing"]


def test_it_is_told_in_chinese_with_days_and_ends_with_the_list(tmp_path: Path) -> None:
    told: list[str] = []
    run_demo(SHANGHAI.campaign, tmp_path / "演练" / "上海", as_json=False, narrate=told.append)
    whole = "\n".join(told)
    assert "—— 2021年6月25日（星期五） ——" in whole
    assert "核发：催办（到期前提醒） → 上海市浦东新区市场监督管理局" in whole
    assert "谁没报" in whole
    assert told[-1] == "结果与场景写明的完全一致。"


def test_a_different_outcome_is_a_difference(tmp_path: Path) -> None:
    wrong = {**FIRST_DAY.outcomes, BAOSHAN: Outcome({"summary": Row("returned", entries=1)}, receipts=1)}
    del wrong[HONGKOU]
    steps = (Step(at("2021-06-01", "15:00"), BAOSHAN, Write("补正", answers="请补正"), "补正"),)
    scenario = replace(FIRST_DAY, outcomes=wrong, steps=steps)
    with played(scenario, tmp_path / "o") as (world, play):
        found = "\n".join((*play.differences, *differences(world, scenario, reckon(world))))
    assert "没有收到写有“请补正”的邮件" in found
    assert f"{HONGKOU}：场景没有写明应有的结果" in found
    assert f"{BAOSHAN}“summary”：应为 returned" in found
    assert f"{BAOSHAN}：信箱里应有 1 封回执，实有 0 封" in found
    assert "来信：应有 1 封，实有 2 封" in found


def test_lost_and_doubled_are_counted_on_the_servers_side(tmp_path: Path) -> None:
    with played(FIRST_DAY, tmp_path / "o") as (world, _):
        reckoning = reckon(world)
        assert differences(world, FIRST_DAY, reckoning) == ()
        log = world.server.log
        notices = [each for each in log if each.sender == world.office_address]
        assert len(notices) == FIRST_DAY.notices

        log.append(notices[0])
        assert len(reckon(world).doubled) == 2  # the dispatch went twice, and its unit was asked twice
        log.pop()

        log.remove(notices[1])
        assert len(reckon(world).lost) == 1
        log.append(notices[1])

        stranger = Taken(world.now, world.office_address, "x@y.example", "<no@row>", "<no@row>", "0", 1)
        log.append(stranger)
        assert any("台账里没有这封发件" in each for each in reckon(world).doubled)
        log.remove(stranger)

        world.server.deliver(world.office_address, b"Subject: unread\r\n\r\nx\r\n")
        assert len(reckon(world).lost) == 1
        assert any(each.startswith("丢失") for each in differences(world, FIRST_DAY, reckon(world)))


def test_the_clock_waits_for_the_office_to_open(tmp_path: Path) -> None:
    with played(FIRST_DAY, tmp_path / "o") as (world, _):
        # The step after the due day falls on Saturday the 26th of June 2021: reminders go on Monday.
        world.clock.set(at("2021-06-22", "09:30"))
        world.settle()
        world.clock.set(at("2021-06-25", "12:00"))
        world.settle()
        assert world.next_instant() == at("2021-06-28", "08:30")


def test_a_folder_of_somebody_else_is_never_thrown_away(tmp_path: Path) -> None:
    folder = tmp_path / "office"
    folder.mkdir()
    (folder / "重要.txt").write_text("别删", encoding="utf-8")
    with pytest.raises(NoRehearsal, match="不会覆盖"):
        make_office(folder, 1, 2)
    assert (folder / "重要.txt").read_text(encoding="utf-8") == "别删"


def test_an_unknown_campaign_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoRehearsal, match="没有“shanxi”的演练场景"):
        run_demo("shanxi", tmp_path / "o", as_json=True, narrate=print)
    assert not (tmp_path / "o").exists()
