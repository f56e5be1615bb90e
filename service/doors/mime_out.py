"""Outgoing letters as bytes: what QQ, 163 and Outlook read without garbling."""

from __future__ import annotations

import base64
import hashlib
import re
from email.utils import format_datetime
from urllib.parse import quote

from service.office.mail import OutgoingMail

# RFC 2047 §2 allows 75 characters a word; 42 bytes of UTF-8 make 56 letters and leave room for the frame.
_WORD_BYTES_MAX = 42
# RFC 5322 §2.1.1 forbids lines above 998; base64 has 76, and a 7bit text with longer lines is encoded.
_TEXT_LINE_MAX = 900
# A file name longer than this would break the 998 limit in its percent form.
_NAME_BYTES_MAX = 200
_REFERENCES_MAX = 10
_ASCII_START = re.compile(r"[\x21-\x7e]+(?: [\x21-\x7e]+)*")
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,60}")
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,100}", re.IGNORECASE)


def build_mime(mail: OutgoingMail) -> bytes:
    """The letter's bytes, CRLF throughout, equal for equal letters; raises ValueError for a bad address."""
    if mail.attachments:
        boundary = "=_hz_" + hashlib.sha256(_bare(mail.message_id).encode()).hexdigest()[:32]
        content = [f'Content-Type: multipart/mixed; boundary="{boundary}"', "", ""]
        parts = [_text_part(mail.text), *(_file_part(*each) for each in mail.attachments)]
        body = b"".join(f"--{boundary}\r\n".encode() + part + b"\r\n" for part in parts)
        body += f"--{boundary}--\r\n".encode()
        return "\r\n".join([*_headers(mail), *content]).encode("ascii") + body
    return "\r\n".join(_headers(mail)).encode("ascii") + b"\r\n" + _text_part(mail.text) + b"\r\n"


def _headers(mail: OutgoingMail) -> list[str]:
    lines = [
        f"From: {_mailbox(mail.sender_name, mail.sender)}",
        f"To: {_mailbox('', mail.rcpt)}",
        f"Subject: {_subject(mail.subject)}",
        f"Date: {format_datetime(mail.date)}",
        f"Message-ID: {_angled(mail.message_id)}",
    ]
    answered = _foreign(mail.in_reply_to)
    if answered:
        lines.append(f"In-Reply-To: {answered}")
    references = list(dict.fromkeys(found for each in mail.references if (found := _foreign(each))))
    if references:
        lines.append("References: " + "\r\n ".join(references[-_REFERENCES_MAX:]))
    lines += [f"Auto-Submitted: {_clean(mail.auto_submitted)}", "X-Auto-Response-Suppress: All"]
    lines += [f"{name}: {_unstructured(value)}" for name, value in mail.extra_headers if _is_header(name)]
    return [*lines, "MIME-Version: 1.0"]


def _is_header(name: str) -> bool:
    if not _HEADER_NAME.fullmatch(name):
        raise ValueError(f"邮件头名称不合法：{name!r}")
    return True


def _subject(subject: str) -> str:
    """The leading ASCII stays readable outside any encoded word, so that no program can hide the code."""
    text = " ".join(_clean(subject).split())
    start = _ASCII_START.match(text)
    if text.isascii() and "=?" not in text and len(text) <= _TEXT_LINE_MAX:
        return text
    if start and "=?" not in start.group(0) and len(start.group(0)) <= 60:
        rest = text[start.end() :].strip()
        return (
            f"{start.group(0)}\r\n {_words(rest)}"
            if len(start.group(0)) > 20
            else f"{start.group(0)} {_words(rest)}"
        )
    return _words(text)


def _unstructured(value: str) -> str:
    text = " ".join(_clean(value).split())
    return text if text.isascii() and "=?" not in text and len(text) <= _TEXT_LINE_MAX else _words(text)


def _words(text: str) -> str:
    """Encoded words of whole characters, one a line."""
    pieces: list[str] = [""]
    for ch in text:
        if len((pieces[-1] + ch).encode("utf-8")) > _WORD_BYTES_MAX:
            pieces.append("")
        pieces[-1] += ch
    return "\r\n ".join(_word(piece) for piece in pieces if piece)


def _word(text: str) -> str:
    return f"=?UTF-8?B?{base64.b64encode(text.encode('utf-8')).decode('ascii')}?="


def _mailbox(name: str, address: str) -> str:
    address = _clean(address).strip()
    if not address.isascii() or not re.fullmatch(r"[^\s<>\",;@]+@[^\s<>\",;@]+", address):
        raise ValueError(f"不是可以发信的邮箱地址：{address!r}")
    name = " ".join(_clean(name).split())
    if not name:
        return address
    if name.isascii() and "=?" not in name:
        shown = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
        return f"{shown} <{address}>"
    return f"{_words(name)} <{address}>"


def _text_part(text: str) -> bytes:
    body = "\r\n".join(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    if not body.endswith("\r\n"):
        body += "\r\n"
    is_short = all(len(line) <= _TEXT_LINE_MAX for line in body.split("\r\n"))
    # A line “From ” is altered by some gateways, and a leading dot by bad ones: both are encoded away.
    is_plain = (
        body.isascii()
        and is_short
        and not re.search(r"(?m)^(?:From |\.|=_hz_|--)", body)
        and "\0" not in body
    )
    encoding = "7bit" if is_plain else "base64"
    head = f"Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + (body.encode("ascii") if is_plain else _base64(body.encode("utf-8")))


def _file_part(name: str, data: bytes, media_type: str) -> bytes:
    kind = media_type if _MEDIA_TYPE.fullmatch(media_type) else "application/octet-stream"
    plain, extended = _file_names(name)
    lines = [
        f"Content-Type: {kind};\r\n {plain.format('name')}",
        "Content-Transfer-Encoding: base64",
        f"Content-Disposition: attachment;\r\n {plain.format('filename')}" + extended,
        "",
        "",
    ]
    return "\r\n".join(lines).encode("ascii") + _base64(data)


def _file_names(name: str) -> tuple[str, str]:
    """One unsplit encoded word for QQ and Outlook, and beside it the unsplit standard form [RFC 2231 §4]."""
    text = _shortened(" ".join(_clean(name).replace("/", "_").replace("\\", "_").split())) or "附件"
    if text.isascii() and '"' not in text and "=?" not in text:
        return f'{{}}="{text.replace("{", "{{").replace("}", "}}")}"', ""
    return f'{{}}="{_word(text)}"', f";\r\n filename*=UTF-8''{quote(text, safe='')}"


def _shortened(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 12:
        stem, dot, ending = name, "", ""
    while len((stem + dot + ending).encode("utf-8")) > _NAME_BYTES_MAX:
        stem = stem[:-1]
    return stem + dot + ending


def _base64(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")


def _bare(message_id: str) -> str:
    return _clean(message_id).strip().strip("<>").strip()


def _angled(message_id: str) -> str:
    bare = _bare(message_id)
    if not bare.isascii() or re.search(r"\s", bare):
        raise ValueError(f"不是合法的 Message-ID：{message_id!r}")
    return f"<{bare}>"


def _foreign(message_id: str) -> str:
    """Somebody else's id, or nothing where it would break our header: a receipt is not lost for it."""
    try:
        return _angled(message_id) if _bare(message_id) else ""
    except ValueError:
        return ""


def _clean(text: str) -> str:
    """No line ends or control characters: a header must not grow another header."""
    spaced = re.sub(r"[\r\n\t]", " ", text)
    return "".join(ch for ch in spaced if ch >= " " and ch != "\x7f")
