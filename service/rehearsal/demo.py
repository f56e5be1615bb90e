"""`./run demo`: a whole campaign on loopback, told in Chinese, judged against what was written by hand."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from service.desk import shapes
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
DEFAULT = SHANXI.campaign
# Where the office folders of rehearsals are left, below the folder one stands in.
OUT = Path("demo-office")


def answer_demo(campaign: str = DEFAULT, out: Path = OUT, *, as_json: bool = False) -> int:
    """The command: narrate on standard output, or only the last line as JSON; returns the exit status.

    0 as prescribed · 1 the outcome differs · 2 the rehearsal could not be played.
    """
    try:
        outcome = run_demo(campaign, out, as_json=as_json, narrate=print)
    except NoRehearsal as error:
        print(error, file=sys.stderr)
        return 2
    if as_json:
        print(shapes.line(shapes.demo(outcome)))
    return 0 if outcome.is_as_prescribed else 1


def run_demo(campaign: str, out: Path, *, as_json: bool, narrate: Callable[[str], None]) -> DemoOutcome:
    """Play a campaign and leave its office at `out/campaign`; with `as_json` nothing is narrated.

    Raises NoRehearsal with a Chinese sentence where it cannot begin or cannot go on.
    """
    scenario = SCENARIOS.get(campaign)
    if scenario is None:
        raise NoRehearsal(f"没有“{campaign}”的演练场景，可选：{'、'.join(SCENARIOS)}")
    tell: Callable[[str], None] = _to_error if as_json else narrate
    started = time.monotonic()
    folder = out / campaign
    with build_world(scenario, folder) as world:
        narrator = Narrator(world, tell)
        tell(f"演练：{world.campaign.title}")
        tell("邮件只在本机收发；单位、人名、电话、邮箱都是编的。")
        play = Play(world, scenario, narrator)
        play.run()
        office = world.opened.office
        world.opened.clerk.run(office.report, world.now)
        office.doors.ledger.seal(world.now)
        keep_clock(folder, world.now)
        reckoning = reckon(world)
        wrong = (*play.differences, *differences(world, scenario, reckoning))
        outcome = outcome_of(
            world, scenario, reckoning, time.monotonic() - started, not wrong, folder.as_posix()
        )
        narrator.say(world.now, "演练结束")
        tell("")
        narrator.show(missing_table(office.report.board(campaign, world.now)))
    _tell_end(tell, outcome, wrong, folder)
    return outcome


def _to_error(words: str) -> None:
    """A script gets one line on standard output; a difference is still told, on standard error."""
    if words.startswith(("  ✗", "与场景")):
        print(words, file=sys.stderr)


def _tell_end(
    tell: Callable[[str], None], outcome: DemoOutcome, wrong: tuple[str, ...], folder: Path
) -> None:
    tell("")
    tell(
        f"通知 {outcome.sent} 封，来信 {outcome.letters} 封，回执和补正通知 {outcome.receipts} 封，"
        f"催办 {outcome.reminders} 封；重复 {outcome.doubled}，丢失 {outcome.lost}。"
        f"用时 {outcome.seconds:.1f} 秒。"
    )
    tell("")
    tell(f"办公文件夹：{folder}")
    for path, what in (
        (f"交换/校样/{outcome.campaign}/index.html", "签发前看的校样"),
        ("交换/台账/台账.xlsx", "总览、未报、已报、待补正、待人工、未送达"),
        ("交换/待人工.xlsx", "需要人工处理的事"),
        ("交换/归档/", "按单位、材料归档的文件，以及每一封来信和发件（.eml）"),
    ):
        tell(f"  {path}　{what}")
    tell(f"接着看：./run --office {folder} status {outcome.campaign}")
    tell("")
    if wrong:
        tell(f"与场景写明的结果不符，共 {len(wrong)} 处：")
        for each in wrong:
            tell(f"  ✗ {each}")
    else:
        tell("结果与场景写明的完全一致。")
