"""A delivery failure notice in the shape Postfix gives it [RFC 3464]."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime

_NOTICE = """\
Return-Path: <>
Date: {date}
From: MAILER-DAEMON@{host} (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {sender}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="{boundary}"
Content-Transfer-Encoding: 8bit
Message-Id: <{number}@{host}>

This is a MIME-encapsulated message.

--{boundary}
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host {host}.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

                   The mail system

<{rcpt}>: host mx.{domain}[192.0.2.25] said: {code} {status} {text}
    (in reply to RCPT TO command)

--{boundary}
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; {host}
X-Postfix-Sender: rfc822; {sender}
Arrival-Date: {date}

Final-Recipient: rfc822; {rcpt}
Original-Recipient: rfc822;{rcpt}
Action: failed
Status: {status}
Remote-MTA: dns; mx.{domain}
Diagnostic-Code: smtp; {code} {status} {text}

--{boundary}
Content-Description: Undelivered Message
Content-Type: message/rfc822
Content-Transfer-Encoding: 8bit

"""


def bounce_notice(
    *,
    host: str,
    sender: str,
    rcpt: str,
    status: str,
    text: str,
    raw: bytes,
    at: datetime,
    number: int,
) -> bytes:
    """The notice that goes back to `sender` when `raw` could not be delivered to `rcpt`.

    `status` is an enhanced status code such as 5.1.1; its class decides the SMTP code before it.
    """
    boundary = f"{number:012X}.report/{host}"
    head = _NOTICE.format(
        host=host,
        sender=sender,
        rcpt=rcpt,
        domain=rcpt.rpartition("@")[2],
        code=550 if status.startswith("5") else 450,
        status=status,
        text=text,
        date=format_datetime(at),
        number=number,
        boundary=boundary,
    )
    end = f"\r\n--{boundary}--\r\n"
    return head.replace("\n", "\r\n").encode() + raw.rstrip(b"\r\n") + b"\r\n" + end.encode()
