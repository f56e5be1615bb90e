"""Outgoing letters: names and codes that every client reads, headers that cannot be forged."""

from __future__ import annotations

import email
import email.policy
import hashlib
import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from service.doors.envelope import EnvelopeDoor
from service.doors.mime_out import build_mime
from service.office.letter import LetterFacts
from service.office.mail import OutgoingMail

BEIJING = timezone(timedelta(hours=8))
NAME = "2024年全国“质量月”活动优秀作品登记表（市级单位填报）.docx"
MAIL = OutgoingMail(
    sender="zhiliang@bureau.example",
    sender_name="省市场监管局质量处",
    rcpt="lianluo@unit.example",
    subject="A2CD-3EFG 关于报送2024年全国“质量月”活动开展情况的通知（请于9月28日前回复）",
    text="太原市市场监督管理局：\n\n请直接回复本邮件。\n",
    message_id="<hz.0123456789abcdef@bureau.example>",
    date=datetime(2024, 8, 20, 9, 30, tzinfo=BEIJING),
    attachments=(
        (NAME, b"PK\x03\x04form", "application/vnd.openxmlformats"),
        ("poster.pdf", b"%PDF-1.4", "application/pdf"),
    ),
    extra_headers=(("X-Huizhi-Dispatch", "17"),),
)


def facts_of(raw: bytes) -> LetterFacts:
    return EnvelopeDoor().read(raw, lambda data: hashlib.sha256(data).hexdigest())


def test_our_own_door_and_the_standard_library_read_it_alike() -> None:
    raw = build_mime(MAIL)
    facts = facts_of(raw)
    standard = email.message_from_bytes(raw, policy=email.policy.default)
    names = [part.get_filename() for part in standard.iter_attachments()]
    assert names == [part.name_as_sent for part in facts.parts] == [NAME, "poster.pdf"]
    assert facts.subject == str(standard["Subject"]) == MAIL.subject
    assert facts.sender_name == "省市场监管局质量处"
    assert facts.text.startswith("太原市市场监督管理局：")
    assert facts.sent_at == MAIL.date
    assert facts.header("x-huizhi-dispatch") == "17"
    assert facts.header("auto-submitted") == "auto-generated"
    assert facts.header("x-auto-response-suppress") == "All"


def test_file_name_is_one_unsplit_word_in_both_places() -> None:
    raw = build_mime(MAIL)
    words = re.findall(rb'\b(?:file)?name="(=\?UTF-8\?B\?[A-Za-z0-9+/=]+\?=)"', raw)
    assert len(words) == 2 and words[0] == words[1]
    assert b"filename*=UTF-8''2024%E5%B9%B4" in raw
    assert b"filename*0" not in raw


def test_code_stands_first_outside_any_encoded_word() -> None:
    assert re.search(rb"^Subject: A2CD-3EFG =\?UTF-8\?B\?", build_mime(MAIL), re.MULTILINE)


@pytest.mark.parametrize(
    "subject", ["关于报送的通知", "A2CD-3EFG关于", "A2CD-3EFG plain", "A2CD-3EFG =?utf-8?b?x?= 混"]
)
def test_subjects_come_back_as_written(subject: str) -> None:
    read = facts_of(build_mime(replace(MAIL, subject=subject))).subject
    assert read.replace(" ", "") == subject.replace(" ", "")


def test_same_letter_same_bytes_and_every_line_is_short_and_crlf() -> None:
    long_name = "很长的名字" * 60 + ".docx"
    mail = replace(
        MAIL, attachments=((long_name, b"x" * 5000, "application/pdf"),), references=("<a@b.example>",) * 3
    )
    raw = build_mime(mail)
    assert raw == build_mime(mail)
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) < 998
    assert facts_of(raw).parts[0].name.endswith(".docx")


def test_no_value_can_add_a_header() -> None:
    mail = replace(
        MAIL,
        subject="A2CD-3EFG x\r\nBcc: all@unit.example",
        sender_name='局"\r\nX-Evil: 1',
        extra_headers=(("X-Huizhi-Dispatch", "1\r\nX-Evil: 2"),),
        attachments=(("a\r\nX-Evil: 3.txt", b"", "text/plain\r\nX-Evil: 4"),),
    )
    raw = build_mime(mail)
    assert not re.search(rb"^(?:X-Evil|Bcc):", raw, re.MULTILINE)


def test_ids_are_bracketed_once_and_foreign_nonsense_is_left_out() -> None:
    mail = replace(
        MAIL, in_reply_to="tencent_AB12@qq.com", references=("<one@a.example>", "two@a.example", "坏 的")
    )
    facts = facts_of(build_mime(mail))
    assert facts.in_reply_to == ("tencent_AB12@qq.com",)
    assert facts.references == ("one@a.example", "two@a.example")


@pytest.mark.parametrize("rcpt", ["", "无地址", "a b@unit.example", "张三@unit.example", "a@b@unit.example"])
def test_what_is_no_address_is_refused(rcpt: str) -> None:
    with pytest.raises(ValueError, match="邮箱地址"):
        build_mime(replace(MAIL, rcpt=rcpt))


@pytest.mark.parametrize(
    "text", ["", "plain\nFrom here\n.dot", "长" * 3000, "a" * 2000, "一行\r\n二行\r三行"]
)
def test_texts_come_back_as_written(text: str) -> None:
    for attachments in (MAIL.attachments, ()):
        read = facts_of(build_mime(replace(MAIL, text=text, attachments=attachments))).text
        assert read.strip() == "\n".join(text.splitlines()).strip()
