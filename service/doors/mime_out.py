"""Outgoing letters as bytes: what QQ, 163 and Outlook read without garbling."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import replace
from email.utils import format_datetime
from urllib.parse import quote

from service.doors.letter_html import html_of
from service.office.mail import OutgoingMail

# RFC 2047 §2 allows 75 characters a word; 42 bytes of UTF-8 make 56 letters and leave room for the frame.
_WORD_BYTES_MAX = 42
# RFC 5322 §2.1.1 forbids lines above 998; base64 has 76, and a 7bit text with longer lines is encoded.
_TEXT_LINE_MAX = 900
_BASE64_LINE = 76
# A line that holds an encoded word has at most 76 columns [RFC 2047 §2]; the frame of a word takes 12.
_LINE_MAX, _WORD_FRAME = 76, len("=?UTF-8?B??=")
# A file name longer than this would break the 998 limit in its percent form.
_NAME_BYTES_MAX = 200
_REFERENCES_MAX = 10
# It ends at a blank: a reader puts one between what is encoded and what is not, and “2024年” must stay whole.
_ASCII_START = re.compile(r"[\x21-\x7e]+(?: [\x21-\x7e]+)*(?= |$)")
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,60}")
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,100}", re.IGNORECASE)


def build_mime(mail: OutgoingMail) -> bytes:
    """The letter's bytes, CRLF throughout, equal for equal letters; raises ValueError for a bad address."""
    seed = hashlib.sha256(_bare(mail.message_id).encode()).hexdigest()[:32]
    words = _words_part(mail, f"=_hz_a_{seed}")
    if not mail.attachments:
        return b"".join(("\r\n".join(_headers(mail)).encode("ascii"), b"\r\n", words))
    boundary = f"=_hz_{seed}"
    content = [f'Content-Type: multipart/mixed; boundary="{boundary}"', "", ""]
    between = f"--{boundary}\r\n".encode()
    pieces = ["\r\n".join([*_headers(mail), *content]).encode("ascii"), between, words]
    for each in mail.attachments:
        pieces += [b"\r\n", between, *_file_part(*each)]
    return b"".join((*pieces, f"\r\n--{boundary}--\r\n".encode()))


def size_of(mail: OutgoingMail) -> int:
    """Exactly how many bytes `build_mime` would make, without encoding the enclosures."""
    empty = replace(mail, attachments=tuple((name, b"", kind) for name, _, kind in mail.attachments))
    return len(build_mime(empty)) + sum(_base64_size(len(data)) for _, data, _ in mail.attachments)


def _words_part(mail: OutgoingMail, boundary: str) -> bytes:
    """The text, and beside it the same in HTML: a program shows whichever it can [RFC 2046 §5.1.4]."""
    html = mail.html or html_of(mail.text)
    lines = f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'.encode()
    between = f"--{boundary}\r\n".encode()
    return b"".join(
        (
            *(lines, between, _text_part(mail.text, "plain"), b"\r\n"),
            *(between, _text_part(html, "html"), f"\r\n--{boundary}--\r\n".encode()),
        )
    )


def _headers(mail: OutgoingMail) -> list[str]:
    lines = [
        f"From: {_mailbox(mail.sender_name, mail.sender)}",
        f"To: {_mailbox('', mail.rcpt)}",
        *([f"Reply-To: {_mailbox(mail.sender_name, mail.reply_to)}"] if _is_elsewhere(mail) else []),
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


def _is_elsewhere(mail: OutgoingMail) -> bool:
    """Answers are asked for at another address than the one that sends."""
    return bool(mail.reply_to) and mail.reply_to.lower() != mail.sender.lower()


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
        words = _words(rest, len("Subject: ") + len(start.group(0)) + 1)
        return f"{start.group(0)} {words}".replace(" \r\n", "\r\n")
    return _words(text, len("Subject: "))


def _unstructured(value: str) -> str:
    text = " ".join(_clean(value).split())
    return text if text.isascii() and "=?" not in text and len(text) <= _TEXT_LINE_MAX else _words(text, 40)


def _words(text: str, used: int = _LINE_MAX) -> str:
    """Encoded words of whole characters, one a line; the first beside the `used` columns, if any fits."""
    pieces: list[str] = [""]
    room = min(_WORD_BYTES_MAX, max(0, (_LINE_MAX - used - _WORD_FRAME) // 4 * 3))
    for ch in text:
        if len((pieces[-1] + ch).encode("utf-8")) > room:
            pieces.append("")
            room = _WORD_BYTES_MAX
        pieces[-1] += ch
    # Where none fits beside what stands there, the first word begins the next line.
    return "\r\n ".join(_word(piece) if piece else "" for piece in pieces)


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
    words = _words(name, len("Reply-To: "))
    last = words.rpartition("\r\n")[2]
    is_long = len("Reply-To: ") + len(last) + len(address) + len(" <>") > _LINE_MAX
    return f"{words}\r\n <{address}>" if is_long else f"{words} <{address}>"


def _text_part(text: str, subtype: str) -> bytes:
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
    head = f"Content-Type: text/{subtype}; charset=UTF-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + (body.encode("ascii") if is_plain else _base64(body.encode("utf-8")))


def _file_part(name: str, data: bytes, media_type: str) -> tuple[bytes, bytes]:
    kind = media_type if _MEDIA_TYPE.fullmatch(media_type) else "application/octet-stream"
    plain, extended = _file_names(name)
    lines = [
        f"Content-Type: {kind};\r\n {plain.format('name')}",
        "Content-Transfer-Encoding: base64",
        f"Content-Disposition: attachment;\r\n {plain.format('filename')}" + extended,
        "",
        "",
    ]
    return "\r\n".join(lines).encode("ascii"), _base64(data)


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
    """Lines of 76; the library's own way of breaking them takes four times as long."""
    whole = binascii.b2a_base64(data, newline=False)
    lines = [whole[at : at + _BASE64_LINE] for at in range(0, len(whole), _BASE64_LINE)]
    return b"\r\n".join((*lines, b"")) if lines else b""


def _base64_size(size: int) -> int:
    letters = (size + 2) // 3 * 4
    return letters + 2 * ((letters + _BASE64_LINE - 1) // _BASE64_LINE)


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
