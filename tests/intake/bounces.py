"""Undelivered notices of our own notice, as QQ, Coremail, 21cn and others write them; all made by us."""

from __future__ import annotations

import base64
from email.message import Message

from tests.stories.sample_office import OFFICE

REASON_GONE = "550 5.1.1 User not found"


def head_of(notice: Message) -> bytes:
    """The head of our mail as a report returns it."""
    kept = ("From", "To", "Subject", "Message-ID", "X-Huizhi-Dispatch")
    code, _, _ = str(notice["Subject"]).partition(" ")
    lines = [f"{name}: {code if name == 'Subject' else notice[name]}" for name in kept]
    return ("Return-Path: <>\r\n" + "\r\n".join(lines) + "\r\n\r\nx\r\n").encode()


def b64(text: str, codec: str) -> bytes:
    """Text as base64 lines."""
    return base64.encodebytes(text.encode(codec)).replace(b"\n", b"\r\n")


def qq(notice: Message, rcpt: str, reason: str = REASON_GONE, delivered_as: str = "") -> bytes:
    """QQ 退信: a report of HTML and octet-stream, the address in prose only."""
    cited = delivered_as or str(notice["Message-ID"])
    page = (
        "<div><p>很抱歉您的邮件被退回来了……</p><table>"
        f"<tr><td>收件人邮件地址：</td><td>{rcpt}</td></tr>"
        f"<tr><td>退信原因：</td><td>无法送达</td></tr>"
        f"<tr><td>解决方案：</td><td>host x.example[203.0.113.5] said: {reason}</td></tr></table>"
        f"<p>无法发送到 {rcpt}</p></div>"
    )
    subject = base64.b64encode("来自qq.com的退信".encode("gb18030")).decode()
    return (
        f'From: "QQ"<PostMaster@qq.com>\r\nTo: {OFFICE}\r\nSubject: =?gb18030?B?{subject}?=\r\n'
        "Date: Tue, 20 Aug 2024 10:02:33 +0800\r\nMessage-ID: <q1@qq.example>\r\n"
        f"In-Reply-To: {cited}\r\nReferences: {cited}\r\nAuto-Submitted: auto-generated\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/report; boundary="qqb"\r\n\r\n'
        '--qqb\r\nContent-Type: text/html; charset="gb18030"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    ).encode() + (
        b64(page, "gb18030")
        + b'--qqb\r\nContent-Type: application/octet-stream; name="original.eml"\r\n'
        + b"Content-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(head_of(notice)).replace(b"\n", b"\r\n")
        + b"--qqb--\r\n"
    )


