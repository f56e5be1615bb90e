"""The proof folder of a later release: what is done, to whom, with which letters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from service.office.approval import ACT_WORDS, short_digest
from service.office.content import Content, Planned
from service.office.dispatch import DispatchKind
from service.office.needs.archive import Archive
from service.outgoing.amend.plan import Case, Plan

# A folder a person opens: more letters than this are listed, not copied out one by one.
LETTERS_SHOWN_MAX = 300
KIND_WORDS = {
    DispatchKind.NOTICE.value: "通知",
    DispatchKind.COPY.value: "抄送",
    DispatchKind.SUPPLEMENT.value: "补充通知",
    DispatchKind.AMENDMENT.value: "更正通知",
    DispatchKind.WITHDRAWAL.value: "撤回通知",
    DispatchKind.URGING.value: "催报函",
}


def proof_files(
    case: Case, plan: Plan, contents: Mapping[str, Content], archive: Archive, now: datetime
) -> dict[str, bytes]:
    """File names and bytes."""
    files: dict[str, bytes] = {"校样.txt": _page(case, plan, now).encode("utf-8-sig")}
    for planned in plan.manifest.planned[:LETTERS_SHOWN_MAX]:
        content, folder = contents[planned.content_sha256], planned.unit_name
        kind = KIND_WORDS[planned.kind]
        files[f"{folder}/{kind}.txt"] = _letter(planned, content).encode("utf-8-sig")
        for enclosure in content.enclosures:
            files[f"{folder}/{enclosure.name}"] = archive.get(enclosure.sha256)
    for unit, pack in plan.manifest.print_packs[:LETTERS_SHOWN_MAX]:
        for enclosure in pack:
            files[f"无邮箱单位/{unit}/{enclosure.name}"] = archive.get(enclosure.sha256)
    return files


def _page(case: Case, plan: Plan, now: datetime) -> str:
    at = case.bench.policy.local(now)
    digest = plan.digest(case.rev)
    lines = [
        f"{ACT_WORDS[plan.act]}校样：{case.row.title}",
        f"第 {case.rev} 次签发　制作时间 {at:%Y-%m-%d %H:%M}　校验码 {short_digest(digest)}",
        f"理由：{plan.reason}",
        "",
        *plan.lines,
        "",
        "发给：",
    ]
    for unit, rcpt, unsent, had in plan.targets:
        planned = had or unsent
        lines.append(f"　{planned.unit_name if planned else unit}　{rcpt}　{_either(unsent, had)}")
    lines += [f"　{unit}　（没有邮箱，备打印材料）" for unit, _ in plan.manifest.print_packs]
    problems = [each.sentence() for each in plan.problems]
    lines += ["", "问题和提示：", *(f"　{each}" for each in problems or ["没有。"])]
    return "\r\n".join(lines) + "\r\n"


def _either(unsent: Planned | None, had: Planned | None) -> str:
    """What goes there: the same in any case, or by whether the notice has gone out when this is signed."""
    first = KIND_WORDS[unsent.kind] if unsent else "不发"
    then = KIND_WORDS[had.kind] if had else "不发"
    return first if first == then else f"收到过通知的：{then}；还没有发出的：{first}"


def _letter(planned: Planned, content: Content) -> str:
    names = "".join(f"附件：{each.name}\r\n" for each in content.enclosures)
    text = content.text.replace("\n", "\r\n")
    return f"收件人：{planned.rcpt}\r\n主题：{content.subject}\r\n{names}\r\n{text}\r\n"
