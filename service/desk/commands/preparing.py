"""Commands that make an office ready: init, doctor, new, and health's help."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from service.desk import shapes
from service.desk.commands.naming import day
from service.desk.commands.seat import AsJson, Seat, seat_of
from service.desk.commands.speech import PROGRAM, answer, found_problem, margin, show, tell
from service.desk.doctor import examine
from service.desk.shapes import Check
from service.desk.tables import check_list
from service.desk.tools import Refused
from service.office.campaign import Campaign
from service.office.needs.staff_files import CampaignReading

_FOLDER_NAME = re.compile(r"\w[\w-]{0,63}")
CAMPAIGN_FILE = "campaign.yaml"
NOTICE_FILE = "notice.docx"


def init(
    ctx: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[文件夹]", help="在哪里建立（默认当前文件夹，或 --office 指定的）"),
    ] = None,
) -> None:
    """建立办公文件夹：设置样例、模板、识别规则、交换文件夹和编号密钥。

    已有的文件一个也不会改动，可以放心重复运行。
    """
    seat = seat_of(ctx)
    target = folder or seat.folder
    made = seat.tools.make_office(target)
    tell(*(f"  {each}" for each in made))
    tell(f"办公文件夹 {target} 已就绪" + (f"，新建了 {len(made)} 项。" if made else "，没有缺什么。"))
    if made:
        tell(f"下一步：改好 config/office.yaml 和 config/units.xlsx，放好密码，再运行 {PROGRAM} doctor")


def doctor(ctx: typer.Context, as_json: AsJson = False) -> None:
    """体检：程序、设置、通讯录、活动、规则、日历、磁盘、收发信，逐项检查。

    有问题时退出码为 1，每一项都说明怎么办。
    """
    seat = seat_of(ctx)
    checks: list[Check] = []
    console = margin()
    with console.status("正在检查……") if console.is_terminal else nullcontext():
        for each in examine(seat.tools.surroundings(seat.folder), seat.tools.staff_files(seat.folder)):
            checks.append(each)
            if as_json:
                answer([shapes.doctor(each)])
    if not as_json:
        show(check_list(checks))
    found_problem(not all(each.is_ok for each in checks))


def health(ctx: typer.Context, as_json: AsJson = False) -> None:
    """服务是否正常运行（看心跳，供容器使用）；不正常时退出码为 1。"""
    alive, say = seat_of(ctx).tools.feel_pulse(seat_of(ctx).folder)
    if as_json:
        answer([shapes.doctor(Check("heartbeat", alive, say))])
    else:
        tell(say)
    found_problem(not alive)


def new(
    ctx: typer.Context,
    campaign: Annotated[str, typer.Argument(metavar="活动", help="新活动的文件夹名，如 2025-quality-month")],
    facts: Annotated[
        Path | None,
        typer.Option("--from", metavar="facts.yaml", help="写好的活动内容（写法同 campaign.yaml）"),
    ] = None,
) -> None:
    """新建活动：写出 campaign.yaml，并排好通知和登记表的 Word 模板。

    不加 --from 时逐项提问。排好的通知是标准公文格式，正文请用 Word 补充。
    """
    seat = seat_of(ctx)
    if not _FOLDER_NAME.fullmatch(campaign):
        say = "活动文件夹的名称只能用汉字、字母、数字、“-”和“_”，最多 64 个字"
        raise Refused(f"{say}，现在写的是“{campaign}”")
    beside: dict[str, bytes] = {}
    if facts is None:
        text = _ask(seat)
    else:
        text = _as_utf8(seat.tools.read_file(facts))
        beside = _files_beside(seat, facts, _read(seat, campaign, {CAMPAIGN_FILE: text}))
    files = {CAMPAIGN_FILE: text, **beside}
    reading = _read(seat, campaign, files)
    if reading.campaign is not None and not reading.campaign.attachments:
        files[CAMPAIGN_FILE] = text.rstrip() + _attachments(reading.campaign).encode()
        reading = _read(seat, campaign, files)
    if reading.campaign is None:
        raise Refused(*(each.sentence() for each in reading.problems))
    blanks = seat.tools.blanks(reading.campaign)
    files |= {name: data for name, data in blanks.items() if name not in files}
    folder = seat.tools.add_campaign(seat.folder, campaign, files)
    tell(f"已新建 {folder}：{'、'.join(sorted(files))}")
    tell(*(each.sentence() for each in _read(seat, campaign, files).problems))
    tell(f"下一步：用 Word 补充 {NOTICE_FILE} 的正文，再运行 {PROGRAM} lint {campaign}")


def _addressees(groups: Sequence[str]) -> str:
    """各区局、各机构; a group that is already called 各… keeps its name."""
    return "、".join(each if each.startswith("各") else f"各{each}" for each in groups)


def _as_utf8(data: bytes) -> bytes:
    # Older editors of Windows save as “ANSI”, which here is GBK; what is appended must not mix with it.
    try:
        return data.decode("utf-8-sig").encode()
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace").encode()


def _read(seat: Seat, campaign: str, files: dict[str, bytes]) -> CampaignReading:
    return seat.tools.read_campaign(seat.folder, campaign, files)


def _files_beside(seat: Seat, facts: Path, reading: CampaignReading) -> dict[str, bytes]:
    """What the facts name and what lies beside them is taken along; the rest is laid out anew."""
    names = [each.file for each in reading.campaign.attachments] if reading.campaign else []
    found = [name for name in names if "/" not in name and (facts.parent / name).is_file()]
    return {name: seat.tools.read_file(facts.parent / name) for name in found}


def _attachments(campaign: Campaign) -> str:
    """The notice, and the form of every item that names one."""
    rows = [f"  - {{file: {NOTICE_FILE}, title: {_quoted(campaign.title)}, notice: true}}"]
    rows += [
        f"  - {{file: {_quoted(item.form_template)}, title: {_quoted(item.name)}, item: {item.key}}}"
        for item in campaign.items
        if item.form_template
    ]
    return "\n".join(["", "attachments:", *rows, ""])


def _ask(seat: Seat) -> bytes:
    """The least a campaign needs, asked one by one."""
    policy, roster = seat.tools.policy(seat.folder), seat.tools.staff_files(seat.folder).roster()
    groups = list(dict.fromkeys(group for each in roster.units for group in each.groups))
    issuer = typer.prompt("发文机关", default=policy.office_name)
    title = typer.prompt("通知标题（如：关于报送……的通知）")
    number = typer.prompt("发文字号（没有就直接回车）", default="", show_default=False)
    asked = typer.prompt(f"发给哪些组别，用顿号隔开（通讯录里有：{'、'.join(groups) or '还没有'}）")
    addressed = [each.strip() for each in asked.replace("，", "、").replace(",", "、").split("、")]
    item = typer.prompt("要报送什么材料（如：活动总结）")
    due = day(typer.prompt("截止日期（如 2025-09-28）"))
    carries = typer.confirm("遇休息日顺延到下一个工作日？", default=True)
    name, phone = typer.prompt("联系人姓名"), typer.prompt("联系电话")
    contact = f"name: {_quoted(name)}, phone: {_quoted(phone)}, address_as_printed: {_quoted(policy.sender)}"
    lines = [
        f"# 由 {PROGRAM} new 建立；各项写法见 templates/README.md，改好后运行 {PROGRAM} lint 检查。",
        f"issuer: {_quoted(issuer)}",
        f"title: {_quoted(title)}",
        *([f"doc_number: {_quoted(number)}"] if number else []),
        f"addressees: {_quoted(_addressees(addressed))}",
        f"groups: {_quoted(addressed)}",
        "contacts:",
        f"  - {{{contact}}}",
        "items:",
        "  - key: summary",
        f"    name: {_quoted(item)}",
        "    kind: summary",
        f"    due: {{on: {due}, carries_over: {'true' if carries else 'false'}}}",
        "    obligation: required",
    ]
    return "\n".join([*lines, ""]).encode()


def _quoted(value: str | Sequence[str]) -> str:
    # JSON is YAML too, whatever signs staff type.
    return json.dumps(value, ensure_ascii=False)
