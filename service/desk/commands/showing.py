"""The command show: one letter with its parts, or one unit with everything about it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group, RenderableType

from service.desk import shapes
from service.desk.commands import naming
from service.desk.commands.dispatches import show_dispatch
from service.desk.commands.seat import AsJson, Seat, clock_of, seat_of
from service.desk.commands.speech import answer, cell, pairs, tell, titled
from service.desk.commands.speech import show as put
from service.desk.rungs import rung_lines
from service.desk.tools import Refused
from service.desk.words import DISPATCH_WORDS, KIND_WORDS, STAGE_WORDS, flag_words
from service.followup.report.sources import SENT_WORDS
from service.journey import Office
from service.office.campaign import Obligation
from service.office.dispatch import Dispatch
from service.office.docket import STATE_WORDS as DOCKET_WORDS
from service.office.frozen import open_campaign
from service.office.keeping import GONE
from service.office.letter import Letter, LetterFacts, Stage, Verdict
from service.office.policy import moment_words, size_words
from service.office.record import from_bytes
from service.office.tally import OBLIGATION_WORDS

LETTERS_MAX = 100_000
_SEALED = "来信带有密级标志，已封存：这里不显示内容，也不写出文件，请按保密规定处理"


def show(
    ctx: typer.Context,
    what: Annotated[
        str, typer.Argument(metavar="来信、发件或单位", help="来信编号（12 或 来信12），发件 7，或单位名称")
    ],
    number: Annotated[str, typer.Argument(metavar="[编号]", help="写了“发件”或“来信”时，它的编号")] = "",
    campaign: Annotated[str, typer.Option("--campaign", metavar="活动", help="看单位时，只看这个活动")] = "",
    files: Annotated[
        Path | None, typer.Option("--files", metavar="文件夹", help="把来信的原件和附件写到这个文件夹")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """看一封来信（内容、附件、办到哪一步）、一件发件（草稿的全文），或一个单位（报送、来信、发件）。"""
    seat = seat_of(ctx)
    what += number
    with seat.open() as office:
        if what.startswith("发件") and naming.is_number(what, "发件"):
            show_dispatch(office, naming.number(what, "发件"), as_json)
        elif naming.is_number(what, "来信"):
            row = office.doors.ledger.letter(naming.number(what, "来信"))
            if row is None:
                raise Refused(f"没有编号为 {what} 的来信")
            _show_letter(seat, office, row, files, as_json)
        else:
            _show_unit(office, what, campaign, as_json)


def _show_letter(seat: Seat, office: Office, row: Letter, files: Path | None, as_json: bool) -> None:
    if row.stage is Stage.REFUSED or row.keeping in GONE:
        if files is not None:
            raise Refused(_why_sealed(row))
        if as_json:
            answer([_sealed_shape(row)])
        else:
            put(_sealed_words(office, row))
        return
    facts = from_bytes(LetterFacts, office.doors.archive.get(row.facts_sha256))
    if as_json:
        answer([_letter_shape(office, row, facts)])
    else:
        put(_letter_words(office, row, facts))
    if files is not None:
        written = list(_write_parts(seat, office, row, facts, files))
        if not as_json:
            tell(f"已写出 {len(written)} 个文件到 {files}")


def _write_parts(seat: Seat, office: Office, row: Letter, facts: LetterFacts, folder: Path) -> Iterator[str]:
    """The letter as it came, and each part under its own safe name."""
    taken: set[str] = set()
    named = [(f"来信{row.id}.eml", row.raw_sha256), *((part.name, part.sha256) for part in facts.parts)]
    for name, sha256 in named:
        free, number = name, 1
        while free.lower() in taken:
            number += 1
            stem, dot, suffix = name.rpartition(".")
            free = f"{stem}（{number}）.{suffix}" if dot else f"{name}（{number}）"
        taken.add(free.lower())
        seat.tools.write_file(folder / free, office.doors.archive.get(sha256))
        yield free


def _letter_shape(office: Office, row: Letter, facts: LetterFacts) -> shapes.Shape:
    """The keys of `explain`, and where the letter stands."""
    verdict = Verdict(row.kind, ()) if row.kind else None
    explained = (
        shapes.explain(f"来信{row.id}.eml", facts, verdict, findings=office.doors.ledger.findings(row.id))
        if verdict
        else {"sha256": row.raw_sha256, "subject": facts.subject}
    )
    left_out = {"file", "why", "match", "then", "acknowledge"}
    return {**_sealed_shape(row), **{key: value for key, value in explained.items() if key not in left_out}}


def _sealed_shape(row: Letter) -> shapes.Shape:
    return {
        "letter": str(row.id),
        "stage": row.stage.value,
        "received_at": row.received_at.isoformat(),
        "via": row.arrived_via,
        "campaign": row.campaign,
        "unit": row.unit,
        "outcome": row.outcome or None,
    }


def _why_sealed(row: Letter) -> str:
    match row.keeping:
        case "purged":
            return f"密级来信，已由两人销毁，只留登记（SHA-256 {row.raw_sha256}）"
        case "let-go":
            return f"不属于任何活动的来信，已过保存期限，原件已清理（SHA-256 {row.raw_sha256}）"
        case _:
            return _SEALED


def _sealed_words(office: Office, row: Letter) -> RenderableType:
    table = pairs()
    table.add_row("收到", f"{moment_words(row.received_at, office.policy.zone)}，{row.arrived_via}")
    table.add_row("办到", _why_sealed(row))
    return titled(f"来信 {row.id}", table)


def _letter_words(office: Office, row: Letter, facts: LetterFacts) -> RenderableType:
    table = pairs()
    table.add_row("来自", cell(f"{facts.sender_name} {row.sender or '（没有寄件人）'}".strip()))
    table.add_row("收到", f"{moment_words(row.received_at, office.policy.zone)}，{row.arrived_via}")
    table.add_row("性质", KIND_WORDS[row.kind] if row.kind else "还没有分拣")
    table.add_row("单位", cell(f"{row.unit or '（还不知道）'}（{row.campaign or '还不知道是哪个活动'}）"))
    table.add_row("办到", cell("：".join(filter(None, (STAGE_WORDS[row.stage], row.outcome)))))
    for number, part in enumerate(facts.parts, start=1):
        about = f"（{size_words(part.size)}，SHA-256 {part.sha256[:16]}…）"
        # By these numbers `split` gives them to units.
        table.add_row(f"附件 {number}", cell(f"{part.name}{about}{flag_words(part)}"))
    for link in facts.links:
        table.add_row("链接", cell(f"{link.name or link.provider} {link.size} {link.url}"))
    for finding in office.doors.ledger.findings(row.id):
        table.add_row("意见", cell(finding.say))
    table.add_row("正文", cell(facts.reply_text.strip() or facts.text.strip() or "（没有文字）"))
    return titled(f"来信 {row.id}《{row.subject or '无主题'}》", table)


def _show_unit(office: Office, what: str, campaign: str, as_json: bool) -> None:
    ledger = office.doors.ledger
    keys = [naming.released(office, campaign).key] if campaign else [row.key for row in ledger.campaigns()]
    if not keys:
        raise Refused("还没有已签发的活动")
    found = [(key, unit) for key in keys if (unit := _unit_or_none(office, key, what, len(keys))) is not None]
    if not found:
        raise Refused(f"已签发的活动里都没有“{what}”：请写单位全称，或来信编号")
    if as_json:
        now, zone = clock_of(office), office.policy.zone
        answer(shapes.status(each, now, zone) for key, unit in found for each in ledger.dockets(key, unit))
        return
    put(Group(*(_unit_tables(office, key, unit) for key, unit in found)))


def _unit_or_none(office: Office, campaign: str, text: str, campaigns: int) -> str | None:
    """With several campaigns, a unit need not be in each of them; an ambiguous name is still refused."""
    try:
        return naming.unit(office, campaign, text)
    except Refused as error:
        if campaigns == 1 or "不止一个" in str(error):
            raise
        return None


def _unit_tables(office: Office, key: str, unit: str) -> RenderableType:
    ledger, zone = office.doors.ledger, office.policy.zone
    facts = open_campaign(key, ledger, office.doors.archive)
    names = {each.key: each.name for each in facts.items} if facts else {}
    standing = ledger.standing(key, unit)
    table = pairs()
    if standing is not None:
        table.add_row("编号", standing.code)
        for contact in standing.unit.contacts:
            addresses = "、".join(str(each) for each in contact.addresses)
            table.add_row("联系人", f"{contact.name} {contact.phone} {addresses}".strip())
        for address in standing.gone:
            table.add_row("邮箱不存在", address)
    for docket in ledger.dockets(key, unit):
        # What nobody owes is never simply 未报 [law 6].
        owed = docket.obligation is Obligation.REQUIRED
        remarks = [*([] if owed else [OBLIGATION_WORDS[docket.obligation]]), docket.reason or ""]
        reason = "".join(f"（{each}）" for each in remarks if each)
        table.add_row("材料", f"{names.get(docket.item, docket.item)}：{DOCKET_WORDS[docket.state]}{reason}")
    for filing in ledger.filings(key, unit):
        docs = "、".join(doc.name for doc in filing.docs)
        version = f"第 {filing.entry} 件第 {filing.version} 版" + ("" if filing.is_valid else "，待补正")
        version += "，已撤回登记" if filing.taken_back_at else ""
        table.add_row("归档", f"{names.get(filing.item, filing.item)} {version}：{docs}")
    for letter in ledger.letters(campaign=key, unit=unit, limit=LETTERS_MAX):
        about = f"{moment_words(letter.received_at, zone)}，{letter.outcome or STAGE_WORDS[letter.stage]}"
        table.add_row("来信", cell(f"{letter.id}《{letter.subject or '无主题'}》{about}"))
    for line in rung_lines(office, key, unit, names):
        table.add_row("催办", cell(line))
    for dispatch in ledger.dispatches(key, unit=unit):
        table.add_row("发件", _dispatch_words(office, dispatch))
    return titled(f"{unit}（{facts.title if facts else key}）", table)


def _dispatch_words(office: Office, each: Dispatch) -> str:
    at = moment_words(each.sent_at or each.due_at, office.policy.zone)
    return f"{each.id} {SENT_WORDS[each.kind]} → {each.rcpt}，{DISPATCH_WORDS[each.state]}，{at}"
