"""new — a campaign's folder, from answers or a page of facts; and its two files brought into agreement."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from service.desk.commands.naming import planned
from service.desk.commands.seat import Seat, seat_of
from service.desk.commands.speech import PROGRAM, tell
from service.desk.interview import Interview
from service.desk.tools import NewCampaign, Refused

_FOLDER_NAME = re.compile(r"\w[\w-]{0,63}")
_FORMATS = {"文件": False, "信函": True}
_TWINS = {"yaml": "campaign.yaml", "xlsx": "活动.xlsx"}
# What somebody types who has not read the help.
_TWINS |= {name: name for name in _TWINS.values()}


def new(
    ctx: typer.Context,
    campaign: Annotated[str, typer.Argument(metavar="活动", help="活动的文件夹名，如 2025-quality-month")],
    facts: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="facts.yaml", help="写好的活动内容（写法同 campaign.yaml，能省的都可省）"
        ),
    ] = None,
    layout: Annotated[
        str, typer.Option("--format", metavar="文件|信函", help="公文格式；不写时照活动内容，默认文件格式")
    ] = "",
    body: Annotated[
        Path | None,
        typer.Option("--body", metavar="正文.txt", help="通知正文，一段一行；“一、”“（一）”开头的排成标题"),
    ] = None,
    is_fresh: Annotated[
        bool, typer.Option("--fresh", help="旁边已有的 Word 文件不带过来，全部重新排版")
    ] = False,
    is_sync: Annotated[
        bool, typer.Option("--sync", help="不新建：让已有活动的 campaign.yaml 和 活动.xlsx 一致")
    ] = False,
    keep: Annotated[
        str, typer.Option("--keep", metavar="yaml|xlsx", help="与 --sync 同用：以哪一份为准")
    ] = "",
) -> None:
    """新建活动：写出 campaign.yaml 和 活动.xlsx，并按公文格式排好通知、要求和登记表。

    不加 --from 时逐项提问。已有的文件夹不会覆盖；没有写成的，什么也不留下。
    """
    seat = seat_of(ctx)
    if not _FOLDER_NAME.fullmatch(campaign):
        say = "活动文件夹的名称只能用汉字、字母、数字、“-”和“_”，最多 64 个字"
        raise Refused(f"{say}，现在写的是“{campaign}”")
    if is_sync or keep:
        _settle(seat, campaign, keep)
        return
    if layout and layout not in _FORMATS:
        raise Refused(f"--format 只能写 文件 或 信函，现在写的是“{layout}”")
    is_letter = _FORMATS.get(layout)
    text = seat.tools.read_file(body) if body else None
    policy = seat.tools.policy(seat.folder)
    if facts is not None:
        page = seat.tools.read_file(facts)
        said = NewCampaign(
            page,
            str(facts),
            policy.office_name,
            is_letter=is_letter,
            is_fresh=is_fresh,
            beside=facts.parent,
            body=text,
        )
    else:
        if (seat.folder / "templates" / campaign).exists():
            raise Refused(f"templates/{campaign} 已经有了：请换一个活动名，或直接修改它")
        roster = seat.tools.staff_files(seat.folder).roster()
        page = Interview(roster, policy.office_name, policy.sender, is_letter).page()
        said = NewCampaign(page, "刚才的回答", policy.office_name, is_asked=True, body=text)
    _found(seat, campaign, said)


def _found(seat: Seat, campaign: str, said: NewCampaign) -> None:
    made = seat.tools.found_campaign(seat.folder, campaign, said)
    if made.folder is None:
        raise Refused(*(each.sentence() for each in made.problems if each.is_error))
    tell(f"已新建 {made.folder}：{'、'.join(made.files)}")
    tell(*(each.sentence() for each in made.problems))
    tell(
        "下一步：",
        "  1. 用 Word 或 WPS 打开 notice.docx，把“（请在这里……）”换成通知自己的话；"
        "{{ … }} 是程序填写的，不要改",
        "  2. 改事实（期限、组别、联系人……）只改 campaign.yaml 或 活动.xlsx 中的一份，再运行："
        f" {PROGRAM} new {campaign} --sync --keep yaml（或 xlsx）",
        f"  3. 检查：{PROGRAM} lint {campaign}",
        f"  4. 出校样：{PROGRAM} proof {campaign}，看过再签发：{PROGRAM} release {campaign}",
        "信文（通知、回执、催办等邮件）用 templates/letters 里的；本活动要不同的说法，"
        "把那一个文件复制到活动文件夹再改",
    )


def _settle(seat: Seat, text: str, keep: str) -> None:
    if keep not in _TWINS:
        raise Refused(
            f"请写明以哪一份为准：{PROGRAM} new {text} --sync --keep yaml（以 campaign.yaml 为准）"
            "或 --keep xlsx（以 活动.xlsx 为准）"
        )
    campaign = planned(seat.tools.staff_files(seat.folder).campaigns(), text)
    settled = seat.tools.settle_twins(seat.folder, campaign, _TWINS[keep])
    if settled.written is not None:
        tell(f"已按 {_TWINS[keep]} 写好 {settled.written}")
        tell(f"下一步：{PROGRAM} lint {campaign}；已经出过校样的要重新 proof 和 release")
    elif settled.problems:
        raise Refused(*(each.sentence() for each in settled.problems))
    else:
        tell("两份内容一致，没有改动")
