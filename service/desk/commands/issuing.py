"""Commands of 发文: lint, draft, proof, release."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from service.desk import shapes
from service.desk.commands.naming import instant, planned
from service.desk.commands.seat import AsJson, CampaignName, Seat, clock_of, seat_of
from service.desk.commands.speech import PROGRAM, answer, found_problem, margin, tell
from service.desk.lint import Linter, try_drafting
from service.desk.tools import PROBLEM_FOUND, Refused
from service.journey import Office
from service.office.approval import short_digest
from service.office.difference import bounded
from service.office.finding import Problem
from service.office.roster import unit_key
from service.outgoing.draft import Drafted
from service.outgoing.proof import Proofed, Wish


def lint(
    ctx: typer.Context,
    what: Annotated[
        str, typer.Argument(metavar="模板.docx或活动", help="一个 Word 模板，或一个活动（文件夹）")
    ],
    as_json: AsJson = False,
) -> None:
    """检查模板或活动，指出每处错误在第几段、怎么改。

    有错误时退出码为 1；只有提示时为 0。
    """
    seat = seat_of(ctx)
    problems = _template_problems(seat, Path(what)) if _is_template(what) else _campaign_problems(seat, what)
    if as_json:
        answer(shapes.lint(each) for each in problems)
    else:
        tell(*_sentences(problems), *([] if problems else [f"{what}：没有发现问题"]))
    found_problem(any(each.is_error for each in problems))


def _is_template(what: str) -> bool:
    return what.lower().endswith((".docx", ".docm", ".dotx", ".doc", ".wps"))


def _template_problems(seat: Seat, path: Path) -> tuple[Problem, ...]:
    """A template that lies in a campaign's folder is tried with that campaign's facts."""
    tools = seat.tools
    folder = path.resolve().parent
    is_in_campaign = folder.parent.name == "templates" and (folder / "campaign.yaml").is_file()
    office = folder.parent.parent if is_in_campaign else seat.folder
    linter = Linter(tools.press, tools.staff_files(office))
    data = tools.read_file(path)
    name = path.name if is_in_campaign else str(path)
    return linter.template(data, name, folder.name if is_in_campaign else "")


def _campaign_problems(seat: Seat, what: str) -> tuple[Problem, ...]:
    folder, key = _place(seat, what)
    linter = Linter(seat.tools.press, seat.tools.staff_files(folder), seat.tools.words(folder))
    problems = linter.campaign(key)
    if any(each.is_error for each in problems):
        return problems
    with seat.tools.scratch_office(folder, seat.now) as office:
        tried = try_drafting(office, key, clock_of(office))
    return tuple(dict.fromkeys((*problems, *(each for each in tried if each.code != "no-file"))))


def _place(seat: Seat, what: str) -> tuple[Path, str]:
    """The office folder and the campaign's key, given a key or the path of a campaign folder."""
    path = Path(what)
    if path.is_dir() and path.resolve().parent.name == "templates":
        return path.resolve().parent.parent, path.resolve().name
    return seat.folder, planned(seat.tools.staff_files(seat.folder).campaigns(), what)


def draft(ctx: typer.Context, campaign: CampaignName) -> None:
    """起草：为每个单位填好通知、表格和信文，存进档案。

    不会发出任何邮件。起草后用 proof 复核。
    """
    with seat_of(ctx).open() as office:
        key = _unreleased(office, campaign)
        drafted = _draft(office, key, clock_of(office))
    tell(*_sentences(drafted.problems))
    if drafted.manifest is None:
        tell("没有起草成：请按上面的提示修改后再试。")
        raise typer.Exit(PROBLEM_FOUND)
    tell(f"已起草 {len(drafted.manifest.planned)} 封。请复核：{PROGRAM} proof {key}")


def _unreleased(office: Office, campaign: str) -> str:
    key = planned(office.doors.staff_files.campaigns(), campaign)
    row = office.doors.ledger.release(key)
    if row is not None:
        day = office.policy.local(row.at).date()
        raise Refused(
            f"“{key}”已由{row.signer}于 {day} 签发，不能再起草或签发；看进展请用 {PROGRAM} status {key}"
        )
    return key


