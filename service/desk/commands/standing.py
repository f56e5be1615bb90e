"""The command that says who has reported and who has not: status, by group, filtered, and watched."""

from __future__ import annotations

import sys
import threading
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.live import Live

from service.desk import shapes
from service.desk.commands.naming import released
from service.desk.commands.seat import AsJson, CampaignName, clock_of, seat_of
from service.desk.commands.speech import answer, screen, show, tell
from service.desk.groups import Wanted, group_table, groups
from service.desk.since import since_release
from service.desk.tables import missing_table, status_table, summary_table, totals_table
from service.desk.tools import Refused
from service.journey import Office
from service.office.board import Board
from service.office.letter import Stage
from service.office.tally import tally_of

WATCH_SECONDS = 5.0
# A letter in one of these stages belongs to nobody yet, or a person has not said whose it is.
_UNSETTLED = (Stage.RECEIVED, Stage.SORTED, Stage.MATCHED, Stage.REVIEW)


def status(
    ctx: typer.Context,
    campaign: CampaignName,
    missing: Annotated[bool, typer.Option("--missing", help="只看谁没报")] = False,
    late: Annotated[bool, typer.Option("--late", help="只看迟报和逾期的")] = False,
    review: Annotated[bool, typer.Option("--review", help="只看待人工、待补正、链接待取的")] = False,
    group: Annotated[str, typer.Option("--group", metavar="组别", help="只看这一组")] = "",
    totals: Annotated[bool, typer.Option("--totals", help="只看各项材料的合计，名单再大也快")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="一直看着，每 5 秒更新，Ctrl-C 结束")] = False,
    as_json: AsJson = False,
) -> None:
    """谁报了、谁没报：每个单位、每项材料一行；再按组别、材料列出进度。"""
    if watch and as_json:
        raise Refused("--watch 是给人看的，不能和 --json 同时写")
    wanted = Wanted(missing, late, review, group)
    if totals and (as_json or watch or not wanted.is_everything):
        raise Refused("--totals 只列合计，不能和别的选项同时写")
    with seat_of(ctx).open() as office:
        key = released(office, campaign).key
        if as_json:
            _answer(office, key, wanted, clock_of(office))
            return
        if totals:
            show(_totals(office, key, clock_of(office)))
            return
        if watch and sys.stdout.isatty():
            _watch(office, key, wanted)
            return
        body = _shown(office.report.board(key, clock_of(office)), wanted)
        after = since_release(office, key)
    show(body)
    tell(*after)


def _answer(office: Office, key: str, wanted: Wanted, now: datetime) -> None:
    zone = office.policy.zone
    if wanted.is_everything or wanted == Wanted(is_missing=True):
        dockets = office.doors.ledger.dockets(key)
        answer(shapes.status(each, now, zone) for each in dockets if each.is_missing or not wanted.is_missing)
        return
    board = office.report.board(key, now)
    _must_know(board, wanted.group)
    answer(shapes.status(row.docket, now, zone) for row in board.rows if wanted.takes(row))


def _totals(office: Office, key: str, now: datetime) -> RenderableType:
    """Counted by the database: no row of the roster is read."""
    ledger = office.doors.ledger
    items, counts = ledger.items(key), ledger.count_dockets(key, now)
    named = [(each.name, tally_of(one for one in counts if one.item == each.key)) for each in items]
    loose = sum(ledger.count_letters(stage) for stage in _UNSETTLED)
    row = ledger.campaign(key)
    return totals_table(row.title if row else key, named, tally_of(counts), loose)


def _must_know(board: Board, group: str) -> None:
    known = groups(board)
    if group and group not in known:
        raise Refused(f"没有组别“{group}”。现有的组别：{'、'.join(known) or '（没有分组）'}")


def _shown(board: Board, wanted: Wanted) -> RenderableType:
    _must_know(board, wanted.group)
    if wanted.is_missing and not (wanted.is_late or wanted.is_in_review):
        return missing_table(board, wanted.takes)
    if wanted.is_everything:
        return Group(status_table(board), "", group_table(board), "", summary_table(board))
    return status_table(board, wanted.takes)


def _watch(office: Office, key: str, wanted: Wanted) -> None:
    """Only groups and sums by themselves: they fit a screen, whatever the roster."""
    waiting = threading.Event()

    def body() -> RenderableType:
        board = office.report.board(key, clock_of(office))
        if wanted.is_everything:
            return Group(group_table(board), "", summary_table(board))
        return _shown(board, wanted)

    try:
        with Live(body(), console=screen(), auto_refresh=False, screen=True) as live:
            while not waiting.wait(WATCH_SECONDS):
                live.update(body(), refresh=True)
    except KeyboardInterrupt:
        return
