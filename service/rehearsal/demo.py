"""`./run demo`: a whole campaign on loopback, told in Chinese, judged against what was written by hand."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from service.desk.shapes import DemoOutcome
from service.desk.tables import missing_table
from service.rehearsal.folder import NoRehearsal, keep_clock
from service.rehearsal.narration import Narrator
from service.rehearsal.play import Play
from service.rehearsal.scenario import Scenario
from service.rehearsal.shanghai import SHANGHAI
from service.rehearsal.shanxi import SHANXI
from service.rehearsal.verdict import differences, outcome_of, reckon
from service.rehearsal.world import build_world

SCENARIOS: dict[str, Scenario] = {each.campaign: each for each in (SHANXI, SHANGHAI)}


def run_demo(campaign: str, out: Path, *, as_json: bool, narrate: Callable[[str], None]) -> DemoOutcome:
    """Play a campaign and leave its office at `out`; with `as_json` only differences are narrated.

    Raises NoRehearsal with a Chinese sentence where it cannot begin or cannot go on.
    """
    scenario = SCENARIOS.get(campaign)
    if scenario is None:
        raise NoRehearsal(f"没有“{campaign}”的演练场景，可选：{'、'.join(SCENARIOS)}")
    tell = _silence if as_json else narrate
    started = time.monotonic()
    with build_world(scenario, out) as world:
        narrator = Narrator(world, tell)
        tell(f"演练：{world.campaign.title}")
        tell("邮件只在本机收发；单位、人名、电话、邮箱都是编的。")
        play = Play(world, scenario, narrator)
        play.run()
        office = world.opened.office
        world.opened.clerk.run(office.report, world.now)
        world.opened.clerk.run(office.rollup, world.now)
        office.doors.ledger.seal(world.now)
        keep_clock(out, world.now)
        reckoning = reckon(world)
        wrong = (*play.differences, *differences(world, scenario, reckoning))
        outcome = outcome_of(
            world, scenario, reckoning, time.monotonic() - started, not wrong, out.as_posix()
        )
        narrator.say(world.now, "演练结束")
        tell("")
        narrator.show(missing_table(office.report.board(campaign, world.now)))
    _tell_end(tell, outcome, reckoning.urgings, out)
    _tell_verdict(narrate, wrong, as_json=as_json)
    return outcome


def _silence(words: str) -> None:
    """A script wants the last line only."""


def _tell_end(tell: Callable[[str], None], outcome: DemoOutcome, urgings: int, folder: Path) -> None:
    tell("")
    urged = f"，催报函 {urgings} 封" if urgings else ""
    tell(
        f"通知 {outcome.sent} 封，来信 {outcome.letters} 封，回执和补正通知 {outcome.receipts} 封，"
        f"催办 {outcome.reminders} 封{urged}；重复 {outcome.doubled}，丢失 {outcome.lost}。"
        f"用时 {outcome.seconds:.1f} 秒。"
    )
    tell("")
    tell(f"办公文件夹：{folder}")
    for path, what in (
        (f"交换/校样/{outcome.campaign}/index.html", "签发前看的校样"),
        ("交换/台账/台账.xlsx", "总览、未报、已报、待补正、待人工、未送达"),
        (f"交换/台账/{outcome.campaign}/催办电话表.xlsx", "该给谁打电话、催什么"),
        (f"交换/台账/{outcome.campaign}/汇总表.xlsx", "每份登记表的每一栏，分组合计，可填推荐和评语"),
        (f"交换/台账/{outcome.campaign}/汇编.docx", "各单位总结，带目录；旁边的 图片/ 按单位分好"),
        ("交换/待人工.xlsx", "需要人工处理的事"),
        ("交换/归档/", "按材料、单位归档的文件，以及每一封来信和发件（.eml）"),
    ):
        tell(f"  {path}　{what}")
    tell(f"接着看：./run --office {folder} status {outcome.campaign}")
    tell("")


def _tell_verdict(narrate: Callable[[str], None], wrong: tuple[str, ...], *, as_json: bool) -> None:
    if wrong:
        narrate(f"与场景写明的结果不符，共 {len(wrong)} 处：")
        for each in wrong:
            narrate(f"  ✗ {each}")
    elif not as_json:
        narrate("结果与场景写明的完全一致。")
