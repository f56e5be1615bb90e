"""Mail programs and their idioms: subjects, quotes, headers and file names as each writes them.

Synthetic, but after the shapes that real programs leave in raw mails: Foxmail sends no In-Reply-To, QQ's
web page a dashed 原始邮件 line, 163 a line ending in 写道, Outlook a block of 发件人 and 发送时间, phones
a last line of their own.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from service.rehearsal.units.acts import Client
from service.rehearsal.units.mailbox import Received

_WEEKDAYS = "一二三四五六日"
_WORD_BYTES = 42


@dataclass(frozen=True, slots=True)
class Idiom:
    """How one program writes. What is labelled GB2312 may hold all of GB 18030, as with real programs."""

    charset: str
    answer_mark: str
    forward_mark: str
    mailer: str
    has_thread: bool
    quote: Callable[[Received], str]
    last_line: str = ""
    has_html: bool = True
    id_shape: str = "{number}@{domain}"

    def encode(self, text: str) -> bytes:
        return _encode(text, self.charset)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A mail about to be written: who to whom, what, with which files."""

    sender: str
    sender_name: str
    to: str
    subject: str
    words: str
    at: datetime
    files: tuple[tuple[str, bytes], ...] = ()
    answered: Received | None = None
    is_forward: bool = False
    has_raw_names: bool = False


def compose(sheet: Sheet, client: Client) -> bytes:
    """The mail's bytes as this program would send them."""
    idiom = IDIOMS[client]
    number = hashlib.sha256(
        f"{sheet.sender}{sheet.to}{sheet.subject}{sheet.at}{sheet.words}".encode()
    ).hexdigest()
    text = _text(sheet, idiom)
    body, body_type = _body(text, idiom, number)
    if sheet.files:
        edge = f"----=_Part_{number[:24]}"
        parts = [_part(body_type, body), *(_enclosure(*each, idiom, sheet) for each in sheet.files)]
        body = b"".join(b"--" + edge.encode() + b"\r\n" + part for part in parts)
        body += b"--" + edge.encode() + b"--\r\n"
        body_type = [f'Content-Type: multipart/mixed;\r\n\tboundary="{edge}"'.encode()]
    return b"\r\n".join([*_heads(sheet, idiom, number), *body_type]) + b"\r\n\r\n" + body


def _heads(sheet: Sheet, idiom: Idiom, number: str) -> list[bytes]:
    domain = sheet.sender.rpartition("@")[2]
    identity = idiom.id_shape.format(number=number[:20].upper(), domain=domain, at=sheet.at)
    name = _words(sheet.sender_name, idiom.charset)
    heads = [
        f"Date: {format_datetime(sheet.at)}",
        f"From: {name} <{sheet.sender}>",
        f"To: {sheet.to}",
        f"Subject: {_words(_subject(sheet, idiom), idiom.charset)}",
        f"Message-ID: <{identity}>",
    ]
    if idiom.has_thread and sheet.answered is not None and not sheet.is_forward:
        heads.append(f"In-Reply-To: {sheet.answered.message_id}")
        heads.append(
            f"References: {sheet.answered.references} {sheet.answered.message_id}".replace("  ", " ")
        )
    heads += [f"X-Mailer: {idiom.mailer}", "MIME-Version: 1.0"]
    return [each.encode("ascii") for each in heads]


def _subject(sheet: Sheet, idiom: Idiom) -> str:
    if sheet.answered is None:
        return sheet.subject
    mark = idiom.forward_mark if sheet.is_forward else idiom.answer_mark
    subject = sheet.answered.subject
    return subject if subject.startswith(mark) else mark + subject


def _text(sheet: Sheet, idiom: Idiom) -> str:
    own = sheet.words + (f"\n\n{idiom.last_line}" if idiom.last_line else "")
    if sheet.answered is None:
        return own + "\n"
    quote = _forwarded(sheet.answered) if sheet.is_forward else idiom.quote(sheet.answered)
    return f"{own}\n\n\n{quote}\n"


def _body(text: str, idiom: Idiom, number: str) -> tuple[bytes, list[bytes]]:
    plain = [
        f'Content-Type: text/plain; charset="{idiom.charset}"'.encode(),
        b"Content-Transfer-Encoding: base64",
    ]
    data = _base64(idiom.encode(text.replace("\n", "\r\n")))
    if not idiom.has_html:
        return data, plain
    edge = f"----=_Alt_{number[24:48]}"
    page = "<div>" + html.escape(text).replace("\n", "<br>\r\n") + "</div>"
    rich = [
        f'Content-Type: text/html; charset="{idiom.charset}"'.encode(),
        b"Content-Transfer-Encoding: base64",
    ]
    parts = (_part(plain, data), _part(rich, _base64(idiom.encode(page))))
    whole = b"".join(b"--" + edge.encode() + b"\r\n" + part for part in parts)
    head = [f'Content-Type: multipart/alternative;\r\n\tboundary="{edge}"'.encode()]
    return whole + b"--" + edge.encode() + b"--\r\n", head


def _part(heads: list[bytes], body: bytes) -> bytes:
    return b"\r\n".join(heads) + b"\r\n\r\n" + body + b"\r\n"


