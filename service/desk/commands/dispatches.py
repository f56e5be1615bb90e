"""One mail of ours as its reader sees it, or as it would be sent: a draft that waits for a clerk."""

from __future__ import annotations

from service.desk import shapes
from service.desk.commands.speech import answer, cell, pairs, titled
from service.desk.commands.speech import show as put
from service.desk.tools import Refused
from service.desk.words import DISPATCH_WORDS
from service.followup.report.sources import SENT_WORDS
from service.journey import Office
from service.office.content import Content
from service.office.dispatch import Dispatch, DispatchKind, DispatchState
from service.office.policy import moment_words, size_words
from service.office.record import from_bytes

# What may still be sent or not, by a person's word.
_SETTLED_BY_HAND = (DispatchState.HELD, DispatchState.IN_DOUBT, DispatchState.DEAD)


def show_dispatch(office: Office, number: int, as_json: bool) -> None:
    """To whom, how far it is, every word and every file; raises Refused for an unknown number."""
    row = office.doors.ledger.dispatch(number)
    if row is None:
        raise Refused(f"没有编号为 {number} 的发件")
    if row.kind is DispatchKind.APPROVAL:
        raise Refused(f"发件 {number} 是送签的邮件，里面有一次性签发码，这里不显示")
    content = from_bytes(Content, office.doors.archive.get(row.content_sha256))
    if as_json:
        answer([_shape(row, content)])
        return
    table = pairs()
    table.add_row("发往", cell(f"{row.rcpt}（{row.unit}）"))
    at = moment_words(row.sent_at or row.due_at, office.policy.zone)
    table.add_row("办到", f"{SENT_WORDS[row.kind]}，{DISPATCH_WORDS[row.state]}，{at}")
    for each in content.enclosures:
        table.add_row("附件", cell(f"{each.name}（{size_words(each.size)}，SHA-256 {each.sha256[:16]}…）"))
    table.add_row("主题", cell(content.subject))
    table.add_row("正文", cell(content.text.strip()))
    if row.state in _SETTLED_BY_HAND:
        again = f"huizhi settle {number} --to ready --by … --reason …"
        table.add_row("办理", f"发出：{again}；不发：--to cancelled")
    put(titled(f"发件 {number}", table))


def _shape(row: Dispatch, content: Content) -> shapes.Shape:
    return {
        "dispatch": str(row.id),
        "kind": row.kind.value,
        "state": row.state.value,
        "campaign": row.campaign,
        "unit": row.unit,
        "to": row.rcpt,
        "subject": content.subject,
        "text": content.text,
        "attachments": [
            {"name": each.name, "sha256": each.sha256, "size": each.size} for each in content.enclosures
        ],
    }