def _draft(office: Office, key: str, now: datetime, at: datetime | None = None) -> Drafted:
    with _bar() as progress:
        task = progress.add_task("起草", total=None)
        return office.draft.whole(
            key, now, lambda done, total: progress.update(task, completed=done, total=total), at
        )


@contextmanager
def _bar() -> Iterator[Progress]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = margin()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield progress


def proof(
    ctx: typer.Context,
    campaign: CampaignName,
    sample: Annotated[
        int, typer.Option("--sample", metavar="几个", min=0, max=300, help="样张抽几个单位；不写则每组第一个")
    ] = 0,
    units: Annotated[
        str, typer.Option("--units", metavar="单位", help="要看哪些单位的样张，用顿号或逗号隔开")
    ] = "",
    at: Annotated[
        str,
        typer.Option("--at", metavar="时刻", help="计划什么时候发出，如 2026-12-01T09:00；不写则签发后即发"),
    ] = "",
    any_hour: Annotated[bool, typer.Option("--any-hour", help="计划时刻可以不在办公时间")] = False,
    mail: Annotated[
        str, typer.Option("--mail", metavar="签发人", help="把校样寄给签发人，请他回信同意或退回")
    ] = "",
    by: Annotated[
        str, typer.Option("--by", metavar="姓名", help="谁送签，用于 --mail；不写则为活动的经办人")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """复核：列出签发前要改的全部问题，并备好校样供人打开看。

    起草以后文件、通讯录、规则有改动的，先重新起草。没有错误时给出校验码和签发办法；
    与上一份校样有哪些不同，也一并列出。
    """
    with seat_of(ctx).open() as office:
        key = _unreleased(office, campaign)
        planned_at = _planned_hour(office, at)
        wish = Wish(sample, _unit_keys(office, units), any_hour)
        proofed = _proof(office, key, planned_at, wish)
        asked = _ask(office, proofed, mail, by) if mail else ""
        signers = [each.name for each in office.policy.signers()]
    if as_json:
        answer([_proof_shape(key, proofed)])
    else:
        tell(*_sentences(proofed.problems), *_changed_words(proofed), f"校样：{proofed.folder}/index.html")
        tell(proofed.pack.timing.words(proofed.pack.policy), *_signing_words(key, proofed, signers))
        tell(*([asked] if asked else []))
    found_problem(not proofed.may_be_signed)


def _planned_hour(office: Office, text: str) -> datetime | None:
    if not text:
        return None
    found = instant(text, "--at")
    return found if found.tzinfo else found.replace(tzinfo=office.policy.zone)


def _unit_keys(office: Office, text: str) -> tuple[str, ...]:
    """Units by full name or an unambiguous part of it."""
    roster = office.doors.staff_files.roster()
    found = []
    for word in re.split(r"[、,，;；]", text):
        if not word.strip():
            continue
        wanted = unit_key(word)
        exact = [each.key for each in roster.units if wanted in (each.key, *map(unit_key, each.short_names))]
        like = exact or [each.key for each in roster.units if wanted in each.key]
        if len(like) != 1:
            raise Refused(f"通讯录里{'没有' if not like else '有几个'}单位叫“{word.strip()}”：请写全称")
        found.append(like[0])
    return tuple(found)


def _ask(office: Office, proofed: Proofed, signer: str, by: str) -> str:
    asker = by or proofed.pack.campaign.clerk
    if office.policy.person(asker) is None:
        raise Refused(f"请用 --by 写明谁送签（“{asker}”不在 config/office.yaml 的 staff 名单中）")
    asked = office.ask_signer.ask(proofed.pack, signer, asker, clock_of(office))
    if not asked.is_done:
        raise Refused(*_sentences(proofed.problems), asked.say, status=PROBLEM_FOUND)
    return f"{asked.say}。邮件由服务发出；服务没有运行的，请启动 {PROGRAM} run"


def _changed_words(proofed: Proofed) -> list[str]:
    changes = proofed.pack.changes
    if changes is None:
        return []
    return [
        "与上一份校样相比：" + ("没有不同" if not changes else ""),
        *(f"  {each}" for each in bounded(changes)),
    ]


def _signing_words(key: str, proofed: Proofed, signers: Sequence[str]) -> list[str]:
    if not proofed.may_be_signed:
        return ["有错误，不能签发：请按上面的提示修改后再复核。"]
    digest = short_digest(proofed.digest)
    signer = signers[0] if len(signers) == 1 else "签发人"
    return [
        f"共 {len(proofed.manifest.planned)} 封，校验码 {digest}。看过校样后签发：",
        f"  {PROGRAM} release {key} --by {signer} --digest {digest}",
        "这一步只说明将发出什么；确认后在末尾加上 --really 再运行一次，才真的签发。",
    ]


def _proof(office: Office, key: str, at: datetime | None, wish: Wish) -> Proofed:
    """Draft anew where anything changed since, then list what is wrong with the draft."""
    now = clock_of(office)
    drafted = office.draft.renewed(key, now, at) or _draft(office, key, now, at)
    if drafted.manifest is None:
        sentences = _sentences(drafted.problems)
        raise Refused(*sentences, "没有起草成：请按上面的提示修改后再复核。", status=PROBLEM_FOUND)
    return office.proof.check(key, now, drafted.problems, wish)


def _proof_shape(key: str, proofed: Proofed) -> shapes.Shape:
    return {
        "campaign": key,
        "may_be_signed": proofed.may_be_signed,
        "digest": proofed.digest if proofed.may_be_signed else None,
        "letters": len(proofed.manifest.planned),
        "folder": proofed.folder,
        "problems": [shapes.lint(each) for each in proofed.problems],
        "changes": None if proofed.pack.changes is None else list(proofed.pack.changes),
        "starts_at": _iso(proofed.manifest.starts_at),
        "last_out_at": _iso(proofed.pack.timing.forecast.last_at),
    }


def _iso(at: datetime | None) -> str | None:
    return at.replace(microsecond=0).isoformat() if at else None


def release(
    ctx: typer.Context,
    campaign: CampaignName,
    by: Annotated[str, typer.Option("--by", metavar="姓名", help="签发人（office.yaml 中 role: signer）")],
    digest: Annotated[
        str, typer.Option("--digest", metavar="校验码", help="proof 给出的校验码（至少前 12 位）")
    ],
    really: Annotated[bool, typer.Option("--really", help="真的签发；不加时只说明将会发出什么")] = False,
    at: Annotated[
        str, typer.Option("--at", metavar="时刻", help="核对计划的发出时刻，须与校样（proof --at）一致")
    ] = "",
) -> None:
    """签发：由签发人签字，把复核过的通知放进待发件。

    复核以后，活动文件、信文模板、通讯录、日程或规则只要有改动，校验码就作废，须重新复核；
    改了什么会逐条说明。计划时刻在复核时用 proof --at 写明，签发后到时才发。
    """
    with seat_of(ctx).open() as office:
        key = _unreleased(office, campaign)
        sources = office.draft.sources_now(key)
        released = office.release.sign(
            key,
            by,
            digest,
            sources.inputs_sha256,
            clock_of(office),
            really=really,
            at=_planned_hour(office, at),
            since=office.proof.since(key, digest.strip().lower(), sources),
        )
    if not released.may_go:
        raise Refused(released.say)
    tell(released.say)
    if released.is_done:
        tell(f"通知由服务陆续发出；服务没有运行的，请启动 {PROGRAM} run。看进展：{PROGRAM} status {key}")


def _sentences(problems: Sequence[Problem]) -> list[str]:
    ordered = sorted(problems, key=lambda each: not each.is_error)
    return [f"{'错误' if each.is_error else '提示'}　{each.sentence()}" for each in ordered]
