"""Commands that read files and need no office: explain, read-form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from service.desk import shapes
from service.desk.commands.naming import CAMPAIGN_FILES, planned
from service.desk.commands.seat import AsJson, Seat, clock_of, seat_of
from service.desk.commands.speech import answer, cell, pairs, remark, show, titled, why_not
from service.desk.explain import Explained, Explainer, Outcome, open_on_trial
from service.desk.tools import WRONG_USE, Refused, Tools
from service.desk.words import KIND_WORDS, THEN_WORDS, flag_words
from service.journey import Office
from service.office.campaign import FormField
from service.office.form import FormReading
from service.office.outcome import DoorError
from service.office.policy import size_words
from service.office.rule import Rulebook

# A screenful; the whole text is in the JSON.
TEXT_SHOWN_MAX = 1000


def explain(
    ctx: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="文件.eml", help="要看的邮件文件，可以有几个")],
    campaign: Annotated[
        str, typer.Option("--campaign", metavar="活动", help="按这个活动判断；还没签发的活动也可以试算")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """解释一封来信是什么、会怎样处理（只看不办）。

    不需要办公文件夹；有正在进行的活动，或用 --campaign 指明活动时，还说明是哪个单位、哪项材料。
    """
    seat = seat_of(ctx)
    failed = False
    with _explainer(seat, campaign) as explainer:
        for file in files:
            try:
                explained = explainer.explain(seat.tools.read_file(file))
            except (OSError, DoorError) as error:
                failed = True
                _cannot_open(file, error, as_json)
                continue
            if as_json:
                answer([explained.shape(str(file))])
            else:
                _show_explained(file, explained)
    _fail_if(failed)


def _cannot_open(file: Path, error: OSError | DoorError, as_json: bool) -> None:
    why = error.why if isinstance(error, DoorError) else why_not(error)
    say = f"无法打开文件 {file}：{why}"
    if as_json:
        answer([shapes.error(str(file), say)])
    else:
        remark(say)


def _fail_if(failed: bool) -> None:
    if failed:
        raise typer.Exit(WRONG_USE)


@contextmanager
def _explainer(seat: Seat, campaign: str) -> Iterator[Explainer]:
    """With the running office behind it, else with a scratch one where a campaign is named, else alone."""
    tools = seat.tools
    with ExitStack() as stack:
        office: Office | None = None
        if tools.has_state(seat.folder):
            running = stack.enter_context(seat.open())
            keys = {row.key for row in running.doors.ledger.campaigns()}
            office = running if keys and (not campaign or campaign in keys) else None
        if office is None and campaign:
            scratch = stack.enter_context(tools.scratch_office(seat.folder, seat.now))
            key = planned(scratch.doors.staff_files.campaigns(), campaign)
            office = open_on_trial(scratch, key, clock_of(scratch))
        own = office.policy.own_addresses if office else tools.policy(seat.folder).own_addresses
        yield Explainer(tools.envelope, rules_of(tools, seat.folder), own, office)


def rules_of(tools: Tools, folder: Path) -> Rulebook:
    """The office's rules, else those that ship; raises Refused where they cannot be read."""
    book, problems = tools.staff_files(tools.rules_folder(folder)).rules()
    errors = [each.sentence() for each in problems if each.is_error]
    if errors:
        raise Refused(*errors)
    return book


def _show_explained(file: Path, explained: Explained) -> None:
    facts, verdict, outcome = explained.facts, explained.verdict, explained.outcome
    table = pairs()
    table.add_row("来自", cell(f"{facts.sender_name} {facts.sender or '（没有寄件人）'}".strip()))
    table.add_row("主题", cell(facts.subject or "（无主题）"))
    table.add_row("性质", f"{KIND_WORDS[verdict.kind]}：{'；'.join(verdict.why)}")
    for each in verdict.recipients:
        table.add_row("未送达", cell(f"{each.address} {each.status} {each.text}"))
    for part in facts.parts:
        table.add_row("附件", cell(f"{part.name}（{size_words(part.size)}）{flag_words(part)}"))
    for link in facts.links:
        table.add_row("链接", cell(f"{link.name or link.provider} {link.size}"))
    table.add_row("正文", cell(facts.reply_text.strip()[:TEXT_SHOWN_MAX]))
    _add_outcome(table, outcome)
    show(titled(str(file), table))


def _add_outcome(table: Table, outcome: Outcome) -> None:
    matched = outcome.matched
    if matched is not None:
        surely = "确定" if matched.is_certain else f"不确定：{matched.doubt or '没有报送材料'}"
        whose = f"{matched.unit or '看不出单位'}（{matched.campaign or '看不出活动'}）"
        table.add_row("登记", cell(f"{whose}，{surely}"))
        table.add_row("依据", cell("；".join(matched.hits) or "没有"))
        table.add_row("材料", "、".join(dict.fromkeys(each.item for each in matched.assignments)) or "没有")
    for finding in outcome.findings or ():
        table.add_row("意见", cell(finding.say))
    if outcome.then is not None:
        answers = "会发回执" if outcome.acknowledge else "不发回执"
        table.add_row("处理", f"{THEN_WORDS.get(outcome.then, outcome.then)}，{answers}")


def read_form(
    ctx: typer.Context,
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="文件",
            help="收回的登记表：.docx .doc .wps .odt .rtf .pdf .xlsx，或扫描件、照片，可以有几个",
        ),
    ],
    form: Annotated[
        Path | None, typer.Option("--form", metavar="模板.docx", help="发出去的空白表，用来认出各栏")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """读出收回的登记表里的编号和各栏内容。"""
    tools = seat_of(ctx).tools
    fields = _fields_of(tools, form) if form else ()
    failed = False
    for file in files:
        try:
            data = tools.read_file(file)
        except OSError as error:
            failed = True
            _cannot_open(file, error, as_json)
            continue
        reading = tools.forms.read(data, file.name, fields)
        if as_json:
            answer([shapes.read_form(str(file), reading)])
        else:
            _show_form(file, reading)
    _fail_if(failed)


def _fields_of(tools: Tools, form: Path) -> Sequence[FormField]:
    """The questions of a form as it was sent out; one that lies in a campaign's folder is known better."""
    folder = form.resolve().parent
    if folder.parent.name == "templates" and any((folder / each).is_file() for each in CAMPAIGN_FILES):
        campaign = tools.staff_files(folder.parent.parent).campaign(folder.name).campaign
        for item in campaign.items if campaign else ():
            if item.form_template == form.name and item.fields:
                return item.fields
    return tools.form_fields(tools.read_file(form))


def _show_form(file: Path, reading: FormReading) -> None:
    table = pairs()
    several = "几处不一致：" + "、".join(reading.codes) if reading.codes else "没有"
    table.add_row("编号", reading.code or several)
    for each in reading.fields:
        table.add_row(cell(each.label), cell(each.value))
    if reading.flags:
        table.add_row("注意", "、".join(reading.flags))
    show(titled(str(file), table))
