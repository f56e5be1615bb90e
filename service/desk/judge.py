"""检查结果 — a campaign that staff dropped or changed is linted, and what was found laid where they look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.desk.lint import Linter
from service.office.change import Change, ClearStumble, Stumble
from service.office.finding import Problem
from service.office.needs.exchange import Exchange
from service.office.needs.ledger import Ledger

FOLDER = "检查结果"
# How our own files begin: what begins otherwise was laid there by a person and is left alone.
MARK = "检查结果："
# The stage under which the ledger holds a campaign that has errors; nothing else uses it.
STAGE = "lint"
SHOWN_MAX = 100
SUMMARY_MAX = 400


@dataclass(frozen=True, slots=True)
class Judge:
    """Lints one campaign and writes 交换/检查结果/<campaign>.txt; errors also stand on the desk."""

    linter: Linter
    exchange: Exchange
    ledger: Ledger
    local: Callable[[datetime], datetime]  # an instant in the office's own zone

    def judge(self, campaign: str, now: datetime) -> bool:
        """Look at a campaign and write down what was found; raises DoorError where that cannot be written."""
        problems = self.linter.campaign(campaign)
        self.exchange.put(_path(campaign), _page(campaign, problems, self.local(now)).encode("utf-8-sig"))
        self._note(campaign, _summary(campaign, [each for each in problems if each.is_error]), now)
        return True

    def give_up(self, campaign: str, now: datetime) -> None:
        """Say that a check came to no end, so that nobody takes an older result for the present one."""
        say = "这次检查没有完成（程序出错或超过时限）。请再保存一次试试；仍不行的，请维护人员查看日志。"
        lines = [MARK + campaign, f"检查时间：{_moment(self.local(now))}", "", say, ""]
        self.exchange.put(_path(campaign), "\r\n".join(lines).encode("utf-8-sig"))
        self._note(campaign, f"“{campaign}”{say}", now)

    def keep(self, present: Sequence[str], now: datetime) -> None:
        """Take away the results of campaigns whose folders are no longer there."""
        self.exchange.keep_only(FOLDER, {_path(each).partition("/")[2] for each in present}, MARK)
        gone = [each.piece for each in self.ledger.stumbles(STAGE) if each.piece not in present]
        if gone:
            self.ledger.apply([ClearStumble(STAGE, each) for each in gone])

    def _note(self, campaign: str, summary: str, now: datetime) -> None:
        """One row for a campaign with errors, written anew only when it says something else."""
        kept = next((each.error for each in self.ledger.stumbles(STAGE) if each.piece == campaign), "")
        if kept == summary:
            return
        changes: list[Change] = [ClearStumble(STAGE, campaign)]
        if summary:
            changes.append(Stumble(STAGE, campaign, now, summary))
        self.ledger.apply(changes)


def _path(campaign: str) -> str:
    return f"{FOLDER}/{campaign}.txt"


def _page(campaign: str, problems: Sequence[Problem], now: datetime) -> str:
    errors = [each for each in problems if each.is_error]
    hints = [each for each in problems if not each.is_error]
    lines = [MARK + campaign, f"检查时间：{_moment(now)}", ""]
    if not errors:
        lines.append(
            "没有发现问题。" if not hints else f"没有发现错误，可以起草。另有 {len(hints)} 处提示，请看一看。"
        )
    else:
        also = f"，另有 {len(hints)} 处提示" if hints else ""
        lines.append(f"发现 {len(errors)} 处错误{also}。请改好后保存，程序会自动再检查一遍。")
    lines += _section("必须改正的错误", errors) + _section("提示（不改也可以起草）", hints)
    return "\r\n".join([*lines, ""])


def _section(title: str, problems: Sequence[Problem]) -> list[str]:
    if not problems:
        return []
    lines = ["", f"【{title}】"]
    for number, each in enumerate(problems[:SHOWN_MAX], 1):
        lines.append(f"{number}. {each.sentence()}")
        if each.text:
            lines.append(f"   原文：{' '.join(each.text.split())[:100]}")
    if len(problems) > SHOWN_MAX:
        lines.append(f"……还有 {len(problems) - SHOWN_MAX} 处没有列出，改好上面的再看。")
    return lines


def _summary(campaign: str, errors: Sequence[Problem]) -> str:
    """What the desk says of a campaign with errors; empty where there are none."""
    if not errors:
        return ""
    first = errors[0].sentence()
    return f"有 {len(errors)} 处错误，如 {first}；全部见 交换/{_path(campaign)}"[:SUMMARY_MAX]


def _moment(now: datetime) -> str:
    return f"{now.year}年{now.month}月{now.day}日 {now:%H:%M:%S}"
