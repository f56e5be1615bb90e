"""The proof folder's index page: what a signer reads, in one file that opens anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape

from service.office.approval import DraftRow, short_digest
from service.office.campaign import Campaign
from service.office.content import Content, Manifest, Planned
from service.office.facts import OBLIGATION_WORDS, due_words
from service.office.finding import Problem
from service.office.policy import Policy

_STYLE = """
body{font:16px/1.7 "Noto Serif CJK SC","Songti SC",SimSun,serif;color:#222;max-width:60rem;margin:3rem auto;
padding:0 1.5rem;background:#fffdf8}
h1{color:#b3121d;font-size:1.6rem;letter-spacing:.1em;border-bottom:3px double #b3121d;padding-bottom:.6rem}
h2{font-size:1.15rem;margin-top:2.2rem}
table{border-collapse:collapse;width:100%;font-size:.95rem}
th,td{border:1px solid #d8d0c0;padding:.35rem .6rem;text-align:left;vertical-align:top}
th{background:#f4eee0}
.error{color:#b3121d}.note{color:#7a5b00}
.digest{font:600 1.1rem monospace;background:#f4eee0;padding:.2rem .5rem}
details summary{cursor:pointer}pre{white-space:pre-wrap;font:15px/1.7 inherit;background:#fff;padding:1rem;
border:1px solid #e6dfcf}
"""


def proof_page(
    draft: DraftRow,
    manifest: Manifest,
    campaign: Campaign,
    contents: Mapping[str, Content],
    problems: tuple[Problem, ...],
    policy: Policy,
    now: datetime,
) -> str:
    """index.html of a proof folder."""
    errors = [each for each in problems if each.is_error]
    notes = [each for each in problems if not each.is_error]
    at = policy.local(now)
    notices = [each for each in manifest.planned if each.kind == "notice"]
    copies = [each for each in manifest.planned if each.kind == "copy"]
    units = len({each.unit for each in notices})
    rows = "".join(_row(each, contents[each.content_sha256]) for each in manifest.planned)
    first = contents[notices[0].content_sha256] if notices else None
    return f"""<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>校样：{escape(campaign.title)}</title>
<style>{_STYLE}</style></head><body>
<h1>校样 · {escape(campaign.title)}</h1>
<p>{escape(campaign.issuer)}　{escape(campaign.doc_number or "（无文号）")}　制作时间 {at:%Y-%m-%d %H:%M}</p>
<p>将发往 <b>{units}</b> 个单位，共 <b>{len(notices)}</b> 个邮箱；抄送 {len(copies)} 件；
无邮箱单位 {len(manifest.without_address)} 个。</p>
<h2>要修改的问题（{len(errors)}）</h2>{_problems(errors, "没有发现问题。")}
<h2>提示（{len(notes)}）</h2>{_problems(notes, "没有。")}
<h2>报送要求</h2>{_items(campaign, policy)}
<h2>签发</h2><p>确认无误后，由签发人运行：</p>
<p class="digest">{escape(_command(campaign, draft))}</p>
<p>这一步只说明将发出什么；确认后在末尾加上 --really 再运行一次，才真的签发。</p>
<p>此后改动任何文件或通讯录，这份校样即告作废。</p>
<h2>信文样张</h2>{_sample(first)}
<h2>逐个单位</h2><table><tr><th>单位</th><th>邮箱</th><th>编号</th><th>附件</th></tr>{rows}</table>
</body></html>"""


def _problems(problems: Sequence[Problem], none: str) -> str:
    if not problems:
        return f"<p>{none}</p>"
    lines = "".join(
        f'<li class="{"error" if each.is_error else "note"}">{escape(each.sentence())}</li>'
        for each in problems
    )
    return f"<ul>{lines}</ul>"


def _command(campaign: Campaign, draft: DraftRow) -> str:
    return f"huizhi release {campaign.key} --by 姓名 --digest {short_digest(draft.digest)}"


def _items(campaign: Campaign, policy: Policy) -> str:
    rows = []
    for item in campaign.items:
        scopes = ("、".join(each.groups) + "：" + OBLIGATION_WORDS[each.obligation] for each in item.scopes)
        whom = escape("；".join(scopes))
        due = escape(due_words(item, policy.calendar, policy.zone))
        rows.append(f"<tr><td>{escape(item.name)}</td><td>{due}</td><td>{whom}</td></tr>")
    return f"<table><tr><th>材料</th><th>截止</th><th>对象</th></tr>{''.join(rows)}</table>"


def _sample(content: Content | None) -> str:
    if content is None:
        return "<p>没有收件单位。</p>"
    return f"<p><b>主题：</b>{escape(content.subject)}</p><pre>{escape(content.text)}</pre>"


def _row(planned: Planned, content: Content) -> str:
    links = "<br>".join(
        f'<a href="{escape(planned.unit_name)}/{escape(each.name)}">{escape(each.name)}</a>'
        for each in content.enclosures
    )
    return (
        f'<tr><td><a href="{escape(planned.unit_name)}/信文.txt">{escape(planned.unit_name)}</a></td>'
        f"<td>{escape(planned.rcpt)}</td><td>{escape(planned.code or '抄送')}</td><td>{links}</td></tr>"
    )


def text_page(planned: Planned, content: Content) -> str:
    """One unit's mail as a text file."""
    names = "\n".join(f"附件：{each.name}" for each in content.enclosures)
    return f"收件人：{planned.rcpt}\n主题：{content.subject}\n{names}\n\n{content.text}\n"
