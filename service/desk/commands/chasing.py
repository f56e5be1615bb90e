"""Commands about chasing: remind --preview, strike, unstrike, chased, neutral."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Annotated

import typer
from rich.table import Table

from service.desk import decide, shapes
from service.desk.commands import naming
from service.desk.commands.seat import AsJson, By, CampaignName, Reason, UnitName, clock_of, seat_of, settled
from service.desk.commands.speech import answer, cell, show, tell, titled
from service.desk.decide.word import missing_word
from service.desk.tools import Refused
from service.desk.words import DISPATCH_WORDS
from service.followup.remind import Foreseen, Outlook
from service.journey import Office
from service.office.calendar import CalendarUnknown
from service.office.campaign import Campaign
from service.office.chasing import HOLD_WORDS
from service.office.deadline import day_in_words
from service.office.delivery import CALL_EVENT
from service.office.dispatch import Dispatch, DispatchKind, DispatchState, step_of
from service.office.policy import moment_words

AHEAD_DAYS_MAX = 60
_ITEM = Annotated[str, typer.Argument(metavar="[材料]", help="材料的 key 或名称；不写是这个单位的全部材料")]


def remind(
    ctx: typer.Context,
    campaign: CampaignName,
    preview: Annotated[bool, typer.Option("--preview", help="只看，不发")] = False,
    on: Annotated[str, typer.Option("--on", metavar="日期", help="看哪一天，默认下一个工作日")] = "",
    as_json: AsJson = False,
) -> None:
    """明天催谁：哪些单位会收到催办、催什么、发到哪里；哪些不催，为什么。

    催办由服务按日程自动发出，不能手工发；不想催的用 strike 划去。
    """
    if not preview:
        raise Refused("催办由服务按日程自动发出；看明天催谁，请加 --preview")
    with seat_of(ctx).open() as office:
        facts, now = naming.released(office, campaign), clock_of(office)
        day = _day(office, on, now)
        try:
            outlook = office.remind.outlook(facts.key, day, now)
        except CalendarUnknown as error:
            raise Refused(str(error)) from error
        names = _unit_names(office, facts.key)
        zone = office.policy.zone
    waits = _waits(outlook)
    if as_json:
        answer(
            shapes.foreseen(each, facts.key, day, zone, [key for key, _ in waits]) for each in outlook.rows
        )
        return
    mails = sum(each.at is not None and not each.is_call for each in outlook.rows)
    heading = f"{day_in_words(day)}催办：{facts.title}"
    if outlook.rows:
        show(titled(f"{heading}（邮件催办 {mails} 个单位）", _table(outlook, facts, names, zone)))
    else:
        tell(f"{heading}：没有要催的单位")
    tell(*(say for _, say in waits))


def _day(office: Office, on: str, now: datetime) -> date:
    today = office.policy.local(now).date()
    try:
        day = naming.day(on) if on else office.policy.calendar.add_workdays(today, 1)
    except CalendarUnknown as error:
        raise Refused(str(error)) from error
    if day < today:
        raise Refused(f"{day} 已经过了；以前催过谁，用 huizhi chased 查看")
    if (day - today).days > AHEAD_DAYS_MAX:
        raise Refused(f"最多看到 {AHEAD_DAYS_MAX} 天以后")
    return day


def _waits(outlook: Outlook) -> list[tuple[str, str]]:
    """What holds all of it as things stand now."""
    reasons = (
        (outlook.is_over, "ended", "这个活动已经结束，不再催办"),
        (not outlook.is_workday, "day-off", "这一天不上班，不催办"),
        (outlook.is_paused, "paused", "现在暂停发信：恢复（resume）以前不催办"),
        (outlook.is_blind, "blind", "现在读不到邮箱，来信可能没有收进来：读到以前不催办，见 huizhi desk"),
        (outlook.is_unread, "unread", "有来信还没有读完：读完以前不催办，见 huizhi desk"),
        (outlook.makes_drafts, "drafts", "这个活动的催办先写成草稿，由经办人用 settle 逐封放行"),
    )
    return [(key, say) for holds, key, say in reasons if holds]


def _table(outlook: Outlook, facts: Campaign, names: dict[str, str], zone: tzinfo) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("单位", "材料", "步骤", "何时", "发给", "说明"):
        table.add_column(heading, overflow="fold")
    for each in outlook.rows:
        at = each.at.astimezone(zone).strftime("%H:%M") if each.at else ""
        words = (names.get(each.unit, each.unit), _items(facts, each.items), step_name(each.step), at)
        table.add_row(*(cell(word) for word in (*words, "、".join(each.rcpts), _why(each))))
    return table


def _why(row: Foreseen) -> str:
    if row.why is not None:
        until = f"（到 {row.until}）" if row.until else ""
        return f"不催：{HOLD_WORDS[row.why]}{until}"
    return "打电话催办" if row.is_call else "邮件催办"


def step_name(step: str) -> str:
    """第一次催报, without the day and the marks that tell two of one name apart."""
    return step.partition("@")[0]


def _items(facts: Campaign, keys: tuple[str, ...]) -> str:
    return "、".join(item.name if (item := facts.item(key)) else key for key in keys)


def _unit_names(office: Office, campaign: str) -> dict[str, str]:
    return {each.unit.key: each.unit.name for each in office.doors.ledger.standings(campaign)}


def strike(
    ctx: typer.Context,
    campaign: CampaignName,
    unit: UnitName,
    until: Annotated[
        str, typer.Option("--until", metavar="日期", help="到哪天（含当日）不催，如 2024-10-08")
    ],
    by: By,
    reason: Reason,
    item: _ITEM = "",
) -> None:
    """划去：这个单位到某天为止不催办；该报的仍要报，过了那天照常催。"""
    with seat_of(ctx).open() as office:
        key, who, what = _place(office, campaign, unit, item)
        day, now = naming.day(until), clock_of(office)
        decided = decide.strike(office, key, who, what, until=day, by=by, reason=reason, now=now)
    tell(settled(decided))


def unstrike(
    ctx: typer.Context, campaign: CampaignName, unit: UnitName, by: By, reason: Reason, item: _ITEM = ""
) -> None:
    """取消划去，恢复催办。"""
    with seat_of(ctx).open() as office:
        key, who, what = _place(office, campaign, unit, item)
        decided = decide.unstrike(office, key, who, what, by=by, reason=reason, now=clock_of(office))
    tell(settled(decided))


def _place(office: Office, campaign: str, unit: str, item: str) -> tuple[str, str, str]:
    found = naming.released(office, campaign)
    return found.key, naming.unit(office, found.key, unit), naming.item(found, item) if item else ""


@dataclass(frozen=True, slots=True)
class Chased:
    """One reminder written, or one call that fell due."""

    unit: str
    at: datetime
    step: str
    items: tuple[str, ...]
    mail: Dispatch | None = None


def chased(
    ctx: typer.Context,
    campaign: CampaignName,
    unit: Annotated[str, typer.Argument(metavar="[单位]", help="单位全称，或不会混淆的一部分")] = "",
    as_json: AsJson = False,
) -> None:
    """催过谁：何时、哪一步、催什么、发到哪里、发出了没有。"""
    with seat_of(ctx).open() as office:
        facts = naming.released(office, campaign)
        who = naming.unit(office, facts.key, unit) if unit else None
        rows = sorted(_chased(office, facts.key, who), key=lambda each: each.at)
        names, zone = _unit_names(office, facts.key), office.policy.zone
    if as_json:
        answer(_chased_shape(facts.key, each, zone) for each in rows)
        return
    if not rows:
        tell(f"{facts.title}：还没有催过" + ("这个单位" if who else ""))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("时间", "单位", "步骤", "材料", "发给", "结果"):
        table.add_column(heading, overflow="fold")
    for each in rows:
        words = (moment_words(each.at, zone), names.get(each.unit, each.unit), step_name(each.step))
        to = each.mail.rcpt if each.mail else ""
        result = _result(each.mail) if each.mail else "列入电话催办"
        table.add_row(*(cell(word) for word in (*words, _items(facts, each.items), to, result)))
    show(titled(f"催办记录：{facts.title}", table))


def _chased(office: Office, campaign: str, unit: str | None) -> Iterator[Chased]:
    ledger = office.doors.ledger
    for each in ledger.dispatches(campaign, kinds=(DispatchKind.REMINDER,), unit=unit):
        yield Chased(each.unit, each.sent_at or each.due_at, step_of(each), each.dockets, each)
    for event in ledger.events(campaign=campaign, unit=unit, kind=CALL_EVENT):
        about = dict(event.about)
        items = tuple(filter(None, about.get("items", "").split("、")))
        yield Chased(event.unit, event.at, about.get("step", ""), items)


def _result(mail: Dispatch) -> str:
    word = DISPATCH_WORDS[mail.state]
    told = mail.last_error if mail.state not in (DispatchState.SENT, DispatchState.READY) else ""
    return f"{word}：{told}" if told else word


def _chased_shape(campaign: str, row: Chased, zone: tzinfo) -> shapes.Shape:
    return {
        "campaign": campaign,
        "unit": row.unit,
        "at": row.at.astimezone(zone).replace(microsecond=0).isoformat(),
        "how": "mail" if row.mail else "call",
        "step": step_name(row.step),
        "items": list(row.items),
        "rcpt": row.mail.rcpt if row.mail else None,
        "state": row.mail.state.value if row.mail else None,
        "dispatch": row.mail.id if row.mail else None,
    }


def neutral(
    ctx: typer.Context,
    campaign: CampaignName,
    by: By,
    reason: Reason,
    really: Annotated[bool, typer.Option("--really", help="真的发出；不写只看发给谁")] = False,
) -> None:
    """自愿报送提示：给自愿报送、还没有报的单位各发一封，一个活动只发一次；不催办。"""
    with seat_of(ctx).open() as office:
        facts, now = naming.released(office, campaign), clock_of(office)
        if refused := missing_word(office, by, reason):
            raise Refused(refused)
        try:
            offered = office.remind.neutral(facts.key, by, reason, now, really=really)
        except CalendarUnknown as error:
            raise Refused(str(error)) from error
        names = _unit_names(office, facts.key)
    if offered.why:
        raise Refused(offered.why)
    if really and not offered.is_done:
        raise Refused("台账刚刚有变动，请重新查看后再试")
    tell(*(f"{names.get(unit, unit)}　{_items(facts, items)}　{rcpt}" for unit, rcpt, items in offered.units))
    done = "已放入发件箱，办公时间发出" if really else "还没有发出，加上 --really 才发"
    tell(f"自愿报送提示 {len(offered.units)} 封：{done}")
