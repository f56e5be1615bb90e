"""Commands by which a person settles something: assign, note, record, extend, exempt, reopen, settle."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from service.desk import decide
from service.desk.commands import naming
from service.desk.commands.seat import (
    AsJson,
    By,
    CampaignName,
    ItemName,
    LetterNumber,
    Reason,
    Seat,
    UnitName,
    clock_of,
    seat_of,
    settled,
)
from service.desk.commands.speech import answer, found_problem, remark, tell
from service.desk.decide import Decided, Given, Via
from service.desk.tools import Refused
from service.journey import Office
from service.office.dispatch import EVERYTHING, DispatchState


class SettledTo(Enum):
    """What a doubtful dispatch may become."""

    SENT = "sent"
    READY = "ready"
    CANCELLED = "cancelled"


Day = Annotated[
    str, typer.Option("--on", metavar="日期", help="哪天收到（承诺则为承诺的日期），如 2024-08-28")
]


def assign(
    ctx: typer.Context,
    letter: LetterNumber,
    campaign: Annotated[str, typer.Option("--campaign", metavar="活动", help="是哪个活动的来信")],
    unit: Annotated[str, typer.Option("--unit", metavar="单位", help="是哪个单位的来信")],
    by: By,
    reason: Reason,
    item: Annotated[str, typer.Option("--item", metavar="材料", help="报送的是哪一项；已认出的可不写")] = "",
    learn: Annotated[
        bool, typer.Option("--learn/--no-learn", help="是否记住：以后这个邮箱就代表这个单位")
    ] = True,
) -> None:
    """确认一封来信是哪个单位、哪项材料；之后照常初审、归档、答复。"""
    with seat_of(ctx).open() as office:
        key, who, what = naming.place(office, campaign, unit, item)
        decided = decide.assign(
            office,
            naming.number(letter, "来信"),
            campaign=key,
            unit=who,
            item=what,
            by=by,
            reason=reason,
            now=clock_of(office),
            learn=learn,
        )
    tell(settled(decided))


def senders(ctx: typer.Context, as_json: AsJson = False) -> None:
    """列出经办人确认过、以后凭它认单位的邮箱；认错的用 forget 去掉。"""
    with seat_of(ctx).open() as office:
        known = office.doors.ledger.confirmed_senders()
    if as_json:
        answer([{"address": each.address, "unit": each.unit, "by": each.by} for each in known])
        return
    tell(*(f"{each.address}　{each.unit}　（{each.by}确认）" for each in known))
    if not known:
        tell("还没有确认过通讯录以外的邮箱")


def forget(
    ctx: typer.Context,
    address: Annotated[str, typer.Argument(metavar="邮箱", help="不再代表这个单位的邮箱")],
    unit: Annotated[str, typer.Option("--unit", metavar="单位", help="单位全称，见 senders")],
    by: By,
    reason: Reason,
) -> None:
    """去掉一个记住的邮箱：以后不再凭它认这个单位；已归档的不变。"""
    with seat_of(ctx).open() as office:
        decided = decide.forget(office, address, unit=unit, by=by, reason=reason, now=clock_of(office))
    tell(settled(decided))


def note(ctx: typer.Context, letter: LetterNumber, by: By, reason: Reason) -> None:
    """办结一封待人工或询问的来信：已经处理，不算报送。"""
    with seat_of(ctx).open() as office:
        number = naming.number(letter, "来信")
        decided = decide.note(office, number, by=by, reason=reason, now=clock_of(office))
    tell(settled(decided))


def record(
    ctx: typer.Context,
    on: Day,
    by: By,
    reason: Reason,
    campaign: Annotated[
        str, typer.Argument(metavar="[活动]", help="活动名；有 --scan 时可不写，由方码认出")
    ] = "",
    unit: Annotated[str, typer.Argument(metavar="[单位]", help="单位全称，或不会混淆的一部分")] = "",
    item: Annotated[str, typer.Argument(metavar="[材料]", help="材料的 key 或名称")] = "",
    via: Annotated[
        Via | None,
        typer.Option("--via", metavar="方式", help="paper 纸质、oa、phone 电话、wechat 微信、promise 承诺"),
    ] = None,
    file: Annotated[
        list[Path] | None, typer.Option("--file", metavar="文件", help="一并收到的文件，可写几次")
    ] = None,
    scan: Annotated[
        Path | None,
        typer.Option(
            "--scan", metavar="扫描件", help="纸质件的扫描或照片（PDF、JPG、PNG、TIFF），一叠也行，按方码登记"
        ),
    ] = None,
) -> None:
    """登记不是邮件来的：纸质、OA、电话、微信，或承诺某天报送；有扫描件的按方码登记。"""
    seat = seat_of(ctx)
    if scan is not None:
        if file or via not in (None, Via.PAPER):
            raise Refused("--scan 只用来登记纸质件，不与 --file、其他 --via 同时写")
        _record_scan(seat, scan, (campaign, unit, item), on, by, reason)
        return
    if not (campaign and unit and item) or via is None:
        raise Refused("请写明活动、单位、材料和 --via（怎么收到的）；有扫描件的用 --scan")
    files = [(path.name, seat.tools.read_file(path)) for path in file or ()]
    with seat.open() as office:
        found, who, what = _place(office, campaign, unit, item)
        now = clock_of(office)
        decided = decide.record(
            office, found, who, what, via=via, on=naming.day(on), by=by, reason=reason, now=now, files=files
        )
    tell(settled(decided))


def _record_scan(seat: Seat, path: Path, words: tuple[str, str, str], on: str, by: str, reason: str) -> None:
    """Every pile in a line of its own; what was not recorded on standard error, with status 1."""
    data = seat.tools.read_file(path)
    with seat.open() as office:
        given = _given(office, *words)
        told = decide.record_scan(
            office,
            seat.tools.marks.read(data),
            (path.name, data),
            marks=seat.tools.marks,
            given=given,
            on=naming.day(on),
            by=by,
            reason=reason,
            now=clock_of(office),
        )
    if not any(each.is_done for each in told):
        raise Refused(*(each.say for each in told))
    tell(*(each.say for each in told if each.is_done))
    left = [each.say for each in told if not each.is_done]
    remark(*left)
    found_problem(bool(left))


def _given(office: Office, campaign: str, unit: str, item: str) -> Given:
    if not campaign:
        return Given()
    found = naming.released(office, campaign)
    who = naming.unit(office, found.key, unit) if unit else ""
    return Given(found.key, who, naming.item(found, item) if item else "")


def extend(
    ctx: typer.Context,
    campaign: CampaignName,
    until: Annotated[str, typer.Option("--until", metavar="日期", help="延到哪天（含当日），如 2024-10-15")],
    by: By,
    reason: Reason,
    unit: Annotated[str, typer.Argument(metavar="[单位]", help="单位全称；写了 --group 的不写")] = "",
    item: Annotated[str, typer.Argument(metavar="材料", help="材料的 key 或名称")] = "",
    group: Annotated[str, typer.Option("--group", metavar="组别", help="整组延期，不写单位")] = "",
    granted_by: Annotated[
        str, typer.Option("--granted-by", metavar="姓名", help="谁批准的；不写就是经办人")
    ] = "",
) -> None:
    """给一个单位或一个组的一项材料延期，几点截止不变；催办随之改期。"""
    if bool(group) == bool(item) or not unit:
        raise Refused("请写明活动、单位、材料；整组延期的写 活动 材料 --group 组别，不写单位")
    with seat_of(ctx).open() as office:
        day, now = naming.day(until), clock_of(office)
        if group:
            found = naming.released(office, campaign)
            asked = naming.item(found, unit)  # with no unit before it, the item stands in its place
            decided = decide.extend_group(
                office,
                found.key,
                group,
                asked,
                until=day,
                by=by,
                reason=reason,
                now=now,
                granted_by=granted_by,
            )
        else:
            key, who, what = _place(office, campaign, unit, item)
            decided = decide.extend(
                office, key, who, what, until=day, by=by, reason=reason, now=now, granted_by=granted_by
            )
    tell(settled(decided))


def exempt(
    ctx: typer.Context, campaign: CampaignName, unit: UnitName, item: ItemName, by: By, reason: Reason
) -> None:
    """免报：这个单位的这项材料不用报了。"""
    _on_docket(ctx, campaign, unit, item, by, reason, decide.exempt)


def reopen(
    ctx: typer.Context, campaign: CampaignName, unit: UnitName, item: ItemName, by: By, reason: Reason
) -> None:
    """撤回免报、承诺或误登的报送，重新等待；原来的记录都还在。"""
    _on_docket(ctx, campaign, unit, item, by, reason, decide.reopen)


def settle(
    ctx: typer.Context,
    dispatch: Annotated[str, typer.Argument(metavar="发件", help="发件编号，如 7 或 发件7")],
    to: Annotated[
        SettledTo, typer.Option("--to", metavar="结果", help="sent 已发出、ready 重发、cancelled 不发")
    ],
    by: By,
    reason: Reason,
) -> None:
    """处理存疑、停发或被拒的发件：已发出、重发，或不发。"""
    with seat_of(ctx).open() as office:
        number, state = naming.number(dispatch, "发件"), DispatchState(to.value)
        now = clock_of(office)
        decided = decide.settle_dispatch(office, number, to=state, by=by, reason=reason, now=now)
    tell(settled(decided))


ALL = "全部"


def pause(ctx: typer.Context, campaign: CampaignName, by: By, reason: Reason) -> None:
    """暂停一个活动：通知和催办先不发，回执照发。"""
    with seat_of(ctx).open() as office:
        key = naming.released(office, campaign).key
        decided = decide.pause(office, key, by=by, reason=reason, now=clock_of(office))
    tell(settled(decided))


def resume(
    ctx: typer.Context,
    campaign: Annotated[str, typer.Argument(metavar="活动", help="活动名；恢复备份后停下的，写 全部")],
    by: By,
    reason: Reason,
) -> None:
    """继续一个暂停的活动（desk 里写明为什么暂停）；写“全部”，是整个办公室继续发信。"""
    with seat_of(ctx).open() as office:
        key = EVERYTHING if campaign == ALL else naming.released(office, campaign).key
        decided = decide.resume(office, key, by=by, reason=reason, now=clock_of(office))
    tell(settled(decided))


def try_again(
    ctx: typer.Context,
    stage: Annotated[str, typer.Argument(metavar="环节", help="desk 里写明的环节，如 match")],
    piece: Annotated[str, typer.Argument(metavar="对象", help="desk 里写明的对象，如来信编号 12")],
    by: By,
) -> None:
    """把试了几次没有成功、已搁置的一件事再试一次。"""
    with seat_of(ctx).open() as office:
        if office.policy.person(by) is None:
            raise Refused(f"“{by}”不在 config/office.yaml 的 staff 名单中，请用 --by 写明经办人")
        decided = decide.try_again(office, stage, piece, by=by, now=clock_of(office))
    tell(settled(decided))


def _on_docket(
    ctx: typer.Context,
    campaign: str,
    unit: str,
    item: str,
    by: str,
    reason: str,
    how: Callable[..., Decided],
) -> None:
    with seat_of(ctx).open() as office:
        found, who, what = _place(office, campaign, unit, item)
        now: datetime = clock_of(office)
        decided = how(office, found, who, what, by=by, reason=reason, now=now)
    tell(settled(decided))


def _place(office: Office, campaign: str, unit: str, item: str) -> tuple[str, str, str]:
    found = naming.released(office, campaign)
    return found.key, naming.unit(office, found.key, unit), naming.item(found, item)