def _enclosure(name: str, data: bytes, idiom: Idiom, sheet: Sheet) -> bytes:
    # Bare GBK bytes in a header are against every standard, and arrive all the same.
    shown = (
        name.encode("gb18030") if sheet.has_raw_names else _words(name, idiom.charset, whole=True).encode()
    )
    heads = [
        b'Content-Type: application/octet-stream;\r\n\tname="' + shown + b'"',
        b"Content-Transfer-Encoding: base64",
        b'Content-Disposition: attachment;\r\n\tfilename="' + shown + b'"',
    ]
    return _part(heads, _base64(data))


def _base64(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")


def _words(text: str, charset: str, *, whole: bool = False) -> str:
    """RFC 2047 words; `whole`: one word however long, as file names are written here."""
    if text.isascii():
        return text
    pieces, piece = [], ""
    for character in text:
        if not whole and len(_encode(piece + character, charset)) > _WORD_BYTES:
            pieces.append(piece)
            piece = ""
        piece += character
    encoded = (base64.b64encode(_encode(each, charset)).decode() for each in (*pieces, piece))
    return "\r\n ".join(f"=?{charset}?B?{each}?=" for each in encoded)


def _encode(text: str, charset: str) -> bytes:
    return text.encode("gb18030" if charset.upper().startswith("GB") else charset)


# How each program quotes.


def _when(mail: Received) -> datetime:
    assert mail.date is not None
    return mail.date


def _foxmail_quote(mail: Received) -> str:
    return (
        f"发件人： {mail.sender_name}\n发送时间： {_when(mail):%Y-%m-%d %H:%M}\n"
        f"收件人： {mail.to}\n主题： {mail.subject}\n{mail.text}"
    )


def _qq_quote(mail: Received) -> str:
    at = _when(mail)
    half = "上午" if at.hour < 12 else "下午"
    day = (
        f"{at.year}年{at.month}月{at.day}日(星期{_WEEKDAYS[at.weekday()]}) {half}{at.hour % 12 or 12}:{at:%M}"
    )
    return (
        "------------------ 原始邮件 ------------------\n"
        f'发件人: "{mail.sender_name}" <{mail.sender}>;\n发送时间: {day}\n'
        f"收件人: {mail.to};\n主题: {mail.subject}\n\n{mail.text}"
    )


def _netease_quote(mail: Received) -> str:
    quoted = "\n".join(f">{line}" for line in mail.text.splitlines())
    return f'在 {_when(mail):%Y-%m-%d %H:%M:%S}，"{mail.sender_name}" <{mail.sender}> 写道：\n\n{quoted}'


def _outlook_quote(mail: Received) -> str:
    at = _when(mail)
    return (
        f"-----邮件原件-----\n发件人: {mail.sender_name} <{mail.sender}> \n"
        f"发送时间: {at.year}年{at.month}月{at.day}日 {at:%H:%M}\n"
        f"收件人: {mail.to}\n主题: {mail.subject}\n\n{mail.text}"
    )


def _phone_quote(mail: Received) -> str:
    at = _when(mail)
    quoted = "\n".join(f"> {line}" for line in mail.text.splitlines())
    day = f"{at.year}年{at.month}月{at.day}日，{at:%H:%M}"
    return f"> 在 {day}，{mail.sender_name} <{mail.sender}> 写道：\n> \n{quoted}"


def _forwarded(mail: Received) -> str:
    return (
        "-------- 转发邮件信息 --------\n"
        f"发件人：{mail.sender_name} <{mail.sender}>\n发送日期：{_when(mail):%Y-%m-%d %H:%M:%S}\n"
        f"收件人：{mail.to}\n主题：{mail.subject}\n\n{mail.text}"
    )


IDIOMS: dict[Client, Idiom] = {
    Client.FOXMAIL: Idiom(
        "GB2312",
        "Re: ",
        "Fw: ",
        "Foxmail 7.2.25.228[cn]",
        has_thread=False,
        quote=_foxmail_quote,
        id_shape="{at:%Y%m%d%H%M%S}{number}@{domain}",
    ),
    Client.QQ_WEB: Idiom(
        "utf-8",
        "回复：",
        "转发：",
        "QQMail 2.x",
        has_thread=True,
        quote=_qq_quote,
        id_shape="tencent_{number}@qq.com",
    ),
    Client.NETEASE: Idiom(
        "GBK",
        "Re:",
        "转发:",
        "Coremail Webmail Server Version XT5.0.14 Copyright (c) 2002-2024 www.mailtech.cn 163com",
        has_thread=True,
        quote=_netease_quote,
        id_shape="{number}.Coremail.{domain}",
    ),
    Client.OUTLOOK: Idiom(
        "gb2312", "答复: ", "转发: ", "Microsoft Outlook 16.0", has_thread=True, quote=_outlook_quote
    ),
    Client.PHONE: Idiom(
        "utf-8",
        "回复：",
        "转发：",
        "iPhone Mail (21F90)",
        has_thread=True,
        quote=_phone_quote,
        last_line="发自我的iPhone",
        has_html=False,
    ),
}
