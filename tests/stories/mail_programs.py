"""Mails as offices' mail programs write them: subjects, quotations, bodies and files in many fashions."""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage, Message

from tests.stories.sample_office import OFFICE

Files = Sequence[tuple[str, bytes]]


@dataclass(frozen=True)
class Sheet:
    """What a person wants to send, and through which program."""

    sender: str
    words: str
    at: datetime
    name: str = ""
    files: Files = ()
    original: Message | None = None  # answered, or forwarded
    quote: str = "qq"
    subject: str | None = None  # None: the program's own
    mark: str = "回复："
    is_thread: bool = True  # the program sets In-Reply-To
    html_only: bool = False
    below: str = ""  # typed below the quotation
    headers: Sequence[tuple[str, str]] = ()
    logos: Files = ()  # pictures shown inside the signature
    to: str = OFFICE


def write(sheet: Sheet) -> bytes:
    """The mail's bytes."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = f'"{sheet.name}" <{sheet.sender}>' if sheet.name else sheet.sender
    mail["To"] = sheet.to
    mail["Date"] = sheet.at
    seed = repr((sheet.sender, sheet.words, sheet.subject, sheet.quote, [name for name, _ in sheet.files]))
    mail["Message-ID"] = f"<{hashlib.sha256(seed.encode()).hexdigest()[:24]}@client.example>"
    mail["Subject"] = _subject(sheet)
    if sheet.original is not None and sheet.is_thread:
        mail["In-Reply-To"] = str(sheet.original["Message-ID"])
        mail["References"] = str(sheet.original["Message-ID"])
    for key, value in sheet.headers:
        mail[key] = value
    text = sheet.words
    if sheet.original is not None:
        text = f"{text}\n\n{QUOTES[sheet.quote](sheet.original)}\n{sheet.below}"
    _body(mail, text, sheet)
    for file_name, data in sheet.files:
        main, _, sub = _type(file_name).partition("/")
        mail.add_attachment(data, maintype=main, subtype=sub, filename=file_name)
    return bytes(mail)


def _subject(sheet: Sheet) -> str:
    if sheet.subject is not None:
        return sheet.subject
    return f"{sheet.mark}{sheet.original['Subject']}" if sheet.original is not None else ""


def _body(mail: EmailMessage, text: str, sheet: Sheet) -> None:
    page = "<div>" + html.escape(text).replace("\n", "<br>\n") + "</div>"
    for number, _ in enumerate(sheet.logos):
        page += f'<img src="cid:logo{number}">'
    if not sheet.html_only:
        mail.set_content(text)
    if sheet.html_only:
        mail.set_content(page, subtype="html")
    elif sheet.logos:
        mail.add_alternative(page, subtype="html")
    shown = mail if sheet.html_only else mail.get_payload(1) if sheet.logos else None
    if isinstance(shown, EmailMessage):
        for number, (name, data) in enumerate(sheet.logos):
            shown.add_related(
                data, "image", "png", cid=f"<logo{number}>", filename=name, disposition="inline"
            )


def _type(name: str) -> str:
    kinds = {"png": "image/png", "jpg": "image/jpeg", "pdf": "application/pdf", "zip": "application/zip"}
    return kinds.get(name.rpartition(".")[2].lower(), "application/octet-stream")


def words_of(mail: Message) -> str:
    """The plain text of one of the office's mails."""
    for part in mail.walk():
        if part.get_content_type() == "text/plain" and not part.get_filename():
            payload = part.get_payload(decode=True)
            assert isinstance(payload, bytes)
            return payload.decode("utf-8")
    return ""


def raw_gbk(sender: str, name: str, subject: str, words: str, file: tuple[str, bytes], at: datetime) -> bytes:
    """An old program: GBK bytes in every header, no encoded word, no thread."""
    file_name, data = file
    gbk = "gb18030"
    edge = b"----=_NextPart_000_0001"
    head = (
        f'From: "{name}" <{sender}>\r\nTo: {OFFICE}\r\nSubject: {subject}\r\n'
        f"Date: {at:%a, %d %b %Y %H:%M:%S} +0800\r\nX-Mailer: Foxmail 5.0 [cn]\r\n"
        "MIME-Version: 1.0\r\n"
    ).encode(gbk)
    head += b'Content-Type: multipart/mixed;\r\n\tboundary="' + edge + b'"\r\n\r\n'
    text = b"--" + edge + b'\r\nContent-Type: text/plain; charset="gb2312"\r\n\r\n' + words.encode(gbk)
    shown = file_name.encode(gbk)
    part = (
        b"\r\n--" + edge + b'\r\nContent-Type: application/octet-stream; name="' + shown + b'"\r\n'
        b"Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; "
        b'filename="' + shown + b'"\r\n\r\n' + base64.encodebytes(data)
    )
    return head + text + part + b"\r\n--" + edge + b"--\r\n"


def _head(mail: Message) -> tuple[str, str, str]:
    return str(mail["From"]), str(mail["To"]), str(mail["Subject"])


def _qq(mail: Message) -> str:
    sender, to, subject = _head(mail)
    return (
        f"------------------ 原始邮件 ------------------\n发件人: {sender};\n发送时间: 2024年8月20日(星期二) "
        f"上午9:00\n收件人: {to};\n主题: {subject}\n\n{words_of(mail)}"
    )


def _foxmail(mail: Message) -> str:
    sender, to, subject = _head(mail)
    return (
        f"发件人： {sender}\n发送时间： 2024-08-20 09:00\n收件人： {to}\n主题： {subject}\n{words_of(mail)}"
    )


def _netease(mail: Message) -> str:
    quoted = "\n".join(f"> {line}" for line in words_of(mail).splitlines())
    return f"At 2024-08-20 09:00:00, {mail['From']} wrote:\n{quoted}"


def _dingtalk(mail: Message) -> str:
    sender, to, subject = _head(mail)
    return (
        f"{'-' * 66}\n发件人：{sender}\n日　期：2024年08月20日 09:00:00\n收件人：{to}\n"
        f"主　题：{subject}\n\n{words_of(mail)}"
    )


def _outlook(mail: Message) -> str:
    sender, to, subject = _head(mail)
    return (
        f"{'_' * 32}\n发件人: {sender}\n发送时间: 2024年8月20日 9:00\n收件人: {to}\n"
        f"主题: {subject}\n\n{words_of(mail)}"
    )


def _forwarded(mail: Message) -> str:
    sender, to, subject = _head(mail)
    return (
        f"---------- 转发的邮件 ----------\n发件人：{sender}\n日期：2024年8月20日 09:00\n"
        f"主题：{subject}\n收件人：{to}\n\n{words_of(mail)}"
    )


QUOTES: dict[str, Callable[[Message], str]] = {
    "qq": _qq,
    "foxmail": _foxmail,
    "netease": _netease,
    "dingtalk": _dingtalk,
    "outlook": _outlook,
    "forward": _forwarded,
    "bare": words_of,  # our words, with nothing to tell that they are ours
    "none": lambda mail: "",
}
