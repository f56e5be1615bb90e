"""读回待人工 — a row of 待人工.xlsx becomes what the command beside it would have done."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from service.desk import decide
from service.desk.commands.naming import item as item_named
from service.desk.commands.naming import released
from service.desk.commands.naming import unit as unit_named
from service.desk.decide import Decided
from service.desk.refusing import Refusal, clear, refuse
from service.desk.tools import Refused
from service.followup.report.reading import open_campaigns
from service.followup.report.rows import item_labels
from service.journey import Office
from service.office.dispatch import DispatchState
from service.office.letter import Stage
from service.office.order import BOOK, NOT_ITSELF, DeskWritten, Field, How, SavedLine

_LETTER, _DISPATCH = re.compile(r"来信 (\d{1,12})"), re.compile(r"发件 (\d{1,12})")
_TO = {
    How.SENT: DispatchState.SENT,
    How.AGAIN: DispatchState.READY,
    How.DROP: DispatchState.CANCELLED,
}
_OF_LETTER = (How.ASSIGN, How.NO_RETURN, How.ANSWERED, How.SEEN)
# The word itself is the reason: there is nothing more to say.
_SELF_EVIDENT = (How.ANSWERED, How.SEEN)


def settle_row(office: Office, line: SavedLine, written: DeskWritten, where: str, now: datetime) -> None:
    """Carry it out, or say why not."""
    typed = "；".join(
        f"{field.value}：{line.cell(field).words}"
        for field in (Field.HOW, Field.UNIT, Field.ITEM, Field.REASON)
        if line.cell(field).words
    )
    if not typed:
        return
    told = Refusal(written.ref, where, "", column=Field.HOW.value, typed=typed, by=line.cell(Field.BY).words)
    try:
        decided = _decide(office, line, written, now)
    except Refused as error:
        decided = Decided(False, "；".join(error.lines))
    if decided.is_done:
        clear(office, told.piece)
    else:
        refuse(office, replace(told, why=decided.say), now)


def _decide(office: Office, line: SavedLine, written: DeskWritten, now: datetime) -> Decided:
    if not line.is_itself:
        return Decided(False, NOT_ITSELF)
    how = _how(line)
    by = line.cell(Field.BY).words
    if not by:
        return Decided(False, "没有填经办人")
    if office.policy.person(by) is None:
        return Decided(False, f"“{by}”不在 config/office.yaml 的 staff 名单中")
    reason = line.cell(Field.REASON).words or (how.value if how in _SELF_EVIDENT else "")
    if not reason:
        return Decided(False, "没有写理由")
    if found := _LETTER.fullmatch(written.ref):
        return _letter(office, line, written, int(found[1]), how, by, reason, now)
    if found := _DISPATCH.fullmatch(written.ref):
        return _dispatch(office, written, int(found[1]), how, by, reason, now)
    if how is not How.SEEN or written.kind not in ("搁置", "表格冲突"):
        return Decided(False, f"“{written.kind}”不能在表里办理，请用右边的命令")
    stage, piece = (BOOK, written.ref) if written.kind == "表格冲突" else written.ref.split(" ", 1)
    return decide.try_again(office, stage, piece, by=by, now=now)


def _how(line: SavedLine) -> How:
    word = line.cell(Field.HOW).words
    if not word and line.cell(Field.UNIT).words:
        return How.ASSIGN
    if not word:
        raise Refused("没有选怎样处理")
    found = next((each for each in How if each.value == word), None)
    if found is None:
        raise Refused(f"“处理”里没有“{word}”，可选：{'、'.join(each.value for each in How)}")
    return found


def _letter(
    office: Office,
    line: SavedLine,
    written: DeskWritten,
    number: int,
    how: How,
    by: str,
    reason: str,
    now: datetime,
) -> Decided:
    if how not in _OF_LETTER:
        return Decided(False, f"来信不能“{how.value}”")
    if how is not How.ASSIGN and (line.cell(Field.UNIT).words or line.cell(Field.ITEM).words):
        return Decided(False, f"选了“{how.value}”，又写了归到哪里：要登记的，请选“登记”")
    row = office.doors.ledger.letter(number)
    if row is None:
        return Decided(False, f"没有编号为 {number} 的来信")
    if how is not How.ASSIGN:
        if row.stage.value != written.version and _has_event(office, number, "noted", by, reason):
            return Decided(True, "已办结")
        if row.stage.value != written.version:
            return Decided(False, f"填写以后这封来信已经处理过（{row.outcome}）")
        return decide.note(
            office, number, by=by, reason=f"{how.value}：{reason}" if reason != how.value else reason, now=now
        )
    campaign, unit, item = _whither(office, line, written)
    if row.stage.value != written.version:
        is_done = (row.campaign, row.unit) == (campaign, unit) and row.stage is not Stage.REVIEW
        if is_done and _has_event(office, number, "assigned", by, reason):
            return Decided(True, "已登记")
        return Decided(False, f"填写以后这封来信已经处理过（{row.outcome}）")
    return decide.assign(
        office, number, campaign=campaign, unit=unit, item=item, by=by, reason=reason, now=now
    )


def _whither(office: Office, line: SavedLine, written: DeskWritten) -> tuple[str, str, str | None]:
    """Campaign, unit and item; raises Refused where they are not said, or not said clearly."""
    keys = open_campaigns(office.doors.ledger)
    rows = [row for row in office.doors.ledger.campaigns() if row.key in keys]
    named = [
        (row.key, row.title, tuple((i.key, i.name) for i in office.doors.ledger.items(row.key)))
        for row in rows
    ]
    label, who = line.cell(Field.ITEM).words, line.cell(Field.UNIT).words
    if not who:
        raise Refused("没有选归到哪个单位")
    campaign, item = item_labels(named).get(label, ("", ""))
    if not campaign:
        campaign = written.campaign or (keys[0] if len(keys) == 1 else "")
        if not campaign:
            raise Refused("没有选归到哪项材料，看不出是哪个活动")
        item = item_named(released(office, campaign), label) if label else ""
    return campaign, unit_named(office, campaign, who), item or None


def _dispatch(
    office: Office,
    written: DeskWritten,
    number: int,
    how: How,
    by: str,
    reason: str,
    now: datetime,
) -> Decided:
    to = _TO.get(how)
    if to is None:
        return Decided(False, f"发件不能“{how.value}”，可选：确已发出、重发、不发")
    row = office.doors.ledger.dispatch(number)
    if row is None:
        return Decided(False, f"没有编号为 {number} 的发件")
    if f"{row.state.value} {row.attempts}" != written.version:
        # What is asked twice is done once: a mail in doubt again needs a new word.
        settled = office.doors.ledger.events(kind="dispatch-settled")
        said = (("to", to.value), ("reason", reason))
        if any(each.dispatch == number and each.actor == by and each.about == said for each in settled):
            return Decided(True, "已办理")
        return Decided(False, "填写以后这件发件已经有变动，请看过新的表再定")
    return decide.settle_dispatch(office, number, to=to, by=by, reason=reason, now=now)


def _has_event(office: Office, letter: int, kind: str, by: str, reason: str) -> bool:
    found = office.doors.ledger.events(letter=letter, kind=kind)
    return any(each.actor == by and reason in dict(each.about).get("reason", "") for each in found)
