"""Answers to our own HTML mail, as programs quote it: the sender's words and our code are still found."""

from __future__ import annotations

import hashlib
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from service.doors.envelope import EnvelopeDoor
from service.doors.letter_html import html_of
from service.office.code import find_codes, make_code

CODE = make_code(b"k" * 32, "small", "甲局", 0)
NOTICE = f"""甲局：

一、请报送的材料和时间
1. 工作总结（须报送）
   时间：2024年8月28日（星期三）24:00前（含当日）
   形式：电子版

二、怎样报送
直接回复本邮件，请保留编号 {CODE}。

作品名称：
联系电话：
————————
认证处
"""
QUOTED = html_of(NOTICE).partition("<body")[2].partition(">")[2].partition("</body>")[0]
OWN = "<div>总结见附件，请查收。</div>"
QQ = (
    f'{OWN}<div><br></div><div style="font-size:12px">---------------&nbsp;原始邮件&nbsp;---------------'
    f"</div><div><b>发件人:</b> 认证处</div><div><includetail>{QUOTED}</includetail></div>"
)
OUTLOOK = (
    f'<div class="WordSection1"><p>总结见附件，请查收。</p><div style="border-top:solid 1pt">'
    f"<p><b>发件人:</b> 认证处 &lt;rzc@mail.example&gt;<br><b>发送时间:</b> 2024年8月20日 9:00<br>"
    f"<b>收件人:</b> a@b.example<br><b>主题:</b> 通知</p></div>{QUOTED}</div>"
)
FOXMAIL = (
    f"{OWN}<hr><blockquote><div><b>发件人：</b> 认证处</div><div><b>发送时间：</b> 2024-08-20 09:00</div>"
    f"<div><b>收件人：</b> a@b.example</div>{QUOTED}</blockquote>"
)


@pytest.mark.parametrize("markup", [QQ, OUTLOOK, FOXMAIL], ids=["qq", "outlook", "foxmail"])
def test_the_quoted_table_is_not_what_the_sender_wrote(markup: str) -> None:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = "a@b.example", "rzc@mail.example", "总结"
    mail.set_content(f"<html><body>{markup}</body></html>", subtype="html")
    facts = EnvelopeDoor().read(bytes(mail), lambda data: hashlib.sha256(data).hexdigest())
    assert facts.reply_text.strip() == "总结见附件，请查收。"
    assert CODE in find_codes(facts.text)
    # The lines to be filled in are lines of their own, ready for an answer behind the colon.
    assert {"作品名称：", "联系电话："} <= {line.strip() for line in facts.text.splitlines()}
