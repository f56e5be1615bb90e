"""Commands after a release: reissue, supplement, correct, withdraw; shown, signed, sent with --really."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from service.desk.commands import naming
from service.desk.commands.seat import AsJson, CampaignName, Reason, Seat, clock_of, seat_of
from service.desk.commands.speech import PROGRAM, answer, found_problem, tell
from service.desk.tools import Refused
from service.journey import Office
from service.office.approval import short_digest
from service.office.policy import StaffRole
from service.office.roster import unit_key
from service.outgoing.amend import Correct, Order, Prepared, Reissue, Supplement, Withdraw

Signer = Annotated[str, typer.Option("--by", metavar="姓名", help="签发人；不写时只出校样")]
Digest = Annotated[str, typer.Option("--digest", metavar="校验码", help="校样给出的校验码（至少前 12 位）")]
Really = Annotated[bool, typer.Option("--really", help="真的签发；不加时只说明将会发出什么")]
Files = Annotated[
    list[Path] | None, typer.Option("--docx", metavar="文件", help="随信附上的文件，原样发出，可写几次")
]
TEXT_BYTES_MAX = 200_000


def reissue(
    ctx: typer.Context,
    campaign: CampaignName,
    units: Annotated[str, typer.Option("--units", metavar="单位", help="补发给哪些单位，逗号分开")] = "",
    by: Signer = "",
    digest: Digest = "",
    really: Really = False,
    as_json: AsJson = False,
) -> None:
    """补发：给后来加进通讯录的单位，或邮箱改过的单位；收过的不会再收一次。

    不写 --units 时，补发给通讯录里所有还没有发过的。
    """
    seat = seat_of(ctx)
    with seat.open() as office:
        key = naming.released(office, campaign).key
        wanted = listed(units)
        chosen = tuple(_unit(office, key, each) for each in wanted) if wanted else _news(office, key)
        carry_out(office, Reissue(key, chosen), f"--units {','.join(chosen)}", by, digest, really, as_json)


def supplement(
    ctx: typer.Context,
    campaign: CampaignName,
    groups: Annotated[
        str, typer.Option("--groups", metavar="组别", help="告知哪些组别，逗号分开；不写为全部")
    ] = "",
    units: Annotated[str, typer.Option("--units", metavar="单位", help="只告知这些单位，逗号分开")] = "",
    docx: Files = None,
    text: Annotated[
        Path | None, typer.Option("--text", metavar="文件", help="补充的话，一个 UTF-8 文本文件")
    ] = None,
    by: Signer = "",
    digest: Digest = "",
    really: Really = False,
    as_json: AsJson = False,
) -> None:
    """补充通知：告知收到过通知的单位，不要求回复，不改台账。"""
    seat = seat_of(ctx)
    files, message = _files(seat, docx), _text(seat, text)
    with seat.open() as office:
        key = naming.released(office, campaign).key
        chosen = tuple(_unit(office, key, each) for each in listed(units))
        order = Supplement(key, message, files, tuple(listed(groups)), chosen)
        given = [f"--groups {groups}"] if groups else []
        given += [f"--units {','.join(chosen)}"] if chosen else []
        given += [f"--text {text}"] if text else []
        carry_out(office, order, " ".join([*given, *_named(docx)]), by, digest, really, as_json)


def correct(
    ctx: typer.Context,
    campaign: CampaignName,
    reason: Reason,
    docx: Files = None,
    affected: Annotated[
        bool, typer.Option("--affected", help="只告知要求有变化的单位；不加时告知全部单位")
    ] = False,
    by: Signer = "",
    digest: Digest = "",
    really: Really = False,
    as_json: AsJson = False,
) -> None:
    """更正：改好活动文件以后，告知各单位，期限、催办和台账随之更改。

    还没有发出的原通知不再发，改发更正后的；已报的保留，批过的延期取较晚的一天；去掉的材料改为免报。
    """
    seat = seat_of(ctx)
    files = _files(seat, docx)
    with seat.open() as office:
        key = naming.released(office, campaign).key
        order = Correct(key, reason, files, affected)
        given = [f"--reason {quoted(reason)}", *_named(docx), *(["--affected"] if affected else [])]
        carry_out(office, order, " ".join(given), by, digest, really, as_json)


def withdraw(
    ctx: typer.Context,
    campaign: CampaignName,
    reason: Reason,
    docx: Files = None,
    by: Signer = "",
    digest: Digest = "",
    really: Really = False,
    as_json: AsJson = False,
) -> None:
    """撤回：整份通知作废，告知收到过的单位；还没有发出的不再发，不再催办。"""
    seat = seat_of(ctx)
    files = _files(seat, docx)
    with seat.open() as office:
        key = naming.released(office, campaign).key
        given = " ".join([f"--reason {quoted(reason)}", *_named(docx)])
        carry_out(office, Withdraw(key, reason, files), given, by, digest, really, as_json)


def carry_out(
    office: Office, order: Order, given: str, by: str, digest: str, really: bool, as_json: bool
) -> None:
    """Without --by the proof and how to sign it; with it the yes, carried out with --really."""
    now = clock_of(office)
    if by or digest or really:
        if not by or not digest:
            raise Refused("签发要写明签发人和校验码：--by 姓名 --digest 校验码（不写这两项时只出校样）")
        amended = office.amend.sign(order, by, digest, now, really=really)
        if not amended.may_go:
            raise Refused(amended.say)
        tell(amended.say)
        if amended.is_done:
            tell(f"由服务陆续发出；看进展：{PROGRAM} status {order.campaign}")
        return
    prepared = office.amend.prepare(order, now)
    if prepared.refusal:
        raise Refused(prepared.refusal)
    if as_json:
        answer([_shape(order, prepared)])
    else:
        signers = [each.name for each in office.policy.staff if each.role is StaffRole.SIGNER]
        _tell(order, prepared, given, signers[0] if len(signers) == 1 else "签发人")
    found_problem(not prepared.may_be_signed)


def _tell(order: Order, prepared: Prepared, given: str, signer: str) -> None:
    tell(f"{prepared.say}", *(f"　{each}" for each in prepared.lines))
    for each in sorted(prepared.problems, key=lambda problem: not problem.is_error):
        tell(f"{'错误' if each.is_error else '提示'}　{each.sentence()}")
    tell(f"校样：{prepared.folder}/校样.txt")
    if not prepared.may_be_signed:
        tell("有错误，不能签发：请按上面的提示修改后再试。")
        return
    word = type(order).__name__.lower()
    words = " ".join(filter(None, (PROGRAM, word, order.campaign, given)))
    tell(
        "看过校样后签发：",
        f"  {words} --by {signer} --digest {short_digest(prepared.digest)}",
        "这一步只说明将发出什么；确认后在末尾加上 --really 再运行一次，才真的签发。",
    )


def _shape(order: Order, prepared: Prepared) -> dict[str, object]:
    return {
        "campaign": order.campaign,
        "act": type(order).__name__.lower(),
        "may_be_signed": prepared.may_be_signed,
        "digest": prepared.digest if prepared.may_be_signed else None,
        "folder": prepared.folder,
        "say": prepared.say,
        "lines": list(prepared.lines),
        "problems": [each.sentence() for each in prepared.problems],
    }


def listed(text: str) -> list[str]:
    """甲,乙、丙 as three words."""
    for mark in ("，", "、", "；", ";"):
        text = text.replace(mark, ",")
    return [each.strip() for each in text.split(",") if each.strip()]


def _unit(office: Office, campaign: str, text: str) -> str:
    """A unit of the campaign, or one that stands on the roster by now."""
    on_roster = office.doors.staff_files.roster().unit(unit_key(text))
    return on_roster.key if on_roster else naming.unit(office, campaign, text, may_be_new=True)


def _news(office: Office, campaign: str) -> tuple[str, ...]:
    news = office.amend.news(campaign)
    if not news.units:
        raise Refused("通讯录里没有还没发过通知的单位，也没有改过的邮箱；要补发别的单位，请用 --units 写明")
    return news.units


def _files(seat: Seat, paths: Sequence[Path] | None) -> tuple[tuple[str, bytes], ...]:
    return tuple((path.name, seat.tools.read_file(path)) for path in paths or ())


def _text(seat: Seat, path: Path | None) -> str:
    if path is None:
        return ""
    data = seat.tools.read_file(path)
    if len(data) > TEXT_BYTES_MAX:
        raise Refused(f"{path} 太长（超过 {TEXT_BYTES_MAX // 1000} KB）：长的内容请放进 --docx 附件")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(f"{path} 不是 UTF-8 编码，请用记事本另存为 UTF-8") from None


def _named(paths: Sequence[Path] | None) -> list[str]:
    return [f"--docx {quoted(str(path))}" for path in paths or ()]


def quoted(text: str) -> str:
    """A word of a command, as a shell takes it."""
    return (
        text if text.replace("_", "").replace("-", "").isalnum() else "'" + text.replace("'", "'\\''") + "'"
    )
