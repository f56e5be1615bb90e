"""The proof pack's index page: what a signer reads, in one file that opens and prints anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape

from service.office.approval import DraftRow, short_digest
from service.office.campaign import Campaign
from service.office.content import Content, Manifest, Planned
from service.office.facts import OBLIGATION_WORDS, due_words
from service.office.finding import Problem
from service.office.policy import Policy, moment_words
from service.office.share import Share
from service.outgoing.proof.look import STYLE
from service.outgoing.proof.timing import Timing

# A page of more rows than this is no page any more; 发放清单.xlsx has them all.
ROWS_MAX = 1000
# A group of more units is shown closed.
OPEN_ROWS_MAX = 30
PROBLEMS_MAX = 200
SHEET = "发放清单.xlsx"


@dataclass(frozen=True, slots=True)
class Pack:
    """Everything the page is made of. `laid_out` units have their files beside it."""

    draft: DraftRow
    manifest: Manifest
    campaign: Campaign
    shares: tuple[Share, ...]
    sample: tuple[Share, ...]
    laid_out: frozenset[str]
    problems: tuple[Problem, ...]
    timing: Timing
    changes: tuple[str, ...] | None  # None: the first proof
    previous_at: datetime | None
    policy: Policy
    now: datetime
    contents: Mapping[str, Content] = field(default_factory=dict)
    has_files: bool = True  # False: the page travels alone, by mail

    @property
    def units(self) -> tuple[Share, ...]:
        """Those that are asked for something."""
        return tuple(each for each in self.shares if not each.is_copy)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What stands in the way."""
        return tuple(each for each in self.problems if each.is_error)


def proof_page(pack: Pack) -> str:
    """index.html of a proof pack."""
    campaign, at = pack.campaign, pack.policy.local(pack.now)
    verdict = "有问题，不能签发" if pack.errors else "可以签发"
    tone = "bad" if pack.errors else "good"
    sections = (
        ("要修改的问题", _problems(pack.errors, "没有发现问题。")),
        ("提示", _problems([each for each in pack.problems if not each.is_error], "没有。")),
        ("与上一份校样相比", _changes(pack)),
        ("报送要求", _items(pack)),
        ("日程", _schedule(pack)),
        ("与同组不同的单位", _differing(pack)),
        ("信文样张", _sample(pack)),
        ("逐个单位", _everybody(pack)),
        ("怎样签发", _how_to_sign(pack)),
    )
    body = "".join(f"<section><h2>{title}</h2>{html}</section>" for title, html in sections)
    return f"""<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>校样：{escape(campaign.title)}</title>
<style>{STYLE}</style></head><body>
<header><p class="issuer">{escape(campaign.issuer)}</p><h1>{escape(campaign.title)}</h1>
<p class="meta">{escape(campaign.doc_number or "（无发文字号）")}　校样制作于 {at:%Y-%m-%d %H:%M}
　<span class="{tone}">{verdict}</span></p></header>
{_figures(pack)}{body}
<footer>校验码 {short_digest(pack.draft.digest)}
　此后改动任何文件、通讯录、日程或规则，这份校样即告作废。</footer>
</body></html>"""


def _figures(pack: Pack) -> str:
    notices = [each for each in pack.manifest.planned if each.kind == "notice"]
    units = len({each.unit for each in notices})
    figures = (
        (f"<b>{units}</b> 个单位", "收邮件"),
        (f"<b>{len(notices)}</b> 个邮箱", "每个一封"),
        (f"<b>{len(pack.manifest.without_address)}</b> 个单位", "没有邮箱，打印送达"),
        (f"<b>{len(pack.manifest.planned) - len(notices)}</b> 件", "抄送"),
    )
    cells = "".join(f"<div>{figure}<span>{what}</span></div>" for figure, what in figures)
    return f'<div class="figures">{cells}</div>'


def _problems(problems: Sequence[Problem], none: str) -> str:
    if not problems:
        return f"<p>{none}</p>"
    lines = [
        f'<li class="{"error" if each.is_error else "note"}">{escape(each.sentence())}</li>'
        for each in problems[:PROBLEMS_MAX]
    ]
    if len(problems) > PROBLEMS_MAX:
        lines.append(f"<li>还有 {len(problems) - PROBLEMS_MAX} 条，见命令行</li>")
    return f"<ul>{''.join(lines)}</ul>"


