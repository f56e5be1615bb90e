"""Commands that look: run, desk, why, report, verify, journey."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.table import Table

from service.desk import shapes
from service.desk.blocked import blind_rows, blocked_rows, canary_rows
from service.desk.commands.naming import number, released
from service.desk.commands.seat import AsJson, CampaignName, LetterNumber, Seat, clock_of, seat_of
from service.desk.commands.sitting import settle_all
from service.desk.commands.speech import answer, cell, found_problem, show, tell, titled
from service.desk.since import roster_news
from service.desk.tables import desk_list
from service.desk.tools import Refused
from service.desk.unplaced import unplaced_rows
from service.desk.verify import verify as verify_office
from service.desk.verify_receipt import verify_receipt
from service.desk.words import STAGE_WORDS
from service.followup.report.reading import open_campaigns
from service.followup.report.rows import joint_desk
from service.followup.report.todo import conflict_rows, template_rows
from service.journey import STAGES, Office
from service.office.board import DeskRow
from service.office.dispatch import Dispatch, DispatchKind, DispatchState
from service.office.letter import Letter, Stage

_WAITING = (Stage.REFUSED, Stage.REVIEW, Stage.ASKED)
_TROUBLED = (DispatchState.IN_DOUBT, DispatchState.DEAD, DispatchState.HELD)


def run(ctx: typer.Context) -> None:
    """启动服务：收信、登记、答复、催办、发信、更新台账，直到停止。

    用 Ctrl-C 或 SIGTERM 停止；停止不会丢掉任何一步。一个办公文件夹同时只能有一个服务。
    """
    seat = seat_of(ctx)
    raise typer.Exit(seat.tools.run_daemon(seat.folder, seat.now))


def desk(
    ctx: typer.Context,
    settle: Annotated[
        bool, typer.Option("--settle", help="逐件办理：看来信和可能的归属，按一个键办一件")
    ] = False,
    by: Annotated[str, typer.Option("--by", metavar="姓名", help="逐件办理的经办人")] = "",
    as_json: AsJson = False,
) -> None:
    """待人工：哪些事要人来定，每件事附上办理的命令；加 --settle 逐件办理。"""
    if settle and (as_json or not by):
        raise Refused("逐件办理请写 --settle --by 姓名，不和 --json 同时写")
    with seat_of(ctx).open() as office:
        now = clock_of(office)
        rows = _desk_rows(office, now)
        if settle:
            settle_all(office, rows, by)
            return
    if as_json:
        answer(_desk_shape(each) for each in rows)
    else:
        show(desk_list(rows, now), soft=True)


def _desk_rows(office: Office, now: datetime) -> Sequence[DeskRow]:
    """Everything over all running campaigns; before any runs, the letters that wait all the same."""
    keys = open_campaigns(office.doors.ledger)
    if keys:
        news = [row for key in keys for row in roster_news(office, key, now)]
        rows = joint_desk([office.report.board(key, now) for key in keys])
        away = [*blind_rows(office, now), *canary_rows(office, now), *blocked_rows(office, now)]
        typed = unplaced_rows(office, keys)
        return [*rows, *news, *_unsigned_rows(office, keys), *away, *typed]
    letters = (each for stage in _WAITING for each in office.doors.ledger.letters(stage=stage))
    stumbles = office.doors.ledger.stumbles()
    faulty = [*template_rows(stumbles, office.policy.zone), *conflict_rows(stumbles, office.policy.zone)]
    return [*(_loose_row(each, office) for each in letters), *faulty, *_unsigned_rows(office, keys)]


def _unsigned_rows(office: Office, running: Sequence[str]) -> list[DeskRow]:
    """What was to go to a signer and got stuck: a campaign that does not run yet has no board to show it."""
    stuck = office.doors.ledger.dispatches(states=_TROUBLED, kinds=(DispatchKind.APPROVAL,))
    return [_unsigned_row(each, office) for each in stuck if each.campaign not in running]


def _unsigned_row(each: Dispatch, office: Office) -> DeskRow:
    why = f"（{each.last_error}）" if each.last_error else ""
    say = f"送签的邮件没有发到 {each.rcpt}{why}：请核对签发人的邮箱，或改用命令行签发"
    remedy = f"huizhi settle {each.id} --to cancelled --reason 理由 --by 姓名"
    return DeskRow(
        "送签", f"发件 {each.id}", each.campaign, "", office.policy.local(each.due_at), say, remedy
    )


def _loose_row(letter: Letter, office: Office) -> DeskRow:
    kind = {Stage.REFUSED: "密级", Stage.ASKED: "询问"}.get(letter.stage, "待人工")
    is_sealed = letter.stage is Stage.REFUSED
    whose = "" if is_sealed else f"{letter.sender or '（没有寄件人）'}《{letter.subject or '无主题'}》："
    remedy = f"huizhi show {letter.id}" if is_sealed else f"huizhi note {letter.id} --reason 理由 --by 姓名"
    since = office.policy.local(letter.received_at)
    return DeskRow(
        kind, f"来信 {letter.id}", "", letter.unit or "", since, f"{whose}{letter.outcome}", remedy
    )


def _desk_shape(row: DeskRow) -> shapes.Shape:
    return {
        "kind": row.kind,
        "ref": row.ref,
        "campaign": row.campaign or None,
        "unit": row.unit or None,
        "since": row.since.replace(microsecond=0).isoformat(),
        "say": row.say,
        "remedy": row.remedy,
    }


def why(ctx: typer.Context, letter: LetterNumber, as_json: AsJson = False) -> None:
    """为什么这样处理：这封来信试过的每条规则，中与不中，以及结果。"""
    with seat_of(ctx).open() as office:
        row = office.doors.ledger.letter(number(letter, "来信"))
        if row is None:
            raise Refused(f"没有编号为 {letter} 的来信")
        hits = office.doors.ledger.hits(row.id)
    if as_json:
        answer([shapes.why(row, hits)])
        return
    words = {each.name: each.word for each in STAGES}
    table = Table(box=None, pad_edge=False)
    for heading in ("环节", "规则", "", "说明"):
        table.add_column(heading, overflow="fold")
    for each in hits:
        rule = f"{each.rule} v{each.version}"
        table.add_row(words.get(each.stage, each.stage), rule, "✓" if each.is_hit else "·", cell(each.say))
    result = cell(f"结果：{row.outcome or STAGE_WORDS[row.stage]}")
    show(titled(f"来信 {row.id}《{row.subject or '无主题'}》", Group(table, result)))


def report(ctx: typer.Context, campaign: CampaignName) -> None:
    """立即更新台账.xlsx、待人工.xlsx 和归档文件夹。"""
    with seat_of(ctx).open() as office:
        key = released(office, campaign).key
        office.report.handle(key, clock_of(office))
    tell(f"已更新：交换/台账/{key}/台账.xlsx、交换/待人工.xlsx、交换/归档/")


def verify(
    ctx: typer.Context,
    receipt: Annotated[
        Path | None,
        typer.Argument(metavar="[回执.eml]", help="核对这一份回执或补正通知是否本办公室发出、有没有改动"),
    ] = None,
    as_json: AsJson = False,
    head: Annotated[
        str, typer.Option("--head", metavar="记录链", help="某天的每日情况里写的记录链，核对它是否仍在链上")
    ] = "",
) -> None:
    """验证档案：每个文件都与登记的 SHA-256 相符，每条记录都没有改动过；或核对一份回执。

    有损坏、回执不符或已被更正时，退出码为 1。
    """
    seat = seat_of(ctx)
    if receipt is not None:
        _verify_receipt(seat, receipt, as_json)
        return
    with seat.open() as office:
        verified = verify_office(office, clock_of(office), head)
    if as_json:
        answer([shapes.verify(verified.checked, verified.damaged, verified.head)])
    else:
        tell(*(f"{each.what} {each.id}：{each.say}" for each in verified.damaged))
        known = verified.head or "（还没有）"
        counts = dict(verified.keepings)
        if any(counts.values()):
            words = {"apart": "密级封存", "purged": "两人销毁", "let-go": "到期清理"}
            tell("来信：" + "，".join(f"{say} {counts.get(key, 0)} 封" for key, say in words.items()))
        tell(f"核对了 {verified.checked} 项，损坏 {len(verified.damaged)} 项。记录链：{known}")
        if head and not verified.damaged:
            tell(f"{head[:12]}…仍在链上：这一段记录没有改动过")
    found_problem(bool(verified.damaged))


def _verify_receipt(seat: Seat, path: Path, as_json: bool) -> None:
    mail = seat.tools.read_file(path)
    with seat.open() as office:
        verified = verify_receipt(office, mail, clock_of(office))
    if as_json:
        answer([shapes.verify(verified.checked, verified.damaged, verified.head)])
    elif verified.damaged:
        tell(*(f"{each.id}：{each.say}" if each.id else each.say for each in verified.damaged))
    else:
        tell(f"回执属实：与发出的原件一致，{verified.checked} 项核对无误。记录链：{verified.head}")
    found_problem(bool(verified.damaged))


def journey(ctx: typer.Context, as_json: AsJson = False) -> None:
    """一份通知从起草到汇总要走的每一步。"""
    if as_json:
        answer(shapes.journey(each.name, each.word, each.say) for each in STAGES)
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("环节", "名称", "做什么", "由谁"):
        table.add_column(heading, overflow="fold")
    for each in STAGES:
        table.add_row(each.word, each.name, each.say, "服务" if each.is_automatic else "人")
    show(table)