def coremail_text(notice: Message, rcpt: str) -> bytes:
    """Coremail 退信 as one plain GBK text, no report at all."""
    words = (
        f"抱歉，您的邮件被退回来了……\r\n原邮件信息：\r\n时间 2024-08-20 09:00:12\r\n收件人 {rcpt}\r\n"
        f"退信原因：\r\n收件人地址不存在 550 User not found: {rcpt}\r\n"
    )
    subject = base64.b64encode("系统退信".encode("gbk")).decode()
    return (
        "Return-Path: <>\r\nFrom: Postmaster@163.com\r\n"
        f"To: {OFFICE}\r\nSubject: =?gb2312?B?{subject}?=\r\nMessage-ID: <c0@163mx.example>\r\n"
        "Date: Tue, 20 Aug 2024 10:02:33 +0800\r\nX-Mailer: Coremail MTA server\r\n"
        f"X-CM-Original-Message-ID: {str(notice['Message-ID']).strip('<>')}\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=gb2312\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    ).encode() + words.encode("gbk")


def coremail(
    notice: Message,
    rcpt: str,
    *,
    words: str = "收件人地址不存在。",
    status: str = "5.0.0",
    diagnostic: str = "550 RP:TRC User not found",
    returns_it: bool = True,
) -> bytes:
    """Coremail 退信 as a report whose delivery-status part has one block only, addresses doubled above."""
    text = f"抱歉，您的邮件被退回来了……\n原邮件信息：\n时间 2024-08-20 09:00:12\n收件人 {rcpt}\n"
    text += f"退信原因：\n{words}\n"
    subject = base64.b64encode("系统退信".encode("gbk")).decode()
    cited = str(notice["Message-ID"]).strip("<>")
    raw = (
        "Return-Path: <>\r\nFrom: Postmaster@163.com\r\n"
        f"To: {OFFICE}\r\nSubject: =?gb2312?B?{subject}?=\r\nMessage-ID: <c1@163mx.example>\r\n"
        f"Date: Tue, 20 Aug 2024 10:02:33 +0800\r\nDelivered-To: {rcpt}{rcpt}\r\n"
        f"X-Mailer: Coremail MTA server\r\nX-CM-Original-Message-ID: {cited}\r\nMIME-Version: 1.0\r\n"
        'Content-Type: Multipart/report;\r\n  report-type=delivery-status;\r\n  boundary="cmb"\r\n\r\n\r\n'
        "--cmb\r\nContent-Type: text/plain; charset=gb2312\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    ).encode() + b64(text, "gb18030")
    raw += (
        "--cmb\r\nContent-Type: Message/delivery-status\r\n\r\n"
        f"Final-Recipient: rfc822; {rcpt}\r\nAction: failed\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: SMTP; {diagnostic}\r\n"
    ).encode()
    if returns_it:
        raw += b"--cmb\r\nContent-Type: Message/Rfc822\r\n\r\n" + head_of(notice)
    return raw + b"--cmb--\r\n"


def of_21cn(notice: Message, rcpt: str, *, names_it: bool = True) -> bytes:
    """21cn: a report without a delivery-status part; GBK HTML that calls itself utf-8, blanks in brackets."""
    who = f"收件人：&lt; {rcpt} &gt; 不存在。" if names_it else ""
    page = (
        '<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body>'
        f"您的邮件无法投递，{who}</body></html>"
    )
    raw = (
        "Return-Path: <>\r\nFrom: postmaster@21cn.com\r\n"
        f"To: {OFFICE}\r\nSubject: =?GB2312?B?z7XNs83L0MU=?=\r\nMessage-ID: <b21@21cn.example>\r\n"
        "Date: Tue, 20 Aug 2024 10:02:33 +0800\r\nHmm-Notify: bounce\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; boundary="x21"\r\n\r\n'
        "--x21\r\nContent-Type: text/html; charset=gbk\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    ).encode() + page.encode("gbk")
    # Some of its bytes really are UTF-8.
    raw += b"\r\n<!-- " + "系统".encode() + b" -->\r\n"
    return raw + b"--x21\r\nContent-Type: message/rfc822\r\n\r\n" + head_of(notice) + b"--x21--\r\n"


def rfc3464(
    notice: Message,
    rcpt: str,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    diagnostic: str = "550 5.1.1 user unknown",
    blank: str = "\r\n",
) -> bytes:
    """The standard's own report; `blank` is what stands between its two blocks."""
    raw = (
        f"Return-Path: <>\r\nFrom: MAILER-DAEMON@post.example\r\nTo: {OFFICE}\r\n"
        "Subject: Undelivered Mail\r\n"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\nMessage-ID: <b1@post.example>\r\n"
        "Date: Tue, 20 Aug 2024 10:02:33 +0800\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nThis is the mail system.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; post.example\r\n"
        f"{blank}Final-Recipient: rfc822; {rcpt}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; {diagnostic}\r\n\r\n"
        "--b\r\nContent-Type: message/rfc822\r\n\r\n"
    ).encode()
    return raw + head_of(notice) + b"\r\n--b--\r\n"


def abuse_report(notice: Message) -> bytes:
    """An ARF complaint about our mail [RFC 5965]."""
    raw = (
        f"From: staff@fbl.example\r\nTo: {OFFICE}\r\nSubject: complaint about message\r\n"
        "MIME-Version: 1.0\r\nMessage-ID: <arf@fbl.example>\r\nDate: Tue, 20 Aug 2024 10:02:33 +0800\r\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="a"\r\n\r\n'
        "--a\r\nContent-Type: text/plain\r\n\r\nThis is an email abuse report.\r\n"
        "--a\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nVersion: 1\r\n"
        "User-Agent: x/1.0\r\n\r\n--a\r\nContent-Type: message/rfc822\r\n\r\n"
    ).encode()
    return raw + head_of(notice) + b"--a--\r\n"