def _changes(pack: Pack) -> str:
    if pack.changes is None or pack.previous_at is None:
        return "<p>这是第一份校样。</p>"
    when = moment_words(pack.previous_at, pack.policy.zone)
    if not pack.changes:
        return f"<p>与 {when} 的校样没有不同。</p>"
    lines = "".join(f"<li>{escape(each)}</li>" for each in pack.changes)
    return f"<p>上一份校样：{when}。改动 {len(pack.changes)} 处：</p><ol>{lines}</ol>"


def _items(pack: Pack) -> str:
    rows = []
    for item in pack.campaign.items:
        scopes = ("、".join(each.groups) + "：" + OBLIGATION_WORDS[each.obligation] for each in item.scopes)
        due = escape(due_words(item, pack.policy.calendar, pack.policy.zone))
        rows.append(
            f"<tr><td>{escape(item.name)}</td><td>{due}</td><td>{escape('；'.join(scopes))}</td></tr>"
        )
    return f"<table><tr><th>材料</th><th>截止</th><th>对象</th></tr>{''.join(rows)}</table>"


def _schedule(pack: Pack) -> str:
    zone, manifest = pack.policy.zone, pack.manifest
    start = moment_words(manifest.starts_at, zone) if manifest.starts_at else "签发后即发"
    rows = [("发出", start, pack.timing.words(pack.policy))]
    for chase in manifest.schedule if pack.campaign.sends_reminders else ():
        names = "、".join(item.name if (item := pack.campaign.item(key)) else key for key in chase.items)
        say = f"{chase.step.partition('@')[0]}：没有报“{names}”的单位（现有 {len(chase.units)} 个）"
        rows.append(("催办", moment_words(chase.at, zone), say))
    cells = "".join(
        f"<tr><td>{what}</td><td>{escape(when)}</td><td>{escape(say)}</td></tr>" for what, when, say in rows
    )
    hours = pack.policy.hours
    remark = (
        f"催办只在工作日 {hours.start:%H:%M}—{hours.end:%H:%M} 发出，遇休息日顺延到下一个工作日；"
        "已经报来的、正在核对的都不催。"
        if pack.campaign.sends_reminders
        else "催办先存为草稿，经办人看过再发（automatic.reminders；没有写的，第一次活动都这样）。"
    )
    if not pack.campaign.sends_corrections:
        remark += "补正通知先存为草稿，经办人看过再发（automatic.corrections；没有写的，第一次活动都这样）。"
    if not pack.campaign.sends_receipts:
        remark += "回执先存为草稿，经办人看过再发（automatic.receipts: false）。"
    return f"<table><tr><th>事项</th><th>时间</th><th>说明</th></tr>{cells}</table><p>{remark}</p>"


def _differing(pack: Pack) -> str:
    rows = [each for each in pack.units if each.differs]
    if not rows:
        return "<p>没有：同组单位收到的和要报的都一样。</p>"
    cells = "".join(
        f"<tr><td>{_unit_name(pack, each)}</td><td>{escape('；'.join(each.differs))}</td></tr>"
        for each in rows[:ROWS_MAX]
    )
    return f"<table><tr><th>单位</th><th>哪里不同</th></tr>{cells}</table>{_left_out(len(rows))}"


def _left_out(count: int) -> str:
    if count <= ROWS_MAX:
        return ""
    return f"<p>这里列出前 {ROWS_MAX} 个，其余 {count - ROWS_MAX} 个见 {SHEET}。</p>"


def _sample(pack: Pack) -> str:
    shown = {each.unit for each in pack.sample}
    parts, seen = [], set[str]()
    for planned in pack.manifest.planned:
        content = pack.contents.get(planned.content_sha256)
        if planned.unit not in shown or planned.unit in seen or content is None:
            continue
        seen.add(planned.unit)
        title = f"{escape(planned.unit_name)}：{escape(content.subject)}"
        is_open = " open" if len(seen) == 1 else ""
        parts.append(
            f"<details{is_open}><summary>{title}</summary><pre>{escape(content.text)}</pre></details>"
        )
        if len(seen) >= 10:
            break
    return "".join(parts) or "<p>没有用邮件发出的样张。</p>"


def _everybody(pack: Pack) -> str:
    """Group by group, closed where long; every row says what, to whom, how, until when, and when again."""
    groups: dict[str, list[Share]] = {}
    for each in pack.shares:
        groups.setdefault("抄送" if each.is_copy else (each.groups[:1] or ("其他",))[0], []).append(each)
    room, parts = ROWS_MAX, []
    for name, members in groups.items():
        shown = members[: max(0, room)]
        room -= len(shown)
        rows = "".join(_row(pack, each) for each in shown)
        left = (
            f"<p>另有 {len(members) - len(shown)} 个，见 {SHEET}。</p>" if len(shown) < len(members) else ""
        )
        is_open = " open" if len(members) <= OPEN_ROWS_MAX else ""
        parts.append(
            f'<details{is_open}><summary>{escape(name)}（{len(members)}）</summary><table class="units">'
            "<tr><th>单位</th><th>发给谁、怎么发</th><th>收到什么</th><th>要报什么、到什么时候</th>"
            f"<th>何时催办</th></tr>{rows}</table>{left}</details>"
        )
    sheet = f"<p>全部明细：{_link(pack, SHEET, SHEET)}（每个单位、每个收件人一行）。</p>"
    return sheet + "".join(parts)


def _row(pack: Pack, share: Share) -> str:
    zone = pack.policy.zone
    to = "<br>".join(escape(each) for each in share.rcpts) or "没有邮箱"
    people = "<br>".join(escape(each) for each in share.contacts)
    owed = "<br>".join(f"{escape(each.name)}（{each.obligation}）：{escape(each.due)}" for each in share.owed)
    again = "<br>".join(f"{moment_words(each.at, zone)}　{escape(each.step)}" for each in share.reminders)
    marks = "".join(f'<span class="mark">{escape(each)}</span>' for each in share.differs)
    code = f'<br><span class="code">{share.code}</span>' if share.code else ""
    return (
        f"<tr><td>{_unit_name(pack, share)}{code}{marks}</td><td>{share.how}：{to}"
        f'<br><span class="quiet">{people}</span></td><td>{_files(pack, share)}</td>'
        f"<td>{owed or '不必报送'}</td><td>{again or '不催'}</td></tr>"
    )


def _files(pack: Pack, share: Share) -> str:
    if not _is_laid_out(pack, share):
        return "<br>".join(escape(each) for each in share.files)
    folder = folder_of(share)
    return "<br>".join(_link(pack, f"{folder}/{each}", each) for each in share.files)


def _unit_name(pack: Pack, share: Share) -> str:
    if not _is_laid_out(pack, share) or not share.rcpts:
        return escape(share.name)
    return _link(pack, f"{folder_of(share)}/信文.txt", share.name)


def _is_laid_out(pack: Pack, share: Share) -> bool:
    return pack.has_files and share.unit in pack.laid_out


def _link(pack: Pack, path: str, name: str) -> str:
    return f'<a href="{escape(path)}">{escape(name)}</a>' if pack.has_files else escape(name)


def folder_of(share: Share) -> str:
    """Where a unit's files lie within the pack."""
    return share.name if share.rcpts else f"无邮箱单位/{share.unit}"


def _how_to_sign(pack: Pack) -> str:
    if pack.errors:
        return "<p>上面的问题改好、重新复核以后才能签发。</p>"
    key, digest = escape(pack.campaign.key), short_digest(pack.draft.digest)
    names = "、".join(escape(each.name) for each in pack.policy.signers()) or "签发人"
    return f"""<p>二者选一，都由签发人（{names}）决定，都只对这一份校样有效：</p>
<h3>命令行</h3><p class="digest">huizhi release {key} --by 姓名 --digest {digest}</p>
<p>这一步只说明将发出什么；确认后在末尾加上 --really 再运行一次，才真的签发。</p>
<h3>邮件</h3><p class="digest">huizhi proof {key} --mail 姓名</p>
<p>校样连同一次性签发码寄到签发人的邮箱；签发人直接回复“同意 签发码”或“退回 签发码 理由”。
只认签发人自己的邮箱，只能用一次，{pack.policy.approval_workdays} 个工作日内有效。</p>"""


def text_page(planned: Planned, content: Content) -> str:
    """One unit's mail as a text file."""
    names = "\n".join(f"附件：{each.name}" for each in content.enclosures)
    return f"收件人：{planned.rcpt}\n主题：{content.subject}\n{names}\n\n{content.text}\n"
